"""JAX's arrays, where JAX is installed: they can't be written into, and are in single precision
unless told otherwise. Array, which has been held against differences, says what is right.
"""
from random import Random

import numpy as np
import pytest
from test_ops import ROWS

import autograd as ag
from autograd import Value, grad
from autograd.array import asarray
from nn import (
    MLP, SGD, Adam, accuracy, batches, binary_cross_entropy_with_logits, cross_entropy, huber,
    one_hot)

jax = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)


def in_double(x):
    return jnp.asarray(x, dtype=jnp.float64)


def derivatives(f, operands):
    """The gradients of the sum of f's squares, and the gradients of the sum of their squares."""
    def squares(ys):
        return sum(ag.sum(y * y) for y in ys)
    places = tuple(range(len(operands)))
    first = grad(lambda *xs: squares([f(*xs)]), places)
    second = grad(lambda *xs: squares(first(*xs)), places)
    return [*first(*operands), *second(*operands)]


@pytest.mark.parametrize("name, f, reference, inputs", ROWS)
def test_forward_and_both_derivatives(name, f, reference, inputs):
    operands = [in_double(x) for x in inputs]
    result, expected = f(*map(Value, operands)), reference(*map(np.array, inputs))
    assert isinstance(result.data, jax.Array) and result.shape == np.shape(expected)
    np.testing.assert_allclose(np.asarray(result.data), expected, 1e-12, 1e-12)
    for slope, right in zip(derivatives(f, operands), derivatives(f, list(map(asarray, inputs)))):
        slope, right = Value(slope).data, Value(right).reshape(-1).data.tolist()
        assert isinstance(slope, jax.Array) and slope.dtype == jnp.float64
        np.testing.assert_allclose(np.asarray(slope).reshape(-1), right, 1e-11, 1e-11)


# -- training ------------------------------------------------------------------------------------

IMAGES = [[0.5, -1.0, 0.25], [1.5, 0.5, -0.75], [-0.5, 2.0, 1.0], [0.0, 1.0, -1.0]]
LABELS = [0, 1, 2, 1]


def trained(convert, steps, make_step):
    """The losses and the parameters of a small network on data of one kind."""
    model = MLP(3, [4, 3], rng=Random(0))
    for p in model.parameters():
        p.data = convert(p.data.tolist())
    step, images, losses = make_step(model.parameters()), convert(IMAGES), []
    for _ in range(steps):
        model.zero_grad()
        loss = cross_entropy(model(images), LABELS)
        loss.backward()
        step()
        losses.append(loss.item())
    assert 0 <= accuracy(model(images), LABELS) <= 1
    return losses, model.parameters()


def by_hand(parameters):
    def step():
        for p in parameters:
            p.data = p.data - 0.1 * p.grad
    return step


@pytest.mark.parametrize("make_step", [
    by_hand, lambda parameters: SGD(parameters, 0.1, momentum=0.9, nesterov=True).step,
    lambda parameters: Adam(parameters, 0.1).step], ids=["by hand", "SGD", "Adam"])
def test_a_network_learns_as_it_does_on_Array(make_step):
    losses, parameters = trained(in_double, 5, make_step)
    expected, right = trained(asarray, 5, make_step)
    assert losses == pytest.approx(expected, rel=1e-12) and losses[-1] < losses[0]
    for p, q in zip(parameters, right):
        assert isinstance(p.data, jax.Array) and isinstance(p.grad, jax.Array)
        np.testing.assert_allclose(np.asarray(p.data), q.data.tolist(), 1e-10, 1e-12)


def test_single_precision_stays_single_precision():
    losses, parameters = trained(lambda x: jnp.asarray(x, dtype=jnp.float32), 2, by_hand)
    assert losses == pytest.approx(trained(asarray, 2, by_hand)[0], rel=1e-5)
    assert {str(p.data.dtype) for p in parameters} == {"float32"}


@pytest.mark.parametrize("loss", [
    lambda z: cross_entropy(z, LABELS, 0.1, [1.0, 2.0, 0.5]),
    lambda z: huber(z, [[0.5] * 3] * 4),
    lambda z: binary_cross_entropy_with_logits(z, [[1.0, 0.0, 0.5]] * 4)])
def test_losses_that_are_compositions(loss):
    on_jax, on_array = (derivatives(loss, [kind(IMAGES)])[0] for kind in (in_double, asarray))
    np.testing.assert_allclose(np.asarray(on_jax), on_array.tolist(), 1e-12, 1e-12)


def test_an_index_of_any_form():
    x = Value(in_double(IMAGES))
    for index in ([2, 0], [True, False, True, True], np.array([1, 1]), (..., [0, 0]), -1):
        x.grad = None
        y = x[index]
        y.sum().backward()
        assert y.data.tolist() == np.array(IMAGES)[index].tolist()
        expected = np.zeros((4, 3))
        np.add.at(expected, index, 1.0)
        assert x.grad.tolist() == expected.tolist()


INDICES = ([2, 0], [True, False, True, True], [[0, 1], [2, 2]], ([1, 1],), (..., [0, 0]), [3] * 9)


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_an_index_in_a_program(index):
    x = Value(in_double(IMAGES))
    step = ag.compile(lambda: (x[index] ** 2).sum())
    assert step() == (x[index] ** 2).sum().data
    assert x.grad.tolist() == grad(lambda x: (x[index] ** 2).sum())(x).data.tolist()


def test_places_as_an_argument_of_a_program():
    x = Value(in_double(IMAGES))
    step = ag.compile(lambda places: (x[places] ** 2).sum())
    for places in [0, 0], [3, 1]:
        assert step(places) == (x[places] ** 2).sum().data


def test_batches_and_one_hot():
    images = in_double(IMAGES)
    for kind in jnp.array, list:
        found = list(batches(images, kind(LABELS), 3))
        assert [some.tolist() for some, _ in found] == [IMAGES[:3], IMAGES[3:]]
        assert [list(map(int, labels)) for _, labels in found] == [LABELS[:3], LABELS[3:]]
    assert one_hot(jnp.array(LABELS), 3).tolist() == one_hot(LABELS, 3).tolist()
