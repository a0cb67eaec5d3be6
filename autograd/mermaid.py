"""mermaid: the picture of `draw` as text that GitHub, notebooks and Notion lay out.

As in `draw.py`, what comes from the user is text, never markup: all but harmless signs is coded.
"""
from __future__ import annotations

from .draw import THEMES, nested, printable
from .picture import Item, Picture, elided, picture


def mermaid(root, modules: str | None = "expanded", depth: int | None = None,
            names: dict | None = None, color: str | None = None, max_nodes: int = 150) -> str:
    """The picture of `draw` as Mermaid text, which GitHub, notebooks and Notion lay out.

    The arguments are those of `draw`; max_nodes is smaller, and nodes are left out until there are
    no more arrows and characters than Mermaid takes. Nothing needs to be installed.

    >>> from autograd import Value
    >>> print(mermaid(Value(3.0, name="x") * 2))
    %%{init: {'flowchart': {'wrappingWidth': 400}}}%%
    flowchart LR
        n0(["<b>×</b><br/>data  6"]):::operation
        n2["2"]:::constant
        n1["<b>x</b><br/>data  3"]:::leaf
        n1 --> n0
        n2 --> n0
    ...
    """
    drawn = picture("mermaid", root, modules, depth, names, color, max_nodes)
    text = mermaid_text(drawn)
    if max_nodes > 1 and (len(drawn.arrows) >= MOST_ARROWS or len(text) > MOST_CHARACTERS):
        return mermaid(root, modules, depth, names, color, max_nodes * 2 // 3)
    return text


MOST_ARROWS, MOST_CHARACTERS = 500, 50_000  # that Mermaid takes
# Lines may be as long as the rows of numbers are; Mermaid's own limit would break these in two.
START = "%%{init: {'flowchart': {'wrappingWidth': 400}}}%%\nflowchart LR"
# Kinds differ by outline: the brackets that Mermaid wants for it, and its dashes or its width.
BRACKETS = {"leaf": ("[", "]"), "constant": ("[", "]"), "operation": ("([", "])"),
            "module": ("[[", "]]"), "rest": ("(", ")")}
OUTLINES = {"leaf": ",stroke-width:2px", "constant": ",stroke-dasharray:5 3",
            "rest": ",stroke-dasharray:2 2"}


def mermaid_text(drawn: Picture) -> str:
    """A Picture in Mermaid's language."""
    def node(item):
        opened, closed = BRACKETS[item.kind]
        return f'{item.key}{opened}"{label(item)}"{closed}:::{item.kind}'

    def box(place, its_box, inside):
        return [f'subgraph box{place}["{coded(elided(its_box.title, 60))}"]',
                *[f"    {line}" for line in inside], "end"]
    lines = [START, *nested(drawn, node, box)]
    for arrow in drawn.arrows:
        lines.append(f"{arrow.source} {'--->' if arrow.long else '-->'}"
                     + (f"|{arrow.operand}|" if arrow.operand else "") + f" {arrow.target}")
    if drawn.legend:
        lines += ['subgraph legend["largest #124;gradient#124;"]', "    direction LR"]
        lines += [f'    legend{i}["{coded(meaning)}"]'
                  for i, (meaning, _) in enumerate(drawn.legend)]
        lines += ["end", f"{drawn.items[0].key} ~~~ legend"]  # right of it all, in no arrow's way
    fills = [(item.key, item.color) for item in drawn.items if item.color]
    fills += [(f"legend{i}", fill) for i, (_, fill) in enumerate(drawn.legend)]
    lines += [f"style {key} fill:{fill},color:#111111" for key, fill in fills]
    for kind in dict.fromkeys(item.kind for item in drawn.items):
        outline, filling = THEMES["light"][kind]
        lines.append(f"classDef {kind} fill:{filling},stroke:{outline},color:#111111"
                     + OUTLINES.get(kind, ""))
    return "\n    ".join(lines) + "\n"


def label(item: Item) -> str:
    """The inscription of a node: name, symbol, rows."""
    lines = [f"<b>{coded(elided(text))}</b>" for text in (item.name, item.symbol) if text]
    return "<br/>".join(lines + [coded("  ".join(row)) for row in item.rows])


def coded(text: str) -> str:
    """Text for Mermaid: all but letters, digits and harmless signs by their numbers.

    It reads $$ and \\n even so; a space of no width after the first sign parts these.
    """
    text = printable(text).replace("$", "$\u200b").replace("\\", "\\\u200b")
    return "".join(char if char.isalnum() or char in "_ .,+=()×−…→-" else f"#{ord(char)};"
                   for char in text)
