"""Which steps of a recording a program needs, and which of them share a line.

A step that no output needs is left out. One that a single line reads may be written inside that
line; any other gets a line and a name of its own, so that what several read is computed once.
`source.py` writes the lines.
"""
from __future__ import annotations

from collections import Counter

from . import namespace as arrays
from .simplify import number, within
from .symbols import Symbol, kind

MOST_PARTS = 8  # steps in one comprehension
DEEPEST = 10    # how many steps may stand inside one another on a line

OF_MATH = "exp expm1 log log1p log2 sqrt sin cos tan asin acos atan sinh cosh tanh erf pow".split()
ELEMENTWISE = {*OF_MATH, "abs", "sign", "maximum", "minimum", "add", "subtract", "multiply",
               "divide", "negative", "where", "ones_like", "less", "less_equal", "greater",
               "greater_equal", "equal", "not_equal", "logical_not", "float"}
SAME_LIST = {"reshape", "squeeze", "expand_dims"}  # another shape of the same flat list
REDUCTIONS = {"sum", "max", "min"}


class Plan:
    """What is known of the steps before a line is written.

    needed: the steps that the outputs need, in order. readers: of each Symbol the steps that read
    it; None stands for the outputs. line_of: of each step the one whose line it is a part of, or
    itself. named: the Symbols with a name; outside of comprehensions these keep lines of their own.
    """

    def __init__(self, outputs, steps, named):
        self.named = named
        self.readers = {x: [None] for x in outputs if isinstance(x, Symbol)}
        self.reads, self.needed = {}, []
        self.line_of, self.depth = {}, {}  # depth: how many steps of its line it stands inside
        self.sizes = Counter()  # of the comprehensions
        for x in reversed(steps):  # so that all its readers come before a step
            if x in self.readers:
                self.needed.append(x)
                self.reads[x] = reads(x)
                for y in self.reads[x]:
                    self.readers.setdefault(y, []).append(x)
                homes = {self.line_of.get(reader) for reader in self.readers[x]}
                home = homes.pop() if len(homes) == 1 else None
                inside = home is not None and self.fits(x, home)
                self.line_of[x] = home if inside else x
                self.depth[x] = 1 + self.depth[self.readers[x][0]] if inside else 0
        self.needed.reverse()
        self.places = {x: place for place, x in enumerate(self.needed)}

    def fits(self, x, home):
        """May the step x be written inside the line of `home`, the only one that reads it?"""
        if is_elementwise(home) or is_elementwise(x):
            joins = is_elementwise(home) and is_elementwise(x) and x.shape == home.shape \
                and self.sizes[home] < MOST_PARTS
            self.sizes[home] += joins
            return joins
        return x not in self.named and len(self.readers[x]) == 1 and not is_minus_one_hot(x) \
            and x.kind in ("number", "array") and self.depth[self.readers[x][0]] < DEEPEST

    def parts_of(self, x):
        """The steps of the line of x, in order; x comes last."""
        found, stack = set(), [x]
        while stack:
            part = stack.pop()
            if part not in found:
                found.add(part)
                stack += [y for y in self.reads[part] if self.line_of.get(y) is x]
        return sorted(found, key=self.places.get)


def same_list(x):
    """The Symbol whose flat list serves as that of x."""
    while x.op in SAME_LIST and x.kind == kind(x.operands[0]) == "list":
        x = x.operands[0]
    return x


def before_stretching(x):
    """What an elementwise step on lists reads for an operand, and its shape."""
    if isinstance(x, Symbol) and x.op == "broadcast_to":
        x = x.operands[0]
    x = only_entry(x)
    shape = arrays.shape(x)
    return (same_list(x) if isinstance(x, Symbol) else x), shape


def only_entry(x):
    """The number that a list of one is made of; anything else as it is."""
    is_one = isinstance(x, Symbol) and x.op == "reshape" and kind(x.operands[0]) == "number"
    return x.operands[0] if is_one else x


def is_elementwise(x) -> bool:
    """Does x become a comprehension over lists, or a part of one?"""
    return x.kind == "list" and x.op in ELEMENTWISE


def reads(x) -> list[Symbol]:
    """The Symbols that the line for a step reads."""
    found = [y for y in within(x.operands) if type(y) is Symbol]
    if is_elementwise(x):
        found = [y for y in (before_stretching(y)[0] for y in found) if type(y) is Symbol]
    elif of_transposed(x):
        found[0] = found[0].operands[0]
    elif x.op == "concat" and x.kind == "list":
        found = [only_entry(y) for y in found]
    return [same_list(y) for y in found if number(y) is None]


def makes_an_array(x) -> bool:
    """Is x a step that gives a new array, which is nobody else's, in any library?"""
    return isinstance(x, Symbol) and (
        x.op in ELEMENTWISE or x.op in REDUCTIONS or x.op in ("matmul", "one_hot"))


def of_transposed(x) -> bool:
    """Is x a product xᵀ @ y of lists, which has a kernel of its own?"""
    return (x.op == "matmul" and kind(x) == "list" and len(x.shape) == 2
            and isinstance(x.operands[0], Symbol) and x.operands[0].op == "matrix_transpose")


def is_minus_one_hot(x) -> bool:
    """Is x a step y - one_hot(labels) of a library whose arrays can be written to?"""
    return x.op == "subtract" and kind(x) == "array" and not hasattr(x.data, "at") \
        and isinstance(x.operands[1], Symbol) and x.operands[1].op == "one_hot"
