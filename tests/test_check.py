"""check_gradients accepts right rules, refuses wrong ones, and says where they are wrong."""
import math
import re

import pytest

import autograd as ag
from autograd import Value, check_gradients, primitive
from autograd.array import asarray

np = pytest.importorskip("numpy")


@primitive(lambda g, out, x: g * 3 * x * x)
def cube(x):
    return x * x * x


@primitive(lambda g, out, x: g * 2 * x * x)
def wrong_cube(x):
    return x * x * x


@primitive(lambda g, out, x, y: g * y,
           lambda g, out, x, y: g * y)
def wrong_product(x, y):
    return x * y


@primitive(lambda g, out, x: -g * ag.sin(frozen(x)))
def bent_cosine(x):
    """Right to the first order; the derivative of its derivative is missing."""
    return ag.cos(x)


def frozen(x):
    return x.data if isinstance(x, Value) else x


@primitive(lambda g, out, x: g * (1.0 if frozen(ag.sum(x)) < 1e3 else 0.0) * slope_of_last(x))
def wrong_in_one_entry(x):
    return x * 2.0


def slope_of_last(x):
    """2 everywhere but in the last entry."""
    slopes = np.full(ag.Value(x).shape, 2.0)
    slopes[-1, -1] = 2.5
    return slopes if isinstance(frozen(x), np.ndarray) else asarray(slopes.tolist())


KINDS = [
    ("float", lambda x: x if isinstance(x, float) else asarray(x)),
    ("Array", lambda x: asarray(x if isinstance(x, list) else [x])),
    ("float64", lambda x: np.array(x, "float64")),
    ("float32", lambda x: np.array(x, "float32")),
]
kinds = pytest.mark.parametrize("as_kind", [kind for _, kind in KINDS],
                                ids=[name for name, _ in KINDS])


def refused(f, *inputs, **settings):
    """The message with which a check of f fails."""
    with pytest.raises(ValueError) as caught:
        check_gradients(f, *inputs, **settings)
    return str(caught.value)


@kinds
def test_right_rules_are_accepted(as_kind):
    assert check_gradients(cube, as_kind(0.5)) is None
    check_gradients(cube, as_kind(-1.5), second=False)
    check_gradients(lambda x, y: ag.tanh(x) * y / (2 + x * x), as_kind(0.5), as_kind(-1.5))
    check_gradients(lambda x: x @ x, as_kind([[1.0, -2.0], [0.5, 0.25]]))


@kinds
def test_wrong_rules_are_refused(as_kind):
    assert "wrong_cube" in refused(wrong_cube, as_kind(0.5))
    assert "wrong_cube" in refused(wrong_cube, as_kind(0.5), second=False)
    assert "wrong_product" in refused(wrong_product, as_kind(2.0), as_kind(0.5))


@kinds
def test_a_rule_wrong_in_the_second_order_only(as_kind):
    check_gradients(bent_cosine, as_kind(0.5), second=False)
    message = refused(bent_cosine, as_kind(0.5))
    assert "the gradient of bent_cosine" in message


@pytest.mark.parametrize("second", [False, True])
def test_a_rule_that_is_missing(second):
    @primitive(lambda g, out, x, y: g * y, None)
    def half(x, y):
        return x * y

    message = refused(half, 2.0, 3.0, second=second)
    assert "input 1" in message and "give 0.0" in message


@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0, 1.001, math.nan, math.inf])
def test_a_rule_wrong_by_a_factor(factor):
    @primitive(lambda g, out, x: g * out * factor)
    def almost_exp(x):
        return ag.exp(x)

    check_gradients(ag.exp, asarray([0.5, 1.0]))
    refused(almost_exp, asarray([0.5, 1.0]), second=False)


def test_weights_tell_apart_what_a_plain_sum_would_not():
    """Rules that put the right numbers into the wrong places."""
    @primitive(lambda g, out, x: g)
    def reverse(x):
        return x[::-1]

    @primitive(lambda g, out, x: g * 0.0)
    def softmax(x):  # the sum of a softmax is 1 wherever x goes
        return ag.softmax(x)

    for f in (reverse, softmax):
        refused(f, asarray([0.5, 1.0, 2.0]), second=False)


@pytest.mark.parametrize("data", [0.5, [0.5, 2.0], [[0.5, -2.0]]], ids=str)
def test_it_names_the_operation_inside_a_composition(data):
    def loss(x):
        return ag.sum(ag.tanh(wrong_cube(ag.sin(x)) + x) ** 2)

    for x in (asarray(data), np.array(data)):
        message = refused(loss, x)
        assert "loss, in the rule of wrong_cube" in message
        assert "tanh" not in message and "sin" not in message
    check_gradients(lambda x: ag.sum(ag.tanh(cube(ag.sin(x)) + x) ** 2), data)


def test_it_names_the_operation_that_is_wrong_in_the_second_order_inside_a_composition():
    message = refused(lambda x: ag.exp(bent_cosine(x) * x), 0.5)
    assert "the gradient of" in message and "bent_cosine" in message


def test_it_names_an_operation_with_settings():
    @ag.primitive(lambda g, out, x, *, lengths: 2 * ag.reshape(g, shape=x.shape))
    def reshaped_wrongly(x, *, lengths):
        return ag.reshape(x, shape=lengths)

    message = refused(lambda x: reshaped_wrongly(ag.exp(x), lengths=(2, 1)) ** 2, [0.5, 1.0])
    assert "in the rule of reshaped_wrongly" in message


def test_it_names_the_input():
    def f(x, y):
        return wrong_product(x, y)

    message = refused(f, [1.0, 2.0], [[3.0], [4.0]])
    assert "towards input 1 of shape (2, 1), entry (0, 0)" in message
    assert "f, in the rule of wrong_product" in message


@pytest.mark.parametrize("as_kind", [asarray, np.array], ids=["Array", "NumPy"])
def test_it_names_the_entry(as_kind):
    message = refused(wrong_in_one_entry, as_kind([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert "entry (1, 2)" in message and "input 0 of shape (2, 3)" in message


def test_it_gives_both_numbers():
    message = refused(wrong_cube, 2.0)
    rules, differences = map(float, re.search(r"the rules give (\S+), central differences (\S+)",
                                              message).groups())
    assert rules == 8.0 and differences == pytest.approx(12.0)
    assert "entry ()" in message
    message = refused(wrong_cube, [1.0, 2.0])
    rules, differences = map(float, re.search(r"the rules give (\S+), central differences (\S+)",
                                              message).groups())
    assert differences / rules == pytest.approx(1.5, rel=1e-6)
    assert 0.5 * 3 < differences < 2 * 3  # weighted by a number between 1/2 and 2


def test_inputs_may_be_values_and_are_left_alone():
    x = Value([1.0, 2.0])
    array = np.array([1.0, 2.0])
    check_gradients(cube, x)
    check_gradients(cube, array)
    assert x.data.tolist() == [1.0, 2.0] == array.tolist() and x._grad is None


def test_several_results_and_any_shape():
    for f in lambda x: (x * x, ag.exp(x)), lambda x: [x * x, ag.exp(x)], lambda x: ag.split(x, 2):
        check_gradients(f, [0.5, 2.0])
    assert "input 0" in refused(lambda x: [x * x, wrong_cube(x)], [0.5, 2.0])
    assert "input 0" in refused(lambda x: (x * x, wrong_cube(x)), [0.5, 2.0])
    check_gradients(lambda x: x * 0.0, [1.0])
    check_gradients(lambda x: x * 2, np.ones((0, 3)))


def test_what_does_not_depend_on_its_input():
    check_gradients(lambda x: 5.0, 1.0)
    check_gradients(lambda x, y: y * y, 1.0, 2.0)


def test_a_derivative_cut_off_is_noticed():
    refused(lambda x: x * x.detach(), 2.0)
    refused(lambda x: ag.exp(x.data) + x, 2.0)


def test_at_a_kink_a_difference_is_no_derivative():
    refused(ag.relu, 0.0)
    check_gradients(ag.relu, 1e-3)


def test_large_and_small_numbers():
    check_gradients(lambda x: 1e6 * ag.sin(x), 0.5)
    check_gradients(lambda x: x * x, 1e4)
    refused(lambda x: wrong_cube(x) * 1e4, 2.0)
    refused(wrong_cube, 1e-3)  # 2e-6 for 3e-6


@pytest.mark.parametrize("f, x", [
    (ag.log, 1e-3), (ag.sqrt, 1e-4), (lambda x: 1 / x, 1e-3), (lambda x: ag.log(1 - x), 0.999),
    (ag.sin, 1e8), (lambda x: x * x, 1e12)])
def test_a_right_rule_is_accepted_near_a_pole_and_far_from_0(f, x):
    check_gradients(f, x)
    check_gradients(f, [x, 0.5])
    check_gradients(f, np.array([x, 0.5]))


def test_an_infinite_entry_does_not_hide_the_others():
    check_gradients(ag.logsumexp, [-math.inf, 1.0, 2.0])


def test_single_precision_is_given_slack_and_no_more():
    x = np.array([0.5, 1.5], "float32")
    check_gradients(lambda x: ag.tanh(x) * ag.exp(x), x)

    @primitive(lambda g, out, x: g * out * 1.1)
    def a_tenth_off(x):
        return ag.exp(x)

    refused(a_tenth_off, x)


def test_a_lambda_or_an_object_has_a_name_too():
    class Cost:
        def __call__(self, x):
            return wrong_cube(x)

    assert "Cost" in refused(Cost(), 2.0)
    assert "<lambda>" in refused(lambda x: wrong_cube(x), 2.0)
