"""How much faster several processes train than one, and how much faster they could.

The training of `examples/mnist_parallel.py` in one process, in several, and in the control: as many
processes that each do their part of the work alone, with nothing to say to each other. A shared
host may give fewer cores than it shows; the control has no more of them. The three take turns, over
the same batches. Times are those of the clock on the wall: waiting is a part of working together.
"""
from random import Random

from examples.mnist_parallel import alone_together_apart, train, workers
from nn import MLP
from nn.datasets import mnist

LR, PARTS, BATCH_SIZE, STEPS = 0.1, 2, 256, 5
MOST_APART = 1e-12  # the losses in one process and in several


def measure(rounds) -> tuple:
    """By how much the losses differ at most; and of each round the three times, a step."""
    digits = mnist()
    images, labels = digits.train_images, digits.train_labels[:BATCH_SIZE * STEPS]

    def begin():
        return MLP(784, [16, 16, 10], rng=Random(0))

    with workers(PARTS, None, images) as (run, kept):
        losses = train(begin(), images, labels, LR, BATCH_SIZE, None)
        others = train(begin(), kept, labels, LR, BATCH_SIZE, None, PARTS, run)
        apart = max(abs(a - b) for a, b in zip(losses, others))
        if not apart <= MOST_APART:
            raise SystemExit(f"the losses lie {apart:.2g} apart; they do not compute the same")
        times = [alone_together_apart(begin(), images, kept, labels, LR, BATCH_SIZE, PARTS, run)
                 for _ in range(rounds)]
    return apart, [[seconds / STEPS for seconds in turn] for turn in times]
