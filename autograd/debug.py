"""detect_anomaly: the first nan or inf becomes an error that says where it was made."""
from __future__ import annotations

import os
import sys

from .graph import plain
from .manners import short
from .namespace import as_data, namespace, shape
from .operands import all_described, described
from .recording import recording_set


class detect_anomaly(recording_set):
    """Inside this `with` block, the first nan or inf that an operation makes is an error.

    The FloatingPointError names the operation, what it was given (of arrays the shapes), the
    entries and the file and line that called it, also when it is a rule that made it in a backward.
    It holds for this thread, or this asyncio task, only, and for what is recorded. Slow: for
    finding faults.

    >>> from autograd import Value
    >>> with detect_anomaly():
    ...     (Value(0.0) * 2).log()
    Traceback (most recent call last):
    FloatingPointError: log of 0.0 made -inf, called at <doctest ...
    """

    mode = property(lambda self: Watch())  # a new one for each block, as it holds all Nodes of it

    def __init__(self):
        pass


class Watch:
    """Looks at each new Node, and at each gradient, and remembers which line made which Node."""

    def __init__(self):
        self.places = {}

    def __call__(self, node, gradient=None):
        if gradient is None:
            self.places[node] = calling_line()
        data = plain(node) if gradient is None else plain(gradient)
        bad = not_finite(data)
        if bad:
            made = "made" if gradient is None else "has a rule that made"
            held = [bad for x in node.args for bad in not_finite(x)]
            raise FloatingPointError(
                f"{node.op} of {given(node.args)} {made} {'; '.join(bad)}, called at "
                f"{self.places.get(node, 'a line outside detect_anomaly')}"
                + (f" (its inputs already held {held[0]})" if held else ""))


def given(operands) -> str:
    """What an operation was given: numbers as such, of arrays the shape."""
    if len(operands) > 4:
        return all_described(operands)
    return " and ".join(short(float(x)) if described(x) == "a number" else described(x)
                        for x in operands)


def not_finite(x):
    """The entries that are nan or inf, as text; at most three."""
    flat = namespace(x).reshape(as_data(x), (-1,)).tolist() if shape(x) else [float(x)]
    bad = [(i, entry) for i, entry in enumerate(flat) if entry - entry != 0]
    texts = [f"{entry}" if not shape(x) else f"{entry} at entry {i} of {shape(x)}"
             for i, entry in bad[:3]]
    return texts + [f"{len(bad) - 3} more"] if len(bad) > 3 else texts


def calling_line() -> str:
    """The file and line, outside this package and nn, that is being run."""
    ours = {os.path.dirname(os.path.abspath(__file__))}
    nn = sys.modules.get("nn")
    if nn is not None:
        ours.add(os.path.dirname(os.path.abspath(nn.__file__)))
    frame = sys._getframe(1)
    while frame.f_back and any(os.path.abspath(frame.f_code.co_filename).startswith(f + os.sep)
                               for f in ours):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
