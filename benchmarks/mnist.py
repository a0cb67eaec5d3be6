"""What one training step costs: chalkgrad beside the same thing written by hand.

    python3 -m benchmarks.mnist

Forward, backward and update of 784-16-16-10 with relu, mean cross-entropy and plain gradient
descent, on the real digits that ship with the project. The contenders take turns, from the same
weights, over the same batches; their losses must agree, so that all do the same work. The
garbage collector runs as it likes. Times are those of the processor, not of the clock on the wall,
and what to read is the ratios: each is the median over rounds that ran side by side.
"""
import argparse
import os
import platform
import time
from random import Random
from statistics import median
from typing import Callable, NamedTuple

from autograd import Array, compile
from nn import MLP, cross_entropy
from nn.datasets import mnist

from . import by_hand

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy reads it when it is imported
try:
    import numpy
except ImportError:
    numpy = None

PIXELS, DIGITS = 784, 10
LR = 0.1


class Contender(NamedTuple):
    """One way to train."""

    name: str
    begin: Callable  # begin(layers), with rows of W and b for each, gives step(x, labels) → loss
    batches: list    # the x and labels of each step, in the form that this way wants
    agreement: float = 1e-9  # how far from those of the first contender its losses may lie
    floor: str = ""  # the contender it is measured by


def by_hand_lists(layers):
    network = by_hand.Network(layers)
    return lambda x, labels: network.step(x, labels, LR)


def by_hand_numpy(dtype):
    """The network on NumPy's arrays, as one writes it with some care for memory."""
    def begin(layers):
        layers = [(numpy.array(W, dtype), numpy.array(b, dtype)) for W, b in layers]

        def step(x, labels):
            entering = []
            for W, b in layers:
                entering.append(x)
                z = x @ W
                z += b
                x = numpy.maximum(z, 0.0)
            examples = numpy.arange(len(labels))
            z -= z.max(axis=1, keepdims=True)
            g = numpy.exp(z)
            total = g.sum(axis=1, keepdims=True)
            loss = (numpy.log(total[:, 0]) - z[examples, labels]).mean()
            g /= total
            g[examples, labels] -= 1.0
            g /= len(labels)

            gradients = []
            for (W, b), x in zip(reversed(layers), reversed(entering)):
                gradients.append((x.T @ g, g.sum(axis=0)))
                if x is not entering[0]:
                    g = g @ W.T
                    g *= x > 0.0
            for (W, b), (dW, db) in zip(layers, reversed(gradients)):
                dW *= LR
                db *= LR
                W -= dW
                b -= db
            return float(loss)
        return step
    return begin


def chalkgrad(array):
    """The loop of `examples/mnist.py`; `array` makes the parameters' data of nested lists."""
    def begin(layers):
        model = MLP(PIXELS, [len(b) for _, b in layers])
        for layer, (W, b) in zip(model.layers, layers):
            layer.weight.data, layer.bias.data = array(W), array(b)
        parameters = model.parameters()

        def step(x, labels):
            loss = cross_entropy(model(x), labels)
            model.zero_grad()
            loss.backward()
            for p in parameters:
                p.data -= LR * p.grad
            return loss.item()
        return step
    return begin


def compiled(array):
    """The same with the cost compiled; the program is made in the first step of all."""
    made = []

    def begin(layers):
        if not made:
            model = MLP(PIXELS, [len(b) for _, b in layers])
            made.append((model, compile(lambda x, labels: cross_entropy(model(x), labels))))
        (model, forward_and_backward), = made
        parameters = model.parameters()
        for p, start in zip(parameters, [numbers for layer in layers for numbers in layer]):
            p.data = array(start)

        def step(x, labels):
            model.zero_grad()
            loss = forward_and_backward(x, labels)
            for p in parameters:
                p.data -= LR * p.grad
            return float(loss)
        return step
    return begin


def contenders(arrays, labels):
    """All that can run here, each after its floor. The arrays are the images of each batch."""
    def batches(form, form_of_labels=list):
        return [(form(x), form_of_labels(y)) for x, y in zip(arrays, labels)]

    yield Contender("by hand, lists", by_hand_lists,
                    batches(lambda x: by_hand.images(x.flat, PIXELS)))
    yield Contender("chalkgrad, Array", chalkgrad(array_of), batches(lambda x: x),
                    floor="by hand, lists")
    yield Contender("chalkgrad, Array, compiled", compiled(array_of), batches(lambda x: x),
                    floor="by hand, lists")
    if numpy is None:
        return
    for dtype, agreement in (("float64", 1e-9), ("float32", 1e-3)):
        floor = f"by hand, NumPy {dtype}"

        def form(x, dtype=dtype):
            return numpy.array(x.tolist(), dtype)

        yield Contender(floor, by_hand_numpy(dtype), batches(form, numpy.array), agreement)
        yield Contender(f"chalkgrad, NumPy {dtype}",
                        chalkgrad(lambda rows, dtype=dtype: numpy.array(rows, dtype)),
                        batches(form), agreement, floor)
        yield Contender(f"chalkgrad, NumPy {dtype}, compiled",
                        compiled(lambda rows, dtype=dtype: numpy.array(rows, dtype)),
                        batches(form), agreement, floor)


def array_of(nested):
    """Lists of floats, or of rows of floats, as an Array."""
    if isinstance(nested[0], float):
        return Array((len(nested),), list(nested))
    return Array((len(nested), len(nested[0])), [number for row in nested for number in row])


def one_round(contender, layers):
    """Train over all its batches; the seconds a step took, and the losses."""
    step = contender.begin(layers)
    losses = []
    started = time.process_time()
    for x, labels in contender.batches:
        losses.append(step(x, labels))
    return (time.process_time() - started) / len(losses), losses


def measure(runners, layers, repeats, warm_up):
    """The seconds a step took in each round of each contender, who take turns."""
    expected = one_round(runners[0], layers)[1]
    for runner in runners:
        _, losses = one_round(runner, layers)
        apart = max(abs(a - b) for a, b in zip(losses, expected))
        if not apart <= runner.agreement:
            raise SystemExit(f"{runner.name}: its losses lie {apart:.2g} from those of "
                             f"{runners[0].name}; they do not compute the same")
        until = time.process_time() + warm_up
        while time.process_time() < until:
            one_round(runner, layers)
    seconds = {runner.name: [] for runner in runners}
    for _ in range(repeats):
        for runner in runners:
            seconds[runner.name].append(one_round(runner, layers)[0])
    return seconds


def main(arguments=None):
    options = read_options(arguments)
    data = mnist()
    starts = [i * options.batch_size % (len(data.train_images) - options.batch_size + 1)
              for i in range(options.steps)]
    arrays = [data.train_images[i:i + options.batch_size] for i in starts]
    labels = [list(data.train_labels[i:i + options.batch_size]) for i in starts]
    model = MLP(PIXELS, [*options.hidden, DIGITS], rng=Random(0))
    layers = [(layer.weight.data.tolist(), layer.bias.data.tolist()) for layer in model.layers]

    sizes = "-".join(map(str, [PIXELS, *options.hidden, DIGITS]))
    print(f"{platform.python_implementation()} {platform.python_version()}, "
          f"{f'NumPy {numpy.__version__}' if numpy else 'no NumPy'}, {os.cpu_count()} cores; "
          f"{sizes}, batches of {options.batch_size}, {options.repeats} x {options.steps} steps")
    runners = list(contenders(arrays, labels))
    seconds = measure(runners, layers, options.repeats, options.warm_up)
    print(f"{'':34}{'µs a step':>10}{'least':>10}{'µs a sample':>13}{'times the floor':>17}")
    for runner in runners:
        own = seconds[runner.name]
        ratio = f"{median(a / b for a, b in zip(own, seconds[runner.floor])):.2f}" \
            if runner.floor else ""
        print(f"{runner.name:34}{median(own) * 1e6:10.0f}{min(own) * 1e6:10.0f}"
              f"{median(own) * 1e6 / options.batch_size:13.1f}{ratio:>17}")


def read_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.mnist", description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    option = parser.add_argument
    option("--batch-size", type=int, default=32)
    option("--hidden", type=int, nargs="*", default=[16, 16], help="sizes of the hidden layers")
    option("--steps", type=int, default=20, help="steps in a round")
    option("--repeats", type=int, default=25, help="rounds of each contender")
    option("--warm-up", type=float, default=20.0 if by_hand.ON_PYPY else 0.2, metavar="SECONDS",
           help="how long each runs before it counts; PyPy compiles meanwhile")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
