"""Array: an n-dimensional array in pure Python, and the functions of the array API on it.

An `Array` is a shape and one flat, row-major list; the last axis runs fastest. It is immutable,
so no gradient can be bent behind the graph's back. There is no 0-d Array: a single number is a
plain float, and every function here takes floats too. Names are those of the Python array API
standard, so that `namespace(x).tanh(x)` reads the same for an Array and for a NumPy array.
"""
from __future__ import annotations

import builtins
import math
import operator
import sys
from itertools import chain, repeat
from numbers import Real

from . import floats, kernels


class Array:
    """An immutable array of numbers: `Array(shape, flat)`, or `asarray([[1, 2], [3, 4]])`.

    `flat` holds the entries row by row: floats, or bools for a mask, or ints for positions.
    Raises ValueError unless they are as many as the shape says, TypeError unless all are numbers.
    Reductions and the like are methods too, `a.mean(axis=0)`: `value.py` lends it those of Value.

    >>> a = asarray([[1, 2], [3, 4]])
    >>> a * 10 + a.T
    Array([[11.0, 23.0], [32.0, 44.0]])
    >>> a[0], a[:, 1], a[[1, 0], [0, 0]]
    (Array([1.0, 2.0]), Array([2.0, 4.0]), Array([3.0, 1.0]))
    """

    __slots__ = ("shape", "flat")
    __hash__ = None
    __array_ufunc__ = None  # NumPy's arrays leave mixed operations to us, and we refuse clearly

    def __init__(self, shape: tuple[int, ...], flat: list):
        if type(shape) is not tuple or type(flat) is not list or not shape \
                or builtins.min(lengths("Array", shape)) < 0 or math.prod(shape) != len(flat):
            raise ValueError(f"Array: a shape {shape!r} over {_brief(flat)}; the shape must be a "
                             "tuple of lengths whose product is the length of the list")
        if set(map(type, flat)) not in ({float}, {bool}, {int}):
            flat = map(as_number, flat)
        self.shape, self.flat = shape, list(flat)

    def __array_namespace__(self, api_version: str | None = None):
        return sys.modules[__name__]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> type:
        """float, bool for a mask, or int for positions."""
        return type(self.flat[0]) if self.flat else float

    @property
    def T(self) -> Array:
        """The axes in reverse order."""
        if len(self.shape) == 2 and self.dtype is float:
            return Transposed(self)
        return permute_dims(self, tuple(reversed(range(self.ndim))))

    def tolist(self) -> list:
        """Nested lists of the entries."""
        return _nested(self.flat, self.shape)

    def item(self) -> float:
        """The only entry, as a plain number.

        Raises ValueError if there is not exactly one.
        """
        if self.size != 1:
            raise ValueError(f"item: an Array of shape {self.shape} holds {self.size} entries, "
                             "not one; index it first")
        return self.flat[0]

    def __float__(self):
        return float(self.item())

    def __bool__(self):
        if self.size != 1:
            raise ValueError(f"the truth value of an Array of shape {self.shape} is ambiguous; "
                             "use any(...) or all(...) over its .flat")
        return bool(self.flat[0])

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __contains__(self, number):
        return number in self.flat

    def __getitem__(self, index):
        places, shape = positions(self.shape, index)
        flat = self.flat
        return unchecked(shape, [flat[place] for place in places]) if shape else flat[places[0]]

    def __setitem__(self, index, number):
        raise TypeError("setitem: an Array is immutable; build a new one, e.g. "
                        "where(mask, new, old)")

    def __repr__(self):
        return f"Array({_text(self.flat, self.shape)})"

    def __matmul__(self, other):
        if isinstance(other, Array):
            return matmul(self, other)
        return matmul(self, asarray(other)) if isinstance(other, list) else NotImplemented

    def __pos__(self):
        return self

    def __neg__(self):
        return unchecked(self.shape, list(map(operator.neg, self.flat)))

    def __abs__(self):
        return unchecked(self.shape, list(map(builtins.abs, self.flat)))

    def __invert__(self):
        return unchecked(self.shape, list(map(operator.not_, self.flat)))


def unchecked(shape: tuple[int, ...], flat: list) -> Array:
    """An Array of a shape and a list that are known to fit."""
    made = object.__new__(Array)
    made.shape = shape
    made.flat = flat
    return made


class Deferred(Array):
    """An Array of floats whose flat list is not made before somebody asks for it.

    Four kinds are worth it, since what uses them next can do without the list: each spares a pass
    over all weights, or all images, in every step of training, or over many zeros.
    """

    __slots__ = ("_flat",)
    dtype = float

    @property
    def flat(self):
        try:
            return self._flat
        except AttributeError:
            self._flat = self._made()
            return self._flat

    def is_made(self) -> bool:
        """Did somebody ask for the flat list?"""
        return hasattr(self, "_flat")

    def __reduce__(self):
        return Array, (self.shape, self.flat)  # a copy is an Array like others


class Transposed(Deferred):
    """The transpose of a matrix; a product with it goes along the columns of the matrix instead."""

    __slots__ = ("T",)

    def __init__(self, matrix: Array):
        self.T = matrix
        self.shape = matrix.shape[::-1]

    def _made(self):
        return kernels.transpose(self.T.flat, *self.T.shape)


class TransposedProduct(Deferred):
    """xᵀ @ y, as the gradient of a weight is; `weight - lr * gradient` makes both in one pass.

    x: (n, k) and y: (n, m), as flat lists → (k, m)
    """

    __slots__ = ("factors",)

    def __init__(self, x: list, y: list, n: int, k: int, m: int):
        self.factors, self.shape = (x, y, n, k, m), (k, m)

    def _made(self):
        return kernels.transposed_matmul(*self.factors)


class Scaled(Deferred):
    """number · array; `x - lr * gradient` multiplies and subtracts in one pass instead."""

    __slots__ = ("number", "array")

    def __init__(self, number: float, array: Array):
        self.number, self.array, self.shape = number, array, array.shape

    def _made(self):
        return multiply(self.array, self.number).flat


class Scattered(Deferred):
    """An earlier sum, or zeros, with entries added at places, as the gradient of x[index] is.

    The gradients of all rows of a matrix, read one by one, then add up in the time of one pass over
    it, not of one a row.
    """

    __slots__ = ("places", "entries", "earlier", "waiting")

    def __init__(self, shape: tuple[int, ...], places: list, entries: list, earlier=None):
        self.shape, self.places, self.entries, self.earlier = shape, places, entries, earlier
        self.waiting = len(places) + getattr(earlier, "waiting", 0)
        if self.waiting > self.size:  # to wait longer saves no time, and takes memory
            self._flat = self._made()

    def _made(self):
        parts, x = [], self
        while isinstance(x, Scattered) and not x.is_made():
            parts.append((x.places, x.entries))
            x = x.earlier
        flat = [0.0] * self.size if x is None else [entry + 0.0 for entry in x.flat]  # no -0.0
        for places, entries in reversed(parts):
            for place, entry in zip(places, entries):
                flat[place] += entry
        self.places = self.entries = self.earlier = None
        self.waiting = 0
        return flat


def _nested(flat, shape):
    if len(shape) == 1:
        return list(flat)
    step = math.prod(shape[1:])
    return [_nested(flat[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


def _text(flat, shape):
    """Nested brackets at six digits; of an axis longer than six, the first and last three."""
    if not shape:
        return six_digits(flat[0]) if isinstance(flat[0], float) else repr(flat[0])
    step = math.prod(shape[1:])
    shown = range(shape[0]) if shape[0] <= 6 else (0, 1, 2, None, -3, -2, -1)
    parts = ["..." if i is None else _text(flat[i * step:(i + 1) * step or None], shape[1:])
             for i in shown]
    return f"[{', '.join(parts)}]"


def six_digits(number: float) -> str:
    """A float as Python writes it; at six digits, if it has more: 1.23457e+06, not 1234570.0."""
    text = f"{number:.6g}"
    if float(text) == number:
        return repr(number)
    return text if set("en.").intersection(text) else f"{text}.0"  # e+06, nan, inf, 0.5


# -- making arrays -------------------------------------------------------------------------------

def asarray(data) -> Array | float:
    """Nested sequences of numbers as an Array; a single number as a float.

    ints become floats; a sequence of bools stays a mask.
    Raises ValueError for ragged rows and TypeError for anything that is not a number.
    """
    if isinstance(data, Array):
        return unchecked(data.shape, [as_number(entry) for entry in data.flat]) \
            if data.dtype is int else data
    shape: tuple[int, ...] = ()
    entries = [data]
    while entries and isinstance(entries[0], (list, tuple, range, Array)):
        length = len(entries[0])
        for row in entries:
            if not isinstance(row, (list, tuple, range, Array)) or len(row) != length:
                raise ValueError(f"asarray: ragged rows: {_brief(entries[0])} beside {_brief(row)}"
                                 "; every row needs the same length")
        shape += (length,)
        entries = list(chain.from_iterable(entries))
    if shape and all(isinstance(entry, bool) for entry in entries):
        return unchecked(shape, entries)
    flat = [as_number(entry) for entry in entries]
    return unchecked(shape, flat) if shape else flat[0]


def as_number(entry) -> float:
    """A plain float, for anything that is a real number."""
    if type(entry) is float:
        return entry
    if type(entry) is not int and not isinstance(entry, Real):
        remedy = ("give .tolist() of it, or one array of its library for all"
                  if hasattr(entry, "tolist") else
                  "stack([...]) makes one Value of several, and .data is plain"
                  if hasattr(entry, "detach") else
                  "numbers, nested lists of numbers and arrays can be computed with")
        raise TypeError(f"asarray: {_brief(entry)} is not a number; {remedy}")
    try:
        return float(entry)
    except OverflowError:
        raise ValueError(f"asarray: {_brief(entry)} is beyond the range of floats; it must be "
                         "below about 1.8e308") from None


def _brief(thing) -> str:
    """The type of a thing and the start of its repr, for messages."""
    try:
        content = repr(thing)
    except ValueError:  # Python refuses to write out an int of thousands of digits
        content = "of too many digits"
    return f"{type(thing).__name__} {content if len(content) <= 40 else content[:37] + '...'}"


def full(shape: tuple[int, ...], number: float) -> Array | float:
    """An array with the same number everywhere."""
    return unchecked(tuple(shape), [number] * math.prod(shape)) if shape else number


def arange(stop: int) -> Array:
    """The positions 0, 1 ... stop - 1, as ints."""
    return unchecked((stop,), list(range(stop)))


def zeros(shape: tuple[int, ...]) -> Array | float:
    """An array of 0.0."""
    return full(shape, 0.0)


def zeros_like(x) -> Array | float:
    """An array of 0.0 in the shape of x."""
    return full(shape_of(x), 0.0)


def ones_like(x) -> Array | float:
    """An array of 1.0 in the shape of x."""
    return full(shape_of(x), 1.0)


def shape_of(x) -> tuple[int, ...]:
    """The shape of an Array; () for a number."""
    return x.shape if isinstance(x, Array) else ()


def _flat_of(x):
    return x.flat if isinstance(x, Array) else [x]


# -- elementwise ---------------------------------------------------------------------------------

def _one(name):
    """The elementwise function of one operand with a name of `math`.

    That is C code, but may raise where IEEE has an answer; only then does ours in `floats` run.
    """
    fast, exact = getattr(math, name), getattr(floats, name)

    def function(x):
        if not isinstance(x, Array):
            return exact(x)
        try:
            return unchecked(x.shape, list(map(fast, x.flat)))
        except (ValueError, OverflowError):
            return unchecked(x.shape, list(map(exact, x.flat)))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = exact.__doc__
    return function


def _two(name, exact, symbol=None, fast=None, with_number=None):
    """The elementwise function of two operands, numbers or Arrays; shapes broadcast.

    An operator is written into its loops by its symbol, any other function is called in them; C
    code, if there is any that is as `fast`. Once that raises, `exact` runs instead, with IEEE
    answers. `with_number` is a better loop over a list and a number.
    """
    function_of_two = fast or exact
    pairs, list_number, number_list = kernels.operator_loops(symbol) if symbol else (
        lambda x, y: list(map(function_of_two, _numbers(x), _numbers(y))),
        with_number or (lambda x, y: [function_of_two(a, y) for a in x]),
        lambda x, y: [function_of_two(x, a) for a in _numbers(y)])

    def function(x, y):
        if isinstance(x, Array):
            shape = x.shape
            if isinstance(y, Array):
                if shape == y.shape:
                    loop, left, right = pairs, x.flat, y.flat
                elif shape[1:] == y.shape:  # a bias, as nearly always
                    loop, left, right = pairs, x.flat, y.flat * shape[0]
                else:
                    shape = broadcast_shapes(shape, y.shape)
                    loop, left, right = pairs, _stretched(x, shape), _stretched(y, shape)
            elif type(y) is not float and hasattr(y, "op"):
                return NotImplemented  # a Value or a Symbol: it knows what to do with an Array
            else:
                loop, left, right = list_number, x.flat, _operand(name, y)
        elif isinstance(y, Array):
            shape, loop, left, right = y.shape, number_list, _operand(name, x), y.flat
        else:
            return exact(x, y)
        try:
            return unchecked(shape, loop(left, right))
        except (ArithmeticError, ValueError):  # a 0 divisor or an overflow: start again
            count = math.prod(shape)
            left, right = (z if isinstance(z, list) else [z] * count for z in (left, right))
            return unchecked(shape, list(map(exact, left, right)))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x, y), elementwise; shapes broadcast."
    return function


def _numbers(flat):
    """The entries of a mask as 1.0 and 0.0, fit to stand among floats; others as they are."""
    return list(map(float, flat)) if flat and type(flat[0]) is bool else flat


def _operand(name, number):
    """A plain number to combine with every entry, or a TypeError for what does not mix."""
    if type(number) in (float, bool):
        return number
    if isinstance(number, Real):
        return as_number(number)
    remedy = ("use one kind of array throughout: Value(x.tolist()), or numpy.array(a.tolist())"
              if hasattr(number, "__array_namespace__") else "use numbers or arrays")
    raise TypeError(f"{name}: an Array and a {type(number).__name__} do not mix; {remedy}")


add = _two("add", operator.add, "+")
subtract = _two("subtract", operator.sub, "-")
multiply = _two("multiply", operator.mul, "*")
divide = _two("divide", floats.divide, "/")
pow = _two("pow", floats.pow, fast=math.pow)
maximum = _two("maximum", floats.maximum,
               with_number=lambda x, y: [a if a > y or a != a else y for a in _numbers(x)])
minimum = _two("minimum", floats.minimum,
               with_number=lambda x, y: [a if a < y or a != a else y for a in _numbers(x)])
equal = _two("equal", operator.eq, "==")
not_equal = _two("not_equal", operator.ne, "!=")
less = _two("less", operator.lt, "<")
less_equal = _two("less_equal", operator.le, "<=")
greater = _two("greater", operator.gt, ">")
greater_equal = _two("greater_equal", operator.ge, ">=")
logical_and = _two("logical_and", lambda x, y: bool(x and y))
logical_or = _two("logical_or", lambda x, y: bool(x or y))

exp, expm1, log, log1p, log2, sqrt, erf = map(
    _one, ("exp", "expm1", "log", "log1p", "log2", "sqrt", "erf"))
sin, cos, tan, asin, acos, atan, sinh, cosh, tanh = map(
    _one, ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"))


def sign(x):
    """-1.0, 0.0 or 1.0 as x is negative, zero or positive; nan for nan."""
    if not isinstance(x, Array):
        return floats.sign(x)
    return unchecked(x.shape, [1.0 if a > 0 else -1.0 if a < 0 else a * 0.0 for a in x.flat])


def where(condition, x, y):
    """x where the condition holds, else y; all three broadcast."""
    shape = broadcast_shapes(shape_of(condition), shape_of(x), shape_of(y))
    if not shape:
        return x if condition else y
    chosen, left, right = (_stretched(operand, shape) for operand in (condition, x, y))
    if left and type(left[0]) is not type(right[0]):
        left, right = _numbers(left), _numbers(right)
    return unchecked(shape, [a if c else b for c, a, b in zip(chosen, left, right)])


def _plus(x, y):
    """x + y; of a Scattered y when the sum is asked for."""
    if isinstance(y, Scattered) and y.earlier is None and not y.is_made() \
            and y.shape == shape_of(x):
        return Scattered(y.shape, y.places, y.entries, x)
    return add(x, y)


def _minus(x, y):
    """x - y; of a Scaled y in one pass."""
    if isinstance(y, Scaled) and y.shape == x.shape:
        if isinstance(y.array, TransposedProduct) and not y.array.is_made():
            flat = kernels.minus_scaled_product(x.flat, y.number, *y.array.factors)
        else:
            flat = kernels.minus_scaled(x.flat, y.number, y.array.flat)
        return unchecked(x.shape, flat)
    return subtract(x, y)


def _times(x, number):
    """number · x."""
    return Scaled(number, x) if type(number) is float and x.dtype is float else multiply(x, number)


def _reflected(function):
    return lambda x, y: function(y, x)


for _method, _function in {
        "add": add, "sub": subtract, "mul": multiply, "truediv": divide, "pow": pow}.items():
    setattr(Array, f"__{_method}__", _function)
    setattr(Array, f"__r{_method}__", _reflected(_function))
Array.__add__, Array.__sub__ = _plus, _minus
Array.__rmul__ = _times
for _method, _function in {
        "eq": equal, "ne": not_equal, "lt": less, "le": less_equal, "gt": greater,
        "ge": greater_equal, "and": logical_and, "or": logical_or}.items():
    setattr(Array, f"__{_method}__", _function)


# -- shapes --------------------------------------------------------------------------------------

@kernels.remembered  # a training step asks the same again and again
def broadcast_shapes(*shapes) -> tuple[int, ...]:
    """The shape that all the given ones broadcast to: axes align at the end, 1 stretches.

    >>> broadcast_shapes((4, 1), (3,))
    (4, 3)
    """
    ndim = builtins.max(map(len, shapes))
    result = []
    for lengths in zip(*((1,) * (ndim - len(shape)) + shape for shape in shapes)):
        stretched = set(lengths) - {1}
        if len(stretched) > 1:
            raise ValueError(f"shapes {' and '.join(map(str, shapes))} do not broadcast: aligned "
                             "at the end, the lengths of an axis must be equal or 1")
        result.append(stretched.pop() if stretched else 1)
    return tuple(result)


def broadcast_to(x, shape: tuple[int, ...]) -> Array | float:
    """x with its axes of length 1, and those it lacks in front, repeated to the given shape."""
    shape = lengths("broadcast_to", shape)
    old = shape_of(x)
    if old == shape:
        return x
    if len(old) > len(shape) or builtins.min(shape, default=0) < 0 \
            or any(a not in (1, b) for a, b in zip(old[::-1], shape[::-1])):
        raise ValueError(f"broadcast_to: {old} does not stretch to {shape}; aligned at the end, "
                         "the lengths of an axis must be equal, or 1 before")
    return unchecked(shape, _stretched(x, shape))


def _stretched(x, shape):
    """The entries of x repeated as `broadcast_to` does, in a flat list."""
    flat, old = _flat_of(x), shape_of(x)
    if old == shape:
        return flat
    block = 1  # how many entries one step along the axis in hand spans
    for length, its_length in zip(reversed(shape), chain(reversed(old), repeat(1))):
        if length != its_length:
            if block == len(flat):
                flat = flat * length
            elif block == 1:
                flat = [entry for entry in flat for _ in range(length)]
            else:
                flat = list(chain.from_iterable(flat[start:start + block] * length
                                                for start in range(0, len(flat), block)))
        block *= length
    return flat


def reshape(x, shape: tuple[int, ...]) -> Array | float:
    """The same entries, row by row, in another shape; one length may be -1: whatever is left."""
    flat = _flat_of(x)
    new = lengths("reshape", shape)
    if new.count(-1) == 1:
        known = -math.prod(new)
        if known and len(flat) % known == 0:
            new = tuple(len(flat) // known if length == -1 else length for length in new)
    if builtins.min(new, default=0) < 0 or math.prod(new) != len(flat):
        raise ValueError(f"reshape: {shape_of(x)} holds {len(flat)} entries, which do not fit "
                         f"{tuple(shape)}; the lengths must multiply to {len(flat)}, and one of "
                         "them may be -1")
    return unchecked(new, flat) if new else flat[0]


def lengths(name: str, shape) -> tuple[int, ...]:
    """A shape as a tuple, once it is made of ints; TypeError otherwise."""
    if not isinstance(shape, (tuple, list)) \
            or not all(type(n) is int or type(n) is not bool and hasattr(n, "__index__")
                       for n in shape):
        raise TypeError(f"{name}: a shape must be a tuple of ints, not {_brief(shape)}")
    return tuple(map(operator.index, shape))  # of NumPy's, too


def squeeze(x, axis: int | tuple[int, ...]) -> Array | float:
    """x without the given axes, which must be of length 1."""
    shape = shape_of(x)
    axes = normal_axes("squeeze", shape, axis)
    if any(shape[a] != 1 for a in axes):
        raise ValueError(f"squeeze: axis {axis} of {shape} is not of length 1, as it must be")
    return reshape(x, tuple(length for a, length in enumerate(shape) if a not in axes))


def permute_dims(x, axes: tuple[int, ...]) -> Array | float:
    """The axes in another order: axis i of the result is axis axes[i] of x."""
    shape = shape_of(x)
    axes = normal_axes("permute_dims", shape, lengths("permute_dims", axes))
    if len(axes) != len(shape):
        raise ValueError(f"permute_dims: axes {axes} must name each axis of {shape} once")
    if axes == tuple(range(len(shape))):
        return x
    if len(shape) == 2:
        return unchecked(shape[::-1], kernels.transpose(x.flat, *shape))
    entries, steps, *outer, inner = x.flat, _steps(shape), *axes
    places, permuted = [0], []
    for axis in outer:
        places = [place + i * steps[axis] for place in places for i in range(shape[axis])]
    for place in places:  # where the entries along the last axis of the result begin
        permuted += entries[place:place + shape[inner] * steps[inner]:steps[inner]]
    return unchecked(tuple(shape[axis] for axis in axes), permuted)


def _steps(shape):
    """How far apart in the flat list two neighbours along each axis lie."""
    return [math.prod(shape[axis + 1:]) for axis in range(len(shape))]


def normal_axes(name: str, shape: tuple[int, ...], axis) -> tuple[int, ...]:
    """An axis, several, or None for all, as a tuple of numbers from 0 up.

    Raises ValueError for an axis that is out of range or named twice, TypeError for a non-int.
    """
    if axis is None:
        return tuple(range(len(shape)))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    normal = tuple([one_axis(name, shape, one) for one in axes])
    if len(set(normal)) < len(normal):
        raise ValueError(f"{name}: axis {axis} names an axis of {shape} twice; name each once")
    return normal


def one_axis(name: str, shape: tuple[int, ...], axis) -> int:
    """An axis as a number from 0 up.

    Raises ValueError for an axis that is out of range, TypeError for anything but an int.
    """
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise TypeError(f"{name}: an axis must be an int, not {_brief(axis)}")
    ndim = len(shape)
    if not -ndim <= axis < ndim:
        raise ValueError(f"{name}: axis {axis} is out of range for shape {shape}; "
                         + (f"use {-ndim} to {ndim - 1}" if ndim else "give none for a number"))
    return axis % ndim


# -- reductions ----------------------------------------------------------------------------------

def _reduction(name, summary, f, several=True):
    """The function that folds the entries along one or several axes into one with f(list)."""
    def function(x, axis=None, keepdims=False):
        shape = shape_of(x)
        axes = normal_axes(name, shape, axis) if several or axis is None else \
            (one_axis(name, shape, axis),)
        flat, kept = _flat_of(x), list(shape)
        if len(axes) == len(shape):
            flat, kept = [f(flat)], [1] * len(shape)
        else:
            for axis in axes:
                flat = _folded(f, flat, kept, axis)
                kept[axis] = 1
        left = tuple(kept) if keepdims else tuple(n for a, n in enumerate(shape) if a not in axes)
        return unchecked(left, flat) if left else flat[0]
    function.__name__ = function.__qualname__ = name
    function.__doc__ = summary
    return function


def _folded(f, flat, shape, axis):
    """f of the entries along one axis, for each place on the other axes, in a flat list."""
    step, length = math.prod(shape[axis + 1:]), shape[axis]
    if not length:
        return [f([])] * (math.prod(shape[:axis]) * step)
    return [f(flat[first:start + length * step:step])
            for start in range(0, len(flat), length * step or 1)
            for first in range(start, start + step)]


def largest_of(entries: list) -> float:
    """The largest of some entries; nan if there is one among them."""
    if not entries:
        raise ValueError("no entries, and so no largest or smallest one; give at least one")
    # Comparisons with nan are False, so max() may pass over one; a sum does not (and may be nan
    # without one, for inf - inf).
    if math.isnan(builtins.sum(entries)) and any(entry != entry for entry in entries):
        return math.nan
    return builtins.max(entries)


def smallest_of(entries: list) -> float:
    """The smallest, likewise."""
    return -largest_of([-entry for entry in entries])


def _first_largest(entries):
    largest = largest_of(entries)
    return next(i for i, entry in enumerate(entries) if entry == largest or entry != entry)


def _first_smallest(entries):
    return _first_largest([-entry for entry in entries])


_sum = _reduction("sum", "The sum along the axes.", kernels.total)
max = _reduction("max", "The largest along the axes; nan if there is one.", largest_of)
min = _reduction("min", "The smallest along the axes; nan if there is one.", smallest_of)
argmax = _reduction("argmax", "Where along the axis the first largest stands.", _first_largest,
                    several=False)
argmin = _reduction("argmin", "Where along the axis the first smallest stands.", _first_smallest,
                    several=False)


def sum(x, axis=None, keepdims=False):
    """The sum along the axes."""
    if type(axis) is int and axis == 0 and not keepdims and len(shape_of(x)) == 2:  # as for a bias
        return unchecked(x.shape[1:], kernels.column_sums(x.flat, *x.shape))
    return _sum(x, axis, keepdims)


def cumulative_sum(x: Array, axis: int) -> Array:
    """The sums of the entries up to each place along an axis."""
    axis = one_axis("cumulative_sum", x.shape, axis)
    step, length = math.prod(x.shape[axis + 1:]), x.shape[axis]
    flat = list(_numbers(x.flat))
    for start in range(0, len(flat), length * step or 1):
        for place in range(start + step, start + length * step):
            flat[place] += flat[place - step]
    return unchecked(x.shape, flat)


def concat(arrays, axis: int = 0) -> Array:
    """Arrays one after the other along an axis; their other lengths must be equal."""
    first = shape_of(arrays[0])
    axis = one_axis("concat", first, axis)
    for other in map(shape_of, arrays):
        if len(other) != len(first) \
                or other[:axis] + other[axis + 1:] != first[:axis] + first[axis + 1:]:
            raise ValueError(f"concat: shapes {first} and {other} must be equal but for axis "
                             f"{axis}")
    chunks = [math.prod(x.shape[axis:]) for x in arrays]
    flat = [entry for i in range(math.prod(first[:axis]))
            for x, chunk in zip(arrays, chunks) for entry in x.flat[i * chunk:(i + 1) * chunk]]
    if len({x.dtype for x in arrays}) > 1:  # a mask among them
        flat = list(map(float, flat))
    length = builtins.sum(x.shape[axis] for x in arrays)
    return unchecked(first[:axis] + (length,) + first[axis + 1:], flat)


# -- linear algebra ------------------------------------------------------------------------------

def matmul(x: Array, y: Array) -> Array | float:
    """Matrix product of the last two axes (..., n, k) @ (..., k, m); the axes before broadcast.

    A vector is a row of x, a column of y, and its axis is gone from the result.
    """
    left, right = x.shape, y.shape
    check_aligned(left, right)
    if len(left) == len(right) == 2:
        (n, k), m = left, right[1]
        if type(x) is Transposed:
            return TransposedProduct(x.T.flat, y.flat, k, n, m)
        return unchecked((n, m), kernels.matmul(x.flat, y.flat, n, k, m))
    if len(left) == 1:
        return squeeze(matmul(reshape(x, (1, -1)), y), -2 if len(right) > 1 else -1)
    if len(right) == 1:
        return squeeze(matmul(x, reshape(y, (-1, 1))), -1)
    (n, k), m = left[-2:], right[-1]
    batch = broadcast_shapes(left[:-2], right[:-2])
    xs, ys = _stretched(x, batch + (n, k)), _stretched(y, batch + (k, m))
    products = (kernels.matmul(xs[i * n * k:(i + 1) * n * k], ys[i * k * m:(i + 1) * k * m],
                               n, k, m) for i in range(math.prod(batch)))
    return unchecked(batch + (n, m), list(chain.from_iterable(products)))


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """x @ weight + bias of a layer, (n, k) @ (k, m) + (m,), in one pass."""
    check_aligned(x.shape, weight.shape)
    (n, k), m = x.shape, weight.shape[1]
    return unchecked((n, m), kernels.linear(x.flat, weight.flat, bias.flat, n, k, m))


def check_aligned(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    """Raise ValueError unless matrices, or vectors, of shapes x and y can be multiplied."""
    if not x or not y:
        raise ValueError(f"matmul: {x} @ {y}: a single number has no rows or columns; use *")
    k, its_k = x[-1], y[-2:][0]
    if k != its_k:
        hint = ("; did you mean y.T?" if len(y) > 1 and k == y[-1] else
                "; the rows of x must be as long as the columns of y")
        raise ValueError(f"matmul: {x} @ {y} do not align: {k} != {its_k}{hint}")


# -- the functions of a classifier, row by row in one pass -----------------------------------------

def softmax(x: Array) -> Array:
    """eˣ / Σ eˣ along the last axis."""
    return unchecked(x.shape, kernels.softmax(x.flat, x.shape[-1])) if x.size else x


def cross_entropy(x: Array, labels: list[int]) -> float:
    """The mean over the rows of -log softmax(x)[label]."""
    return kernels.cross_entropy(x.flat, x.shape[-1], labels) / len(labels)


# -- indexing ------------------------------------------------------------------------------------

def positions(shape: tuple[int, ...], index) -> tuple[list[int], tuple[int, ...]]:
    """Where in the flat list the entries of `x[index]` lie, and the shape of the result.

    An index is made of ints, slices, `...`, None (a new axis), lists or Arrays of ints, and
    masks. As in NumPy, lists select together, entry by entry, and their axes stand where the
    first of them stood, or in front if a slice parts them.
    Raises IndexError for an index that does not fit the shape.

    >>> positions((2, 3), (1, slice(None)))
    ([3, 4, 5], (3,))
    """
    parts = [part for one in (index if isinstance(index, tuple) else (index,))
             for part in _index_parts(one, shape)]
    named = len([part for part in parts if part is not None and part is not ...])
    gaps = [i for i, part in enumerate(parts) if part is ...] or [len(parts)]
    if named > len(shape) or len(gaps) > 1:
        raise IndexError(f"index: {named} indices and {len(gaps) - (gaps[0] == len(parts))} '...' "
                         f"for shape {shape}; use one index an axis, {len(shape)} at most, and "
                         "one '...'")
    parts[gaps[0]:gaps[0] + 1] = [slice(None)] * (len(shape) - named) or [...]

    remaining = iter(zip(shape, _steps(shape)))
    has_list = any(isinstance(part, (Array, tuple)) for part in parts)
    axes = []  # of the result: (offsets in the flat list, lengths)
    listed, spots = None, []
    for part in parts:
        if part is None or part is ...:  # a `...` for no axis at all still parts lists
            axes.append(([0], (1,) if part is None else ()))
            continue
        length, step = next(remaining)
        if isinstance(part, tuple):  # of a mask that is so long
            its_length, part = part
            if its_length != length:
                raise IndexError(f"index: a mask of length {its_length} does not fit an axis of "
                                 f"length {length} of shape {shape}; it must have the lengths of "
                                 "the axes that it stands for")
        if isinstance(part, slice):
            offsets = [i * step for i in range(*part.indices(length))]
            axes.append((offsets, (len(offsets),)))
        elif has_list:  # beside a list an int is a list of one
            offsets = unchecked(shape_of(part), [_place(i, length) * step for i in _flat_of(part)])
            if spots:
                try:
                    offsets = add(listed, offsets)
                except ValueError as error:
                    raise IndexError(f"index: lists of {error}") from error
            listed = offsets
            spots.append(len(axes))
        else:
            axes.append(([_place(part, length) * step], ()))
    if spots:
        axes.insert(spots[0] if spots[0] == spots[-1] else 0, (listed.flat, listed.shape))
    places = [0]
    for offsets, _ in axes:
        places = [place + offset for place in places for offset in offsets]
    return places, tuple(length for _, lengths in axes for length in lengths)


def _index_parts(part, shape):
    """One part of an index in the form that `positions` reads; a mask becomes lists of ints."""
    if part is None or part is ... or isinstance(part, slice):
        return [part]
    if not isinstance(part, (list, tuple, range, Array)) and hasattr(part, "tolist"):
        part = part.tolist()  # another library's array or number
    if hasattr(part, "__index__") and not isinstance(part, bool):
        return [operator.index(part)]
    entries, lengths = (part.flat, part.shape) if isinstance(part, Array) else ([part], ())
    while entries and isinstance(entries[0], (list, tuple, range, Array)):
        lengths += (len(entries[0]),)
        entries = list(chain.from_iterable(entries))
    if not lengths or math.prod(lengths) != len(entries):
        raise IndexError(f"index: {_brief(part)} can't select from shape {shape}; use ints, "
                         "slices, '...', None, lists of ints or a mask")
    # Rows without entries can only be a mask: a list of positions has entries, or no rows.
    if all(isinstance(entry, bool) for entry in entries) and (entries or len(lengths) > 1):
        chosen = [place for place, entry in enumerate(entries) if entry]
        return [(length, unchecked((len(chosen),), [place // step % length for place in chosen]))
                for length, step in zip(lengths, _steps(lengths))]
    for entry in entries:
        if isinstance(entry, bool) or not hasattr(entry, "__index__"):
            raise IndexError(f"index: {_brief(entry)} in a list of positions, which must be ints")
    return [unchecked(lengths, [operator.index(entry) for entry in entries])]


def _place(i, length):
    """A position counted from the front, for one that may be counted from the end."""
    if not -length <= i < length:
        raise IndexError(f"index: {i} is out of range for an axis of length {length}; use "
                         + (f"{-length} to {length - 1}" if length else "an axis with entries"))
    return i % length


def one_hot(labels, shape: tuple[int, ...]) -> Array:
    """Rows of zeros, but for a 1 at the label of each."""
    flat = [0.0] * math.prod(shape)
    for row, label in enumerate(labels):
        flat[row * shape[1] + label] = 1.0
    return unchecked(shape, flat)


def scatter_add(x, index, shape: tuple[int, ...]) -> Array:
    """Zeros of the given shape with x added at the index; what is hit twice receives twice."""
    places, _ = positions(shape, index)
    return Scattered(shape, places, _flat_of(x))
