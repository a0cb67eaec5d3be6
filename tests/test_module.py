"""Module: finding parameters, giving them new data, copying, train and eval, the repr."""
import copy
import pickle
from random import Random

import pytest

from autograd import Array, Value, grad
from nn import MLP, Layer, Module, Neuron, Sequential


class Parts(Module):
    """Parameters and Modules in every place where a Module looks for them."""

    def __init__(self):
        self.offset = Value(1.0)
        self.pair = (Value(2.0), Value([1.0, 2.0, 3.0]))
        self.nested = [[Value(3.0)], Value(4.0)]
        self.child = Layer(2, 1, rng=Random(0))
        self.children = [Neuron(1, rng=Random(1)), (Neuron(1, rng=Random(2)),)]


class Line(Module):
    def __init__(self, slope=2.0, offset=1.0):
        self.slope, self.offset = Value(slope), Value(offset)

    def forward(self, x):
        return self.slope * x + self.offset


class Tied(Module):
    """One parameter and one Module, each under two names."""

    def __init__(self):
        self.first = self.second = Value(3.0)
        self.left = Line()
        self.pair = [self.left, self.left]

    def forward(self, x):
        return self.first * self.left(self.second * self.pair[1](x))


def names(module):
    return [name for name, _ in module.named_parameters()]


def numbers(module):
    """Every parameter as nested lists of floats, by name."""
    return {name: data.tolist() if hasattr(data, "tolist") else data
            for name, data in module.state_dict().items()}


# -- finding parameters --------------------------------------------------------------------------

def test_parameters_are_named_by_their_place():
    assert names(Parts()) == [
        "offset", "pair.0", "pair.1", "nested.0.0", "nested.1", "child.weight", "child.bias",
        "children.0.weights.0", "children.0.bias", "children.1.0.weights.0", "children.1.0.bias"]
    assert names(MLP(3, [2, 1]))[:2] == ["layers.0.weight", "layers.0.bias"]


def test_parameters_are_the_values_themselves():
    line = Line()
    assert line.parameters() == [line.slope, line.offset]


def test_numbers_arrays_and_computed_values_are_no_parameters():
    line = Line()
    line.rate, line.table, line.text = 0.5, Array((2,), [1.0, 2.0]), "text"
    line.last = line(3.0)
    assert names(line) == ["slope", "offset"]


def test_what_stands_in_two_places_comes_once_under_its_first_name():
    assert names(Tied()) == ["first", "left.slope", "left.offset"]
    assert [name for name, _ in Tied().named_modules()] == ["", "left"]


def test_a_module_without_parameters_has_none():
    assert Module().parameters() == [] and Module().state_dict() == {}


def test_children_are_the_modules_directly_inside():
    network = Sequential(Sequential(Line()), abs, Line())
    assert [name for name, _ in network.named_children()] == ["layers.0", "layers.2"]
    assert [name for name, _ in network.named_modules()] == [
        "", "layers.0", "layers.0.layers.0", "layers.2"]


@pytest.mark.parametrize("ask", [Module.parameters, Module.state_dict, Module.eval, repr])
def test_a_module_that_contains_itself_is_refused(ask):
    line = Line()
    line.inner = [Line()]
    line.inner[0].outer = line
    with pytest.raises(ValueError, match="inner.0.outer.* contains itself"):
        ask(line)


@pytest.mark.parametrize("parts, name", [
    ({"a.b": Value(1.0), "a": {"b": Value([2.0, 3.0])}}, "parts.a.b"),
    ({1: Value(1.0), "1": Value([2.0, 3.0])}, "parts.1"),
    ({"a.b": {"c": Value(1.0)}, "a": {"b.c": Value([2.0, 3.0])}}, "parts.a.b.c")], ids=str)
@pytest.mark.parametrize("ask", [
    Module.named_parameters, Module.state_dict, lambda module: module.load_state_dict({}),
    grad(lambda module: sum(p.sum() for p in module.parameters()))])
def test_two_parameters_of_one_name_are_refused(ask, parts, name):
    module = Module()
    module.parts = parts
    assert len(module.parameters()) == 2
    with pytest.raises(ValueError, match=rf"{name}: .*Value\(1.0\).*Value\(\[2.0, 3.0\]\)"):
        ask(module)


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Parts has no forward"):
        Parts()(1.0)


# -- gradients -----------------------------------------------------------------------------------

def test_an_error_says_in_which_module_it_was_made():
    class Two(Module):
        def __init__(self):
            self.body, self.head = MLP(3, [4, 2]), [Neuron(3)]

        def forward(self, x):
            return self.head[0](self.body(x))
    two = Two()
    with pytest.raises(ValueError, match=r"^body\.layers\.0: linear: given .*\(2,\) @ \(3, 4\)"):
        two([1.0, 2.0])
    with pytest.raises(ValueError, match=r"^head\.0: Neuron: given 2 inputs for 3 weights"):
        two([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="^Neuron: given 2"):
        two.head[0]([1.0, 2.0])

    class Last(Module):
        def forward(self, x):
            return x[5]
    with pytest.raises(IndexError, match=r"^layers\.1: getitem: given \(2,\): index: 5"):
        Sequential(Layer(3, 2), Last())([1.0, 2.0, 3.0])


def test_zero_grad_reaches_every_parameter():
    network = Sequential(Line(), Line())
    network(5.0).backward()
    assert [float(p.grad) for p in network.parameters()] == [10.0, 2.0, 11.0, 1.0]
    network.zero_grad()
    assert [float(p.grad) for p in network.parameters()] == [0.0] * 4


def test_a_shared_parameter_receives_what_both_places_give():
    tied = Tied()
    tied(1.0).backward()
    # 3 (2 (3 (2x + 1)) + 1) with x = 1; both 3s are one parameter p: p (2p (sx + o) + o), s = 2
    assert tied.first.grad == 4 * 3 * 3 + 1      # 4p (sx + o) + o
    assert tied.left.slope.grad == 3 * 3 * (3 + 2)    # p² ((sx + o) + s x)
    assert tied.left.offset.grad == 3 * (3 * 2 + 1)   # p (p s + 1)


# -- state ---------------------------------------------------------------------------------------

def test_a_state_dict_makes_another_network_compute_the_same():
    ours, other = MLP(4, [3, 2], rng=Random(1)), MLP(4, [3, 2], rng=Random(2))
    x = Value([[0.1, -0.2, 0.3, -0.4], [4.0, 3.0, 2.0, 1.0]])
    assert other(x).data.tolist() != ours(x).data.tolist()
    other.load_state_dict(ours.state_dict())
    assert other(x).data.tolist() == ours(x).data.tolist()


def test_load_state_dict_takes_nested_lists():
    layer = Layer(2, 1)
    layer.load_state_dict({"weight": [[1], [2]], "bias": [3]})
    assert layer(Value([10.0, 100.0])).data.tolist() == [213.0]


def test_load_state_dict_names_all_that_does_not_fit_and_changes_nothing():
    layer = Layer(2, 2, rng=Random(0))
    layer.scale, layer.shift = Value(2.0), Value(0.5)
    before = numbers(layer)
    with pytest.raises(ValueError) as caught:
        layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [[1.0, 2.0]], "scale": 7.0,
                               "wieght": 1.0, "extra": [1.0]})
    message = str(caught.value)
    for part in ("missing: shift", "extra: wieght", "extra: extra",
                 "weight: shape (1, 2)", "(2, 2)", "bias: shape (1, 2)"):
        assert part in message
    assert "scale" not in message
    assert numbers(layer) == before


@pytest.mark.parametrize("entry", ["text", None, 1j, [1.0, "a"], [[1.0], [2.0, 3.0]]])
def test_load_state_dict_refuses_what_is_not_numbers_and_changes_nothing(entry):
    line = Line()
    with pytest.raises((TypeError, ValueError)):
        line.load_state_dict({"slope": 5.0, "offset": entry})
    assert numbers(line) == {"slope": 2.0, "offset": 1.0}


def test_load_state_dict_keeps_the_kind_and_precision_of_the_parameters():
    numpy = pytest.importorskip("numpy")
    in_python, on_numpy = Line([1.0, 2.0]), Line(numpy.array([3.0, 4.0], numpy.float32))
    state = in_python.state_dict()
    in_python.load_state_dict(on_numpy.state_dict())
    on_numpy.load_state_dict(state)
    assert isinstance(in_python.slope.data, Array) and in_python.slope.data.tolist() == [3.0, 4.0]
    assert on_numpy.slope.data.dtype == numpy.float32
    assert on_numpy.slope.data.tolist() == [1.0, 2.0]


def test_load_state_dict_copies_so_that_networks_share_no_memory():
    numpy = pytest.importorskip("numpy")
    first, second = Line(numpy.ones(2)), Line(numpy.zeros(2))
    second.load_state_dict(first.state_dict())
    second.slope.data -= 5.0  # writes into the array
    assert first.slope.data.tolist() == [1.0, 1.0]
    assert second.slope.data.tolist() == [-4.0, -4.0]


# -- train and eval ------------------------------------------------------------------------------

def test_train_and_eval_reach_all_modules_and_give_back_the_first():
    network = Sequential(Sequential(Line()), Line())
    modules = [module for _, module in network.named_modules()]
    assert [module.training for module in modules] == [True] * 4
    assert network.eval() is network
    assert [module.training for module in modules] == [False] * 4
    assert network.train() is network
    assert [module.training for module in modules] == [True] * 4


def test_eval_leaves_other_networks_alone():
    evaluated, other = Line(), Line()
    evaluated.eval()
    assert other.training


# -- copying -------------------------------------------------------------------------------------

def by_pickle(module):
    return pickle.loads(pickle.dumps(module))


@pytest.mark.parametrize("copied", [copy.deepcopy, by_pickle])
class TestCopies:
    def test_a_copy_computes_the_same(self, copied):
        network = MLP(3, [4, 2], "tanh", rng=Random(0))
        x = Value([[0.5, -1.0, 2.0]])
        assert copied(network)(x).data.tolist() == network(x).data.tolist()

    def test_backward_on_a_copy_leaves_the_original_alone(self, copied):
        line = Line()
        other = copied(line)
        other(5.0).backward()
        assert (line.slope.grad, other.slope.grad) == (0.0, 5.0)

    def test_training_a_copy_leaves_the_original_alone(self, copied):
        layer = Layer(2, 2, rng=Random(0))
        before, other = numbers(layer), copied(layer)
        for p in other.parameters():
            p.data -= 1.0
        assert numbers(layer) == before
        assert numbers(other)["bias"] == [-1.0, -1.0]

    def test_a_copy_of_numpy_parameters_has_memory_of_its_own(self, copied):
        numpy = pytest.importorskip("numpy")
        line = Line(numpy.ones(3))
        other = copied(line)
        other.slope.data -= 1.0  # writes into the array
        assert line.slope.data.tolist() == [1.0, 1.0, 1.0]

    def test_gradients_names_and_attributes_come_along(self, copied):
        line = Line()
        line(5.0).backward()
        line.slope.velocity = 0.25
        line.offset = Value(1.0, name="b")
        other = copied(line)
        assert other.slope.grad == 5.0 and other.slope.velocity == 0.25
        assert other.offset.name == "b"

    def test_what_was_shared_is_shared_in_the_copy(self, copied):
        other = copied(Tied())
        assert other.first is other.second and other.left is other.pair[1]

    def test_a_module_that_keeps_a_computed_value_says_why_it_cannot_be_copied(self, copied):
        line = Line()
        line.last = line(3.0)
        with pytest.raises(TypeError, match="detach"):
            copied(line)


# -- the repr ------------------------------------------------------------------------------------

def test_the_repr_is_a_tree_with_shapes_and_counts():
    assert repr(MLP(784, [16, 16, 10])).splitlines() == [
        "MLP: 13,002 parameters",
        "    layers.0: Layer(784 → 16, relu): 12,560 parameters",
        "        weight (784, 16)",
        "        bias (16,)",
        "    layers.1: Layer(16 → 16, relu): 272 parameters",
        "        weight (16, 16)",
        "        bias (16,)",
        "    layers.2: Layer(16 → 10): 170 parameters",
        "        weight (16, 10)",
        "        bias (10,)"]


def test_the_repr_lists_scalars_on_one_line():
    assert repr(Line()).splitlines() == ["Line: 2 parameters", "    slope, offset"]
    assert repr(Neuron(2, "tanh")).splitlines() == [
        "Neuron(2 → 1, tanh): 3 parameters", "    weights.0, weights.1, bias"]


def test_the_repr_counts_what_is_shared_once():
    assert repr(Tied()).splitlines()[0] == "Tied: 3 parameters"


def test_the_repr_of_one_parameter_and_of_none():
    single = Module()
    single.weight = Value([5.0])
    assert repr(single).splitlines() == ["Module: 1 parameter", "    weight (1,)"]
    assert repr(Module()) == "Module: 0 parameters"
