"""spelling: a Symbol as Python, such as tanh(w * x), with no more brackets than Python needs."""
from __future__ import annotations

import re

from .notation import bracketed
from .symbols import Symbol

# The operators: how they are written, and how tightly they bind.
SIGN = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
        "not_equal": "!=", "add": "+", "subtract": "-", "multiply": "*", "divide": "/",
        "matmul": "@", "pow": "**"}
LEVEL = {**dict.fromkeys(SIGN, 1), "add": 2, "subtract": 2, "multiply": 3, "divide": 3,
         "matmul": 3, "negative": 4, "pow": 5}
WHOLE = 9  # a name, or a call


def python(x, spelled=lambda x: None) -> str:
    """A Symbol as a Python expression; spelled(x) may give the text of a part of it instead."""
    text, _ = text_and_level(x, spelled)
    return text


def text_and_level(x, spelled):
    """The text of an operand, and how tightly it binds."""
    text = spelled(x)
    if text is not None:
        return text, WHOLE
    if isinstance(x, Symbol) and x.op is not None:
        return step_and_level(x, spelled)
    if isinstance(x, Symbol):
        return x.name or repr(x.data), WHOLE
    if isinstance(x, (tuple, list)):
        parts = ", ".join(python(part, spelled) for part in x)
        if isinstance(x, list):
            return f"[{parts}]", WHOLE
        return f"({parts},)" if len(x) == 1 else f"({parts})", WHOLE
    if isinstance(x, slice) and x.step is None:
        return f"slice({x.stop})" if x.start is None else f"slice({x.start}, {x.stop})", WHOLE
    text = repr(x)
    return text, LEVEL["negative"] if text.startswith("-") else WHOLE


def step_and_level(x, spelled):
    """The text of a step, and how tightly it binds."""
    def part(operand, least=0):
        text, its_level = text_and_level(operand, spelled)
        return text if its_level >= least else f"({text})"

    level = LEVEL.get(x.op, WHOLE)
    if x.op == "pow":
        return f"{part(x.operands[0], WHOLE)} ** {part(x.operands[1], LEVEL['negative'])}", level
    if x.op in SIGN:
        left, right = x.operands
        return f"{part(left, level)} {SIGN[x.op]} {part(right, level + 1)}", level
    if x.op == "negative":
        return f"-{part(x.operands[0], level)}", level
    if x.op == "matrix_transpose":
        return f"{part(x.operands[0], WHOLE)}.T", WHOLE
    if x.op == "getitem":
        array, index = x.operands
        return part(array, WHOLE) + bracketed(index, part), WHOLE
    args = [part(operand) for operand in x.operands]
    args += [f"{name}={part(setting)}" for name, setting in x.settings.items()
             if setting is not None and setting is not False]  # the defaults
    return f"{x.op}({', '.join(args)})", WHOLE


def atom(text: str) -> str:
    """The text of an expression, in brackets unless it is a name or one call."""
    brackets = r"\(([^()]|\([^()]*\))*\)"  # which may hold such as hold none
    return text if re.fullmatch(rf"[\w.]+({brackets})?", text) else f"({text})"
