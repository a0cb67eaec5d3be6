"""Operations composed of those in `ops.py`. No derivative is written here: the walk finds it."""
from __future__ import annotations

import math

from .graph import plain
from .namespace import namespace, shape
from .ops import (
    along, axes_of, concat, divide, erf, exp, getitem, kept, logsumexp, matmul, maximum, minimum,
    multiply, permute_dims, reshape, sigmoid, sqrt, sum, where)

# -- elementwise ---------------------------------------------------------------------------------


def square(x):
    """x · x."""
    return multiply(x, x)


def gelu(x):
    """x · Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016)."""
    return x * (0.5 + 0.5 * erf(x * 0.5 ** 0.5))


def silu(x):
    """x · σ(x), also called swish."""
    return x * sigmoid(x)


def clip(x, low, high):
    """x, but no smaller than low and no larger than high; at a bound the derivative is 1/2."""
    return minimum(maximum(x, low), high)


# -- reductions -----------------------------------------------------------------------------------


def mean(x, *, axis=None, keepdims=False):
    """The mean over one axis, several, or all: a sum divided by a count."""
    count = math.prod(shape(x)[a] for a in axes_of(x, axis))
    return divide(sum(x, axis=axis, keepdims=keepdims), float(count))


def var(x, *, axis=None, correction=0, keepdims=False):
    """The mean squared distance from the mean; the sum is divided by count - correction."""
    count = math.prod(shape(x)[a] for a in axes_of(x, axis))
    distances = x - mean(x, axis=axis, keepdims=True)
    return divide(sum(square(distances), axis=axis, keepdims=keepdims), float(count - correction))


def std(x, *, axis=None, correction=0, keepdims=False):
    """The square root of the variance; where that is 0, its derivative is not a number."""
    return sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))


def prod(x, *, axis=None, keepdims=False):
    """The product over one axis, several, or all.

    Halves are multiplied until one entry is left, so a 0 among the factors needs no division.
    """
    axes = axes_of(x, axis)
    others = [a for a in range(len(shape(x))) if a not in axes]
    result = reshape(permute_dims(x, axes=(*others, *axes)),
                     shape=(*(shape(x)[a] for a in others), math.prod(shape(x)[a] for a in axes)))
    if shape(result)[-1] == 0:
        result = concat([result, namespace(plain(x)).ones_like(plain(x))], axis=-1)
    while shape(result)[-1] > 1:
        half, odd = divmod(shape(result)[-1], 2)
        product = result[..., :half] * result[..., half:2 * half]
        result = concat([product, result[..., -1:]], axis=-1) if odd else product
    return reshape(result, shape=kept(x, axis) if keepdims else shape(result)[:-1])


def log_softmax(x, *, axis=-1):
    """log softmax(x) = x - logsumexp(x), which never takes the logarithm of a rounded 0."""
    return x - logsumexp(x, axis=axis, keepdims=True)


def softmax(x, *, axis=-1):
    """eˣ / Σ eˣ along an axis: positive, and summing to 1."""
    return exp(log_softmax(x, axis=axis))


# -- shape ----------------------------------------------------------------------------------------


def transpose(x, *, axes=None):
    """The axes in another order; in reverse if none is given."""
    return permute_dims(x, axes=tuple(reversed(range(len(shape(x))))) if axes is None else axes)


def swapaxes(x, axis1, axis2):
    """Two axes exchanged."""
    axes = list(range(len(shape(x))))
    (first, second) = (axes_of(x, axis)[0] for axis in (axis1, axis2))
    axes[first], axes[second] = second, first
    return permute_dims(x, axes=tuple(axes))


def flatten(x):
    """All entries in one row."""
    return reshape(x, shape=(-1,))


def squeeze(x, *, axis=None):
    """x without the given axes of length 1; without all of them if none is given."""
    ones = [a for a, length in enumerate(shape(x)) if length == 1]
    axes = ones if axis is None else axes_of(x, axis)
    if not set(axes) <= set(ones):
        raise ValueError(f"squeeze: axis {axis} of shape {shape(x)} is longer than 1")
    return reshape(x, shape=tuple(n for a, n in enumerate(shape(x)) if a not in axes))


def expand_dims(x, *, axis):
    """x with a new axis of length 1 at the given place of the result."""
    ndim = len(shape(x)) + 1
    if not -ndim <= axis < ndim:
        raise ValueError(f"expand_dims: axis {axis} is out of range for a result of {ndim} axes")
    lengths = list(shape(x))
    lengths.insert(axis % ndim, 1)
    return reshape(x, shape=tuple(lengths))


def stack(xs, *, axis=0):
    """Arrays, or numbers, of one shape beside each other along a new axis."""
    return concat([expand_dims(x, axis=axis) for x in xs], axis=axis)


def split(x, sections, *, axis=0):
    """A list of equal parts along an axis, or, for a list of places, of the parts between them."""
    (axis,) = axes_of(x, axis)
    length = shape(x)[axis]
    if isinstance(sections, int):
        if sections < 1 or length % sections:
            raise ValueError(f"split: {length} entries along axis {axis} do not make {sections} "
                             "equal parts; give a list of places instead")
        sections = range(length // sections, length, length // sections)
    return [getitem(x, index=along(axis, slice(start, stop)))
            for start, stop in zip([0, *sections], [*sections, length])]


def take(x, indices, *, axis):
    """The entries at a list of places along an axis; a place named twice comes twice."""
    (axis,) = axes_of(x, axis)
    return getitem(x, index=along(axis, indices))


def take_along_axis(x, indices, *, axis=-1):
    """Along an axis, the entry that `indices` names for each place of the other axes.

    indices: ints in the shape of x, but of any length along the axis; e.g. from argmax with
    keepdims.
    """
    (axis,) = axes_of(x, axis)
    xp, ndim = namespace(plain(x)), len(shape(x))
    index = [xp.reshape(xp.arange(length), (1,) * a + (-1,) + (1,) * (ndim - a - 1))
             for a, length in enumerate(shape(x))]
    index[axis] = indices
    return getitem(x, index=tuple(index))


def roll(x, shift, *, axis):
    """Every entry moved `shift` places along an axis; what leaves at the end comes in in front."""
    (axis,) = axes_of(x, axis)
    length = shape(x)[axis]
    return take(x, [(place - shift) % length for place in range(length)], axis=axis)


def repeat(x, repeats, *, axis):
    """Every entry along an axis `repeats` times in a row."""
    (axis,) = axes_of(x, axis)
    return take(x, [place for place in range(shape(x)[axis]) for _ in range(repeats)], axis=axis)


def tile(x, repetitions):
    """x as a whole beside itself; a number of repetitions for each axis, new ones in front."""
    repetitions = (1,) * (len(shape(x)) - len(repetitions)) + tuple(repetitions)
    x = reshape(x, shape=(1,) * (len(repetitions) - len(shape(x))) + shape(x))
    for axis, times in enumerate(repetitions):
        x = take(x, list(range(shape(x)[axis])) * times, axis=axis) if times != 1 else x
    return x


# -- linear algebra -------------------------------------------------------------------------------


def outer(x, y):
    """Every product of an entry of x and one of y. x: (n,), y: (m,) → (n, m)."""
    return reshape(x, shape=(-1, 1)) * reshape(y, shape=(1, -1))


def trace(x):
    """The sum of the diagonal of a matrix."""
    diagonal = list(range(min(shape(x)[-2:])))
    return sum(getitem(x, index=(..., diagonal, diagonal)), axis=-1)


def tril(x, *, k=0):
    """The lower triangle of a matrix, 0 elsewhere; k moves the diagonal up."""
    return where(_triangle(x, k), x, 0.0)


def triu(x, *, k=0):
    """The upper triangle of a matrix, 0 elsewhere; k moves the diagonal up."""
    return where(_triangle(x, k - 1), 0.0, x)


def _triangle(x, k):
    """The mask of a matrix's lower triangle, in the kind of x."""
    rows, columns = shape(x)[-2:]
    xp = namespace(plain(x))
    return xp.reshape(xp.arange(columns), (1, -1)) <= xp.reshape(xp.arange(rows), (-1, 1)) + k


def tensordot(x, y, *, axes=2):
    """Sum of products over the last `axes` axes of x and the first of y, or over two lists."""
    if isinstance(axes, int):
        axes = range(len(shape(x)) - axes, len(shape(x))), range(axes)
    xs, ys = (axes_of(operand, list(listed)) for operand, listed in zip((x, y), axes))
    letters = [chr(ord("a") + i) for i in range(len(shape(x)) + len(shape(y)))]
    left, right = letters[:len(shape(x))], letters[len(shape(x)):]
    for a, b in zip(xs, ys):
        right[b] = left[a]
    out = [c for a, c in enumerate(left) if a not in xs] + \
        [c for b, c in enumerate(right) if b not in ys]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", x, y)


def einsum(subscripts, *operands):
    """Sum of products in Einstein's notation, of one operand or two: "ij,jk->ik", "ii->", "ij->ji".

    A letter for each axis; letters that are not in the result are summed over. Without "->" the
    result has the letters that occur once, in alphabetical order.
    """
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
                                 f"{' and '.join(str(shape(x)) for x in operands)}")
    if not set(result) <= set(lengths) or len(set(result)) < len(result):
        raise ValueError(f"einsum: {result!r} of {subscripts!r} must name letters of the operands, "
                         "each once")
    needed = [set(result).union(*inputs[:i], *inputs[i + 1:]) for i in range(len(inputs))]
    terms = [_only(x, letters, wanted) for x, letters, wanted in zip(operands, inputs, needed)]
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
