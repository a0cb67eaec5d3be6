"""Gradients that vanish on their way back through a deep network, or explode, and what helps.

    python -m examples.vanishing

Backpropagation multiplies: every layer passes the gradient on times its weights and times the slope
of its activation. The sigmoid's slope is 1/4 at most, so that little of it reaches the first layer.
"""
from math import hypot, inf, log10
from random import Random

from autograd import mean, norm, relu, sigmoid
from examples import plots
from examples.options import read_options
from nn import MLP, Sequential, cross_entropy
from nn.datasets import mnist

NORMALISED = 0.13, 0.31  # the mean of all pixels, and their standard deviation
RAW = 0.0, 1 / 255  # this leaves them as they are in the files, 0 to 255
# name: the pixels, the activation, the weights (1: as He's or Xavier's), the longest gradient
NETS = {
    "sigmoid": (NORMALISED, sigmoid, 1.0, inf),
    "sigmoid, raw pixels": (RAW, sigmoid, 1.0, inf),
    "relu": (NORMALISED, relu, 1.0, inf),
    "relu, raw pixels": (RAW, relu, 1.0, inf),
    "relu, He / 10": (NORMALISED, relu, 0.1, inf),
    "relu, 1.5 He": (NORMALISED, relu, 1.5, inf),
    "the same, clipped": (NORMALISED, relu, 1.5, 1.0),
}


def network(name: str, depth: int, seed: int):
    """`depth` hidden layers of 16 neurons, which see the pixels as told in NETS."""
    (middle, deviation), activation, scale, _ = NETS[name]
    layers = MLP(784, [16] * depth + [10], activation, rng=Random(seed)).layers
    for layer in layers:
        layer.weight.data *= scale
    return Sequential(lambda pixels: (pixels - middle) / deviation, *layers)


def clip(parameters, longest: float) -> float:
    """Shorten the gradient, of all parameters as one vector, if need be; → how long it was."""
    length = hypot(*(norm(p.grad) for p in parameters))
    for p in parameters:
        p.grad = p.grad / max(1.0, length / longest)
    return length


def train(model, images, labels, longest: float, steps: int, lr: float = 0.1):
    """Gradient descent on 32 digits a step; yields each loss once its gradients can be seen."""
    for first in range(0, 32 * steps, 32):
        some = slice(first % len(images), first % len(images) + 32)
        loss = cross_entropy(model(images[some]), labels[some])
        model.zero_grad()
        loss.backward()
        yield loss.item()
        clip(model.parameters(), longest)
        for p in model.parameters():
            p.data -= lr * p.grad


def main(arguments=None):
    options = read_options(__doc__, arguments, depth=5, steps=100, seed=1)
    digits, curves, spreads = mnist(), {}, {}
    print("length of the gradient towards each layer's biases at the start, and the loss\n"
          f"of the last {min(10, options.steps)} of {options.steps} steps")
    for name, (*_, longest) in NETS.items():
        model = network(name, options.depth, options.seed)
        training = train(model, digits.train_images, digits.train_labels, longest, options.steps)
        losses = [next(training)]  # and its gradients
        lengths = [norm(layer.bias.grad) for layer in model.layers[1:]]
        curves[name] = list(enumerate(lengths, 1))
        spreads[name] = {f"layer {i}": [log10(abs(g)) for g in layer.weight.grad.flat if g]
                         for i, layer in enumerate(model.layers[1:], 1)}
        losses += training  # the other steps
        print(f"{name:19}", *(f"{z:7.1e}" for z in lengths), f" {mean(losses[-10:]):5.2f}")
    del curves["the same, clipped"]  # it starts as the one above it
    plots.show(plots.Curves(curves, "layer", "gradient", "by layer", log_y=True),
               *(plots.Histogram(spreads[name], "log10 |gradient|", name)
                 for name in ("sigmoid", "relu")), file=options.plot)


if __name__ == "__main__":
    main()
