"""Part two moons with a small network and a margin: micrograd's demo, on tensors.

    python -m examples.moons
"""
import argparse
from math import cos, pi, sin
from random import Random

from autograd import Array, compile, no_grad
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


def picture(model, points, labels, columns: int = 64, rows: int = 20) -> str:
    """The plane in characters: dots where the score is above 0, and the points, o and x."""
    xs = [-1.5 + 4 * column / columns for column in range(columns)]
    ys = [1.5 - 2.5 * row / rows for row in range(rows)]
    with no_grad():
        scores = model(Array((rows * columns, 2), [c for y in ys for x in xs for c in (x, y)]))
    canvas = ["." if score > 0 else " " for score in scores.data.flat]
    for (x, y), label in zip(points.tolist(), labels.flat):
        column, row = round((x + 1.5) * columns / 4), round((1.5 - y) * rows / 2.5)
        if 0 <= column < columns and 0 <= row < rows:
            canvas[row * columns + column] = "x" if label > 0 else "o"
    return "\n".join("".join(canvas[row * columns:(row + 1) * columns]) for row in range(rows))


def main():
    parser = argparse.ArgumentParser(description="Part two moons with MLP(2, [16, 16, 1]).")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()

    rng = Random(options.seed)
    points, labels = two_moons(options.points, rng)
    model = MLP(2, [16, 16, 1], rng=rng)
    print(model)
    for step, (loss, accuracy) in enumerate(
            train(model, points, labels, options.steps, options.compile)):
        if step % 10 == 0 or step == options.steps - 1:
            print(f"step {step:3}  loss {loss:.4f}  accuracy {accuracy:.0%}")
    print(picture(model, points, labels))


if __name__ == "__main__":
    main()
