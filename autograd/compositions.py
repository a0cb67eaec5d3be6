"""Operations composed of those in `ops.py`. No derivative is written here: the walk finds it."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import wraps
from operator import index

from . import ops
from .graph import Node, plain
from .namespace import as_data, namespace, normal_axes, one_axis, shape, unshared
from .operands import constant
from .ops import (
    along, divide, erf, getitem, kept, matmul, maximum, minimum, multiply, permute_dims, reshape,
    sigmoid, sqrt, subtract, where)


def composition(function):
    """The same function; a call with the wrong arguments is an error that shows the right ones."""
    @wraps(function)
    def operation(*operands, **settings):
        try:
            return function(*operands, **settings)
        except TypeError as error:
            if error.__traceback__.tb_next is not None:  # the form was right, what is in it was not
                raise
            import inspect  # here, as it takes long to import
            form = f"{function.__name__}{inspect.signature(function)}".replace("'", "")
            raise TypeError(f"{function.__name__}: {error}; write {form}"
                            + ", what stands after * by name" * (" *, " in form)) from None
    return operation


# -- elementwise ---------------------------------------------------------------------------------


def square(x):
    """x · x."""
    return multiply(x, x)


def gelu(x):
    """x · Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016)."""
    return multiply(x, 0.5 + 0.5 * erf(multiply(x, 0.5 ** 0.5)))


def silu(x):
    """x · σ(x), also called swish."""
    return multiply(x, sigmoid(x))


@composition
def clip(x, low, high):
    """x, but no smaller than low and no larger than high; at a bound the derivative is 1/2."""
    if low is None or high is None:
        raise TypeError("clip: a bound is None; for a single one use maximum(x, low) or "
                        "minimum(x, high)")
    clipped = minimum(maximum(x, low), high)
    if not shape(low) and not shape(high) and plain(low) > plain(high):
        raise ValueError(f"clip: low={low!r} is above high={high!r}; exchange them")
    return clipped


# -- reductions -----------------------------------------------------------------------------------


def sum(x, *others, **settings):
    """The sum over one axis, several, or all. settings: axis and keepdims.

    Of a list of Values or arrays: the first plus the next ..., elementwise, in a single step.
    """
    if hasattr(x, "__next__"):
        x = list(x)
    if not holds_operands(x):
        return ops.sum(x, *others, **settings)  # which refuses others
    if others:
        raise TypeError("sum: a list of Values and a start, as Python's own sum takes them; write "
                        "sum(values) + start")
    if settings:
        raise TypeError(f"sum: {', '.join(settings)} of a list of Values; it has no axes, so make "
                        "one Value of it with stack")
    return ops.total(*x)


def holds_operands(x):
    """Is x a list of Values or arrays, and not of numbers?"""
    return isinstance(x, (list, tuple)) and any(hasattr(part, "shape") for part in x)


@composition
def mean(x, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False):
    """The mean over one axis, several, or all: a sum divided by a count."""
    count = math.prod(shape(x)[a] for a in normal_axes("mean", shape(x), axis))
    return divide(sum(x, axis=axis, keepdims=keepdims), float(count))


@composition
def var(x, *, axis: int | tuple[int, ...] | None = None, correction: float = 0,
        keepdims: bool = False):
    """The mean squared distance from the mean; the sum is divided by count - correction.

    Without anything left to divide by it is inf or nan.
    """
    count = math.prod(shape(x)[a] for a in normal_axes("var", shape(x), axis))
    distances = subtract(x, mean(x, axis=axis, keepdims=True))
    return divide(sum(square(distances), axis=axis, keepdims=keepdims),
                  max(float(count) - correction, 0.0))


@composition
def std(x, *, axis: int | tuple[int, ...] | None = None, correction: float = 0,
        keepdims: bool = False):
    """The square root of the variance; where that is 0, its derivative is not a number."""
    return sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))


@composition
def prod(x, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False):
    """The product over one axis, several, or all.

    Halves are multiplied until one entry is left, so a 0 among the factors needs no division.
    """
    axes = normal_axes("prod", shape(x), axis)
    others = [a for a in range(len(shape(x))) if a not in axes]
    result = reshape(permute_dims(x, axes=(*others, *axes)),
                     shape=(*(shape(x)[a] for a in others), math.prod(shape(x)[a] for a in axes)))
    if shape(result)[-1] == 0:
        result = sum(result, axis=-1, keepdims=True) + 1.0  # the product of nothing
    while shape(result)[-1] > 1:
        half, odd = divmod(shape(result)[-1], 2)
        product = result[..., :half] * result[..., half:2 * half]
        result = concat([product, result[..., -1:]], axis=-1) if odd else product
    return reshape(result, shape=kept(x, axis) if keepdims else shape(result)[:-1])


# -- shape ----------------------------------------------------------------------------------------


@composition
def transpose(x, *, axes: tuple[int, ...] | None = None):
    """The axes in another order; in reverse if none is given."""
    return permute_dims(x, axes=tuple(reversed(range(len(shape(x))))) if axes is None else axes)


def swapaxes(x, axis1: int, axis2: int):
    """Two axes exchanged."""
    axes = list(range(len(shape(x))))
    first, second = (one_axis("swapaxes", shape(x), axis) for axis in (axis1, axis2))
    axes[first], axes[second] = second, first
    return permute_dims(x, axes=tuple(axes))


def flatten(x):
    """All entries in one row."""
    return reshape(x, shape=(-1,))


@composition
def squeeze(x, *, axis: int | tuple[int, ...] | None = None):
    """x without the given axes of length 1; without all of them if none is given."""
    ones = [a for a, length in enumerate(shape(x)) if length == 1]
    axes = ones if axis is None else normal_axes("squeeze", shape(x), axis)
    if not set(axes) <= set(ones):
        raise ValueError(f"squeeze: axis {axis} of shape {shape(x)} must be of length 1")
    return reshape(x, shape=tuple(n for a, n in enumerate(shape(x)) if a not in axes))


@composition
def flip(x, *, axis: int | tuple[int, ...] | None = None):
    """The entries in reverse order along one axis, several, or all."""
    return ops.flip(x, axis=axis)


@composition
def expand_dims(x, *, axis: int):
    """x with a new axis of length 1 at the given place of the result."""
    lengths = list(shape(x))
    lengths.insert(one_axis("expand_dims to one more axis", (*shape(x), 1), axis), 1)
    return reshape(x, shape=tuple(lengths))


@composition
def concat(arrays: Iterable, *, axis: int = 0):
    """Arrays one after the other along an axis."""
    xs = members("concat", arrays)
    if not shape(xs[0]):
        raise ValueError(f"concat: {xs[0]!r} is a single number and has no axis; use stack")
    return ops.concat(*xs, axis=one_axis("concat", shape(xs[0]), axis))


@composition
def stack(arrays: Iterable, *, axis: int = 0):
    """Arrays, or numbers, of one shape beside each other along a new axis; or lists of these."""
    xs = list(map(stacked, members("stack", arrays)))
    if len({shape(x) for x in xs}) > 1:
        raise ValueError(f"stack: shapes {' and '.join(str(shape(x)) for x in xs)} must be equal")
    xs = of_one_kind(xs)
    others = [x for x in map(plain, xs) if hasattr(x, "dtype")]
    if others:  # then a float is a number of their library, too
        xs = [ops.as_number_like(others[0], x) if type(plain(x)) is float else x for x in xs]
    return concat([expand_dims(x, axis=axis) for x in xs], axis=axis)


def of_one_kind(xs) -> list:
    """The operands, with lists as arrays of the kind that they meet."""
    return [x if isinstance(x, Node) else constant(x, xs) for x in xs]


def members(name, xs) -> list:
    """What stands in a list of arrays, which must not be empty."""
    if not hasattr(xs, "__iter__"):
        raise TypeError(f"{name}: {xs!r:.40} is no list; give a list of arrays")
    xs = list(xs)
    if not xs:
        raise ValueError(f"{name}: an empty list; give at least one array")
    return xs


def stacked(x):
    """Lists that hold Values as one Value, as micrograd's scripts have them; others as they are."""
    if isinstance(x, (list, tuple)) and any(isinstance(part, (Node, list, tuple)) for part in x):
        parts = list(map(stacked, x))
        if any(isinstance(part, Node) for part in parts):
            return stack(parts)
    return x


@composition
def split(x, sections: int | Sequence[int], *, axis: int = 0) -> list:
    """A list of equal parts along an axis, or, for a list of places, of the parts between them."""
    axis = one_axis("split", shape(x), axis)
    length = shape(x)[axis]
    if isinstance(sections, (list, tuple, range)):
        sections = [whole("split", place) for place in sections]
        if sections != sorted(sections) or sections and sections[-1] > length:
            raise ValueError(f"split: the places {sections} must rise, up to the length {length} "
                             f"of axis {axis}")
    else:
        if whole("split", sections) < 1 or length % sections:
            raise ValueError(f"split: {length} entries along axis {axis} do not make {sections} "
                             "equal parts; give a list of places instead")
        sections = [length // sections * part for part in range(1, sections)]
    return [getitem(x, index=along(axis, slice(start, stop)))
            for start, stop in zip([0, *sections], [*sections, length])]


@composition
def take(x, indices, *, axis: int):
    """The entries at a list of places along an axis; a place named twice comes twice."""
    if indices is None or indices is ... or isinstance(indices, (bool, slice)):
        raise TypeError(f"take: {indices!r} is no place; give an int or a list of ints")
    return getitem(x, index=along(one_axis("take", shape(x), axis), unshared(indices)))


@composition
def take_along_axis(x, indices, *, axis: int = -1):
    """Along an axis, the entry that `indices` names for each place of the other axes.

    indices: ints in the shape of x, but of any length along the axis; e.g. from argmax with
    keepdims.
    """
    axis = one_axis("take_along_axis", shape(x), axis)
    xp, ndim = namespace(plain(x)), len(shape(x))
    given = shape(indices) or shape(as_data(indices))
    if len(given) != ndim:
        raise ValueError(f"take_along_axis: indices of shape {given} must have as many axes as "
                         f"shape {shape(x)}")
    index = [xp.reshape(xp.arange(length), (1,) * a + (-1,) + (1,) * (ndim - a - 1))
             for a, length in enumerate(shape(x))]
    index[axis] = unshared(indices)
    return getitem(x, index=tuple(index))


@composition
def roll(x, shift: int, *, axis: int):
    """Every entry moved `shift` places along an axis; what leaves at the end comes in in front."""
    axis, shift = one_axis("roll", shape(x), axis), whole("roll", shift, least=None)
    length = shape(x)[axis]
    return take(x, [(place - shift) % length for place in range(length)], axis=axis)


@composition
def repeat(x, repeats: int, *, axis: int):
    """Every entry along an axis `repeats` times in a row."""
    axis, times = one_axis("repeat", shape(x), axis), range(whole("repeat", repeats))
    return take(x, [place for place in range(shape(x)[axis]) for _ in times], axis=axis)


@composition
def tile(x, repetitions: int | tuple[int, ...]):
    """x as a whole beside itself; a number of repetitions for each axis, new ones in front."""
    repetitions = repetitions if isinstance(repetitions, (tuple, list)) else (repetitions,)
    repetitions = [whole("tile", times) for times in repetitions]
    repetitions = [1] * (len(shape(x)) - len(repetitions)) + repetitions
    x = reshape(x, shape=(1,) * (len(repetitions) - len(shape(x))) + shape(x))
    for axis, times in enumerate(repetitions):
        x = take(x, list(range(shape(x)[axis])) * times, axis=axis) if times != 1 else x
    return x


def whole(name, number, least=0):
    """The number as an int, once it is one, no smaller than `least`."""
    if isinstance(number, bool) or not hasattr(number, "__index__") or shape(number):
        raise TypeError(f"{name}: {number!r} is not a whole number; give an int")
    if least is not None and number < least:
        raise ValueError(f"{name}: {number} is too small; give a whole number from {least} up")
    return index(number)


# -- linear algebra -------------------------------------------------------------------------------


def vecdot(x, y):
    """Σᵢ xᵢ · yᵢ along the last axis.

    Of a list of Values or arrays and another list: x₁ · y₁ + x₂ · y₂ ..., elementwise, in a single
    step.
    """
    if not (holds_operands(x) or holds_operands(y)):
        return sum(multiply(x, y), axis=-1)
    lengths = [len(z) if isinstance(z, (list, tuple)) or len(shape(z)) == 1 else None
               for z in (x, y)]
    if None in lengths or lengths[0] != lengths[1]:
        given = " and ".join("no list" if n is None else f"a list of {n}" for n in lengths)
        raise ValueError(f"vecdot: {given}; a list of Values must go with a list as long")
    return ops.vecdot(*x, *y)


def outer(x, y):
    """Every product of an entry of x and one of y. x: (n,), y: (m,) → (n, m)."""
    if len(shape(x)) != 1 or len(shape(y)) != 1:
        raise ValueError(f"outer: shapes {shape(x)} and {shape(y)} must be of one axis each; "
                         "flatten them first")
    x, y = of_one_kind((x, y))
    return multiply(reshape(x, shape=(-1, 1)), y)


def trace(x):
    """The sum of the diagonal of a matrix."""
    diagonal = list(range(min(rows_and_columns("trace", x))))
    return sum(getitem(x, index=(..., diagonal, diagonal)), axis=-1)


@composition
def tril(x, *, k: int = 0):
    """The lower triangle of a matrix, 0 elsewhere; k moves the diagonal up."""
    return where(_triangle("tril", x, whole("tril", k, least=None)), x, 0.0)


@composition
def triu(x, *, k: int = 0):
    """The upper triangle of a matrix, 0 elsewhere; k moves the diagonal up."""
    return where(_triangle("triu", x, whole("triu", k, least=None) - 1), 0.0, x)


def _triangle(name, x, k):
    """The mask of a matrix's lower triangle, in the kind of x."""
    rows, columns = rows_and_columns(name, x)
    xp = namespace(plain(x))
    return xp.reshape(xp.arange(columns), (1, -1)) <= xp.reshape(xp.arange(rows), (-1, 1)) + k


def rows_and_columns(name, x):
    """The lengths of the last two axes; ValueError if there are fewer."""
    if len(shape(x)) < 2:
        raise ValueError(f"{name}: shape {shape(x)} is no matrix; give two axes at least")
    return shape(x)[-2:]


@composition
def tensordot(x, y, *, axes: int | Sequence[Sequence[int]] = 2):
    """Sum of products over the last `axes` axes of x and the first of y, or over two lists."""
    if not isinstance(axes, (tuple, list)):
        count = whole("tensordot", axes)
        if count > min(len(shape(x)), len(shape(y))):
            raise ValueError(f"tensordot: axes={axes} of shapes {shape(x)} and {shape(y)}; give no "
                             "more than the axes of either")
        axes = range(len(shape(x)) - count, len(shape(x))), range(count)
    if len(axes) != 2:
        raise ValueError(f"tensordot: axes={axes} must be a count, or one list for each operand")
    xs, ys = (normal_axes("tensordot", shape(operand), list(listed) if isinstance(listed, range)
                          else listed) for operand, listed in zip((x, y), axes))
    if [shape(x)[a] for a in xs] != [shape(y)[b] for b in ys]:
        raise ValueError(f"tensordot: axes {xs} of shape {shape(x)} and {ys} of {shape(y)} must be "
                         "as many and as long")
    letters = [chr(ord("a") + i) for i in range(len(shape(x)) + len(shape(y)))]
    left, right = letters[:len(shape(x))], letters[len(shape(x)):]
    for a, b in zip(xs, ys):
        right[b] = left[a]
    out = [c for a, c in enumerate(left) if a not in xs] + \
        [c for b, c in enumerate(right) if b not in ys]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", x, y)


def einsum(subscripts: str, *operands):
    """Sum of products in Einstein's notation, of one operand or two: "ij,jk->ik", "ii->", "ij->ji".

    A letter for each axis; letters that are not in the result are summed over. Without "->" the
    result has the letters that occur once, in alphabetical order.
    """
    if not isinstance(subscripts, str):
        raise TypeError("einsum: the subscripts must be a string, not of type "
                        f"{type(subscripts).__name__}; give them first, e.g. "
                        'einsum("ij,jk->ik", x, y)')
    given, _, result = subscripts.replace(" ", "").partition("->")
    inputs = given.split(",")
    if "->" not in subscripts:
        result = "".join(sorted(c for c in set(given) - {","} if given.count(c) == 1))
    if len(inputs) != len(operands) or len(operands) not in (1, 2):
        raise ValueError(f"einsum: {subscripts!r} describes {len(inputs)} operands, given are "
                         f"{len(operands)}; it takes one or two")
    lengths = {}
    for letters, x in zip(inputs, operands):
        if len(letters) != len(shape(x)) or not all(map(str.isalpha, letters)):
            raise ValueError(f"einsum: {letters!r} of {subscripts!r} must be a letter for each "
                             f"axis of shape {shape(x)}")
        for letter, length in zip(letters, shape(x)):
            if lengths.setdefault(letter, length) != length:
                raise ValueError(f"einsum: {letter!r} of {subscripts!r} is {lengths[letter]} long "
                                 f"and {length} long, in shapes "
                                 f"{' and '.join(str(shape(x)) for x in operands)}; the two must "
                                 "be equal")
    if not set(result) <= set(lengths) or len(set(result)) < len(result):
        raise ValueError(f"einsum: {result!r} of {subscripts!r} must name letters of the operands, "
                         "each once")
    needed = [set(result).union(*inputs[:i], *inputs[i + 1:]) for i in range(len(inputs))]
    terms = [_only(x, letters, wanted)
             for x, letters, wanted in zip(of_one_kind(operands), inputs, needed)]
    if len(terms) == 1:
        (x, letters), = terms
    else:
        (x, left), (y, right) = terms
        both = [c for c in left if c in right]
        batch, summed = [c for c in both if c in result], [c for c in both if c not in result]
        rows, columns = [c for c in left if c not in both], [c for c in right if c not in both]
        x = _grouped(x, left, (batch, rows, summed), lengths)
        y = _grouped(y, right, (batch, summed, columns), lengths)
        letters = [*batch, *rows, *columns]
        x = reshape(matmul(x, y), shape=tuple(lengths[c] for c in letters))
    return permute_dims(x, axes=tuple(letters.index(c) for c in result))


def _only(x, letters, wanted):
    """x with a letter that stands twice taken as a diagonal, and unwanted ones summed over."""
    letters = list(letters)
    for letter in dict.fromkeys(letters):
        while letters.count(letter) > 1:
            a = letters.index(letter)
            b = letters.index(letter, a + 1)
            x = permute_dims(x, axes=(a, b, *(i for i in range(len(letters)) if i not in (a, b))))
            diagonal = list(range(shape(x)[0]))
            x = getitem(x, index=(diagonal, diagonal))
            letters = [letter, *(c for i, c in enumerate(letters) if i not in (a, b))]
    unwanted = tuple(i for i, c in enumerate(letters) if c not in wanted)
    return (sum(x, axis=unwanted) if unwanted else x), [c for c in letters if c in wanted]


def _grouped(x, letters, groups, lengths):
    """x with its axes in the order of three groups of letters, each group made one axis."""
    x = permute_dims(x, axes=tuple(letters.index(c) for group in groups for c in group))
    return reshape(x, shape=tuple(math.prod(lengths[c] for c in group) for group in groups))
