"""Value in everyday use: how it prints, compares, copies, iterates, accumulates and is freed."""
import asyncio
import copy
import gc
import math
import pickle
import sys
import threading
import weakref
from random import Random

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Array, Value, no_grad
from autograd.array import asarray
from autograd.graph import plain
from nn import MLP, Adam, batches, cross_entropy

KINDS = pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "numpy"])


def square(x):
    return x * x


# -- its methods ---------------------------------------------------------------------------------

SQUARE = [[0.5, -0.25, 0.75], [-0.5, 0.1, 0.2], [0.3, 0.6, -0.9]]
FURTHER = {  # what an operation needs besides its first operand
    "clip": dict(low=-0.5, high=0.5), "cumulative_sum": dict(axis=1), "expand_dims": dict(axis=0),
    "matmul": dict(y=SQUARE), "maximum": dict(y=0.3), "minimum": dict(y=0.3), "outer": dict(y=[1]),
    "repeat": dict(repeats=2, axis=1), "roll": dict(shift=1, axis=0), "split": dict(sections=3),
    "swapaxes": dict(axis1=0, axis2=1), "take": dict(indices=[2, 0], axis=1),
    "take_along_axis": dict(indices=[[2], [0], [1]]), "tensordot": dict(y=SQUARE, axes=1),
    "tile": dict(repetitions=(2, 1)), "unsqueeze": dict(axis=0), "vecdot": dict(y=SQUARE)}
NO_METHODS = {  # they begin with a list, a mask or a string, or are no part of the table
    "cat", "concat", "concatenate", "stack", "where", "einsum", "linear"}
SHAPE_BY_PLACE = {"reshape", "broadcast_to", "permute_dims"}  # x.reshape(3, 3)


@pytest.mark.parametrize("name", sorted(
    name for name in set(ag.__all__) - NO_METHODS - SHAPE_BY_PLACE
    if getattr(ag, name).__module__ in ("autograd.ops", "autograd.compositions")))
def test_every_operation_is_a_function_and_a_method(name):
    x, operands = Value(SQUARE), dict(FURTHER.get(name, {}))
    if name == "outer":
        x = x[0]
    y = [operands.pop("y")] if "y" in operands else []
    assert repr(getattr(x, name)(*y, **operands)) == repr(getattr(ag, name)(x, *y, **operands))


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "max", "min", "argmax",
                                  "argmin"])
def test_a_gradient_can_be_summed_up_whatever_kind_of_array_it_is(name):
    """Who prints p.grad.mean() need not ask whether it is NumPy's array or our own."""
    ours, numpys = asarray(SQUARE), np.array(SQUARE)
    for settings in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}):
        expected = getattr(numpys, name)(**settings)
        result = getattr(ours, name)(**settings)
        assert not isinstance(result, Value) and np.shape(expected) == getattr(result, "shape", ())
        entries = result.tolist() if isinstance(result, Array) else result
        np.testing.assert_allclose(entries, expected, rtol=1e-12)
    assert ours.reshape(9).tolist() == ours.reshape((-1,)).tolist() == numpys.reshape(9).tolist()
    assert ours.norm() == pytest.approx(np.linalg.norm(numpys))


@pytest.mark.parametrize("call", [
    lambda x: x.clip(-0.5, 0.5), lambda x: x.flatten(), lambda x: x.reshape(1, 9).squeeze(axis=0),
    lambda x: x.transpose(), lambda x: x.swapaxes(0, 1), lambda x: x.take([2, 0], axis=1),
    lambda x: x.repeat(2, axis=1)])
def test_an_array_has_the_methods_that_values_share_with_numpy(call):
    assert call(asarray(SQUARE)).tolist() == call(np.array(SQUARE)).tolist()
    assert asarray(SQUARE).trace() == pytest.approx(np.trace(SQUARE))
    shared = {name for name in set(dir(np.ndarray)) & set(dir(Value))
              if callable(getattr(Value, name)) and not name.startswith("_")}
    assert shared - set(dir(Array)) == {"view"}  # which PyTorch and NumPy mean differently


@pytest.mark.parametrize("data", [
    2.5, [2.5], [[2.5]], np.array(2.5), np.array([2.5]), np.array([[2.5]], np.float32)])
def test_the_only_entry_is_a_number_whatever_its_axes(data):
    x = Value(data)
    assert x.item() == float(x) == 2.5 and type(x.item()) is float
    assert f"{x:.2f}" == "2.50" and round(x) == int(x) == 2


def test_plus_x_is_x_itself():
    x = Value(SQUARE)
    assert +x is x


@KINDS
def test_two_axes_given_by_place_are_exchanged(kind):
    x = Value(kind([SQUARE]))
    assert plain(x.transpose(0, 2)).tolist() == plain(x.swapaxes(0, 2)).tolist() \
        == np.swapaxes([SQUARE], 0, 2).tolist()


@KINDS
@pytest.mark.parametrize("given", [
    lambda *numbers: numbers, lambda *numbers: (numbers,), lambda *numbers: (list(numbers),)],
    ids=["each", "tuple", "list"])
def test_shapes_and_axes_are_given_one_by_one_or_together(kind, given):
    x, cube = Value(kind([SQUARE])), np.array([SQUARE])
    assert x.reshape(*given(3, 3)).data.tolist() == x.view(*given(3, 3)).data.tolist() == SQUARE
    assert x.broadcast_to(*given(2, 3, 3)).data.tolist() == [SQUARE] * 2
    assert plain(x.transpose(*given(2, 0, 1))).tolist() == cube.transpose(2, 0, 1).tolist()
    assert plain(x.permute_dims(*given(2, 0, 1))).tolist() == cube.transpose(2, 0, 1).tolist()
    assert x[0, 0, 2:].reshape(*given()).shape == ()


def test_a_generator_of_values_is_summed_in_one_step():
    xs = [Value(2.0), Value(3.0), Value(4.0)]
    y = ag.sum(x for x in xs)
    y.backward()
    assert (y.data, y.op, y.inputs) == (9.0, "total", tuple(xs))
    assert [x.grad for x in xs] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("place", [ag, ag.Array, Value, nn, nn.Module])
def test_whatever_is_public_says_what_it_does(place):
    public = [thing for name, thing in vars(place).items()
              if callable(thing) and not name.startswith("_")]
    assert public and not [thing for thing in public if not (thing.__doc__ or "").strip()]


# -- how it prints -------------------------------------------------------------------------------


@pytest.mark.parametrize("make, text", [
    (lambda: Value(2.0), "Value(2.0)"),
    (lambda: Value(3), "Value(3.0)"),
    (lambda: Value(1 / 3), "Value(0.333333)"),
    (lambda: Value(1e300), "Value(1e+300)"),
    (lambda: Value(float("nan")), "Value(nan)"),
    (lambda: Value(2.0, name="w"), "Value(2.0, name='w')"),
    (lambda: Value(2.0) * 3, "Value(6.0, op=multiply)"),
    (lambda: Value([1, 2.5]), "Value([1.0, 2.5])"),
    (lambda: Value([[1.0], [2.0]], name="x"), "Value([[1.0], [2.0]], name='x')"),
    (lambda: Value([True, False]), "Value([True, False])"),
    (lambda: Value([1.0, 2.0]).exp().sum(), "Value(10.1073, op=sum)"),
    (lambda: Value(np.array([1.0, 2.0])), "Value(array([1., 2.]))"),
])
def test_repr(make, text):
    assert repr(make()) == text


def test_repr_shows_the_gradient_once_there_is_one():
    x = Value(3.0, name="x")
    (x * x).backward()
    assert repr(x) == "Value(3.0, name='x', grad=6.0)"


def test_repr_of_large_arrays_is_short():
    assert repr(Value(list(range(1000)))) == "Value([0.0, 1.0, 2.0, ..., 997.0, 998.0, 999.0])"
    assert len(repr(Value([[0.5] * 1000] * 1000))) < 400
    assert len(repr(Value(np.zeros((1000, 1000))))) < 400


def test_float_format_and_round():
    x = Value(2.71828)
    assert float(x) == 2.71828 and type(float(x)) is float and x.item() == 2.71828
    assert f"{x:.2f}" == "2.72" and f"{x:8.1f}|" == "     2.7|"
    assert f"{x}" == repr(x) == str(x) == "Value(2.71828)"
    assert round(x) == 3 and type(round(x)) is int and round(x, 2) == 2.72
    assert math.sqrt(Value(9.0)) == 3.0
    assert float(Value([[7.0]])) == 7.0 and f"{Value(np.array([7.0])).sum():.1f}" == "7.0"


def test_bool():
    assert Value(0.5) and not Value(0.0) and Value([[2.0]]) and not Value(np.array([0.0]))


# -- comparisons, keys, containers ---------------------------------------------------------------


def test_comparisons_of_numbers_are_plain_booleans():
    x, y = Value(1.0), Value(2.0)
    for result, expected in [(x < y, True), (x > y, False), (x <= 1, True), (x >= 1.5, False),
                             (3 > x, True), (3 < x, False), (np.float64(3) > x, True)]:
        assert result is expected


@KINDS
def test_comparisons_of_arrays_are_masks(kind):
    x = Value(kind([1.0, 2.0, 3.0]))
    for mask, expected in [(x < 2, [True, False, False]),
                           (x >= [1.0, 3.0, 3.0], [True, False, True]),
                           (2 <= x, [False, True, True]), (x > x, [False] * 3)]:
        assert type(mask) is type(x.data) and mask.tolist() == expected


def test_nan_compares_false():
    x = Value(float("nan"))
    assert not (x < 1) and not (x >= 1) and not (x <= x)


def test_equality_is_identity_so_values_can_be_keys():
    x, y = Value(1.0), Value(1.0)
    assert x == x and x != y and (x == 1.0) is False
    assert {x: "x", y: "y"}[y] == "y" and len({x, y, x}) == 2 and hash(x) == hash(x)
    assert x in [y, x] and Value(1.0) not in [x, y]
    x.data = 5.0
    assert x in {x}


def test_in_looks_for_a_number():
    x = Value([1.0, 2.0])
    assert 2.0 in x and 2 in x and Value(1.0) in x and 3.0 not in x
    assert 2.0 in Value(np.array([1.0, 2.0]))


@KINDS
def test_len_and_iteration_carry_the_gradient(kind):
    x = Value(kind([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert len(x) == 3 and [part.shape for part in x] == [(2,)] * 3
    first, _, last = x
    (first * last).sum().backward()
    assert x.grad.tolist() == [[5.0, 6.0], [0.0, 0.0], [1.0, 2.0]]


def test_sum_of_the_parts_and_of_a_list():
    x = Value([1.0, 2.0, 3.0])
    sum(part * part for part in x).backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    total = sum([Value(1.0), Value(2.0)])
    assert total.data == 3.0 and type(total.data) is float


# -- what it is made of --------------------------------------------------------------------------


def test_a_value_of_a_value_is_a_leaf_of_its_own():
    x = Value(3.0, name="x")
    y = Value(x * x)
    (y * 2).backward()
    assert y.data == 9.0 and y.op is None and y.inputs == () and y.grad == 2.0 and x.grad == 0.0


@pytest.mark.parametrize("data", [
    3, True, np.int64(3), np.float64(3.0), np.array(3.0), np.uint8(3)])
def test_a_single_number_becomes_a_float(data):
    x = Value(data)
    assert x.shape == () and x.ndim == 0 and x.size == 1 and float(x) == float(data)
    if not isinstance(data, np.ndarray):  # which stays what it is
        assert type(x.data) is float


def test_ints_in_arrays_become_floats():
    assert [type(entry) for entry in Value([1, 2]).data.tolist()] == [float, float]
    assert [type(entry) for entry in Value(Array((2,), [1, 2])).data.tolist()] == [float, float]
    assert Value(np.array([1, 2])).data.dtype == np.float64


def test_single_precision_reaches_the_gradients_of_inner_values():
    x = Value(np.array([1.0, 2.0], np.float32))
    y = x * x
    z = y.sum()
    z.backward()
    assert x.grad.dtype == y.grad.dtype == z.grad.dtype == np.float32


@KINDS
def test_an_array_of_one_entry_needs_no_seed(kind):
    x = Value(kind([[1.0, 2.0]]))
    (x @ kind([[3.0], [4.0]])).backward()  # of shape (1, 1)
    assert x.grad.tolist() == [[3.0, 4.0]]
    y = (x * x).sum(axis=1)
    y.backward()
    assert y.grad.tolist() == [1.0] and x.grad.tolist() == [[5.0, 8.0]]


@KINDS
def test_a_value_for_a_seed(kind):
    x, seed = Value(kind([1.0, 2.0])), Value(kind([1.0, 10.0]))
    (x * x).backward(seed)
    assert plain(x.grad).tolist() == [2.0, 40.0]


def test_the_gradient_of_a_mask_is_no_mask():
    for mask in (Value([True, False]), Value(np.array([True, False]))):
        (mask * [0.25, 0.5]).sum().backward()
        assert mask.grad.tolist() == [0.25, 0.5]
        assert ag.grad(lambda m: (m * [0.25, 0.5]).sum())(mask.data).tolist() == [0.25, 0.5]


@pytest.mark.parametrize("f, gradient", [
    (lambda m: (m * m).sum(), [2.0, 0.0]), (lambda m: (m * m).mean(), [1.0, 0.0]),
    (lambda m: m @ m, [2.0, 0.0]), (lambda m: m.prod(), [0.0, 1.0]),
    (lambda m: m[0] * m[0] * 3.0, [6.0, 0.0]), (lambda m: m.max(), [1.0, 0.0]),
    (lambda m: m[1], [0.0, 1.0])], ids="product mean matmul prod entries max entry".split())
@pytest.mark.parametrize("as_kind", [list, np.array], ids=["Array", "NumPy"])
def test_the_gradient_of_a_function_of_masks(f, gradient, as_kind):
    mask = Value(as_kind([True, False]))
    assert [type(entry) for entry in mask.grad.tolist()] == [float, float]
    f(mask).backward()
    assert mask.grad.tolist() == gradient and {type(g) for g in mask.grad.tolist()} == {float}
    assert ag.jacobian(f)(mask.data).tolist() == gradient
    (m_squared,) = ag.vjp(lambda m: m * m, mask.data)[1]([0.25, 0.5])
    assert m_squared.tolist() == [0.5, 0.0]


@pytest.mark.parametrize("as_kind", [list, np.array], ids=["Array", "NumPy"])
def test_erf_of_a_mask_is_no_mask(as_kind):
    assert Value(as_kind([True, False])).erf().data.tolist() == [math.erf(1), 0.0]


def test_masks_stay_masks():
    assert Value([True, False]).data.tolist() == [True, False]
    assert Value([True, False]).data.dtype is bool
    assert Value(np.array([True, False])).data.dtype == bool


def test_numpy_data_are_kept_as_they_are():
    array = np.array([1.0, 2.0])
    assert Value(array).data is array
    x = Value(np.ones(2, dtype=np.float32))
    y = (x * 2 + 1.5).tanh().sum()
    y.backward()
    assert y.data.dtype == np.float32 and x.grad.dtype == np.float32


@pytest.mark.parametrize("f", [
    lambda x: x ** 2, lambda x: x ** 0.5, lambda x: 2 ** x, lambda x: x ** x, ag.relu,
    lambda x: nn.mean_squared_error(x, [0.0, 0.0])])
def test_gradients_on_the_way_keep_the_precision(f):
    between = Value(np.ones(2, np.float32)) * 2
    ag.sum(f(between)).backward()
    assert between.grad.dtype == np.float32


def test_numpy_on_the_left_reaches_us():
    x = Value(np.array([1.0, 2.0]))
    y = np.array([3.0, 4.0]) * x
    assert type(y) is Value and y.op == "multiply"
    z = np.float64(2.0) * Value(3.0) - np.float64(1.0)
    assert type(z) is Value and z.data == 5.0 and type(z.data) is float
    assert type(np.eye(2) @ x) is type(np.float64(2.0) ** x) is Value
    (np.array([3.0, 4.0]) * x).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_numpy_on_the_left_of_an_assignment_reaches_us():
    x = Value(np.array([1.0, 2.0]))
    zeros = total = np.zeros(2)
    for _ in range(3):
        total += x
    total.sum().backward()
    assert total.data.tolist() == [3.0, 6.0] and x.grad.tolist() == [3.0, 3.0]
    assert zeros.tolist() == [0.0, 0.0]
    (x ** 3).sum().backward(create_graph=True)
    x.data -= x.grad  # here a Value
    assert x.data.tolist() == [-5.0, -13.0]


def test_operations_with_ints_give_floats():
    x = Value(2.0)
    for y in (x + 1, 1 - x, x * 3, x / 1, x ** 2, 2 ** x):
        assert type(y.data) is float


def test_attributes_on_a_leaf():
    p = Value(1.0)
    p.momentum, p.velocity = 0.9, 0.0
    p.velocity = p.momentum * p.velocity + 1
    assert (p.momentum, p.velocity) == (0.9, 1.0)


def test_shape_ndim_size_and_T():
    x = Value([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert (x.shape, x.ndim, x.size, x.T.shape) == ((2, 3), 2, 6, (3, 2))
    y = x * x
    assert (x.op, x.inputs, y.op, y.inputs) == (None, (), "multiply", (x, x))


# -- gradients -----------------------------------------------------------------------------------


def test_the_gradient_is_zero_before_any_backward():
    assert Value(2.0).grad == 0.0
    assert Value([1.0, 2.0]).grad.tolist() == [0.0, 0.0]
    assert Value(np.ones((1, 2))).grad.tolist() == [[0.0, 0.0]]


def test_backward_of_a_leaf_gives_one():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0
    v = Value([1.0, 2.0])
    v.backward([3.0, 4.0])
    assert v.grad.tolist() == [3.0, 4.0]


def test_leaves_accumulate_until_set_to_zero():
    x = Value(3.0)
    (x * x).backward()
    (x * 5).backward()
    assert x.grad == 11.0
    for nothing in (0, 0.0, None):
        x.grad = nothing
        assert x.grad == 0.0
        (x * 5).backward()
        assert x.grad == 5.0


def test_a_second_backward_over_one_graph_is_right():
    # Where inner gradients are left over from the first walk, this is 45 instead of 27.
    x = Value(1.0)
    y = x * 3
    z = y * 3
    z.backward()
    assert (x.grad, y.grad, z.grad) == (9.0, 3.0, 1.0)
    z.backward()
    assert (x.grad, y.grad, z.grad) == (18.0, 3.0, 1.0)  # leaves add up, inner ones do not
    z.backward()
    assert x.grad == 27.0


def test_leaves_share_no_gradient_in_memory():
    x, y, z = (Value(np.ones((2, 2))) for _ in range(3))
    start = np.ones((2, 2))
    (x + y + z.T).backward(start)
    alone = Value(np.ones((2, 2)))
    alone.backward(start)
    x.grad[0, 1], z.grad[1, 0], alone.grad[0, 0] = 5.0, 7.0, 9.0
    assert y.grad.tolist() == start.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert x.grad.tolist() == [[1.0, 5.0], [1.0, 1.0]]


def test_a_shared_part_in_two_losses():
    x = Value(2.0)
    shared = x * x
    (shared * 3).backward()
    (shared * 4).backward()
    assert x.grad == 28.0 and shared.grad == 4.0


@KINDS
def test_a_value_used_twice(kind):
    x = Value(kind([3.0, -2.0]))
    (x * x + x).sum().backward()
    assert x.grad.tolist() == [7.0, -3.0]


def test_diamonds():
    # Without summing before going on, the number of paths, 2 ** 50, would be the work.
    x = Value(1.0)
    y = x
    for _ in range(50):
        y = y + y
    y.backward()
    assert y.data == x.grad == 2.0 ** 50


def test_a_diamond_of_unequal_arms():
    x = Value(2.0)
    short = x * 3
    long = ((short + 1) * 2 - 1) * short
    (long + short).backward()
    assert x.grad == 3 * (4 * 6 + 1 + 1)  # d/ds (2s + 1)s + s, at s = 6


def test_gradient_descent_as_in_micrograd():
    p = Value(5.0)
    for _ in range(100):
        loss = (p - 2) ** 2
        p.grad = 0
        loss.backward()
        p.data -= 0.1 * p.grad
    assert type(p.data) is float and abs(p.data - 2) < 1e-8


@KINDS
def test_gradient_descent_on_arrays(kind):
    p = Value(kind([5.0, -3.0]))
    for _ in range(100):
        p.grad = 0
        ((p - 2) ** 2).sum().backward()
        p.data -= 0.1 * p.grad
    assert all(abs(entry - 2) < 1e-8 for entry in p.data.tolist())


def test_the_gradient_of_a_leaf_is_its_own_memory():
    x, y = Value(np.ones(2)), Value(np.ones(2))
    (x + y).sum().backward()
    x.grad[0] = 100.0
    assert y.grad.tolist() == [1.0, 1.0]


def test_the_gradient_of_a_leaf_is_not_that_of_the_step_after_it():
    x = Value(np.ones(2))
    shifted = x + 1.0  # whose rule hands its gradient on
    (shifted * 3.0).sum().backward()
    x.grad *= 100.0
    assert shifted.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("decorator", [no_grad, no_grad()])
def test_no_grad_as_a_block_and_as_a_decorator(decorator):
    x = Value(2.0)

    @decorator
    def evaluate():
        return x * x
    for _ in range(2):
        assert evaluate().inputs == () and evaluate().data == 4.0
    with no_grad():
        inside = x * x
    outside = x * x
    assert inside.inputs == () and outside.inputs == (x, x)
    (inside * x).backward()  # what was computed inside is a constant outside
    assert x.grad == 4.0


def test_no_grad_ends_with_an_exception_and_nests():
    x = Value(2.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (x * x).inputs
    with no_grad():
        with no_grad():
            pass
        assert (x * x).inputs == ()


def test_one_no_grad_can_be_entered_again_within_itself_and_in_threads():
    x, block, go, faults = Value(2.0), no_grad(), threading.Barrier(4), []
    with block:
        with block:
            assert (x * x).inputs == ()
        assert (x * x).inputs == ()
    assert (x * x).inputs

    def use():
        for _ in range(50):
            go.wait()  # all are inside at once, and leave in any order
            with block:
                go.wait()
                faults.append((x * x).inputs != ())
            faults.append((x * x).inputs == ())
    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(faults) == 400 and not any(faults)


@pytest.mark.parametrize("data", [3.0, [1.0, 2.0], np.array([1.0, 2.0])],
                         ids="float Array NumPy".split())
@pytest.mark.parametrize("listed", [[0, 1], (0, 1), range(2)], ids="list tuple range".split())
def test_a_list_beside_a_value_is_an_array(data, listed):
    assert (Value(data) + listed).data.tolist() == (np.array(data) + [0.0, 1.0]).tolist()
    assert (listed * Value(data)).data.tolist() == (np.array(data) * [0.0, 1.0]).tolist()
    assert ag.maximum(listed, Value(data)).data.tolist() == np.maximum(data, [0.0, 1.0]).tolist()


@pytest.mark.parametrize("operation", [
    lambda x, y: x + y, lambda x, y: y - x, lambda x, y: x / y, lambda x, y: y / x,
    lambda x, y: x ** y, lambda x, y: y ** x, ag.maximum, ag.minimum,
    lambda x, y: ag.where([True, False], x, y), lambda x, y: x.clip(y, 3.0), lambda x, y: x > y],
    ids="add subtract divide divided pow power maximum minimum where clip greater".split())
@pytest.mark.parametrize("number", [np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)],
                         ids="float64 float32 int64 0-d".split())
def test_a_number_of_numpys_beside_an_array_is_a_number(operation, number):
    x, again = Value([1.5, 4.0]), Value([1.5, 4.0])
    y, expected = operation(x, number), operation(again, 2.0)
    assert plain(y).tolist() == plain(expected).tolist()
    if isinstance(expected, Value):
        y.sum().backward()
        expected.sum().backward()
        assert x.grad.tolist() == again.grad.tolist()


def test_detach_stops_the_gradient():
    x = Value(3.0, name="x")
    y = (x * x).detach()
    assert y.op is None and y.data == 9.0
    (y * x).backward()
    assert x.grad == 9.0 and y.grad == 3.0


# -- copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [
    copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("data", [2.0, [1.0, 2.0], np.array([1.0, 2.0])],
                         ids=["float", "Array", "numpy"])
def test_a_copy_of_a_leaf_is_independent(duplicate, data):
    x = Value(data, name="w")
    x.velocity = [1.0]
    (x * 3).sum().backward()
    y = duplicate(x)
    assert repr(y) == repr(x) and y is not x and y.velocity == [1.0]
    y.velocity.append(2.0)
    before = repr(x)
    (y * y).sum().backward()
    y.data -= y.grad
    assert repr(x) == before and x.velocity == [1.0] and repr(y) != before


class Parameter(Value):
    """A kind of Value of a script's own, with an __init__ of its own."""

    def __init__(self, data, decay):
        super().__init__(data)
        self.decay = decay


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))],
    ids=["copy", "deepcopy", "pickle"])
def test_a_copy_is_of_the_same_class(copied):
    again = copied(Parameter([1.0, 2.0], decay=0.1))
    assert type(again) is Parameter and again.decay == 0.1 and again.data.tolist() == [1.0, 2.0]


def test_a_deepcopy_keeps_what_is_shared_shared():
    x = Value(2.0)
    first, second = copy.deepcopy([x, x])
    assert first is second is not x


# -- memory and depth ----------------------------------------------------------------------------


class Watched(Array):
    """An Array that can be seen to be freed."""

    __slots__ = ("__weakref__",)


def watched(*numbers):
    data = Watched((len(numbers),), list(numbers))
    return data, weakref.ref(data)


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def collect_on_pypy():
    """PyPy has no reference counts: there memory goes when its collector comes by."""
    if hasattr(sys, "pypy_version_info"):
        for _ in range(3):
            gc.collect()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("use", [
    lambda y: None,
    lambda y: y.backward(),
    lambda y: (y.backward(), y.backward()),
    lambda y: ag.grad(lambda z: z * z)(y),
    lambda y: repr(y),
], ids=["forward", "backward", "backward twice", "inside grad", "repr"])
def test_a_graph_is_freed_without_the_collector(use):
    data, alive = watched(1.0, 2.0)
    x = Value(data)
    y = ((x * x).exp() / (x + 3) - x.sum()).tanh().sum()
    use(y)
    del data, x, y
    collect_on_pypy()
    assert alive() is None


@pytest.mark.usefixtures("no_collector")
def test_the_graph_goes_and_the_leaf_stays():
    data, alive = watched(1.0, 2.0)
    x = Value([1.0, 1.0])
    loss = (Value(data) * x).sum()
    loss.backward()
    del data, loss
    collect_on_pypy()
    assert alive() is None and x.grad.tolist() == [1.0, 2.0]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.skipif(hasattr(sys, "pypy_version_info"), reason="PyPy does not count references")
@pytest.mark.usefixtures("no_collector")
@KINDS
def test_ten_epochs_of_training_leave_nothing_behind(kind):
    rng = Random(0)
    images = kind([[rng.random() for _ in range(20)] for _ in range(64)])
    labels = [rng.randrange(3) for _ in range(64)]
    model, alive = MLP(20, [8, 3], rng=rng), []
    for p in model.parameters():
        p.data = kind(p.data.tolist())
    optimizer = Adam(model.parameters(), 0.01)
    for _ in range(10):
        for x, y in batches(images, labels, 16, rng=rng):
            optimizer.zero_grad()
            loss = cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        alive.append(len(gc.get_objects()))
    assert max(alive[1:]) - min(alive[1:]) < 10  # one batch makes a hundred; `alive` itself moves


def test_the_test_of_freeing_can_fail():
    data, alive = watched(1.0)
    x = Value(data)
    x.itself = x  # a reference cycle
    del data, x
    if not hasattr(sys, "pypy_version_info"):
        assert alive() is not None
    gc.collect()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("f", [lambda x: x * x * x, lambda x: (x * x).tanh()])
def test_create_graph_is_freed_once_the_gradient_is_set_to_none(f):
    data, alive = watched(1.0, 2.0)
    x = Value(data)
    f(x).sum().backward(create_graph=True)
    assert x.grad.op
    x.grad = None
    del data, x
    collect_on_pypy()
    assert alive() is None


@pytest.mark.usefixtures("no_collector")
def test_a_chain_of_100_000_operations():
    data, alive = watched(0.25, 0.75)
    x = Value(data)
    y = x.sum()
    for _ in range(50_000):
        y = y * 1.0 + 1e-5
    y.backward()
    assert abs(y.data - 1.5) < 1e-9 and x.grad.tolist() == [1.0, 1.0]
    del data, x
    assert alive() is not None
    del y  # freed without recursion as well
    collect_on_pypy()
    assert alive() is None


def test_a_gradient_with_a_graph_can_be_replaced():
    x = Value([1.0, 2.0])
    (x * x * x).sum().backward(create_graph=True)
    x.grad *= 0.5  # as clipping does
    x.grad.sum().backward()
    assert plain(x.grad).tolist() == [1.5 + 3.0, 6.0 + 6.0]
    x.grad = Value([3.0, 4.0])
    assert plain(x.grad).tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match="grad: the new one has shape"):
        x.grad = Value(3.0)


def test_the_axis_none_means_all_where_that_is_not_the_default():
    x = Value([[1.0, 2.0], [3.0, 4.0]])
    for name in "softmax", "log_softmax", "sum":
        function = getattr(ag, name)
        for result in getattr(x, name)(None), getattr(x, name)(axis=None):
            assert repr(result.data) == repr(function(x, axis=None).data)
    with pytest.raises(TypeError, match="sum: .* by place, where only one axis may stand"):
        x.sum(0, axis=1)
    assert abs(x.softmax(axis=None).sum().item() - 1.0) < 1e-12


def test_a_deep_chain_of_derivatives():
    x = Value(1.0)
    y = x
    for _ in range(5_000):
        y = y * 1.0
    y.backward(create_graph=True)
    assert float(x.grad) == 1.0
    x.grad = None


# -- threads and tasks ---------------------------------------------------------------------------


def train(start, steps=300):
    """A small training run; every number of it."""
    p, q, path = Value(start), Value([start, 1.0]), []
    for _ in range(steps):
        loss = ((p * q).tanh() - 0.5).sum() ** 2
        p.grad = q.grad = 0
        loss.backward()
        p.data -= 0.1 * p.grad
        q.data -= 0.1 * q.grad
        path.append((loss.data, p.data, *q.data.tolist()))
    return path


def evaluate(start, steps=300):
    """The same computation under no_grad; raises if anything is recorded."""
    path = []
    with no_grad():
        for step in range(steps):
            loss = ((Value(start + step) * Value([start, 1.0])).tanh() - 0.5).sum() ** 2
            assert loss.inputs == ()
            path.append(loss.data)
    return path


def test_two_threads_get_the_numbers_they_get_alone():
    expected = train(0.3), evaluate(0.7), train(-0.2)
    results, barrier = [None] * 3, threading.Barrier(3)

    def run(place, f, start):
        barrier.wait()
        results[place] = f(start)
    threads = [threading.Thread(target=run, args=(place, f, start)) for place, (f, start) in
               enumerate([(train, 0.3), (evaluate, 0.7), (train, -0.2)])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tuple(results) == expected


def test_no_grad_holds_for_its_own_thread_only():
    x, seen = Value(2.0), []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * x).inputs))
        thread.start()
        thread.join()
        assert (x * x).inputs == ()
    assert seen == [(x, x)]


def test_no_grad_holds_for_its_own_task_only():
    async def quiet(turn):
        with no_grad():
            inputs = []
            for _ in range(5):
                inputs.append((Value(2.0) * 3).inputs)
                await turn()
            return inputs

    async def recording(turn):
        gradients = []
        for i in range(5):
            x = Value(float(i))
            y = x * x
            await turn()
            y.backward()
            gradients.append(x.grad)
        return gradients

    async def both():
        async def turn():
            await asyncio.sleep(0)
        return await asyncio.gather(quiet(turn), recording(turn), quiet(turn))

    silent, gradients, also_silent = asyncio.run(both())
    assert gradients == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert silent == also_silent == [()] * 5


def test_a_number_that_meets_numpy_has_a_plain_gradient():
    w = Value(2.0)
    (w * np.array([1.0, 2.0])).sum().backward()
    assert type(w.grad) is float and w.grad == 3.0
