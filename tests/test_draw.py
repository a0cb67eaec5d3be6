"""draw and mermaid: what the pictures show, by reading the SVG that the real dot makes of them."""
import contextlib
import gc
import io
import json
import pickle
import re
import subprocess
import sys
import time
import weakref
from collections import namedtuple
from pathlib import Path
from random import Random
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from chromium import PROGRAM, Chromium

from autograd import Array, Value, asarray, concat, draw, matmul, maximum, mermaid, no_grad, where
from examples import draw_mlp, draw_neuron, gallery
from nn import MLP, Layer, Module, Neuron, Sequential, cross_entropy, neurons

CHECKOUT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"
HOVER = "{http://www.w3.org/1999/xlink}title"


def seen(root, **options):
    """What a picture shows, read from its SVG: nodes by key, arrows, boxes, and all text."""
    svg = ElementTree.fromstring(draw(root, **options).pipe("svg").decode("utf-8"))
    found = SimpleNamespace(nodes={}, arrows=[], boxes=[], texts=texts_of(svg))
    for group in svg.iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title")
        link = group.find(f".//{SVG}a")
        if group.get("class") == "node":
            outline = [shape for kind in ("ellipse", "polygon", "path")
                       for shape in link.iter(SVG + kind)]
            found.nodes[title] = SimpleNamespace(
                texts=texts_of(group), hover=link.get(HOVER), outlines=outline,
                fill=outline[0].get("fill"))
        elif group.get("class") == "edge":
            source, target = title.split("->")
            found.arrows.append((source, target, *texts_of(group)))
        elif group.get("class") == "cluster":
            found.boxes += texts_of(group)
    found.nodes = dict(sorted(found.nodes.items(), key=lambda entry: (len(entry[0]), entry[0])))
    return found


def texts_of(element):
    return [text.text.replace("\xa0", "") for text in element.iter(f"{SVG}text")]


def all_texts(root, **options):
    """The inscriptions of the nodes, from the root on."""
    return [" ".join(node.texts) for node in seen(root, **options).nodes.values()]


def inscriptions(root, **options):
    """The inscriptions of the nodes without their numbers, sorted."""
    number = re.compile(r"data|grad|[-\d.e]+|\(.*\)|min|mean|max")
    return sorted(" ".join(text for text in node.texts if not number.fullmatch(text))
                  for node in seen(root, **options).nodes.values())


def network():
    model = MLP(2, [3, 2], "tanh", rng=Random(0))
    return model, cross_entropy(model([[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]]), [0, 1, 1])


# -- what stands in a node -----------------------------------------------------------------------

def test_numbers_have_four_digits_and_gradients_come_with_backward():
    x = Value(2 / 3, name="x")
    y = x.exp()
    assert all_texts(y) == ["exp data 1.948", "x data 0.6667"]
    y.backward()
    assert all_texts(y) == ["exp data 1.948 grad 1", "x data 0.6667 grad 1.948"]
    x.grad = 0
    assert all_texts(y) == ["exp data 1.948 grad 1", "x data 0.6667"]


def test_no_digit_before_the_point_is_rounded_away():
    """As in the walkthrough: 39 · 39 · 10 - 81 is 15129, and not 1.513e+04."""
    x = Value(39.0, name="x")
    assert all_texts(x * x * 10.0 - 81.0)[0] == "− data 15129"
    assert all_texts(Value(9999.96)) == ["data 10000"]
    assert all_texts(Value([-123456.7, 1234567.0])) == [
        "(2,) min mean max data -123457 555555 1.235e+06"]


def test_a_number_that_was_typed_in_is_not_rounded():
    assert "15000.5" in all_texts(Value(1.0) + 15000.5)


def test_a_zero_has_no_sign():
    assert all_texts(Value(0.0) * -1.0) == ["× data 0", "data 0", "-1"]


def test_tensors_show_name_shape_smallest_mean_and_largest():
    x = Value([[1.0, -2.0, 4.0], [1.0, 1.0, 1.0]], name="x")
    (x * 2.0).sum().backward()
    assert all_texts(x) == ["x (2, 3) min mean max data -2 1 4 grad 2 2 2"]


def test_a_mean_that_is_nothing_but_rounding_is_0():
    x = Value([0.1, 0.2, -0.3])
    assert sum(x.data.tolist()) != 0
    assert all_texts(x) == ["(3,) min mean max data -0.3 0 0.2"]
    assert all_texts(Value([1e-20, 2e-20])) == ["(2,) min mean max data 1e-20 1.5e-20 2e-20"]
    assert all_texts(Value([float("nan"), 1.0])) == ["(2,) min mean max data nan nan nan"]


def test_arrays_of_numpy_and_masks_and_empty_ones():
    numpy = pytest.importorskip("numpy")
    x = Value(numpy.array([1.0, 3.0], numpy.float32), name="x")
    assert all_texts(where(x.data > 2, x, 0.0), names={"mask": x.data}) == [
        "where (2,) min mean max data 0 1.5 3", "x (2,) min mean max data 1 2 3",
        "(2,) min mean max data 0 0.5 1", "0"]
    assert all_texts(Value(Array((0, 3), []))) == ["(0, 3) no entries"]


def test_a_gradient_that_is_a_value_shows_its_number():
    x = Value([3.0, 1.0])
    (x * x).sum().backward(create_graph=True)
    assert all_texts(x) == ["(2,) min mean max data 1 2 3 grad 2 4 6"]


def test_settings_that_are_not_the_usual_are_told():
    x = Value([[1.0, 2.0]])
    assert "sum" in seen(x.sum()).texts and "sum(axis=0)" in seen(x.sum(axis=0)).texts


@pytest.mark.parametrize("index, text", [
    (1, "getitem[1]"), (slice(0, 2), "getitem[0:2]"), ([0, 2], "getitem[[0, 2]]"),
    ((..., slice(None, None, -1)), "getitem[…, ::-1]"),
    (asarray([1, 0, 1]) > 0, "getitem[[True, False, True]]"),
])
def test_an_index_is_written_as_in_python(index, text):
    x = Value([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert all_texts(x[index])[0].split(" (")[0] == text


def test_hover_tells_everything():
    x = Value([[1.0, 1 / 3], [2.0, 4.0]], name="x" * 100)
    assert [node.hover for node in seen(x).nodes.values()] == [
        f"{x.name}\ndata [[1.0, {1 / 3}], [2.0, 4.0]]"]
    (node,) = seen(Value([0.0] * 10_000)).nodes.values()
    assert node.hover.endswith(", … 9,900 more]") and len(node.hover) < 1000


# -- kinds ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("theme", ["light", "dark"])
def test_kinds_differ_by_outline_not_only_by_color(theme):
    model, loss = network()
    nodes = seen(loss - 1.0, depth=1, theme=theme).nodes.values()
    nodes = [*nodes, *seen(Value(2.0, name="x"), theme=theme).nodes.values()]
    outlines = {node.texts[0]: [
        (shape.tag, shape.get("stroke-width"), shape.get("stroke-dasharray"))
        for shape in node.outlines] for node in nodes}
    assert outlines["x"] == [(f"{SVG}polygon", "2.5", None)]
    assert outlines["1"] == [(f"{SVG}polygon", None, "5,2")]
    assert outlines["−"] == [(f"{SVG}ellipse", None, None)]
    assert outlines["layers.0"] == [(f"{SVG}polygon", None, None)] * 2


def test_themes_have_papers_of_their_own():
    assert '"#ffffff"' in draw(Value(1.0)).source
    assert '"#ffffff"' not in draw(Value(1.0), theme="dark").source


# -- arrows --------------------------------------------------------------------------------------

@pytest.mark.parametrize("double", [
    lambda x: x * x, lambda x: x + x, lambda x: maximum(x, x)])
def test_a_square_has_two_arrows(double):
    assert seen(double(Value(3.0))).arrows == [("n1", "n0"), ("n1", "n0")]


@pytest.mark.parametrize("operation", [
    lambda x, y: x - y, lambda x, y: x / y, lambda x, y: x ** y, matmul,
    lambda x, y: concat([x, y], axis=0)])
def test_operands_that_can_not_change_places_are_numbered(operation):
    x, y = Value([[1.0]]), Value([[2.0]])
    assert sorted(seen(operation(x, y)).arrows) == [("n1", "n0", "1"), ("n2", "n0", "2")]
    assert sorted(seen(operation(y, x)).arrows) == [("n1", "n0", "1"), ("n2", "n0", "2")]
    assert sorted(seen(operation(x, x)).arrows) == [("n1", "n0", "1"), ("n1", "n0", "2")]


@pytest.mark.parametrize("operation", [lambda x, y: x + y, lambda x, y: x * y, maximum])
def test_operands_that_can_are_not(operation):
    assert sorted(seen(operation(Value(1.0), Value(2.0))).arrows) == [("n1", "n0"), ("n2", "n0")]


def test_a_number_is_drawn_at_each_use_and_an_array_once():
    array = Array((2,), [1.0, 2.0])
    x = Value([1.0, 1.0])
    assert len(seen(x * 2.0 + 2.0).nodes) == 5
    assert len(seen(x * array + array).nodes) == 4


# -- names ---------------------------------------------------------------------------------------

def test_names_come_from_the_value_then_the_module_then_the_variables():
    neuron = Neuron(2, rng=Random(0))
    neuron.bias.name = "my bias"
    u, points = Value(1.0), [Value(2.0), Value(3.0, name="own")]
    y = neuron([points[0], points[1] * u])
    found = inscriptions(y, names=locals())
    assert found == sorted(["y +", "+", "my bias", "×", "×", "×", "weights.0", "weights.1",
                            "points[0]", "own", "u"])


def test_parameters_have_their_path_without_boxes_too():
    _, loss = network()
    assert [name for name in inscriptions(loss, modules=None) if "layers" in name] == [
        "layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight"]
    assert seen(loss, modules=None).boxes == []


def test_private_names_of_a_notebook_do_not_count():
    x = Value(1.0)
    assert all_texts(x, names={"_": x, "_7": x, "x": x}) == ["x data 1"]


NASTY = ['"', "$$x^2$$", "\\nabla", "<script>alert(1)</script>", "\\", "\\N", "{a|b}", "]", "é😀",
         "a\nb", "&amp;", "%3",
         "-->", "`", "#quot;", "end", "'", ";", "style a:b#quot;", "x" * 10_000, "é😀" * 5000]


def short(text, most):
    text = text.replace("\n", "\\n")
    return text if len(text) <= most else text[:most * 2 // 3] + "…" + text[-most // 4:]


@pytest.mark.parametrize("name", NASTY, ids=lambda name: f"{name[:12]!a}")
def test_what_a_user_writes_is_text(name):
    class Named(Module):
        def __init__(self):
            self.parts = {name: Value(2.0)}

        def forward(self, x):
            return x * self.parts[name]

        def describe(self):
            return name
    x = Value(3.0, name=name)
    y = Named()(x)
    found = seen(y, names={name: y})
    assert [node.texts[0] for node in found.nodes.values()] == [
        short(name, 40), short(name, 40), short(f"parts.{name}", 40)]
    assert [node.hover.rpartition("\ndata")[0] for node in found.nodes.values()] == [
        f"{name}\nmultiply", name, f"parts.{name}"]
    assert found.boxes == [short(f"Named{name}", 60)]
    labels = re.findall(r'\["(?:<b>)?([^"<>]*)(?:</b>.*)?"\]', mermaid(y, names={name: y}))
    labels = [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label) for label in labels]
    assert not any("$$" in label or r"\n" in label for label in labels)  # signs to Mermaid
    labels = [label.replace("\u200b", "") for label in labels]
    assert sorted(labels) == sorted([node.texts[0] for node in found.nodes.values()] + found.boxes)


def test_characters_that_xml_can_not_hold_are_replaced():
    assert all_texts(Value(1.0, name="a\0b\x1b\ud800c")) == ["a�b��c data 1"]


# -- modules -------------------------------------------------------------------------------------

def test_modules_are_nested_boxes():
    model, loss = network()
    assert sorted(seen(loss).boxes) == ["MLP", "layers.0: Layer(2 → 3, tanh)",
                                        "layers.1: Layer(3 → 2)"]
    assert "model: MLP" in seen(loss, names=locals()).boxes
    source = draw(loss).source
    assert source.index("layers.0: Layer") < source.index("layers.0.weight")  # a box around it
    assert source.count("subgraph") == 3 and source.index("MLP") < source.index("layers.0: Layer")


def test_modules_can_be_closed():
    model, loss = network()
    collapsed = seen(loss, modules="collapsed")
    assert [node.texts[:2] for node in collapsed.nodes.values()] == [
        ["cross_entropy(labels=[0, 1, 1])", "data"], ["MLP", "17 parameters, 3 operations"],
        ["(3, 2)", "min"]]
    assert collapsed.boxes == [] and sorted(collapsed.arrows) == [("n1", "n0"), ("n2", "n1")]
    layers = seen(loss, depth=1)
    assert layers.boxes == ["MLP"]
    assert [node.texts[:2] for node in layers.nodes.values()][1:3] == [
        ["layers.1", "Layer(3 → 2)"], ["layers.0", "Layer(2 → 3, tanh)"]]
    assert len(layers.nodes) == 4
    assert draw(loss, depth=2).source == draw(loss).source
    assert draw(loss, depth=0).source == draw(loss, modules="collapsed").source


def test_what_is_fed_to_a_module_stands_outside_its_box():
    model = MLP(2, [3, 2], rng=Random(0))
    x, doubled = Value([1.0, 2.0], name="x"), Value([1.0, 1.0], name="before") * 2.0
    for fed, outside in (x, {"x"}), (doubled, {"×", "before", "2"}), ([1.0, 2.0], {"(2,)"}):
        inside = draw(model(fed)).source
        inside = inside[inside.index("subgraph"):inside.rindex("}\n", 0, inside.rindex("}"))]
        names = {node.texts[0] for node in seen(model(fed)).nodes.values()}
        assert outside <= names
        for name in outside - {"(2,)"}:
            assert f">{name}<" not in inside


def test_one_module_used_twice_is_two_boxes_and_its_parameters_stand_once():
    layer = Layer(2, 2, rng=Random(0))
    y = layer(layer(Value([1.0, 2.0], name="x")))
    assert seen(y).boxes == ["Layer(2 → 2)"] * 2
    assert inscriptions(y, modules=None).count("weight") == 1
    closed = seen(y, modules="collapsed")
    assert [node.texts[0] for node in closed.nodes.values()] == ["Layer(2 → 2)"] * 2 + ["x"]
    assert sorted(closed.arrows) == [("n1", "n0"), ("n2", "n1")]


class Cell(Module):
    """Keeps its last result, and feeds on it."""

    def __init__(self):
        self.weight, self.state = Value(0.5), Value(1.0)

    def forward(self, x):
        self.state = (self.weight * self.state + x).tanh()
        return self.state


def test_a_state_that_a_module_keeps_is_no_part_of_the_next_call():
    cell = Cell()
    y = [cell(Value(float(i))) for i in range(3)][-1]
    assert seen(y).boxes == ["Cell"] * 3
    assert draw(y).source.count("{") == 4  # side by side, not nested
    assert seen(y, modules="collapsed").nodes.keys() == {f"n{i}" for i in range(6)}


@pytest.mark.parametrize("forward", [
    lambda self, x: x, lambda self, x: (x * 2.0, x), lambda self, x: 3.0,
    lambda self, x: Value(1.0), lambda self, x: (x * 2.0).data])
def test_results_that_were_not_computed_are_not_marked(forward):
    other = type("Other", (Module,), {"forward": forward})()
    x = Value(3.0).exp()
    other(x)
    with no_grad():
        x2 = Layer(1, 1, rng=Random(0))(Value([1.0]))
    assert seen(x).boxes == seen(x2).boxes == []


def test_neither_leaves_nor_what_was_computed_under_no_grad_bear_a_mark():
    class Table(Module):
        def __init__(self):
            self.entry = Value(1.0)

        def forward(self):
            return self.entry
    assert vars(Table()()) == {}
    with no_grad():
        assert vars(Layer(1, 1, rng=Random(0))([1.0])) == {}


def test_a_sequence_of_one_layer_is_a_box_in_a_box():
    y = Sequential(Layer(1, 1, rng=Random(0)))(Value([1.0]))
    assert sorted(seen(y).boxes) == ["Sequential", "layers.0: Layer(1 → 1)"]


def test_a_layer_can_be_drawn_as_its_neurons():
    layer = Layer(2, 3, "tanh", rng=Random(0))
    x = [Value(1.0, name="x1"), Value(2.0, name="x2")]
    neurons = layer.neurons()
    found = seen([neuron(x) for neuron in neurons], names=locals())
    assert sorted(found.boxes) == [f"neurons[{i}]: Neuron(2 → 1, tanh)" for i in range(3)]
    firsts = [node.texts[0] for node in found.nodes.values()]
    assert {name: firsts.count(name) for name in firsts} == {
        "tanh": 3, "+": 6, "×": 6, "bias": 3, "weights.0": 3, "weights.1": 3, "x1": 1, "x2": 1}


def test_a_module_that_returns_a_list_is_one_box():
    model = neurons.MLP(2, [3, 2], "tanh", rng=Random(0))
    first, second = model([1.0, -2.0])
    loss = first * second
    assert sorted(seen(loss).boxes) == [
        "MLP", *[f"layers.0.neurons.{i}: Neuron(2 → 1, tanh)" for i in range(3)],
        "layers.0: Layer(2 → 3, tanh)",
        *[f"layers.1.neurons.{i}: Neuron(3 → 1)" for i in range(2)], "layers.1: Layer(3 → 2)"]
    assert "layers.1.neurons.0.weights.2" in inscriptions(loss)
    layers = seen(loss, depth=1)
    assert layers.boxes == ["MLP"] and len(layers.nodes) == 5
    assert layers.nodes["n1"].texts[:3] == ["layers.1", "Layer(3 → 2)",
                                            "8 parameters, 12 operations"]
    assert sorted(layers.arrows)[:2] == [("n1", "n0"), ("n2", "n1")]
    assert f"data {[first.data, second.data]}\n" in layers.nodes["n1"].hover + "\n"
    closed = seen(loss, modules="collapsed").nodes["n1"].texts
    numbers = sorted([first.data, second.data])
    assert closed[closed.index("data") + 1:] == [
        f"{x:.4g}" for x in (numbers[0], sum(numbers) / 2, numbers[1])]


def test_of_several_results_those_that_received_a_gradient_count():
    class Twice(Module):
        def forward(self, x):
            return x * [2.0, 2.0], x * 1.0, 3.0, x
    x = Value(1.0, name="x") * 1.0
    results = Twice()(x)
    (1e7 * results[1]).backward()
    node = seen(results[:2], modules="collapsed", color="grad").nodes["n0"]
    assert node.fill == "#d6604d"
    assert node.texts[2:] == ["2 results", "min", "mean", "max", "data", "1", "1.667", "2",
                              "grad", "1e+07", "1e+07", "1e+07"]


@pytest.mark.parametrize("pack, unpack", [
    (lambda h, c: (h, (h, c)), lambda state: state[1]),
    (lambda h, c: {"h": h, "more": [h, {"c": c}]},
     lambda state: (state["h"], state["more"][1]["c"])),
    (namedtuple("State", "h c"), lambda state: state)], ids=["tuples", "dicts", "a named tuple"])
def test_results_and_inputs_are_found_in_tuples_and_dicts_in_each_other(pack, unpack):
    class Cell(Module):
        def forward(self, x, state):
            h, c = unpack(state)
            return pack((h + x).tanh(), h * c)
    x = Value(0.5, name="x")
    cell, state = Cell(), pack(Value(1.0, name="h"), Value(2.0, name="c").exp())
    for _ in range(2):
        state = cell(x, state)
    h, c = unpack(state)
    assert inscriptions(h + c, modules="collapsed") == [
        "+", *["Cell 0 parameters, 3 operations 2 results"] * 2, "c", "exp", "h", "x"]


def test_a_list_that_is_kept_as_a_state_is_no_part_of_the_next_call():
    class Pair(Module):
        def forward(self, h, c):
            return h * 2.0, c * h

    class Recurrent(Module):
        def __init__(self):
            self.pair, self.state = Pair(), (Value(1.0), Value(2.0))

        def forward(self):
            self.state = self.pair(*self.state)
            return self.state[0]
    model = Recurrent()
    model(), model()
    last = model() + model.state[1]
    assert sorted(seen(last).boxes) == ["Recurrent"] * 3 + ["pair: Pair"] * 3
    boxes = re.findall('( *)subgraph.*"(.*)"', mermaid(last))
    assert sorted(boxes) == [(" " * 4, "Recurrent")] * 3 + [(" " * 8, "pair#58; Pair")] * 3


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="counts references")
@pytest.mark.parametrize("call", [lambda model, x: model(x), lambda model, x: grown(model, x)])
def test_marks_close_no_reference_cycle(call):
    class Last(Module):
        def forward(self, xs):
            return xs[-1] * 2.0 if isinstance(xs, list) else xs * 2.0

    class Probe:
        pass
    gc.collect()
    gc.disable()
    try:
        x = Value(1.0) * 1.0
        x.probe = Probe()
        probe = weakref.ref(x.probe)
        call(Last(), x)
        del x
        assert probe() is None
    finally:
        gc.enable()


def grown(model, x):
    """A list that is fed to a Module, and then receives its result."""
    xs = [x]
    for _ in range(3):
        xs.append(model(xs))


def test_marked_graphs_leave_leaves_and_modules_to_be_pickled():
    model, loss = network()
    loss.backward()
    assert pickle.loads(pickle.dumps(model)).state_dict().keys() == model.state_dict().keys()


# -- color ---------------------------------------------------------------------------------------

def test_gradients_as_color():
    leaves = [Value(1.0, name=f"x{i}") for i in range(11)]
    slopes = 1e-9, 1e-5, 1e-3, -1.0, 1e3, -1e5, 1e7, float("inf"), float("nan"), 0.0
    for x, slope in zip(leaves, slopes):
        (x * slope).backward()
    found = seen(leaves, color="grad")
    *fills, without = [found.nodes[f"n{i}"].fill for i in reversed(range(11))]
    assert [found.nodes[f"n{i}"].texts[0] for i in (0, 10)] == ["x10", "x0"]
    assert len(set(fills[:7])) == 7 and fills[6] == fills[7] == fills[8] and fills[9] == fills[0]
    assert "vanishing: ≤ 1e-6" in found.texts and "exploding: more, or nan" in found.texts
    uncolored = seen(leaves)
    assert "exploding: more, or nan" not in uncolored.texts
    assert {node.fill for node in uncolored.nodes.values()} == {without} and without not in fills


def test_the_largest_entry_gives_the_color_of_a_tensor():
    x = Value([0.0, -1e7, 1.0])
    (x * x).sum().backward()
    assert seen(x, color="grad").nodes["n0"].fill == "#d6604d"


# -- large graphs --------------------------------------------------------------------------------

def test_a_large_graph_shows_what_is_near_and_says_what_it_left_out():
    start, step = Value(1.0, name="start"), Value(0.5, name="step")
    x = start
    for _ in range(39):
        x = x + step
    found = seen(x, max_nodes=10)
    assert len(found.nodes) == 11
    assert found.nodes["rest"].texts == ["31 nodes left out", "31 operations"]
    assert {"start", "step"} <= set(found.texts) and found.texts.count("+") == 8
    keys = {node.texts[0]: key for key, node in found.nodes.items()}
    assert {arrow for arrow in found.arrows if "rest" in arrow} == {
        (keys["start"], "rest"), (keys["step"], "rest"), ("rest", keys["+"])}  # the leftmost +
    everything = seen(x, max_nodes=41)
    assert len(everything.nodes) == 41 and "rest" not in everything.nodes
    assert len(seen(x, max_nodes=1).nodes) == 2


def test_constants_count_among_the_nodes():
    x = Value(1.0)
    for _ in range(20):
        x = x * 2.0
    assert len(seen(x, max_nodes=41).nodes) == 41
    found = seen(x, max_nodes=40)
    assert len(found.nodes) <= 41
    assert found.nodes["rest"].texts[-1] == "and their constants"


def test_a_hundred_thousand_nodes_in_two_seconds():
    weights = [Value(0.001 * i, name=f"w{i}") for i in range(300)]
    rng, values = Random(0), list(weights)
    for i in range(50_000):
        near = values[-1 - rng.randrange(min(len(values), 50))]
        values.append(near * rng.choice(weights) + values[-1])
    loss = values[-1]
    started = time.process_time()
    source = draw(loss).source
    assert time.process_time() - started < 2
    assert re.search(r">[\d,]{6,7} nodes left out<", source)
    assert source.count("tooltip=") == 401
    assert source.count('shape=box, penwidth=2.5') == 200


def test_long_arrows_are_laid_out_in_seconds_too():
    """A weight used in every step of a loop: bent around all steps, its arrows took minutes."""
    rate, y = Value(0.001, name="rate"), Value(1.0, name="y")
    for _ in range(1000):
        y = y - rate * y
    picture = draw(y, max_nodes=160)
    assert "splines=line" in picture.source and b"left out" in picture.pipe("svg")
    assert "splines=line" not in draw(y, max_nodes=40).source


def test_many_calls_of_modules_too():
    neurons = [Neuron(50, "tanh", rng=Random(i)) for i in range(20)]
    points = [[Value(0.01 * i + j) for i in range(50)] for j in range(15)]
    loss = sum(neuron(point) for neuron in neurons for point in points)
    for modules in "collapsed", "expanded":
        started = time.process_time()
        assert "left out" in draw(loss, modules=modules).source
        assert time.process_time() - started < 2


# -- files, notebooks, what is missing -----------------------------------------------------------

def test_render_goes_by_the_end_of_the_name(tmp_path):
    picture = draw(Value(1.0, name="é"))
    for name, head in ("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"):
        assert picture.render(tmp_path / name) == str(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(head)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.png", "a.svg"]
    assert picture.render(tmp_path / "b", format="svg") == str(tmp_path / "b.svg")
    with pytest.raises(ValueError, match="loss.xyz .* .svg"):
        picture.render(tmp_path / "loss.xyz")


def test_a_notebook_shows_it_by_itself():
    bundle = draw(Value(1.0))._repr_mimebundle_()
    assert bundle.keys() == {"image/svg+xml"} and "<svg" in bundle["image/svg+xml"]


def test_a_picture_is_the_same_every_time():
    (_, one), (_, other) = network(), network()
    assert draw(one).source == draw(other).source and mermaid(one) == mermaid(other)


SYSTEMS = "Debian.*macOS.*Windows.*conda"


def test_without_dot_one_sentence_says_so(monkeypatch, tmp_path):
    picture = draw(Value(1.0, name="x"))
    monkeypatch.setenv("PATH", str(tmp_path))
    for act in lambda: picture.render(tmp_path / "x.svg"), picture.pipe:
        with pytest.raises(ImportError, match=f"^draw: graphviz's program dot is not .*{SYSTEMS}"):
            act()
    (sentence,) = picture._repr_mimebundle_().values()
    assert re.match(f"draw: graphviz's program dot is not .*{SYSTEMS}", sentence)
    assert 'n0["<b>x</b><br/>data  1"]' in mermaid(Value(1.0, name="x"))


def test_without_the_package_one_sentence_says_so():
    code = ("import sys; sys.modules['graphviz'] = None\n"
            "from autograd import Value, draw, mermaid\n"
            "x = Value(1.0, name='x') * 2\n"
            "print(mermaid(x)); x.outline()\n"
            "try:\n    draw(x)\n"
            "except ImportError as error:\n    print(error); print(*error._render_traceback_())")
    run = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True,
                         encoding="utf-8", check=True, env={"PYTHONIOENCODING": "utf-8"})
    *_, one, two = run.stdout.splitlines()
    assert one == two
    assert re.match(f"draw: the Python package graphviz is not installed; .*{SYSTEMS}", one)
    assert "flowchart LR" in run.stdout and "op=multiply" in run.stdout


def test_mermaid_shows_boxes_kinds_and_order():
    _, loss = network()
    loss.backward()
    text = mermaid(loss - 1.0, color="grad")
    assert text.count("subgraph") == 4 and text.count("    end\n") == 4
    assert "-->|1|" in text and ":::constant" in text and "style n" in text
    assert "    n0 ~~~ legend\n" in text  # behind the root, where no arrow passes
    assert text.startswith("%%{init:") and "wrappingWidth" in text.split("\n")[0]
    assert '[["<b>MLP</b>' in mermaid(loss, modules="collapsed")


def test_mermaid_takes_the_text_of_large_graphs_too():
    loss = sum(neurons.MLP(2, [16, 16, 16, 2], rng=Random(0))([1.0, 2.0]))
    text = mermaid(loss, depth=2, color="grad")
    assert text.count("->") < 500 and "left out" in text
    y = Value(1.0)
    for i in range(100):
        y = y * Value(1.0, name="😀" * 20 + "?" * 80 + str(i))
    text = mermaid(y)
    assert len(text) <= 50_000 and "left out" in text


@pytest.mark.parametrize("arguments, options, message", [
    ([3.0], {}, "draw: this float is no Value"),
    ([[]], {}, "draw: this list is no Value"),
    ([Layer(1, 1, rng=Random(0))], {}, "draw: this Layer is no Value"),
    ([Value(1.0)], {"modules": "closed"}, "draw: modules='closed'; use"),
    ([Value(1.0)], {"depth": -1}, "draw: depth=-1; use"),
    ([Value(1.0)], {"depth": True}, "draw: depth=True; use"),
    ([Value(1.0)], {"max_nodes": 0}, "draw: max_nodes=0; use"),
    ([Value(1.0)], {"color": "data"}, "draw: color='data'; use"),
    ([Value(1.0)], {"theme": "blue"}, "draw: theme='blue' is unknown; use light or dark"),
    ([Value(1.0)], {"names": ["x"]}, "draw: names=.* must be a dict"),
])
def test_bad_input(arguments, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        draw(*arguments, **options)


# -- where people look ---------------------------------------------------------------------------

def test_the_gallery_is_what_its_code_draws(tmp_path):
    gallery.main(tmp_path)
    page = (CHECKOUT / "docs" / "gallery.md").read_text("utf-8")
    assert page.startswith((tmp_path / "gallery.md").read_text("utf-8"))
    for name, *_ in gallery.PICTURES:
        new, kept = [texts_of(ElementTree.parse(folder / "figures" / f"{name}.svg").getroot())
                     for folder in (tmp_path, CHECKOUT / "docs")]
        assert sorted(new) == sorted(kept), name
        assert f"](figures/{name}.svg)" in page


@pytest.mark.skipif(not PROGRAM, reason="needs chromium")
def test_all_text_of_the_gallery_stands_inside_its_node_or_box(tmp_path):
    with Chromium(tmp_path) as browser:
        for name, *_ in gallery.PICTURES:
            browser.open(CHECKOUT / "docs" / "figures" / f"{name}.svg")
            outside = browser.run("""[...document.querySelectorAll('.node, .cluster')].flatMap(
                group => {
                    const frame = group.querySelector('polygon, ellipse, path').getBBox();
                    return [...group.querySelectorAll('text')].filter(text => {
                        const box = text.getBBox();
                        return box.x < frame.x || box.x + box.width > frame.x + frame.width;
                    }).map(text => text.textContent);
                })""")
            assert outside == [], name


def test_the_neuron_of_the_gallery_is_that_of_the_textbooks():
    """Inputs on the left, then weights, products, their sum, the bias added, the activation."""
    svg = ElementTree.parse(CHECKOUT / "docs" / "figures" / "neuron.svg")
    left = {}
    for group in svg.iter(f"{SVG}g"):
        if group.get("class") == "node":
            first = next(group.iter(f"{SVG}text"))
            left.setdefault(first.text, []).append(float(first.get("x")))
    ranks = [left[name] for name in ("x1", "weights.0", "×")] + [
        [x] for x in sorted(left["+"])] + [left["y"]]
    assert [len(rank) for rank in ranks] == [1, 1, 2, 1, 1, 1]
    assert all(max(a) < min(b) for a, b in zip(ranks, ranks[1:]))


@pytest.mark.parametrize("example, count", [(draw_neuron, 1), (draw_mlp, 3)])
def test_examples_write_their_pictures(example, count, tmp_path, capsys):
    example.main(tmp_path)
    written = capsys.readouterr().out.splitlines()
    assert len(written) == count and all("</svg>" in Path(p).read_text("utf-8") for p in written)


@pytest.mark.parametrize("example", [draw_neuron, draw_mlp])
def test_examples_say_in_one_line_that_graphviz_is_missing(example):
    bare = subprocess.run([sys.executable, "-S", "-m", example.__name__],  # -S: nothing installed
                          cwd=CHECKOUT, capture_output=True, text=True)
    assert bare.returncode == 1
    assert re.fullmatch("draw: .*graphviz.* not installed; get it with .*\n", bare.stderr)


def test_the_notebook_runs():
    """Its cells in order, each last line shown as a notebook would: without one being installed."""
    notebook = json.loads((CHECKOUT / "examples" / "teaching.ipynb").read_text("utf-8"))
    names, shown = {}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            *lines, last = "".join(cell["source"]).rstrip().split("\n")
            with contextlib.redirect_stdout(io.StringIO()):
                exec("\n".join(lines), names)
                shown.append(eval(last, names))
    pictures = [thing for thing in shown if hasattr(thing, "_repr_mimebundle_")]
    assert len(pictures) == 3
    for picture in pictures:
        assert "</svg>" in picture._repr_mimebundle_()["image/svg+xml"]
    before, after = shown[-2]
    assert after < before
    assert all(not cell.get("outputs") for cell in notebook["cells"])
