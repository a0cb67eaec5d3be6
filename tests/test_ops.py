"""Every operation: forward against NumPy, first and second derivative against differences.

A row a operation: how it is called, what NumPy says it is, and where. Each runs on floats where
the inputs are single numbers, on Array, and on NumPy in both precisions.
"""
import copy
import math
import pickle

import numpy as np
import pytest

import autograd as ag
from autograd import Array, Value, check_gradients, compositions, grad, graph, ops
from autograd.array import asarray

# Inputs away from kinks and ties; those have tests of their own below.
X = [[0.5, -1.25, 2.0], [-0.75, 1.5, 0.25]]
Y = [[1.5, 0.5, -2.0], [2.0, -0.5, 1.25]]
POSITIVE = [[0.5, 1.25, 2.0], [0.75, 1.5, 0.25]]
UNIT = [[0.5, -0.25, 0.9], [-0.75, 0.1, 0.25]]
ROW, COLUMN, NUMBER = [0.3, -0.7, 1.1], [[0.4], [-1.6]], 0.75
CUBE = [[[0.1, -0.2], [0.3, 0.4]], [[-0.5, 0.6], [0.7, -0.8]], [[0.9, 1.0], [-1.1, 1.2]]]
MIDDLE = [[[0.3, -0.7]], [[1.1, 0.4]], [[-1.6, 0.9]]]
MASK = [[True, False, True], [False, False, True]]


def row(name, f, reference, *inputs, id=None):
    return pytest.param(name, f, reference, inputs, id=id or name)


def np_erf(x):
    return np.vectorize(math.erf)(x)


def np_sigmoid(x):
    return 1 / (1 + np.exp(-x))


def np_lse(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def elementwise(name, reference, x=X):
    """Rows for an operation of one operand: on a matrix and on a single number."""
    f = getattr(ag, name)
    return [row(name, f, reference, x), row(name, f, reference, x[0][0], id=f"{name} of a number")]


def along_axes(name, reference, x=X):
    """Rows for a reduction: over all, one, a negative and several axes, with the axes kept."""
    f = getattr(ag, name)
    settings = [dict(), dict(axis=0), dict(axis=-1), dict(axis=(0, 1)), dict(axis=1, keepdims=True),
                dict(keepdims=True)]
    return [row(name, lambda x, s=s: f(x, **s), lambda x, s=s: reference(x, **s), x,
                id=f"{name} {s}") for s in settings] \
        + [row(name, f, reference, NUMBER, id=f"{name} of a number"),
           row(name, lambda x: f(x, axis=(0, -1)), lambda x: reference(x, axis=(0, -1)), CUBE,
               id=f"{name} of a cube")]


ROWS = [
    *(row(name, lambda x, y, f=f: f(x, y), f, x, y, id=f"{name} {kind}")
      for name, f in [("add", lambda x, y: x + y), ("subtract", lambda x, y: x - y),
                      ("multiply", lambda x, y: x * y), ("divide", lambda x, y: x / y)]
      for kind, x, y in [("same", X, Y), ("row", X, ROW), ("column", COLUMN, Y),
                         ("number", X, NUMBER), ("number first", NUMBER, Y),
                         ("numbers", NUMBER, 1.5), ("both stretched", COLUMN, ROW),
                         ("middle axis", MIDDLE, CUBE)]),
    row("pow", lambda x, y: x ** y, lambda x, y: x ** y, POSITIVE, Y),
    row("pow", lambda x, y: x ** y, lambda x, y: x ** y, 1.7, 2.3, id="pow of numbers"),
    row("pow", lambda x: x ** 3, lambda x: x ** 3, X, id="pow constant exponent"),
    row("pow", lambda x: x ** -2, lambda x: x ** -2.0, X, id="pow negative exponent"),
    row("pow", lambda x: 2 ** x, lambda x: 2.0 ** x, X, id="pow constant base"),
    row("positive", ops.positive, lambda x: x, X),
    row("negative", lambda x: -x, lambda x: -x, X),
    *elementwise("abs", np.abs),
    *elementwise("exp", np.exp),
    *elementwise("expm1", np.expm1),
    *elementwise("log", np.log, POSITIVE),
    *elementwise("log1p", np.log1p, POSITIVE),
    *elementwise("log2", np.log2, POSITIVE),
    *elementwise("sqrt", np.sqrt, POSITIVE),
    *elementwise("square", np.square),
    *elementwise("sin", np.sin),
    *elementwise("cos", np.cos),
    *elementwise("tan", np.tan, UNIT),
    *elementwise("asin", np.arcsin, UNIT),
    *elementwise("acos", np.arccos, UNIT),
    *elementwise("atan", np.arctan),
    *elementwise("sinh", np.sinh),
    *elementwise("cosh", np.cosh),
    *elementwise("tanh", np.tanh),
    *elementwise("erf", np_erf),
    *elementwise("sigmoid", np_sigmoid),
    *elementwise("softplus", lambda x: np.log(1 + np.exp(x))),
    *elementwise("relu", lambda x: np.maximum(x, 0)),
    *elementwise("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x)),
    *elementwise("elu", lambda x: np.where(x > 0, x, np.expm1(x))),
    *elementwise("gelu", lambda x: x * 0.5 * (1 + np_erf(x / np.sqrt(2)))),
    *elementwise("silu", lambda x: x * np_sigmoid(x)),
    row("maximum", ag.maximum, np.maximum, X, Y),
    row("maximum", ag.maximum, np.maximum, X, 0.3, id="maximum with a number"),
    row("minimum", ag.minimum, np.minimum, X, Y),
    row("minimum", ag.minimum, np.minimum, NUMBER, 0.25, id="minimum of numbers"),
    row("clip", lambda x: ag.clip(x, -1.0, 1.1), lambda x: np.clip(x, -1.0, 1.1), X),
    row("where", lambda x, y: ag.where(MASK, x, y), lambda x, y: np.where(MASK, x, y), X, Y),
    row("where", lambda x, y: ag.where(MASK, x, y), lambda x, y: np.where(MASK, x, y), X, NUMBER,
        id="where with a number"),
    *along_axes("sum", np.sum),
    *along_axes("mean", np.mean),
    *along_axes("prod", np.prod),
    *along_axes("var", np.var)[:-2],
    row("var", lambda x: ag.var(x, axis=0, correction=1), lambda x: np.var(x, axis=0, ddof=1), X,
        id="var with correction"),
    *along_axes("std", np.std)[:-2],
    *along_axes("max", np.max),
    *along_axes("min", np.min),
    *along_axes("logsumexp", np_lse),
    *along_axes("norm", lambda x, axis=None, keepdims=False:
                np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))),
    row("cumulative_sum", lambda x: ag.cumulative_sum(x, axis=0), lambda x: np.cumsum(x, 0), X),
    row("cumulative_sum", lambda x: ag.cumulative_sum(x, axis=-2), lambda x: np.cumsum(x, -2),
        CUBE, id="cumulative_sum of a cube"),
    row("softmax", ag.softmax, lambda x: np.exp(x - np_lse(x, -1, True)), X),
    row("log_softmax", lambda x: ag.log_softmax(x, axis=0), lambda x: x - np_lse(x, 0, True), X),
    row("log_softmax", ag.log_softmax, lambda x: x - np_lse(x, -1, True), X,
        id="log_softmax of the last axis"),
    row("cross_entropy", lambda x: ops.cross_entropy(x, labels=[2, 0]),
        lambda x: (np_lse(x, -1) - x[[0, 1], [2, 0]]).mean(), X),
    row("reshape", lambda x: ag.reshape(x, shape=(3, -1)), lambda x: x.reshape(3, -1), X),
    row("reshape", lambda x: x.reshape(1, 1), lambda x: np.reshape(x, (1, 1)), NUMBER,
        id="reshape a number"),
    row("flatten", ag.flatten, lambda x: x.reshape(-1), X),
    row("permute_dims", lambda x: ag.permute_dims(x, axes=(2, 0, 1)),
        lambda x: x.transpose(2, 0, 1), CUBE),
    row("permute_dims", lambda x: ag.permute_dims(x, axes=(-1, 0, -2)),
        lambda x: x.transpose(-1, 0, -2), CUBE, id="permute_dims negative"),
    row("transpose", ag.transpose, np.transpose, CUBE),
    row("swapaxes", lambda x: ag.swapaxes(x, 0, -1), lambda x: x.swapaxes(0, -1), CUBE),
    row("squeeze", ag.squeeze, np.squeeze, COLUMN),
    row("expand_dims", lambda x: ag.expand_dims(x, axis=-2), lambda x: x[:, None, :], X),
    row("broadcast_to", lambda x: ag.broadcast_to(x, shape=(4, 2, 3)),
        lambda x: np.broadcast_to(x, (4, 2, 3)), COLUMN),
    row("flip", lambda x: ag.flip(x, axis=-1), lambda x: np.flip(x, -1), X),
    row("flip", ag.flip, np.flip, CUBE, id="flip all"),
    row("roll", lambda x: ag.roll(x, 2, axis=1), lambda x: np.roll(x, 2, 1), X),
    row("repeat", lambda x: ag.repeat(x, 3, axis=0), lambda x: np.repeat(x, 3, 0), X),
    row("tile", lambda x: ag.tile(x, (2, 1, 3)), lambda x: np.tile(x, (2, 1, 3)), X),
    row("concat", lambda x, y: ag.concat([x, y, x], axis=-1),
        lambda x, y: np.concatenate([x, y, x], -1), X, COLUMN),
    row("concat", lambda x, y: ag.concat(z for z in (y, x)), lambda x, y: np.concatenate([y, x]),
        X, Y, id="concat of a generator"),
    row("stack", lambda x, y: ag.stack([x, y], axis=1), lambda x, y: np.stack([x, y], 1), X, Y),
    row("stack", lambda x, y: ag.stack([x, y]), lambda x, y: np.stack([x, y]), NUMBER, 2.0,
        id="stack numbers"),
    row("stack", lambda x, y: ag.stack([[x, y], (y, x * y)], axis=1),
        lambda x, y: np.stack([[x, y], (y, x * y)], 1), NUMBER, 2.0, id="stack lists of numbers"),
    row("stack", lambda x, y: ag.stack([[[x], [y]]] * 2),
        lambda x, y: np.stack([[[x], [y]]] * 2), X, Y, id="stack lists of lists"),
    row("split", lambda x: ag.split(x, [1], axis=1)[1], lambda x: np.split(x, [1], 1)[1], X),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, X, [[1., 2.], [3., -4.], [5., 6.]]),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, X, ROW, id="matmul matrix vector"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, [0.5, 2.0], X, id="matmul vector matrix"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, ROW, ROW, id="matmul vectors"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, CUBE, [[1., 2.], [3., 4.]],
        id="matmul batch with a matrix"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, [CUBE], CUBE, id="matmul batches"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, [1., 2.], CUBE,
        id="matmul vector batch"),
    row("matmul", lambda x, y: x @ y, lambda x, y: x @ y, CUBE, [1., 2.],
        id="matmul batch vector"),
    row("linear", ag.linear, lambda x, w, b: x @ w + b, X, [[1., 2.], [3., -4.], [5., 6.]],
        [1., 2.]),
    row("linear", ag.linear, lambda x, w, b: x @ w + b, ROW, [[1., 2.], [3., -4.], [5., 6.]], 0.5,
        id="linear of a vector"),
    row("total", lambda *xs: ag.sum(list(xs)), lambda *xs: sum(xs), NUMBER, 1.5, X,
        id="sum of a list of Values"),
    row("vecdot", ag.vecdot, lambda x, y: (x * y).sum(-1), X, Y),
    row("vecdot", ag.vecdot, lambda x, y: (x * y).sum(-1), CUBE, [2.0, 3.0], id="vecdot of a cube"),
    row("vecdot", lambda *xs: ag.vecdot(xs[:2], xs[2:]), lambda a, b, x, y: a * x + b * y,
        NUMBER, 1.5, -2.0, X, id="vecdot of lists of Values"),
    row("vecdot", lambda x, y: ag.vecdot([x[0], x[1]], y), lambda x, y: x @ y, [NUMBER, 1.5],
        [-2.0, 0.25], id="vecdot of a list and a vector"),
    row("outer", ag.outer, np.outer, ROW, [1.0, 2.0]),
    row("trace", ag.trace, np.trace, [[1., 2.], [3., 4.]]),
    row("tril", lambda x: ag.tril(x, k=1), lambda x: np.tril(x, 1), X),
    row("triu", ag.triu, np.triu, X),
    row("tensordot", lambda x, y: ag.tensordot(x, y, axes=1), lambda x, y: np.tensordot(x, y, 1),
        CUBE, [[1., 2.], [3., 4.]]),
    row("tensordot", ag.tensordot, np.tensordot, X, Y, id="tensordot of all axes"),
    row("tensordot", lambda x, y: ag.tensordot(x, y, axes=0), lambda x, y: np.tensordot(x, y, 0),
        ROW, [1.0, 2.0], id="tensordot of no axes"),
    row("tensordot", lambda x, y: ag.tensordot(x, y, axes=([1], [0])),
        lambda x, y: np.tensordot(x, y, ([1], [0])), CUBE, [[1., 2.], [3., 4.]],
        id="tensordot of named axes"),
    *(row("einsum", lambda *xs, s=s: ag.einsum(s, *xs), lambda *xs, s=s: np.einsum(s, *xs), *xs,
          id=f"einsum {s}")
      for s, *xs in [("ij,jk->ik", X, [[1., 2.], [3., -4.], [5., 6.]]), ("ij->ji", X),
                     ("ij->", X), ("ii->i", [[1., 2.], [3., 4.]]), ("ii", [[1., 2.], [3., 4.]]),
                     ("ij,ij->i", X, Y), ("ij,ij", X, Y), ("i,j->ij", ROW, ROW),
                     ("bij,bjk->bik", CUBE, CUBE), ("bij,kj->kbi", CUBE, [[1., 2.]]),
                     ("bii,j->j", CUBE, ROW), ("abc->cb", CUBE)]),
    *(row("getitem", lambda x, i=i: x[i], lambda x, i=i: x[i], CUBE, id=f"getitem {i}")
      for i in [0, -1, (1, 0), (2, 1, 1), slice(None, None, -1), (slice(0, 2), slice(1, 2)),
                (..., 1), (0, ..., 1), (None, 1), [2, 0, 2], ([0, 1, 1], [0, 0, 1]),
                (slice(None), [1, 0]), ([0, 2], slice(None), [1, 0]), (1, [0, 0, 1])]),
    row("getitem", lambda x: x[np.array(MASK) if isinstance(x.data, np.ndarray) else MASK],
        lambda x: x[np.array(MASK)], X, id="getitem mask"),
    row("scatter_add", lambda x: ops.scatter_add(x, x.detach(), index=[0, 2, 0]),
        lambda x: np.array([x[0] + x[2], 0, x[1]]), ROW),
    row("take", lambda x: ag.take(x, [2, 0, 2], axis=1), lambda x: np.take(x, [2, 0, 2], 1), X),
    row("take_along_axis",
        lambda x: ag.take_along_axis(x, ag.argmax(x, axis=1, keepdims=True), axis=1),
        lambda x: x.max(axis=1, keepdims=True), X),
]


def kinds_of(inputs):
    yield "Array or float", tuple(map(asarray, inputs)), 1e-12
    yield "NumPy float64", tuple(np.array(x, "float64") for x in inputs), 1e-12
    yield "NumPy float32", tuple(np.array(x, "float32") for x in inputs), 2e-5


def as_numpy(x):
    data = x.data if isinstance(x, Value) else x
    return np.array(data.tolist() if isinstance(data, Array) else data)


@pytest.mark.parametrize("name, f, reference, inputs", ROWS)
def test_forward_agrees_with_numpy(name, f, reference, inputs):
    expected = reference(*(np.array(x) for x in inputs))
    for kind, operands, tolerance in kinds_of(inputs):
        result = f(*map(Value, operands))
        assert result.shape == np.shape(expected), kind
        np.testing.assert_allclose(as_numpy(result), expected, tolerance, tolerance, err_msg=kind)
        if kind == "NumPy float32":
            assert result.data.dtype == np.float32


@pytest.mark.parametrize("name, f, reference, inputs", ROWS)
def test_derivatives_agree_with_differences(name, f, reference, inputs):
    for _, operands, _ in kinds_of(inputs):
        check_gradients(f, *operands)


@pytest.mark.parametrize("name, f, reference, inputs", ROWS)
def test_gradients_have_the_kind_of_the_data(name, f, reference, inputs):
    for kind, operands, _ in kinds_of(inputs):
        leaves = [Value(x) for x in operands]
        ag.sum(f(*leaves)).backward()
        for leaf in leaves:
            assert isinstance(leaf.grad, type(leaf.data)), kind
            assert getattr(leaf.grad, "dtype", None) == getattr(leaf.data, "dtype", None), kind


def test_every_primitive_has_a_row():
    without_derivative = {"sign", "equal", "greater", "compare", "argmax", "argmin", "share",
                          "one_hot", "step"}
    tested = {p.values[0] for p in ROWS}
    for module in (ops, compositions):
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", None) == module.__name__ and \
                    getattr(ag, name, None) is thing and name not in without_derivative:
                assert name in tested, f"{name} has no row in this table"
    for name, thing in vars(ops).items():
        if callable(thing) and getattr(getattr(thing, "primitive", None), "differentiable", False):
            assert name in tested, f"{name} has no row in this table"


@pytest.mark.parametrize("function, expected", [
    (ag.abs, 0.0), (ag.relu, 0.0), (ag.leaky_relu, 0.01), (ag.elu, 1.0),
    (lambda x: ag.maximum(x, 0.0), 0.5), (lambda x: ag.minimum(0.0, x), 0.5), (ag.norm, 0.0),
    (lambda x: ag.maximum(0.0, x), 0.5), (lambda x: ag.minimum(x, 0.0), 0.5),
    (lambda x: ag.max(ag.stack([x, x * 3, 2 * x])), 2.0), (lambda x: x ** 0, 0.0),
    (lambda x: x ** 1, 1.0), (lambda x: x ** 2, 0.0), (ag.sqrt, math.inf)])
def test_kinks_and_ties_at_zero(function, expected):
    assert grad(function)(0.0) == expected


@pytest.mark.filterwarnings("ignore:::")  # NumPy's, of inf - inf
@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (2, 40), (5, 2000), (2000, 2), (0, 3),
                                   (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, bool])
def test_reductions_over_numpy_are_those_of_numpy(shape, dtype):
    plain = np.random.default_rng(0).normal(size=shape) * 100
    special = plain.copy()
    special.flat[::3] = np.inf
    special.flat[::7] = -np.inf
    special.flat[::11] = np.nan
    for data in (plain, special, np.moveaxis(plain, 0, -1)):
        data = data.astype(dtype)
        for name in ("sum", "max", "min") if data.size else ["sum"]:
            for axis in (None, 0, 1, -1, (0, 1)):
                for keepdims in (False, True):
                    expected = getattr(np, name)(data, axis=axis, keepdims=keepdims)
                    out = getattr(ops, name)(data, axis=axis, keepdims=keepdims)
                    assert out.dtype == expected.dtype and out.shape == expected.shape
                    precision = 1e-6 if dtype is np.float32 else 1e-14
                    scale = 1 + np.abs(data[np.isfinite(data)]).sum()
                    assert np.allclose(out, expected, rtol=0, atol=precision * scale,
                                       equal_nan=True)


@pytest.mark.parametrize("name, tied", [("max", [1.0, 3.0, 3.0]), ("min", [1.0, 1.0, 3.0])])
def test_tied_extremes_share_the_gradient(name, tied):
    for data in (tied, np.array(tied)):
        x = Value(data)
        getattr(x, name)().backward()
        assert sorted(as_numpy(x.grad).tolist()) == [0.0, 0.5, 0.5]


def test_argmax_takes_the_first_and_is_plain():
    for data in (asarray([[1, 5, 5], [7, 2, 7]]), np.array([[1., 5, 5], [7, 2, 7]])):
        assert Value(data).argmax(axis=1).tolist() == [1, 0]
        assert Value(data).argmin(axis=0).tolist() == [0, 1, 0]
        assert Value(data).argmax() == 3
        for f, place in (ag.argmax, [[1], [0]]), (ag.argmin, [[0], [1]]):
            assert f(Value(data), axis=1, keepdims=True).tolist() == place
            assert f(Value(data), axis=1).tolist() == sum(place, [])


IEEE = [
    (ag.log, 0.0, -math.inf), (ag.log, -1.0, math.nan), (ag.log1p, -1.0, -math.inf),
    (ag.exp, 1000.0, math.inf), (ag.exp, -1000.0, 0.0), (ag.sqrt, -1.0, math.nan),
    (lambda x: 1 / x, 0.0, math.inf), (lambda x: x / 0, -1.0, -math.inf),
    (lambda x: x / 0, 0.0, math.nan), (lambda x: x ** -1, 0.0, math.inf),
    (lambda x: x ** (1 / 3), -8.0, math.nan), (lambda x: x ** 2, 1e300, math.inf),
    (lambda x: x ** 3, -1e300, -math.inf), (lambda x: 0.0 ** x, -2.0, math.inf),
    (lambda x: x ** -3, -0.0, -math.inf), (lambda x: x ** -2, -0.0, math.inf),
    (ag.sin, math.inf, math.nan), (ag.asin, 2.0, math.nan), (ag.cosh, 1000.0, math.inf),
    (ag.sinh, -1000.0, -math.inf), (ag.expm1, 1000.0, math.inf), (ag.tan, math.inf, math.nan),
    (ag.relu, math.nan, math.nan), (ag.relu, -math.inf, 0.0), (ag.abs, -math.inf, math.inf),
    (lambda x: ag.maximum(x, 1.0), math.nan, math.nan),
    (lambda x: ag.maximum(1.0, x), math.nan, math.nan),
    (lambda x: ag.minimum(1.0, x), math.nan, math.nan),
]


@pytest.mark.filterwarnings("ignore:::")
@pytest.mark.parametrize("f, x, expected", IEEE)
def test_ieee_answers_on_every_kind(f, x, expected):
    for data in (x, [x, x], np.array([x, x]), np.float64(x)):
        result = as_numpy(f(Value(data)))
        np.testing.assert_array_equal(result, np.full_like(result, expected))


def test_nan_is_not_hidden_by_relus_gradient():
    for data in (math.nan, [math.nan], np.array([math.nan])):
        x = Value(data)
        x.relu().sum().backward()
        assert np.isnan(as_numpy(x.grad)).all()


@pytest.mark.parametrize("f", [
    ag.relu, ag.leaky_relu, ag.elu, lambda x: ag.maximum(x, 0.5), lambda x: ag.minimum(0.5, x),
    lambda x: ag.maximum(x, x * 0.5), lambda x: ag.clip(x, 0.25, 0.75),
    lambda x: ag.where(x.data, x, 0.5), lambda x: ag.where(x.data, x * 0.5, x),
    lambda x: ag.cumulative_sum(x, axis=0), lambda x: ag.concat([x, x * 0.5]),
    lambda x: ag.maximum(x, x[::-1]) * 1.0, lambda x: ag.minimum(x, x[::-1]) * 1.0],
    ids=lambda f: getattr(f, "__name__", "f").strip("<>"))
@pytest.mark.parametrize("kind", [asarray, np.array])
def test_a_mask_counts_as_the_numbers_1_and_0(f, kind):
    mask, numbers = Value(kind([False, True, True])), Value(kind([0.0, 1.0, 1.0]))
    for x in mask, numbers:
        f(x).sum().backward()
    assert repr(f(mask).data) == repr(f(numbers).data)
    assert repr(mask.grad) == repr(numbers.grad)


@pytest.mark.parametrize("kind", [asarray, np.array])
def test_a_mask_among_masks_stays_one(kind):
    mask = kind([False, True])
    for x in ag.where(mask, ~mask, mask), ag.concat([mask, mask]):
        assert x.dtype == bool and all(type(entry) is bool for entry in x.tolist())


@pytest.mark.parametrize("data", [[-1000.0, 0.0, 1000.0], np.array([-1000.0, 0.0, 1000.0])],
                         ids=["Array", "NumPy"])
def test_stable_at_a_thousand(data):
    x = Value(data)
    for f, value, slope in [
            (ag.sigmoid, [0, 0.5, 1], [0, 0.25, 0]),
            (ag.softplus, [0, math.log(2), 1000], [0, 0.5, 1]),
            (ag.softmax, [0, 0, 1], [0, 0, 0]),
            (ag.log_softmax, [-2000, -1000, 0], [1, 1, -2]),
            (ag.logsumexp, 1000, [0, 0, 1])]:
        result = f(x)
        np.testing.assert_allclose(as_numpy(result), value, atol=1e-12)
        x.grad = None
        result.sum().backward()
        np.testing.assert_allclose(as_numpy(x.grad), slope, atol=1e-12)


@pytest.mark.filterwarnings("ignore:::")  # NumPy's, of inf - inf in what is not taken
@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
def test_rows_far_apart_do_not_disturb_each_other(kind):
    x = Value(kind([[1000.0, 0.0], [-1000.0, -1000.0]]))
    half = math.log(2)
    for f, value in [
            (ag.softmax, [[1, 0], [0.5, 0.5]]),
            (ag.log_softmax, [[0, -1000], [-half, -half]]),
            (lambda x: ag.logsumexp(x, axis=1), [1000, -1000 + half]),
            (lambda x: ag.logsumexp(x.T, axis=0, keepdims=True), [[1000, -1000 + half]]),
            (lambda x: ops.cross_entropy(x, labels=[0, 1]), half / 2)]:
        np.testing.assert_allclose(as_numpy(f(x)), value, rtol=1e-15, atol=0)
    ops.cross_entropy(x, labels=[1, 1]).backward()
    assert x.grad.tolist() == [[0.5, -0.5], [0.25, -0.25]]


@pytest.mark.filterwarnings("ignore:::")
@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
def test_logsumexp_of_infinities(kind):
    rows = [[math.inf, 0.0], [-math.inf, -math.inf], [-math.inf, 0.0], [math.nan, 0.0]]
    expected = [math.inf, -math.inf, 0.0, math.nan]
    np.testing.assert_array_equal(as_numpy(ag.logsumexp(Value(kind(rows)), axis=1)), expected)
    x = Value(kind([-math.inf, 0.0]))
    ag.logsumexp(x).backward()
    assert x.grad.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("f", [ag.mean, ag.var, ag.std, ag.prod, ag.square, ag.gelu, ag.silu,
                               ag.flatten, ag.transpose, ag.trace, ag.tril])
def test_a_list_is_as_good_as_an_array_to_a_composition(f):
    rows = [[1.0, 3.0], [2.0, 5.0]]
    np.testing.assert_array_equal(as_numpy(f(rows)), as_numpy(f(asarray(rows))))


def test_a_list_of_plain_lists_is_an_array():
    assert ag.sum([[1.0, 2.0], [3.0, 4.0]]) == 10.0
    assert ag.sum([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist() == [4.0, 6.0]
    assert ag.vecdot([[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]).tolist() == [17.0, 53.0]


@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
@pytest.mark.parametrize("f", [ag.sum, ag.mean, ag.max, ag.min, ag.prod, ag.var, ag.std, ag.norm,
                               ag.logsumexp, ag.softmax])
def test_a_list_of_axes_is_as_good_as_a_tuple(f, kind):
    data, axes = kind([[1.0, 2.0], [3.0, 5.0]]), [0, 1]
    x, expected = Value(data), Value(data)
    y = f(x, axis=axes)
    axes.pop()  # and it is ours
    (y * y).sum().backward()
    (f(expected, axis=(0, 1)) ** 2).sum().backward()
    assert x.grad.tolist() == expected.grad.tolist()


def test_concat_of_one():
    for data in ([1.0, 2.0], np.array([1.0, 2.0])):
        x = Value(data)
        y = ag.concat([x])
        (y * y).sum().backward()
        assert y.data.tolist() == [1.0, 2.0] and x.grad.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("array", [asarray, np.array])
def test_lists_beside_an_array_are_stacked_with_it(array):
    x = Value(array([1.0, 2.0]))
    stacked = ag.stack([[3, 4.0], x, (5.0, 6.0)])
    assert type(stacked.data) is type(x.data)
    assert stacked.data.tolist() == [[3.0, 4.0], [1.0, 2.0], [5.0, 6.0]]


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_floats_beside_a_number_of_numpy_are_stacked_with_it(precision):
    x, y = Value(np.array([1.0, 3.0], precision)), Value(2.0)
    stacked = ag.stack([5, y, x.sum(), 6.0])
    assert stacked.data.dtype == precision and stacked.data.tolist() == [5.0, 2.0, 4.0, 6.0]
    stacked.backward([1.0, 2.0, 3.0, 4.0])
    assert x.grad.tolist() == [3.0, 3.0] and y.grad == 2.0


def test_a_field_with_a_constant_has_a_jacobian_on_every_kind():
    for kind in (asarray, np.array):
        found = ag.jacobian(lambda x: ag.stack([x[1], -x[0], 1.0]))(kind([1.0, 2.0]))
        assert found.tolist() == [[0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
@pytest.mark.parametrize("f", [
    ag.outer, lambda x, y: ag.einsum("i,j->ij", x, y), lambda x, y: ag.tensordot(x, y, axes=0)],
    ids=["outer", "einsum", "tensordot"])
def test_a_list_goes_along_with_any_array(f, kind):
    for x, y in (Value(kind([1.0, 2.0])), [3, 4]), ([1, 2], Value(kind([3.0, 4.0]))):
        assert f(x, y).data.tolist() == [[3.0, 4.0], [6.0, 8.0]]


@pytest.mark.parametrize("f", [ag.sum, ag.max, ag.min, ag.norm, ag.softmax])
def test_what_numpy_reduces_along_an_axis_of_a_single_number_has_its_derivative(f):
    """Numbers of our own refuse one."""
    of_number, of_vector = (ag.grad(lambda x: f(x * x, axis=0)),
                            ag.grad(lambda x: f(x.reshape(1) ** 2, axis=0)))
    for data in np.array(3.0), np.float32(3.0):
        assert float(of_number(data)) == float(of_vector(data))
        assert float(ag.grad(of_number)(data)) == float(ag.grad(of_vector)(data))


def test_many_terms_are_summed_as_precisely_as_by_numpy():
    x = np.random.default_rng(0).random((2, 100_000), np.float32)
    assert ag.sum(Value(x), axis=1).data.tolist() == x.sum(axis=1).tolist()


@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
def test_nothing_is_split_into_parts_of_nothing(kind):
    x = Value(kind([[], []]))
    assert [part.shape for part in x.split(3, axis=1)] == [(2, 0)] * 3


def test_sigmoid_is_precise_where_it_is_tiny():
    np.testing.assert_allclose(float(Value(-40.0).sigmoid()), 4.248354255291589e-18, rtol=1e-14)


def test_slopes_of_elu_are_precise_where_they_are_tiny():
    for f in (ag.grad(ag.elu), ag.grad(ag.grad(ag.elu))):
        np.testing.assert_allclose(f(-40.0), 4.248354255291589e-18, rtol=1e-14)
        assert (f(0.0), f(-1e4)) == (1.0, 0.0) and math.isfinite(f(1e4))


def test_pow_at_zero_towards_both():
    for x, y, dx, dy in [(0.0, 2.0, 0.0, 0.0), (0.0, 1.0, 1.0, 0.0), (0.0, 0.0, 0.0, 0.0),
                         (2.0, 0.0, 0.0, math.log(2)), (0.0, -1.0, -math.inf, -math.inf)]:
        a, b = Value(x), Value(y)
        (a ** b).backward()
        assert (a.grad, b.grad) == (dx, dy)


@pytest.mark.parametrize("kind", [float, asarray, np.array])
def test_the_slope_of_a_power_keeps_the_sign_of_zero(kind):
    """As 2x and -2 / x³ have it."""
    for y, slope in (2.0, -0.0), (-2.0, math.inf), (-1.0, -math.inf):
        x = Value(kind(-0.0 if kind is float else [-0.0]))
        with np.errstate(divide="ignore"):
            (x ** y).backward()
        given = float(x.grad.item() if x.shape else x.grad)
        assert (given, math.copysign(1.0, given)) == (slope, math.copysign(1.0, slope))


def test_prod_with_zeros_among_the_factors():
    for factors, slopes in [([0.0, 3.0, 4.0], [12.0, 0.0, 0.0]), ([0.0, 0.0, 4.0], [0.0] * 3)]:
        x = Value(factors)
        x.prod().backward()
        assert x.grad.tolist() == slopes


def test_repeated_index_adds_up():
    for data in ([1.0, 2.0], np.array([1.0, 2.0])):
        x = Value(data)
        x[[0, 0, 1, 0]].sum().backward()
        assert x.grad.tolist() == [3.0, 1.0]


@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
def test_axes_written_into_before_backward_do_not_bend_the_gradient(kind):
    x, axes = Value(kind([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])), [1, 2, 0]
    y = ag.permute_dims(x, axes=axes)
    axes.sort()
    (y * y).sum().backward()
    assert x.grad.tolist() == (x.data * 2.0).tolist()


@pytest.mark.parametrize("indexed, places", [
    (lambda x, index: x[index], [1, 0]),
    (lambda x, index: x[index, [0, 1]], [1, 1]),
    (lambda x, index: x[:, index], [[1, 0], [1, 1]]),
    (lambda x, index: x.take(index, axis=1), [1, 1]),
    (lambda x, index: x.take_along_axis(index, axis=0), [[1, 0]])],
    ids="list pairs nested take along".split())
@pytest.mark.parametrize("kind", [asarray, np.array])
@pytest.mark.parametrize("form", [copy.deepcopy, np.array])
def test_an_index_written_into_before_backward_does_not_bend_the_gradient(indexed, places, kind,
                                                                          form):
    expected, x = (Value(kind([[1.0, 2.0], [3.0, 4.0]])) for _ in range(2))
    weight = kind([1.0, 10.0])
    (indexed(expected, places) * weight).sum().backward()
    index = form(places)
    y = (indexed(x, index) * weight).sum()
    row = index if isinstance(places[0], int) else index[0]
    row[0] = 0
    y.backward()
    assert x.grad.tolist() == expected.grad.tolist()


def test_a_public_function_can_be_pickled():
    """As the activation of a network that is sent to another process is."""
    for name in ag.__all__:
        assert pickle.loads(pickle.dumps(getattr(ag, name))) is getattr(ag, name)


def test_a_primitive_of_ones_own():
    @ag.primitive(lambda g, out, x: g * 3 * x * x)
    def cube(x):
        return x * x * x

    for x in (2.0, asarray([1.0, -2.0]), np.array([1.0, -2.0])):
        check_gradients(cube, x)
    assert grad(grad(cube))(2.0) == 12.0 and cube(2.0) == 8.0
    assert graph.Node.op.fget(cube(Value(1.0))) == "cube"


# Of the mutants of ops.py (every operator, number, default, condition, branch and setting changed,
# or a statement left out, one at a time) these give the same numbers, so that no test can fail:
# - sigmoid, leaky_relu, elu: x <= 0 for x < 0, x >= 0 for x > 0. At 0 the branches are equal.
# - elu: minimum(x, 1) for minimum(x, 0), which spares NumPy an overflow in what is not taken.
# - spread: a reshape where axis is None; a number in the shape (1, 1) is stretched just the same.
# - unit: x / -1 for x / 1 where x is 0.
# - logsumexp: another finite number in the place of an infinite largest entry.
# - halves: all of them in the place of the xs; map and zip stop with the ys.
# - the rules of matmul: without the short way for two matrices, or with it for a vector or a batch
#   on the left, where it is right as well.
