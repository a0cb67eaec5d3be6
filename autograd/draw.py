"""draw: a picture of a graph, laid out by graphviz.

`picture.py` says what is in it. Here that is written in graphviz's language; what comes from the
user is text to it, never markup, because every piece of text is escaped.
"""
from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from os.path import splitext

from .notation import escape
from .picture import SYMBOLS, Item, Picture, elided, picture


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
    return kind_of_picture()("computation", body=dot_lines(drawn, THEMES[theme]), format="svg")


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
    # Verdana, of Windows and macOS, and DejaVu, of Linux, are equally wide: a picture that was laid
    # out with one is read with the other, and nothing sticks out of its node.
    font = f'fontname="Verdana,DejaVu Sans,sans-serif", fontcolor="{theme["ink"]}"'
    lines = [f'rankdir=LR; nodesep=0.2; ranksep=0.35; bgcolor="{theme["paper"]}"',
             "nslimit=1; nslimit1=1",  # or large pictures take minutes
             f'node [{font}, fontsize=13, style=filled, width=0.4, height=0.3]',
             f'edge [{font}, fontsize=11, color="{theme["ink"]}", arrowsize=0.7]',
             f'graph [{font}, fontsize=13]']
    if drawn.legend:
        lines.append(f"label=<{dot_legend(drawn.legend)}>")
    if arrows_are_long(drawn.arrows):
        lines.append("splines=line; mclimit=0.1")

    def node(item):
        outline, filling = theme[item.kind]
        ink = ', fontcolor="#111111"' if item.color else ""  # all gradients are light
        return (f'{item.key} [label=<{dot_label(item)}>, {KINDS[item.kind]}, color="{outline}", '
                f'fillcolor="{item.color or filling}"{ink}, tooltip={quoted(item.hover)}]')

    def box(place, its_box, inside):
        outline, filling = theme["box"]
        return [f"subgraph cluster_{place} {{",
                f"label=<{html(elided(its_box.title, 60))}>; labeljust=r",
                f'style="rounded,filled"; color="{outline}"; fillcolor="{filling}"',
                f"tooltip={quoted(its_box.hover)}", *inside, "}"]
    lines += nested(drawn, node, box)
    for arrow in drawn.arrows:
        settings = [f"label={arrow.operand}"] * bool(arrow.operand) + ["minlen=2"] * arrow.long
        lines.append(f"{arrow.source} -> {arrow.target}"
                     + (f" [{', '.join(settings)}]" if settings else ""))
    return [f"\t{line}\n" for line in lines]


def arrows_are_long(arrows) -> bool:
    """Are so many so long, as from a weight into each step of a loop, that dot needs minutes?

    It does to bend them around all that they pass: fitting a curve through n gaps takes it time n²
    at worst, a second where these add up to 50,000. Straight lines it draws at once.
    """
    level = {}  # of each node the length of the longest way from it to a root
    for arrow in reversed(arrows):  # those computed last come first
        level[arrow.source] = max(level.get(arrow.source, 0), level.setdefault(arrow.target, 0) + 1)
    return sum((level[arrow.source] - level[arrow.target]) ** 2 for arrow in arrows) > 50_000


def nested(drawn: Picture, node, box) -> list[str]:
    """The lines of all nodes and boxes, those of what stands in a box among the lines of the box.

    node(item) gives the line of a node, and box(its place, the Box, the lines inside) its lines.
    """
    inside = {place: [] for place in range(-1, len(drawn.boxes))}
    for item in drawn.items:
        inside[item.box].append(node(item))
    for place in reversed(range(len(drawn.boxes))):  # inner boxes first
        inside[drawn.boxes[place].inside] += box(place, drawn.boxes[place], inside[place])
    return inside[-1]


def dot_legend(legend) -> str:
    """What the colors mean, as a table."""
    cells = "".join(f'<TD BGCOLOR="{fill}"><FONT COLOR="#111111">{html(meaning)}</FONT></TD>'
                    for meaning, fill in legend)
    return ('<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0"><TR>'
            f'<TD BORDER="0">largest |gradient| </TD>{cells}</TR></TABLE>')


def dot_label(item: Item) -> str:
    """The inscription of a node, as a table: name, symbol, rows."""
    columns = max(map(len, item.rows), default=1)
    lines = [f"<B>{html(elided(item.name))}</B>"] if item.name else []
    if item.symbol:
        points = 20 if item.symbol in SYMBOLS.values() else 15
        lines.append(f'<FONT POINT-SIZE="{points}">{html(elided(item.symbol))}</FONT>')
    lines += [html(row[0]) for row in item.rows if len(row) == 1]
    rows = [f'<TD COLSPAN="{columns}">{line}</TD>' for line in lines]
    for first, *cells in item.rows:
        if cells:
            rows.append(f'<TD ALIGN="LEFT">{html(first)}</TD>'
                        + "".join(f'<TD ALIGN="RIGHT">&#160;{html(cell)}</TD>' for cell in cells))
    return ('<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">'
            + "".join(f"<TR>{row}</TR>" for row in rows) + "</TABLE>")


def html(text: str) -> str:
    """Text for a label of graphviz, to which a ] before a tag and \\N mean something too."""
    return escape(printable(text)).replace("]", "&#93;").replace("\\", "\\\\") or " "


def quoted(text: str) -> str:
    """Text for a tooltip of graphviz, where & has a meaning, and a backslash on two readings.

    graphviz reads at most 16,384 bytes at once; a backslash at the end of a line joins two lines.
    """
    pieces = [escape(printable(text[i:i + 1000]), quote=False).replace("\\", "\\" * 4)
              .replace('"', '\\"').replace("\n", "\\n") for i in range(0, len(text), 1000)]
    return '"' + "\\\n".join(pieces) + '"'


def printable(text: str) -> str:
    """The text without the characters that no XML, and so no SVG, may hold."""
    import re  # here, for `import autograd` is a tenth shorter without it
    return re.sub("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


class Missing(ImportError):
    """Something that pictures need is not installed; notebooks show the sentence alone."""

    def __init__(self, what, remedy):
        super().__init__(f"draw: {what} is not installed; get it with {remedy} (mermaid(root) and "
                         "root.outline() need neither)")

    def _render_traceback_(self):  # IPython asks for it
        return [str(self)]


@contextmanager
def absence_explained(graphviz):
    """Where the program dot is not found, one sentence says how to get it."""
    try:
        yield
    except graphviz.ExecutableNotFound:
        raise Missing("graphviz's program dot", "`apt install graphviz` on Debian, `brew install "
                      "graphviz` on macOS, `winget install graphviz` on Windows or `conda install "
                      "graphviz` with conda") from None


@lru_cache(maxsize=None)
def kind_of_picture() -> type:
    """The class of what `draw` returns; made here, as not everybody has the package graphviz."""
    try:
        import graphviz
    except ImportError:
        raise Missing("the Python package graphviz", "`python -m pip install graphviz` on Debian, "
                      "macOS and Windows or `conda install python-graphviz` with conda") from None

    class Digraph(graphviz.Digraph):
        """graphviz's Digraph, which goes by the end of a file's name and says what is missing."""

        def render(self, filename=None, *args, **settings):
            """Write the picture to a file, such as loss.svg, .png or .pdf; → its name.

            With any further argument, what graphviz.Digraph.render does.
            """
            kind = splitext(filename or "")[1][1:].lower()
            if args or settings or not kind:
                with absence_explained(graphviz):
                    return super().render(filename, *args, **settings)
            if kind not in graphviz.FORMATS:
                raise ValueError(f"render: {filename} names no kind of picture by its end; use "
                                 ".svg, .png or .pdf")
            picture = self.pipe(kind)
            with open(filename, "wb") as file:
                file.write(picture)
            return str(filename)

        def pipe(self, *args, **settings):
            """The picture as bytes: what graphviz.Digraph.pipe does."""
            with absence_explained(graphviz):
                return super().pipe(*args, **settings)

        def _repr_mimebundle_(self, include=None, exclude=None, **_):
            try:
                return {"image/svg+xml": self.pipe("svg").decode("utf-8")}
            except Missing as sentence:
                return {"text/plain": str(sentence)}

    return Digraph
