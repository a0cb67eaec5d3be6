"""Where weights start: the moments of each distribution, which one is chosen, and the bytes."""
import hashlib
import struct
from math import sqrt
from random import Random

import pytest

import autograd
from nn import MLP, Layer, Neuron, init

N_IN, N_OUT = 300, 200
COUNT = N_IN * N_OUT
VARIANCES = {"normal": 0.25, "xavier": 2 / (N_IN + N_OUT), "he": 2 / N_IN}
DRAWS = {"normal": lambda rng: init.normal(rng, N_IN, N_OUT, std=0.5),
         "xavier": lambda rng: init.xavier(rng, N_IN, N_OUT),
         "he": lambda rng: init.he(rng, N_IN, N_OUT)}


@pytest.fixture(params=DRAWS)
def drawn(request):
    """The name of a distribution, the variance it should have, and 60,000 numbers from it."""
    weights = DRAWS[request.param](Random(11))
    return request.param, VARIANCES[request.param], weights.flat


@pytest.mark.parametrize("start", [init.normal, init.xavier, init.he])
def test_a_weight_has_a_row_for_each_input_and_a_column_for_each_output(start):
    assert start(Random(0), 5, 3).shape == (5, 3)


# The bounds are five standard errors of the estimate: √(v / n) for a mean, √(2 v² / n) or less
# for a variance v.

def test_the_mean_is_zero(drawn):
    _, variance, numbers = drawn
    assert abs(sum(numbers) / COUNT) < 5 * sqrt(variance / COUNT)


def test_the_variance_is_that_of_the_paper(drawn):
    _, variance, numbers = drawn
    estimate = sum(w * w for w in numbers) / COUNT
    assert abs(estimate / variance - 1) < 5 * sqrt(2 / COUNT)


def test_normal_and_he_are_normal_and_xavier_is_uniform(drawn):
    name, variance, numbers = drawn
    within_one_sigma = sum(abs(w) < sqrt(variance) for w in numbers) / COUNT
    share = 1 / sqrt(3) if name == "xavier" else 0.682689
    assert within_one_sigma == pytest.approx(share, abs=5 * 0.5 / sqrt(COUNT))
    bound = sqrt(3 * variance)  # of a uniform distribution with this variance
    assert (max(map(abs, numbers)) <= bound) == (name == "xavier")


def test_normal_has_standard_deviation_1_unless_told():
    numbers = init.normal(Random(0), 100, 100).flat
    assert sum(w * w for w in numbers) / 10_000 == pytest.approx(1.0, abs=5 * sqrt(2 / 10_000))


def test_relu_starts_as_he_and_all_else_as_xavier():
    def weights(activation):
        return Layer(5, 4, activation, rng=Random(2)).weight.data.tolist()

    he, xavier = init.he(Random(2), 5, 4).tolist(), init.xavier(Random(2), 5, 4).tolist()
    assert weights("relu") == weights(autograd.relu) == he
    assert weights("tanh") == weights("sigmoid") == weights(None) == weights(abs) == xavier


def test_a_neuron_starts_as_a_layer_with_one_output():
    for activation in "relu", "tanh":
        neuron, layer = (Neuron(5, activation, rng=Random(2)),
                         Layer(5, 1, activation, rng=Random(2)))
        assert [w.data for w in neuron.weights] == layer.weight.data.flat


def test_biases_start_at_zero():
    network = MLP(3, [4, 2])
    assert [layer.bias.data.tolist() for layer in network.layers] == [[0.0] * 4, [0.0] * 2]
    assert Neuron(3).bias.data == 0.0


def test_an_init_of_ones_own_is_called_with_the_rng_and_the_sizes():
    rng, calls = Random(0), []

    def mine(*arguments):
        calls.append(arguments)
        return init.normal(*arguments, std=0.0)

    network = MLP(3, [4, 2], init=mine, rng=rng)
    assert calls == [(rng, 3, 4), (rng, 4, 2)]
    assert set(network.layers[0].weight.data.flat) == {0.0}


@pytest.mark.parametrize("start, digest", [
    (init.normal, "b2f28f6faf8bdb451d825b902cbf03751b079c814ee24fc4f933533127aa2696"),
    (init.xavier, "d389a47ddbe1f206e58d08a6109b94291c076092c8e879be8cb5f18f0f26f378"),
    (init.he, "1967698d74b8b3a8976ed66f8cf7611315c3a38af2dfcbf659820db8f643cb84")])
def test_the_same_seed_gives_the_same_bytes_on_every_python(start, digest):
    numbers = start(Random(42), 100, 10).flat
    assert hashlib.sha256(struct.pack("<1000d", *numbers)).hexdigest() == digest
