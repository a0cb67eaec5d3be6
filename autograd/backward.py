"""The walk back: from an output to the gradients of everything it was computed from.

`pullback` is the whole of backpropagation. It keeps its gradients in a mapping of its own, so
that nothing is left over from an earlier walk, and hands each step's gradient to that step's
rules; what several consumers give to one Value adds up. On plain data it gives numbers; on
Values (`on_values=True`) the gradients are Values with a graph of their own, which can be
differentiated again.
"""
from __future__ import annotations

from contextvars import ContextVar
from math import prod

from . import graph, ops
from .graph import TWO, Node, order, plain
from .namespace import as_data_like, namespace, shape, unmasked
from .operands import fit, may_keep, own
from .recording import recording, recording_set

# Was float() taken of a Value since the innermost function to differentiate, or rule, was called?
converted: ContextVar = ContextVar("converted", default=False)


def pullback(root: Node, g, towards=None, on_values: bool = False):
    """Yield the Nodes that root was computed from, each with the gradient of (g · root) towards it.

    g has the shape of root. The steps come first, from root on, then the leaves. With `towards`,
    only the steps that lead to one of these Nodes are walked, and they end the walk as leaves do.
    Linear in the size of the graph, and without recursion.
    """
    Value = graph.Value
    steps = order(root, towards or ())
    leading = None  # if not all: the Nodes that lead to those wanted
    if towards is not None:
        leading = set(towards)
        for node in steps:
            if any([isinstance(x, Value) and x in leading for x in node.inputs]):
                leading.add(node)
    mode = recording.get()
    watch = mode if callable(mode) else None
    unrolled = None if on_values or watch else TWO
    gradients = {root: g}  # of the Nodes that were not walked yet
    for node in reversed(steps):
        g = gradients.pop(node, None)
        if g is None:
            continue
        yield node, g
        if node._operands == unrolled:
            # Most steps have two operands: the loop below, unrolled, is a third faster.
            out, left, right = node._data, node._left, node._right
            x, y = node._x, node._y
            to_x, to_y = node.primitive.rules
            if to_x and x is not None and (leading is None or x in leading):
                dx = to_x(g, out, left, right)
                if type(dx) is not float or type(left) is not float:
                    dx = unbroadcast(dx, left, node)
                gradients[x] = gradients[x] + dx if x in gradients else dx
            if to_y and y is not None and (leading is None or y in leading):
                dy = to_y(g, out, left, right)
                if type(dy) is not float or type(right) is not float:
                    dy = unbroadcast(dy, right, node)
                gradients[y] = gradients[y] + dy if y in gradients else dy
            continue
        primitive = node.primitive
        out, args = (node, _as_computed(node)) if on_values else (node._data, node.args)
        known = (g, out, *args)
        together = primitive.each is not None  # then the gradients stand in the place of the rules
        if not together:
            rules = primitive.rules
        elif on_values:
            rules = traced(primitive.all_gradients, node, known)
        else:
            rules = primitive.all_gradients(*known)
        for x, arg, rule in zip(node.inputs, args, rules):
            if isinstance(x, Value) and (together or rule) and (leading is None or x in leading):
                if together:
                    dx = rule
                elif on_values:
                    dx = traced(rule, node, known)
                else:
                    dx = rule(*known)
                if type(dx) is not float or type(arg) is not float:
                    dx = unbroadcast(dx, arg, node)
                gradients[x] = gradients[x] + dx if x in gradients else dx
                if watch:
                    watch(node, gradients[x])
    while gradients:  # given away, not shown: a large one then lives no longer than its taker wants
        yield gradients.popitem()


def traced(rule, node, known):
    """What a rule gives on Values, once it is sure that it stayed among them."""
    token = converted.set(False)
    try:
        dx = rule(*known)
        if converted.get():
            raise TypeError(f"{node.op}: a rule took float() of a Value, as the functions of math "
                            "do, so its own derivative is lost; use autograd's functions in it")
        return dx
    finally:
        converted.reset(token)


def _as_computed(node):
    """The inputs of a step, each with the data it had then: a leaf may hold other data by now."""
    operands = []
    for x, data in zip(node.inputs, node.args):
        if isinstance(x, Node) and x._data is not data:
            x = ops.positive(x)
            x._data = data
        operands.append(x if isinstance(x, Node) else data)
    return operands


def unbroadcast(g, operand, node: Node):
    """g summed over the axes along which the operand was stretched, and so in its shape."""
    given, target = getattr(g, "shape", ()), getattr(operand, "shape", ())
    if given and given == target:  # as nearly always
        return g
    if not given:
        g = single(g, operand, node)
        if not target:
            return g
    total = ops.sum if isinstance(g, Node) else namespace(g).sum
    extra = len(given) - len(target)
    if given[1:] == target:  # a bias, as nearly always
        return total(g, axis=0)
    stretched = [a for a, (new, old) in enumerate(zip(given[extra:], target), extra) if new != old]
    if extra < 0 or any([target[a - extra] != 1 for a in stretched]):
        raise ValueError(f"{node.op}: a rule gave a gradient of shape {given} for an operand of "
                         f"shape {target}; it must have the shape of the operand or of the result")
    axes = (*range(extra), *stretched)
    g = total(g, axis=axes if len(axes) > 1 else axes[0])  # NumPy is faster along a single axis
    return ops.reshape(g, shape=target) if stretched else g


def single(g, operand, node: Node):
    """g, which has no axes, once it is sure to be a number; of the operand's kind, if a Value."""
    if not isinstance(g, Node):
        return g if isinstance(g, float) else fit(g, node.primitive, "a rule")
    data = plain(operand)
    if shape(data) or type(data) is float or type(g._data) is not float:
        return g
    # Beside a float a number of NumPy's became one; its operation wants NumPy's again.
    return ops.as_number_like(data, g)


def backward(root: Node, gradient=None, create_graph: bool = False) -> None:
    """Add the gradient of root to the `.grad` of every leaf it was computed from.

    gradient: what to start from, in the shape of root; None: 1, for a single number.
    create_graph: make each `.grad` a Value that can be differentiated again. A leaf then holds a
    graph that holds the leaf: set its grad to None when done, or use `grad`, to free the memory.
    Raises ValueError if a gradient is needed and missing, or has another shape.
    """
    if root.primitive and not root.inputs:
        raise ValueError(f"backward: this result of {root.op} has no graph to walk back: it was "
                         "computed under no_grad, so compute it outside, or it is the gradient of "
                         "something linear, and depends on nothing")
    start = seed(root, gradient if create_graph else plain(gradient))
    taken = {id(start)}  # a rule may hand on the array it was given, as that of add does
    for node, g in pullback(root, start, on_values=create_graph):
        if node._operands:  # an inner Node holds the gradient of this walk only
            if type(g) is not float:
                g = plain(g)  # no Value with a graph of itself, which would be a cycle
                taken.add(id(g))
            node._grad = g
        else:               # a leaf adds up
            if create_graph:
                g = as_value(g)
            elif type(g) is not float:
                if not may_keep(g, node._data, taken):
                    g = own(g, node._data)
                taken.add(id(g))
            node._grad = g if node._grad is None else node._grad + g


def seed(root: Node, gradient, name="backward"):
    """What a walk back from root starts with: the gradient given, or 1 for a single number."""
    if isinstance(gradient, Node) and shape(gradient._data) == shape(root._data):
        return gradient
    if gradient is not None:
        return as_data_like(root._data, plain(gradient), f"{name}: the gradient")
    data = unmasked(root._data)
    if type(data) is float:
        return 1.0
    lengths, xp = shape(data), namespace(data)
    if prod(lengths) != 1:
        raise ValueError(f"{name}: a result of shape {lengths} has no single gradient; reduce it "
                         "first, e.g. .sum().backward(), or give gradient= in its shape")
    return xp.ones_like(data) if lengths else xp.asarray(1.0, dtype=data.dtype)


def as_value(g):
    """A gradient as a Value; one that depends on nothing becomes a Value that is not a leaf."""
    if isinstance(g, Node):
        return g
    with recording_set(False):
        return ops.positive(graph.Value(g))
