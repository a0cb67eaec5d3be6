"""draw and mermaid: pictures of a graph, each made in two steps.

`picture` turns the graph into a Picture: nodes, arrows and boxes, all of it plain text and numbers.
The writers at the end of this page put a Picture into the language of a program that lays it out:
`dot_lines` for graphviz, `mermaid` for Mermaid. What comes from the user is text to both of them,
never markup, because they escape every piece of text that they write.
"""
from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from os.path import splitext
from typing import NamedTuple

from .graph import Node, order, plain
from .namespace import namespace, shape


def draw(root, modules: str | None = "expanded", depth: int | None = None,
         names: dict | None = None, color: str | None = None, theme: str = "light",
         max_nodes: int = 400):
    """Draw what root, a Value or a list of them, was computed from: → a `graphviz.Digraph`.

    A notebook shows it by itself; `.render("loss.svg")`, also with .png or .pdf, writes a file.
    Rectangles are leaves, ellipses operations, dashed boxes constants, double frames closed
    Modules; arrows into an operation whose operands can't change places are numbered. Gradients
    are shown once there are some.

    modules: "expanded" draws a box around what each Module computed, "collapsed" one node for each
        outermost Module; None shows no Modules.
    depth: how many levels of Modules to open; those further in are one node each.
    names: Values, arrays and Modules by name, such as locals().
    color: "grad" fills each node by the size of its gradient: blue vanishes, red explodes.
    theme: "light" or "dark".
    max_nodes: of a larger graph only this many nodes are drawn, those nearest to the root and the
        parameters, and one more that says what was left out.
    Raises ImportError if the package graphviz is missing, and so do the picture's methods if
    graphviz's program dot is.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> draw(x * x).source.count("->")
    2
    """
    drawn = picture("draw", root, modules, depth, names, color, max_nodes)
    if theme not in THEMES:
        raise ValueError(f"draw: theme={theme!r} is unknown; use {' or '.join(THEMES)}")
    return digraph()("computation", body=dot_lines(drawn, THEMES[theme]), format="svg")


def mermaid(root, modules: str | None = "expanded", depth: int | None = None,
            names: dict | None = None, color: str | None = None, max_nodes: int = 150) -> str:
    """The picture of `draw` as Mermaid text, which GitHub, notebooks and Notion lay out.

    The arguments are those of `draw`; max_nodes is smaller, as Mermaid takes no more than 500
    arrows and 50,000 characters. Nothing needs to be installed.

    >>> from autograd import Value
    >>> print(mermaid(Value(3.0, name="x") * 2))
    flowchart LR
        n0(["<b>×</b><br/>data  6"]):::operation
        n2["2"]:::constant
        n1["<b>x</b><br/>data  3"]:::leaf
        n1 --> n0
        n2 --> n0
    ...
    """
    return mermaid_text(picture("mermaid", root, modules, depth, names, color, max_nodes))


# -- the picture ---------------------------------------------------------------------------------

class Picture(NamedTuple):
    """What a picture shows, whichever language it is written in."""

    items: list   # of Item: the nodes, from the root on
    arrows: list  # of (key, key, which operand it is or "")
    boxes: list   # of Box, each after the one it stands in
    legend: list  # of (meaning, color)


class Item(NamedTuple):
    """One node of a picture."""

    key: str
    kind: str    # one of KINDS
    name: str    # what the user calls it, or ""
    symbol: str  # what computed it, or ""
    rows: list   # of lists of text: a table of numbers
    hover: str   # all that is to be known
    color: str   # of its gradient, or ""
    box: int     # its place in `boxes`, or -1


class Box(NamedTuple):
    """The frame around what a Module computed."""

    title: str
    hover: str
    inside: int  # the place of the box it stands in, or -1


def picture(caller, root, modules, depth, names, color, max_nodes) -> Picture:
    """The graph behind root as a Picture; the arguments are those of `draw`."""
    roots = root if isinstance(root, (list, tuple)) else [root]
    if not roots or not all(isinstance(x, Node) for x in roots):
        raise TypeError(f"{caller}: this {type(root).__name__} is no Value; give the result of a "
                        "computation, such as a loss, or a list of them")
    check_options(caller, modules, depth, names, color, max_nodes)
    steps = []
    for x in roots:
        steps += order(x, until=steps)
    calls = calls_in(steps)
    levels = depth if depth is not None else 0 if modules == "collapsed" else float("inf")
    graph = Graph(roots, steps, calls if modules else {}, levels)
    named = Names(calls, names or {})
    return described(graph, nearest(graph, named.paths, max_nodes), named, color)


def check_options(caller, modules, depth, names, color, max_nodes):
    """Raise an error for an option that is none."""
    if modules not in ("expanded", "collapsed", None):
        raise ValueError(f'{caller}: modules={modules!r}; use "expanded", "collapsed" or None')
    if color not in ("grad", None):
        raise ValueError(f'{caller}: color={color!r}; use "grad" or None')
    if depth is not None and (type(depth) is not int or depth < 0):
        raise ValueError(f"{caller}: depth={depth!r}; use a whole number from 0, or None for all")
    if type(max_nodes) is not int or max_nodes < 1:
        raise ValueError(f"{caller}: max_nodes={max_nodes!r}; use a whole number from 1")
    if names is not None and not isinstance(names, dict):
        raise TypeError(f"{caller}: names={names!r:.60} must be a dict of Values by name, such as "
                        "locals()")


# -- which Module made what ----------------------------------------------------------------------

class Call:
    """One call of a Module: the steps between its inputs and its result."""

    def __init__(self, module, inputs, result):
        self.module, self.inputs, self.result = module, inputs, result  # inputs: their ids
        self.outer = None  # the Call that this one was made in
        self.before = []   # the steps outside it whose results it used

    def path(self) -> list[Call]:
        """The Calls from the outermost down to this one."""
        path = [self]
        while path[-1].outer:
            path.append(path[-1].outer)
        return path[::-1]


def calls_in(steps) -> dict[Node, Call]:
    """The innermost Call that each step was made in; steps come inputs first.

    `Module.__call__` marks only its result. What lies between that and the inputs of the call was
    computed inside; where the result of another call is met, that call was made inside too.
    """
    innermost = {}
    for result in steps:
        for module, inputs in getattr(result, "calls", ()):  # inner calls come first
            call, stack, seen = Call(module, set(inputs), result), [result], set()
            while stack:
                x = stack.pop()
                if not isinstance(x, Node) or not x.inputs or x in seen:
                    continue
                seen.add(x)
                met = innermost.get(x)
                while met and met.outer:
                    met = met.outer
                if id(x) in call.inputs:
                    call.before.append(x)
                elif met is None:
                    innermost[x] = call
                    stack += x.inputs
                elif met.result is x and met.module is not module:
                    met.outer = call
                    stack += met.before
                else:  # of an earlier call: a state that the Module keeps
                    call.before.append(x)
    return innermost


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
    if one is other or not one or not other:
        return one if one is other else None
    shared = [a for a, b in zip(one.path(), other.path()) if a is b]
    return shared[-1] if shared else None


class Graph:
    """The vertices of the picture: Nodes, and Calls that are drawn as one node.

    distance: of each vertex the length of the longest way to it from a root, roots first;
    home: of each Node the innermost Call around it, if any;
    inside: of each Call drawn as one node its steps.
    """

    def __init__(self, roots, steps, calls, levels):
        self.steps, self.calls, self.home = steps, calls, dict(calls)
        for step in steps if calls else ():
            for x in step.inputs:
                if isinstance(x, Node) and not x.inputs:  # a leaf: around all its uses
                    used_in = home_of(x, calls.get(step))
                    self.home[x] = around_both(self.home[x], used_in) if x in self.home else used_in
        self.closed_around = {None: None}
        for call in set(self.home.values()) - {None}:
            for each in call.path():
                path = each.path()
                self.closed_around[each] = path[levels] if len(path) > levels else None
        self.inside = {call: [] for call in self.closed_around.values() if call}
        self.owned = {call.module: set(call.module.parameters()) for call in self.inside}
        for step in steps if self.inside else ():
            if isinstance(self.vertex(step), Call):
                self.inside[self.vertex(step)].append(step)

        # Roots in reverse: graphviz puts the box that it hears of last at the top.
        self.distance = dict.fromkeys(map(self.vertex, reversed(roots)), 0)
        for step in reversed(steps):
            vertex = self.vertex(step)
            further = self.distance[vertex] + 1
            for x in step.inputs:
                if isinstance(x, Node):
                    source = self.vertex(x, step)
                    if self.distance.get(source, 0) < further and source is not vertex:
                        self.distance[source] = further

    def vertex(self, x: Node, step: Node | None = None):
        """What is drawn for x, where this step uses it: itself, or the closed Call around it.

        A parameter is never drawn beside a closed Call of the Module that owns it.
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

        An array has one key wherever it is used in a box, and is drawn once there; so is a number
        that was fed to a Module. Other numbers are drawn at each use.
        """
        for step in self.inside[vertex] if isinstance(vertex, Call) else [vertex]:
            call = self.calls.get(step)
            for place, x in enumerate(step.inputs):
                if not isinstance(x, Node):
                    home = home_of(x, call)
                    if self.closed_around[home] is None:
                        shared = home is not call or shape(step.args[place])
                        yield (home, id(x) if shared else (step, place)), step, place


def nearest(graph: Graph, parameters, most: int) -> list:
    """Of all vertices those to draw: at most half of them parameters, the others near the root.

    All that a vertex feeds is nearer to the root than itself. So nothing that is drawn feeds what
    is left out, save parameters, and all arrows go one way.
    """
    ranked = sorted(graph.distance, key=graph.distance.get)
    kept = fitting(graph, ranked, most)
    if len(kept) < len(ranked):
        leaves = [x for x in ranked if isinstance(x, Node) and not x.inputs]
        leaves = [x for x in leaves if x in parameters] or leaves
        some, all_leaves = leaves[:most // 2], set(leaves)
        kept = some + fitting(graph, [x for x in ranked if x not in all_leaves], most - len(some))
    kept = set(kept)
    return [x for x in graph.distance if x in kept]


def fitting(graph: Graph, ranked, most: int) -> list:
    """The first of the vertices, of which there are at most so many with all their constants."""
    drawn = set()
    for count, vertex in enumerate(ranked):
        drawn.add(vertex)
        drawn.update(key for key, _, _ in graph.constants(vertex))
        if len(drawn) > most and count:
            return ranked[:count]
    return ranked


# -- what is written in it -----------------------------------------------------------------------

SYMBOLS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "/", "pow": "**",
           "negative": "−", "matmul": "@"}
ANY_ORDER = {"add", "multiply", "maximum", "minimum"}  # operands that can change places
# The largest |gradient| up to which a color is used; ColorBrewer's RdBu, which the color-blind can
# tell apart. The middle is what gradients should be.
GRADIENTS = [(1e-6, "#4393c3", "vanishing: ≤ 1e-6"), (1e-4, "#92c5de", "≤ 1e-4"),
             (1e-2, "#d1e5f0", "≤ 0.01"), (1e2, "#f7f7f7", "≤ 100"), (1e4, "#fddbc7", "≤ 1e4"),
             (1e6, "#f4a582", "≤ 1e6"), (float("inf"), "#d6604d", "exploding: more, or nan")]


class Names:
    """What Values, arrays and Modules are called; `paths` holds the parameters of the Modules.

    A Value's own name comes first, then its place in the outermost Module, then that in `given`.
    """

    def __init__(self, calls, given):
        self.paths, self.modules, self.given = {}, {}, {}
        for call in dict.fromkeys(calls.values()):
            for module in [each.module for each in call.path()]:
                if module not in self.modules:
                    for name, inner in module.named_modules():
                        self.modules.setdefault(inner, name)
                    for name, parameter in module.named_parameters():
                        self.paths.setdefault(parameter, name)
        for name, thing in given.items():
            if not str(name).startswith("_"):  # a notebook's own
                self.given.setdefault(id(thing), str(name))
                for i, part in enumerate(thing if isinstance(thing, (list, tuple)) else ()):
                    self.given.setdefault(id(part), f"{name}[{i}]")

    def of(self, x) -> str:
        """The name of a Value, an array or a Call, or nothing."""
        if isinstance(x, Call):
            return self.modules.get(x.module) or self.given.get(id(x.module), "")
        its_own = (x.name or self.paths.get(x)) if isinstance(x, Node) else None
        return str(its_own or self.given.get(id(x), ""))


def described(graph: Graph, shown, named: Names, color) -> Picture:
    """The vertices to be shown, and one for all others, put in words."""
    keys = {vertex: f"n{i}" for i, vertex in enumerate(shown)}
    boxes, places, items = [], {None: -1}, []

    def place_of(call):
        for each in call.path() if call else ():
            if each not in places:
                title = ": ".join(filter(None, [named.of(each), headline(each.module)]))
                places[each] = len(boxes)
                boxes.append(Box(title, repr(each.module), places[each.outer]))
        return places[call]

    for vertex in shown:
        box = place_of(graph.box(vertex))
        if isinstance(vertex, Call):
            items.append(call_item(vertex, keys[vertex], box, graph, named, color))
        else:
            items.append(node_item(vertex, keys[vertex], box, named, color))
        for key, step, place in graph.constants(vertex):
            if key not in keys:
                keys[key] = f"n{len(keys)}"
                x, data = step.inputs[place], step.args[place]
                items.append(Item(keys[key], "constant", named.of(x) if shape(data) else "", "",
                                  table(data) if shape(data) else [[four(float(data))]],
                                  content(data), "", place_of(key[0])))
            keys[step, place] = keys[key]
    if len(shown) < len(graph.distance):
        items.append(left_out([x for x in graph.distance if x not in keys]))
    legend = [(meaning, fill) for _, fill, meaning in GRADIENTS] if color else []
    return Picture(items, arrows_between(keys, graph), boxes, legend)


def arrows_between(keys, graph) -> list[tuple[str, str, str]]:
    """The arrows of the vertices that have keys, and of the one that stands for all others."""
    arrows = {}
    for step in graph.steps:
        vertex = graph.vertex(step)
        target = keys.get(vertex, "rest")
        for place, x in enumerate(step.inputs):
            start = graph.vertex(x, step) if isinstance(x, Node) else (step, place)
            source = keys.get(start, "rest" if isinstance(x, Node) else target)
            if source == target:
                continue
            if "rest" in (source, target) or isinstance(start, Call) or isinstance(vertex, Call):
                arrows[source, target] = source, target, ""  # one for many
            else:
                ordered = len(step.inputs) > 1 and step.op not in ANY_ORDER
                arrows[step, place] = source, target, str(place + 1) if ordered else ""
    return list(arrows.values())


def fed_from_outside(drawn: Picture) -> set[tuple[str, str]]:
    """The arrows from a leaf or a constant into a box that it does not stand in.

    They are drawn two steps long, so that what is fed to a Module stands left of its box, not over
    or under it, and no arrow runs through the box's title.
    """
    box = {node.key: node.box for node in drawn.items}
    starts = {node.key for node in drawn.items if node.kind in ("leaf", "constant")}
    return {(source, target) for source, target, _ in drawn.arrows
            if source in starts and box[source] != box[target]}


def node_item(x: Node, key, box, named, color) -> Item:
    """A Value put in words."""
    symbol = what = ""
    if x.op:
        settings = ", ".join(f"{name}={value!r}" for name, value in settings_of(x.primitive))
        symbol = SYMBOLS.get(x.op, x.op) + (f"({elided(settings, 24)})" if settings else "")
        what = f"{x.op}({settings})" if settings else x.op
    return item(key, "operation" if x.op else "leaf", named.of(x), symbol, what, [], x, box, color)


def call_item(call: Call, key, box, graph, named, color) -> Item:
    """All that a Module computed put in words, with the numbers of its result."""
    parameters = sum(parameter.size for parameter in call.module.parameters())
    counts = (f"{counted(parameters, 'parameter')}, "
              f"{counted(len(graph.inside[call]), 'operation')}")
    return item(key, "module", named.of(call), headline(call.module), repr(call.module),
                [[counts]], call.result, box, color)


def item(key, kind, name, symbol, what, rows, x: Node, box, color) -> Item:
    """What there is to say of anything with the data and the gradient of x."""
    grad = None if x._grad is None else plain(x._grad)
    hover = [name, what, f"data {content(x._data)}"]
    if grad is not None:
        hover.append(f"grad {content(grad)}")
    fill = gradient_color(grad) if color and grad is not None else ""
    return Item(key, kind, name, symbol, rows + table(x._data, grad),
                "\n".join(filter(None, hover)), fill, box)


def settings_of(primitive) -> list:
    """The settings of an operation, such as ("axis", 0), that are not what they are by default."""
    forward = getattr(primitive.forward, "func", primitive.forward)  # before they were put in
    defaults = getattr(forward, "__kwdefaults__", None) or {}
    return [(name, value) for name, value in dict(primitive.settings).items()
            if name not in defaults or value is not defaults[name]]


def headline(module) -> str:
    """The class of a Module, and what it says of itself."""
    return type(module).__name__ + module.describe()


def left_out(vertices) -> Item:
    """The node that stands for all that is not drawn."""
    kinds = Counter("module" if isinstance(x, Call) else "operation" if x.op else "leaf"
                    for x in vertices)
    rows = [[counted(number, kind)] for kind, number in kinds.most_common()]
    if any(isinstance(x, Node) and not all(isinstance(y, Node) for y in x.inputs)
           for x in vertices):
        rows.append(["and their constants"])
    return Item("rest", "rest", "", f"{counted(len(vertices), 'node')} left out", rows,
                'max_nodes= sets how many are drawn; modules="collapsed" draws Modules as one', "",
                -1)


def counted(number: int, noun: str) -> str:
    """Such as 1 node, 1,000 nodes, 2 leaves."""
    if number != 1:
        noun = "leaves" if noun == "leaf" else f"{noun}s"
    return f"{number:,} {noun}"


def table(data, grad=None) -> list[list[str]]:
    """Data and gradient as rows of text: single numbers, or smallest, mean and largest."""
    rows = [["data", *summary(data)]] + ([] if grad is None else [["grad", *summary(grad)]])
    if not shape(data):
        return rows
    heads = ["min", "mean", "max"] if size(data) else ["no entries"]
    return [[str(tuple(shape(data))), *heads], *(rows if size(data) else [])]


def size(data) -> int:
    """How many entries there are."""
    return getattr(data, "size", 1)


def summary(data) -> list[str]:
    """A single number, or the smallest, the mean and the largest, at four digits."""
    if not shape(data):
        return [four(float(data))]
    return [four(x) for x in extent(data)] if size(data) else []


def extent(data) -> tuple[float, float, float]:
    """The smallest, the mean and the largest entry."""
    xp = namespace(data)
    if "bool" in str(data.dtype):
        data = xp.where(data, 1.0, 0.0)
    return float(xp.min(data)), float(xp.sum(data)) / size(data), float(xp.max(data))


def gradient_color(grad) -> str:
    """The colour for the largest entry of a gradient, regardless of sign."""
    if not size(grad):
        return ""
    least, _, most = extent(grad) if shape(grad) else [float(grad)] * 3
    return next((fill for limit, fill, _ in GRADIENTS if max(-least, most) <= limit),
                GRADIENTS[-1][1])  # nan is below none of them


def four(number: float) -> str:
    """A number at four significant digits; 0 without a sign."""
    return f"{number + 0.0:.4g}"


def content(data, most: int = 100) -> str:
    """All entries as text, or the first of many."""
    if not shape(data):
        return repr(float(data))
    if size(data) <= most:
        return str(data.tolist())
    first = namespace(data).reshape(data, (-1,))[:most].tolist()
    return f"{str(first)[:-1]}, … {size(data) - most:,} more]"


def elided(text: str, most: int = 40) -> str:
    """The text on one line, without its middle if it is long."""
    text = text.replace("\n", "\\n")
    return text if len(text) <= most else f"{text[:most * 2 // 3]}…{text[-most // 4:]}"


# -- graphviz ------------------------------------------------------------------------------------

# Kinds differ by outline, which print and every eye can tell, and besides by color.
KINDS = {
    "leaf": "shape=box, penwidth=2.5",
    "constant": 'shape=box, style="dashed,filled"',
    "operation": "shape=ellipse, margin=0",
    "module": "shape=box, peripheries=2",
    "rest": 'shape=box, style="dotted,filled,rounded", penwidth=2',
}
# Ink, paper, and of each kind the outline and the filling; the hues are from the palette of Okabe
# and Ito, which the color-blind can tell apart.
THEMES = {
    "light": {"ink": "#111111", "paper": "#ffffff", "box": ("#666666", "#00000009"),
              "leaf": ("#0072b2", "#e3f1fb"), "constant": ("#777777", "#ffffff"),
              "operation": ("#c06a00", "#fff3df"), "module": ("#00795a", "#e2f5ee"),
              "rest": ("#777777", "#f4f4f4")},
    "dark": {"ink": "#f2f2f2", "paper": "#15181c", "box": ("#8a919a", "#ffffff0d"),
             "leaf": ("#56b4e9", "#10344c"), "constant": ("#9aa0a6", "#15181c"),
             "operation": ("#e69f00", "#4a3300"), "module": ("#2fc79b", "#0b3d2f"),
             "rest": ("#9aa0a6", "#23272c")},
}


def dot_lines(drawn: Picture, theme: dict) -> list[str]:
    """A Picture in graphviz's language."""
    ink = theme["ink"]
    font = f'fontname="Helvetica,Arial,sans-serif", fontcolor="{ink}"'
    lines = [f'rankdir=LR; nodesep=0.2; ranksep=0.35; bgcolor="{theme["paper"]}"',
             "nslimit=1; nslimit1=1",  # or large pictures take minutes
             f'node [{font}, fontsize=13, style=filled, width=0.4, height=0.3]',
             f'edge [{font}, fontsize=11, color="{ink}", arrowsize=0.7]',
             f'graph [{font}, fontsize=13]']
    if drawn.legend:
        cells = "".join(f'<TD BGCOLOR="{fill}"><FONT COLOR="#111111">{html(meaning)}</FONT></TD>'
                        for meaning, fill in drawn.legend)
        lines.append(f'label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0"><TR>'
                     f'<TD BORDER="0">largest |gradient| </TD>{cells}</TR></TABLE>>')
    inside = {place: [] for place in range(-1, len(drawn.boxes))}
    for node in drawn.items:
        outline, filling = theme[node.kind]
        colors = f'color="{outline}", fillcolor="{node.color or filling}"'
        if node.color:
            colors += ', fontcolor="#111111"'
        inside[node.box].append(f"{node.key} [label=<{dot_label(node)}>, {KINDS[node.kind]}, "
                                f"{colors}, tooltip={quoted(node.hover)}]")
    outline, filling = theme["box"]
    for place in reversed(range(len(drawn.boxes))):  # inner boxes first
        box = drawn.boxes[place]
        inside[box.inside] += [
            f"subgraph cluster_{place} {{", f"label=<{html(elided(box.title, 60))}>; labeljust=r",
            f'style="rounded,filled"; color="{outline}"; fillcolor="{filling}"',
            f"tooltip={quoted(box.hover)}", *inside[place], "}"]
    lines += inside[-1]
    far = fed_from_outside(drawn)
    for source, target, number in drawn.arrows:
        settings = [f"label={number}"] if number else []
        settings += ["minlen=2"] if (source, target) in far else []
        lines.append(f"{source} -> {target}" + (f" [{', '.join(settings)}]" if settings else ""))
    return [f"\t{line}\n" for line in lines]


def dot_label(node: Item) -> str:
    """The inscription of a node, as a table: name, symbol, rows."""
    columns = max([len(row) for row in node.rows], default=1)
    lines = [f'<B>{html(elided(node.name))}</B>'] if node.name else []
    if node.symbol:
        points = 20 if node.symbol in SYMBOLS.values() else 15
        lines.append(f'<FONT POINT-SIZE="{points}">{html(elided(node.symbol))}</FONT>')
    rows = [f'<TD COLSPAN="{columns}">{line}</TD>' for line in lines]
    for row in node.rows:
        if len(row) == 1:
            rows.append(f'<TD COLSPAN="{columns}">{html(row[0])}</TD>')
        else:
            rows.append(f'<TD ALIGN="LEFT">{html(row[0])}</TD>'
                        + "".join(f'<TD ALIGN="RIGHT">&#160;{html(cell)}</TD>' for cell in row[1:]))
    return ('<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">'
            + "".join(f"<TR>{row}</TR>" for row in rows) + "</TABLE>")


def html(text: str) -> str:
    """Text for a label of graphviz, to which a ] before a tag and \\N mean something too."""
    return escape(fit(text)).replace("]", "&#93;").replace("\\", "\\\\") or " "


def quoted(text: str) -> str:
    """Text for a tooltip of graphviz, where & has a meaning, and a backslash on two readings.

    graphviz reads at most 16,384 bytes at once; a backslash at the end of a line joins two lines.
    """
    pieces = [escape(fit(text[i:i + 1000]), quote=False).replace("\\", "\\" * 4)
              .replace('"', '\\"').replace("\n", "\\n") for i in range(0, len(text), 1000)]
    return '"' + "\\\n".join(pieces) + '"'


def fit(text: str) -> str:
    """The text without the characters that no XML, and so no SVG, may hold."""
    return re.sub("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


class Missing(ImportError):
    """A program that pictures need is not installed; notebooks show the sentence alone."""

    def __init__(self, what, debian, macos, windows, conda):
        super().__init__(
            f"draw: {what} is not installed; get it with `{debian}` on Debian, `{macos}` on macOS, "
            f"`{windows}` on Windows or `{conda}` with conda (mermaid(root) and root.outline() "
            "need neither)")

    def _render_traceback_(self):  # IPython asks for it
        return [str(self)]


@lru_cache(maxsize=None)
def digraph() -> type:
    """The kind of picture that `draw` returns; made here, as not everybody has graphviz."""
    try:
        import graphviz
    except ImportError:
        pip = "python -m pip install graphviz"
        raise Missing("the Python package graphviz", "apt install python3-graphviz", pip, pip,
                      "conda install python-graphviz") from None

    class Digraph(graphviz.Digraph):
        """graphviz's Digraph, which goes by the end of a file's name and says what is missing."""

        def render(self, filename=None, *args, **settings):
            """Write the picture to a file, such as loss.svg, .png or .pdf; → its name.

            With any further argument, what graphviz.Digraph.render does.
            """
            kind = splitext(filename or "")[1][1:].lower()
            if args or settings or not kind:
                with its_absence_explained():
                    return super().render(filename, *args, **settings)
            if kind not in graphviz.FORMATS:
                raise ValueError(f"render: {filename} names no kind of picture by its end; use "
                                 ".svg, .png or .pdf")
            picture = self.pipe(kind)
            with open(filename, "wb") as file:
                file.write(picture)
            return str(filename)

        def pipe(self, *args, **settings):
            with its_absence_explained():
                return super().pipe(*args, **settings)

        def _repr_mimebundle_(self, include=None, exclude=None, **_):
            try:
                return {"image/svg+xml": self.pipe("svg").decode("utf-8")}
            except Missing as sentence:
                return {"text/plain": str(sentence)}

    @contextmanager
    def its_absence_explained():
        try:
            yield
        except graphviz.ExecutableNotFound:
            raise Missing("graphviz's program dot", "apt install graphviz",
                          "brew install graphviz", "winget install graphviz",
                          "conda install graphviz") from None

    return Digraph


# -- Mermaid -------------------------------------------------------------------------------------

BRACKETS = {"leaf": ("[", "]"), "constant": ("[", "]"), "operation": ("([", "])"),
            "module": ("[[", "]]"), "rest": ("(", ")")}


def mermaid_text(drawn: Picture) -> str:
    """A Picture in Mermaid's language."""
    lines = ["flowchart LR"]
    inside = {place: [] for place in range(-1, len(drawn.boxes))}
    for node in drawn.items:
        opened, closed = BRACKETS[node.kind]
        inside[node.box].append(
            f'{node.key}{opened}"{mermaid_label(node)}"{closed}:::{node.kind}')
    for place in reversed(range(len(drawn.boxes))):  # inner boxes first
        box = drawn.boxes[place]
        inside[box.inside] += [f'subgraph box{place}["{coded(elided(box.title, 60))}"]',
                               *[f"    {line}" for line in inside[place]], "end"]
    lines += inside[-1]
    far = fed_from_outside(drawn)
    for source, target, number in drawn.arrows:
        arrow = "--->" if (source, target) in far else "-->"
        lines.append(f"{source} {arrow}{f'|{number}|' if number else ''} {target}")
    if drawn.legend:
        lines.append('subgraph legend["largest #124;gradient#124;"]')
        for place, (meaning, _) in enumerate(drawn.legend):
            lines.append(f'    legend{place}["{coded(meaning)}"]')
        lines.append("end")
    for key, fill in [(node.key, node.color) for node in drawn.items if node.color] + [
            (f"legend{place}", fill) for place, (_, fill) in enumerate(drawn.legend)]:
        lines.append(f"style {key} fill:{fill},color:#111111")
    for kind in dict.fromkeys(node.kind for node in drawn.items):
        outline, filling = THEMES["light"][kind]
        dashes = {"constant": ",stroke-dasharray:5 3", "rest": ",stroke-dasharray:2 2"}
        lines.append(f"classDef {kind} fill:{filling},stroke:{outline},color:#111111"
                     + dashes.get(kind, ",stroke-width:2px" if kind == "leaf" else ""))
    return "\n    ".join(lines) + "\n"


def mermaid_label(node: Item) -> str:
    """The inscription of a node: name, symbol, rows."""
    lines = [f"<b>{coded(elided(text))}</b>" for text in (node.name, node.symbol) if text]
    return "<br/>".join(lines + [coded("  ".join(row)) for row in node.rows])


def coded(text: str) -> str:
    """Text for Mermaid: all but letters, digits and harmless signs by their numbers."""
    return re.sub(r"[^\w .,+=()×−…→-]", lambda sign: f"#{ord(sign[0])};", fit(text))
