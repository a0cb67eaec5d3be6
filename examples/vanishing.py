"""Gradients that vanish on their way back through a deep network, or explode, and what helps.

    python -m examples.vanishing

Backpropagation multiplies: every layer passes the gradient on times its weights and times the slope
of its activation. The sigmoid's slope is 1/4 at most, so that little of it reaches the first layer.
"""
import argparse
from functools import partial
from itertools import islice
from math import hypot, inf, log10
from random import Random

from autograd import relu, sigmoid
from examples import plots
from nn import MLP, batches, cross_entropy
from nn.datasets import mnist
from nn.init import he, normal, xavier


def normalised(pixels):
    """Pixels with the mean 0 and the standard deviation 1, over the whole data set."""
    return (pixels - 0.13) / 0.31


def raw(pixels):
    """Pixels as they are in the files: 0 to 255."""
    return pixels * 255


def larger_than_he(rng, n_in, n_out):
    """Weights half as large again as He's."""
    return 1.5 * he(rng, n_in, n_out)


# name: activation, where the weights start, how the pixels come in, the longest gradient allowed
NETS = {
    "sigmoid": (sigmoid, xavier, normalised, inf),
    "sigmoid, raw pixels": (sigmoid, xavier, raw, inf),
    "sigmoid, N(0, 1)": (sigmoid, normal, normalised, inf),
    "relu": (relu, he, normalised, inf),
    "relu, N(0, 0.01)": (relu, partial(normal, std=0.01), normalised, inf),
    "relu, 1.5 He": (relu, larger_than_he, normalised, inf),
    "the same, clipped": (relu, larger_than_he, normalised, 1.0),
    "relu, raw pixels": (relu, he, raw, inf),
}


def network(activation, init, depth: int, seed: int):
    """`depth` hidden layers of 16 neurons."""
    return MLP(784, [16] * depth + [10], activation, init, Random(seed))


def backpropagate(model, x, labels) -> float:
    """The loss; the gradients are left in the parameters."""
    loss = cross_entropy(model(x), labels)
    model.zero_grad()
    loss.backward()
    return loss.item()


def length(*gradients) -> float:
    """The Euclidean length of arrays taken as one vector."""
    return hypot(*(hypot(*g.flat) for g in gradients))


def clip(parameters, longest: float):
    """Shorten the gradient, of all parameters together, to the length allowed."""
    too_long = length(*(p.grad for p in parameters)) / longest
    for p in parameters:
        p.grad = p.grad / max(1.0, too_long)


def train(model, digits, look, longest: float, steps: int, lr: float = 0.1):
    """Gradient descent on batches of 32 of one epoch; yields the loss of every step."""
    for x, labels in islice(batches(digits.train_images, digits.train_labels, 32), steps):
        yield backpropagate(model, look(x), labels)
        clip(model.parameters(), longest)
        for p in model.parameters():
            p.data -= lr * p.grad


def magnitudes(model):
    """log10 of every weight's gradient that is not 0, layer by layer."""
    return {f"layer {i}": [log10(abs(g)) for g in layer.weight.grad.flat if g]
            for i, layer in enumerate(model.layers, 1)}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depth", type=int, default=5, help="hidden layers")
    parser.add_argument("--steps", type=int, default=100, help="of training, 125 at most")
    parser.add_argument("--seed", type=int, default=1)
    plots.add_option(parser)
    options = parser.parse_args(arguments)

    digits, curves, histograms = mnist(), {}, []
    print("length of the gradient towards each layer's biases at the start, "
          f"and the loss\nof the last 10 of {options.steps} steps")
    for name, (activation, init, look, longest) in NETS.items():
        model = network(activation, init, options.depth, options.seed)
        backpropagate(model, look(digits.train_images[:64]), digits.train_labels[:64])
        lengths = [length(layer.bias.grad) for layer in model.layers]
        if name in ("sigmoid", "relu"):
            histograms.append(plots.Histogram(magnitudes(model), "log10 |gradient|", name))
        if name not in ("sigmoid, N(0, 1)", "the same, clipped", "relu, raw pixels"):
            curves[name] = list(enumerate(lengths, 1))
        losses = list(train(model, digits, look, longest, options.steps))[-10:]
        print(f"{name:19}", *(f"{x:7.1e}" for x in lengths), f" {sum(losses) / len(losses):5.2f}")
    plots.show(plots.Curves(curves, "layer", "gradient", "by layer", log_y=True), *histograms,
               file=options.plot)


if __name__ == "__main__":
    main()
