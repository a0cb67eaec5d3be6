"""Where the weights of a network start.

Each function gives an Array for a weight of shape (n_in, n_out), drawn from a `random.Random`.
"""
from __future__ import annotations

from math import inf, sqrt
from random import Random

from autograd import Array

from .arguments import generator, positive_count, within


def normal(rng: Random, n_in: int, n_out: int, std: float = 1.0) -> Array:
    """Independent normal numbers with mean 0 and the given standard deviation."""
    rng = generator("normal", rng)
    n_in, n_out = positive_count("normal: n_in", n_in), positive_count("normal: n_out", n_out)
    std = within("normal: std", std, 0, inf)
    return Array((n_in, n_out), [rng.gauss(0.0, std) for _ in range(n_in * n_out)])


def xavier(rng: Random, n_in: int, n_out: int) -> Array:
    """Uniform numbers with variance 2 / (n_in + n_out), for tanh and sigmoid.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010, equation 16.
    """
    rng = generator("xavier", rng)
    n_in, n_out = positive_count("xavier: n_in", n_in), positive_count("xavier: n_out", n_out)
    bound = sqrt(6 / (n_in + n_out))
    return Array((n_in, n_out), [rng.uniform(-bound, bound) for _ in range(n_in * n_out)])


def he(rng: Random, n_in: int, n_out: int) -> Array:
    """Normal numbers with variance 2 / n_in, for ReLU, which halves the variance.

    He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, equation 10.
    """
    n_in, n_out = positive_count("he: n_in", n_in), positive_count("he: n_out", n_out)
    return normal(rng, n_in, n_out, sqrt(2 / n_in))
