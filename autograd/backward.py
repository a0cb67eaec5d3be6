"""The walk back: from an output to the gradients of everything it was computed from.

`pullback` is the whole of backpropagation. It keeps its gradients in a mapping of its own, so
that nothing is left over from an earlier walk, and hands each step's gradient to that step's
rules; what several consumers give to one Value adds up. On plain data it gives numbers; on
Values (`on_values=True`) the gradients are Values with a graph of their own, which can be
differentiated again.
"""
from __future__ import annotations

from . import ops
from .graph import Node, order
from .namespace import as_data_like, namespace, shape


def pullback(root: Node, g, towards=None, on_values: bool = False) -> dict:
    """The gradients of (g · root) towards every Node that root was computed from.

    g has the shape of root. With `towards`, a set of Nodes, only the steps that lead to one of
    them are walked. Linear in the size of the graph, and without recursion.
    """
    steps = order(root)
    if towards is not None:
        leading = set(towards)
        for node in steps:
            if any(isinstance(x, Node) and x in leading for x in node.inputs):
                leading.add(node)
    gradients = {root: g}
    for node in reversed(steps):
        g = gradients.get(node)
        if g is None or towards is not None and node not in leading:
            continue
        out, args = (node, _inputs_as_computed(node)) if on_values else (node._data, node.args)
        for x, rule, arg in zip(node.inputs, node.primitive.rules, args):
            if rule and isinstance(x, Node) and (towards is None or x in leading):
                dx = rule(g, out, *args)
                if type(dx) is not float or type(arg) is not float:
                    dx = unbroadcast(dx, shape(arg), node)
                gradients[x] = gradients[x] + dx if x in gradients else dx
    return gradients


def _inputs_as_computed(node):
    """The inputs of a step, each with the data it had then: a leaf may hold other data by now."""
    return [_with_data(x, arg) if isinstance(x, Node) and x._data is not arg else x
            for x, arg in zip(node.inputs, node.args)]


def _with_data(x, data):
    same = ops.positive(x)
    same._data = data
    return same


def unbroadcast(g, target: tuple[int, ...], node: Node):
    """Sum g over the axes along which an operand of the target shape was stretched."""
    given = shape(g)
    if given == target:
        return g
    extra = len(given) - len(target)
    if extra < 0 or any(new not in (old, 1) for old, new in zip(given[extra:], target)):
        raise ValueError(f"{node.op}: a rule gave a gradient of shape {given} for an operand of "
                         f"shape {target}; it must have the shape of the operand or of the result")
    stretched = [extra + a for a, length in enumerate(target) if length != given[extra + a]]
    return ops.reshape(ops.sum(g, axis=(*range(extra), *stretched)), shape=target)


def backward(root: Node, gradient=None) -> None:
    """Add the gradient of root to the `.grad` of every leaf it was computed from.

    gradient: what to start from, in the shape of root; 1 for a single number if left out.
    Raises ValueError if it is left out for more than one number, or has another shape.
    """
    if root.primitive and not root.inputs:
        raise ValueError(f"backward: this result of {root.op} was computed under no_grad, so there "
                         "is no graph to walk back; compute it outside")
    if gradient is None and shape(root._data):
        raise ValueError(f"backward: a result of shape {shape(root._data)} has no single gradient; "
                         "reduce it first, e.g. .sum().backward(), or give gradient= in its shape")
    g = namespace(root._data).ones_like(root._data) if gradient is None else \
        as_data_like(root._data, gradient, "backward: the gradient")
    for node, g in pullback(root, g).items():
        if node.inputs:
            node._grad = g  # of this walk only
        else:
            node._grad = own(g, node._data) if node._grad is None else node._grad + g


def own(g, data):
    """g in the kind and precision of the data, in memory that nothing else shares."""
    xp = namespace(data)
    if type(data) is float:
        return float(g)
    return g if xp is namespace(0.0) else xp.asarray(g, dtype=data.dtype, copy=True)
