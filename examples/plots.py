"""The pictures of the examples: characters in the terminal, and a figure with `--plot FILE`.

A picture is described once and drawn twice: `show(Curves({"loss": losses}, "step", "loss"))` prints
it, and with `file="loss.svg"` (or .png) matplotlib, an extra, draws it too. The colours are those
of Okabe and Ito, which colour-blind people tell apart; text is a grey and the background is left
clear, so that a figure reads on a light page and on a dark one.
"""
from itertools import accumulate, cycle
from math import ceil, isfinite, log10
from textwrap import fill

WIDTH, HEIGHT = 64, 18  # of a plot in characters
MARKS = ".ox*+#@"
SHADES = " .:-=+*#%"
GREY = "#767676"
COLOURS = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
STYLE = {"text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY,
         "ytick.color": GREY, "axes.titlesize": 11, "axes.spines.top": False, "font.size": 11,
         "axes.spines.right": False, "legend.frameon": False, "savefig.transparent": True,
         "svg.fonttype": "none", "svg.hashsalt": "chalkgrad"}  # the salt: same figure, same bytes
AREA = {"extend": "both", "zorder": -1}  # of filled contours
BELOW = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncol": 2}  # of the axes: a legend


def show(*panels, file: str = None) -> None:
    """Print the panels, side by side while they fit, and draw them into the file if one is given.

    A panel has `text()`, its lines, and `draw(axes)`.
    """
    rows = []
    for block in (panel.text() for panel in panels):
        wide = max(map(len, block))
        block = [line.ljust(wide) for line in block]
        if rows and len(rows[-1]) == len(block) and len(rows[-1][0]) + 3 + wide <= 79:
            rows[-1] = [f"{left}   {right}" for left, right in zip(rows[-1], block)]
        else:
            rows.append(block)
    for row in rows:
        print("\n" + "\n".join(line.rstrip() for line in row))
    if file:
        save(panels, file)
        print(f"\ndrew {file}")


def save(panels, file: str) -> None:
    """Draw the panels with matplotlib: three in a row, or two if there are more than three."""
    import matplotlib
    from matplotlib.figure import Figure
    columns = len(panels) if len(panels) < 4 else 2
    rows = ceil(len(panels) / columns)
    with matplotlib.rc_context(STYLE):
        width = 6.4 if columns == 1 else 4.2 * columns
        figure = Figure(figsize=(width, 3.8 * rows), dpi=120, layout="constrained")
        for i, panel in enumerate(panels):
            axes = figure.add_subplot(rows, columns, i + 1)
            axes.set_title(panel.title)
            axes.set_rasterization_zorder(0)  # areas as pixels: outlines take ten times the bytes
            panel.draw(axes)
        no_clock = {"Date": None} if file.endswith(".svg") else {"Software": None}
        figure.savefig(file, metadata=no_clock)


class Curves:
    """Named curves: each a list of numbers, taken at 0, 1, 2 ..., or of (x, y) pairs.

    dots: named pairs that are marked and not joined. What a scale can't show (nan, inf, on a
    logarithmic one what is not above 0) is left out.
    """

    def __init__(self, curves: dict, x: str, y: str, title: str = "", dots: dict = None,
                 log_x: bool = False, log_y: bool = False):
        self.x, self.y, self.title, self.log_x, self.log_y = x, y, title, log_x, log_y
        self.curves = {name: self.shown(curve) for name, curve in curves.items()}
        self.dots = {name: self.shown(pairs) for name, pairs in (dots or {}).items()}

    def shown(self, curve) -> list:
        pairs = [(i, point) if isinstance(point, (int, float)) else point
                 for i, point in enumerate(curve)]
        return [(x, y) for x, y in pairs if isfinite(x) and isfinite(y)
                and (x > 0 or not self.log_x) and (y > 0 or not self.log_y)]

    def text(self) -> list:
        named = {**self.curves, **self.dots}
        pairs = [pair for curve in named.values() for pair in curve] or [(1.0, 1.0)]
        canvas = Canvas([x for x, _ in pairs], [y for _, y in pairs], self.log_x, self.log_y)
        for mark, (name, curve) in zip(cycle(MARKS), named.items()):
            canvas.mark(curve, mark, joined=name in self.curves)
        return canvas.framed(self.x, self.y, self.title, legend(named) if len(named) > 1 else "")

    def draw(self, axes) -> None:
        axes.set(xlabel=self.x, ylabel=self.y, xscale="log" if self.log_x else "linear",
                 yscale="log" if self.log_y else "linear")
        if not self.log_x:
            axes.locator_params("x", nbins=6)
        colours = cycle(COLOURS)
        for i, ((name, curve), colour) in enumerate(zip(self.curves.items(), colours)):
            dash = "-" if i < len(COLOURS) else "--"
            axes.plot(*zip(*curve), dash, label=name, color=colour, linewidth=2)
        for (name, pairs), colour in zip(self.dots.items(), colours):
            axes.plot(*zip(*pairs), "o", label=name, color=colour)
        count = len(self.curves) + len(self.dots)
        if count > 1:
            axes.legend(**BELOW if count > 4 else {})


class Contours:
    """The surface f(x, y) as on a map, darker in the figure where it is lower.

    A shade covers an equal share of the area, so that steep surfaces and flat ones can be read.
    paths: named lists of (x, y); arrows: pairs (x, y), (dx, dy).
    """

    def __init__(self, f, x_range, y_range, paths: dict = None, arrows=(), x: str = "x",
                 y: str = "y", title: str = ""):
        self.f, self.x_range, self.y_range, self.paths = f, x_range, y_range, paths or {}
        self.arrows, self.x, self.y, self.title = arrows, x, y, title

    def levels(self, heights, count) -> list:
        finite = sorted(z for row in heights for z in row if isfinite(z))
        return sorted({finite[len(finite) * i // count] for i in range(1, count) if finite})

    def text(self) -> list:
        canvas = Canvas(self.x_range, self.y_range)
        heights = heights_of(self.f, canvas.xs, canvas.ys)
        levels = self.levels(heights, len(SHADES))
        canvas.rows = [[SHADES[sum(z >= level for level in levels)] for z in row]
                       for row in heights]
        for mark, path in zip(cycle(MARKS[1:]), self.paths.values()):
            canvas.mark(path, mark)
        return canvas.framed(self.x, self.y, self.title,
                             f"{legend(self.paths, MARKS[1:])}   low '{SHADES}' high")

    def draw(self, axes) -> None:
        xs, ys = steps(self.x_range, 80), steps(self.y_range, 80)
        heights = heights_of(self.f, xs, ys)
        levels = self.levels(heights, 12)
        greys = [str(0.66 + 0.3 * i / len(levels)) for i in range(len(levels) + 1)]
        if len(levels) > 1:  # not flat
            axes.contourf(xs, ys, heights, levels, colors=greys, **AREA)
        axes.set(xlabel=self.x, ylabel=self.y, xlim=self.x_range, ylim=self.y_range)
        axes.locator_params(nbins=5)
        axes.set_aspect("equal")  # or gradients would not be seen at right angles to contours
        if self.arrows:
            (x, y), (dx, dy) = (zip(*pairs) for pairs in zip(*self.arrows))
            axes.quiver(x, y, dx, dy, angles="xy", color="#404040", width=0.007)
        for i, (colour, (name, path)) in enumerate(zip(cycle(COLOURS), self.paths.items())):
            narrower = 0.7 ** i  # than those below it, which else would be hidden
            axes.plot(*zip(*path), ".-", label=name, color=colour, markevery=1 + len(path) // 50,
                      linewidth=3 * narrower, markersize=7 * narrower)
            axes.plot(*path[-1], "X", color=colour, markersize=14 * narrower)
        if self.paths:
            axes.legend(**BELOW)


class Boundary:
    """Where a score of (x, y) is above 0, and the points of two classes, labelled 0 (or -1), 1."""

    def __init__(self, score, points, labels, x_range, y_range, title: str = "", x: str = "x",
                 y: str = "y"):
        self.score, self.x_range, self.y_range, self.title = score, x_range, y_range, title
        self.x, self.y = x, y
        self.classes = [[p for p, label in zip(points, labels) if (label > 0) == side]
                        for side in (False, True)]

    def text(self) -> list:
        canvas = Canvas(self.x_range, self.y_range, width=30, height=12)
        canvas.rows = [["." if z > 0 else " " for z in row]
                       for row in heights_of(self.score, canvas.xs, canvas.ys)]
        for mark, points in zip("ox", self.classes):
            canvas.mark(points, mark)
        return canvas.framed(self.x, self.y, self.title)

    def draw(self, axes) -> None:
        xs, ys = steps(self.x_range, 60), steps(self.y_range, 60)
        axes.contourf(xs, ys, heights_of(self.score, xs, ys), [-1e9, 0, 1e9],
                      colors=["0.96", "0.96", "0.78", "0.78"], **AREA)
        for colour, marker, points in zip(COLOURS, "oX", self.classes):
            axes.plot(*zip(*points), marker, color=colour, markersize=9)
        axes.set(xlabel=self.x, ylabel=self.y, xlim=self.x_range, ylim=self.y_range)
        axes.locator_params(nbins=5)


class Images:
    """Small images, {caption: rows of numbers}, `columns` of them in a row; 0 is the middle.

    In characters + and # are above 0, and - and = below it; in the figure orange and purple.
    """

    def __init__(self, images: dict, columns: int, title: str = ""):
        self.images, self.columns, self.title = images, columns, title
        self.largest = max(abs(z) for rows in images.values() for row in rows for z in row) or 1.0

    def text(self) -> list:
        blocks = [[caption, *self.lines(rows)] for caption, rows in self.images.items()]
        wide = max(len(line) for block in blocks for line in block)
        columns = min(self.columns, 80 // (wide + 1))
        groups = [blocks[i:i + columns] for i in range(0, len(blocks), columns)]
        return [self.title] * bool(self.title) + [
            " ".join(line.ljust(wide) for line in lines) for group in groups
            for lines in zip(*group)]

    def lines(self, rows) -> list:
        """As a character is twice as high as wide: every second row, or if small each one twice."""
        small = len(rows) < 16
        scaled = [[round(3 * z / self.largest) for z in row] for row in rows[::2 - small]]
        return ["".join((1 + small) * (" .+#"[z] if z >= 0 else " .-="[-z]) for z in row)
                for row in scaled]

    def draw(self, axes) -> None:
        high, wide = (max(map(len, table)) + 1 for table in
                      (self.images.values(), [rows[0] for rows in self.images.values()]))
        gap = high / 4
        for i, (caption, rows) in enumerate(self.images.items()):
            left, top = i % self.columns * wide, i // self.columns * (high + gap)
            axes.imshow(rows, cmap="PuOr_r", vmin=-self.largest, vmax=self.largest,
                        extent=(left, left + wide - 1, top + high - 1, top))
            axes.text(left, top - gap / 8, caption, fontsize=10)
        axes.set(xlim=(-gap / 4, self.columns * wide),
                 ylim=(ceil(len(self.images) / self.columns) * (high + gap) - gap, -gap))
        axes.axis("off")


class Histogram:
    """How the numbers of each name are spread: in characters a line each, darker where more are."""

    def __init__(self, numbers: dict, x: str, title: str = "", bins: int = 50):
        self.x, self.title = x, title
        everything = [z for row in numbers.values() for z in row] or [0.0]
        self.low, self.high = min(everything), max(everything)
        if self.low == self.high:
            self.high += 1.0
        self.counts = {name: [0] * bins for name in numbers}
        for name, row in numbers.items():
            for z in row:
                place = int((z - self.low) / (self.high - self.low) * bins)
                self.counts[name][min(place, bins - 1)] += 1

    def text(self) -> list:
        wide, bins = max(map(len, self.counts)), len(next(iter(self.counts.values())))
        return [self.title] * bool(self.title) + [
            name.rjust(wide) + " |" + "".join(
                SHADES[ceil((len(SHADES) - 1) * n / (max(row) or 1))] for n in row) + "|"
            for name, row in self.counts.items()] + [
            " " * (wide + 2) + ends(self.low, self.high, bins) + f"  {self.x}"]

    def draw(self, axes) -> None:
        rows, most = list(self.counts.items()), len(COLOURS)
        if len(rows) > most:  # some of them, from the first to the last: more can't be told apart
            rows = [rows[round(place)] for place in steps((0, len(rows) - 1), most)]
        for colour, (name, row) in zip(COLOURS, rows):
            width = (self.high - self.low) / len(row)
            edges = list(accumulate([width] * len(row), initial=self.low))
            axes.stairs([n / (sum(row) or 1) for n in row], edges, label=name, color=colour,
                        linewidth=2)
        axes.set(xlabel=self.x, ylabel="share")
        axes.legend()


class Canvas:
    """Characters on a grid with numbers along its sides."""

    def __init__(self, xs, ys, log_x=False, log_y=False, width=WIDTH, height=HEIGHT):
        self.scales = [log10 if log else float for log in (log_x, log_y)]
        self.ends = [(min(xs), max(xs)), (min(ys), max(ys))]
        self.xs, self.ys = steps(self.ends[0], width), steps(self.ends[1], height)[::-1]
        self.rows = [[" "] * width for _ in range(height)]

    def place(self, pair) -> tuple:
        """The column and the row, from the top, of (x, y)."""
        shares = []
        for z, scale, (low, high) in zip(pair, self.scales, self.ends):
            low, high = scale(low), scale(high)
            shares.append((scale(z) - low) / (high - low) if high > low else 0.0)
        return (shares[0] * (len(self.xs) - 1), (1 - shares[1]) * (len(self.ys) - 1))

    def mark(self, pairs, mark: str, joined: bool = False) -> None:
        places = [self.place(pair) for pair in pairs]
        if joined:
            places = [p for a, b in zip(places, places[1:]) for p in between(a, b)] or places
        for column, row in places:
            column, row = round(column), round(row)
            if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
                self.rows[row][column] = mark

    def framed(self, x: str, y: str, title: str, legend: str = "") -> list:
        (left, right), (bottom, top) = self.ends
        sides = {0: f"{top:.3g}", len(self.rows) - 1: f"{bottom:.3g}"}
        wide = max(map(len, [*sides.values(), y]))
        sides[1] = y
        return [title] * bool(title) + [
            f"{sides.get(i, ''):>{wide}} |{''.join(row)}" for i, row in enumerate(self.rows)] + [
            f"{'':{wide}} +{'-' * len(self.xs)}",
            f"{'':{wide}}  {ends(left, right, len(self.xs), x)}"] + legend.splitlines()


def between(a, b) -> list:
    """Points from a to b, at most a character apart."""
    count = max(1, ceil(max(abs(b[0] - a[0]), abs(b[1] - a[1]))))
    return [tuple(p + (q - p) * i / count for p, q in zip(a, b)) for i in range(count + 1)]


def ends(low: float, high: float, width: int, name: str = "") -> str:
    """The two ends of an axis and its name between them."""
    low, high = f"{low:.3g}", f"{high:.3g}"
    return low + name.center(width - len(low) - len(high)) + high


def heights_of(f, xs, ys) -> list:
    """f at every (x, y), a row for each y."""
    return [[f(x, y) for x in xs] for y in ys]


def steps(limits, count: int) -> list:
    """Numbers from one end to the other, equally far apart."""
    low, high = limits
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def legend(names, marks=MARKS) -> str:
    """Which mark is whose, in lines of 80 characters at most."""
    whole = "   ".join(f"{mark} {name}".replace(" ", "\xa0")
                       for mark, name in zip(cycle(marks), names))
    return fill(whole, 80).replace("\xa0", " ")
