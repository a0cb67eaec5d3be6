"""Functions in, functions out: grad and its kin, on top of the walk in `backward.py`.

Each level of differentiation marks its arguments with Nodes of its own and walks back to these
only. That is all it takes to keep levels apart: in d/dx x·(d/dy (x + y)) the inner walk stops at
y and never confuses it with x. The answer is plain data if nothing but the marked arguments was
involved, and Values if an outer level, or anybody else, may want to differentiate it again.
"""
from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from math import prod

from . import graph, ops
from .backward import as_value, converted, pullback, seed
from .compositions import concat
from .graph import Node, Primitive, moments, order, plain
from .namespace import as_data, as_data_like, namespace, shape, unmasked
from .operands import own
from .recording import recording, recording_set


def value_and_grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """The function that gives f's result, a single number, and its gradient.

    The gradient is towards the argument numbered argnums, or a tuple of those towards several, and
    looks like the argument: a number, an array, a list, tuple or dict of these; for a Module, a
    dict by parameter name. f gets a list as a list; for a vector, give an array. Plain arguments
    give plain results; Values give Values.

    A constant function has the gradient 0. A function that took float() of a Value, as those of
    `math` do, and then gives a plain number is refused: it has left the graph.

    >>> value_and_grad(lambda x, y: x * x * y)(3.0, 2.0)
    (18.0, 12.0)
    >>> grad(lambda p: p["w"] * 2 + p["b"])({"w": 1.0, "b": 5.0})
    {'w': 2.0, 'b': 1.0}
    """
    check_function("grad", f)
    numbers = tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)
    if not all(type(n) is int for n in numbers):
        raise TypeError(f"grad: argnums={argnums!r} must be an int or a tuple of ints")

    @wraps(f)
    def function(*args, **settings):
        level = Level()
        marked = list(args)
        for n in numbers:
            if not -len(args) <= n < len(args):
                raise ValueError(f"grad: argnums={argnums}, but f was called with {len(args)} "
                                 "positional arguments; give those to differentiate by place")
            marked[n] = mapped(level.mark, args[n])
        y = level.run(f, *marked, **settings)
        if prod(shape(plain(y))) != 1:
            raise ValueError(f"grad: f gave shape {shape(plain(y))}, not a single number; "
                             "use jacobian, or reduce it")
        gradients = level.walk(y)
        found = tuple(gradients_of(marked[n], gradients) for n in numbers)
        return level.answer(y), found[0] if isinstance(argnums, int) else found
    return function


def grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """The function that gives the gradient of f; see `value_and_grad`.

    >>> from autograd import tanh
    >>> round(grad(grad(tanh))(0.5), 6)  # -2 tanh (1 - tanh²)
    -0.726862
    """
    both = value_and_grad(f, argnums)

    @wraps(f)
    def function(*args, **settings):
        return both(*args, **settings)[1]
    return function


def jacobian(f: Callable) -> Callable:
    """The function that gives every derivative of f's result by its argument.

    f: shape s → shape t; the result has shape (*t, *s). One walk back for each entry of t.
    Further arguments are handed on to f.

    >>> jacobian(lambda x: x * x)([1.0, 2.0])
    Array([[2.0, 0.0], [0.0, 4.0]])
    """
    check_function("jacobian", f)

    @wraps(f)
    def function(x, *others, **settings):
        level = Level()
        marked = level.mark(x if isinstance(x, Node) else as_data(x))
        y = level.run(f, marked, *others, **settings)
        data, from_shape = plain(y), shape(marked._data)
        rows = [ops.reshape(level.walk(y, unit)[marked], shape=(1, *from_shape))
                for unit in units(data)]
        return ops.reshape(concat(rows) if rows else namespace(data).zeros_like(data),
                           shape=(*shape(data), *from_shape))
    return function


def hessian(f: Callable) -> Callable:
    """The function that gives every second derivative of f, shape s → a single number: (*s, *s).

    Further arguments are handed on to f.

    >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 2.0])
    Array([[4.0, 6.0], [6.0, 0.0]])
    """
    return jacobian(grad(f))


def vjp(f: Callable, *args) -> tuple:
    """f's result, and the function from a gradient towards it to those towards the arguments.

    >>> y, pull = vjp(lambda x: x * x, 3.0)
    >>> y, pull(1.0)
    (9.0, (6.0,))
    """
    check_function("vjp", f)
    level = Level()
    marked = mapped(level.mark, list(args))
    y = level.run(f, *marked)

    def pull(g):
        gradients = level.walk(y, g)
        return tuple(gradients_of(x, gradients) for x in marked)
    return level.answer(y), pull


def jvp(f: Callable, args: tuple, directions: tuple) -> tuple:
    """f's result, and its derivative as the arguments move along the directions.

    A direction looks like its argument, as a gradient of `value_and_grad` does.
    Two walks back make one forward: vjp(g) is linear in g, and its own vjp is the jvp.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, 2.0)
    """
    check_function("jvp", f)
    for given in args, directions:
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"jvp: given {type(given).__name__}; give a tuple of the arguments "
                            "and one of their directions, e.g. (3.0,), (1.0,)")
    if len(args) != len(directions):
        raise ValueError(f"jvp: {len(args)} arguments and {len(directions)} directions; give one "
                         "each")
    level = Level()
    marked = mapped(level.mark, list(args))
    moves = [move for x, v in zip(marked, directions) for move in moving(x, v)]
    y = level.run(f, *marked)
    level.others |= any(isinstance(v, Node) for _, v in moves)

    g = level.mark(namespace(plain(y)).zeros_like(plain(y)))  # any g will do
    gradients = level.walk(y, g)
    with recording_set(level.recording or True):
        moved = sum(ops.sum(gradients[x] * v) for x, v in moves)
    return level.answer(y), level.walk(moved)[g]


def hvp(f: Callable, x, v):
    """The Hessian of f at x times v, without the Hessian; x and v of one shape.

    >>> hvp(lambda x: x[0] * x[0] * x[1], [3.0, 2.0], [1.0, 0.0])
    Array([4.0, 6.0])
    """
    x = x if isinstance(x, Node) else as_data(x)
    v = direction_like(x, v, "hvp")
    return grad(lambda x: ops.sum(grad(f)(x) * v))(x)


def check_function(name: str, f):
    """Raise TypeError for what is no function, such as a result."""
    if not callable(f):
        raise TypeError(f"{name}: {f!r:.60} is no function; give the one that computes it, or call "
                        "backward() on what was computed")


def moving(marked, v):
    """Each Node of a marked argument, with its part of the direction; for a Module by name."""
    if hasattr(marked, "named_parameters"):
        marked = dict(marked.named_parameters())
    if not isinstance(marked, (list, tuple, dict)):
        return [(marked, direction_like(marked, v, "jvp"))]
    keys = list(marked) if isinstance(marked, dict) else range(len(marked))
    if not isinstance(v, type(marked)) or len(v) != len(keys) \
            or isinstance(v, dict) and set(v) != set(keys):
        raise ValueError(f"jvp: a direction {v!r} for an argument that is a "
                         f"{type(marked).__name__} of {len(keys)}; give the same")
    return [move for key in keys for move in moving(marked[key], v[key])]


def direction_like(x, v, name: str):
    """The direction v, a Value or data, once it has the shape of x."""
    if isinstance(v, Node) and shape(v) == shape(x):
        return v
    return as_data_like(plain(x), plain(v), f"{name}: the direction")


argument = Primitive("argument", None)  # of the leaves of a Level once f has run: see Level.run


class Level:
    """One level of differentiation: the Nodes it marks, and the walk back to them."""

    def __init__(self):
        self.began = next(moments)
        self.nodes = []
        self.own_leaves = []
        self.others = False  # is anything differentiable involved that is not marked here?
        self.recording = recording.get()

    def mark(self, argument):
        """What stands for an argument: a Node of this level, or a Module as it is."""
        if hasattr(argument, "named_parameters"):
            self.nodes += argument.parameters()
            self.others = True
            return argument
        if isinstance(argument, Node):
            self.others = True
            with recording_set(True):
                node = ops.positive(argument)
        else:
            node = graph.Value(argument)
            self.own_leaves.append(node)
        self.nodes.append(node)
        return node

    def run(self, f, *args, **settings):
        """f(*args), recorded even under no_grad; notes which Values from elsewhere it used."""
        token = converted.set(False)
        try:
            with recording_set(self.recording or True):
                y = f(*args, **settings)
            left_the_graph = converted.get() and not isinstance(y, Node)
        finally:
            converted.reset(token)
        if left_the_graph:
            raise TypeError(f"grad: f gave the plain {y!r:.40} after taking float() of a Value, as "
                            "the functions of math do, which forgets how it was computed; use "
                            "autograd's functions, and compare Values as they are")
        if not isinstance(y, Node):
            try:
                y = as_data(y)
            except (TypeError, ValueError) as error:
                raise type(error)(f"grad: f must give one number or array: {error}") from error
        involved = [y]
        if isinstance(y, Node):
            involved += [x for step in order(y, self.nodes) for x in step.inputs]
        # A leaf that f made itself, as detach() does, is a constant to everybody else.
        self.others |= any(isinstance(x, Node) and x.op is None and x._x < self.began
                           for x in involved)
        for node in self.own_leaves:
            node.primitive = argument  # so no leaf: to the levels around this one a constant
        return y

    def walk(self, y, g=None) -> dict:
        """The gradient of (g · y) towards each marked Node; zero where y does not depend on it."""
        on_values = isinstance(g, Node) or self.others and self.recording
        gradients = {x: namespace(x._data).zeros_like(unmasked(x._data)) for x in self.nodes}
        if isinstance(y, Node):
            with recording_set(self.recording if callable(self.recording) else on_values):
                found = dict(pullback(y, seed(y, g, "vjp"), self.nodes, on_values))
            gradients.update((x, found[x]) for x in self.nodes if x in found)
        return {x: as_value(g) if on_values else own(g, x._data) for x, g in gradients.items()}

    def answer(self, y):
        """f's result: plain if only marked arguments were involved."""
        return y if self.others and self.recording else plain(y)


def units(data):
    """For each entry of the data, in order, an array that is 1 there and 0 elsewhere."""
    xp, size = namespace(data), prod(shape(data))
    zeros = xp.reshape(xp.zeros_like(unmasked(data)), (size,))
    for place in range(size):
        one = ops.scatter_add(1.0, zeros, index=place)
        yield xp.reshape(one, shape(data))


def gradients_of(marked, gradients):
    """The gradients in the form of the argument; of a Module by the names of its parameters."""
    return mapped(lambda x: gradients[x] if isinstance(x, Node) else
                  {name: gradients[p] for name, p in x.named_parameters()}, marked)


def mapped(function, thing):
    """function(x) for each x in lists, tuples and dicts, which may be nested."""
    if isinstance(thing, dict):
        return like(thing, [mapped(function, part) for part in thing.values()])
    if isinstance(thing, (list, tuple)):
        return like(thing, [mapped(function, part) for part in thing])
    return function(thing)


def like(container, things):
    """A list, tuple or dict like the given one, holding other things."""
    if isinstance(container, dict):
        new = copy(container)  # of a defaultdict or a Counter, too
        for key, thing in zip(container, things):
            new[key] = thing
        return new
    return type(container)(*things) if hasattr(container, "_fields") else type(container)(things)
