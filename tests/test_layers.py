"""Neuron, Layer, Sequential and MLP: what they compute, and what they refuse."""
import math
import random
from functools import partial
from random import Random

import pytest

import autograd
from autograd import Array, Value
from nn import MLP, Layer, Neuron, Sequential, neurons

X = [[0.5, -1.0, 2.0], [0.0, 3.0, -0.25], [-2.0, 0.125, 1.0], [1.0, 1.0, 1.0]]


def layer_on(kind, activation=None):
    """A Layer(3 → 2) with parameters of the given kind, and X in that kind."""
    layer, x = Layer(3, 2, activation, rng=Random(3)), Value(X).data
    layer.bias.data = Array((2,), [0.25, -0.5])
    if kind != "Array":
        numpy = pytest.importorskip("numpy")
        x = numpy.array(X, kind)
        for p in layer.parameters():
            p.data = numpy.array(p.data.tolist(), kind)
    return layer, x


def like(x, numbers):
    """Nested lists in the kind of x."""
    return Value(numbers).data if isinstance(x, Array) else \
        x.__array_namespace__().asarray(numbers, dtype=x.dtype)


# -- Neuron --------------------------------------------------------------------------------------

def test_a_neuron_is_the_perceptron_of_the_textbooks():
    neuron = Neuron(2, "tanh")
    neuron.weights[0].data, neuron.weights[1].data, neuron.bias.data = 0.5, -2.0, 1.25
    assert neuron([3.0, 1.0]).item() == pytest.approx(math.tanh(0.5 * 3 - 2.0 * 1 + 1.25))


def test_gradients_reach_the_weights_the_bias_and_the_inputs():
    neuron, x = Neuron(2), [Value(3.0), Value(-1.0)]
    neuron.weights[0].data, neuron.weights[1].data = 0.5, -2.0
    neuron(x).backward()
    assert [weight.grad for weight in neuron.weights] == [3.0, -1.0]
    assert neuron.bias.grad == 1.0
    assert [value.grad for value in x] == [0.5, -2.0]


def test_a_fused_neuron_computes_the_same_in_fewer_steps():
    plain, fused = Neuron(3, "tanh"), Neuron(3, "tanh", fused=True)
    fused.load_state_dict(plain.state_dict())
    steps, gradients = [], []
    for neuron in (plain, fused):
        x = [Value(0.5), 2.0, Value(-1.0)]
        y = neuron(x)
        y.backward()
        gradients.append((y.data, x[0].grad, x[2].grad, [p.grad for p in neuron.parameters()]))
        ops, waiting = [], [y]
        while waiting:
            node = waiting.pop()
            ops.append(node.op)
            waiting += [z for z in node.inputs if isinstance(z, Value) and z.inputs]
        steps.append(ops)
    assert gradients[0] == gradients[1]
    assert len(steps[0]) == 7 and steps[1] == ["tanh", "add", "vecdot"]


def test_a_neurons_parameters_are_single_numbers():
    neuron = Neuron(3)
    assert [p.shape for p in neuron.parameters()] == [()] * 4
    assert all(type(p.data) is float for p in neuron.parameters())


@pytest.mark.parametrize("inputs", [[], [1.0], [1.0, 2.0, 3.0], Value([1.0, 2.0, 3.0])])
def test_a_neuron_refuses_the_wrong_number_of_inputs(inputs):
    with pytest.raises(ValueError, match=f"{len(inputs)} inputs for 2 weights"):
        Neuron(2)(inputs)


# -- Layer ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["Array", "float32", "float64"])
def test_a_layer_computes_a_row_for_each_example(kind):
    numpy = pytest.importorskip("numpy")
    layer, x = layer_on(kind, "tanh")
    weight, bias = (numpy.array(p.data.tolist()) for p in layer.parameters())
    expected = numpy.tanh(numpy.array(X) @ weight + bias)
    assert layer(x).shape == (4, 2)
    assert numpy.allclose(layer(x).data.tolist(), expected, rtol=1e-5 if kind == "float32"
                          else 1e-13, atol=0)


@pytest.mark.parametrize("kind", ["Array", "float64"])
@pytest.mark.parametrize("activation", [None, "relu", "tanh", "sigmoid"])
def test_a_layer_and_its_neurons_give_the_same_numbers_and_gradients(activation, kind):
    layer, x = layer_on(kind, activation)
    neurons = layer.neurons()
    pulls = [[1.0, -2.0], [0.5, 3.0], [-1.5, 0.25], [2.0, 1.0]]  # a different one for each output

    together = layer(x)
    one_by_one = [[neuron(row) for neuron in neurons] for row in X]
    for row, values in zip(together.data.tolist(), one_by_one):
        assert row == pytest.approx([value.item() for value in values], rel=1e-13)

    together.backward(like(x, pulls))
    for values, factors in zip(one_by_one, pulls):
        for value, factor in zip(values, factors):
            value.backward(factor)
    columns = layer.weight.grad.T.tolist()
    for neuron, column, bias in zip(neurons, columns, layer.bias.grad.tolist()):
        assert [weight.grad for weight in neuron.weights] == pytest.approx(column, rel=1e-12)
        assert neuron.bias.grad == pytest.approx(bias, rel=1e-12)


def test_the_neurons_of_a_layer_have_numbers_of_their_own():
    layer = Layer(2, 2, rng=Random(0))
    before = layer.weight.data.tolist()
    layer.neurons()[0].weights[0].data = 99.0
    assert layer.weight.data.tolist() == before


def test_a_layer_takes_one_example_or_a_batch_of_batches():
    layer = Layer(3, 2, "relu", rng=Random(0))
    rows = layer(Value(X)).data.tolist()
    assert [layer(Value(x)).data.tolist() for x in X] == rows
    assert layer(Value([X[:2], X[2:]])).data.tolist() == [rows[:2], rows[2:]]


@pytest.mark.parametrize("make", [
    partial(Layer, 3, 2), partial(MLP, 3, [4, 2]), partial(neurons.MLP, 3, [4, 2]),
    partial(neurons.MLP, 3, [4, 2], fused=True)])
def test_lists_of_values_are_inputs_and_receive_gradients(make):
    network = make(activation="tanh", rng=Random(0))
    x = list(map(Value, X[0]))
    y = network(x)
    from_numbers = network(X[0])
    assert [float(y_i) for y_i in y] == [float(y_i) for y_i in from_numbers]
    y[0].backward()
    by_differences = [
        (float(network(X[0][:i] + [X[0][i] + h] + X[0][i + 1:])[0]) - float(y[0])) / h
        for h in [1e-6] for i in range(3)]
    assert [x_i.grad for x_i in x] == pytest.approx(by_differences, abs=1e-4)
    assert all(x_i.grad for x_i in x)


def test_a_batch_may_be_lists_of_values_and_numbers():
    layer = Layer(3, 2, rng=Random(0))
    rows = [[Value(X[0][0]), *X[0][1:]], X[1]]
    y = layer(rows)
    assert y.data.tolist() == layer(X[:2]).data.tolist()
    y.sum().backward()
    assert rows[0][0].grad == pytest.approx(sum(layer.weight.data.tolist()[0]))


def test_a_list_of_too_few_values_is_refused():
    with pytest.raises(ValueError, match=r"\(2,\) @ \(3, 2\)"):
        Layer(3, 2)([Value(1.0), Value(2.0)])


def test_a_network_by_neurons_computes_what_one_by_layers_does():
    by_layers, by_neurons = MLP(3, [4, 2], "tanh"), neurons.MLP(3, [4, 2], "tanh")
    for layer, same in zip(by_layers.layers, by_neurons.layers):
        layer.bias.data = Array(layer.bias.shape, [0.5, -0.25, 0.125, 1.0][:layer.bias.size])
        same.neurons = layer.neurons()
    for x in X:
        assert [y.data for y in by_neurons(x)] == pytest.approx(by_layers(x).data.tolist())
    assert repr(by_neurons).startswith("MLP: 26 parameters\n    layers.0: Layer(3 → 4, tanh): 16 ")


def test_a_network_that_ends_in_one_neuron_gives_its_value():
    for sizes in [1], [4, 1], [1, 1]:
        assert neurons.MLP(3, sizes)(X[0]).shape == ()
    assert len(neurons.MLP(3, [2])(X[0])) == 2


def test_a_layer_refuses_inputs_of_another_width():
    with pytest.raises(ValueError, match=r"\(4, 2\) @ \(3, 2\)"):
        Layer(3, 2)(Value([[1.0, 2.0]] * 4))


def test_no_gradient_is_computed_for_plain_inputs():
    layer, x = Layer(3, 2, rng=Random(0)), Value(X)
    layer(x.data).sum().backward()
    assert x.grad.tolist() == [[0.0] * 3] * 4
    layer(x).sum().backward()
    assert x.grad.tolist() != [[0.0] * 3] * 4


# -- activations ---------------------------------------------------------------------------------

KNOWN = {"relu": lambda z: max(z, 0.0), "tanh": math.tanh,
         "sigmoid": lambda z: 1 / (1 + math.exp(-z)), None: lambda z: z}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("z", [-1.5, 2.5])
def test_an_activation_by_name(name, z):
    neuron = Neuron(1, name)
    neuron.weights[0].data = 1.0
    assert neuron([z]).item() == pytest.approx(KNOWN[name](z), rel=1e-14)


def test_an_activation_may_be_any_function():
    def square(x):
        return x * x

    neuron = Neuron(1, square)
    neuron.weights[0].data = 3.0
    assert neuron([2.0]).item() == 36.0
    assert repr(Layer(3, 2, square)).startswith("Layer(3 → 2, square)")


@pytest.mark.parametrize("kind", [Neuron, lambda n_in, activation: Layer(n_in, 2, activation),
                                  lambda n_in, activation: MLP(n_in, [2, 2], activation)])
@pytest.mark.parametrize("activation", ["rleu", "", 3])
def test_an_unknown_activation_is_refused_and_the_known_are_named(kind, activation):
    with pytest.raises(ValueError, match="relu, tanh, sigmoid"):
        kind(2, activation)


# -- sizes ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [0, -1, 2.0, True, "3", None])
def test_a_size_must_be_a_whole_number_from_1_up(size):
    for make in (lambda: Neuron(size), lambda: Layer(size, 1), lambda: Layer(1, size),
                 lambda: MLP(size, [2]), lambda: MLP(2, [2, size]),
                 lambda: neurons.Layer(size, 1), lambda: neurons.MLP(2, [2, size])):
        with pytest.raises(ValueError, match="whole number from 1 up"):
            make()


# -- Sequential and MLP --------------------------------------------------------------------------

def test_sequential_feeds_each_what_the_one_before_gives():
    network = Sequential(Layer(3, 2, rng=Random(0)), autograd.tanh, lambda x: 10 * x)
    weight = network.layers[0].weight.data.tolist()
    first = sum(x * row[0] for x, row in zip(X[0], weight))
    assert network(Value(X)).data[0, 0] == pytest.approx(10 * math.tanh(first), rel=1e-13)
    assert Sequential()(5.0) == 5.0


def test_the_layers_of_a_sequential_are_reached_by_place():
    network = MLP(3, [4, 5, 2], rng=Random(0))
    assert len(network) == 3
    assert list(network) == network.layers
    assert network[-1] is network.layers[2]
    assert network[1:](network[0](Value(X))).data.tolist() == network(Value(X)).data.tolist()
    with pytest.raises(IndexError):
        network[3]


def test_an_mlp_has_layers_of_the_given_sizes_and_a_last_one_without_activation():
    network = MLP(5, [4, 3, 2], "tanh")
    assert [layer.weight.shape for layer in network.layers] == [(5, 4), (4, 3), (3, 2)]
    assert [layer.bias.shape for layer in network.layers] == [(4,), (3,), (2,)]
    ops = [layer(Value([1.0] * n)).op for layer, n in zip(network.layers, (5, 4, 3))]
    assert ops[0] == ops[1] == "tanh" and ops[2] != "tanh"


def test_an_mlp_of_one_size_is_linear():
    network = MLP(2, [1])
    weight = network.layers[0].weight.data.tolist()
    assert network(Value([3.0, -4.0])).data.tolist() == \
        pytest.approx([3 * weight[0][0] - 4 * weight[1][0]])


def test_an_mlp_equals_a_sequential_of_its_layers():
    network = MLP(3, [4, 2], rng=Random(0))
    assert Sequential(*network.layers)(Value(X)).data.tolist() == network(Value(X)).data.tolist()


@pytest.mark.parametrize("mlp", [MLP, neurons.MLP])
def test_an_mlp_without_sizes_is_refused(mlp):
    with pytest.raises(ValueError, match=r"sizes=\[\]"):
        mlp(3, [])


# -- chance --------------------------------------------------------------------------------------

def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    def start(mlp, seed):
        parameters = mlp(3, [4, 2], rng=Random(seed)).parameters()
        return [p.reshape(-1).data.tolist() for p in parameters]

    for mlp in MLP, neurons.MLP:
        assert start(mlp, 0) == start(mlp, 0) != start(mlp, 1)


@pytest.mark.parametrize("make", [lambda rng: Neuron(2, rng=rng), lambda rng: MLP(2, [1], rng=rng),
                                  lambda rng: Layer(2, 2, rng=rng)])
def test_a_seed_in_place_of_an_rng_is_refused(make):
    with pytest.raises(TypeError, match="rng=0 must be a random.Random"):
        make(0)


def test_without_an_rng_networks_differ_and_the_global_one_is_not_touched():
    random.seed(0)
    before = random.getstate()
    assert Layer(3, 2).weight.data.tolist() != Layer(3, 2).weight.data.tolist()
    assert Neuron(3).weights[0].data != Neuron(3).weights[0].data
    assert random.getstate() == before
