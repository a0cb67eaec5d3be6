"""A neuron is a weighted sum and a nonlinearity; one parts the plane by a line, three can do more.

    python -m examples.perceptron

AND is learned by one neuron. XOR is not, by any: no line has (0, 0) and (1, 1) on one side and
(0, 1) and (1, 0) on the other. Two neurons before it bend the plane so that a line is enough.
"""
from copy import deepcopy
from random import Random

from examples import plots
from examples.options import read_options
from nn import SGD, Module, Neuron

POINTS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
TARGETS = {"AND": [-1, -1, -1, 1], "OR": [-1, 1, 1, 1], "XOR": [-1, 1, 1, -1]}


class ThreeNeurons(Module):
    """Two neurons, and one that looks at these two."""

    def __init__(self, rng):
        self.hidden = [Neuron(2, "tanh", rng), Neuron(2, "tanh", rng)]
        self.last = Neuron(2, "tanh", rng)

    def forward(self, x):
        """x: two numbers → one Value between -1 and 1."""
        return self.last([neuron(x) for neuron in self.hidden])


def train(model, targets, steps, lr=0.1):
    """Gradient descent on the squared error of the four points; → its value at every step."""
    optimizer, losses = SGD(model.parameters(), lr), []
    for _ in range(steps):
        loss = sum((model(x) - target) ** 2 for x, target in zip(POINTS, targets))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return losses


def right(model, targets) -> int:
    """How many of the four points are on their side of 0."""
    return sum(model(x).data * target > 0 for x, target in zip(POINTS, targets))


def map_of(model, title, targets):
    """Where the model, as it is now, answers yes: a panel."""
    now = deepcopy(model)  # training on leaves it be
    return plots.Boundary(lambda x, y: now([x, y]).data, POINTS, targets, (-0.5, 1.5), (-0.5, 1.5),
                          title, "x1", "x2")


def main(arguments=None):
    options = read_options(__doc__, arguments, steps=200, seed=0)
    panels = []
    for name, count in ("AND", 1), ("XOR", 1), ("XOR", 3):
        rng = Random(options.seed)
        model = Neuron(2, "tanh", rng) if count == 1 else ThreeNeurons(rng)
        targets, losses = TARGETS[name], []
        for steps in min(5, options.steps), max(0, options.steps - 5):
            losses += train(model, targets, steps)
            panels.append(map_of(model, f"{name}, neurons: {count}, step {len(losses)}", targets))
        print(f"{name}, neurons: {count}, squared error {losses[0]:.3f} -> {losses[-1]:.3f}, "
              f"{right(model, targets)} of 4 right")
        if count == 1:
            w1, w2 = (w.data for w in model.weights)
            print(f"  tanh({w1:.2f} x1 {w2:+.2f} x2 {model.bias.data:+.2f})")
    plots.show(*panels, file=options.plot)


if __name__ == "__main__":
    main()
