"""compile: the program gives what the uncompiled function gives, in source fit to be read."""
import math
from random import Random

import pytest

import autograd as ag
from autograd import Array, Value, asarray, detect_anomaly, grad, hessian, no_grad
from autograd.compile import compile
from nn import MLP, SGD, Neuron, cross_entropy, hinge, squared_error

from test_ops import ROWS
from test_random_graphs import (
    array_leaves, constant_for_array, constant_for_numpy, draw_graph, np, run)


def entries(x):
    return np.array(x.tolist() if isinstance(x, Array) else x, float)


def assert_same(f, leaves, *args, tolerance=1e-12):
    """The compiled f gives the loss and the gradients that backward() gives; twice over."""
    loss = f(*args)
    loss.backward()
    expected = [leaf.grad for leaf in leaves]
    step = compile(f)
    for _ in range(2):
        for leaf in leaves:
            leaf.grad = None
        result = step(*args)
        np.testing.assert_allclose(entries(result), entries(loss.data), tolerance, tolerance)
        for leaf, g in zip(leaves, expected):
            assert type(leaf.grad) is type(g)
            assert getattr(leaf.grad, "dtype", None) == getattr(g, "dtype", None)
            np.testing.assert_allclose(entries(leaf.grad), entries(g), tolerance, tolerance,
                                       err_msg=step.source)
    return step


# -- the same numbers ----------------------------------------------------------------------------

@pytest.mark.parametrize("name, f, reference, inputs", ROWS)
def test_every_operation(name, f, reference, inputs):
    for x in (asarray, np.array, lambda x: np.array(x, "float32")):
        leaves = [Value(x(data)) for data in inputs]
        tolerance = 1e-5 if x is not asarray and leaves[0].data.__class__ is np.ndarray and \
            leaves[0].data.dtype == "float32" else 1e-12
        assert_same(lambda: ag.sum(ag.sin(f(*leaves)) * 0.5), leaves, tolerance=tolerance)


@pytest.mark.parametrize("block", range(5))
def test_five_hundred_random_graphs(block):
    for seed in range(block * 100, block * 100 + 100):
        graph = draw_graph(seed)
        for data, constant in ((array_leaves(graph), constant_for_array),
                               (graph.leaves, constant_for_numpy)):
            leaves = [Value(x) for x in data]
            assert_same(lambda: run(graph, leaves, 0, constant)[0], leaves)
