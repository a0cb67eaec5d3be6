"""Digits with shuffled labels are learned all the same: by heart, as nothing is to be understood.

    python -m examples.memorising

Each digit gets the label of another, drawn by lot. The accuracy on these digits climbs even so;
on new ones it stays at chance. So a good score on what was trained with proves nothing.
"""
from random import Random

from autograd import no_grad
from autograd.manners import counted
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, accuracy, batches, cross_entropy
from nn.datasets import mnist


def learn(train_images, train_labels, test_images, test_labels, epochs: int, seed: int,
          hidden: int) -> dict:
    """Train 784-hidden-10 with momentum.

    → a list for each of "train" and "test": the accuracy before training and after every epoch
    """
    rng = Random(seed)
    model = MLP(784, [hidden, 10], rng=rng)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    accuracies = {"train": [], "test": []}
    for epoch in range(epochs + 1):
        if epoch > 0:
            for x, labels in batches(train_images, train_labels, 30, rng):
                loss = cross_entropy(model(x), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with no_grad():
            accuracies["train"].append(accuracy(model(train_images), train_labels))
            accuracies["test"].append(accuracy(model(test_images), test_labels))
    return accuracies


def true_and_shuffled(count: int, epochs: int, seed: int, test_count: int = 300,
                      hidden: int = 64) -> dict:
    """The learning curves with the true labels and with the same ones shuffled."""
    digits = mnist()
    images, labels = digits.train_images[:count], list(digits.train_labels[:count])
    test = digits.test_images[:test_count], list(digits.test_labels[:test_count])
    shuffled = Random(seed).sample(labels, count)
    return {"true labels": learn(images, labels, *test, epochs, seed, hidden),
            "shuffled labels": learn(images, shuffled, *test, epochs, seed, hidden)}


def main(arguments=None):
    options = read_options(__doc__, arguments, count=300, epochs=25, seed=0)
    curves = true_and_shuffled(options.count, options.epochs, options.seed)
    print(f"accuracy on the {counted(options.count, 'digit')} trained with, and on 300 "
          "new ones")
    print("epoch   " + "".join(f"{name:>20}" for name in curves))
    for epoch in sorted({*range(0, options.epochs, 5), options.epochs}):
        print(f"{epoch:5}   " + "".join(
            f"{accuracies['train'][epoch]:12.3f} {accuracies['test'][epoch]:7.3f}"
            for accuracies in curves.values()))
    plots.show(*(plots.Curves(accuracies, "epoch", "accuracy", name)
                 for name, accuracies in curves.items()), file=options.plot)


if __name__ == "__main__":
    main()
