"""The table of derivatives: every primitive operation, with one rule towards each operand.

A rule is given g, the gradient towards out, then out and the operands, and returns the gradient
towards its own operand. Rules use operators and the operations of this page only, so that one
rule serves floats, arrays and Values (derivatives of derivatives). Two things a rule need not do:
broadcasting is undone by the walk in `backward.py`, and a rule whose operand needs no gradient is
never run. (Where there may be any number of operands, one rule, `each`, gives all gradients.)
"""
from __future__ import annotations

import builtins
import math
import operator
from functools import reduce
from itertools import accumulate

from . import floats, namespace as arrays
from .graph import primitive
from .namespace import namespace, shape

LOG_2, TWO_BY_ROOT_PI = math.log(2), 2 / math.sqrt(math.pi)


# -- arithmetic ----------------------------------------------------------------------------------

@primitive(lambda g, out, x, y: g,
           lambda g, out, x, y: g)
def add(x, y):
    """x + y."""
    return x + y


@primitive(lambda g, out, x, y: g,
           lambda g, out, x, y: -g)
def subtract(x, y):
    """x - y."""
    return x - y


@primitive(lambda g, out, x, y: g * y,
           lambda g, out, x, y: g * x)
def multiply(x, y):
    """x · y, elementwise."""
    return x * y


@primitive(lambda g, out, x, y: divide(g, y),
           lambda g, out, x, y: -divide(g * out, y))
def divide(x, y):
    """x / y; 1/0 is inf and 0/0 is nan."""
    return namespace(x, y).divide(x, y)


@primitive(lambda g, out, x: g)
def positive(x):
    """x itself, as a step of its own."""
    return x


@primitive(lambda g, out, x: -g)
def negative(x):
    """-x."""
    return -x


# At x = 0 the formulas would meet 0 · 1/0 (towards x, if y = 0) and 0 · log 0 (towards y, if
# y ≥ 0); the slopes there are 0. So a mask adds 1 to x at these places. A plain number that is not
# 0 needs none: x² is faster without, and with it a plain x beside a float32 y would be a float64.
@primitive(lambda g, out, x, y: g * (y * pow(x if type(y) is float and y
                                             else x + equal(x, 0) * equal(y, 0), y - 1)),
           lambda g, out, x, y: g * (out * log(x if type(x) is float and x
                                               else x + equal(x, 0) * equal(y, abs(y)))))
def pow(x, y):
    """x to the power y; a negative x to a fractional power is nan."""
    return namespace(x, y).pow(x, y)


# -- elementwise ---------------------------------------------------------------------------------

def elementwise(name, rule, meaning):
    """The operation on one operand that every kind of array has under this name."""
    on_float = getattr(floats, name)  # most often it is one: look no further

    def forward(x):
        return on_float(x) if type(x) is float else getattr(namespace(x), name)(x)
    forward.__name__ = forward.__qualname__ = name
    forward.__doc__ = meaning
    return primitive(rule)(forward)


exp = elementwise("exp", lambda g, out, x: g * out, "e to the power x.")
expm1 = elementwise("expm1", lambda g, out, x: g * (out + 1), "eˣ - 1, precise near 0.")
log = elementwise("log", lambda g, out, x: divide(g, x),
                  "Natural logarithm; log(0) is -inf and log(-1) is nan.")
log1p = elementwise("log1p", lambda g, out, x: divide(g, 1 + x), "log(1 + x), precise near 0.")
log2 = elementwise("log2", lambda g, out, x: divide(g, x * LOG_2), "Logarithm to the base 2.")
sqrt = elementwise("sqrt", lambda g, out, x: divide(g, 2 * out), "Square root.")
sin = elementwise("sin", lambda g, out, x: g * cos(x), "Sine.")
cos = elementwise("cos", lambda g, out, x: -g * sin(x), "Cosine.")
tan = elementwise("tan", lambda g, out, x: g * (1 + out * out), "Tangent; tan' = 1 + tan².")
asin = elementwise("asin", lambda g, out, x: divide(g, sqrt(1 - x * x)),
                   "Inverse of sine, for x in [-1, 1].")
acos = elementwise("acos", lambda g, out, x: -divide(g, sqrt(1 - x * x)),
                   "Inverse of cosine, for x in [-1, 1].")
atan = elementwise("atan", lambda g, out, x: divide(g, 1 + x * x), "Inverse of tangent.")
sinh = elementwise("sinh", lambda g, out, x: g * cosh(x), "Hyperbolic sine.")
cosh = elementwise("cosh", lambda g, out, x: g * sinh(x), "Hyperbolic cosine.")
tanh = elementwise("tanh", lambda g, out, x: g * (1 - out * out),
                   "Hyperbolic tangent; tanh' = 1 - tanh².")


@primitive(lambda g, out, x: g * sign(x))
def abs(x):
    """|x|; the derivative at 0 is 0."""
    return builtins.abs(x)


@primitive(lambda g, out, x: g * (TWO_BY_ROOT_PI * exp(-(x * x))))
def erf(x):
    """The error function, (2/√π) ∫₀ˣ e^(-t²) dt."""
    return arrays.erf(x)


@primitive(lambda g, out, x: g * (out * (1 - out)))
def sigmoid(x):
    """1 / (1 + e⁻ˣ), computed so that no exponential overflows; σ' = σ(1 - σ)."""
    xp = namespace(x)
    small = xp.exp(-builtins.abs(x))
    return xp.where(x < 0, small, 1.0) / (1.0 + small)


@primitive(lambda g, out, x: g * sigmoid(x))
def softplus(x):
    """log(1 + eˣ), a smooth relu; computed so that no exponential overflows."""
    xp = namespace(x)
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-builtins.abs(x)))


@primitive(lambda g, out, x: g * sign(out))
def relu(x):
    """max(x, 0); the derivative at 0 is 0, and that of nan is nan."""
    return namespace(x).maximum(x, 0.0)


@primitive(lambda g, out, x, *, slope=0.01: g * (slope + (1 - slope) * step(x)))
def leaky_relu(x, *, slope=0.01):
    """x above 0 and slope · x below; the derivative at 0 is the slope."""
    xp = namespace(x)
    return xp.where(x > 0, x, slope * x)


@primitive(lambda g, out, x, *, alpha=1.0:
           g * where(greater(x, 0.0), 1.0, alpha * exp(where(greater(x, 0.0), 0.0, x))))
def elu(x, *, alpha=1.0):
    """x above 0 and alpha · (eˣ - 1) below (Clevert, Unterthiner and Hochreiter 2016)."""
    xp = namespace(x)
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0.0)))


@primitive(lambda g, out, x, y: g * (0.5 + 0.5 * compare(x, y)),
           lambda g, out, x, y: g * (0.5 - 0.5 * compare(x, y)))
def maximum(x, y):
    """The larger of two, elementwise; equal ones share the gradient."""
    return namespace(x, y).maximum(x, y)


@primitive(lambda g, out, x, y: g * (0.5 - 0.5 * compare(x, y)),
           lambda g, out, x, y: g * (0.5 + 0.5 * compare(x, y)))
def minimum(x, y):
    """The smaller of two, elementwise; equal ones share the gradient."""
    return namespace(x, y).minimum(x, y)


@primitive(None,
           lambda g, out, condition, x, y: where(condition, g, 0.0),
           lambda g, out, condition, x, y: where(condition, 0.0, g))
def where(condition, x, y):
    """x where the condition holds, else y."""
    return namespace(condition, x, y).where(condition, x, y)


# Step functions have no derivative worth the name; these return plain data, never Values.

@primitive(None)
def sign(x):
    """-1, 0 or 1 as x is negative, zero or positive; nan for nan."""
    return namespace(x).sign(x)


@primitive(None)
def step(x):
    """1 above 0, and 0 below and at it; nan for nan."""
    xp = namespace(x)
    return xp.maximum(xp.sign(arrays.unmasked(x)), 0.0)  # NumPy knows no sign of a mask


@primitive(None, None)
def equal(x, y):
    """The mask of x = y. (`==` between Values is identity, so that they can be keys.)"""
    return namespace(x, y).equal(x, y)


@primitive(None, None)
def greater(x, y):
    """The mask of x > y."""
    return namespace(x, y).greater(x, y)


@primitive(None, None)
def compare(x, y):
    """-1, 0 or 1 as x is below, equal to or above y; nan if either is nan."""
    xp = namespace(x, y)
    left = x if type(x) is float else arrays.unmasked(x)  # NumPy subtracts no mask from a mask
    return xp.where(xp.equal(x, y), 0.0, xp.sign(left - y))


# -- reductions ----------------------------------------------------------------------------------

def axes_of(x, axis):
    """The axes that a reduction of x runs over, as numbers from 0 up; None means all."""
    return arrays.normal_axes("axis", shape(x), axis)


def kept(x, axis):
    """The shape of x with the reduced axes left in, as 1."""
    axes = axes_of(x, axis)
    return tuple(1 if a in axes else length for a, length in enumerate(shape(x)))


def spread(g, x, axis):
    """g, in the shape of a reduction of x, with the reduced axes put back, as 1.

    A single number of NumPy's has no axes, and yet it is reduced over axis 0 or -1.
    """
    return g if axis is None or not shape(x) else reshape(g, shape=kept(x, axis))


@primitive(lambda g, out, x, *, axis=None, **_:
           broadcast_to(spread(g, x, axis), shape=shape(x)))
def sum(x, *, axis=None, keepdims=False):
    """The sum over one axis, several, or all."""
    return namespace(x).sum(x, axis=axis, keepdims=keepdims)


@primitive(each=lambda g, out, *xs: [g] * len(xs))
def total(*xs):
    """x₁ + x₂ + ..., elementwise, in a single step."""
    return reduce(operator.add, xs)


def _towards_extreme(g, out, x, *, axis=None, **_):
    return spread(g, x, axis) * share(x, spread(out, x, axis), axis=axis)


@primitive(_towards_extreme)
def max(x, *, axis=None, keepdims=False):
    """The largest over one axis, several, or all; equal ones share the gradient."""
    return namespace(x).max(x, axis=axis, keepdims=keepdims)


@primitive(_towards_extreme)
def min(x, *, axis=None, keepdims=False):
    """The smallest over one axis, several, or all; equal ones share the gradient."""
    return namespace(x).min(x, axis=axis, keepdims=keepdims)


@primitive(None)
def argmax(x, *, axis=None, keepdims=False):
    """Where along the axis, or in the flattened whole, the first largest stands: plain ints."""
    return namespace(x).argmax(x, axis=axis, keepdims=keepdims)


@primitive(None)
def argmin(x, *, axis=None, keepdims=False):
    """Where along the axis, or in the flattened whole, the first smallest stands: plain ints."""
    return namespace(x).argmin(x, axis=axis, keepdims=keepdims)


@primitive(lambda g, out, x, *, axis:
           flip(cumulative_sum(flip(g, axis=axis), axis=axis), axis=axis))
def cumulative_sum(x, *, axis):
    """The sums up to each place along an axis."""
    return arrays.cumulative_sum(x, axis)


@primitive(lambda g, out, x, *, axis=None, **_:
           spread(g, x, axis) * unit(x, spread(out, x, axis)))
def norm(x, *, axis=None, keepdims=False):
    """The Euclidean norm √Σx² over one axis, several, or all; the derivative at 0 is 0.

    At 0 there is no second derivative; do not ask for it there.
    """
    xp = namespace(x)
    return xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims))


def unit(x, length):
    """x / length, and 0 where the length is 0."""
    return divide(x, length + equal(length, 0.0))


@primitive(None, None)
def share(x, extreme, *, axis):
    """What part each entry has in the extreme: 1 for the only one that equals it, 1/2 for two."""
    xp = namespace(x)
    hits = xp.where(xp.equal(x, extreme), xp.ones_like(x), 0.0)
    return xp.divide(hits, xp.sum(hits, axis=axis, keepdims=True))


@primitive(lambda g, out, x, *, axis=None, **_:
           spread(g, x, axis) * exp(x - spread(out, x, axis)))
def logsumexp(x, *, axis=None, keepdims=False):
    """log Σ eˣ over one axis, several, or all; a primitive so that no exponential overflows."""
    xp = namespace(x)
    largest = xp.max(x, axis=axis, keepdims=True)
    largest = xp.where(builtins.abs(largest) < float("inf"), largest, 0.0)  # no inf - inf
    total = xp.log(xp.sum(xp.exp(x - largest), axis=axis, keepdims=True)) + largest
    return total if keepdims else xp.squeeze(total, axis=axes_of(x, axis))


@primitive(lambda g, out, x, *, axis=-1: out * (g - sum(g * out, axis=axis, keepdims=True)))
def softmax(x, *, axis=-1):
    """eˣ / Σ eˣ along an axis: positive, and summing to 1; a primitive for speed."""
    return arrays.softmax(x, axis)


@primitive(lambda g, out, x, *, axis=-1: g - exp(out) * sum(g, axis=axis, keepdims=True))
def log_softmax(x, *, axis=-1):
    """log softmax(x), which never takes the logarithm of a rounded 0; a primitive for precision."""
    xp = namespace(x)
    below = x - xp.max(x, axis=axis, keepdims=True)
    return below - xp.log(xp.sum(xp.exp(below), axis=axis, keepdims=True))


@primitive(lambda g, out, x, *, labels:
           (softmax(x) - one_hot(x, labels=labels)) * (g / len(labels)))
def cross_entropy(x, *, labels):
    """Mean over the rows of -log softmax(x)[label], in nats, a number; a primitive for speed."""
    return arrays.cross_entropy(x, labels)


@primitive(None)
def one_hot(x, *, labels):
    """1 at the label of each row of x, and 0 elsewhere."""
    return arrays.one_hot(labels, x)


# -- shape ---------------------------------------------------------------------------------------

@primitive(lambda g, out, x, *, shape: reshape(g, shape=arrays.shape(x)))
def reshape(x, *, shape):
    """The same entries in another shape; one length may be -1."""
    return namespace(x).reshape(x, arrays.lengths("reshape", shape))


@primitive(lambda g, out, x, *, axes: permute_dims(g, axes=inverse(axes)))
def permute_dims(x, *, axes):
    """The axes in another order; axis i of the result is axis axes[i] of x."""
    axes = arrays.normal_axes("permute_dims", shape(x), arrays.lengths("permute_dims", axes))
    return namespace(x).permute_dims(x, axes)


def inverse(axes):
    """The order of axes that undoes the given one."""
    return tuple(sorted(range(len(axes)), key=lambda i: axes[i] % len(axes)))


def matrix_transpose(x):
    """The last two axes exchanged."""
    axes = range(len(shape(x)))
    return permute_dims(x, axes=(*axes[:-2], axes[-1], axes[-2]))


@primitive(lambda g, out, x, *, shape: g)
def broadcast_to(x, *, shape):
    """x repeated along axes of length 1 and along new axes in front."""
    return namespace(x).broadcast_to(x, arrays.lengths("broadcast_to", shape))


def along(axis, part):
    """The index that applies `part` to one axis, counted from 0, and takes all of the others."""
    return (slice(None),) * axis + (part,)


def flip(x, *, axis):
    """The entries in reverse order; see compositions.py. (The rule of cumulative_sum wants it.)"""
    axes = arrays.normal_axes("flip", shape(x), axis)
    return getitem(x, index=tuple(slice(None, None, -1) if a in axes else slice(None)
                                  for a in range(len(shape(x)))))


def _towards_parts(g, out, *xs, axis):
    ends = accumulate(shape(x)[axis] for x in xs)
    return [getitem(g, index=along(axis, slice(end - shape(x)[axis], end)))
            for x, end in zip(xs, ends)]


@primitive(each=_towards_parts)
def concat(*xs, axis):
    """The operands one after the other along an axis, counted from 0."""
    return namespace(*xs).concat(xs, axis=axis)


def as_number_like(data, x):
    """x, a float or the Value of one, as a number of the library and precision of the data."""
    xp = namespace(data)
    return reshape(multiply(x, xp.reshape(xp.ones_like(data), (1,))), shape=())


# -- linear algebra ------------------------------------------------------------------------------

@primitive(lambda g, out, x, y: _towards_left(g, x, y),
           lambda g, out, x, y: _towards_right(g, x, y))
def matmul(x, y):
    """Matrix product. x: (..., n, k), y: (..., k, m) → (..., n, m); a vector is a row of x, a
    column of y. d(x·y) = dx·y + x·dy, so towards x it is g·yᵀ and towards y it is xᵀ·g.
    """
    return product(x, y)


# Towards each x it is g · y, and towards each y it is g · x.
@primitive(each=lambda g, out, *xys:
           [g * other for other in xys[len(xys) // 2:] + xys[:len(xys) // 2]])
def vecdot(*xys):
    """Σ x · y, elementwise, of operands that are the xs and then as many ys."""
    half = len(xys) // 2
    return reduce(operator.add, map(operator.mul, xys[:half], xys[half:]))


@primitive(lambda g, out, x, weight, bias: _towards_left(g, x, weight),
           lambda g, out, x, weight, bias: _towards_right(g, x, weight),
           lambda g, out, x, weight, bias: g)
def linear(x, weight, bias):
    """x @ weight + bias, what a layer of neurons computes; one primitive for speed."""
    if arrays.is_layer(x, weight, bias):
        return namespace(x, weight, bias).linear(x, weight, bias)
    weighted = product(x, weight)
    out = weighted + bias
    if shape(out) != shape(weighted):
        raise ValueError(f"linear: a bias of shape {shape(bias)} does not fit x @ weight of shape "
                         f"{shape(weighted)}; give one number for each column of weight")
    return out


def product(x, y):
    """x @ y of plain data; where they do not fit, every kind of array says so in the same words."""
    try:
        return x @ y
    except (TypeError, ValueError):
        namespace(x, y)  # arrays of two libraries are refused first
        arrays.check_aligned(shape(x), shape(y))
        raise


def _as_matrices(g, x, y):
    """The three with the axis that a vector among x and y lacks put in."""
    if len(shape(y)) == 1:
        y, g = reshape(y, shape=(*shape(y), 1)), reshape(g, shape=(*shape(g), 1))
    if len(shape(x)) == 1:
        x, g = reshape(x, shape=(1, *shape(x))), reshape(g, shape=(*shape(g)[:-1], 1, shape(g)[-1]))
    return g, x, y


def _towards_left(g, x, y):
    if x.ndim == y.ndim == 2:
        return g @ y.T
    g, _, right = _as_matrices(g, x, y)
    return matmul(g, matrix_transpose(right))


def _towards_right(g, x, y):
    if x.ndim == y.ndim == 2:
        return x.T @ g
    g, left, _ = _as_matrices(g, x, y)
    dy = matmul(matrix_transpose(left), g)
    return dy if len(shape(y)) > 1 else reshape(dy, shape=shape(dy)[:-1])


# -- indexing ------------------------------------------------------------------------------------

@primitive(lambda g, out, x, *, index: scatter_add(g, x, index=index))
def getitem(x, *, index):
    """x[index]."""
    if type(x) is float:
        raise IndexError(f"getitem: the number {x!r} has no axes; give none but arrays an index")
    return x[arrays.as_index(index)]


@primitive(lambda g, out, x, like, *, index: getitem(g, index=index),
           None)
def scatter_add(x, like, *, index):
    """Zeros in the shape of `like` with x added at the index: where getitem came from."""
    return arrays.scatter_add(x, index, like)
