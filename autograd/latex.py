"""latex: a graph and its gradients as formulas for lecture notes.

A formula is a Symbol: of a graph as it was computed, or of its gradient as the rules of `ops.py`
compute it. `simplify.py` leaves out what has no effect, and `typeset.py` sets it in type.
"""
from __future__ import annotations

from collections import Counter
from itertools import zip_longest

from .backward import pullback, seed
from .graph import Node, order
from .names import Names
from .namespace import shape
from .notation import LaTeX
from .recording import every_step, recording_set
from .simplify import simplified
from .symbols import Symbol
from .typeset import typeset


def latex(root: Node) -> str:
    r"""The formula of what was computed, in LaTeX's mathematics (with the package amsmath).

    Leaves are called by their names; so is a step that was given one (`h.name = "h"`), which cuts
    a long formula short. Nameless parameters are called by their place in a Module: W and b those
    of a Layer, w₀, w₁ ... and b those of a Neuron. Other leaves become W and b where they are taken
    for weight and bias, and x elsewhere. Several of one letter are numbered. Between arrays ⊙
    multiplies entry by entry, and what stands side by side is a matrix product. The letters i, j
    ... below Σ, max or ‖x‖ are the axes it runs along; without any it runs along all, and softmax
    along the last. A comparison is computed and not recorded, so where(x > 1, ...) is written with
    "the condition", or a matrix of 0 and 1. The labels of cross_entropy are called y, and labels
    where something else is. A named root gives an equation.
    Raises ValueError for a formula of more than 3,000 parts.

    >>> from autograd import Value
    >>> w, x, b = Value(0.5, name="w"), Value(2.0, name="x"), Value(0.0, name="b")
    >>> print(latex((w * x + b).tanh()))
    \tanh\left(w x + b\right)
    """
    named = names_of("latex", root)
    text = typeset("latex", formula(root, named), LaTeX)
    is_named = named(root) and root.inputs  # a leaf is not computed: it is its name
    return f"{LaTeX.name(named(root))} = {text}" if is_named else text


def latex_gradient(root: Node, leaf: Node) -> str:
    r"""The derivative of root, a single number, towards a leaf; as an equation in LaTeX.

    It is the formula that the rules of `ops.py` give, at a point without ties. A root without a
    name is called L, other things are as in `latex`.

    >>> from autograd import Value
    >>> w, x = Value(0.5, name="w"), Value(2.0, name="x")
    >>> print(latex_gradient((w * x).tanh(), w))
    \frac{\partial L}{\partial w} = \left(1 - \tanh^{2}\left(w x\right)\right) x
    """
    named = names_of("latex_gradient", root)
    if not isinstance(leaf, Node):
        raise TypeError(f"latex_gradient: the leaf, of type {type(leaf).__name__}, is no "
                        "Value; give a Value")
    if root.size != 1:
        raise ValueError(f"latex_gradient: a root of shape {root.shape} has no single "
                         "gradient; reduce it first, e.g. .sum()")
    with recording_set(every_step):
        gradients = dict(pullback(root, seed(root, None), [leaf], on_values=True))
    if leaf not in gradients:
        raise ValueError("latex_gradient: the root was not computed from this leaf")
    gradient = gradients[leaf]
    if not isinstance(gradient, Node):
        gradient = Symbol.leaf(gradient, None) if shape(gradient) else gradient
    elif gradient.inputs:
        gradient = formula(gradient, named, general=True)
    of, towards = named(root) or "L", named(leaf) or "x"
    return (rf"\frac{{\partial {LaTeX.name(of)}}}{{\partial {LaTeX.name(towards)}}} = "
            + typeset("latex_gradient", gradient, LaTeX))


# -- the formula of a graph, and of a rule -------------------------------------------------------

def formula(root: Node, named=lambda node: node.name, general: bool = False) -> Symbol:
    """The Symbol of a recorded graph: its operations as they were written, lightly simplified.

    named(node) gives a leaf its name, or None; a step that gets one is taken for a leaf.
    general: masks of equality, as of ties, count as 0.
    """
    known, found = {}, {}
    names = {node: named(node) for node in order(root)}

    def of(x, arg):
        if isinstance(x, Node):
            if x not in found:
                found[x] = Symbol.leaf(arg, named(x), known)
            return found[x]
        return Symbol.leaf(x, None, known)

    for node in order(root, [node for node, name in names.items() if name and node is not root]):
        operands = [of(x, arg) for x, arg in zip(node.inputs, node.args)]
        found[node] = 0.0 if general and node.op == "equal" else \
            step(node.primitive, operands, node._data, known)
    return of(root, root._data)


def step(primitive, operands, data, known):
    """The Symbol of one recorded operation."""
    op, settings = primitive.name, dict(primitive.settings)
    operands += [settings.pop(name) for name in ("shape", "axes", "index") if name in settings]
    if op == "permute_dims" and operands[1] == (1, 0):
        op, operands = "matrix_transpose", operands[:1]
    simpler = simplified(op, operands)
    return Symbol(op, tuple(operands), settings, data, known=known) if simpler is None else simpler


# -- names ---------------------------------------------------------------------------------------

LETTERS = {"weight": "W", "bias": "b"}


def names_of(what, root):
    """The function that gives a node of the graph of root its name, or None to a nameless step."""
    if not isinstance(root, Node):
        raise TypeError(f"{what}: this {type(root).__name__} is no Value; give what you "
                        "computed")
    steps = order(root)
    known = letters_of_parameters(Names(steps))
    letters = {}  # of each nameless leaf (letter, what follows its number, its Module)
    for node in steps:
        code = node.primitive.forward.__code__
        for x, role in zip_longest(node.inputs, code.co_varnames[:code.co_argcount]):
            if isinstance(x, Node) and not x.inputs and not x.name:
                letters.setdefault(x, known.get(x) or (LETTERS.get(role, "x"), "", None))

    # Where letters are the same, Modules are numbered, in their order, and leaves outside of any.
    count = Counter(letter + rest for letter, rest, _ in letters.values())
    crowded = {module for letter, rest, module in letters.values() if count[letter + rest] > 1}
    modules = dict.fromkeys(module for _, _, module in known.values())
    numbers = {module: i for i, module in enumerate(
        [module for module in modules if module in crowded - {None}], 1)}
    taken = {LaTeX.name(x.name) for node in steps for x in (node, *node.inputs)
             if isinstance(x, Node) and x.name}  # as they are read: x1 and x_1 look the same
    last, names = Counter(), {}
    for x, (letter, rest, module) in letters.items():
        number = numbers.get(module, last[letter])
        name = f"{letter}_{number}{rest}" if number else letter + rest
        while not number and count[letter + rest] > 1 or LaTeX.name(name) in taken:
            number += 1
            name = f"{letter}_{number}{rest}"
        if module not in numbers:
            last[letter] = number
        taken.add(LaTeX.name(name))
        names[x] = name
    return lambda node: node.name or names.get(node)


def letters_of_parameters(named: Names) -> dict:
    """Of each parameter its letter, what follows its number, and its Module.

    `weights.0` of a Neuron is w₀, a Layer has W and b. What is no weight or bias has its path.
    """
    letters = {}
    for module in named.modules:
        for place, parameter in module.named_parameters():
            stem, _, index = place.partition(".")
            if stem == "weights" and index.isdecimal():
                letters[parameter] = "w", f"_{index}", module
            elif place in LETTERS:
                letters[parameter] = LETTERS[place], "", module
    return {parameter: letters.get(parameter, (path, "", None))
            for parameter, path in named.paths.items()}
