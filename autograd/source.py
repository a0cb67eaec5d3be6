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
from collections import Counter
from functools import partial

from . import array, floats, kernels, namespace as arrays
from .array import Array, TransposedProduct, unchecked
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

# What the source may call. Numbers are computed with C code that raises where IEEE has an inf or a
# nan: then `Compiled.run` computes f itself instead. An Array made of a list that the program made
# needs no look at each entry.
NAMES = {
    "Array": unchecked, "TransposedProduct": TransposedProduct, "array": array, "arrays": arrays,
    "inf": math.inf, "nan": math.nan, "abs": abs, "float": float,
    "largest_of": array.largest_of, "smallest_of": array.smallest_of,
    **{name: getattr(math, name) for name in OF_MATH},
    **{name: getattr(floats, name) for name in "sign maximum minimum".split()},
    **{name: getattr(kernels, name) for name in
       "matmul linear transposed_matmul transpose total column_sums rows".split()}}
# What a step is called that has no name of its own:
CALLED = {"matmul": "product", "matrix_transpose": "transposed", "exp": "powers", "log": "logs",
          "max": "largest", "min": "smallest", "sum": "sums", "one_hot": "one_hot",
          "subtract": "difference", "divide": "quotient", "getitem": "picked",
          "scatter_add": "scattered", "asarray": "places"}


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
        self.ready = {x: self.names[x] for x in self.inputs}  # what a line may read
        on_the_way_forward = set(self.recording.steps[:self.recording.forward])
        forward, backward = [], []  # lines: (name, text, comment)
        for x in self.plan.lines:
            (forward if x in on_the_way_forward else backward).append(self.line(x))
            self.ready[x] = self.names[x]
        parameters = [self.names[x] for x in self.inputs]
        returned = ", ".join(map(self.text, outputs)) + ("," if len(outputs) == 1 else "")
        if len(self.plan.lines) <= MOST_LINES:
            program = one_function(parameters, forward, backward, returned)
        else:
            program = several_functions(parameters, forward + backward, returned)
        source = "\n".join([*self.about_constants(), *program, ""])
        names = {**NAMES, **self.constants, "np": self.np}
        exec(source, names)
        return source, names["step"]

    def line(self, x):
        """The name of a step, its text and the comment on it."""
        if x not in self.names:
            what = x.operands[0] if is_minus_one_hot(x) else x
            self.names[x] = self.free_name(CALLED.get(op_of(what), "t"))
        if is_elementwise(x):
            text = comprehension(self, x)
        elif is_minus_one_hot(x):
            text = minus_one_hot(self, x)
        else:
            text = self.text(x)
        return self.names[x], text, self.comments.get(x)

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

def one_function(parameters, forward, backward, returned):
    """The source of a program of few lines, forward and then backward."""
    yield filled(f"def step({', '.join(parameters)}):", "         ")
    for way, lines in (("forward", forward), ("backward", backward)):
        if lines:
            yield f"    # {way}"
        for name, text, comment in lines:
            first, *more = f"    {name} = {text}".split("\n")
            if comment and len(first) + len(comment) > 96:
                yield f"    # {name}: {comment}"
            elif comment:
                first += f"  # {comment}"
            yield from (first, *more)
    line = f"    return {returned}"
    yield line if len(line) <= 100 else filled(f"    return ({returned})", "           ")


def several_functions(parameters, lines, returned):
    """That of a long one: functions of MOST_LINES lines, and a list for what they hand on.

    def part_0(inputs, state):
        x = inputs[0]
        state[0] = v1 = x * 2.0
    """
    chunks = [lines[i:i + MOST_LINES] for i in range(0, len(lines), MOST_LINES)]
    chunks[-1].append((None, returned, None))
    made = [{name for name, *_ in chunk} for chunk in chunks]
    read = [words_of(chunk) - its_own for chunk, its_own in zip(chunks, made)]
    kept = sorted(set().union(*made) & set().union(*read))
    place = {name: f"inputs[{i}]" for i, name in enumerate(parameters)}
    place.update((name, f"state[{i}]") for i, name in enumerate(kept))
    for i, chunk in enumerate(chunks):
        yield f"def part_{i}(inputs, state):"
        yield from (f"    {name} = {place[name]}" for name in sorted(read[i] & place.keys()))
        for name, text, _ in chunk:
            if name is None:
                yield f"    return {text}"
            elif name in place:
                yield f"    {place[name]} = {name} = {text}"
            else:
                yield f"    {name} = {text}"
        yield ""
    yield "def step(*inputs):"
    yield f"    state = [None] * {len(kept)}"
    yield from (f"    part_{i}(inputs, state)" for i in range(len(chunks) - 1))
    yield f"    return part_{len(chunks) - 1}(inputs, state)"


def words_of(lines) -> set[str]:
    """The words in the texts of lines, and so all names that these read."""
    return set(re.findall(r"\w+", " ".join(text for _, text, _ in lines)))


def filled(line: str, indent: str) -> str:
    """A line of names, broken at the spaces between them where it is long."""
    return textwrap.fill(line, 100, subsequent_indent=indent, break_long_words=False)
