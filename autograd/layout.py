"""layout: where the boxes of a drawn graph stand, from left to right; Sugiyama's way, in short.

Each box gets a column right of those it is computed from; within the columns the boxes are ordered
so that few arrows cross, and then moved up and down until the arrows are short.
"""
from __future__ import annotations

GAP_X, GAP_Y = 56, 24
ORDERINGS, MOVES = 12, 24  # sweeps over all columns


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

    x, total = {}, 0
    for layer in layers:
        width = max(sizes.get(place, (0, 0))[0] for place in layer)
        x.update((place, total + width / 2) for place in layer)
        total += width + GAP_X
    y = vertical(layers, sizes, left, right)
    centres = {box: (x[box], y[box]) for box in sizes}
    routes = {}
    for (box, number), route in bends.items():
        source, ports = sources[box][number], len(sources[box])
        start = x[source] + sizes[source][0] / 2, y[source]
        spread = min(22, sizes[box][1] / (ports + 1)) * (number - (ports - 1) / 2)
        end = x[box] - sizes[box][0] / 2, y[box] + spread
        routes[box, number] = [start, *((x[bend], y[bend]) for bend in route), end]
    return centres, routes, (total - GAP_X, max(y[box] + sizes[box][1] / 2 for box in sizes))


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
