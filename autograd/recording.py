"""Whether steps are recorded, for a block of code: no_grad, and what detect_anomaly stands on."""
from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar

# True: record. False: don't. A function: record, and show it every new Node.
recording: ContextVar = ContextVar("recording", default=True)

# The tokens that end the blocks we are in, the innermost last. They are here, not in the
# recording_set, because the one that a decorator holds is entered again and again, by many threads.
entered: ContextVar = ContextVar("entered", default=())


class recording_set(ContextDecorator):
    """Set `recording` inside a `with` block; for this thread, or this asyncio task, only."""

    def __init__(self, mode):
        self.mode = mode

    def __call__(self, function):
        check_runs_when_called(function)
        return super().__call__(function)

    def __enter__(self):
        entered.set((*entered.get(), recording.set(self.mode)))

    def __exit__(self, *error):
        *outer, token = entered.get()
        entered.set(outer)
        recording.reset(token)


def no_grad(function=None):
    """Compute without recording: what is made inside has no history.

    A walk back ends there, as at a leaf. Also a decorator, `@no_grad` or `@no_grad()`. It holds
    for this thread, or this asyncio task, only, and can be entered any number of times.

    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     (x * x).inputs
    ()
    """
    if function is None:
        return recording_set(False)
    if not callable(function):
        raise TypeError(f"no_grad: {function!r} is no function; write `with no_grad():` before a "
                        "block, or @no_grad above a def")
    return recording_set(False)(function)


def every_step(node, gradient=None):
    """As the mode of `recording`: also steps without a derivative, such as masks, are recorded."""


def check_runs_when_called(function):
    """Raise TypeError for a function whose body runs later: a block around the call is over."""
    import inspect  # here, as it takes long to import
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function) \
            or inspect.isasyncgenfunction(function):
        raise TypeError(f"no_grad or detect_anomaly: {function.__name__} is a generator, or async, "
                        "so its body runs after the call, when the block is over; write the `with` "
                        "block in it, around what computes")
