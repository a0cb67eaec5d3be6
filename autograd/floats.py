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
    """x to the power y; a negative x to a fractional power is nan.

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


def _never_raising(name, too_large=lambda x: inf):
    """A function of `math`, with nan where that raises, and too_large(x) on overflow."""
    of_math = getattr(math, name)

    def function(x):
        try:
            return of_math(x)
        except ValueError:
            return nan
        except OverflowError:
            return too_large(x)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x), as math.{name}, but nan where that raises; inf on overflow."
    return function


def _logarithm(name, pole):
    """A logarithm of `math`, with -inf at its pole and nan below."""
    of_math = getattr(math, name)

    def function(x):
        try:
            return of_math(x)
        except ValueError:
            return -inf if x == pole else nan
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x), as math.{name}, but -inf at {pole} and nan below."
    return function


exp, expm1 = _never_raising("exp"), _never_raising("expm1")
log, log1p, log2 = _logarithm("log", 0), _logarithm("log1p", -1), _logarithm("log2", 0)
sqrt, erf = _never_raising("sqrt"), _never_raising("erf")
sin, cos, tan = _never_raising("sin"), _never_raising("cos"), _never_raising("tan")
asin, acos, atan = _never_raising("asin"), _never_raising("acos"), _never_raising("atan")
sinh, cosh = _never_raising("sinh", lambda x: copysign(inf, x)), _never_raising("cosh")
tanh = math.tanh


def sign(x):
    """-1.0, 0.0 or 1.0 as x is negative, zero or positive; nan for nan."""
    return 1.0 if x > 0 else -1.0 if x < 0 else x * 0.0


def maximum(x, y):
    """The larger of the two; nan if either is nan."""
    return x if x > y or x != x else y


def minimum(x, y):
    """The smaller of the two; nan if either is nan."""
    return x if x < y or x != x else y
