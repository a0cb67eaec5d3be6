"""Symbol: an operand that remembers how it was computed, so that the table of rules gives formulas.

To the operations of `ops.py` a Symbol is one more kind of array: `namespace(x)` answers with
functions that compute on the data inside and note the step. So the same forwards and the same
rules that give numbers on floats and arrays give formulas here, and nothing is written twice:

    >>> from autograd import tanh
    >>> w, x = Symbol.leaf(0.5, "w"), Symbol.leaf(2.0, "x")
    >>> tanh(w * x + 0.0)
    tanh(w * x)

`compile.py` prints such steps as Python source. `formula` keeps to the operations of `ops.py`,
as the author of a graph wrote them: `latex.py` prints these for lecture notes.
"""
from __future__ import annotations

from contextvars import ContextVar
from functools import cached_property, partial
from itertools import accumulate
from math import prod

from . import array, namespace as arrays, ops
from .array import Array
from .graph import Node, order
from .namespace import library, namespace, shape

# The operators: how they are written, and how tightly they bind.
SIGN = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
        "not_equal": "!=", "add": "+", "subtract": "-", "multiply": "*", "divide": "/",
        "matmul": "@", "pow": "**"}
LEVEL = {**dict.fromkeys(SIGN, 1), "add": 2, "subtract": 2, "multiply": 3, "divide": 3,
         "matmul": 3, "negative": 4, "pow": 5}
WHOLE = 9  # a name, or a call


KINDS = {float: "number", list: "labels", tuple: "labels"}  # by type; and those met


def kind(x) -> str:
    """What stands for an operand in a program; see Symbol."""
    if type(x) is Symbol:
        return x.kind
    if type(x) not in KINDS:
        KINDS[type(x)] = "list" if isinstance(x, Array) else "array" if library(x) else "number"
    return KINDS[type(x)]


class Symbol:
    """A step of a computation on arrays: the data, and the operation and operands it came from.

    A leaf has a name and no op. `operands` holds Symbols, plain numbers and arrays, and what else
    was given by place (a shape, an index); `settings` what was given by name. `kind` says what
    stands for it in a program: a number, the flat list of an Array, a library's array, or labels.
    """

    __array_ufunc__ = None  # NumPy's arrays leave `array * symbol` to us

    def __init__(self, op, operands, settings, data, name=None, known=None):
        self.op, self.operands, self.settings = op, operands, settings
        self.data, self.name, self.known = data, name, known
        self.shape = () if type(data) is float else tuple(shape(data))
        self.kind = KINDS.get(type(data)) or kind(data)

    @classmethod
    def leaf(cls, data, name: str, known: dict | None = None) -> Symbol:
        """A Symbol that was given. `known` is the table in which equal steps find each other."""
        return cls(None, (), {}, data, name, {} if known is None else known)

    def __array_namespace__(self, api_version=None):
        return functions

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: getattr(self.data, "size", 1))
    dtype = property(lambda self: list if self.kind == "labels" else
                     getattr(self.data, "dtype", float))
    T = property(lambda self: symbol("matrix_transpose", self))

    @cached_property
    def scatters(self) -> int:
        """If it is a sum of gradients of parts, each among zeros: the entries of these parts."""
        if self.op == "scatter_add" and type(self.operands[0]) is Symbol \
                and is_fixed(self.operands[1]):
            return self.operands[0].size
        if self.op == "add" and all(type(x) is Symbol and x.scatters for x in self.operands):
            return sum([x.scatters for x in self.operands])
        return 0

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if any(isinstance(part, Symbol) and part.dtype == bool for part in within(index)):
            raise TypeError("compile: an index that is a mask gives another shape in every call, "
                            "and the steps are recorded for one; use where(mask, x, y)")
        for part in within(index):
            if isinstance(part, Symbol) and type(part.data) is float:
                raise TypeError(f"compile: {part} is a number and computes as a float, so it is no "
                                "place in an array; give a list of ints, as [1], and index by that")
        if isinstance(index, Symbol) and type(index.data) is tuple:
            raise TypeError(f"compile: {index} is a tuple of ints, and by itself an index of one "
                            "place on each axis; close over it, or give a list, as [0, 2], to take "
                            "these places of the first axis")
        return symbol("getitem", self, index)

    def __pos__(self):
        return self

    def __neg__(self):
        return symbol("negative", self)

    def __abs__(self):
        return symbol("abs", self)

    def __invert__(self):
        return symbol("logical_not", self)

    def _unknown(self, *_, **__):
        what = self.name or f"the result of {self.op}"
        raise TypeError(f"compile: {what} is another number in every call, so "
                        "while the steps are recorded no number can be taken out of it, nothing be "
                        "decided by it, and no array that f closes over be indexed by it; use "
                        "operations, such as where(condition, x, y), and give that array as an "
                        "argument or a Value")

    __bool__ = __float__ = __int__ = __index__ = __round__ = __contains__ = _unknown
    __array__ = tolist = item = _unknown
    __hash__ = object.__hash__  # `==` gives a mask, as with arrays

    def __repr__(self):
        return python(self)


def _operator(op, reflected=False):
    def method(self, other):
        if isinstance(other, Node) or type(other) is list and self.kind == "number":
            return NotImplemented  # a Value knows what to do with a Symbol, a list does not
        if type(other) is list and self.kind == "list":
            other = array.asarray(other)
        return symbol(op, other, self) if reflected else symbol(op, self, other)
    return method


def _of_masks(op):
    def method(self, other):
        data = [data_of(self), data_of(other)]
        are_masks = all(getattr(x, "dtype", type(x)) == bool for x in data)
        return symbol(op, self, other) if are_masks else NotImplemented
    return method


for _name, _op in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
                   "matmul": "matmul", "pow": "pow"}.items():
    setattr(Symbol, f"__{_name}__", _operator(_op))
    setattr(Symbol, f"__r{_name}__", _operator(_op, reflected=True))
for _name, _op in {"and": "logical_and", "or": "logical_or"}.items():
    setattr(Symbol, f"__{_name}__", _of_masks(_op))
    setattr(Symbol, f"__r{_name}__", _of_masks(_op))
for _name, _op in {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
                   "gt": "greater", "ge": "greater_equal"}.items():
    setattr(Symbol, f"__{_name}__", _operator(_op))


class Functions:
    """The array functions on Symbols: each, by its name, computes and notes the step."""

    __name__ = "autograd.symbols"
    takes_any_array = True  # constants of any kind may stand beside a Symbol

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        function = partial(symbol, name)
        setattr(self, name, function)  # found at once from now on
        return function

    def asarray(self, x, dtype=None, copy=None):
        if isinstance(x, Symbol) and copy:  # a gradient, in the precision of what it is of
            other = x.kind == "array" and dtype is not None and x.dtype != dtype
            return self.as_number(x) if dtype is float else \
                symbol("astype", x, str(dtype)) if other else x
        if isinstance(x, Symbol) and dtype is not None and self.isdtype(x.dtype, "integral"):
            if x.kind == "labels" and constants.get() is array:
                raise TypeError(f"compile: {x} is a list of ints, and so taken for labels; give "
                                "asarray([...]) where the numbers are an array to compute with")
            if x.kind == "list":
                return symbol("asarray", x)
            return symbol("astype", symbol("asarray", x) if x.kind == "labels" else x, "float64")
        if isinstance(x, Symbol) and x.kind == "labels" and constants.get() is not array:
            return symbol("asarray", x)  # labels, for a library: it would make one in each step
        if isinstance(x, Symbol) or dtype is None and set(map(type, x)) == {int}:
            return x  # ints are places, and stay so
        xp = constants.get()
        return xp.asarray(x) if xp is array else xp.asarray(x, dtype=dtype)

    def one_hot(self, labels, like):
        return symbol("one_hot", self.asarray(labels), like)

    def isdtype(self, dtype, kinds):
        known = constants.get()
        if dtype not in (list, int) and known is not array:  # a list is labels
            return known.isdtype(dtype, kinds)
        is_whole = dtype in (list, int) or getattr(dtype, "kind", "f") in "iu"
        return is_whole == (kinds == "integral")

    def as_number(self, x):
        is_other = kind(x) == "array" or type(getattr(x, "data", x)) is int
        return symbol("float", x) if is_other else x

    def concat(self, xs, axis=0):
        return symbol("concat", *xs, axis=axis)

    def zeros_like(self, x):
        return Symbol(None, (), {}, namespace(x.data).zeros_like(x.data), known=x.known)


functions = Functions()
constants: ContextVar = ContextVar("constants", default=array)  # the library that lists go to
precision: ContextVar = ContextVar("precision")  # and what numbers made of labels have there


# Functions that the standard lacks or that are spelled as methods and operators of the data.
COMPUTED = {
    "getitem": lambda x, index: x[index],
    "negative": lambda x: -x,
    "logical_not": lambda x: ~x,
    "abs": abs,
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "matmul": lambda x, y: namespace(x, y).matmul(x, y),
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "matrix_transpose": lambda x: x.T,
    "astype": lambda x, dtype: x.astype(dtype),
    "asarray": lambda x: constants.get().asarray(x),
    "float": float,
    "scatter_add": arrays.scatter_add,
    "one_hot": arrays.one_hot,
    "erf": arrays.erf,
    "cumulative_sum": arrays.cumulative_sum,
}


OF_NUMBERS = {"arange", "broadcast_to", "reshape", "expand_dims"}  # make an array of a number, too


def symbol(op: str, *operands, **settings):
    """The step that does op with the operands; a simpler or an equal one where there is one."""
    one = operands[0]
    if type(one) is not Symbol:
        one = next((x for x in within(operands) if type(x) is Symbol), None)
    if one is None:  # a constant, of our own kind until it meets another
        return computed(op, operands, settings)
    if one.kind in ("array", "labels"):
        among = [x.data for x in within(operands) if type(x) is Symbol and x.kind == "array"]
        operands = substituted(operands, lambda x: like(among[0], x) if among else x)
    simpler = simplified(op, operands, settings)
    if isinstance(simpler, (float, int)):  # of the kind and precision that the step would have
        data = computed(op, operands, settings)
        return simpler if shape(data) else Symbol(None, (), {}, data, known=one.known)
    if simpler is None and op in BY_HAND:
        simpler = BY_HAND[op](*operands)
    if simpler is not None:
        return simpler
    if op in ("sum", "max", "min") and settings.pop("keepdims", False):
        reduced = symbol(op, *operands, **settings)  # so that both forms are one step
        return symbol("reshape", reduced, ops.kept(operands[0], settings["axis"]))
    if any([is_without_precision(x) for x in operands]):
        operands = substituted(operands, in_its_precision)
    key = (op, *map(key_of, operands), *map(key_of, settings.items()))
    known = one.known
    if key not in known:
        data = computed(op, operands, settings)
        if number(one) is not None and all([number(x) is not None for x in operands]):
            return Symbol(None, (), {}, data, known=known)
        known[key] = Symbol(op, operands, settings, data, known=known)
    return known[key]


def is_without_precision(x) -> bool:
    """Is x a mask, or a number that is another in every run? Beside these 0.5 makes a double."""
    return getattr(x, "dtype", None) == bool or \
        type(x) is Symbol and x.kind == "number" and number(x) is None


def in_its_precision(x):
    """A constant that is a library's number, as such and no plain one; anything else as it is."""
    return x.data if type(x) is Symbol and x.kind == "array" and number(x) is not None else x


def like(data, x):
    """A constant Array as an array of the same kind, and precision, as the data."""
    if not isinstance(x, Array):
        return x
    xp = namespace(data)
    same = x.dtype is float and xp.isdtype(data.dtype, "real floating")
    return xp.reshape(xp.asarray(x.tolist(), dtype=data.dtype if same else None), x.shape)


def computed(op, operands, settings):
    """What the step gives on the data of its operands."""
    args = substituted(operands, data_of)
    if op in COMPUTED:
        return COMPUTED[op](*args, **settings)
    xp = namespace(*[x for x in args if not isinstance(x, (tuple, list, slice))])
    if op in OF_NUMBERS and type(args[0]) in (float, int):
        xp = constants.get()
    if op == "concat":
        return xp.concat(args, **settings)
    return getattr(xp, op)(*args, **settings)


def data_of(x):
    """The data of a Symbol; anything else as it is."""
    return x.data if type(x) is Symbol else x


def within(thing):
    """The operands in a tuple or list of operands, which may be nested: an index, say."""
    for part in thing if type(thing) in (tuple, list) else (thing,):
        if type(part) in (tuple, list):
            yield from within(part)
        else:
            yield part


def takes_all(index) -> bool:
    """Does an index take all the entries in their order, as those of x[:, None] and x[...] do?"""
    return all(part is None or part is Ellipsis or type(part) is slice and part == slice(None)
               for part in within(index))


def is_fixed(index) -> bool:
    """Is an index the same in every run?"""
    return not any(isinstance(part, Symbol) for part in within(index))


def substituted(things, by):
    """The same tuple or list with by(x) in the place of each x in it."""
    return type(things)([substituted(x, by) if type(x) in (tuple, list) else by(x)
                         for x in things])


def key_of(x):
    """What makes two operands equal: being one Symbol or one array, or the same plain things."""
    kind = type(x)
    if kind is float and x and x == x:  # 0.0 is not -0.0, and nan is nan
        return x
    if kind is Symbol or isinstance(x, Node) or hasattr(x, "__array_namespace__"):
        return id(x)
    return (kind, *map(key_of, x)) if kind in (tuple, list) else repr(x)


# -- light simplification ------------------------------------------------------------------------

def number(x) -> float | None:
    """The number that x is in every run, or None."""
    if type(x) is Symbol:
        return None if x.op or x.name is not None or x.shape else float(x.data)
    return x if isinstance(x, (float, int)) else None


def simplified(op, operands, settings):
    """A simpler Symbol or number that equals the step, or None."""
    if all([isinstance(x, (float, int)) for x in operands]):
        return computed(op, operands, settings)
    if op in ARITHMETIC:
        x, y = operands
        if "broadcast_to" in (op_of(x), op_of(y)):
            earlier = broadcast_later(op, x, y)
            if earlier is not None:
                return earlier
        if any([type(z) is Symbol and z.dtype == bool for z in operands]):
            # mask · 1 is no mask: the sum of NumPy's masks is one again, and there is no -mask
            no_more = op == "multiply" and 0 in map(number, operands)
            return simpler_product(x, y) if no_more else None
    return SIMPLER[op](*operands) if op in SIMPLER else None


def op_of(x):
    return x.op if type(x) is Symbol else None


def simpler_sum(x, y):
    if number(x) == 0:
        return y
    if number(y) == 0:
        return x
    if op_of(x) == "negative":
        return symbol("subtract", y, x.operands[0])
    return symbol("subtract", x, y.operands[0]) if op_of(y) == "negative" else None


def simpler_difference(x, y):
    if number(x) == 0:
        return symbol("negative", y)
    if number(y) == 0:
        return x
    return symbol("add", x, y.operands[0]) if op_of(y) == "negative" else None


def simpler_product(x, y):
    """A product with 0 is left as it is, for 0 · inf is nan, unless the other one is a mask."""
    for factor, other in ((number(x), y), (number(y), x)):
        if factor == 1:
            return other
        if factor == -1:
            return symbol("negative", other)
        if factor == 0 and op_of(other) == "equal":
            return 0.0
    return None


def simpler_quotient(x, y):
    return x if number(y) == 1 else symbol("negative", x) if number(y) == -1 else None


def simpler_power(x, y):
    if number(y) == 0 and not shape(x):  # an array of ones is left as it is
        return 1.0
    return x if number(y) == 1 else None


def simpler_reshape(x, new_shape):
    if shape(x) == new_shape:
        return x
    if is_of_one_number(x):
        return symbol("broadcast_to", x.operands[0], new_shape)
    if number(x) is not None:
        return symbol("broadcast_to", x, new_shape)
    return symbol("reshape", x.operands[0], new_shape) if op_of(x) == "reshape" else None


def simpler_getitem(x, index):
    if is_of_one_number(x) and not any(type(part) is Symbol for part in within(index)):
        return symbol("broadcast_to", x.operands[0], shape(computed("getitem", (x, index), {})))
    return None


def is_of_one_number(x) -> bool:
    """Is x a single number, the same at all places of an array?"""
    return op_of(x) == "broadcast_to" and not shape(x.operands[0])


def of_a_number(x, *_):
    """A reduction of a single number is that number."""
    return None if shape(x) else x


ARITHMETIC = {"add", "subtract", "multiply", "divide", "pow"}
SIMPLER = {
    "positive": lambda x: x,
    "negative": lambda x: x.operands[0] if op_of(x) == "negative" else None,
    "add": simpler_sum, "subtract": simpler_difference, "multiply": simpler_product,
    "divide": simpler_quotient, "pow": simpler_power, "reshape": simpler_reshape,
    "getitem": simpler_getitem,
    "matrix_transpose": lambda x: x.operands[0] if op_of(x) == "matrix_transpose" else None,
    "broadcast_to": lambda x, new_shape: x if shape(x) == new_shape else None,
    "permute_dims": lambda x, axes: x if axes == tuple(range(len(axes))) else None,
    "sum": of_a_number, "max": of_a_number, "min": of_a_number, "squeeze": of_a_number}


def broadcast_later(op, x, y):
    """The step before broadcasting instead of after it: broadcast_to(x) · 2 as of x · 2."""
    if op_of(x) == "broadcast_to" and stretches(y, x):
        return symbol(op, x.operands[0], y)
    if op_of(y) == "broadcast_to" and stretches(x, y):
        return symbol(op, x, y.operands[0])
    if op_of(x) == "broadcast_to" and not shape(y):
        return broadcast_after(op, (x.operands[0], y), x)
    if op_of(y) == "broadcast_to" and not shape(x):
        return broadcast_after(op, (x, y.operands[0]), y)
    return None


def stretches(x, other) -> bool:
    """Does an operation with x stretch the other, which was stretched before, no less than that?"""
    return shape(x) == shape(other) or is_of_one_number(other) \
        and array.broadcast_shapes(shape(x), shape(other)) == shape(x)


def broadcast_after(op, operands, like):
    """op on the operands, of which `like` was the one stretched, and then the stretching."""
    x = symbol(op, *operands)
    if not isinstance(x, Symbol):
        x = Symbol(None, (), {}, computed(op, operands, {}), known=like.known)
    return symbol("broadcast_to", x, like.operands[1])


# -- steps as a program does them ----------------------------------------------------------------

# Formulas are without these: they keep to the operations that their author wrote.

def transposed_product(x):
    """(xᵀ y)ᵀ, which is what a product x @ y.T has towards y, as yᵀ x."""
    if op_of(x) != "matmul" or op_of(x.operands[0]) != "matrix_transpose":
        return None
    left, right = x.operands
    return symbol("matmul", symbol("matrix_transpose", right), left.operands[0])


def sum_by_hand(x, y):
    """y + y as 2 · y, x + y + y as x + 2 · y, as where w is read twice, in w * w; or None."""
    if type(x) is not Symbol or type(y) is not Symbol:
        return None
    if y.dtype != bool:
        if x is y:
            return symbol("multiply", 2.0, y)
        if op_of(x) == "add" and x.operands[1] is y:
            return symbol("add", x.operands[0], symbol("multiply", 2.0, y))
    return joined(x, y) if y.op == "scatter_add" else None


POWERS_OF_2 = {2.0 ** n for n in range(-20, 21)}  # a product with one of them rounds nothing


def product_of_constants(x, y):
    """0.1 · (2 · z) as 0.2 · z, where that gives the same; or None."""
    if op_of(y) != "multiply":
        x, y = y, x
    if op_of(y) != "multiply" or number(x) is None:
        return None
    for constant, z in (y.operands, reversed(y.operands)):
        factors = {abs(number(x)), abs(number(constant) or 0.0)}
        if POWERS_OF_2 & factors and 1e-30 < prod(factors) < 1e30:  # fits in float32, too
            return symbol("multiply", symbol("multiply", x, constant), z)
    return None


def joined(x, y):
    """The sum of the gradients of parts, each among zeros, as the parts side by side; or None.

    As after `split`, or where a kernel is taken apart into k[0, 0], k[0, 1] ... and all are used.
    """
    if not (x.scatters and y.scatters) or x.scatters + y.scatters != x.size:
        return None
    parts = [*scattered(x), *scattered(y)]
    places = {part: array.positions(x.shape, part.operands[1])[0] for part in parts}
    parts = sorted(parts, key=places.get)
    for axis, length in enumerate(x.shape):
        lengths = [part.operands[0].size * length // x.size for part in parts]
        ends = list(accumulate(lengths))
        if all(places[part] == array.positions(x.shape, ops.along(axis, slice(end - n, end)))[0]
               for part, n, end in zip(parts, lengths, ends)):
            return symbol("concat", *[
                symbol("reshape", part.operands[0], (*x.shape[:axis], n, *x.shape[axis + 1:]))
                for part, n in zip(parts, lengths)], axis=axis)
    if [place for part in parts for place in places[part]] != list(range(x.size)):
        return None
    flat = [symbol("reshape", part.operands[0], (part.operands[0].size,)) for part in parts]
    return symbol("reshape", symbol("concat", *flat, axis=0), x.shape)


def scattered(x) -> list[Symbol]:
    """The gradients of parts, each among zeros, that x is the sum of."""
    found, waiting = [], [x]
    while waiting:
        x = waiting.pop()
        if x.op == "add":
            waiting += x.operands
        else:
            found.append(x)
    return found


def all_entries(x, index):
    """x[:, None], or its like, as the reshape that it is; or None."""
    if not takes_all(index):
        return None
    return symbol("reshape", x, shape(computed("getitem", (x, index), {})))


def simpler_scatter_add(x, index, like):
    """The gradient of all entries reshaped; a number among zeros as a constant; or None."""
    if takes_all(index) and shape(x):
        return symbol("reshape", x, shape(like))
    if number(x) is None or not is_fixed(index):
        return None
    known = (like if type(like) is Symbol else x).known
    return Symbol(None, (), {}, computed("scatter_add", (x, index, like), {}), known=known)


def entry(x, new_shape):
    """x[2:3] of a list, reshaped to a number, as x[2]; or None."""
    if new_shape != () or op_of(x) != "getitem" or len(x.operands[0].shape) != 1 \
            or not is_fixed(x.operands[1]):
        return None
    (place,), _ = array.positions(x.operands[0].shape, x.operands[1])
    return symbol("getitem", x.operands[0], place)


BY_HAND = {
    "pow": lambda x, y: symbol("multiply", x, x) if number(y) == 2 else None,
    "permute_dims": lambda x, axes: symbol("matrix_transpose", x) if axes == (1, 0) else None,
    "abs": lambda x: symbol("abs", x.operands[0]) if op_of(x) == "negative" else None,
    "getitem": all_entries, "scatter_add": simpler_scatter_add,
    "matrix_transpose": transposed_product, "reshape": entry, "multiply": product_of_constants,
    "add": sum_by_hand}


# -- the formula of a graph, and of a rule -------------------------------------------------------

def formula(root: Node, named=lambda node: node.name, general: bool = False) -> Symbol:
    """The Symbol of a recorded graph: its operations as they were written, lightly simplified.

    named(node) gives a leaf its name, or None; a step that gets one is taken for a leaf.
    general: masks of equality, as of ties, count as 0.
    """
    known, found = {}, {}
    names = {node: named(node) for node in order(root)}

    def of(x, arg):
        if isinstance(x, Node):
            if x not in found:
                found[x] = Symbol.leaf(arg, named(x), known)
            return found[x]
        return Symbol.leaf(x, None, known) if shape(x) else x

    for node in order(root, [node for node, name in names.items() if name and node is not root]):
        operands = [of(x, arg) for x, arg in zip(node.inputs, node.args)]
        found[node] = 0.0 if general and node.op == "equal" else \
            step(node.primitive, operands, node._data, known)
    return of(root, root._data)


def step(primitive, operands, data, known):
    """The Symbol of one recorded operation."""
    op, settings = primitive.name, dict(primitive.settings)
    operands += [settings.pop(name) for name in ("shape", "axes", "index") if name in settings]
    if op == "permute_dims" and operands[1] == (1, 0):
        op, operands = "matrix_transpose", operands[:1]
    simpler = simplified(op, tuple(operands), settings)
    if simpler is not None:
        return simpler
    return Symbol(op, tuple(operands), settings, data, known=known)


# -- as Python source ----------------------------------------------------------------------------

def python(x, spelled=lambda x: None) -> str:
    """A Symbol as a Python expression; spelled(x) may give the text of a part of it instead."""
    return _text(x, spelled)[0]


def _text(x, spelled):
    """The text of an operand, and how tightly it binds."""
    text = spelled(x)
    if text is not None:
        return text, WHOLE
    if isinstance(x, (tuple, list)):
        parts = ", ".join(_text(part, spelled)[0] for part in x)
        return f"[{parts}]" if isinstance(x, list) else f"({parts}{',' * (len(x) == 1)})", WHOLE
    if isinstance(x, slice) and x.step is None:
        return f"slice({x.stop})" if x.start is None else f"slice({x.start}, {x.stop})", WHOLE
    if not isinstance(x, Symbol):
        return repr(x), LEVEL["negative"] if repr(x).startswith("-") else WHOLE
    if x.op is None:
        return x.name or repr(x.data), WHOLE

    def part(operand, least=0):
        text, its_level = _text(operand, spelled)
        return text if its_level >= least else f"({text})"

    level = LEVEL.get(x.op, WHOLE)
    if x.op == "pow":
        return f"{part(x.operands[0], WHOLE)} ** {part(x.operands[1], LEVEL['negative'])}", level
    if x.op in SIGN:
        left, right = x.operands
        return f"{part(left, level)} {SIGN[x.op]} {part(right, level + 1)}", level
    if x.op == "negative":
        return f"-{part(x.operands[0], level)}", level
    if x.op == "matrix_transpose":
        return f"{part(x.operands[0], WHOLE)}.T", WHOLE
    if x.op == "getitem":
        array, index = x.operands
        return part(array, WHOLE) + bracketed(index, part), WHOLE
    args = [part(operand) for operand in x.operands]
    args += [f"{name}={part(setting)}" for name, setting in x.settings.items()
             if setting is not None and setting is not False]  # the defaults
    return f"{x.op}({', '.join(args)})", WHOLE


def bracketed(index, text) -> str:
    """An index as it is written; text(part) is how its Symbols and lists are."""
    index = index if type(index) is tuple else (index,)
    inner = ", ".join(slice_text(part) if isinstance(part, slice) else text(part)
                      for part in index)
    return f"[{inner or '()'}]"


def setting_text(setting) -> str:
    """What an operation was given besides operands, as it is written; of an array the entries."""
    if setting is Ellipsis or getattr(setting, "size", 1) > 100:
        return "…"
    return repr(setting.tolist() if hasattr(setting, "tolist") else setting)


def slice_text(part: slice) -> str:
    """A slice as it is written between brackets."""
    start, stop, step = ("" if end is None else str(end)
                         for end in (part.start, part.stop, part.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
