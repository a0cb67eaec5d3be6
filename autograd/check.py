"""Check derivatives against finite differences, first and second order."""
from __future__ import annotations

from collections.abc import Callable
from math import inf, prod
from random import Random

from . import graph, ops
from .explain import receivers
from .floats import divide
from .functional import check_function, units, value_and_grad
from .graph import Node, apply, order, plain
from .namespace import as_data, shape
from .operands import own
from .recording import recording_set


def check_gradients(f: Callable, *inputs, second: bool = True) -> None:
    """Compare the derivatives of f at the inputs with central differences.

    inputs: numbers or arrays of any kind; f's result may have any shape. With `second`, the
    derivatives of the derivatives are compared as well, so f must be smooth there: at a kink a
    difference is no derivative.
    Raises ValueError that names the operation, the input and the entry where the two differ, with
    both numbers. (Of several results both are derivatives of their sum, each times a weight.)

    >>> check_gradients(lambda x, y: (x @ y).tanh(), [[1.0, -2.0]], [[0.5], [0.25]])
    """
    check_function("check_gradients", f)
    inputs = tuple(as_data(plain(x)) for x in inputs)
    name = getattr(f, "__name__", type(f).__name__)
    g = weighted(f)
    fault, nth = first_fault(g, inputs), 1
    if fault is None and second:
        fault, nth = first_fault(slopes(g), inputs), 2
        name = f"the gradient of {name}"
    if fault is not None:
        place, entry, derivative, difference = fault
        name += guilty(f, inputs, nth)
        raise ValueError(f"check_gradients: {name}: towards input {place} of "
                         f"shape {shape(inputs[place])}, entry {entry}: the rules give "
                         f"{derivative!r}, central differences {difference!r}")


def numbers(args):
    """The place of every argument: what to differentiate towards."""
    return tuple(range(len(args)))


def slopes(g):
    """The gradients of g, made a single number."""
    return weighted(lambda *args: value_and_grad(g, numbers(args))(*args)[1])


def weighted(f):
    """f made a single number: its results times fixed random weights, summed."""
    weights = []  # drawn at the first call; the results of later ones have the same shapes

    def single(*args):
        results = f(*args)
        results = results if isinstance(results, (tuple, list)) else (results,)
        if not weights:
            rng = Random(0)
            weights.extend(sum(unit * rng.uniform(0.5, 2.0) for unit in units(plain(y)))
                           for y in results)
            if len(weights) == 1 and prod(shape(weights[0])) == 1:  # it is a single number already
                weights[0] = 1.0
        return sum((ops.sum(ops.multiply(y, weight)) for y, weight in zip(results, weights)), 0.0)
    return single


def first_fault(f, inputs):
    """Where a derivative of f differs from a difference: (input, entry, one, other), or None."""
    result, gradients = value_and_grad(f, numbers(inputs))(*inputs)
    size = abs(float(plain(result)))
    for place, (x, gradient) in enumerate(zip(inputs, gradients)):
        single = "32" in str(getattr(x, "dtype", ""))  # half the digits
        step, tolerance, least = (5e-3, 2e-2, 1.0) if single else (6e-6, 1e-6, 1e-3)
        for i, unit in enumerate(units(x)):
            here, derivative, differences = entry(x, i), entry(plain(gradient), i), []
            if abs(here) == inf:  # no step leads away from it
                continue
            # Near a pole only a short step sees the slope, far from 0 only a long one is seen.
            for h in step, step / 10, step / 100, step * abs(here):
                moved = [own(x + h * unit, x), own(x - h * unit, x)]
                with recording_set(False):
                    above, below = [float(plain(f(*map(graph.Value, (
                        *inputs[:place], at, *inputs[place + 1:]))))) for at in moved]
                way = entry(moved[0], i) - entry(moved[1], i)  # 2h, but for rounding
                differences.append(divide(above - below, way))
                scale = max(least, abs(differences[-1]), size * 1e-3)
                if abs(derivative - differences[-1]) <= tolerance * scale:
                    break
            else:
                return place, entry_at(i, shape(x)), derivative, differences[0]
    return None


def entry(x, place):
    """The entry at a place of the flat list."""
    return float(ops.reshape(x, shape=(-1,))[place])


def entry_at(place, lengths):
    """The index of the entry at a place of the flat list."""
    index = ()
    for length in reversed(lengths):
        place, i = divmod(place, length)
        index = (i, *index)
    return index


def guilty(f, inputs, nth):
    """Which operation inside f has the wrong rule: each is checked alone, at what it was given."""
    y = f(*(graph.Value(x) for x in inputs))
    for step in order(y) if isinstance(y, Node) else ():
        def alone(*moved, step=step):
            args = list(step.args)
            for i, x in zip(receivers(step), moved):
                args[i] = x
            return apply(step.primitive, args, step.primitive.settings)
        g = weighted(alone) if nth == 1 else slopes(weighted(alone))
        if first_fault(g, [step.args[i] for i in receivers(step)]) is not None:
            return f", in the rule of {step.op}"
    return ""
