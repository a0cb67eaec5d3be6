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
        self.shape = shape
        self.flat = flat

    def __array_namespace__(self, api_version: str | None = None):
        return sys.modules[__name__]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.flat)

    @property
    def dtype(self) -> type:
        """float, bool for a mask, or int for positions."""
        return type(self.flat[0]) if self.flat else float

    @property
    def T(self) -> Array:
        """The axes in reverse order."""
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
        return Array(shape, [flat[place] for place in places]) if shape else flat[places[0]]

    def __setitem__(self, index, number):
        raise TypeError("an Array is immutable; build a new one, e.g. where(mask, new, old)")

    def __repr__(self):
        return f"Array({_text(self.flat, self.shape)})"

    def __matmul__(self, other):
        return matmul(self, asarray(other)) if isinstance(other, (Array, list)) else NotImplemented

    def __neg__(self):
        return Array(self.shape, list(map(operator.neg, self.flat)))

    def __abs__(self):
        return Array(self.shape, list(map(builtins.abs, self.flat)))

    def __invert__(self):
        return Array(self.shape, list(map(operator.not_, self.flat)))


def _nested(flat, shape):
    if len(shape) == 1:
        return list(flat)
    step = math.prod(shape[1:])
    return [_nested(flat[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


def _text(flat, shape):
    """Nested brackets at six digits; of an axis longer than six, the first and last three."""
    if not shape:
        return repr(float(f"{flat[0]:.6g}")) if isinstance(flat[0], float) else repr(flat[0])
    step = math.prod(shape[1:])
    shown = range(shape[0]) if shape[0] <= 6 else (0, 1, 2, None, -3, -2, -1)
    parts = ["..." if i is None else _text(flat[i % shape[0] * step:][:step], shape[1:])
             for i in shown]
    return f"[{', '.join(parts)}]"


# -- making arrays -------------------------------------------------------------------------------

def asarray(data) -> Array | float:
    """Nested sequences of numbers as an Array; a single number as a float.

    ints become floats; a sequence of bools stays a mask.
    Raises ValueError for ragged rows and TypeError for anything that is not a number.
    """
    if isinstance(data, Array):
        return data
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
        return Array(shape, entries)
    flat = [as_number(entry) for entry in entries]
    return Array(shape, flat) if shape else flat[0]


def as_number(entry) -> float:
    """A plain float, for anything that is a real number."""
    if type(entry) is float:
        return entry
    if not isinstance(entry, Real):
        raise TypeError(f"asarray: {_brief(entry)} is not a number; numbers, nested lists of "
                        "numbers and arrays can be computed with")
    try:
        return float(entry)
    except OverflowError:
        raise ValueError("asarray: an int is beyond the range of floats (about 1.8e308)") from None


def _brief(thing) -> str:
    """The type of a thing and the start of its repr, for messages."""
    content = repr(thing)
    return f"{type(thing).__name__} {content if len(content) <= 40 else content[:37] + '...'}"


def full(shape: tuple[int, ...], number: float) -> Array | float:
    """An array with the same number everywhere."""
    return Array(tuple(shape), [number] * math.prod(shape)) if shape else number


def arange(stop: int) -> Array:
    """The positions 0, 1 ... stop - 1, as ints."""
    return Array((stop,), list(range(stop)))


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

def _one(fast, exact):
    """The elementwise function of one operand.

    `fast` is C code that may raise where IEEE has an answer; only then does `exact` run.
    """
    def function(x):
        if not isinstance(x, Array):
            return exact(x)
        try:
            return Array(x.shape, list(map(fast, x.flat)))
        except (ValueError, OverflowError):
            return Array(x.shape, list(map(exact, x.flat)))
    function.__name__ = function.__qualname__ = exact.__name__
    function.__doc__ = exact.__doc__
    return function


def _two(name, fast, exact=None):
    """The elementwise function of two operands, numbers or Arrays; shapes broadcast."""
    exact = exact or fast

    def function(x, y):
        x_is_array, y_is_array = isinstance(x, Array), isinstance(y, Array)
        if x_is_array and y_is_array:
            shape = x.shape
            if shape == y.shape:
                left, right = x.flat, y.flat
            else:
                shape = broadcast_shapes(shape, y.shape)
                left, right = broadcast_to(x, shape).flat, broadcast_to(y, shape).flat
        elif x_is_array:
            if type(y) is not float and getattr(y, "__array_ufunc__", y) is None:
                return NotImplemented  # a Value: it knows what to do with an Array
            shape, left, right = x.shape, x.flat, repeat(_operand(name, y), len(x.flat))
        elif y_is_array:
            shape, left, right = y.shape, repeat(_operand(name, x), len(y.flat)), y.flat
        else:
            return exact(x, y)
        try:
            return Array(shape, list(map(fast, left, right)))
        except (ArithmeticError, ValueError):  # `fast` met a 0 divisor or an overflow: start again
            if not x_is_array or not y_is_array:
                left, right = _flat_of(broadcast_to(x, shape)), _flat_of(broadcast_to(y, shape))
            return Array(shape, list(map(exact, left, right)))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}(x, y), elementwise; shapes broadcast."
    return function


def _operand(name, number):
    """A plain number to combine with every entry, or a TypeError for what does not mix."""
    if isinstance(number, Real):
        return number if type(number) in (float, int, bool) else float(number)
    remedy = ("use one kind of array throughout: Value(x.tolist()), or numpy.array(a.tolist())"
              if hasattr(number, "__array_namespace__") else "use numbers or arrays")
    raise TypeError(f"{name}: an Array and a {type(number).__name__} do not mix; {remedy}")


add = _two("add", operator.add)
subtract = _two("subtract", operator.sub)
multiply = _two("multiply", operator.mul)
divide = _two("divide", operator.truediv, floats.divide)
pow = _two("pow", math.pow, floats.pow)
maximum = _two("maximum", floats.maximum)
minimum = _two("minimum", floats.minimum)
equal = _two("equal", operator.eq)
not_equal = _two("not_equal", operator.ne)
less = _two("less", operator.lt)
less_equal = _two("less_equal", operator.le)
greater = _two("greater", operator.gt)
greater_equal = _two("greater_equal", operator.ge)
logical_and = _two("logical_and", lambda x, y: bool(x and y))
logical_or = _two("logical_or", lambda x, y: bool(x or y))

exp, expm1 = _one(math.exp, floats.exp), _one(math.expm1, floats.expm1)
log, log1p = _one(math.log, floats.log), _one(math.log1p, floats.log1p)
log2, sqrt = _one(math.log2, floats.log2), _one(math.sqrt, floats.sqrt)
sin, cos, tan = (_one(getattr(math, name), getattr(floats, name)) for name in ("sin", "cos", "tan"))
asin, acos = _one(math.asin, floats.asin), _one(math.acos, floats.acos)
atan, erf = _one(math.atan, floats.atan), _one(math.erf, floats.erf)
sinh, cosh = _one(math.sinh, floats.sinh), _one(math.cosh, floats.cosh)
tanh = _one(math.tanh, floats.tanh)
sign = _one(floats.sign, floats.sign)


def where(condition, x, y):
    """x where the condition holds, else y; all three broadcast."""
    shape = broadcast_shapes(shape_of(condition), shape_of(x), shape_of(y))
    if not shape:
        return x if condition else y
    mask, x, y = (_flat_of(broadcast_to(operand, shape)) for operand in (condition, x, y))
    return Array(shape, [a if chosen else b for chosen, a, b in zip(mask, x, y)])


def _reflected(function):
    return lambda x, y: function(y, x)


for _method, _function in {
        "add": add, "sub": subtract, "mul": multiply, "truediv": divide, "pow": pow}.items():
    setattr(Array, f"__{_method}__", _function)
    setattr(Array, f"__r{_method}__", _reflected(_function))
for _method, _function in {
        "eq": equal, "ne": not_equal, "lt": less, "le": less_equal, "gt": greater,
        "ge": greater_equal, "and": logical_and, "or": logical_or}.items():
    setattr(Array, f"__{_method}__", _function)


# -- shapes --------------------------------------------------------------------------------------

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
    shape = tuple(shape)
    old = shape_of(x)
    if old == shape:
        return x
    if broadcast_shapes(old, shape) != shape:
        raise ValueError(f"broadcast_to: {old} does not stretch to {shape}")
    flat = _flat_of(x)
    block = 1  # how many entries one step along the axis in hand spans
    for axis in range(len(shape) - 1, -1, -1):
        length = shape[axis]
        axis_in_x = axis - len(shape) + len(old)
        if length != 1 and (axis_in_x < 0 or old[axis_in_x] == 1):
            if block == len(flat):
                flat = flat * length
            elif block == 1:
                flat = [entry for entry in flat for _ in range(length)]
            else:
                flat = list(chain.from_iterable(flat[start:start + block] * length
                                                for start in range(0, len(flat), block)))
        block *= length
    return Array(shape, flat)


def reshape(x, shape: tuple[int, ...]) -> Array | float:
    """The same entries, row by row, in another shape; one length may be -1: whatever is left."""
    flat = _flat_of(x)
    new = tuple(shape)
    if new.count(-1) == 1:
        known = -math.prod(new)
        if known and len(flat) % known == 0:
            new = tuple(len(flat) // known if length == -1 else length for length in new)
    if builtins.min(new, default=0) < 0 or math.prod(new) != len(flat):
        raise ValueError(f"reshape: {shape_of(x)} holds {len(flat)} entries, which do not fit "
                         f"{tuple(shape)}")
    return Array(new, flat) if new else flat[0]


def squeeze(x, axis: int | tuple[int, ...]) -> Array | float:
    """x without the given axes, which must be of length 1."""
    shape = shape_of(x)
    axes = normal_axes("squeeze", shape, axis)
    if any(shape[a] != 1 for a in axes):
        raise ValueError(f"squeeze: axis {axis} of {shape} is not of length 1")
    return reshape(x, tuple(length for a, length in enumerate(shape) if a not in axes))


def permute_dims(x, axes: tuple[int, ...]) -> Array | float:
    """The axes in another order: axis i of the result is axis axes[i] of x."""
    shape = shape_of(x)
    axes = normal_axes("permute_dims", shape, tuple(axes))
    if len(axes) != len(shape):
        raise ValueError(f"permute_dims: axes {axes} do not name each axis of {shape} once")
    if axes == tuple(range(len(shape))):
        return x
    if len(shape) == 2:
        return Array(shape[::-1], kernels.transpose(x.flat, *shape))
    steps = _steps(shape)
    places = [0]
    for axis in axes:
        places = [place + i * steps[axis] for place in places for i in range(shape[axis])]
    return Array(tuple(shape[axis] for axis in axes), [x.flat[place] for place in places])


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
    normal = []
    for one in axes:
        if isinstance(one, bool) or not hasattr(one, "__index__"):
            raise TypeError(f"{name}: an axis is an int, not {_brief(one)}")
        if not -len(shape) <= one < len(shape):
            raise ValueError(f"{name}: axis {one} is out of range for shape {shape}")
        normal.append(one % len(shape))
    if len(set(normal)) < len(normal):
        raise ValueError(f"{name}: axis {axis} names an axis of {shape} twice")
    return tuple(normal)


# -- reductions ----------------------------------------------------------------------------------

def _reduction(name, summary, f):
    """The function that folds the entries along some axes into one with f(list)."""
    def function(x, axis=None, keepdims=False):
        shape = shape_of(x)
        axes = normal_axes(name, shape, axis)
        if not axes and shape:
            return x
        flat = _flat_of(x)
        if len(axes) == len(shape):
            flat = [f(flat)]
        else:
            lengths = list(shape)
            for a in axes:
                step, length = math.prod(lengths[a + 1:]), lengths[a]
                flat = [f(flat[first:start + length * step:step])
                        for start in range(0, math.prod(lengths), length * step or 1)
                        for first in range(start, start + step)] if length else \
                    [f([])] * (math.prod(lengths[:a]) * step)
                lengths[a] = 1
        kept = tuple(1 if a in axes else length for a, length in enumerate(shape))
        left = kept if keepdims else tuple(n for a, n in enumerate(shape) if a not in axes)
        return Array(left, flat) if left else flat[0]
    function.__name__ = function.__qualname__ = name
    function.__doc__ = summary
    return function


def _largest(entries):
    if not entries:
        raise ValueError("max: no entries, and so no largest one")
    largest = builtins.max(entries)
    # Comparisons with nan are False, so max() may pass over one.
    return math.nan if any(map(operator.ne, entries, entries)) else largest


def _smallest(entries):
    return -_largest([-entry for entry in entries])


def _first_largest(entries):
    largest = _largest(entries)
    return next(i for i, entry in enumerate(entries) if entry == largest or entry != entry)


def _first_smallest(entries):
    return _first_largest([-entry for entry in entries])


sum = _reduction("sum", "The sum along the axes.", kernels.total)
max = _reduction("max", "The largest along the axes; nan if there is one.", _largest)
min = _reduction("min", "The smallest along the axes; nan if there is one.", _smallest)
argmax = _reduction("argmax", "Where along the axis the first largest stands.", _first_largest)
argmin = _reduction("argmin", "Where along the axis the first smallest stands.", _first_smallest)


def cumulative_sum(x: Array, axis: int) -> Array:
    """The sums of the entries up to each place along an axis."""
    (axis,) = normal_axes("cumulative_sum", x.shape, axis)
    step, length = math.prod(x.shape[axis + 1:]), x.shape[axis]
    flat = list(x.flat)
    for start in range(0, len(flat), length * step or 1):
        for place in range(start + step, start + length * step):
            flat[place] += flat[place - step]
    return Array(x.shape, flat)


def concat(arrays, axis: int = 0) -> Array:
    """Arrays one after the other along an axis; their other lengths must be equal."""
    first = arrays[0].shape
    (axis,) = normal_axes("concat", first, axis)
    for other in (x.shape for x in arrays):
        if other[:axis] + other[axis + 1:] != first[:axis] + first[axis + 1:]:
            raise ValueError(f"concat: {first} and {other} may differ along axis {axis} only")
    chunks = [math.prod(x.shape[axis:]) for x in arrays]
    flat = [entry for i in range(math.prod(first[:axis]))
            for x, chunk in zip(arrays, chunks) for entry in x.flat[i * chunk:(i + 1) * chunk]]
    length = builtins.sum(x.shape[axis] for x in arrays)
    return Array(first[:axis] + (length,) + first[axis + 1:], flat)


# -- linear algebra ------------------------------------------------------------------------------

def matmul(x: Array, y: Array) -> Array | float:
    """Matrix product of the last two axes (..., n, k) @ (..., k, m); the axes before broadcast.

    A vector is a row of x, a column of y, and its axis is gone from the result.
    """
    check_aligned(x.shape, y.shape)
    if x.ndim == 1:
        return squeeze(matmul(reshape(x, (1, -1)), y), -2 if y.ndim > 1 else -1)
    if y.ndim == 1:
        return squeeze(matmul(x, reshape(y, (-1, 1))), -1)
    (n, k), m = x.shape[-2:], y.shape[-1]
    if x.ndim == y.ndim == 2:
        return Array((n, m), kernels.matmul(x.flat, y.flat, n, k, m))
    batch = broadcast_shapes(x.shape[:-2], y.shape[:-2])
    xs, ys = broadcast_to(x, batch + (n, k)).flat, broadcast_to(y, batch + (k, m)).flat
    products = (kernels.matmul(xs[i * n * k:(i + 1) * n * k], ys[i * k * m:(i + 1) * k * m],
                               n, k, m) for i in range(math.prod(batch)))
    return Array(batch + (n, m), list(chain.from_iterable(products)))


def check_aligned(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    """Raise ValueError unless matrices, or vectors, of shapes x and y can be multiplied."""
    if not x or not y:
        raise ValueError(f"matmul: {x} @ {y}: a single number has no rows or columns; use *")
    k, its_k = x[-1], y[-2:][0]
    if k != its_k:
        hint = "; did you mean y.T?" if len(y) > 1 and k == y[-1] else ""
        raise ValueError(f"matmul: {x} @ {y} do not align: {k} != {its_k}{hint}")


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
                         f"for the {len(shape)} axes of shape {shape}")
    parts[gaps[0]:gaps[0] + 1] = [slice(None)] * (len(shape) - named)

    remaining = iter(zip(shape, _steps(shape)))
    has_list = any(isinstance(part, Array) for part in parts)
    axes = []  # of the result: (offsets in the flat list, lengths)
    listed, spots = None, []
    for part in parts:
        if part is None:
            axes.append(([0], (1,)))
            continue
        length, step = next(remaining)
        if isinstance(part, slice):
            offsets = [i * step for i in range(*part.indices(length))]
            axes.append((offsets, (len(offsets),)))
        elif has_list:  # beside a list an int is a list of one
            offsets = Array(shape_of(part), [_place(i, length) * step for i in _flat_of(part)])
            listed = add(listed, offsets) if spots else offsets
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
    if hasattr(part, "__index__") and not isinstance(part, bool):
        return [operator.index(part)]
    if not isinstance(part, (list, tuple, range, Array)) and hasattr(part, "tolist"):
        part = part.tolist()  # another library's array
    entries, lengths = [part], ()
    while entries and isinstance(entries[0], (list, tuple, range, Array)):
        lengths += (len(entries[0]),)
        entries = list(chain.from_iterable(entries))
    if not lengths or math.prod(lengths) != len(entries):
        raise IndexError(f"index: {_brief(part)} can't select from shape {shape}; use ints, "
                         "slices, '...', None, lists of ints or a mask")
    if entries and all(isinstance(entry, bool) for entry in entries):
        if lengths != shape[:len(lengths)]:
            raise IndexError(f"index: a mask of shape {lengths} does not fit shape {shape}")
        chosen = [place for place, entry in enumerate(entries) if entry]
        return [Array((len(chosen),), [place // step % length for place in chosen])
                for length, step in zip(lengths, _steps(lengths))]
    for entry in entries:
        if isinstance(entry, bool) or not hasattr(entry, "__index__"):
            raise IndexError(f"index: {_brief(entry)} in a list of positions; positions are ints")
    return [Array(lengths, [operator.index(entry) for entry in entries])]


def _place(i, length):
    """A position counted from the front, for one that may be counted from the end."""
    if not -length <= i < length:
        raise IndexError(f"index: {i} is out of range for an axis of length {length}")
    return i % length


def scatter_add(x, index, shape: tuple[int, ...]) -> Array:
    """Zeros of the given shape with x added at the index; what is hit twice receives twice."""
    places, _ = positions(shape, index)
    flat = [0.0] * math.prod(shape)
    for place, entry in zip(places, _flat_of(x)):
        flat[place] += entry
    return Array(shape, flat)
