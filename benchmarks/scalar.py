"""What scalars cost: micrograd's demo step with micrograd's Value and with ours.

    pip install micrograd && python3 -m benchmarks.scalar

Forward, backward and update of a 2-16-16-1 network of single numbers, on 100 points with the
hinge loss: about 100,000 Values. The garbage collector runs as it likes, and then not at all:
micrograd's graphs are cycles, and most of its time is the collector's. The Values take turns,
from the same weights; their losses must agree. Times are those of the processor, and what to read
is the ratios: each is the median over rounds that ran side by side.
"""
import argparse
import gc
import platform
import time
from random import Random
from statistics import median

import autograd
from examples.moons import two_moons

try:
    from micrograd import engine as micrograd
except ImportError:
    micrograd = None

SIZES = [2, 16, 16, 1]


def training(Value, points, labels, compiled=False):
    """The function that makes one step of gradient descent and returns the loss before it."""
    rng = Random(1)
    layers = [[([Value(rng.uniform(-1, 1)) for _ in range(n_in)], Value(0.0))
               for _ in range(n_out)] for n_in, n_out in zip(SIZES, SIZES[1:])]
    parameters = [p for layer in layers for weights, bias in layer for p in (*weights, bias)]

    def score(x):
        for layer in layers:
            sums = [sum((w * x_i for w, x_i in zip(weights, x)), bias) for weights, bias in layer]
            x = [z.relu() for z in sums]
        return sums[0]

    def cost():
        scores = [score([Value(number) for number in point]) for point in points]
        margins = [(1 + -label * s).relu() for label, s in zip(labels, scores)]
        return sum(margins) * (1.0 / len(margins)) + 1e-4 * sum(p * p for p in parameters)

    forward_and_backward = autograd.compile(cost)

    def step():
        for p in parameters:
            p.grad = 0
        if compiled:
            loss = forward_and_backward()
        else:
            loss = cost()
            loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
        return loss if compiled else loss.data
    return step


def measure(steps, repeats):
    """The seconds a step took, each time, of each; they take turns."""
    seconds = {name: [] for name in steps}
    for _ in range(repeats):
        losses = []
        for name, step in steps.items():
            started = time.process_time()
            losses.append(step())
            seconds[name].append(time.process_time() - started)
        if max(losses) - min(losses) > 1e-9:
            raise SystemExit(f"the losses {losses} differ; they do not compute the same")
    return seconds


def main():
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.scalar",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    points, labels = two_moons(options.points, Random(1337))
    points, labels = points.tolist(), [label for label, in labels.tolist()]

    print(f"{platform.python_implementation()} {platform.python_version()}, "
          f"{options.points} points, {options.repeats} steps of each")
    print(f"{'':36}{'ms a step':>10}{'least':>10}{'times ours':>12}")
    for collecting in (True, False):
        steps = {"chalkgrad": training(autograd.Value, points, labels)}
        if micrograd:
            steps["micrograd"] = training(micrograd.Value, points, labels)
        steps["chalkgrad, compiled"] = training(autograd.Value, points, labels, compiled=True)
        steps["chalkgrad, compiled"]()  # is recorded before it counts
        for name, step in steps.items():
            if name != "chalkgrad, compiled":
                step()
        gc.collect()
        if not collecting:
            gc.disable()
        seconds = measure(steps, options.repeats)
        gc.enable()
        for name, its_own in seconds.items():
            ratio = median(a / b for a, b in zip(its_own, seconds["chalkgrad"]))
            print(f"{name + (', collector on' if collecting else ', collector off'):36}"
                  f"{median(its_own) * 1e3:10.0f}{min(its_own) * 1e3:10.0f}{ratio:12.1f}")
    if not micrograd:
        print("micrograd is not installed here, so there is nothing to compare with")


if __name__ == "__main__":
    main()
