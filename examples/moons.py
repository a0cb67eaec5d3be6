"""Part two moons with a small network and a margin: micrograd's demo, on tensors.

    python -m examples.moons
"""
from math import cos, pi, sin
from random import Random

from autograd import Array, compile, no_grad
from examples import plots
from examples.options import read_options
from nn import MLP, hinge


def two_moons(count: int, rng: Random, noise: float = 0.1):
    """Points on two half circles that reach into each other, with labels -1 and 1.

    → an Array (count, 2) and an Array (count, 1)
    """
    points, labels = [], []
    for i in range(count):
        angle = pi * rng.random()
        x, y = (cos(angle), sin(angle)) if i % 2 else (1 - cos(angle), 0.5 - sin(angle))
        points += [x + rng.gauss(0, noise), y + rng.gauss(0, noise)]
        labels.append(-1.0 if i % 2 else 1.0)
    return Array((count, 2), points), Array((count, 1), labels)


def train(model, points, labels, steps: int, compiled: bool = False):
    """Gradient descent on all points at once; yields (loss, accuracy) of every step."""
    parameters = model.parameters()

    def cost(points, labels):
        return hinge(model(points), labels) + 1e-4 * sum((p * p).sum() for p in parameters)

    run = compile(cost)  # runs forward and backward in one; not used, it costs nothing
    for step in range(steps):
        accuracy = share_right(model, points, labels)
        model.zero_grad()
        if compiled:
            loss = run(points, labels)
        else:
            loss = cost(points, labels)
            loss.backward()
        lr = 1.0 - 0.9 * step / steps
        for p in parameters:
            p.data -= lr * p.grad
        yield float(loss), accuracy


def share_right(model, points, labels) -> float:
    """The share of points whose score has the sign of the label."""
    with no_grad():
        scores = model(points).data.flat
    return sum(score * label > 0 for score, label in zip(scores, labels.flat)) / len(labels)


def main(arguments=None):
    options = read_options(__doc__, arguments, points=100, steps=100, seed=1337, compile=False)
    rng = Random(options.seed)
    points, labels = two_moons(options.points, rng)
    model = MLP(2, [16, 16, 1], rng=rng)
    print(model)
    for step, (loss, accuracy) in enumerate(
            train(model, points, labels, options.steps, options.compile)):
        if step % 10 == 0 or step == options.steps - 1:
            print(f"step {step:3}  loss {loss:.4f}  accuracy {accuracy:.0%}")
    with no_grad():
        plots.show(plots.Boundary(lambda x, y: model([[x, y]]).item(), points.tolist(), labels.flat,
                                  (-1.5, 2.5), (-1.0, 1.5)), file=options.plot)


if __name__ == "__main__":
    main()
