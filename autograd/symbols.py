"""Symbol: an operand that remembers how it was computed, so that the table of rules gives formulas.

To the operations of `ops.py` a Symbol is one more kind of array: `namespace(x)` answers with
functions that compute on the data inside and note the step. So the same forwards and the same
rules that give numbers on floats and arrays give formulas here, and nothing is written twice:

    >>> from autograd import tanh
    >>> w, x = Symbol.leaf(0.5, "w"), Symbol.leaf(2.0, "x")
    >>> tanh(w * x + 0.0)
    tanh(w * x)

Here is how a step is noted. `simplify.py` leaves out what has no effect, as the 0.0 above, and
`spelling.py` writes a step as Python. `compile.py` makes programs of Symbols, `latex.py` formulas.
"""
from __future__ import annotations

import operator
from contextvars import ContextVar
from functools import cached_property, partial

from . import array, namespace as arrays, ops
from .array import Array
from .graph import Node
from .namespace import library, namespace, shape
from .simplify import (
    SIMPLER_IN_PROGRAMS, is_fixed, is_mask, number, simplified, within)
from .value import METHODS_OF_ARRAYS


class Symbol:
    """A step of a computation on arrays: the data, and the operation and operands it came from.

    A leaf has no op: an input, which has a name, or a constant. `operands` holds Symbols, plain
    numbers and arrays, and what else was given by place (a shape, an index); `settings` what was
    given by name. `kind` says what stands for it in a program, as `kind(data)` does. `number` is
    that of a constant that is one, else None. `known` is the table of all steps of a recording.
    """

    __array_ufunc__ = None  # NumPy's arrays leave `array * symbol` to us

    def __init__(self, op, operands, settings, data, name=None, known=None):
        self.op, self.operands, self.settings = op, operands, settings
        self.data, self.name, self.known = data, name, known
        self.shape = () if type(data) is float else tuple(shape(data))
        self.kind = kind(data)
        self.number = float(data) if op is None and name is None and not self.shape else None

    @classmethod
    def leaf(cls, data, name: str | None, known: dict | None = None) -> Symbol:
        """A Symbol that was given: an input by its name, or a constant without one."""
        return cls(None, (), {}, data, name, {} if known is None else known)

    def constant(self, data) -> Symbol:
        """A constant of the same recording."""
        return Symbol.leaf(data, None, self.known)

    def __array_namespace__(self, api_version=None):
        return functions

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: getattr(self.data, "size", 1))
    T = property(lambda self: symbol("matrix_transpose", self))

    @property
    def dtype(self):
        """That of the data; of labels `list`."""
        return list if self.kind == "labels" else getattr(self.data, "dtype", float)

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
        check_index(index)
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
        from .spelling import python  # here: only printing a Symbol needs it
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
for _name in METHODS_OF_ARRAYS:
    setattr(Symbol, _name, getattr(Array, _name))


def check_index(index):
    """Raise TypeError for what can't be an index while the steps are recorded."""
    symbols = [part for part in within(index) if isinstance(part, Symbol)]
    if any(map(is_mask, symbols)):
        raise TypeError("compile: an index that is a mask gives another shape in every call, "
                        "and the steps are recorded for one; use where(mask, x, y)")
    for part in symbols:
        if type(part.data) is float:
            raise TypeError(f"compile: {part} is a number and computes as a float, so it is no "
                            "place in an array; give a list of ints, as [1], and index by that")
    if isinstance(index, Symbol) and type(index.data) is tuple:
        raise TypeError(f"compile: {index} is a tuple of ints, and by itself an index of one "
                        "place on each axis; close over it, or give a list, as [0, 2], to take "
                        "these places of the first axis")


def kind(x) -> str:
    """What stands for an operand in a program.

    A number, the flat list of an Array, the array of a library, or labels: a list or tuple of ints.
    """
    if type(x) is float:  # as nearly always
        return "number"
    if type(x) is Symbol:
        return x.kind
    if isinstance(x, (list, tuple)):
        return "labels"
    if isinstance(x, Array):
        return "list"
    return "array" if library(x) else "number"


def data_of(x):
    """The data of a Symbol; anything else as it is."""
    return x.data if type(x) is Symbol else x


def substituted(things, by):
    """The same tuple or list with by(x) in the place of each x in it."""
    return type(things)([substituted(x, by) if type(x) in (tuple, list) else by(x)
                         for x in things])


# -- how a step is noted -------------------------------------------------------------------------
# A step is looked for among simpler ones, then among those that are known; else it is computed and
# becomes known. So what is computed twice, forward and backward, is one Symbol, and one line.

def symbol(op: str, *operands, **settings):
    """The step that does op with the operands; a simpler or an equal one where there is one."""
    one = operands[0]
    if type(one) is not Symbol:
        one = next((x for x in within(operands) if type(x) is Symbol), None)
    if one is None:  # a constant, of our own kind until it meets another
        return computed(op, operands, settings)
    if one.kind in ("array", "labels"):
        operands = in_one_library(operands)
    simpler = simplified(op, operands)
    if simpler is None and op in SIMPLER_IN_PROGRAMS:
        simpler = SIMPLER_IN_PROGRAMS[op](*operands)
    if isinstance(simpler, (float, int)):  # of the kind and precision that the step would have
        data = computed(op, operands, settings)
        return simpler if shape(data) else one.constant(data)
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
            return one.constant(data)
        known[key] = Symbol(op, operands, settings, data, known=known)
    return known[key]


def key_of(x):
    """What two operands have in common only if they are the same Symbol, array or plain thing."""
    if type(x) is Symbol or isinstance(x, Node) or hasattr(x, "__array_namespace__"):
        return id(x)
    if type(x) in (tuple, list):
        return (type(x), *map(key_of, x))
    return repr(x)  # 0.0 is not -0.0, and nan is nan


def in_one_library(operands):
    """The operands, the constant Arrays among them in the library and precision of the others."""
    data = next((x.data for x in within(operands) if kind(x) == "array" and type(x) is Symbol),
                None)
    if data is None:
        return operands
    xp = namespace(data)

    def converted(x):
        if not isinstance(x, Array):
            return x
        same = x.dtype is float and xp.isdtype(data.dtype, "real floating")
        return xp.reshape(xp.asarray(x.tolist(), dtype=data.dtype if same else None), x.shape)
    return substituted(operands, converted)


# A library's number, such as the 0.1 that a float32 array was multiplied by, is a constant Symbol
# and is written as a plain 0.1, which takes on the precision of the array beside it. A mask has
# none to take on: there it would be a double, so there the library's number itself is written.

def is_without_precision(x) -> bool:
    """Is x a number that is another in every run, or a mask? Beside these 0.5 makes a double."""
    is_number = type(x) is Symbol and x.kind == "number"
    return is_number and x.number is None or is_mask(x)


def in_its_precision(x):
    """A constant that is a library's number, as such and no plain one; anything else as it is."""
    return x.data if type(x) is Symbol and x.kind == "array" and x.number is not None else x


# -- what a step computes ------------------------------------------------------------------------

constants: ContextVar = ContextVar("constants", default=array)  # the library that lists go to
precision: ContextVar = ContextVar("precision")  # and what numbers made of labels have there


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


# Functions that the standard lacks or that are spelled as methods and operators of the data.
COMPUTED = {
    "getitem": lambda x, index: x[arrays.as_index(index)], "negative": operator.neg,
    "logical_not": operator.invert, "abs": abs, "add": operator.add, "subtract": operator.sub,
    "multiply": operator.mul, "matrix_transpose": operator.attrgetter("T"),
    "astype": lambda x, dtype: x.astype(dtype), "asarray": lambda x: constants.get().asarray(x),
    "float": float, "scatter_add": arrays.scatter_add, "one_hot": arrays.one_hot,
    "erf": arrays.erf, "cumulative_sum": arrays.cumulative_sum}
OF_NUMBERS = {"arange", "broadcast_to", "reshape", "expand_dims"}  # make an array of a number, too


class Functions:
    """The array functions on Symbols, each by its name; here are those that are no plain step."""

    __name__ = "autograd.symbols"
    takes_any_array = True  # constants of any kind may stand beside a Symbol

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        function = partial(symbol, name)
        setattr(self, name, function)  # found at once from now on
        return function

    def asarray(self, x, dtype=None, copy=None):
        """x to compute with. (With a dtype come ints that shall be floats, and copies.)"""
        if not isinstance(x, Symbol):
            return in_library(x, dtype)
        if copy:
            return in_precision(x, dtype)
        if dtype is not None and self.isdtype(x.dtype, "integral"):
            return as_floats(x)
        if x.kind == "labels" and constants.get() is not array:
            return symbol("asarray", x)  # the library would make an array of them in each step
        return x

    def as_number(self, x):
        """A library's number, or a label, as a float."""
        is_other = kind(x) == "array" or type(data_of(x)) is int
        return symbol("float", x) if is_other else x

    def isdtype(self, dtype, kinds):
        if dtype in (list, int):  # of labels, and of places in an Array
            return kinds == "integral"
        return constants.get().isdtype(dtype, kinds)

    def one_hot(self, labels, like):
        return symbol("one_hot", self.asarray(labels), like)

    def linear(self, x, weight, bias):
        of_arrays = {kind(x), kind(weight), kind(bias)} == {"list"}
        return symbol("linear", x, weight, bias) if of_arrays else x @ weight + bias

    def concat(self, xs, axis=0):
        return symbol("concat", *xs, axis=axis)

    def zeros_like(self, x):
        return x.constant(namespace(x.data).zeros_like(x.data))


functions = Functions()


def in_library(x, dtype):
    """A list as an array of the library that lists go to."""
    if dtype is None and set(map(type, x)) == {int}:
        return x  # ints are places, and stay so
    xp = constants.get()
    return xp.asarray(x) if xp is array else xp.asarray(x, dtype=dtype)


def in_precision(x, dtype):
    """A gradient in the precision of what it is of."""
    if dtype is float:
        return functions.as_number(x)
    other = x.kind == "array" and dtype is not None and x.dtype != dtype
    return symbol("astype", x, str(dtype)) if other else x


def as_floats(x):
    """Ints, which are places otherwise, as numbers to compute with."""
    if x.kind == "labels":
        if constants.get() is array:
            raise TypeError(f"compile: {x} is a list of ints, and so taken for labels; give "
                            "asarray([...]) where the numbers are an array to compute with")
        x = symbol("asarray", x)
    return symbol("asarray", x) if x.kind == "list" else symbol("astype", x, "float64")
