"""layout: a graph of boxes as SVG, from left to right; Sugiyama's way, in short.

Each box gets a column right of those it is computed from; within the columns the boxes are ordered
so that few arrows cross, and then moved up and down until the arrows are short.
"""
from __future__ import annotations

from .notation import escape

CHAR, LINE, EDGE = 9.2, 21, 16  # width of a character, height of a line, space around, in pixels
GAP_X, GAP_Y = 56, 24
ORDERINGS, MOVES = 12, 24  # sweeps over all columns


def drawing(boxes, longest) -> str:
    """The boxes, each after its sources, and the arrows between them, as SVG.

    Of a box its key, kind, title, rows, indent and sources count. longest: by key, the length of
    the longest line that will ever stand in a box, where it is not there yet.
    """
    sizes = {box: size(box, longest.get(box.key, 0)) for box in boxes}
    centres, routes, (width, height) = layout(sizes, {box: box.sources for box in boxes})
    return "".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 16:.0f} '
        f'{height + 16:.0f}" data-width="{width + 16:.0f}" data-height="{height + 16:.0f}" '
        'role="img"><defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" '
        'markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path d="M0 0L10 5L0 10z"/></marker></defs>',
        *(f'<path class="arrow" id="{box.key}-{number}" d="{curve(route)}" '
          'marker-end="url(#head)"/>' for (box, number), route in routes.items()),
        *(drawn(box, centres[box], sizes[box]) for box in sizes), "</svg>"])


def size(box, longest):
    """Width and height of a box."""
    written = [line for lines in box.rows.values() for line in lines]
    letters = max(len(box.title) + 1, box.indent + max(longest, *map(len, written)))
    return CHAR * letters + 2 * EDGE, LINE * (len(written) + bool(box.title)) + EDGE


def drawn(box, centre, its_size):
    """A box as SVG: its title, and its rows, behind their words if there is room for them."""
    (x, y), (width, height) = centre, its_size
    left, top = x - width / 2, y - height / 2
    radius = {"operation": 24, "leaf": 4}.get(box.kind, 0)
    parts = [f'<g class="box {box.kind}" data-kind="{box.kind}" id="{box.key}" tabindex="0" '
             f'role="button"><rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
             f'height="{height:.1f}" rx="{radius:.0f}"/>']
    if box.kind == "module":
        parts.append(f'<rect class="inner" x="{left + 4:.1f}" y="{top + 4:.1f}" '
                     f'width="{width - 8:.1f}" height="{height - 8:.1f}"/>')
    y = top + EDGE / 2 + LINE * 0.75
    if box.title:
        parts.append(text(x, y, "title", box.title))
        y += LINE
    for word, lines in box.rows.items():
        if box.indent:
            parts.append(text(left + EDGE, y, f"{word} word", word))
        for line in lines:
            parts.append(text(left + EDGE + box.indent * CHAR, y, word, line))
            y += LINE
    return "".join(parts) + "</g>"


def text(x, y, kind, content):
    """A line of text in the drawing."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(content)}</text>'


def curve(route):
    """A smooth line through the points, level in each of them."""
    (x, y), *rest = route
    parts = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        if to_x == x:
            continue
        middle = (x + to_x) / 2
        parts.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(parts)


def layout(sizes: dict, sources: dict):
    """Places for boxes, in the units of their sizes.

    sizes: of each box (width, height), each box after its sources. sources: of each box those it
    is computed from.
    → of each box its centre; of each (box, number of its source) the points of the arrow; the
    width and the height of it all.
    """
    column = columns(sizes, sources)
    layers = [[] for _ in range(1 + max(column.values()))]
    left, right = {}, {}  # of each place, a box or a bend, its neighbours in the columns beside it
    bends = {}
    for box, its_sources in sources.items():
        for number, source in enumerate(its_sources):
            route = [(box, number, at) for at in range(column[source] + 1, column[box])]
            bends[box, number] = route
            for one, other in zip([source, *route], [*route, box]):
                right.setdefault(one, []).append(other)
                left.setdefault(other, []).append(one)
    place_first(sizes, left, column, layers)
    for sweep in range(ORDERINGS):
        beside = left if sweep % 2 == 0 else right
        reorder(layers if sweep % 2 == 0 else layers[::-1], beside)

    x, edges, total = {}, {}, 0  # edges: of each place the left and the right end of its column
    for layer in layers:
        width = max(sizes.get(place, (0, 0))[0] for place in layer)
        x.update((place, total + width / 2) for place in layer)
        edges.update((place, (total, total + width)) for place in layer)
        total += width + GAP_X
    y = vertical(layers, sizes, left, right)
    bottom = max(y[place] + sizes.get(place, (0, 0))[1] / 2 for place in y)  # of bends too
    centres = {box: (x[box], y[box]) for box in sizes}
    routes = {}
    for (box, number), route in bends.items():
        source, ports = sources[box][number], len(sources[box])
        spread = min(22, sizes[box][1] / (ports + 1)) * (number - (ports - 1) / 2)
        # Arrows rise and fall between the columns only: within one they would cross its boxes.
        routes[box, number] = [
            (x[source] + sizes[source][0] / 2, y[source]), (edges[source][1], y[source]),
            *((end, y[bend]) for bend in route for end in edges[bend]),
            (edges[box][0], y[box] + spread), (x[box] - sizes[box][0] / 2, y[box] + spread)]
    return centres, routes, (total - GAP_X, bottom)


def columns(sizes, sources):
    """The column of each box: right of all its sources; what has none stands before its user."""
    column, users = {}, {}
    for box in sizes:
        column[box] = max((column[source] + 1 for source in sources[box]), default=0)
        for source in sources[box]:
            users.setdefault(source, []).append(box)
    for box in sizes:
        if not sources[box] and box in users:
            column[box] = min(column[user] for user in users[box]) - 1
    return column


def place_first(sizes, left, column, layers):
    """Every place in its layer, those of first operands above those of second ones."""
    seen = set()
    for root in reversed(sizes):
        stack = [root]
        while stack:
            place = stack.pop()
            if place not in seen:
                seen.add(place)
                at = column[place] if place in column else place[2]
                layers[at].append(place)
                stack += reversed(left.get(place, []))


def reorder(layers, beside):
    """Order each layer by where its neighbours in the layer before stand."""
    at = {place: i for i, place in enumerate(layers[0])}
    for layer in layers[1:]:
        def middle(place):
            neighbours = [at[other] for other in beside.get(place, ()) if other in at]
            return sum(neighbours) / len(neighbours) if neighbours else own[place]
        own = {place: i for i, place in enumerate(layer)}
        layer.sort(key=middle)
        at = {place: i for i, place in enumerate(layer)}


def vertical(layers, sizes, left, right):
    """The heights of all places: as near to those of their neighbours as their order allows."""
    def height(place):
        return sizes.get(place, (0, 0))[1] + GAP_Y
    y = {}
    for layer in layers:
        total = 0
        for place in layer:
            y[place] = total + height(place) / 2
            total += height(place)
    for sweep in range(MOVES):
        for layer in layers if sweep % 2 else layers[::-1]:
            wanted = []
            for place in layer:
                beside = [y[other] for other in (*left.get(place, ()), *right.get(place, ()))]
                wanted.append(sum(beside) / len(beside) if beside else y[place])
            y.update(zip(layer, apart(wanted, list(map(height, layer)))))
    top = min(y[place] - height(place) / 2 for layer in layers for place in layer) + GAP_Y / 2
    return {place: at - top for place, at in y.items()}


def apart(wanted, heights):
    """The heights nearest to those wanted, in the same order, at which no two places overlap.

    Places that would overlap are joined in a block, which stands where it suits them on average.
    """
    offsets, total = [], 0
    for height in heights:
        offsets.append(total + height / 2)
        total += height
    blocks = []  # (sum of the wanted starts, count)
    for want, offset in zip(wanted, offsets):
        block = [want - offset, 1]
        while blocks and blocks[-1][0] / blocks[-1][1] > block[0] / block[1]:
            start, count = blocks.pop()
            block = [block[0] + start, block[1] + count]
        blocks.append(block)
    starts = [start / count for start, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets)]
