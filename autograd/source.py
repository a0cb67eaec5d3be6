"""From Symbols to the Python function that a person would write by hand for the same steps.

Numbers become local variables. Our own arrays become flat lists: a chain of elementwise steps is
one comprehension (on PyPy a loop), with no list in between, and a matrix product is a call of its
kernel. Arrays of another library stay what they are, and their steps become calls of that library.
Which steps get a line, and what is written inside it, is decided in `plan.py`. Here are the names,
the lines and the whole; the words for a step are in `on_entries.py`, `on_lists.py` and
`on_libraries.py`.
"""
from __future__ import annotations

import keyword
import math
import re
import textwrap
import unicodedata
from collections import Counter, namedtuple
from functools import partial, reduce

from . import array, floats, kernels, namespace as arrays
from .array import Array, TransposedProduct
from .namespace import library
from .on_entries import comprehension, text_on_numbers
from .on_libraries import minus_one_hot, text_on_a_library
from .on_lists import text_on_lists
from .plan import (
    ELEMENTWISE, OF_MATH, Plan, before_reshaping, before_stretching, is_elementwise,
    is_minus_one_hot)
from .simplify import number, op_of
from .spelling import SIGN, atom, python
from .symbols import Symbol

MOST_LINES = 1000  # of one function: CPython's compiler takes longer than in proportion beyond
SHORT = 8          # entries of an index or a constant that is written out

# What a step is called that has no name of its own:
CALLED = {"matmul": "product", "matrix_transpose": "transposed", "exp": "powers", "log": "logs",
          "max": "largest", "min": "smallest", "sum": "sums", "one_hot": "one_hot",
          "subtract": "difference", "divide": "quotient", "getitem": "picked",
          "scatter_add": "scattered", "asarray": "places"}


# What the lines may call. Numbers are computed with C code that raises where IEEE has an inf or a
# nan: who runs the program starts again with functions that do not.

def of_row(extreme, of_two):
    """The largest or smallest of a row of numbers; nan if there is one among them."""
    def function(row):
        whole = sum(row)
        return extreme(row) if whole == whole else reduce(of_two, row)
    return function


SCALAR = {name: getattr(math, name) for name in OF_MATH}
SCALAR.update(abs=abs, float=float, sign=floats.sign, maximum=floats.maximum,
              minimum=floats.minimum)
KERNELS = {name: getattr(kernels, name) for name in
           "matmul transposed_matmul transpose total column_sums rows".split()}
NAMES = {"Array": Array, "TransposedProduct": TransposedProduct, "array": array, "arrays": arrays,
         "inf": math.inf, "nan": math.nan,
         "largest_of": of_row(max, floats.maximum), "smallest_of": of_row(min, floats.minimum),
         **SCALAR, **KERNELS}


Line = namedtuple("Line", "name used text comment is_backward")  # used: the names in its text


class Writer:
    """Writes a recording as a function. `names` and `comments` are by Symbol."""

    def __init__(self, recording):
        self.recording = recording
        self.names, self.comments = {}, {}
        self.constants, self.constants_by_start = {}, {}  # the names of those that start alike
        self.np = None  # the library whose arrays it works on, if any
        self.taken = {*NAMES, *keyword.kwlist, "step", "state", "inputs", "np", "__debug__",
                      *"zip range e i row label _".split()}  # what the lines use themselves
        self.counts = Counter()  # of the names that were made by counting on
        leaves = recording.parameters
        self.inputs = [*recording.inputs, *leaves.values()]
        for x in self.inputs:
            self.name(x, x.name)
        for i, node in enumerate(recording.nodes, 1):
            self.name(node._data, node.name or f"v{i}", node.op)
        for node, g in recording.gradients.items():
            x = leaves.get(node, node._data)
            if isinstance(x, Symbol) and x in self.names:
                self.name(g, f"d{self.names[x]}")

    def free_name(self, wish: str) -> str:
        """The wish as a name of Python that nothing else has."""
        # As Python reads names: of the two signs for mu, say, it makes one.
        stem = re.sub(r"\W|^(?=\d)", "_", unicodedata.normalize("NFKC", wish)) or "_"
        if not stem.isidentifier():
            stem = re.sub(r"\W", "_", stem, flags=re.ASCII)
        name = stem
        while name in self.taken:
            self.counts[stem] += 1
            name = f"{stem}_{self.counts[stem]}"
        self.taken.add(name)
        return name

    def name(self, x, wish: str, op: str = ""):
        """Give a Symbol a name, if it has none yet; op: what it is to be called in a comment."""
        if isinstance(x, Symbol) and number(x) is None and x not in self.names:
            self.names[x] = self.free_name(wish)
            if x.shape:
                self.comments[x] = f"{op} {x.shape}".strip()
            elif op and op != x.op and op not in SIGN:
                self.comments[x] = op

    # -- the lines -------------------------------------------------------------------------------

    def write(self, outputs):
        """The source, and the function that it defines: of the inputs, giving the outputs."""
        self.plan = Plan(outputs, self.recording.steps, self.names)
        # What only the caller reads need not be made before he looks.
        self.handed_out = {x for x, readers in self.plan.readers.items()
                           if len(readers) == 1 and readers[0] is None}
        self.ready = {x: self.names[x] for x in self.inputs}
        backward = set(map(id, self.recording.steps[self.recording.forward:]))
        lines = [self.line(x, id(x) in backward) for x in self.plan.lines]
        self.used = set()
        returned = ", ".join(self.text(x) for x in outputs) + ("," if len(outputs) == 1 else "")
        last = Line(None, self.used, returned, None, None)
        parameters = [self.names[x] for x in self.inputs]
        write = one_function if len(lines) <= MOST_LINES else several_functions
        source = "\n".join([*self.about_constants(), *write(parameters, lines, last)])
        names = {**NAMES, **self.constants, "np": self.np}
        exec(source, names)
        return source, names["step"]

    def line(self, x, is_backward):
        """The line of a step, which from then on is ready to be read."""
        if x not in self.names:
            what = x.operands[0] if is_minus_one_hot(x) else x
            self.names[x] = self.free_name(CALLED.get(op_of(what), "t"))
        self.used = set()  # the names in its text
        if is_elementwise(x):
            text = comprehension(self, x)
        elif is_minus_one_hot(x):
            text = minus_one_hot(self, x)
        else:
            text = self.text(x)
        self.ready[x] = self.names[x]
        return Line(self.names[x], self.used, text, self.comments.get(x), is_backward)

    def text(self, x, letters=None):
        """x as an expression; with `letters`, by id and shape, as one on the entries of lists."""
        return python(x, partial(self.spelled, letters=letters))

    def spelled(self, x, letters):
        """The text of a part of an expression, or None for what `python` spells right itself."""
        if type(x) is not Symbol:
            if isinstance(x, list) and len(x) > SHORT:
                return self.constant(x)
            if library(x) is None:
                return None
            return letters and letters.get((id(x), x.shape)) or self.constant(x)
        constant = number(x)
        if constant is not None:
            return f"({constant!r})" if math.copysign(1.0, constant) < 0 else f"{constant!r}"
        if letters is not None:
            y, shape = before_stretching(x)
            if (id(y), shape) in letters:
                return letters[(id(y), shape)]
            if y is not x:
                return atom(self.text(y, letters))
        x = before_reshaping(x)
        if x in self.ready:
            self.used.add(self.ready[x])
            return self.ready[x]
        if x.op is None:
            return self.constant(x.data)
        if x.kind == "array":
            return text_on_a_library(self, x)
        if x.op in ELEMENTWISE:
            return text_on_numbers(self, x, letters)
        return text_on_lists(self, x)

    def constant(self, data):
        """The name of an array that is the same in every run."""
        data = data.flat if isinstance(data, Array) else data
        start = repr(data[:SHORT] if type(data) is list else data)  # a library shows the ends
        names = self.constants_by_start.setdefault(start, [])
        for name in names:
            if are_equal(self.constants[name], data):
                return name
        is_one = getattr(data, "shape", None) == ()
        name = self.free_name("all_rows" if is_range(data) else "number" if is_one else "numbers")
        names.append(name)
        self.constants[name] = data
        return name

    def about_constants(self):
        """What the names stand for that are neither arguments nor well known."""
        for name, data in self.constants.items():
            if is_range(data):
                yield f"# {name} = np.arange({len(data)})"
            elif getattr(data, "shape", None) == ():
                yield f"# {name} = np.asarray({data.item()!r}, '{data.dtype}')"
            else:
                shape = data.shape if hasattr(data, "shape") else (len(data),)
                is_short = math.prod(shape) <= SHORT and len(str(listed(data))) < 70
                shown = listed(data) if is_short else shape
                yield f"# {name}: the same in every call, {shown}"


# -- constants -----------------------------------------------------------------------------------

def are_equal(x, y) -> bool:
    """Are two constants one list, or one array, as far as a program can tell?"""
    return x is y or type(x) is type(y) and all(
        getattr(x, name, None) == getattr(y, name, None) for name in ("dtype", "shape")) \
        and listed(x) == listed(y) and repr(listed(x)) == repr(listed(y))  # -0.0 is not 0.0


def is_range(x) -> bool:
    """Is a constant the ints 0, 1 ... ?"""
    entries = listed(x)
    return type(entries) is list and set(map(type, entries)) == {int} \
        and entries == list(range(len(entries)))


def listed(x):
    """An array as nested lists; anything else as it is."""
    return x.tolist() if hasattr(x, "tolist") else x


# -- the whole -----------------------------------------------------------------------------------

def one_function(parameters, lines, last):
    """The source lines of a program."""
    yield wrapped(f"def step({', '.join(parameters)}):", "         ")
    for heading, is_backward in (("forward", False), ("backward", True)):
        its_lines = [line for line in lines if line.is_backward == is_backward]
        if its_lines or not is_backward:
            yield f"    # {heading}"
        for name, _, text, comment, _ in its_lines:
            first, *more = f"    {name} = {text}".split("\n")
            if comment and len(first) + len(comment) > 96:
                yield f"    # {name}: {comment}"
            elif comment:
                first += f"  # {comment}"
            yield from (first, *more)
    yield wrapped(f"    return {last.text}", "           ")
    yield ""


def several_functions(parameters, lines, last):
    """Those of a long program: functions that hand on to each other what they need."""
    place = {name: f"inputs[{i}]" for i, name in enumerate(parameters)}
    chunks = [lines[i:i + MOST_LINES] for i in range(0, len(lines), MOST_LINES)]
    chunks[-1].append(last)
    made_in = {line.name: i for i, chunk in enumerate(chunks) for line in chunk}
    handed = {name for i, chunk in enumerate(chunks) for line in chunk
              for name in line.used if made_in.get(name, i) != i}
    place.update((name, f"state[{i}]") for i, name in enumerate(sorted(handed)))
    for i, chunk in enumerate(chunks):
        yield f"def part_{i}(inputs, state):"
        needed = dict.fromkeys(name for line in chunk for name in sorted(line.used)
                               if made_in.get(name) != i)
        yield from (f"    {name} = {place[name]}" for name in needed)
        for line in chunk:
            kept = f"{place[line.name]} = " if line.name in handed else ""
            yield f"    return {line.text}" if line is last else \
                f"    {kept}{line.name} = {line.text}"
        yield ""
    yield "def step(*inputs):"
    yield f"    state = [None] * {len(handed)}"
    yield from (f"    part_{i}(inputs, state)" for i in range(len(chunks) - 1))
    yield f"    return part_{len(chunks) - 1}(inputs, state)"
    yield ""


def wrapped(line: str, indent: str) -> str:
    """A long line of names, broken at the spaces between them."""
    if len(line) <= 100:
        return line
    head, space, names = line.partition("return ") if "return " in line else line.partition("(")
    if space == "return ":
        names, space = f"({names})", "return "
    return textwrap.fill(head + space + names, 100, subsequent_indent=indent,
                         break_long_words=False)
