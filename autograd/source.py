"""From Symbols to the Python function that a person would write by hand for the same steps.

Numbers become local variables. Our own arrays become flat lists: a chain of elementwise steps is
one comprehension (on PyPy a loop), with no list in between, and a matrix product is a call of its
kernel. Arrays of another library stay what they are, and their steps become calls of that library.
Which steps get a line, and what is written inside it, is decided in `plan.py`; here are the words.
"""
from __future__ import annotations

import keyword
import math
import re
import textwrap
import unicodedata
from collections import Counter
from functools import partial, reduce
from itertools import chain, count

from . import array, floats, kernels, namespace as arrays, ops
from .array import Array, TransposedProduct
from .namespace import library
from .notation import bracketed, slice_text
from .plan import (
    ELEMENTWISE, OF_MATH, REDUCTIONS, SAME_LIST, Plan, before_stretching, is_elementwise,
    is_minus_one_hot, makes_an_array, of_transposed, only_entry, same_list)
from .simplify import is_fixed, number, op_of
from .spelling import SIGN, python
from .symbols import OF_NUMBERS, Symbol, kind

MOST_LINES = 1000  # of one function: CPython's compiler takes longer than in proportion beyond
SHORT = 8          # entries of an index or a constant that is written out

# Numbers are computed with C code that raises where IEEE has an inf or a nan: who runs the program
# starts again with functions that do not.
SCALAR = {name: getattr(math, name) for name in OF_MATH}
SCALAR.update(abs=abs, float=float, sign=floats.sign, maximum=floats.maximum,
              minimum=floats.minimum)
OPERATORS = {"add", "subtract", "multiply", "divide", "matmul", "pow", "negative", "abs", "getitem",
             "matrix_transpose", "less", "less_equal", "greater", "greater_equal", "equal",
             "not_equal"}  # and the like: what `python` spells right for arrays of a library too
OWN = {"scatter_add", "one_hot", "erf", "cumulative_sum"}  # functions of `namespace.py`
SPECIAL = {"where", "maximum", "minimum", "sign", "pow", "logical_not", "ones_like"}
NAME_IT_TWICE = {"maximum", "minimum", "sign"}  # their text names the operand twice
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What a step is called that has no name of its own:
CALLED = {"matmul": "product", "matrix_transpose": "transposed", "exp": "powers", "log": "logs",
          "max": "largest", "min": "smallest", "sum": "sums", "one_hot": "one_hot",
          "subtract": "difference", "divide": "quotient", "getitem": "picked",
          "scatter_add": "scattered", "asarray": "places"}


def of_row(extreme, of_two):
    """The largest or smallest of a row of numbers; nan if there is one among them."""
    def function(row):
        whole = sum(row)
        return extreme(row) if whole == whole else reduce(of_two, row)
    return function


KERNELS = {name: getattr(kernels, name) for name in
           "matmul transposed_matmul transpose total column_sums rows".split()}
NAMES = {"Array": Array, "TransposedProduct": TransposedProduct, "array": array, "arrays": arrays,
         "inf": math.inf, "nan": math.nan,
         "largest_of": of_row(max, floats.maximum), "smallest_of": of_row(min, floats.minimum),
         **SCALAR, **KERNELS}


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
        asked_for = [x for x in outputs if isinstance(x, Symbol)]
        outputs = [same_list(x) if isinstance(x, Symbol) else x for x in outputs]
        steps = self.recording.steps
        backward = {id(x) for x in steps[self.recording.forward:]}
        self.plan = Plan(outputs, steps, self.names)
        # What only the caller reads, and not in another shape, need not be made before he looks.
        self.handed_out = {x for x in asked_for if self.plan.readers.get(x) == [None]} \
            - {same_list(x) for x in asked_for if same_list(x) is not x}
        self.ready = {x: self.names[x] for x in self.inputs}
        self.lines = []  # (name, names that it reads, text, comment)
        began = None  # the first line of the way back
        for x in self.plan.needed:
            if self.plan.line_of[x] is x:
                if id(x) in backward and began is None:
                    began = len(self.lines)
                self.used = set()
                if x not in self.names:
                    what = x.operands[0] if is_minus_one_hot(x) else x
                    self.names[x] = self.free_name(CALLED.get(op_of(what), "t"))
                text = self.comprehension(x) if is_elementwise(x) else \
                    self.minus_one_hot(x) if is_minus_one_hot(x) else self.text(x)
                self.lines.append((self.names[x], self.used, text, self.comments.get(x)))
                self.ready[x] = self.names[x]
        self.used = set()
        returned = ", ".join(self.text(x) for x in outputs) + ("," if len(outputs) == 1 else "")
        parameters = [self.names[x] for x in self.inputs]
        write = self.function if len(self.lines) <= MOST_LINES else self.functions
        source = "\n".join([*self.about_constants(), *write(parameters, returned, began)])
        names = {**NAMES, **self.constants, "np": self.np}
        exec(source, names)
        return source, names["step"]

    def comprehension(self, x):
        """A chain of elementwise steps on lists, entry by entry."""
        parts = self.plan.parts_of(x)
        letters = (name for name in chain(LETTERS, (f"a{i}" for i in count()))
                   if not {name, f"all_{name}"} & self.taken)
        variables, loops, inner = {}, [], []
        for part in parts:
            for operand in part.operands:
                source = before_stretching(operand)
                key = (id(source[0]), source[1])
                if kind(source[0]) == "list" and key not in variables \
                        and not any(source[0] is part for part in parts):
                    variables[key] = next(letters)
                    loops.append((variables[key], *source))
        for part in parts:
            readers = self.plan.readers[part]
            if part is not x and (len(readers) > 1 or readers[0].op in NAME_IT_TWICE):
                text = self.text(part, variables)
                variables[(id(part), part.shape)] = letter = next(letters)
                inner.append((letter, text))
        text = self.text(x, variables)
        if kernels.ON_PYPY and len(loops) + len(inner) > 1:
            return self.loop_by_place(x, text, loops, inner)
        shared = "".join(f" for {letter} in [{part}]" for letter, part in inner)
        if not loops:
            return f"[{text}{shared}]" + (f" * {x.size}" if x.size != 1 else "")
        heads = ", ".join(letter for letter, *_ in loops)
        lists = [self.stretched(y, shape, x.shape) for _, y, shape in loops]
        over = f"zip({', '.join(lists)})" if len(lists) > 1 else lists[0]
        return f"[{text} for {heads} in {over}{shared}]"

    def loop_by_place(self, x, text, loops, inner):
        """The same chain as a loop, for PyPy: there `zip` takes five times as long.

        v1 = [0.0] * 6
        for i in range(6):
            a = x[i]
            b = bias[i % 3]
            c = a + b
            v1[i] = (0.0 if c <= 0.0 else c)
        """
        size = math.prod(x.shape)
        before, inside = [], []
        for letter, y, shape in loops:
            how, place = repetition(shape, x.shape), "i"
            its_list = self.text(y) if how else self.stretched(y, shape, x.shape)
            if how == "whole":
                place = f"i % {math.prod(shape)}"
            elif how == "each":
                place = f"i // {size // math.prod(shape)}"
            if not its_list.isidentifier():
                before.append(f"all_{letter} = {its_list}")
                its_list = f"all_{letter}"
            inside.append(f"{letter} = {its_list}[{place}]")
        inside += [f"{letter} = {part}" for letter, part in inner]
        empty = "False" if x.dtype is bool else "0.0"
        return "\n    ".join([f"[{empty}] * {size}", *before, f"for i in range({size}):",
                              *(f"    {line}" for line in inside),
                              f"    {self.names[x]}[i] = {text}"])

    def stretched(self, x, old, new):
        """The text of the flat list of x, stretched from its old shape to the new one."""
        text, how = self.text(x), repetition(old, new)
        if how == "same":
            return text
        times = math.prod(new) // math.prod(old)
        if how == "whole":
            return f"{text} * {times}"
        if how == "each":
            return f"[e for e in {text} for _ in range({times})]"
        return f"array.broadcast_to(Array({tuple(old)}, {text}), {tuple(new)}).flat"

    def text(self, x, variables=None):
        """x as an expression; with `variables`, by id and shape, as one on the entries of lists."""
        return python(x, partial(self.spelled, variables=variables))

    def spelled(self, x, variables):
        """The text of a part of an expression, or None for what `python` spells right itself."""
        if type(x) is not Symbol:
            if isinstance(x, list) and len(x) > SHORT:
                return self.constant(x)
            if library(x) is None:
                return None
            return variables and variables.get((id(x), x.shape)) or self.constant(x)
        constant = number(x)
        if constant is not None:
            return f"({constant!r})" if math.copysign(1.0, constant) < 0 else f"{constant!r}"
        if variables is not None:
            y, shape = before_stretching(x)
            if (id(y), shape) in variables:
                return variables[(id(y), shape)]
            if y is not x:
                return atom(self.text(y, variables))
        x = same_list(x)
        if x in self.ready:
            self.used.add(self.ready[x])
            return self.ready[x]
        if x.op is None:
            return self.constant(x.data)
        if x.kind == "array":
            return self.of_library(x)
        if x.op in ELEMENTWISE:
            return self.of_numbers(x, variables)
        return self.of_lists(x)

    def name_of(self, x, variables):
        """The name that x has in an expression, or None."""
        if not isinstance(x, Symbol):
            return None
        x, shape = before_stretching(x) if variables else (x, ())
        name = variables and variables.get((id(x), shape))
        if not name and x in self.ready and not (variables and x.kind == "list"):
            name = self.ready[x]
            self.used.add(name)
        return name

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

    def of_numbers(self, x, variables):
        """A step on numbers, or on the entries of lists, where its spelling is special."""
        if x.op == "multiply" and getattr(x.operands[1], "op", None) == "sign" \
                and is_relu(x.operands[1].operands[0]):
            g, of = (self.name_of(y, variables) for y in (x.operands[0], x.operands[1].operands[0]))
            if g and of:
                return f"({g} if {of} > 0.0 else {g} * {of})"
        if x.op not in SPECIAL:
            return None
        args = [self.text(y, variables) for y in x.operands]
        names_first = args[0].isidentifier()
        if x.op == "where":
            return f"({args[1]} if {args[0]} else {args[2]})"
        if x.op in ("maximum", "minimum") and names_first and is_known(x.operands[1]):
            sign = "<=" if x.op == "maximum" else ">="  # nan <= 0.0 is False, and nan stays
            return f"({args[1]} if {args[0]} {sign} {args[1]} else {args[0]})"
        if x.op == "sign" and names_first and is_relu(x.operands[0]):
            return f"(1.0 if {args[0]} > 0.0 else {args[0]})"
        if x.op == "pow":
            exponent = number(x.operands[1])
            if exponent is None or not float(exponent).is_integer():
                return f"pow({', '.join(args)})"  # a float ** 0.5 may turn complex
        if x.op == "logical_not":
            return f"(not {args[0]})"
        if x.op == "ones_like":
            return "1.0"
        return None

    def of_library(self, x):
        """A step on the arrays of a library."""
        if x.op in OPERATORS:
            return None
        if x.op == "logical_not":
            return f"(~{atom(self.text(x.operands[0]))})"
        settings = dict(x.settings)
        if self.keeps_dimensions(x):  # as one step: np.sum(x, axis=-1, keepdims=True)
            x, settings = x.operands[0], {**x.operands[0].settings, "keepdims": True}
        self.np = library(x.data)
        args = [self.text(y) for y in x.operands]
        if x.op == "concat":
            args = [f"[{', '.join(args)}]"]
        args += [f"{name}={only(value)!r}" for name, value in settings.items() if value is not None]
        if x.op in OF_NUMBERS and number(x.operands[0]) is not None:
            args[0] = self.constant(self.np.asarray(number(x.operands[0]), dtype=x.dtype))
        if x.op not in REDUCTIONS and hasattr(getattr(x.operands[0], "data", None), x.op):
            return f"{atom(args[0])}.{x.op}({', '.join(args[1:])})"
        return f"{'arrays' if x.op in OWN else 'np'}.{x.op}({', '.join(args)})"

    def keeps_dimensions(self, x):
        """Is x a reduction, which stands in the same line, with the reduced axes left in, as 1?"""
        reduced = x.operands[0]
        return x.op == "reshape" and isinstance(reduced, Symbol) and reduced.op in REDUCTIONS \
            and reduced not in self.ready \
            and x.shape == ops.kept(reduced.operands[0], reduced.settings["axis"])

    def minus_one_hot(self, x):
        """x - one_hot(labels): subtract 1 at the labels, in place if nobody else has the array."""
        y, one_hot = x.operands
        labels = one_hot.operands[0]
        if not makes_an_array(y) or not x.shape == y.shape == one_hot.shape \
                or y in self.ready or one_hot in self.ready:
            return self.text(x)
        all_rows = self.constant(library(x.data).arange(x.shape[0]))
        return f"{self.text(y)}\n    {self.names[x]}[{all_rows}, {self.text(labels)}] -= 1.0"

    def of_lists(self, x):
        """A step on flat lists that is not elementwise."""
        text = x.op in OF_LISTS and OF_LISTS[x.op](self, x)
        if text:
            return text
        args = [self.whole(y) for y in x.operands]
        if x.op in ("scatter_add", "one_hot"):
            args[-1] = f"{x.shape}"  # `array.py` wants to know no more of what they are like
        if x.op == "concat":
            args = [f"[{', '.join(args)}]"]
        args += [f"{name}={only(value)!r}" for name, value in x.settings.items()]
        return f"array.{x.op}({', '.join(args)}){'.flat' if kind(x) == 'list' else ''}"

    def whole(self, x):
        """An operand with its shape, as the functions of `array.py` take it."""
        if isinstance(x, (Symbol, Array)) and kind(x) == "list":
            return f"Array({arrays.shape(x)}, {self.text(x)})"
        if type(x) is tuple and any(isinstance(part, Array) and part.ndim > 1 for part in x):
            return f"({', '.join(map(self.whole, x))},)"  # an index: its places have a shape
        return self.text(x)

    # -- the whole -------------------------------------------------------------------------------

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

    def function(self, parameters, returned, began):
        """The lines of one function."""
        yield wrapped(f"def step({', '.join(parameters)}):", "         ")
        yield "    # forward"
        for i, (name, _, text, comment) in enumerate(self.lines):
            if i == began:
                yield "    # backward"
            first, *more = f"    {name} = {text}".split("\n")
            if comment and len(first) + len(comment) > 96:
                yield f"    # {name}: {comment}"
            elif comment:
                first += f"  # {comment}"
            yield from (first, *more)
        yield wrapped(f"    return {returned}", "           ")
        yield ""

    def functions(self, parameters, returned, _):
        """The lines of several functions, which hand on to each other what they need."""
        place = {name: f"inputs[{i}]" for i, name in enumerate(parameters)}
        chunks = [self.lines[i:i + MOST_LINES] for i in range(0, len(self.lines), MOST_LINES)]
        chunks[-1].append((None, self.used, returned, None))
        made_in = {name: i for i, chunk in enumerate(chunks) for name, *_ in chunk}
        handed = {name for i, chunk in enumerate(chunks) for _, used, *_ in chunk
                  for name in used if made_in.get(name, i) != i}
        place.update((name, f"state[{i}]") for i, name in enumerate(sorted(handed)))
        for i, chunk in enumerate(chunks):
            yield f"def part_{i}(inputs, state):"
            needed = dict.fromkeys(name for _, used, *_ in chunk for name in sorted(used)
                                   if made_in.get(name) != i)
            yield from (f"    {name} = {place[name]}" for name in needed)
            for name, _, text, _ in chunk:
                kept = f"{place[name]} = " if name in handed else ""
                yield f"    {kept}{name} = {text}" if name else f"    return {text}"
            yield ""
        yield "def step(*inputs):"
        yield f"    state = [None] * {len(handed)}"
        yield from (f"    part_{i}(inputs, state)" for i in range(len(chunks) - 1))
        yield f"    return part_{len(chunks) - 1}(inputs, state)"
        yield ""


# -- steps on flat lists that are no comprehension ------------------------------------------------
# Each gives the text of a step, or None where `array.py` has the function for it.

def matrix_product(writer, x):
    left, right = x.operands
    if not len(left.shape) == len(right.shape) == 2:
        return None
    (n, k), m, kernel = left.shape, right.shape[1], "matmul"
    if of_transposed(x):
        n, k, left = k, n, left.operands[0]
        kernel = "TransposedProduct" if x in writer.handed_out else "transposed_matmul"
    return f"{kernel}({writer.text(left)}, {writer.text(right)}, {n}, {k}, {m})"


def reduction(writer, x):
    """A sum, or the largest or smallest, over all entries, down the columns or along the rows."""
    array_, = x.operands
    text, shape, of_row = writer.text(array_), array_.shape, FUNCTIONS_OF_A_ROW[x.op]
    axes = arrays.normal_axes(x.op, shape, x.settings.get("axis"))
    if len(axes) == len(shape):
        return f"{of_row}({text})"
    if len(shape) != 2 or 0 in shape:  # rows without entries can't be cut from a list
        return None
    if axes == (1,):
        return f"[{of_row}(row) for row in rows({text}, {shape[1]})]"
    return f"column_sums({text}, {shape[0]}, {shape[1]})" if x.op == "sum" else None


def transposition(writer, x):
    matrix, = x.operands
    text = writer.text(matrix)
    return f"transpose({text}, {matrix.shape[0]}, {matrix.shape[1]})" if len(x.shape) == 2 else \
        f"{writer.whole(matrix)}.T.flat"


def stretching(writer, x):
    what, _ = x.operands
    if kind(what) == "number":
        return f"[{writer.text(what)}] * {math.prod(x.shape)}"
    return writer.stretched(what, what.shape, x.shape)


def another_shape(writer, x):
    """Between a number and a list of one; the others are the same list."""
    what = x.operands[0]
    return f"{writer.text(what)}[0]" if kind(x) == "number" else f"[{writer.text(what)}]"


def joining(writer, x):
    """Parts one after the other, where no axis before that of the parts has them interleave."""
    if math.prod(x.shape[:x.settings["axis"]]) != 1:
        return None
    parts = [("" if kind(y) == "number" else "*") + writer.text(y)
             for y in map(only_entry, x.operands)]
    return f"[{', '.join(parts)}]"


def indexing(writer, x):
    what, index = x.operands
    if is_one_a_row(x):
        return (f"[row[label] for row, label in zip(rows({writer.text(what)}, {what.shape[1]}), "
                f"{writer.text(index[1])})]")
    if is_fixed(index):
        places, _ = array.positions(what.shape, index)
        if kind(x) == "number":
            return f"{writer.text(what)}[{places[0]}]"
        part = as_slice(places)
        if part is not None:
            return f"{writer.text(what)}[{slice_text(part)}]"

    def text(part):
        return writer.whole(part) if len(arrays.shape(part)) > 1 else writer.text(part)
    index = bracketed(index, text)
    return f"{writer.whole(what)}{index}{'.flat' if kind(x) == 'list' else ''}"


OF_LISTS = {"matmul": matrix_product, "matrix_transpose": transposition, "getitem": indexing,
            "concat": joining,
            "broadcast_to": stretching, **dict.fromkeys(REDUCTIONS, reduction),
            **dict.fromkeys(SAME_LIST, another_shape)}
FUNCTIONS_OF_A_ROW = {"sum": "total", "max": "largest_of", "min": "smallest_of"}


def repetition(old, new):
    """How a flat list is stretched: the same, the whole or each entry repeated; None: otherwise."""
    padded = (1,) * (len(new) - len(old)) + tuple(old)
    if math.prod(old) == math.prod(new):
        return "same"
    long = [axis for axis, length in enumerate(padded) if length != 1]
    if not long or padded[long[0]:] == tuple(new)[long[0]:]:
        return "whole"
    end = long[-1] + 1
    return "each" if padded[:end] == tuple(new)[:end] else None


# -- text ----------------------------------------------------------------------------------------

def wrapped(line: str, indent: str) -> str:
    """A long line of names, broken at the spaces between them."""
    if len(line) <= 100:
        return line
    head, space, names = line.partition("return ") if "return " in line else line.partition("(")
    if space == "return ":
        names, space = f"({names})", "return "
    return textwrap.fill(head + space + names, 100, subsequent_indent=indent,
                         break_long_words=False)


def only(axes):
    """The one axis of a tuple of one; anything else as it is."""
    return axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes


def atom(text: str) -> str:
    """The text of an expression, in brackets unless it is a name or one call."""
    brackets = r"\(([^()]|\([^()]*\))*\)"  # which may hold such as hold none
    return text if re.fullmatch(rf"[\w.]+({brackets})?", text) else f"({text})"


def as_slice(places: list[int]) -> slice | None:
    """The slice of a list that takes just these places, if there is one."""
    if not places:
        return None
    first, last = places[0], places[-1]
    step = places[1] - first if len(places) > 1 else 1
    if step < 1 or places != list(range(first, last + 1, step)):
        return None
    return slice(first, last + 1, step if step > 1 else None)


def is_one_a_row(x) -> bool:
    """Is x the entry of each row of a matrix at its label?"""
    matrix, index = x.operands
    return (len(arrays.shape(matrix)) == 2 and isinstance(index, tuple) and len(index) == 2
            and isinstance(index[0], (Array, list))
            and getattr(index[0], "flat", index[0]) == list(range(len(matrix)))
            and kind(index[1]) == "labels" and x.shape == (len(index[1]),) == (len(matrix),))


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


def is_known(x) -> bool:
    """Is x the same number in every run, and no nan?"""
    return number(x) is not None and number(x) == number(x)


def is_relu(x) -> bool:
    """Is x a maximum with 0, and so never negative?"""
    return isinstance(x, Symbol) and x.op == "maximum" and number(x.operands[1]) == 0.0
