"""Train a network to read handwritten digits, by plain gradient descent.

    python3 -m examples.mnist

The job of the project: 784 pixels, two hidden layers of 16 neurons, 10 outputs.
Read `train` first; all else here is reading options and printing.
"""
import argparse
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random

from autograd import compile, no_grad
from examples.options import end_with_the_reader, number
from nn import MLP, batches, checkpoint, cross_entropy, one_hot, squared_error
from nn.datasets import mnist
from nn.losses import predicted

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None


def train(model, images, labels, cost, lr, momentum, batch_size, rng, progress, step=None):
    """One epoch of gradient descent; returns the mean loss of its batches.

    step: the cost of a batch as a compiled function, if it is to be compiled.
    """
    parameters = model.parameters()
    losses = []
    for x, y in progress(batches(images, labels, batch_size, rng)):
        model.zero_grad()
        if step:
            loss = step(x, y)  # forward and backward in one
        else:
            loss = cost(model(x), y)
            loss.backward()
        for p in parameters:
            p.velocity = momentum * p.velocity + p.grad if momentum else p.grad
            p.data -= lr * p.velocity
        losses.append(float(loss))
    return sum(losses) / len(losses)


def predictions(model, images):
    """What the model takes each image for."""
    with no_grad():
        return [digit for start in range(0, len(images), 500)
                for digit in predicted(model(images[start:start + 500]))]


COSTS = {
    "cross-entropy": cross_entropy,
    "squared-error": lambda outputs, labels: squared_error(outputs.sigmoid(), one_hot(labels, 10)),
}


class NumpyImages:
    """Images that come out as NumPy arrays, a batch at a time."""

    def __init__(self, images):
        import numpy
        self.pixels = numpy.frombuffer(images.pixels, numpy.uint8).reshape(images.shape)

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        return self.pixels[index] / 255.0


def main(arguments=None):
    options = read_options(arguments)
    rng = Random(options.seed)
    model = MLP(784, [*options.hidden, 10], options.activation, rng=rng)
    with errors_in_one_line():
        data = mnist(options.data)
        train_images, test_images = data.train_images, data.test_images
        if options.load:
            checkpoint.load(options.load, model)
        if options.save and not os.access(Path(options.save).parent, os.W_OK):
            raise OSError(f"--save {options.save}: there is no such folder, or it may not be "
                          "written to")
        if options.save and Path(options.save).is_dir():
            raise IsADirectoryError(f"--save {options.save}: this is a folder; give a file in it")
        if options.array == "numpy":
            import numpy
            train_images, test_images = NumpyImages(train_images), NumpyImages(test_images)
            for p in model.parameters():
                p.data = numpy.array(p.data.tolist())
    for p in model.parameters():
        p.velocity = 0.0
    print(model)
    print(f"{len(train_images):,} digits to train, {len(test_images):,} to test")

    lr, cost = options.lr, COSTS[options.loss]
    step = compile(lambda images, labels: cost(model(images), labels)) if options.compile else None
    try:
        for epoch in range(1, options.epochs + 1):
            started = time.perf_counter()
            loss = train(model, train_images, data.train_labels, cost, lr, options.momentum,
                         options.batch_size, rng, progress(epoch), step)
            right = count_right(predictions(model, test_images), data.test_labels)
            print(f"epoch {epoch:2}  loss {loss:.4f}  test accuracy "
                  f"{right / len(test_images):.4f}  {time.perf_counter() - started:.1f} s")
            if loss != loss:
                print("the loss is nan: the learning rate is too large; stopped")
                break
            lr *= options.lr_decay
    except KeyboardInterrupt:
        print("\nstopped")
    if options.save:
        with errors_in_one_line():
            checkpoint.save(options.save, model)
        print(f"saved {options.save}")

    said = predictions(model, test_images)
    wrong = [i for i, digit in enumerate(said) if digit != data.test_labels[i]]
    for i in wrong[:3]:
        answer = "nothing" if said[i] < 0 else said[i]  # of scores that are nan
        print(f"\n{data.test_images.drawing(i)}\nsaid {answer}, is {data.test_labels[i]}")
    right = count_right(said, data.test_labels)
    print(f"test accuracy {right / len(said):.4f} ({right}/{len(said)})")


@contextmanager
def errors_in_one_line():
    """What is wrong with a file, or not installed, without a traceback."""
    try:
        yield
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"examples.mnist: {error}")


def count_right(said, labels):
    return sum(digit == label for digit, label in zip(said, labels))


def progress(epoch):
    """Shows how far an epoch is, where tqdm is installed and somebody watches."""
    if tqdm is None:
        return iter
    return lambda batches: tqdm(batches, f"epoch {epoch:2}", leave=False, disable=None)


def read_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m examples.mnist",
        description="Train a network to read handwritten digits, by plain gradient descent.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    option = parser.add_argument
    option("--data", default="sample", metavar="sample|full|FOLDER",
           help="5,000 digits that ship with the project, all 70,000, or a folder with the files")
    option("--hidden", type=number(int, 1), nargs="*", default=[16, 16],
           help="sizes of the hidden layers")
    option("--activation", choices=["relu", "tanh", "sigmoid"], default="relu",
           help="of the hidden layers")
    option("--loss", choices=list(COSTS), default="cross-entropy", help="what a mistake costs")
    option("--epochs", type=number(int, 0), default=10, help="rounds through the digits")
    option("--batch-size", type=number(int, 1), default=32, help="digits a step")
    option("--lr", type=number(float, 0, 1e300), default=0.1, help="learning rate")
    option("--lr-decay", type=number(float, 0, 1e300), default=1.0,
           help="times the rate, after every epoch")
    option("--momentum", type=number(float, 0, 1), default=0.0,
           help="how much of a step the next one keeps")
    option("--seed", type=int, default=2, help="of the random numbers")
    option("--array", choices=["python", "numpy"], default="python",
           help="what computes: this project alone, or NumPy")
    option("--compile", action="store_true",
           help="run the program that is made of the first batch instead of recording each")
    option("--save", metavar="FILE", help="write the trained parameters here")
    option("--load", metavar="FILE", help="start from the parameters in this file")
    if arguments is None:
        end_with_the_reader()
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
