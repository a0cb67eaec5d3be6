"""How a step on the arrays of another library, such as NumPy's, is written: as a call of it."""
from __future__ import annotations

from . import ops
from .namespace import library
from .notation import bracketed
from .on_lists import only
from .plan import REDUCTIONS
from .simplify import number
from .spelling import SIGN, atom
from .symbols import OF_NUMBERS, Symbol

OPERATORS = {*SIGN, "negative", "abs", "getitem", "matrix_transpose"}  # `python` spells them right
OWN = {"scatter_add", "one_hot", "erf", "cumulative_sum"}  # functions of `namespace.py`


def text_on_a_library(writer, x):
    """A step on the arrays of a library."""
    if x.op == "getitem" and hasattr(x.data, "at"):  # JAX's arrays want a list inside a tuple
        array, index = x.operands
        index = index[0] if type(index) is tuple and len(index) == 1 else index
        if isinstance(index, (list, Symbol)):
            return f"{atom(writer.text(array))}{bracketed(index, writer.text)[:-1]},]"
    if x.op in OPERATORS:
        return None
    if x.op == "logical_not":
        return f"(~{atom(writer.text(x.operands[0]))})"
    settings = dict(x.settings)
    if keeps_dimensions(writer, x):  # as one step: np.sum(x, axis=-1, keepdims=True)
        x, settings = x.operands[0], {**x.operands[0].settings, "keepdims": True}
    writer.np = library(x.data)
    args = [writer.text(y) for y in x.operands]
    if x.op == "concat":
        args = [f"[{', '.join(args)}]"]
    args += [f"{name}={only(value)!r}" for name, value in settings.items() if value is not None]
    if x.op in OF_NUMBERS and number(x.operands[0]) is not None:
        args[0] = writer.constant(writer.np.asarray(number(x.operands[0]), dtype=x.dtype))
    if x.op not in REDUCTIONS and hasattr(getattr(x.operands[0], "data", None), x.op):
        return f"{atom(args[0])}.{x.op}({', '.join(args[1:])})"
    return f"{'arrays' if x.op in OWN else 'np'}.{x.op}({', '.join(args)})"


def keeps_dimensions(writer, x):
    """Is x a reduction, which stands in the same line, with the reduced axes left in, as 1?"""
    reduced = x.operands[0]
    return x.op == "reshape" and isinstance(reduced, Symbol) and reduced.op in REDUCTIONS \
        and reduced not in writer.ready \
        and x.shape == ops.kept(reduced.operands[0], reduced.settings["axis"])


def minus_one_hot(writer, x):
    """x - one_hot(labels): subtract 1 at the labels, in place if nobody else has the array."""
    y, one_hot = x.operands
    if y in writer.ready or one_hot in writer.ready:
        return writer.text(x)
    labels = one_hot.operands[0]
    all_rows = writer.constant(library(x.data).arange(x.shape[0]))
    return f"{writer.text(y)}\n    {writer.names[x]}[{all_rows}, {writer.text(labels)}] -= 1.0"
