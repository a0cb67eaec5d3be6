"""How a step on the flat lists of Arrays is written that is no comprehension.

An Array is in a program the flat list of its entries, and its shape is known when the program is
written. So most steps that move entries about are short: x[0] of two rows of three is x[0:3], and
to reshape is nothing at all. Here is a function for each operation. It is given the Writer, for the
texts of the operands, and the step, and gives the text of it; or None, and then `array.py` does it.
"""
from __future__ import annotations

from math import prod

from . import array, namespace as arrays
from .array import Array
from .notation import bracketed, slice_text
from .plan import REDUCTIONS, RESHAPES, of_transposed, only_entry
from .simplify import is_fixed
from .symbols import Symbol, kind


def text_on_lists(writer, x) -> str:
    """The text of a step on flat lists."""
    text = x.op in ON_LISTS and ON_LISTS[x.op](writer, x)
    if text:
        return text
    args = [with_shape(writer, y) for y in x.operands]
    if x.op in ("scatter_add", "one_hot"):
        args[-1] = f"{x.shape}"  # `array.py` wants to know no more of what they are like
    if x.op == "concat":
        args = [f"[{', '.join(args)}]"]
    args += [f"{name}={only(value)!r}" for name, value in x.settings.items()]
    return f"array.{x.op}({', '.join(args)}){'.flat' if kind(x) == 'list' else ''}"


def with_shape(writer, x) -> str:
    """The text of an operand as an Array, as the functions of `array.py` take it."""
    if isinstance(x, (Symbol, Array)) and kind(x) == "list":
        return f"Array({arrays.shape(x)}, {writer.text(x)})"
    if type(x) is tuple and any(isinstance(part, Array) and part.ndim > 1 for part in x):
        parts = [with_shape(writer, part) for part in x]  # an index: its places have a shape
        return f"({', '.join(parts)},)"
    return writer.text(x)


def only(axes):
    """The one axis of a tuple of one; anything else as it is."""
    return axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes


# -- products and sums ---------------------------------------------------------------------------

def matrix_product(writer, x):
    left, right = x.operands
    if not len(left.shape) == len(right.shape) == 2:
        return None
    (n, k), m, kernel = left.shape, right.shape[1], "matmul"
    if of_transposed(x):
        n, k, left = k, n, left.operands[0]
        kernel = "TransposedProduct" if x in writer.handed_out else "transposed_matmul"
    return f"{kernel}({writer.text(left)}, {writer.text(right)}, {n}, {k}, {m})"


def layer(writer, x):
    inputs, weight, _ = x.operands
    texts = ", ".join(map(writer.text, x.operands))
    return f"linear({texts}, {inputs.shape[0]}, {weight.shape[0]}, {weight.shape[1]})"


def transposition(writer, x):
    matrix, = x.operands
    if len(x.shape) != 2:
        return f"{with_shape(writer, matrix)}.T.flat"
    return f"transpose({writer.text(matrix)}, {matrix.shape[0]}, {matrix.shape[1]})"


OF_A_ROW = {"sum": "total", "max": "largest_of", "min": "smallest_of"}


def reduction(writer, x):
    """A sum, or the largest or smallest, over all entries, the first axis or the last."""
    operand, = x.operands
    text, shape, of_a_row = writer.text(operand), operand.shape, OF_A_ROW[x.op]
    axes = arrays.normal_axes(x.op, shape, x.settings.get("axis"))
    if len(axes) == len(shape):
        return f"{of_a_row}({text})"
    if 0 in shape:  # rows without entries can't be cut from a list
        return None
    if axes == (len(shape) - 1,):
        return f"[{of_a_row}(row) for row in rows({text}, {shape[-1]})]"
    if axes == (0,) and x.op == "sum":
        return f"column_sums({text}, {shape[0]}, {prod(shape[1:])})"
    return None


# -- another shape -------------------------------------------------------------------------------

def another_shape(writer, x):
    """Between a number and a list of one; the others are the same list."""
    text = writer.text(x.operands[0])
    return f"{text}[0]" if kind(x) == "number" else f"[{text}]"


def joining(writer, x):
    """Parts one after the other, where no axis before that of the parts has them interleave."""
    if prod(x.shape[:x.settings["axis"]]) != 1:
        return None
    parts = [("" if kind(y) == "number" else "*") + writer.text(y)
             for y in map(only_entry, x.operands)]
    return f"[{', '.join(parts)}]"


def stretching(writer, x):
    what, _ = x.operands
    if kind(what) == "number":
        return f"[{writer.text(what)}] * {prod(x.shape)}"
    return stretched(writer, what, what.shape, x.shape)


def stretched(writer, x, old, new) -> str:
    """The text of the flat list of x, stretched from its old shape to the new one."""
    text, how = writer.text(x), repetition(old, new)
    if how == "same":
        return text
    times = prod(new) // prod(old)
    if how == "whole":
        return f"{text} * {times}"
    if how == "each":
        return f"[e for e in {text} for _ in range({times})]"
    return f"array.broadcast_to(Array({tuple(old)}, {text}), {tuple(new)}).flat"


def repetition(old, new):
    """How a flat list is stretched: the same, the whole or each entry repeated; None: otherwise."""
    padded = (1,) * (len(new) - len(old)) + tuple(old)
    if prod(old) == prod(new):
        return "same"
    long = [axis for axis, length in enumerate(padded) if length != 1]
    if not long or padded[long[0]:] == tuple(new)[long[0]:]:
        return "whole"
    end = long[-1] + 1
    return "each" if padded[:end] == tuple(new)[:end] else None


# -- indices -------------------------------------------------------------------------------------

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
        return with_shape(writer, part) if len(arrays.shape(part)) > 1 else writer.text(part)
    index = bracketed(index, text)
    return f"{with_shape(writer, what)}{index}{'.flat' if kind(x) == 'list' else ''}"


def is_one_a_row(x) -> bool:
    """Is x the entry of each row of a matrix at its label?"""
    matrix, index = x.operands
    if len(arrays.shape(matrix)) != 2 or not isinstance(index, tuple) or len(index) != 2:
        return False
    rows, labels = index
    return (isinstance(rows, (Array, list))
            and getattr(rows, "flat", rows) == list(range(len(matrix)))
            and kind(labels) == "labels" and x.shape == (len(labels),) == (len(matrix),))


def as_slice(places: list[int]) -> slice | None:
    """The slice of a list that takes just these places, if there is one."""
    if not places:
        return None
    first, last = places[0], places[-1]
    step = places[1] - first if len(places) > 1 else 1
    if step < 1 or places != list(range(first, last + 1, step)):
        return None
    return slice(first, last + 1, step if step > 1 else None)


ON_LISTS = {"matmul": matrix_product, "linear": layer, "matrix_transpose": transposition,
            "concat": joining, "broadcast_to": stretching, "getitem": indexing,
            **dict.fromkeys(REDUCTIONS, reduction), **dict.fromkeys(RESHAPES, another_shape)}
