"""explain: why a gradient is what it is, path by path."""
from __future__ import annotations

from math import inf, isfinite, log, log10

from .backward import pullback, seed, unbroadcast
from .floats import divide
from .graph import Node, order
from .manners import counted, short
from .names import Names
from .namespace import namespace, shape
from .notation import SUBSCRIPTS

MOST_TENSOR_PATHS = 10_000  # each is walked by itself, with arrays: some seconds


def explain(leaf: Node, loss: Node, most: int = 10) -> Explanation:
    """Every path from the loss to the leaf, and what each adds to the gradient; largest first.

    By the chain rule the gradient is a sum over paths: each contributes the product of the local
    derivatives of its steps. Of more than `most` paths the largest are found, and the rest is
    counted, without looking at all: a thousand diamonds in a row have 2¹⁰⁰⁰ paths.

    leaf: what the gradient is taken of, a leaf or any other Value. loss: a single number.
    Between arrays a local derivative is a matrix too large to show. A path then contributes the
    gradient that is left when only this path is walked back: an array c in the shape of the leaf,
    ordered by its length |c|. Its share of the whole gradient G is ⟨c, G⟩ / ⟨G, G⟩. Shares add up
    to 1; a path that works against the others has a negative one.
    Raises ValueError if no path leads from the loss to the leaf, if the loss is no single number,
    and for arrays between which there are more than 10,000 paths.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> explain(x, x * x + 4 * x)
    gradient towards x: 10.0, the sum over 3 paths
      contribution   share   path, each operation with its local derivative
               4.0   40.0%   add₂ 1.0 · multiply₂ 4.0 → x
               3.0   30.0%   add₁ 1.0 · multiply₁ 3.0 → x
               3.0   30.0%   add₁ 1.0 · multiply₂ 3.0 → x
    """
    for name, value in (("leaf", leaf), ("loss", loss)):
        if not isinstance(value, Node):
            raise TypeError(f"explain: the {name}, of type {type(value).__name__}, is no Value; "
                            "give two Values")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise ValueError(f"explain: most={most!r} must be a whole number of paths, 1 or more")
    if loss.size != 1:
        raise ValueError(f"explain: a loss of shape {loss.shape} has no single gradient; "
                         "reduce it first, e.g. .sum()")
    edges = edges_towards(leaf, loss)
    if loss is not leaf and loss not in edges:
        raise ValueError("explain: no path leads from the loss to the leaf; the loss must be "
                         "computed from it, by operations that have a derivative and outside "
                         "no_grad")
    count = paths_between(leaf, loss, edges)
    total = dict(pullback(loss, seed(loss, None), [leaf]))[leaf]
    if all(type(number) is float for node in edges for number in
           (node._data, *(node.args[i] for i in edges[node]))):
        paths = largest_products(leaf, loss, edges, most)
    elif count > MOST_TENSOR_PATHS:
        raise ValueError(f"explain: {count_text(count)} lead from the loss to the leaf; "
                         f"between arrays each is walked by itself, {MOST_TENSOR_PATHS:,} at the "
                         "most; explain a Value nearer to the loss")
    else:
        paths = walked_one_by_one(leaf, loss, edges, most)
    name = leaf.name or Names(order(loss)).of(leaf) or leaf.op or "the leaf"
    return Explanation(name, paths, count, total)


def edges_towards(leaf, loss) -> dict:
    """For each step from which the leaf can be reached, in `order`: the operands that lead there.

    x * x has two edges to x. An operand whose rule is None leads nowhere.
    """
    edges = {}
    for node in order(loss, [leaf]):
        through = [i for i in receivers(node) if node.inputs[i] is leaf or node.inputs[i] in edges]
        if through:
            edges[node] = through
    return edges


def paths_between(leaf, loss, edges) -> int:
    """How many paths there are; each step hands the number of ways to it on to its operands."""
    ways = {loss: 1}
    for node in reversed(edges):
        here = ways.pop(node)
        for i in edges[node]:
            ways[node.inputs[i]] = ways.get(node.inputs[i], 0) + here
    return ways[leaf]


def receivers(node) -> list[int]:
    """The places of the inputs that a gradient is passed on to."""
    return [i for i, x in enumerate(node.inputs)
            if isinstance(x, Node) and node.primitive.rule(i)]


def passed_on(node, i, g):
    """What a step passes on to its operand i, given the gradient g towards the step."""
    return unbroadcast(node.primitive.rule(i)(g, node._data, *node.args), node.args[i], node)


def largest_products(leaf, loss, edges, most):
    """Between numbers: the paths with the largest products, best first.

    From the leaf up, each step keeps the best ways down from it: the best of all its operands'
    ways, each made longer by one edge. A way is (log of the product's size, the edge, the local
    derivative, the rest of the way); logarithms, because a product over many steps overflows.
    """
    ways = {leaf: [(0.0, None, 1.0, None)]}
    for node, through in edges.items():
        longer = []
        for i in through:
            slope = passed_on(node, i, 1.0)
            size = log(abs(slope)) if 0 < abs(slope) < inf else -inf if slope == 0 else inf
            longer += [(inf if inf in (size, way[0]) else size + way[0], (node, i), slope, way)
                       for way in ways[node.inputs[i]]]  # what is not finite stands first
        ways[node] = sorted(longer, key=lambda way: -way[0])[:most]
    paths = []
    for way in ways[loss]:
        steps, slopes, product = [], [], 1.0
        while way[1] is not None:
            _, step, slope, way = way
            steps.append(step)
            slopes.append(slope)
            product *= slope
        paths.append(Path(steps, product, slopes))
    return paths


def walked_one_by_one(leaf, loss, edges, most):
    """Between arrays: all paths, the gradient walked back along each; the largest of them."""
    paths, stack = [], [(loss, seed(loss, None), ())]
    while stack:
        node, g, steps = stack.pop()
        if node is leaf:
            paths.append(Path(list(steps), g))
        else:
            stack += [(node.inputs[i], passed_on(node, i, g), (*steps, (node, i)))
                      for i in reversed(edges[node])]
    paths.sort(key=lambda path: -inner(path.contribution, path.contribution))
    return paths[:most]


def inner(x, y) -> float:
    """⟨x, y⟩: the sum of the products of all entries."""
    return float(namespace(x, y).sum(x * y)) if shape(x) else float(x * y)


class Path:
    """One way from the loss to the leaf.

    steps: (Value, which of its operands the path goes on with), from the loss on.
    contribution: what it adds to the gradient. derivatives: one a step; None between arrays.
    """

    def __init__(self, steps, contribution, derivatives=None):
        self.steps, self.contribution, self.derivatives = steps, contribution, derivatives

    def __repr__(self):
        steps = [f"{node.op}{place(node, i)}" for node, i in self.steps]
        if self.derivatives is not None:
            steps = [f"{step} {short(slope)}" for step, slope in zip(steps, self.derivatives)]
        if len(steps) > 12:
            steps[5:-5] = [f"... {len(steps) - 10:,} more steps ..."]
        return " · ".join(steps) or "the loss itself"


def place(node, i) -> str:
    """Which operand, as a subscript from 1 up, where there is more than one."""
    return str(i + 1).translate(SUBSCRIPTS) if len(node.inputs) > 1 else ""


class Explanation:
    """What explain found; as text, a table.

    name: what the leaf is called. paths: the largest, each a Path. count: how many there are in
    all. total: the whole gradient.
    """

    def __init__(self, name, paths, count, total):
        self.name, self.paths, self.count, self.total = name, paths, count, total

    def share(self, path) -> float:
        """What part of the gradient a path makes up; not finite if the gradient is 0."""
        if not shape(self.total):
            return divide(float(path.contribution), float(self.total))
        return divide(inner(path.contribution, self.total), inner(self.total, self.total))

    def __repr__(self):
        sizes = [path.contribution for path in self.paths]
        arrays = bool(shape(self.total))
        if arrays:
            sizes = [inner(c, c) ** 0.5 for c in sizes]
        shares = list(map(self.share, self.paths))
        total = f"of length {short(inner(self.total, self.total) ** 0.5)}" if arrays \
            else short(float(self.total) + 0.0)  # -0.0 is 0.0 to a reader
        lines = [f"gradient towards {self.name}: {total}, the sum over {count_text(self.count)}",
                 f"  {'length' if arrays else 'contribution':>12}   share   path, each operation"
                 + (" with its local derivative" if self.paths[0].derivatives is not None else "")]
        lines += [f"  {short(float(size) + 0.0):>12}  {percent(share):>6}   {path} → {self.name}"
                  for size, share, path in zip(sizes, shares, self.paths)]
        if len(self.paths) < self.count:
            added = "" if arrays else f"add up to {short(float(sum(sizes)))}: they "
            lines.append(f"  these {len(self.paths)} {added}make up {percent(sum(shares))} of the "
                         f"gradient, and {count_text(self.count - len(self.paths))} the rest")
        return "\n".join(lines)


def percent(share: float) -> str:
    """A share as text."""
    return f"{share:.1%}" if isfinite(share) else "-"


def count_text(count: int) -> str:
    """How many paths; from a billion on as a power of ten."""
    if count >= 10 ** 9:
        return f"about 10^{log10(count):.0f} paths"
    return counted(count, "path")
