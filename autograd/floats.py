"""Elementary functions of plain floats with IEEE answers.

Python's `math` raises where IEEE 754, and so NumPy and PyTorch, have a number: `1/0` is inf,
`log(-1)` is nan. Halfway through a training run an exception is worse than a nan that can be
looked at (see `detect_anomaly`), so these functions never raise and never turn complex.
"""
import math
from math import copysign, inf, nan


def divide(x, y):
    """x / y, with x/0 = ±inf and 0/0 = nan.

    >>> divide(-1.0, 0.0)
    -inf
    """
    try:
        return x / y
    except ZeroDivisionError:
        return nan if x == 0 or x != x else copysign(inf, x) * copysign(1.0, y)


def pow(x, y):
    """x to the power y; a negative x to a broken power is nan.

    >>> pow(0.0, -1), pow(-8.0, 1/3), pow(-10.0, 309)
    (inf, nan, -inf)
    """
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0 and y % 2 == 1 else inf
    except ValueError:
        if x == 0:  # to a negative power: an odd one keeps the sign of the zero
            return copysign(inf, x) if y % 2 == 1 else inf
        return nan


def exp(x):
    """e to the power x."""
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def log(x):
    """Natural logarithm.

    >>> log(0.0), log(-1.0)
    (-inf, nan)
    """
    try:
        return math.log(x)
    except ValueError:
        return -inf if x == 0 else nan


def sqrt(x):
    """Square root."""
    try:
        return math.sqrt(x)
    except ValueError:
        return nan


def tanh(x):
    """Hyperbolic tangent."""
    return math.tanh(x)


def sign(x):
    """-1.0, 0.0 or 1.0 as x is negative, zero or positive; nan for nan."""
    return 1.0 if x > 0 else -1.0 if x < 0 else x * 0.0


def maximum(x, y):
    """The larger of the two; nan if either is nan."""
    return x if x > y or x != x else y


def minimum(x, y):
    """The smaller of the two; nan if either is nan."""
    return x if x < y or x != x else y
