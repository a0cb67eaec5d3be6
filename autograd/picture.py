"""picture: what is drawn of a graph, and in which words; all of it plain text and numbers.

A `View` says which vertices a graph has when Modules are closed, and how far each is from the root.
`picture` puts those that fit into words: nodes, arrows and boxes, which `draw.py` and `mermaid.py`
write in the languages of graphviz and Mermaid. `walkthrough.py` has pages of its own for a View.
"""
from __future__ import annotations

from collections import Counter, namedtuple  # typing's own takes longer to import than this room

from .array import Array
from .graph import Node, order, plain
from .manners import counted
from .names import Call, Names
from .namespace import namespace, shape
from .notation import bracketed, number_text, setting_text

MOST_ENTRIES = 100  # of an array that are written out

# What a picture shows, whichever language it is written in.
Picture = namedtuple("Picture", [
    "items",   # a list of Item: the nodes, from the root on
    "arrows",  # a list of Arrow
    "boxes",   # a list of Box, each after the one it stands in
    "legend",  # a list of (meaning, color)
])

# One node of a picture.
Item = namedtuple("Item", [
    "key",
    "kind",    # leaf, constant, operation, module or rest
    "name",    # what the user calls it, or ""
    "symbol",  # what computed it, or ""
    "rows",    # lists of text: a table of numbers
    "hover",   # all that is to be known
    "color",   # of its gradient
    "box",     # its place in `boxes`
], defaults=["", -1])

# From one node to another.
Arrow = namedtuple("Arrow", [
    "source",   # keys
    "target",
    "operand",  # which one it is, or ""
    "long",     # from a leaf or a constant into a box: it shall stand left of all of the box
])

# The frame around what a Module computed.
Box = namedtuple("Box", [
    "title",
    "hover",
    "inside",  # the place of the box it stands in, or -1
])


def picture(caller, root, modules, depth, names, color, max_nodes) -> Picture:
    """The graph behind root as a Picture; the arguments are those of `draw`, the caller's name."""
    roots = root if isinstance(root, (list, tuple)) else [root]
    if not roots or not all(isinstance(x, Node) for x in roots):
        raise TypeError(f"{caller}: this {type(root).__name__} is no Value; give the result of a "
                        "computation, such as a loss, or a list of them")
    if modules not in ("expanded", "collapsed", None):
        raise ValueError(f'{caller}: modules={modules!r}; use "expanded", "collapsed" or None')
    if color not in ("grad", None):
        raise ValueError(f'{caller}: color={color!r}; use "grad" or None')
    if depth is not None and (type(depth) is not int or depth < 0):
        raise ValueError(f"{caller}: depth={depth!r}; use a whole number from 0, or None for all")
    if type(max_nodes) is not int or max_nodes < 1:
        raise ValueError(f"{caller}: max_nodes={max_nodes!r}; use a whole number from 1")
    steps = []
    for x in roots:
        steps += order(x, until=steps)
    named = Names(steps, names, caller)
    levels = depth if depth is not None else 0 if modules == "collapsed" else float("inf")
    view = View(roots, steps, named.calls if modules else {}, levels)
    return in_words(view, nearest(view, named.paths, max_nodes), named, color)


# -- the vertices --------------------------------------------------------------------------------

class View:
    """A graph as it is shown: its vertices are Nodes, and Calls that are closed to one vertex.

    levels: how many levels of Calls are open. distance: of each vertex the length of the longest
    way to it from a root, roots first. inside: of each closed Call its steps.
    """

    def __init__(self, roots, steps, calls, levels):
        self.steps, self.calls = steps, calls
        self.home = homes(steps, calls)
        self.closed_around = {None: None}  # of each Call the closed one that it is, or stands in
        for call in set(self.home.values()) - {None}:
            for each in call.path():
                path = each.path()
                self.closed_around[each] = path[levels] if len(path) > levels else None
        self.inside = {call: [] for call in self.closed_around.values() if call}
        self.owned = {call.module: set(call.module.parameters()) for call in self.inside}
        for step in steps:
            if isinstance(self.vertex(step), Call):
                self.inside[self.vertex(step)].append(step)
        self.distance = self.distances(roots)

    def distances(self, roots) -> dict:
        """The length of the longest way from a root to each vertex."""
        # Roots in reverse: graphviz puts the box that it hears of last at the top.
        distance = dict.fromkeys(map(self.vertex, reversed(roots)), 0)
        for step in reversed(self.steps):
            vertex = self.vertex(step)
            further = distance[vertex] + 1
            for x in step.inputs:
                if isinstance(x, Node):
                    source = self.vertex(x, step)
                    if distance.get(source, 0) < further and source is not vertex:
                        distance[source] = further
        return distance

    def vertex(self, x: Node, step: Node | None = None):
        """What is shown for x, where this step uses it: itself, or the closed Call around it.

        A parameter is never shown beside a closed Call of the Module that owns it.
        """
        if not self.inside:
            return x
        closed = self.closed_around[self.home.get(x)]
        if not closed and step is not None and not x.inputs:
            user = self.closed_around[self.calls.get(step)]
            closed = user if user and x in self.owned[user.module] else None
        return closed or x

    def box(self, vertex) -> Call | None:
        """The innermost Call that is drawn as a box around it."""
        return vertex.outer if isinstance(vertex, Call) else self.home.get(vertex)

    def constants(self, vertex):
        """The plain numbers and arrays that it was given: (key, step, place among its inputs).

        A key begins with the Call that the constant stands in. An array has one key wherever it is
        used there, and is shown once; so is a number that was fed to a Module. Other numbers are
        shown at each use.
        """
        for step in self.inside[vertex] if isinstance(vertex, Call) else [vertex]:
            call = self.calls.get(step)
            for place, x in enumerate(step.inputs):
                if not isinstance(x, Node):
                    home = home_of(x, call)
                    if self.closed_around[home] is None:
                        shared = home is not call or shape(step.args[place])
                        yield (home, id(x) if shared else (step, place)), step, place


def homes(steps, calls) -> dict[Node, Call | None]:
    """Of each step the Call that made it; of a leaf the innermost Call around all its uses."""
    home = dict(calls)
    for step in steps if calls else ():
        for x in step.inputs:
            if isinstance(x, Node) and not x.inputs:
                used_in = home_of(x, calls.get(step))
                home[x] = around_both(home[x], used_in) if x in home else used_in
    return home


def home_of(x, call: Call | None) -> Call | None:
    """Where x stands that was used in this Call: inside it, but outside those it was fed to."""
    home = call
    while call:
        if id(x) in call.inputs:
            home = call.outer
        call = call.outer
    return home


def around_both(one: Call | None, other: Call | None) -> Call | None:
    """The innermost Call around two."""
    shared = None
    if one and other:
        for a, b in zip(one.path(), other.path()):
            shared = a if a is b else shared
    return shared


def nearest(view: View, parameters, most: int) -> list:
    """Of all vertices those to draw: at most half of them parameters, the others near the root.

    All that a vertex feeds is nearer to the root than itself. So nothing that is drawn feeds what
    is left out, save parameters, and all arrows go one way.
    """
    ranked = sorted(view.distance, key=view.distance.get)
    kept = fitting(view, ranked, most)
    if len(kept) < len(ranked):
        leaves = [x for x in ranked if isinstance(x, Node) and not x.inputs]
        leaves = [x for x in leaves if x in parameters] or leaves
        some, all_leaves = leaves[:most // 2], set(leaves)
        kept = some + fitting(view, [x for x in ranked if x not in all_leaves], most - len(some))
    kept = set(kept)
    return [x for x in view.distance if x in kept]


def fitting(view: View, ranked, most: int) -> list:
    """The first of the vertices, of which there are at most so many with all their constants."""
    drawn = set()
    for count, vertex in enumerate(ranked):
        drawn.add(vertex)
        drawn.update(key for key, _, _ in view.constants(vertex))
        if len(drawn) > most and count:
            return ranked[:count]
    return ranked


# -- in words ------------------------------------------------------------------------------------

SYMBOLS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "/", "pow": "**",
           "negative": "−", "matmul": "@", "total": "+", "vecdot": "·"}
ANY_ORDER = {"add", "total", "multiply", "maximum", "minimum"}  # operands that can change places
# The largest |gradient| up to which a color is used; ColorBrewer's RdBu, which the color-blind can
# tell apart. The middle is what gradients should be.
GRADIENTS = [(1e-6, "#4393c3", "vanishing: ≤ 1e-6"), (1e-4, "#92c5de", "≤ 1e-4"),
             (1e-2, "#d1e5f0", "≤ 0.01"), (1e2, "#f7f7f7", "≤ 100"), (1e4, "#fddbc7", "≤ 1e4"),
             (1e6, "#f4a582", "≤ 1e6"), (float("inf"), "#d6604d", "exploding: more, or nan")]


def in_words(view: View, shown, named: Names, color) -> Picture:
    """The vertices to be shown, and one for all others, put in words."""
    keys = {vertex: f"n{i}" for i, vertex in enumerate(shown)}
    boxes, places, items = [], {None: -1}, []

    def place_of(call):
        for each in call.path() if call else ():
            if each not in places:
                title = ": ".join(filter(None, [named.of(each), each.headline()]))
                places[each] = len(boxes)
                boxes.append(Box(title, repr(each.module), places[each.outer]))
        return places[call]

    for vertex in shown:
        items.append(item(vertex, keys[vertex], place_of(view.box(vertex)), view, named, color))
        for key, step, place in view.constants(vertex):
            if key not in keys:
                keys[key] = f"n{len(keys)}"
                items.append(constant(step.inputs[place], step.args[place], keys[key],
                                      place_of(key[0]), named))
            keys[step, place] = keys[key]
    if len(shown) < len(view.distance):
        items.append(left_out([x for x in view.distance if x not in keys]))
    legend = [(meaning, fill) for _, fill, meaning in GRADIENTS] if color else []
    return Picture(items, arrows_between(items, keys, view), boxes, legend)


def item(vertex, key, box, view, named, color) -> Item:
    """A Value, or all that a Module computed, put in words."""
    kind, symbol, about, rows, results = "leaf", "", "", [], [vertex]
    if isinstance(vertex, Call):
        results = vertex.results
        kind, symbol, about = "module", vertex.headline(), repr(vertex.module)
        parameters = sum(parameter.size for parameter in vertex.module.parameters())
        rows = [[f"{counted(parameters, 'parameter')}, "
                 f"{counted(len(view.inside[vertex]), 'operation')}"]]
    elif vertex.op:
        kind, symbol = "operation", operation(vertex, SYMBOLS.get(vertex.op), 24)
        about = operation(vertex)
    data = [x._data for x in results]
    grads = [plain(x._grad) for x in results if x._grad is not None]
    several = len(results) > 1  # a Module that gave a list
    if several:
        data, grads = [in_one_row(data)], [in_one_row(grads)] if grads else []
    (data,), grad = data, grads[0] if grads else None
    numbers = table(data, grad)
    if several:
        numbers[0][0] = f"{len(results)} results"
    hover = [named.of(vertex), about, f"data {content(data)}"]
    hover += [] if grad is None else [f"grad {content(grad)}"]
    fill = gradient_color(grad) if color and grad is not None else ""
    return Item(key, kind, named.of(vertex), symbol, rows + numbers,
                "\n".join(filter(None, hover)), fill, box)


def constant(x, data, key, box, named) -> Item:
    """A plain number or array put in words."""
    if shape(data):
        return Item(key, "constant", named.of(x), "", table(data), content(data), box=box)
    return Item(key, "constant", "", "", [[number_text(data)]], content(data), box=box)


def left_out(vertices) -> Item:
    """The node that stands for all that is not drawn."""
    kinds = Counter("module" if isinstance(x, Call) else "operation" if x.op else "leaf"
                    for x in vertices)
    rows = [[counted(number, kind)] for kind, number in kinds.most_common()]
    if any(isinstance(x, Node) and not all(isinstance(y, Node) for y in x.inputs)
           for x in vertices):
        rows.append(["and their constants"])
    return Item("rest", "rest", "", f"{counted(len(vertices), 'node')} left out", rows,
                'max_nodes= sets how many are drawn; modules="collapsed" draws Modules as one')


def arrows_between(items, keys, view) -> list[Arrow]:
    """The arrows between nodes that have keys, and the one that stands for all others."""
    box = {item.key: item.box for item in items}
    starts = {item.key for item in items if item.kind in ("leaf", "constant")}
    arrows = {}
    for step in view.steps:
        vertex = view.vertex(step)
        target = keys.get(vertex, "rest")
        for place, x in enumerate(step.inputs):
            start = view.vertex(x, step) if isinstance(x, Node) else (step, place)
            source = keys.get(start, "rest" if isinstance(x, Node) else target)
            if source == target:
                continue
            each = (step, place) if "rest" not in (source, target) and not isinstance(start, Call) \
                and not isinstance(vertex, Call) else (source, target)  # one for many
            operand = each == (step, place) and len(step.inputs) > 1 and step.op not in ANY_ORDER
            arrows[each] = Arrow(source, target, str(place + 1) if operand else "",
                                 source in starts and box[source] != box[target])
    return list(arrows.values())


def operation(node: Node, symbol: str | None = None, most: int | None = None) -> str:
    """What computed a Node, with the settings that are not what they are by default: sum(axis=0).

    symbol: in place of its name. most: how many characters of the settings to show.
    """
    defaults = getattr(node.primitive.forward, "__kwdefaults__", None) or {}
    settings = node.primitive.settings
    if node.op == "getitem":
        text = bracketed(settings["index"], setting_text)
    else:
        text = ", ".join(f"{name}={setting_text(value)}" for name, value in settings.items()
                         if name not in defaults or value is not defaults[name])
        text = f"({text})" if text else ""
    return (symbol or node.op) + (elided(text, most) if most else text)


def table(data, grad=None) -> list[list[str]]:
    """Data and gradient as rows of text: single numbers, or smallest, mean and largest."""
    rows = [[word, *([four(float(x))] if not shape(data) else map(four, extent(x)))]
            for word, x in (("data", data), ("grad", grad)) if x is not None and size(x)]
    if not shape(data):
        return rows
    heads = ["min", "mean", "max"] if size(data) else ["no entries"]
    return [[str(tuple(shape(data))), *heads], *rows]


def in_one_row(parts) -> Array:
    """All entries of several numbers and arrays."""
    row = []
    for part in parts:
        row += namespace(part).reshape(part, (-1,)).tolist() if shape(part) else [float(part)]
    return Array((len(row),), row)


def size(data) -> int:
    """How many entries there are."""
    return getattr(data, "size", 1)


def extent(data) -> tuple[float, float, float]:
    """The smallest, the mean and the largest entry; a mean that is only rounding is 0."""
    xp = namespace(data)
    if "bool" in str(data.dtype):
        data = xp.where(data, 1.0, 0.0)
    least, mean, most = float(xp.min(data)), float(xp.sum(data)) / size(data), float(xp.max(data))
    return least, 0.0 if abs(mean) < 1e-12 * max(-least, most) else mean, most


def gradient_color(grad) -> str:
    """The color for the largest entry of a gradient, regardless of sign."""
    if not size(grad):
        return ""
    least, _, most = extent(grad) if shape(grad) else [float(grad)] * 3
    return next((fill for limit, fill, _ in GRADIENTS if max(-least, most) <= limit),
                GRADIENTS[-1][1])  # nan is below none of them


def four(number: float) -> str:
    """A number at four digits."""
    return number_text(number, 4)


def content(data) -> str:
    """All entries as text, or the first of many."""
    if not shape(data):
        return repr(float(data))
    if size(data) <= MOST_ENTRIES:
        return str(data.tolist())
    first = namespace(data).reshape(data, (-1,))[:MOST_ENTRIES].tolist()
    return f"{str(first)[:-1]}, … {size(data) - MOST_ENTRIES:,} more]"


def elided(text: str, most: int = 40) -> str:
    """The text on one line, without its middle if it is long."""
    text = text.replace("\n", "\\n")
    return text if len(text) <= most else f"{text[:most * 2 // 3]}…{text[-most // 4:]}"
