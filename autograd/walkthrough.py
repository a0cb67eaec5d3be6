"""walkthrough: one web page that replays a computation, forward and then backward, step by step.

The numbers are those of the real walk: `pullback` runs once and every gradient that a rule gives is
noted. The formulas are the same rules run on Symbols. `layout.py` places the boxes, and the page
`walkthrough.html` beside this file shows the steps that it finds in the JSON put into it.
"""
from __future__ import annotations

import math
from html import escape
from pathlib import Path

from .backward import pullback, seed, unbroadcast
from .draw import SYMBOLS, Call, Names, calls_in, elided, extent, headline, settings_of, size
from .graph import Node, every_step, order, recording_set
from .layout import layout
from .namespace import namespace, shape
from .symbols import Symbol, formula, step
from .typeset import MathML, number_text, typeset

MOST_BOXES, MOST_IN_PAGE = 400, 2000  # in one picture; and in all pictures of a page
MOST_OPERANDS = 20  # that a formula is written of
MOST_ROWS = 4  # larger arrays are shown by their smallest and largest entry
CHAR, LINE, EDGE = 9.2, 21, 16  # width of a character, height of a line, space around, in pixels


def walkthrough(loss: Node, path="backprop.html", names: dict | None = None) -> Path:
    """Write a web page that replays how the loss and its gradients were computed.

    One file that needs no network: the forward values appear one by one, then each operation hands
    its gradient on to its inputs, with the rule, the numbers put in and the running total.

    loss: a single number. names: Values by name, such as locals(). → the path of the page.
    Of more than 400 boxes, each Module becomes one that opens at a click; what is still too many
    is left out, farthest from the loss first, and the page says so.
    Raises ValueError if the loss is no single number or has no graph.

    >>> from tempfile import TemporaryDirectory
    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> with TemporaryDirectory() as folder:
    ...     page = walkthrough(x * x, f"{folder}/backprop.html")
    ...     page.name, page.stat().st_size > 10_000
    ('backprop.html', True)
    """
    if not isinstance(loss, Node):
        raise TypeError(f"walkthrough: the loss, {loss!r:.60}, is no Value; give what you computed")
    if shape(loss._data):
        raise ValueError(f"walkthrough: a loss of shape {shape(loss._data)} has no single "
                         "gradient; reduce it first, e.g. .sum()")
    if not loss.inputs:
        raise ValueError("walkthrough: the loss was not computed from anything; compute it outside "
                         "no_grad")
    replay = Replay(loss, names or {})
    import json  # here, for it takes longer than all of this file
    data = json.dumps({"walks": replay.walks}).replace("<", "\\u003c")
    page = (Path(__file__).parent / "walkthrough.html").read_text("utf-8")
    path = Path(path)
    path.write_text(page.replace("{{data}}", data), "utf-8")
    return path


def passed_back(loss):
    """The whole walk back: what each step adds to the gradients of its inputs.

    → of each step the (time, number of its input, what is added to that one), and the gradients.
    """
    noted = []

    def note(node, gradient=None):
        if gradient is not None:
            noted.append((node, gradient))
    with recording_set(note):
        gradients = dict(pullback(loss, seed(loss, None)))
    passed, numbers = {}, {}
    for time, (node, gradient) in enumerate(noted):
        if node not in passed:
            passed[node] = []
            numbers[node] = iter(node.receivers)
        i = next(numbers[node])
        passed[node].append((time, i, unbroadcast(gradient, node.args[i], node)))
    return passed, gradients


def by_hand(root):
    """The steps in the order in which one would compute them by hand: first operands first."""
    done, stack = {}, [root]
    while stack:
        node = stack[-1]
        todo = [x for x in node.inputs if isinstance(x, Node) and x.inputs and x not in done]
        if todo and node not in done:
            stack.append(todo[0])
        else:
            done[stack.pop()] = True
    return list(done)


class Replay:
    """All walks of the page: that of the whole graph, and that of each Module that can be opened.

    walks: what the page is given. Each has a title, the drawing as SVG, the boxes by id, with
    their value, and the steps: what lights up, what appears, and the text beside it as HTML.
    """

    def __init__(self, loss, names):
        self.steps = order(loss)
        self.place = {node: i for i, node in enumerate(by_hand(loss))}
        self.calls = calls_in(self.steps)
        self.passed, self.gradients = passed_back(loss)
        self.received = {}  # of each Node the (time, what is added to its gradient)
        for node, parts in self.passed.items():
            for time, i, part in parts:
                self.received.setdefault(node.inputs[i], []).append((time, part))
        self.labels = self.label_all(Names(self.calls, names))
        self.walks, self.boxes, self.opened = [], 0, {}
        boxes = sum(isinstance(x, Node) for x in self.labels) + sum(
            not isinstance(x, Node) for node in self.steps for x in node.inputs)
        levels = float("inf") if boxes <= MOST_BOXES else 0
        self.add("The whole computation", loss, self.steps, levels, None)

    def label_all(self, named):
        """What every Node and Call is called: its name, or v1, v2 ... in the order of computing."""
        labels, taken, count = {}, set(), 0
        nodes = dict.fromkeys(x for node in self.place for x in (*node.inputs, node)
                              if isinstance(x, Node))
        for x in [*nodes, *dict.fromkeys(self.calls.values())]:
            labels[x] = elided(named.of(x), 18)
            taken.add(labels[x])
        for x in nodes:
            while not labels[x]:
                count += 1
                labels[x] = f"v{count}" if f"v{count}" not in taken else ""
        return labels

    def add(self, title, root, steps, levels, inside):
        """Make the walk back from root over these steps; then those of the Modules in it."""
        walk = Walk(self, root, steps, levels, inside)
        number = len(self.walks)
        self.walks.append({"title": title, "inside": inside})
        self.boxes += len(walk.shown)
        for call, within in walk.within.items():
            if call in walk.ids and self.boxes + len(within) <= MOST_IN_PAGE:
                self.opened[call] = len(self.walks)
                self.add(f"{self.labels.get(call, '')} {headline(call.module)}".strip(),
                         call.result, within, len(call.path()), number)
        self.walks[number].update(walk.told())


class Constant:
    """A plain number or array that a step was given."""

    def __init__(self, data):
        self.data = data


class Walk:
    """One picture and the steps through it; its boxes are Nodes, Constants and closed Modules.

    shown: the boxes, each after its sources. sources: of each box those that it is computed from.
    """

    def __init__(self, replay, root, steps, levels, inside):
        self.replay, self.root, self.inside, self.levels = replay, root, inside, levels
        self.within = {}  # of each closed Module the steps in it
        for node in steps:
            if self.box_of(node) is not node:
                self.within.setdefault(self.box_of(node), []).append(node)
        sources, constants = {}, {}
        for node in reversed(steps):  # users first
            box = self.box_of(node)
            its_sources = sources.setdefault(box, [])
            for x, arg in zip(node.inputs, node.args):
                if not isinstance(x, Node):  # an array is one thing in all its places
                    source = Constant(arg)
                    source = constants.setdefault(id(x), source) if shape(arg) else source
                else:
                    source = self.box_of(x) if x.inputs else x
                if box is node:
                    its_sources.append(source)
                elif source is not box and source not in its_sources and (
                        isinstance(x, Node) and x.inputs or shape(arg) and id(x) in box.inputs):
                    its_sources.append(source)
        shown = self.nearest(sources)
        self.shown = sorted(shown, key=lambda x: replay.place.get(result(x), -1)
                            if sources.get(x) else -1)
        self.left_out = len({*sources, *(y for x in sources for y in sources[x])}) - len(shown)
        self.ids = {x: f"n{i}" for i, x in enumerate(self.shown)}
        self.sources = {x: [source for source in sources.get(x, ()) if source in self.ids]
                        for x in self.shown}

    def box_of(self, node):
        """The box for a step: its own, or that of the closed Module around it."""
        call = self.replay.calls.get(node)
        path = call.path() if call else ()
        return path[self.levels] if len(path) > self.levels else node

    def nearest(self, sources):
        """The boxes to be shown: those fewest steps from the root, but all if they are few.

        Before any box come all that use it: its distance is that of the longest way to it.
        """
        distance = dict.fromkeys(sources, 0)
        for x in sources:  # users first
            for source in sources[x]:
                distance[source] = max(distance.get(source, 0), distance[x] + 1)
        shown = {}
        for x in sorted(sources, key=distance.get):
            more = [x, *(y for y in sources[x] if y not in sources)]
            if shown and len(shown) + len(set(more) - shown.keys()) > MOST_BOXES:
                break
            shown.update(dict.fromkeys(more))
        return shown

    def told(self):
        """All that the page needs to know."""
        steps = self.forward_steps() + self.backward_steps()
        most = {}  # the longest line of gradients in each box
        for told in steps:
            if "grad" in told:
                most[told["to"]] = max([most.get(told["to"], 0), *map(len, told["grad"])])
        boxes = {x: self.box(x, most.get(self.ids[x], 0)) for x in self.shown}
        return {"steps": steps, "svg": self.svg(boxes), "leftOut": self.left_out,
                "boxes": {self.ids[x]: self.about(x) for x in self.shown}}

    # -- the boxes -------------------------------------------------------------------------------

    def title(self, x):
        """The first line of a box: what it is called, and what it does."""
        label = subscripted(self.replay.labels.get(x, ""))
        if isinstance(x, Constant):
            return ""
        if isinstance(x, Call):
            return f"{label} {headline(x.module)}".strip()
        if not self.sources[x]:
            return label
        return f"{label} = {SYMBOLS.get(x.op, x.op)}"

    def box(self, x, most):
        """The size of a box, and the lines in it; `most` is the length of the longest gradient."""
        data = lines(data_of(x))
        title = self.title(x)
        count = len(data) * (1 if isinstance(x, Constant) else 2)
        head = 5 if not isinstance(x, Constant) else 0
        width = CHAR * max(len(title) + 1, head + max(most, *map(len, data)))
        return width + 2 * EDGE, LINE * (count + bool(title)) + EDGE, title, data

    def about(self, x):
        """What the page says of a box that is clicked."""
        told = {"name": self.title(x) or "a constant", "value": full(data_of(x)),
                "start": x not in self.replay.place and not isinstance(x, Call)
                or not self.sources[x]}
        if isinstance(x, Node):
            told["name"] = getattr(x, "name", None) or told["name"]
            told["op"] = described_op(x)
        if x in self.replay.opened:
            told["opens"] = self.replay.opened[x]
        return told

    def svg(self, boxes):
        """The drawing, with all values in it and empty lines where gradients will stand."""
        centres, routes, (width, height) = layout({x: boxes[x][:2] for x in self.shown},
                                                  self.sources)
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 16:.0f} '
                 f'{height + 16:.0f}" data-width="{width + 16:.0f}" '
                 f'data-height="{height + 16:.0f}" role="img">'
                 '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
                 'markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z"/></marker>'
                 '</defs>']
        for (x, number), route in routes.items():
            parts.append(f'<path class="arrow" id="{self.ids[x]}-{number}" d="{curve(route)}" '
                         'marker-end="url(#head)"/>')
        for x in self.shown:
            width, height, title, data = boxes[x]
            left, top = centres[x][0] - width / 2, centres[x][1] - height / 2
            kind = kind_of(x, self.sources)
            radius = {"operation": 24, "leaf": 4}.get(kind, 0)
            parts.append(
                f'<g class="box {kind}" data-kind="{kind}" id="{self.ids[x]}" tabindex="0" '
                'role="button">'
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
                f'rx="{radius:.0f}"/>')
            if kind == "module":
                parts.append(f'<rect class="inner" x="{left + 4:.1f}" y="{top + 4:.1f}" '
                             f'width="{width - 8:.1f}" height="{height - 8:.1f}"/>')
            y = top + EDGE / 2 + LINE * 0.75
            if title:
                parts.append(text(centres[x][0], y, "title", title))
                y += LINE
            if isinstance(x, Constant):
                for line in data:
                    parts.append(text(left + EDGE, y, "data", line))
                    y += LINE
            else:
                for word in ("data", "grad"):
                    parts.append(text(left + EDGE, y, f"{word} word", word))
                    for line in data:
                        parts.append(text(left + EDGE + 5 * CHAR, y, word,
                                          line if word == "data" else ""))
                        y += LINE
            parts.append("</g>")
        return "".join(parts) + "</svg>"

    # -- the steps -------------------------------------------------------------------------------

    def forward_steps(self):
        """Each box that is computed, in order."""
        told = []
        for x in self.shown:
            if self.sources[x] and (isinstance(x, Call) or x in self.replay.place):
                label = self.replay.labels[result(x)]
                if isinstance(x, Call):
                    rule = f"<p>{escape(headline(x.module))} computes its output.</p>"
                else:
                    rule = self.forward_rule(x)
                told.append({"phase": "forward", "at": self.ids[x], "html":
                             f"<h2>{name(label)} is computed</h2>{rule}"})
        return told

    def forward_rule(self, node):
        """The formula of a step, and the same with numbers."""
        if len(node.inputs) > MOST_OPERANDS:
            return f"<p>{escape(described_op(node))} of {len(node.inputs)} inputs</p>"
        labels = {str(i): self.replay.labels[x] for i, x in enumerate(node.inputs)
                  if isinstance(x, Node)}
        labels["out"] = self.replay.labels[node]
        operands = [Symbol.leaf(arg, str(i)) if isinstance(x, Node) else
                    Symbol.leaf(arg, None) if shape(arg) else arg
                    for i, (x, arg) in enumerate(zip(node.inputs, node.args))]
        written = step(node.primitive, operands, node._data, {})
        numbers = {str(i): arg for i, arg in enumerate(node.args)}
        return (self.settings(node)
                + f"<p class=rule>{name(labels['out'])} = {in_mathematics(written, labels)}</p>"
                + with_numbers(written, labels, numbers, node._data))

    def settings(self, node):
        """The settings of an operation, if it has any, as HTML."""
        return f"<p><small>{escape(described_op(node))}</small></p>" if settings_of(
            node.primitive) else ""

    def backward_steps(self):
        """What each box hands on to those it was computed from, the last computed first."""
        totals, times = self.received_before(), {}
        total = totals[self.root] = self.replay.gradients[self.root]
        label = self.replay.labels[self.root]
        why = "the derivative of the loss towards itself is 1" if self.inside is None else \
            "it comes from what was computed with this result"
        root = self.box_of(self.root)
        told = [{"phase": "backward", "at": self.ids[root], "to": self.ids[root],
                 "grad": lines(total), "full": full(total), "html":
                 f"<h2>The way back begins</h2><p>{name(label)}.grad = {short(total)}: {why}.</p>"}]
        for box in reversed(self.shown):
            if not self.sources[box] or isinstance(box, Constant):
                continue
            handed = [(node, i, part, self.box_of(node.inputs[i]))
                      for node in reversed(self.within.get(box, [box]))
                      for _, i, part in self.replay.passed.get(node, ())]
            handed = [each for each in handed if each[3] in self.sources[box]]
            if isinstance(box, Call):
                handed = added_up(handed)
            used = {}
            for node, i, part, target in handed:
                x = node.inputs[i]
                before = totals.get(x)
                totals[x] = part if before is None else before + part
                times[x] = times.get(x, 0) + 1
                arrows = [k for k, source in enumerate(self.sources[box]) if source is target]
                arrow = arrows[min(used.get(target, 0), len(arrows) - 1)] if arrows else None
                used[target] = used.get(target, 0) + 1
                told.append({
                    "phase": "backward", "at": self.ids[box], "to": self.ids[target],
                    "arrow": f"{self.ids[box]}-{arrow}", "grad": lines(totals[x]),
                    "full": full(totals[x]),
                    "html": self.backward_text(box, node, i, part, before, totals[x], times[x])})
        return told

    def received_before(self):
        """The gradients that came from outside of this picture before the way back began in it."""
        began = min((time for time, _, _ in self.replay.passed.get(self.root, ())), default=0)
        totals = {}
        for x in map(result, self.shown):
            for time, part in self.replay.received.get(x, ()):
                if time < began:
                    totals[x] = totals[x] + part if x in totals else part
        return totals

    def backward_text(self, box, node, i, part, before, total, times):
        """What is added to the gradient of an input, by which rule and with which numbers."""
        x = node.inputs[i]
        label, own = (name(self.replay.labels[each]) for each in (x, result(box)))
        html = f"<h2>{own} hands its gradient on to {label}</h2>"
        if isinstance(box, Call):
            html += f"<p>{label}.grad += {short(part)}, by all the steps inside"
            html += "; open the box to see them.</p>" if box in self.replay.opened else ".</p>"
        else:
            html += self.backward_rule(node, i, part)
        so_far = "0" if before is None else short(before)
        html += f"<p class=total>{label}.grad: {so_far} → <b>{short(total)}</b></p>"
        if times > 1:
            html += f"<p>{label} is used more than once. This is contribution number {times}: " \
                "contributions add up.</p>"
        return html

    def backward_rule(self, node, i, part):
        """The rule of a step towards its input i as a formula, and the same with numbers."""
        own, gradient = self.replay.labels[node], self.replay.gradients[node]
        labels = {"g": "g", "out": own}
        numbers = {"g": gradient, "out": node._data}
        operands = []
        for k, (x, arg) in enumerate(zip(node.inputs, node.args)):
            if isinstance(x, Node):
                labels[str(k)], numbers[str(k)] = self.replay.labels[x], arg
                arg = type(node)(arg, name=str(k))
            operands.append(arg)
        with recording_set(every_step):
            g, out = type(node)(node._data, name="g"), type(node)(node._data, name="out")
            written = node.primitive.rule(i)(g, out, *operands)
        if isinstance(written, Node):
            written = formula(written, general=True)
        label = name(self.replay.labels[node.inputs[i]])
        html = self.settings(node) + f"<p>g = {name(own)}.grad = {short(gradient)}</p>" \
            f"<p class=rule>{label}.grad += {in_mathematics(written, labels)}</p>" \
            + with_numbers(written, labels, numbers, part)
        if math.prod(shape(getattr(written, "data", written))) > math.prod(shape(part)):
            html += f"<p>{label} was stretched to the shape of the result, so its gradient is " \
                "added up over the axes along which it was.</p>"
        return html


def result(x):
    """The Node that a box stands for."""
    return x.result if isinstance(x, Call) else x


def data_of(x):
    """The data that a box shows."""
    return x.data if isinstance(x, Constant) else result(x)._data


def kind_of(x, sources):
    """How a box is drawn."""
    if isinstance(x, (Constant, Call)):
        return "constant" if isinstance(x, Constant) else "module"
    return "operation" if sources[x] else "leaf"


def described_op(node):
    """The operation that made a Node, with its settings."""
    settings = ", ".join(f"{key}={value!r}" for key, value in settings_of(node.primitive)) \
        if node.op else ""
    return f"{node.op}({elided(settings)})" if settings else node.op or ""


def added_up(handed):
    """What a closed Module hands on, added up for each input."""
    sums = {}
    for node, i, part, target in handed:
        x = node.inputs[i]
        if x in sums:
            part = sums[x][2] + part
        sums[x] = node, i, part, target
    return list(sums.values())


# -- as text -------------------------------------------------------------------------------------

def name(label):
    """A label as HTML; v1 with its number below."""
    return f"<b>{escape(subscripted(label))}</b>"


def subscripted(label):
    """v12 as v₁₂."""
    own = label[:1] == "v" and label[1:].isdigit()
    return "v" + label[1:].translate(SUBSCRIPTS) if own else label


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def rounded(number, digits):
    """A number at so many significant digits, without a sign before 0."""
    return number_text(float(f"{number + 0.0:.{digits}g}")).replace("-", "−")


def lines(data):
    """The lines that show data in a box."""
    if not shape(data):
        return [rounded(float(data), 6)]
    lengths = tuple(shape(data))
    if len(lengths) > 2 or max(lengths) > MOST_ROWS or not size(data):
        if not size(data):
            return ["×".join(map(str, lengths))]
        least, _, most = extent(data)
        return ["×".join(map(str, lengths)) + f": {rounded(least, 3)} … {rounded(most, 3)}"]
    rows = data.tolist() if len(lengths) == 2 else [data.tolist()]
    texts = [[rounded(entry, 3) for entry in row] for row in rows]
    width = max(len(entry) for row in texts for entry in row)
    return ["  ".join(entry.rjust(width) for entry in row) for row in texts]


def full(data, most=100):
    """Data at six digits, all of it or the first of many entries."""
    if not shape(data):
        return rounded(float(data), 6)
    flat = namespace(data).reshape(data, (-1,))[:most].tolist()
    entries = ", ".join(rounded(entry, 6) for entry in flat)
    more = f", … {size(data) - most:,} more" if size(data) > most else ""
    return f"{'×'.join(map(str, shape(data)))}: {entries}{more}"


def short(data):
    """Data as HTML within a sentence."""
    if not shape(data):
        return rounded(float(data), 6)
    if is_small(data):
        few = few_digits(data)
        matrix = typeset("walkthrough", Symbol.leaf(data, ""), MathML, lambda x: few)
        return f"<math>{matrix}</math>"
    return lines(data)[0]


def is_small(data):
    """Is an array small enough to be written out?"""
    return len(shape(data)) <= 2 and 0 < max(shape(data)) <= MOST_ROWS


def few_digits(data):
    """An array at three digits, a number at four."""
    if not shape(data):
        return float(f"{float(data):.4g}")
    xp = namespace(data)
    flat = [float(f"{x:.3g}") + 0.0 for x in xp.reshape(data, (-1,)).tolist()]
    return xp.reshape(xp.asarray(flat), shape(data))


def in_mathematics(written, labels):
    """A formula with these names."""
    text = typeset("walkthrough", written, MathML, lambda x: labels.get(x.name))
    return f"<math>{text}</math>"


def with_numbers(written, labels, numbers, outcome):
    """The formula with the numbers put in, but for large arrays, and what comes out."""
    def number(x):
        data = numbers.get(x.name)
        return few_digits(data) if data is not None and (not shape(data) or is_small(data)) \
            else labels.get(x.name)
    if not isinstance(written, Symbol) or not written.op:
        return f"<p class=rule>= {short(outcome)}</p>"
    text = typeset("walkthrough", written, MathML, number)
    return f"<p class=rule>= <math>{text}</math></p><p class=rule>= {short(outcome)}</p>"


def text(x, y, kind, content):
    """A line of text in the drawing."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(content)}</text>'


def curve(route):
    """A smooth line through the points, level in each of them."""
    (x, y), *rest = route
    parts = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        middle = (x + to_x) / 2
        parts.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(parts)
