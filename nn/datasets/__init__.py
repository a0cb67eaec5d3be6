"""Data sets to train on; every loader works with nothing but the standard library.

    from nn.datasets import mnist

    digits = mnist()                        # the 5,000 digits that ship with the package
    digits.train_images[0:32]               # an Array of floats in [0, 1], shape (32, 784)
    digits.train_labels[0:32]               # the 32 answers
"""

from nn.datasets.mnist import mnist

__all__ = ["mnist"]
