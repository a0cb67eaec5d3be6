"""Which steps of a recording a program needs, and which of them share a line.

Over lists, tanh(x * w + b) is three steps and one line, with no list in between:

    v3 = [tanh(a * b + c) for a, b, c in zip(x, w, b)]

A step that no output needs is left out. One that a single line reads may be written inside that
line; any other gets a line and a name of its own, so that what several read is computed once.
`source.py` writes the lines.
"""
from __future__ import annotations

from . import namespace as arrays
from .simplify import number, within
from .symbols import Symbol, kind

MOST_STEPS = 12  # of one line

OF_MATH = "exp expm1 log log1p log2 sqrt sin cos tan asin acos atan sinh cosh tanh erf pow".split()
ELEMENTWISE = {*OF_MATH, "abs", "sign", "maximum", "minimum", "add", "subtract", "multiply",
               "divide", "negative", "where", "ones_like", "less", "less_equal", "greater",
               "greater_equal", "equal", "not_equal", "logical_not", "float"}
RESHAPES = {"reshape", "squeeze", "expand_dims"}  # of a flat list, they give the same list
REDUCTIONS = {"sum", "max", "min"}


class Plan:
    """Which steps share a line.

    lines: by each step that has a line, in order, the steps written in it; that step is the last.
    readers: of each Symbol the steps that read it; None stands for the caller.
    named: the Symbols that have a name in the graph, such as v1 and dv1; outside of comprehensions
    these keep lines of their own.
    """

    def __init__(self, outputs, steps, named):
        self.named = named
        self.lines, self.line_of, self.readers = {}, {}, {}
        for x in outputs:
            if isinstance(x, Symbol):
                y = before_reshaping(x)
                self.readers.setdefault(y, []).append(None if y is x else x)
        for x in reversed(steps):  # so that all its readers come before a step
            if x in self.readers:
                home = self.home(x)
                self.lines.setdefault(home, []).insert(0, x)
                self.line_of[x] = home
                for y in reads(x):
                    self.readers.setdefault(y, []).append(x)
        self.lines = dict(reversed(self.lines.items()))

    def home(self, x):
        """The step whose line x is written in: the one line that reads it, if x fits; else x."""
        first, *others = {self.line_of.get(reader) for reader in self.readers[x]}
        if others or first is None or len(self.lines[first]) == MOST_STEPS:
            return x
        if is_elementwise(first) or is_elementwise(x):
            fits = is_elementwise(first) and is_elementwise(x) and x.shape == first.shape
        else:
            fits = x.kind in ("number", "array") and len(self.readers[x]) == 1 \
                and x not in self.named and not is_minus_one_hot(x)
        return first if fits else x


# -- what a line reads ---------------------------------------------------------------------------
# Not always the operands: of a flat list another shape is the same list, and an elementwise step
# takes the entries of a bias again and again, so the step that broadcasts it is not needed.

def reads(x) -> list[Symbol]:
    """The Symbols that the line for a step reads."""
    found = [y for y in within(x.operands) if type(y) is Symbol]
    if is_elementwise(x):
        found = [before_stretching(y)[0] for y in found]
    elif of_transposed(x):
        found[0] = found[0].operands[0]
    elif x.op == "concat" and x.kind == "list":
        found = [only_entry(y) for y in found]
    return [before_reshaping(y) for y in found if type(y) is Symbol and number(y) is None]


def before_reshaping(x):
    """The Symbol whose flat list is that of x, too."""
    while x.op in RESHAPES and x.kind == kind(x.operands[0]) == "list":
        x = x.operands[0]
    return x


def before_stretching(x):
    """What an elementwise step on lists reads for an operand, and the shape it has there."""
    if isinstance(x, Symbol) and x.op == "broadcast_to":
        x = x.operands[0]
    x = only_entry(x)
    return (before_reshaping(x) if isinstance(x, Symbol) else x), arrays.shape(x)


def only_entry(x):
    """The number that a list of one is made of; anything else as it is."""
    is_one = isinstance(x, Symbol) and x.op == "reshape" and kind(x.operands[0]) == "number"
    return x.operands[0] if is_one else x


# -- kinds of steps ------------------------------------------------------------------------------

def is_elementwise(x) -> bool:
    """Does x become a comprehension over lists, or a part of one?"""
    return x.kind == "list" and x.op in ELEMENTWISE


def of_transposed(x) -> bool:
    """Is x a product xᵀ @ y of lists, which has a kernel of its own?"""
    return (x.op == "matmul" and kind(x) == "list" and len(x.shape) == 2
            and isinstance(x.operands[0], Symbol) and x.operands[0].op == "matrix_transpose")


def is_minus_one_hot(x) -> bool:
    """Is x a step y - one_hot(labels), where 1 may be subtracted in place, from the new array y?"""
    if x.op != "subtract" or x.kind != "array" or hasattr(x.data, "at"):  # JAX: no writing
        return False
    y, one_hot = x.operands
    return isinstance(one_hot, Symbol) and one_hot.op == "one_hot" and makes_an_array(y) \
        and x.shape == y.shape == one_hot.shape


def makes_an_array(x) -> bool:
    """Is x a step that gives a new array, which is nobody else's, in any library?"""
    return isinstance(x, Symbol) and (
        x.op in ELEMENTWISE or x.op in REDUCTIONS or x.op in ("matmul", "one_hot"))
