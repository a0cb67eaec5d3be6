"""How much faster several processes train than one, and how much faster they could.

    python3 -m benchmarks.parallel

The training of `examples/mnist_parallel.py` in one process, in several, and in the control: as many
processes that each do their part of the work alone, with nothing to say to each other. A shared
host may give fewer cores than it shows; the control has no more of them. The three take turns, over
the same batches; what to read is the ratios, each the median over rounds that ran side by side.
Times are those of the clock on the wall, since waiting is a part of working together.
"""
import argparse
import os
import platform
from random import Random
from statistics import median

from examples.mnist_parallel import alone_together_apart, train, workers
from nn import MLP
from nn.datasets import mnist

LR = 0.1
MOST_APART = 1e-12  # the losses in one process and in several


def main(arguments=None):
    options = read_options(arguments)
    parts, batch_size = options.processes, options.batch_size
    digits = mnist()
    images, labels = digits.train_images, digits.train_labels[:batch_size * options.steps]
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} "
          f"cores; batches of {batch_size}, {options.repeats} x {options.steps} steps")

    with workers(parts, None, images) as (run, kept):
        def begin():
            return MLP(784, [16, 16, 10], rng=Random(0))

        losses = train(begin(), images, labels, LR, batch_size, None)
        others = train(begin(), kept, labels, LR, batch_size, None, parts, run)
        apart = max(abs(a - b) for a, b in zip(losses, others))
        if not apart <= MOST_APART:
            raise SystemExit(f"the losses lie {apart:.2g} apart; they do not compute the same")
        rounds = [alone_together_apart(begin(), images, kept, labels, LR, batch_size, parts, run)
                  for _ in range(options.warm_up + options.repeats)][options.warm_up:]

    print(f"losses at most {apart:.1e} apart")
    print(f"{'':26}{'ms a step':>10}{'least':>10}{'times as fast':>15}{'of the control':>16}")
    names = "one process", f"{parts} processes", f"{parts} processes, control"
    for name, own in zip(names, zip(*rounds)):
        speed_up = median(alone / seconds for (alone, _, _), seconds in zip(rounds, own))
        of_control = median(control / seconds for (_, _, control), seconds in zip(rounds, own))
        print(f"{name:26}{median(own) * 1e3 / options.steps:10.1f}"
              f"{min(own) * 1e3 / options.steps:10.1f}{speed_up:15.2f}{of_control:16.2f}")


def read_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.parallel", description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    option = parser.add_argument
    option("--processes", type=int, default=2)
    option("--batch-size", type=int, default=256)
    option("--steps", type=int, default=5, help="steps in a round")
    option("--repeats", type=int, default=15, help="rounds")
    option("--warm-up", type=int, default=1, help="rounds before those; PyPy wants twenty")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
