"""Ways to take a step: the same digits, shown as often, to one network in nine ways.

    python -m examples.optimizers

The gradient of all digits at once is exact and costly; that of one is cheap and rough. A mini-batch
lies between, and momentum, Adam, a falling rate and weight decay change what is made of it.
"""
from math import ceil, cos, hypot, pi
from random import Random

from autograd import norm
from autograd.manners import counted
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, Adam, accuracy, batches, cross_entropy
from nn.datasets import mnist


def falling(progress: float) -> float:
    """From 1 at the start to 0 at the end, along half a cosine."""
    return (1 + cos(pi * progress)) / 2


# name: digits a step (4000 are all), the optimizer of a list of parameters, whether its rate falls
WAYS = {
    "batch": (4000, lambda p: SGD(p, lr=0.5), False),
    "stochastic": (1, lambda p: SGD(p, lr=0.005), False),
    "mini-batch": (20, lambda p: SGD(p, lr=0.1), False),
    "weight decay": (20, lambda p: SGD(p, lr=0.1, weight_decay=0.01), False),
    "large rate": (20, lambda p: SGD(p, lr=0.2), False),
    "falling rate": (20, lambda p: SGD(p, lr=0.2), True),
    "momentum": (20, lambda p: SGD(p, lr=0.02, momentum=0.9), False),
    "nesterov": (20, lambda p: SGD(p, lr=0.02, momentum=0.9, nesterov=True), False),
    "adam": (20, lambda p: Adam(p, lr=0.005), False),
}


def train(model, way, images, labels, epochs: int, rng: Random):
    """Show the digits once an epoch; yields the epochs done, four times in each and at the end."""
    size, optimizer_of, falls = way
    optimizer, steps = optimizer_of(model.parameters()), ceil(len(labels) / size)
    lr = optimizer.lr
    for epoch in range(epochs):
        for step, (x, y) in enumerate(batches(images, labels, size, rng)):
            done = epoch + step / steps
            if step % ceil(steps / 4) == 0:
                yield done
            if falls:
                optimizer.lr = lr * falling(done / epochs)
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    yield epochs


def main(arguments=None):
    options = read_options(__doc__, arguments, count=1000, epochs=5, seed=0)
    digits, curves = mnist(), {}
    shown = digits.train_images[:options.count], digits.train_labels[:options.count]
    images, labels = digits.test_images[:300], digits.test_labels[:300]
    print(f"{counted(options.count, 'digit')} shown {counted(options.epochs, 'time')}; then, on "
          "300 others")
    print("              digits a step   loss  accuracy  length of the weights")
    for name, way in WAYS.items():
        rng, curves[name] = Random(options.seed), []
        model = MLP(784, [16, 16, 10], rng=rng)
        for done in train(model, way, *shown, options.epochs, rng):
            scores = model(images)
            loss = cross_entropy(scores, labels).item()
            curves[name].append((done, loss))
        length = hypot(*(norm(layer.weight.data) for layer in model.layers))  # as one vector
        print(f"{name:12} {min(way[0], options.count):14}  {loss:.3f}  "
              f"{accuracy(scores, labels):8.3f}  {length:9.2f}")
    kinds = {"digits a step": ["batch", "stochastic", "mini-batch"],
             "the rate": ["mini-batch", "large rate", "falling rate"],
             "the step": ["mini-batch", "momentum", "nesterov", "adam"]}
    plots.show(*(plots.Curves({name: curves[name] for name in names}, "epoch", "test loss", title)
                 for title, names in kinds.items()), file=options.plot)


if __name__ == "__main__":
    main()
