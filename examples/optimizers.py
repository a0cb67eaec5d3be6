"""Ways to take a step: the same digits, shown as often, to one network with eight optimizers.

    python -m examples.optimizers

The gradient of all digits at once is exact and dear; that of one is cheap and rough. A mini-batch
lies between, and momentum, Adam, a falling rate and weight decay change what is made of it.
"""
from math import ceil, cos, hypot, pi
from random import Random

from autograd import no_grad, norm
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, Adam, accuracy, batches, cross_entropy
from nn.datasets import mnist


def steady(progress: float) -> float:
    """The share of the learning rate that is used: all of it, always."""
    return 1.0


def falling(progress: float) -> float:
    """From 1 at the start to 0 at the end, along half a cosine."""
    return (1 + cos(pi * progress)) / 2


# name: digits a step (0 for all), the schedule, the optimizer of a list of parameters
WAYS = {
    "batch": (0, steady, lambda p: SGD(p, lr=0.5)),
    "stochastic": (1, steady, lambda p: SGD(p, lr=0.005)),
    "mini-batch": (20, steady, lambda p: SGD(p, lr=0.1)),
    "weight decay": (20, steady, lambda p: SGD(p, lr=0.1, weight_decay=0.01)),
    "large rate": (20, steady, lambda p: SGD(p, lr=0.2)),
    "falling rate": (20, falling, lambda p: SGD(p, lr=0.2)),
    "momentum": (20, steady, lambda p: SGD(p, lr=0.02, momentum=0.9)),
    "nesterov": (20, steady, lambda p: SGD(p, lr=0.02, momentum=0.9, nesterov=True)),
    "adam": (20, steady, lambda p: Adam(p, lr=0.005)),
}


def train(model, way, digits, count: int, epochs: int, rng: Random, test_count: int = 300):
    """Show the model `count` digits once an epoch.

    → up to four times an epoch, and at the end: (epochs done so far, test loss, test accuracy)
    """
    size, schedule, optimizer_of = way
    images, labels = digits.train_images[:count], digits.train_labels[:count]
    test = digits.test_images[:test_count], digits.test_labels[:test_count]
    optimizer, looks = optimizer_of(model.parameters()), []
    lr, steps = optimizer.lr, ceil(count / (size or count))
    for epoch in range(epochs):
        for step, (x, y) in enumerate(batches(images, labels, size or count, rng)):
            done = epoch + step / steps
            if step % ceil(steps / 4) == 0:
                looks.append((done, *loss_and_accuracy(model, *test)))
            optimizer.lr = lr * schedule(done / epochs)
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return looks + [(epochs, *loss_and_accuracy(model, *test))]


def loss_and_accuracy(model, images, labels):
    with no_grad():
        scores = model(images)
        return cross_entropy(scores, labels).item(), accuracy(scores, labels)


def length_of_weights(model) -> float:
    return hypot(*(norm(layer.weight.data) for layer in model.layers))


def main(arguments=None):
    options = read_options(__doc__, arguments, count=1000, epochs=5, seed=0)
    digits, curves = mnist(), {}
    print(f"{options.count} digits shown {options.epochs} times; then, on 300 others")
    print("              digits a step   loss  accuracy  length of the weights")
    for name, way in WAYS.items():
        rng = Random(options.seed)
        model = MLP(784, [16, 16, 10], rng=rng)
        looks = train(model, way, digits, options.count, options.epochs, rng)
        curves[name] = [(epochs, loss) for epochs, loss, _ in looks]
        _, loss, share = looks[-1]
        print(f"{name:12} {way[0] or options.count:14}  {loss:.3f}  {share:8.3f}  "
              f"{length_of_weights(model):9.2f}")
    kinds = {"digits a step": ["batch", "stochastic", "mini-batch"],
             "the rate": ["mini-batch", "large rate", "falling rate"],
             "the step": ["mini-batch", "momentum", "nesterov", "adam"]}
    plots.show(*(plots.Curves({name: curves[name] for name in names}, "epoch", "test loss", title)
                 for title, names in kinds.items()), file=options.plot)


if __name__ == "__main__":
    main()
