"""Simplification: a simpler step for one that does too much, as 1 · x, which is x.

The rules of `ops.py` are right in every case, so in most they do too much: they multiply by a
gradient of 1, stretch a number to an array to multiply by it, negate twice. Here a step is looked
at before it is noted. A rule gets its operands - Symbols, numbers or arrays - and gives what is
simpler and equals the step, or None. It is written in operators and functions of the namespace, as
those of `ops.py` are: x - y of Symbols is a step again, and is simplified in its turn.
"""
from __future__ import annotations

from itertools import accumulate
from math import prod

from . import array, ops
from .array import broadcast_shapes
from .namespace import namespace, scatter_add, shape


def simplified(op, operands):
    """A simpler Symbol or number that equals the step, or None."""
    if op in ARITHMETIC:
        made_by = [op_of(x) for x in operands]
        earlier = before_stretching(op, operands) if "broadcast_to" in made_by else None
        if earlier is not None:
            return earlier
        if any([is_mask(x) for x in operands]):
            return None  # mask · 1 is no mask: NumPy's masks add up to a mask, and have no minus
    return SIMPLER[op](*operands) if op in SIMPLER else None


# -- what a rule asks of an operand --------------------------------------------------------------

def is_symbol(x) -> bool:
    return hasattr(x, "operands")


def op_of(x) -> str | None:
    """The operation that a Symbol came from; None of a leaf, or of what is no Symbol."""
    return getattr(x, "op", None)


def number(x) -> float | None:
    """The number that x is in every run, or None."""
    return x if isinstance(x, (float, int)) else getattr(x, "number", None)


def is_mask(x) -> bool:
    """Is x an array of True and False?"""
    return getattr(x, "dtype", None) == bool


def is_one_number(x) -> bool:
    """Is x a single number, the same at all places of an array?"""
    return op_of(x) == "broadcast_to" and not shape(x.operands[0])


def within(thing):
    """The operands in a tuple or list of operands, which may be nested: an index, say."""
    for part in thing if type(thing) in (tuple, list) else (thing,):
        if type(part) in (tuple, list):
            yield from within(part)
        else:
            yield part


def is_fixed(index) -> bool:
    """Is an index the same in every run, with no Symbol in it?"""
    return not any(map(is_symbol, within(index)))


def takes_all(index) -> bool:
    """Does an index take all the entries in their order, as those of x[:, None] and x[...] do?"""
    return all(part is None or part is Ellipsis or type(part) is slice and part == slice(None)
               for part in within(index))


# -- for programs and formulas -------------------------------------------------------------------

def simpler_sum(x, y):
    if number(x) == 0:
        return y
    if number(y) == 0:
        return x
    if op_of(x) == "negative":
        return y - x.operands[0]
    if op_of(y) == "negative":
        return x - y.operands[0]
    return None


def simpler_difference(x, y):
    if number(x) == 0:
        return -y
    if number(y) == 0:
        return x
    if op_of(y) == "negative":
        return x + y.operands[0]
    return None


def simpler_product(x, y):
    """A product with 0 is left as it is, for 0 · inf is nan."""
    for factor, other in ((number(x), y), (number(y), x)):
        if factor == 1:
            return other
        if factor == -1:
            return -other
    return None


def simpler_quotient(x, y):
    if number(y) == 1:
        return x
    if number(y) == -1:
        return -x
    return None


def simpler_power(x, y):
    if number(y) == 0 and not shape(x):  # an array of ones is left as it is
        return 1.0
    if number(y) == 1:
        return x
    return None


def simpler_reshape(x, new_shape):
    if shape(x) == new_shape:
        return x
    if op_of(x) == "reshape":
        return namespace(x).reshape(x.operands[0], new_shape)
    if is_one_number(x):
        x = x.operands[0]
    elif number(x) is None:
        return None
    return namespace(x).broadcast_to(x, new_shape)


def simpler_getitem(x, index):
    if is_one_number(x) and is_fixed(index):
        return namespace(x).broadcast_to(x.operands[0], shape(x.data[index]))
    return None


def undone_twice(op):
    """Of an operation that undoes itself: x for --x."""
    return lambda x: x.operands[0] if op_of(x) == op else None


def of_one_number(x, *_):
    """A reduction of a single number is that number."""
    return None if shape(x) else x


ARITHMETIC = {"add", "subtract", "multiply", "divide", "pow"}
SIMPLER = {
    "positive": lambda x: x,
    "negative": undone_twice("negative"),
    "add": simpler_sum, "subtract": simpler_difference, "multiply": simpler_product,
    "divide": simpler_quotient, "pow": simpler_power, "reshape": simpler_reshape,
    "getitem": simpler_getitem,
    "matrix_transpose": undone_twice("matrix_transpose"),
    "broadcast_to": lambda x, new_shape: x if shape(x) == new_shape else None,
    "permute_dims": lambda x, axes: x if axes == tuple(range(len(axes))) else None,
    "sum": of_one_number, "max": of_one_number, "min": of_one_number, "squeeze": of_one_number}


# The gradient of a sum or a mean is one number, stretched to an array (`broadcast_to`). What is
# done to it then may be done to the number, and often the stretching is not needed at all.

def before_stretching(op, operands):
    """The same with an operand that was stretched as it was before; or None."""
    for i, x in enumerate(operands):
        if op_of(x) == "broadcast_to":
            other = operands[1 - i]
            narrow = [other, other]
            narrow[i] = x.operands[0]
            if stretches(other, x):
                return getattr(namespace(*narrow), op)(*narrow)
            if not shape(other):
                done = getattr(namespace(*narrow), op)(*narrow)
                return namespace(done).broadcast_to(done, x.operands[1])
    return None


def stretches(x, other) -> bool:
    """Does an operation with x stretch the other, which was stretched before, no less than that?"""
    return shape(x) == shape(other) or is_one_number(other) \
        and broadcast_shapes(shape(x), shape(other)) == shape(x)


# -- for programs alone --------------------------------------------------------------------------
# Formulas are without these: they keep to the operations that their author wrote.

def two_equal_terms(x, y):
    """y + y as 2 · y, x + y + y as x + 2 · y, as where w is read twice, in w * w; or None."""
    if not is_symbol(y) or is_mask(y):
        return None
    if x is y:
        return 2.0 * y
    if op_of(x) == "add" and x.operands[1] is y:
        return x.operands[0] + 2.0 * y
    are_sums = op_of(x) in ("add", "scatter_add") and op_of(y) == "scatter_add"
    return side_by_side(x, y) if are_sums else None


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
            return (x * constant) * z
    return None


def transposed_product(x):
    """(xᵀ y)ᵀ, which is what a product x @ y.T has towards y, as yᵀ x."""
    if op_of(x) != "matmul" or op_of(x.operands[0]) != "matrix_transpose":
        return None
    left, right = x.operands
    return right.T @ left.operands[0]


def all_entries(x, index):
    """x[:, None], or its like, as the reshape that it is; or None."""
    return namespace(x).reshape(x, shape(x.data[index])) if takes_all(index) else None


def entry(x, new_shape):
    """x[2:3] of a list, reshaped to a number, as x[2]; or None."""
    if new_shape != () or op_of(x) != "getitem" or len(shape(x.operands[0])) != 1 \
            or not is_fixed(x.operands[1]):
        return None
    whole, index = x.operands
    (place,), _ = array.positions(shape(whole), index)
    return whole[place]


def scattered(x, index, like):
    """The gradient of all entries reshaped; a number among zeros as a constant; or None."""
    if takes_all(index) and shape(x):
        return namespace(x).reshape(x, shape(like))
    if number(x) is None or not is_fixed(index):
        return None
    one = like if is_symbol(like) else x
    return one.constant(scatter_add(number(x), index, getattr(like, "data", like)))


# The gradient of a part, as x[:2], is that of x with zeros elsewhere (`scatter_add`). Where the
# parts make up the whole, as after `split`, their sum is the parts side by side, without zeros.

def side_by_side(x, y):
    """The sum of the gradients of parts as one `concat`, if they make up the whole; or None."""
    if not (x.scatters and y.scatters) or x.scatters + y.scatters != x.size:
        return None
    parts = [*terms(x), *terms(y)]
    places = {part: array.positions(x.shape, part.operands[1])[0] for part in parts}
    parts = sorted(parts, key=places.get)
    gradients = [part.operands[0] for part in parts]
    xp = namespace(x)
    # Along an axis; or one entry after the other, as where a kernel is taken apart into k[0, 0] ...
    for whole, axis in [*((x.shape, axis) for axis in range(x.ndim)), ((x.size,), 0)]:
        lengths = [g.size * whole[axis] // x.size for g in gradients]
        ends = accumulate(lengths)
        if all(places[part] == array.positions(whole, ops.along(axis, slice(end - n, end)))[0]
               for part, n, end in zip(parts, lengths, ends)):
            joined = xp.concat([xp.reshape(g, (*whole[:axis], n, *whole[axis + 1:]))
                                for g, n in zip(gradients, lengths)], axis=axis)
            return xp.reshape(joined, x.shape)
    return None


def terms(x) -> list:
    """The gradients of parts, each among zeros, that x is the sum of."""
    found, waiting = [], [x]
    while waiting:
        x = waiting.pop()
        if x.op == "add":
            waiting += x.operands
        else:
            found.append(x)
    return found


SIMPLER_IN_PROGRAMS = {
    "pow": lambda x, y: x * x if number(y) == 2 else None,
    "abs": lambda x: abs(x.operands[0]) if op_of(x) == "negative" else None,
    "permute_dims": lambda x, axes: x.T if axes == (1, 0) else None,
    "add": two_equal_terms, "multiply": product_of_constants,
    "matrix_transpose": transposed_product,
    "getitem": all_entries, "reshape": entry, "scatter_add": scattered}
