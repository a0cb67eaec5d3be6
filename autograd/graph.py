"""What is recorded: a Node for each step of a computation, and the order to walk the steps in.

A primitive is one forward function with one derivative rule for each operand:

    @primitive(lambda g, out, x, y: g * y,          # towards x
               lambda g, out, x, y: g * x)          # towards y
    def multiply(x, y):
        return x * y

Called with plain data it just computes. Called with a Node among its operands it computes the
same and returns a new Node that remembers the primitive and the operands: that is the graph.
A Node points to what it was made from and never to what was made from it, so there are no
cycles: when the last name of a graph goes, its memory goes.
"""
from __future__ import annotations

from functools import partial, update_wrapper
from itertools import count

from .operands import ERRORS, check_definition, constant, explained, fit, fit_settings
from .recording import every_step, recording

moments = count()  # a leaf's age: functional.py asks which are older than a call of grad
LEAF, ONE, TWO, MANY = range(4)  # how many operands a Node has, and so where they stand


class Node:
    """One step of a computation: the data, and what it was computed from.

    `_operands` tells how many inputs there are, and so where they stand. One or two, as most steps
    have, are in slots: the Nodes in `_x` and `_y`, None in the place of a constant, and the data of
    both in `_left` and `_right`. Of more, `_x` is the tuple of the inputs and `_left` that of their
    data. A leaf has no primitive and no inputs; its `_x` is the moment when it was made. (Tuples
    for all would be more objects for Python's garbage collector to look through: a quarter more
    time in scalar scripts.)
    """

    __slots__ = ("_data", "_grad", "primitive", "_operands", "_x", "_y", "_left", "_right")

    @property
    def op(self) -> str | None:
        """The name of the operation that made this, or None for a leaf."""
        return self.primitive and self.primitive.name

    @property
    def inputs(self) -> tuple:
        """The Nodes and plain constants that this was computed from."""
        if self._operands == TWO:
            return (self._left if self._x is None else self._x,
                    self._right if self._y is None else self._y)
        return self._x if self._operands == MANY else (self._x,) if self._operands else ()

    @property
    def args(self) -> tuple:
        """The data of the inputs as it was then, which is what the rules are given.

        Data that a leaf receives later can't bend the gradient of what was computed before.
        (Writing into a NumPy array in place does: it is the caller's array.)
        """
        if self._operands == TWO:
            return self._left, self._right
        return self._left if self._operands == MANY else (self._left,) if self._operands else ()


Value = Node  # the class of the Nodes that are recorded; value.py puts its own in the place


def plain(x):
    """The data of a Node; anything else as it is."""
    return x._data if isinstance(x, Node) else x


class Primitive:
    """A named forward function, its derivative rules and its settings.

    rules[i](g, out, *args) is the gradient towards args[i], given the gradient g towards out.
    A rule of None means that there is no derivative. What takes any number of operands has no
    rules but `each`: each(g, out, *args) is the list of the gradients towards all of them.
    """

    __slots__ = ("name", "forward", "rules", "each", "settings", "differentiable")

    def __init__(self, name, forward, rules=(), each=None, settings=None):
        self.name, self.forward, self.settings = name, forward, settings or {}
        self.rules, self.each = rules, each
        self.differentiable = bool(each or any(rules))

    def __repr__(self):
        return f"<primitive {self.name}>"

    def rule(self, i):
        """The rule towards operand i; where there is only `each`, it takes one of all it gives."""
        return self.rules[i] if not self.each else lambda *known: self.all_gradients(*known)[i]

    def all_gradients(self, g, out, *args):
        """What `each` gives, once it is sure to be a gradient for each operand."""
        gradients = self.each(g, out, *args)
        if not isinstance(gradients, (list, tuple)) or len(gradients) != len(args):
            raise ValueError(f"{self.name}: each= must give a list of {len(args)} gradients, one "
                             f"for each operand, not {gradients!r:.40}")
        return gradients

    def having(self, settings):
        """This primitive with settings such as `axis` put into its rules."""
        return Primitive(self.name, self.forward,
                         [rule and partial(rule, **settings) for rule in self.rules],
                         self.each and partial(self.each, **settings), settings)


def primitive(*rules, each=None):
    """Make a differentiable operation of a function of plain data; see the head of this file.

    Positional arguments are operands, with one rule each; keyword-only arguments are settings,
    which the rules receive as they are given. A function without any rule but None returns plain
    data. For one of any number of operands, each(g, out, *args, **settings) lists all gradients.

    >>> from autograd import Value
    >>> @primitive(lambda g, out, x: g * 3 * x * x)
    ... def cube(x):
    ...     return x * x * x
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """
    def decorate(forward):
        check_definition(forward, rules, each)
        itself = Primitive(forward.__name__, forward, rules, each)
        settings = hasattr(forward, "__code__") and forward.__code__.co_kwonlyargcount
        make = _of_any if settings else {1: _of_one, 2: _of_two}.get(len(rules), _of_any)
        return update_wrapper(make(itself), forward)
    return decorate


def apply(itself, operands, settings):
    """Compute a primitive: plain data in, plain data out; a Node among it, a new Node out."""
    settings = fit_settings(settings, itself) if settings else settings
    try:
        args = [x._data if isinstance(x, Value) else constant(x, operands) for x in operands]
        data = itself.forward(*args, **settings)
    except ERRORS as error:
        raise explained(error, itself, operands) from error
    for x in operands:
        if isinstance(x, Value) and (itself.differentiable or recording.get() is every_step):
            return _recorded(itself.having(settings) if settings else itself, data, operands, args)
    return data


def _recorded(itself, data, inputs, args):
    """The Node of a step, if steps are recorded now; otherwise one without a history."""
    node = object.__new__(Value)
    node._data = fit(data, itself)
    node._grad = None
    node.primitive = itself
    mode = recording.get()
    if not mode:
        node._operands = LEAF
    elif len(itself.rules) == 2:
        node._operands = TWO
        node._x, node._y = [x if isinstance(x, Value) else None for x in inputs]
        node._left, node._right = args
    elif len(itself.rules) == 1:
        node._operands = ONE
        node._x, node._left = inputs[0], args[0]
    else:
        node._operands = MANY
        node._x, node._left = inputs, tuple(args)
    if mode and mode is not True:
        mode(node)
    return node


def _of_any(itself):
    """The operation of a primitive of any number of operands, and with settings."""
    return lambda *operands, **settings: apply(itself, operands, settings)


# Scalar scripts live and die by the cost of a step. So steps of one and two operands without
# settings do what `apply` does in one function, nothing packed, in half the time. `isinstance`
# takes half of its time where the class asked for is the very class of the thing.

def _of_one(itself):
    forward, mode_now, differentiable = itself.forward, recording.get, itself.differentiable

    def operation(x):
        try:
            arg = x._data if isinstance(x, Value) else constant(x, ())
            data = forward(arg)
        except ERRORS as error:
            raise explained(error, itself, (x,)) from error
        if isinstance(x, Value) and (differentiable or mode_now() is every_step):
            return _recorded(itself, data, (x,), (arg,))
        return data
    return operation


def _of_two(itself):
    forward, mode_now, differentiable = itself.forward, recording.get, itself.differentiable
    new = object.__new__

    def operation(x, y):
        is_x, is_y = isinstance(x, Value), isinstance(y, Value)
        try:
            left = x._data if is_x else x if type(x) is float else constant(x, (y,))
            right = y._data if is_y else y if type(y) is float else constant(y, (x,))
            data = forward(left, right)
        except ERRORS as error:
            raise explained(error, itself, (x, y)) from error
        if not (is_x or is_y):
            return data
        if not differentiable and mode_now() is not every_step:
            return data
        if type(data) is not float or mode_now() is not True:
            return _recorded(itself, data, (x, y), (left, right))
        node = new(Value)
        node._data = data
        node._grad = None
        node.primitive = itself
        node._operands = TWO
        node._x = x if is_x else None
        node._y = y if is_y else None
        node._left = left
        node._right = right
        return node
    return operation


def order(root: Node, until=()) -> list[Node]:
    """The steps that root was computed from, each after its inputs; root comes last.

    Leaves are not steps, and the Nodes in `until` are taken for leaves. Linear in the size of the
    graph, and without recursion.
    """
    steps: list[Node] = []
    seen = set(until)
    stack = [root] if root._operands else []
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:  # all inputs of the node below it are in
            steps.append(pop())
        elif node not in seen:
            seen.add(node)
            push(node)
            push(None)
            if node._operands == TWO:
                x, y = node._x, node._y
                if x is not None and x._operands and x not in seen:
                    push(x)
                if y is not None and y._operands and y not in seen:
                    push(y)
            else:  # the inputs, without a call for them
                for x in node._x if node._operands == MANY else (node._x,):
                    if isinstance(x, Value) and x._operands and x not in seen:
                        push(x)
    return steps
