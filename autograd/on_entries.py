"""How steps on numbers are written, and elementwise steps on lists, which are on their entries.

A chain of elementwise steps is one comprehension, with no list in between. It has a variable for
the entries of each list that it reads, and one for each step that several others read:

    v2 = [a * a + c for a, b in zip(v1, x) for c in [tanh(b)]]

`letters` are these variables: by the id of a list, and the shape that it is read in.
"""
from __future__ import annotations

from itertools import chain, count
from math import prod
from string import ascii_lowercase

from . import kernels
from .on_lists import repetition, stretched
from .plan import before_stretching
from .simplify import number, op_of
from .symbols import kind

SPECIAL = {"where", "maximum", "minimum", "sign", "pow", "logical_not", "ones_like"}
NAME_IT_TWICE = {"maximum", "minimum", "sign"}  # their text names the operand twice


def comprehension(writer, x):
    """A chain of elementwise steps on lists, entry by entry."""
    parts = writer.plan.lines[x]
    free = (letter for letter in chain(ascii_lowercase, (f"a{i}" for i in count()))
            if not {letter, f"all_{letter}"} & writer.taken)
    letters = {}
    loops = []  # (letter, list, shape in which it is read)
    for part in parts:
        for operand in part.operands:
            y, shape = before_stretching(operand)
            if kind(y) == "list" and (id(y), shape) not in letters \
                    and not any(y is other for other in parts):
                letters[id(y), shape] = letter = next(free)
                loops.append((letter, y, shape))
    shared = []  # (letter, text) of the parts that others read twice
    for part in parts:
        readers = writer.plan.readers[part]
        if part is not x and (len(readers) > 1 or readers[0].op in NAME_IT_TWICE):
            text = writer.text(part, letters)
            letters[id(part), part.shape] = letter = next(free)
            shared.append((letter, text))
    text = writer.text(x, letters)
    if kernels.ON_PYPY and len(loops) + len(shared) > 1:
        return loop_by_place(writer, x, text, loops, shared)
    inner = "".join(f" for {letter} in [{part}]" for letter, part in shared)
    if not loops:
        return f"[{text}{inner}]" + (f" * {x.size}" if x.size != 1 else "")
    heads = ", ".join(letter for letter, *_ in loops)
    lists = [stretched(writer, y, shape, x.shape) for _, y, shape in loops]
    over = f"zip({', '.join(lists)})" if len(lists) > 1 else lists[0]
    return f"[{text} for {heads} in {over}{inner}]"


def loop_by_place(writer, x, text, loops, shared):
    """The same chain as a loop, for PyPy: there `zip` takes five times as long.

    v1 = [0.0] * 6
    for i in range(6):
        a = x[i]
        b = bias[i % 3]
        c = a + b
        v1[i] = (0.0 if c <= 0.0 else c)
    """
    size = prod(x.shape)
    before, inside = [], []
    for letter, y, shape in loops:
        how, place = repetition(shape, x.shape), "i"
        its_list = writer.text(y) if how else stretched(writer, y, shape, x.shape)
        if how == "whole":
            place = f"i % {prod(shape)}"
        elif how == "each":
            place = f"i // {size // prod(shape)}"
        if not its_list.isidentifier():
            before.append(f"all_{letter} = {its_list}")
            its_list = f"all_{letter}"
        inside.append(f"{letter} = {its_list}[{place}]")
    inside += [f"{letter} = {part}" for letter, part in shared]
    empty = "False" if x.dtype is bool else "0.0"
    return "\n    ".join([f"[{empty}] * {size}", *before, f"for i in range({size}):",
                          *(f"    {line}" for line in inside),
                          f"    {writer.names[x]}[i] = {text}"])


def text_on_numbers(writer, x, letters):
    """A step on numbers, or on the entries of lists, where its spelling is special."""
    if x.op == "multiply" and is_slope_of_relu(x.operands[1]) and x.operands[1] not in writer.ready:
        g, of = [writer.text(y, letters) for y in (x.operands[0], x.operands[1].operands[0])]
        if g.isidentifier() and of.isidentifier():
            return f"({g} if {of} > 0.0 else {g} * {of})"
    if x.op not in SPECIAL:
        return None
    args = [writer.text(y, letters) for y in x.operands]
    names_first = args[0].isidentifier()
    if x.op == "where":
        return f"({args[1]} if {args[0]} else {args[2]})"
    if x.op in ("maximum", "minimum") and names_first and is_known(x.operands[1]):
        sign = "<=" if x.op == "maximum" else ">="  # nan <= 0.0 is False, and nan stays
        return f"({args[1]} if {args[0]} {sign} {args[1]} else {args[0]})"
    if is_slope_of_relu(x) and names_first:
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


def is_known(x) -> bool:
    """Is x the same number in every run, and no nan?"""
    return number(x) is not None and number(x) == number(x)


def is_slope_of_relu(x) -> bool:
    """Is x the sign of a maximum with 0: 1 where that is positive, else 0 or nan, as it is?"""
    if op_of(x) != "sign":
        return False
    of = x.operands[0]
    return op_of(of) == "maximum" and number(of.operands[1]) == 0.0
