"""namespace(x): where the functions that compute on x live.

The operations in `ops.py` are written once, `namespace(x).tanh(x)`, and run on whatever x is:
floats and our own Array are served by `array.py`, any other array by its own library, found
through the `__array_namespace__` of the Python array API standard. No library is imported here.
"""
from __future__ import annotations

import math
import sys
from functools import lru_cache, partial
from types import SimpleNamespace

from . import array

LIBRARIES: dict = {}  # the namespace of each type that was met; None for what is no array
KNOWN_DTYPES = {float, bool}  # of arrays fit to compute with; as_data adds those it meets


def namespace(x, *others):
    """The module that computes on the operands; plain numbers go along with any array.

    Raises TypeError for a thing that can't be computed with, and for arrays of two kinds.

    >>> namespace(2.0).tanh(0.0)
    0.0
    """
    if not others:  # as nearly always
        return library(x) or array
    found, operands = None, (x, *others)
    for x in operands:
        if type(x) is float:
            continue
        its_own = LIBRARIES[type(x)] if type(x) in LIBRARIES else library(x)  # spares calls
        if its_own is not None:
            if found is not None and its_own is not found:
                for one in map(library, operands):
                    if hasattr(one, "takes_any_array"):  # that of `symbols.py`
                        return one
                raise TypeError(f"arrays of {found.__name__} and {its_own.__name__} do not mix; "
                                "convert one of them, e.g. numpy.asarray(a.tolist())")
            found = its_own
    return found or array


def library(x):
    """The module that x says computes on it, or None for what is no array."""
    try:
        return LIBRARIES[type(x)]
    except KeyError:  # the first of its type
        kind = type(x)
    if hasattr(x, "__array_namespace__"):
        its_own = x.__array_namespace__()
    else:  # a single number of NumPy, such as a sum gives, says so in newer versions only
        its_own = sys.modules["numpy"] if kind.__module__ == "numpy" else None
    if kind.__name__ in ("matrix", "MaskedArray"):  # NumPy's: * is @, entries do not count
        raise TypeError(f"asarray: a numpy {kind.__name__} does not compute as other arrays do; "
                        "give numpy.asarray(...) of it")
    LIBRARIES[kind] = quick(its_own) if its_own and its_own.__name__ == "numpy" else its_own
    return LIBRARIES[kind]


@lru_cache(maxsize=None)
def quick(numpy):
    """NumPy's functions, but for reductions: its own first search for other kinds of arrays.

    And of a matrix they take the entries one by one, where there are ways to take many at a time.
    """
    ones = lru_cache(maxsize=64)(numpy.ones)

    def sum(x, axis=None, keepdims=False):
        if axis not in (0, 1, -1) or x.ndim != 2 or x.dtype.kind != "f" or x.shape[axis] > 1024:
            return numpy.add.reduce(x, axis=axis, keepdims=keepdims)  # rounds many terms better
        by = ones(x.shape[axis], x.dtype)  # a product with ones: 3 - 10 times faster
        total = by.dot(x) if axis == 0 else x.dot(by)
        return total if not keepdims else total[None] if axis == 0 else total[:, None]

    def max(x, axis=None, keepdims=False):
        if axis == -1 and x.ndim == 2 and x.shape[1] <= 32:
            x = x.copy("F")  # column by column: for 256 rows of 10 seven times faster
        return numpy.maximum.reduce(x, axis=axis, keepdims=keepdims)

    its_own = {"sum": sum, "max": max, "min": partial(numpy.minimum.reduce, axis=None)}
    return SimpleNamespace(**{**vars(numpy), **its_own})


as_number, lengths, check_aligned = array.as_number, array.lengths, array.check_aligned
normal_axes, one_axis = array.normal_axes, array.one_axis


def shape(x) -> tuple[int, ...]:
    """The shape of anything that can be computed with; () for a number."""
    if type(x) is float:
        return ()
    lengths = getattr(x, "shape", None)
    if lengths is None:
        return as_data(x).shape if isinstance(x, (list, tuple, range)) else ()
    return lengths


def as_data(x):
    """x in the form the engine computes with: a float, an Array, or another library's array.

    Integers become floats, sequences become Arrays; masks and other arrays stay as they are.
    Raises TypeError for anything that is not made of real numbers, ValueError for ragged rows.
    """
    if type(x) is float:
        return x
    xp = library(x)
    if xp is None or xp is array:
        return array.asarray(x)
    if x.dtype in KNOWN_DTYPES:
        return x
    if not hasattr(xp, "isdtype"):
        raise TypeError(f"asarray: the library of this {type(x).__name__} is older than the array "
                        "API standard, 2022.12; use a newer one, e.g. numpy>=2")
    if xp.isdtype(x.dtype, ("real floating", "bool")):
        KNOWN_DTYPES.add(x.dtype)
        return x
    if xp.isdtype(x.dtype, "integral"):
        if x.shape:
            return xp.asarray(x, dtype=xp.float64)
        return xp.as_number(x) if hasattr(xp, "takes_any_array") else float(x)
    raise TypeError(f"asarray: an array of {x.dtype} can't be computed with; its entries must be "
                    "real numbers")


def as_data_like(data, x, what: str):
    """x as data of the same kind and shape as the data given; `what` names x in the messages."""
    xp = namespace(data)
    try:
        x = as_data(x)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{what}: {error}") from error
    if shape(x) != shape(data):
        raise ValueError(f"{what} has shape {shape(x)}, but must have that of the data, "
                         f"{shape(data)}")
    if namespace(x) is xp:
        return x
    if hasattr(xp, "takes_any_array"):  # a Symbol: a constant is of the kind it was recorded with
        return as_data_like(data.data, x, what)
    x = x if type(x) is float else x.tolist()
    return array.asarray(x) if xp is array else xp.asarray(x, dtype=unmasked(data).dtype)


def unmasked(x):
    """A mask as the numbers 1 and 0, which a gradient of it is made of; other data as they are."""
    return x * 1.0 if getattr(x, "dtype", None) == bool else x


# What the array API standard lacks; each kind of array is met on its own terms.

def unshared(index):
    """The index in memory that nobody else can write into before the walk back needs it."""
    if isinstance(index, tuple):
        return tuple([unshared(part) for part in index])
    if isinstance(index, list):
        return [unshared(part) if isinstance(part, list) else part for part in index]
    return index.copy() if hasattr(index, "copy") and getattr(index, "shape", ()) else index


def as_index(index):
    """The index in the form that every kind of array takes: JAX wants lists inside a tuple."""
    return (index,) if isinstance(index, list) else index


def scatter_add(x, index, like):
    """Zeros in the shape of `like` with x added at the index; a place hit twice receives twice."""
    xp = namespace(x, like)
    if xp is array:
        return array.scatter_add(x, index, shape(like))
    if hasattr(xp, "scatter_add"):
        return xp.scatter_add(x, index, like)
    zeros = xp.zeros_like(unmasked(like))
    if hasattr(zeros, "at"):  # JAX: arrays that can't be written to
        return zeros.at[as_index(index)].add(x)
    if hits_once(index):  # several times faster
        zeros[index] += x
    else:
        xp.add.at(zeros, index, x)
    return zeros


def hits_once(index) -> bool:
    """Is an index made of ints and slices, so that no place can be hit twice?"""
    return all(part is None or part is Ellipsis or type(part) in (int, slice)
               for part in (index if isinstance(index, tuple) else (index,)))


def is_layer(x, weight, bias) -> bool:
    """Are these a layer's, (n, k), (k, m) and (m,), and ours? Then the product adds the bias."""
    return hasattr(library(weight), "linear") and len(shape(x)) == len(weight.shape) == 2 \
        and shape(bias) == weight.shape[1:]


def softmax(x, axis):
    """eˣ / Σ eˣ along an axis."""
    xp = namespace(x)
    if xp is array and axis == -1 and shape(x):
        return array.softmax(x)
    powers = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return powers / xp.sum(powers, axis=axis, keepdims=True)


def cross_entropy(x, labels):
    """The mean over the rows of -log softmax(x)[label]."""
    xp = namespace(x)
    if xp is array:
        return array.cross_entropy(x, labels)
    below = x - xp.max(x, axis=-1, keepdims=True)
    picked = below[xp.arange(len(labels)), xp.asarray(labels)]
    return xp.sum(xp.log(xp.sum(xp.exp(below), axis=-1)) - picked) / len(labels)


def one_hot(labels, like):
    """Rows of 0 (False) in the shape and kind of `like`, but for a 1 (True) at each label."""
    xp = namespace(like)
    if xp is array:
        return array.one_hot(labels, shape(like))
    if hasattr(xp, "one_hot"):
        return xp.one_hot(labels, like)
    return xp.asarray(labels)[:, None] == xp.arange(like.shape[-1])


def erf(x):
    """The error function, (2/√π) ∫₀ˣ e^(-t²) dt."""
    xp = namespace(x)
    if hasattr(xp, "erf"):
        return xp.erf(x)
    x = x * 1.0  # of a mask, too
    return xp.asarray([math.erf(entry) for entry in xp.reshape(x, (-1,)).tolist()],
                      dtype=x.dtype).reshape(x.shape)


def cumulative_sum(x, axis):
    """The sums up to each place along an axis. (NumPy has the standard's name since 2.1.)"""
    xp, axis = namespace(x), one_axis("cumulative_sum", shape(x), axis)
    return (xp.cumulative_sum if hasattr(xp, "cumulative_sum") else xp.cumsum)(x, axis=axis)
