"""walkthrough: one web page that replays a computation, forward and then backward, step by step.

The numbers are those of the real walk: `pullback` runs once, and each step's gradient is handed to
its rules once more, to see what each of them gives. The formulas are the same rules run on Symbols.
`layout.py` draws the boxes, and the page `walkthrough.html` beside this file shows the steps that
it finds in the JSON put into it.
"""
from __future__ import annotations

import math
from collections import Counter

from .backward import pullback, seed, unbroadcast
from .explain import passed_on, receivers
from .graph import Node, order
from .latex import formula, step
from .layout import drawing
from .names import Call, Names
from .namespace import namespace, shape
from .notation import SUBSCRIPTS, SUPERSCRIPTS, MathML, escape, number_text, power_of_ten
from .picture import MOST_ENTRIES, SYMBOLS, View, elided, extent, operation, size
from .recording import every_step, recording_set
from .simplify import op_of
from .symbols import Symbol
from .typeset import typeset

MOST_BOXES, MOST_IN_PAGE = 400, 2000  # in one picture; and in all pictures of a page
MOST_OPERANDS = 20  # that a formula is written of
MOST_ROWS, MOST_COLUMNS = 4, 6  # of larger arrays the smallest and the largest entry are shown


def walkthrough(loss: Node, path="backprop.html", names: dict | None = None):
    """Write a web page that replays how the loss and its gradients were computed.

    One file that needs no network: the forward values appear one by one, then each operation hands
    its gradient on to its inputs, with the rule, the numbers put in and the running total.

    loss: a single number. names: Values by name, such as locals(). → the pathlib.Path of the page.
    Of more than 400 boxes, each Module that gives a single Value becomes one that opens at a click;
    what is still too many is left out, farthest from the loss first, and the page says so.
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
        raise TypeError(f"walkthrough: the loss, of type {type(loss).__name__}, is no Value; give "
                        "what you computed")
    if loss.size != 1:
        raise ValueError(f"walkthrough: a loss of shape {loss.shape} has no single "
                         "gradient; reduce it first, e.g. .sum()")
    if not loss.inputs:
        raise ValueError("walkthrough: the loss was not computed from anything; compute it outside "
                         "no_grad")
    replay = Replay(loss, names)
    import json  # these two here, for each takes longer to import than all of this file
    from pathlib import Path
    data = json.dumps({"walks": replay.walks}).replace("<", "\\u003c")
    page = (Path(__file__).parent / "walkthrough.html").read_text("utf-8")
    path = Path(path)
    path.write_text(page.replace("{{data}}", data), "utf-8")
    return path


def passed_back(loss):
    """The gradients, in the order of the walk back, and what each step adds to those of its inputs.

    → gradients by Node; of each step (number of its input, what is added to that one's gradient).
    """
    gradients, passed = {}, {}
    for node, g in pullback(loss, seed(loss, None)):
        gradients[node] = g
        if node.inputs:
            passed[node] = [(i, passed_on(node, i, g)) for i in receivers(node)]
    return gradients, passed


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


def of_one_result(calls):
    """The innermost Call of each step that gave a single Value, as a box has a single gradient."""
    for call in set(calls.values()):
        for each in call.path():
            while each.outer and len(each.outer.results) > 1:
                each.outer = each.outer.outer
    inner = {step: call if len(call.results) == 1 else call.outer for step, call in calls.items()}
    return {step: call for step, call in inner.items() if call}


class Replay:
    """All walks of the page: that of the whole graph, and that of each Module that can be opened.

    walks: what the page is given. Each has a title, the drawing as SVG, the boxes by id, with
    their value, and the steps: what lights up, what appears, and the text beside it as HTML.
    """

    def __init__(self, loss, names):
        steps = order(loss)
        named = Names(steps, names, "walkthrough")
        self.calls = of_one_result(named.calls)
        self.place = {node: i for i, node in enumerate(by_hand(loss))}
        self.gradients, self.passed = passed_back(loss)
        self.time = {node: time for time, node in enumerate(self.gradients)}
        self.received = {}  # of each Node the (time, what is added to its gradient)
        for node, parts in self.passed.items():
            for i, part in parts:
                self.received.setdefault(node.inputs[i], []).append((self.time[node], part))
        self.named, self.labels = named, self.label_all(named)
        self.walks, self.boxes, self.opened = [], 0, {}
        boxes = sum(isinstance(x, Node) for x in self.labels) + sum(
            not isinstance(x, Node) for node in steps for x in node.inputs)
        self.add("The whole computation", loss, steps, None,
                 levels=float("inf") if boxes <= MOST_BOXES else 0)

    def label_all(self, named):
        """What every Node and Call is called: its name, or v1, v2 ... in the order of computing."""
        labels, taken, count = {}, set(), 0
        nodes = dict.fromkeys(x for node in self.place for x in (*node.inputs, node)
                              if isinstance(x, Node))
        calls = [each for call in dict.fromkeys(self.calls.values()) for each in call.path()]
        for x in [*nodes, *calls]:
            labels[x] = elided(named.of(x), 32)  # layers.0.neurons.15.weights.15
            taken.add(labels[x])
        taken.update(named.of(x) for node in self.place for x in constant_arrays(node))
        for x in nodes:
            while not labels[x]:
                count += 1
                own = f"v{count}"
                as_read = {own, f"v_{count}", subscripted(own)}  # v_1 and v1 look the same
                labels[x] = own if as_read.isdisjoint(taken) else ""
        return labels

    def label(self, x):
        """What a Value, a Call, or an array is called; nothing if it is nameless, or a number."""
        if isinstance(x, (Node, Call)):
            return self.labels[x]
        return elided(self.named.of(x), 32) if shape(x) else ""

    def add(self, title, root, steps, inside, levels):
        """Make the walk back from root over these steps; then those of the Modules in it.

        inside: the number of the walk in which it is opened, or None. levels: as of a View.
        """
        calls = {step: self.calls[step] for step in steps if step in self.calls}
        walk = Walk(self, root, View([root], steps, calls, levels), inside)
        number = len(self.walks)
        self.walks.append({"title": title, "inside": inside})
        self.boxes += len(walk.boxes)
        for box in walk.boxes.values():
            if box.call and self.boxes + len(box.steps) <= MOST_IN_PAGE:
                self.opened[box.call] = len(self.walks)
                self.add(box.title, box.node, box.steps, number, len(box.call.path()))
        self.walks[number].update(walk.told())


class Constant:
    """A plain number or array that a step was given, and what it is called."""

    def __init__(self, data, label):
        self.data, self.label = data, label


class Box:
    """A box of a picture: of a Value, a Constant or a closed Module.

    node: the Value whose numbers stand in it, if any. steps: those that it stands for. sources:
    the boxes that it is computed from; an operation has one for each operand.
    """

    def __init__(self, key, vertex, label, steps, sources):
        self.key, self.steps, self.sources = key, steps, sources
        self.call = vertex if isinstance(vertex, Call) else None
        self.node = None if isinstance(vertex, Constant) else result(vertex)
        self.data = vertex.data if self.node is None else self.node._data
        # What it is called, and then what it does.
        self.title = subscripted(vertex.label if self.node is None else label(self.node))
        if self.call:
            self.kind = "module"
            self.title += " ".join([" =", *filter(None, [label(self.call), self.call.headline()])])
        elif self.node is not None and self.node.op:  # all that it is computed from may be left out
            self.kind = "operation"
            self.title += f" = {operation(self.node, SYMBOLS.get(self.node.op), 24)}"
        else:
            self.kind = "constant" if self.node is None else "leaf"
        self.rows, self.indent = {"data": lines(self.data)}, 0
        if self.node is not None:  # then these lines stand behind words, with room for a gradient
            self.rows["grad"], self.indent = [""] * len(self.rows["data"]), 5

    def about(self):
        """What the page says of it when it is clicked."""
        told = {"name": self.title or "a constant", "value": full(self.data),
                "start": not self.sources}
        if self.node is not None and not self.call:
            told["name"] = self.node.name or self.title
            told["op"] = operation(self.node, most=40) if self.node.op else ""
        return told


class Walk:
    """One picture and the steps through it.

    boxes: of each vertex that is shown its Box, each after its sources.
    """

    def __init__(self, replay, root, view, inside):
        self.replay, self.root, self.view, self.inside = replay, root, view, inside
        sources = sources_of(view, replay.label)
        shown = nearest(view, sources)
        self.left_out = len({*sources, *(y for x in sources for y in sources[x])}) - len(shown)
        self.boxes = {}
        for x in sorted(shown, key=lambda x: replay.place[result(x)] if x in sources else -1):
            self.boxes[x] = Box(
                f"n{len(self.boxes)}", x, replay.label,
                view.inside.get(x, [x] if x in sources else []),
                [self.boxes[source] for source in sources.get(x, ()) if source in self.boxes])

    def told(self):
        """All that the page needs to know."""
        steps = self.forward_steps() + self.backward_steps()
        longest = {}  # line of a gradient in each box
        for told in steps:
            if "grad" in told:
                longest[told["to"]] = max([longest.get(told["to"], 0), *map(len, told["grad"])])
        boxes = {box.key: box.about() for box in self.boxes.values()}
        for box in self.boxes.values():
            if box.call in self.replay.opened:
                boxes[box.key]["opens"] = self.replay.opened[box.call]
        svg = drawing(self.boxes.values(), longest)
        return {"steps": steps, "svg": svg, "leftOut": self.left_out, "boxes": boxes}

    def forward_steps(self):
        """Each box that is computed, in order."""
        told = []
        for box in self.boxes.values():
            if box.sources:
                rule = f"<p>{escape(box.call.headline())} computes its output.</p>" if box.call \
                    else forward_rule(box.node, self.replay.label)
                own = name(self.replay.label(box.node))
                told.append({"phase": "forward", "at": box.key,
                             "html": with_meanings(f"<h2>{own} is computed</h2>{rule}")})
        return told

    def backward_steps(self):
        """What each box hands on to those it was computed from, the last computed first."""
        if self.root not in self.replay.gradients:  # a Module whose result is only compared
            return []
        totals, times = self.received_before(), Counter()
        total = totals[self.root] = self.replay.gradients[self.root]
        label = name(self.replay.label(self.root))
        why = "the derivative of the loss towards itself is 1" if self.inside is None else \
            "it comes from what was computed with this result"
        root = self.boxes[self.view.vertex(self.root)]
        told = [{"phase": "backward", "at": root.key, "to": root.key, "grad": lines(total),
                 "full": full(total), "html": f"<h2>The way back begins</h2>"
                 f"<p>{label}.grad = {short(total)}: {why}.</p>"}]
        for box in reversed(self.boxes.values()):
            used = Counter()
            for node, i, part, source in self.handed_on(box):
                x = node.inputs[i]
                before = totals.get(x)
                totals[x] = part if before is None else before + part
                times[x] += 1
                arrows = [k for k, each in enumerate(box.sources) if each is source]
                arrow = arrows[min(used[source], len(arrows) - 1)]
                used[source] += 1
                told.append({
                    "phase": "backward", "at": box.key, "to": source.key,
                    "arrow": f"{box.key}-{arrow}", "grad": lines(totals[x]),
                    "full": full(totals[x]),
                    "html": self.backward_text(box, node, i, part, before, totals[x], times[x])})
        return told

    def received_before(self):
        """The gradients that came from outside of this picture before the way back began in it."""
        totals = {}
        for x in [box.node for box in self.boxes.values() if box.node is not None]:
            for time, part in self.replay.received.get(x, ()):
                if time < self.replay.time[self.root]:
                    totals[x] = totals[x] + part if x in totals else part
        return totals

    def handed_on(self, box):
        """(step, number of its input, what is added to that one's gradient, its box) of a box.

        What a closed Module hands on is added up for each input.
        """
        handed = {}
        for node in reversed(box.steps):
            for i, part in self.replay.passed.get(node, ()):
                x = node.inputs[i]
                source = self.boxes.get(self.view.vertex(x, node))
                if source in box.sources:
                    key = x if box.call else (node, i)
                    part = handed[key][2] + part if key in handed else part
                    handed[key] = node, i, part, source
        return handed.values()

    def backward_text(self, box, node, i, part, before, total, times):
        """What is added to the gradient of an input, by which rule and with which numbers."""
        label, own = (name(self.replay.label(each)) for each in (node.inputs[i], box.node))
        html = f"<h2>{own} hands its gradient on to {label}</h2>"
        if box.call:
            html += f"<p>{label}.grad += {short(part)}, by all the steps inside"
            html += "; open the box to see them.</p>" if box.call in self.replay.opened else ".</p>"
        else:
            html += backward_rule(node, i, part, self.replay.gradients[node], self.replay.label)
        so_far = "0" if before is None else short(before)
        html += f"<p class=total>{label}.grad: {so_far} → <b>{short(total)}</b></p>"
        if times > 1:
            html += f"<p>{label} is used more than once. This is contribution number {times}: " \
                "contributions add up.</p>"
        return with_meanings(html)


def constant_arrays(node):
    """The arrays, other than Values, that a step was given."""
    return [x for x in node.inputs if not isinstance(x, Node) and shape(x)]


def sources_of(view, label):
    """Of each computed vertex those that it is computed from, those computed last first.

    An operation has one for each operand, a closed Module each once.
    """
    constants, shared = {}, {}
    for vertex in dict.fromkeys(map(view.vertex, view.steps)):
        for key, node, i in view.constants(vertex):
            constants[node, i] = shared.setdefault(
                key, Constant(node.args[i], label(node.inputs[i])))
    sources = {}
    for node in reversed(view.steps):
        vertex = view.vertex(node)
        found = sources.setdefault(vertex, [])
        for i, x in enumerate(node.inputs):
            source = view.vertex(x, node) if isinstance(x, Node) else constants.get((node, i))
            if vertex is node or source not in (None, vertex, *found):
                found.append(source)
    return sources


def nearest(view, sources):
    """The vertices to be shown: those nearest to the root, each with the leaves it is made of."""
    shown = {}
    for x in sorted(sources, key=view.distance.get):
        more = [x, *(y for y in sources[x] if y not in sources)]
        if shown and len(shown) + len(set(more) - shown.keys()) > MOST_BOXES:
            break
        shown.update(dict.fromkeys(more))
    return list(shown)


def result(vertex):
    """The Value that a vertex stands for."""
    return vertex.results[0] if isinstance(vertex, Call) else vertex


# -- the rules -----------------------------------------------------------------------------------

def forward_rule(node, label):
    """The formula of a step, and the same with numbers, as HTML."""
    if len(node.inputs) > MOST_OPERANDS:
        return f"<p>{escape(operation(node, most=40))} of {len(node.inputs)} inputs</p>"
    called = {str(i): label(x) for i, x in enumerate(node.inputs) if label(x)}
    operands = [Symbol.leaf(arg, str(i)) if str(i) in called else
                Symbol.leaf(arg, None) if shape(arg) else arg for i, arg in enumerate(node.args)]
    written = step(node.primitive, operands, node._data, {})
    numbers = {str(i): arg for i, arg in enumerate(node.args)}
    return settings_of(node) + rule_text(f"{name(label(node))} =", written, called, numbers,
                                         node._data)


def backward_rule(node, i, part, gradient, label):
    """The rule of a step towards its input i as a formula, and the same with numbers, as HTML."""
    called = {"g": "g", "out": label(node)}
    numbers = {"g": gradient, "out": node._data}
    operands = []
    for k, (x, arg) in enumerate(zip(node.inputs, node.args)):
        if label(x):
            called[str(k)], numbers[str(k)] = label(x), arg
            arg = stand_in(node, arg, str(k))
        operands.append(arg)
    with recording_set(every_step):
        g, out = stand_in(node, node._data, "g"), stand_in(node, node._data, "out")
        for_each = node.primitive.rule(i)(g, out, *operands)
        written = unbroadcast(for_each, node.args[i], node)
    if isinstance(written, Node):
        written = formula(written, general=True)
    towards = name(label(node.inputs[i]))
    html = settings_of(node) + f"<p>g = {name(label(node))}.grad = {short(gradient)}</p>" \
        + rule_text(f"{towards}.grad +=", written, called, numbers, part)
    if math.prod(shape(for_each)) > math.prod(shape(part)):
        html += f"<p>{towards} was stretched to the shape of the result, so its gradient is " \
            "added up over the axes along which it was.</p>"
    return html


def stand_in(node, data, name):
    """A leaf of this name that holds the very data: NumPy's numbers remain NumPy's."""
    leaf = type(node)(data, name=name)
    leaf._data = data
    return leaf


def settings_of(node):
    """The operation and its settings, if it has any, as HTML."""
    written = operation(node, most=40)
    return f"<p><small>{escape(written)}</small></p>" if written != node.op else ""


# -- as text -------------------------------------------------------------------------------------

def name(label):
    """A label as HTML; v1 with its number below."""
    return f"<b>{escape(subscripted(label))}</b>"


def subscripted(label):
    """v12 as v₁₂."""
    own = label[:1] == "v" and label[1:].isdigit()
    return "v" + label[1:].translate(SUBSCRIPTS) if own else label


def rounded(number, digits=6):
    """A number at so many digits, in the signs of mathematics: −1.5·10⁻⁷."""
    text, times, exponent = power_of_ten(number, digits)
    if exponent:
        text += f"{times}10{exponent.translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


def lines(data):
    """The lines that show data in a box."""
    if not shape(data):
        return [rounded(float(data))]
    lengths = "×".join(map(str, shape(data)))
    if not size(data):
        return [lengths]
    if not is_small(data):
        least, _, most = extent(data)
        return [f"{lengths}: {rounded(least, 3)} … {rounded(most, 3)}"]
    rows = data.tolist() if len(shape(data)) == 2 else [data.tolist()]
    texts = [[rounded(entry, 3) for entry in row] for row in rows]
    width = max(len(entry) for row in texts for entry in row)
    return ["  ".join(entry.rjust(width) for entry in row) for row in texts]


def full(data):
    """Data at six digits, all of it or the first of many entries."""
    if not shape(data):
        return rounded(float(data))
    flat = namespace(data).reshape(data, (-1,))[:MOST_ENTRIES].tolist()
    entries = ", ".join(map(rounded, flat))
    more = f", … {size(data) - MOST_ENTRIES:,} more" if size(data) > MOST_ENTRIES else ""
    return f"{'×'.join(map(str, shape(data)))}: {entries}{more}"


def short(data):
    """Data as HTML within a sentence."""
    if not shape(data):
        return rounded(float(data))
    if is_small(data):
        few = few_digits(data)
        matrix = typeset("walkthrough", Symbol.leaf(data, ""), MathML, lambda x: few)
        return f"<math>{matrix}</math>"
    return lines(data)[0]


def is_small(data):
    """Is it a number, or an array small enough to be written out?"""
    rows, columns = (1, 1, *shape(data))[-2:]
    return len(shape(data)) <= 2 and rows <= MOST_ROWS and columns <= MOST_COLUMNS and size(data)


def few_digits(data):
    """Data at as many digits as stand in its box: an array at three, a number at six."""
    if not shape(data):
        return float(number_text(data))
    xp = namespace(data)
    flat = [float(number_text(x, 3)) for x in xp.reshape(data, (-1,)).tolist()]
    return xp.reshape(xp.asarray(flat), shape(data))


def rule_text(start, written, labels, numbers, outcome):
    """A formula with names, the same with numbers for all but large arrays, and what comes out."""
    def named(x):
        return labels.get(x.name)

    def number(x):
        data = numbers.get(x.name)
        return few_digits(data) if data is not None and is_small(data) else named(x)
    texts = [typeset("walkthrough", written, MathML, leaf)
             for leaf in ([named, number] if op_of(written) else [named])]
    lines = dict.fromkeys([*(f"<math>{text}</math>" for text in texts), short(outcome)])
    return "".join(f"<p class=rule>{before} {line}</p>"
                   for before, line in zip([start, "=", "="], lines))


def with_meanings(html):
    """The text, and below it the meaning of those of its signs that a class may not know."""
    meanings = {
        MathML.sign("⊙"): "⊙ multiplies entry by entry",
        MathML.sign("⊤"): "⊤: rows and columns exchanged",
        "<msub>" + MathML.sign("Σ"): "∑ with i below it adds up along the first axis, with j along "
                                     "the second",
        MathML.bold("1"): "<b>1</b> is an array of ones; <b>1</b>[…] is 1 where … holds, 0 "
                          "elsewhere",
        MathML.word("scatter"): "scatter puts the numbers among zeros, at the places below it",
        " … ": "of a large array: its shape, the smallest … the largest entry"}
    found = "; ".join(meaning for sign, meaning in meanings.items() if sign in html)
    return html + (f"<p><small>{found}</small></p>" if found else "")
