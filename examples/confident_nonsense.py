"""A network that was shown digits only is sure of noise too; what it takes to make it doubt.

    python -m examples.confident_nonsense

Ten outputs that sum to 1 must say something, and nobody ever told the network what to say of a
picture that is no digit. So it is told: noise goes among the training data, where the right answer
is a tenth for each digit, and weight decay keeps its scores from growing large.
"""
from random import Random

from autograd import log_softmax, no_grad, softmax
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, accuracy, batches, cross_entropy
from nn.datasets import mnist


def noise(rng: Random, count: int) -> list:
    """Pictures of which every pixel is drawn by lot."""
    return [[rng.random() for _ in range(784)] for _ in range(count)]


def shuffled(images, rng: Random) -> list:
    """Each picture with its pixels in disorder: as much ink as a digit."""
    return [rng.sample(image, len(image)) for image in images.tolist()]


def train(model, images, labels, epochs: int, rng: Random, remedy: bool):
    """Gradient descent; with the remedy, 2 pictures of noise in each batch and weight decay."""
    optimizer = SGD(model.parameters(), lr=0.2, weight_decay=0.001 if remedy else 0.0)
    for _ in range(epochs):
        for x, y in batches(images, labels, 32, rng):
            loss = cross_entropy(model(x), y)
            if remedy:  # the cross-entropy with a tenth for each digit
                loss = loss - 0.1 * log_softmax(model(noise(rng, 2))).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        optimizer.lr *= 0.7


def sureness(model, images) -> list:
    """The largest of the ten probabilities, for every picture."""
    with no_grad():
        return [max(row) for row in softmax(model(images)).data.tolist()]


def nonsense(digits, seed: int, count: int = 200) -> dict:
    """Pictures to show, by what they are; none of them was trained with."""
    rng, images = Random(seed), digits.test_images[:count]
    return {"digits": images, "noise": noise(rng, count), "shuffled digits": shuffled(images, rng),
            "white on black": 1 - images}


def main(arguments=None):
    options = read_options(__doc__, arguments, epochs=6, seed=0)
    digits = mnist()
    shown, panels = nonsense(digits, options.seed + 1), []
    print("mean of the largest probability")
    print("                 accuracy   " + "   ".join(shown))
    for name, remedy in (("with digits only", False), ("with the remedy", True)):
        rng = Random(options.seed)
        model = MLP(784, [16, 16, 10], rng=rng)
        train(model, digits.train_images, digits.train_labels, options.epochs, rng, remedy)
        with no_grad():
            right = accuracy(model(digits.test_images[:]), digits.test_labels)
        sure = {kind: sureness(model, images) for kind, images in shown.items()}
        print(f"{name:16} {right:8.3f}   " + "   ".join(
            f"{sum(row) / len(row):{len(kind)}.3f}" for kind, row in sure.items()))
        panels.append(plots.Histogram({kind: sure[kind] for kind in ("digits", "noise")},
                                      "largest probability", f"trained {name}"))
    plots.show(*panels, file=options.plot)


if __name__ == "__main__":
    main()
