"""SGD and Adam, step by step, against the published rules written out in NumPy."""
import copy
import math

import pytest

from autograd import Array, Value
from nn import MLP, SGD, Adam, mean_squared_error

numpy = pytest.importorskip("numpy")

# Fit X @ weight + offset to Y. The gradient of the mean squared error is plain calculus:
# with the residual R = X @ weight + offset - Y it is 2 XᵀR / 6 and the column sums of 2 R / 6.
X = numpy.array([[1.0, -2.0], [0.5, 0.25], [-1.5, 1.0]])
Y = numpy.array([[1.0, 0.0], [2.0, -1.0], [0.5, 3.0]])
WEIGHT = numpy.array([[0.5, -1.0], [2.0, 0.25]])
OFFSET = numpy.array([0.1, -0.2])

KINDS = {"Array": lambda numbers: Value(numbers.tolist()).data,
         "float32": lambda numbers: numpy.array(numbers, numpy.float32),
         "float64": lambda numbers: numpy.array(numbers, numpy.float64)}
kinds = pytest.mark.parametrize("kind", KINDS)


def gradients_by_hand(weight, offset):
    residual = X @ weight + offset - Y
    return 2 * X.T @ residual / 6, 2 * residual.sum(axis=0) / 6


def sgd_by_hand(p, g, state, t, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    """The algorithm in the documentation of torch.optim.SGD, without dampening."""
    g = g + weight_decay * p
    if momentum != 0:
        state["b"] = momentum * state["b"] + g if t > 1 else g
        g = g + momentum * state["b"] if nesterov else state["b"]
    return p - lr * g


def adam_by_hand(p, g, state, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    """Algorithm 1 of Kingma and Ba."""
    beta1, beta2 = betas
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g ** 2
    m_hat = state["m"] / (1 - beta1 ** t)
    v_hat = state["v"] / (1 - beta2 ** t)
    return p - lr * m_hat / (numpy.sqrt(v_hat) + eps)


@kinds
@pytest.mark.parametrize("optimizer, rule, settings", [
    (SGD, sgd_by_hand, dict(lr=0.1)),
    (SGD, sgd_by_hand, dict(lr=0.1, momentum=0.9)),
    (SGD, sgd_by_hand, dict(lr=0.1, momentum=0.9, nesterov=True)),
    (SGD, sgd_by_hand, dict(lr=0.1, weight_decay=0.5)),
    (SGD, sgd_by_hand, dict(lr=0.05, momentum=0.5, nesterov=True, weight_decay=0.01)),
    (Adam, adam_by_hand, dict()),
    (Adam, adam_by_hand, dict(lr=0.1)),
    (Adam, adam_by_hand, dict(lr=0.3, betas=(0.5, 0.7), eps=0.1)),
])
def test_twenty_steps_follow_the_published_rule(optimizer, rule, settings, kind):
    weight, offset = Value(KINDS[kind](WEIGHT)), Value(KINDS[kind](OFFSET))
    x, y = KINDS[kind](X), KINDS[kind](Y)
    ours = optimizer([weight, offset], **settings)
    by_hand, states = [WEIGHT, OFFSET], [{}, {}]
    for t in range(1, 21):
        ours.zero_grad()
        mean_squared_error(x @ weight + offset, y).backward()
        ours.step()
        by_hand = [rule(p, g, state, t, **settings)
                   for p, g, state in zip(by_hand, gradients_by_hand(*by_hand), states)]
        for p, expected in zip((weight, offset), by_hand):
            tolerance = 1e-4 if kind == "float32" else 1e-11
            assert numpy.allclose(p.data.tolist(), expected, rtol=tolerance, atol=tolerance)
    assert kind == "Array" or weight.data.dtype == weight.grad.dtype == kind


@pytest.mark.parametrize("gradient", [3.0, -0.02])
def test_the_first_step_of_adam_has_the_length_of_the_learning_rate(gradient):
    p = Value(1.0)
    p.grad = gradient
    Adam([p], lr=0.25, eps=0).step()
    assert p.data == pytest.approx(1.0 - math.copysign(0.25, gradient))


def test_the_eps_of_adam_counts():
    p = Value(1.0)
    p.grad = 3.0
    Adam([p], lr=0.5, eps=1.0).step()
    assert p.data == pytest.approx(1.0 - 0.5 * 3 / (3 + 1))


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_a_parameter_without_gradient_stays_where_it_is(optimizer):
    p = Value([1.0, -2.0])
    optimizer([p], lr=0.5).step()
    assert p.data.tolist() == [1.0, -2.0]


def test_the_learning_rate_can_be_changed_on_the_way():
    p = Value(1.0)
    sgd = SGD([p], lr=0.5)
    p.grad = 1.0
    sgd.step()
    sgd.lr = 0.125
    sgd.step()
    assert p.data == 1.0 - 0.5 - 0.125


@pytest.mark.filterwarnings("error")  # NumPy warns of a float32 beside a number beyond its range
def test_the_learning_rate_may_be_a_number_of_numpy():
    assert SGD([Value(1.0)], lr=numpy.float32(0.5)).lr == 0.5


@pytest.mark.parametrize("lr", [math.nan, math.inf, -0.1])
def test_a_learning_rate_without_meaning_is_refused_on_the_way_too(lr):
    sgd = SGD([Value(1.0)], lr=0.5)
    with pytest.raises(ValueError, match=f"lr = {lr}"):
        sgd.lr = lr
    assert sgd.lr == 0.5


def test_zero_grad_forgets_all_gradients():
    p, q = Value(1.0), Value([1.0, 2.0])
    (p * q).sum().backward()
    SGD([p, q], lr=0.1).zero_grad()
    assert p.grad == 0.0 and q.grad.tolist() == [0.0, 0.0]


def test_parameters_may_come_from_a_generator():
    p = Value(1.0)
    sgd = SGD((value for value in [p]), lr=1.0)
    for _ in range(2):
        sgd.zero_grad()
        (p * p).backward()
        sgd.step()
    assert p.data == 1.0  # 1 - 2 = -1, then -1 + 2 = 1


@pytest.mark.parametrize("optimizer", [
    lambda parameters: SGD(parameters, lr=0.1),
    lambda parameters: SGD(parameters, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    lambda parameters: Adam(parameters, lr=0.1)], ids=["SGD", "SGD with all", "Adam"])
class TestMemory:
    def test_arrays_that_the_user_holds_are_never_written_into(self, optimizer):
        start = numpy.array([1.0, -2.0, 3.0])
        p = Value(start)
        chosen = optimizer([p])
        held = [(start, start.copy())]
        for _ in range(3):
            chosen.zero_grad()
            p.backward(numpy.array([0.5, 1.0, -1.0]))
            held += [(p.grad, p.grad.copy()), (p.data, p.data.copy())]
            chosen.step()
        assert p.data.tolist() != start.tolist()
        for array, as_it_was in held:
            assert array.tolist() == as_it_was.tolist()

    def test_a_graph_made_before_a_step_keeps_its_gradient(self, optimizer):
        p = Value(numpy.array([3.0]))
        square = p * p
        p.grad = numpy.array([1.0])
        optimizer([p]).step()
        p.grad = None
        square.backward(numpy.array([1.0]))
        assert p.grad.tolist() == [6.0]

    def test_gradients_that_are_values_leave_no_graph_behind(self, optimizer):
        ends = []
        for create_graph in False, True:
            p = Value([1.0, 2.0])
            chosen = optimizer([p])
            for _ in range(3):
                chosen.zero_grad()
                (p ** 3).sum().backward(create_graph=create_graph)
                chosen.step()
            chosen.zero_grad()
            copy.deepcopy(chosen)  # TypeError if it holds a part of a graph
            ends.append(p.data.tolist())
        assert ends[0] == ends[1]

    def test_two_optimizers_do_not_share_their_state(self, optimizer):
        p, q = Value(1.0), Value(1.0)
        first, second = optimizer([p]), optimizer([q])
        for chosen, value in (first, p), (first, p), (second, q):
            value.grad = 2.0
            chosen.step()
        fresh = Value(1.0)
        fresh.grad = 2.0
        optimizer([fresh]).step()
        assert q.data == fresh.data


def test_the_repr_tells_the_settings_and_counts_the_parameters():
    parameters = MLP(2, [3, 1]).parameters()
    assert repr(SGD(parameters, lr=1)) == "SGD(lr=1.0, 13 parameters)"
    assert repr(SGD([Value(1.0)], 0.1, momentum=0.9, nesterov=True, weight_decay=0.01)) == \
        "SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01, 1 parameter)"
    optimizer = Adam(parameters, betas=(0, 0.9))
    optimizer.lr = 0.0
    assert repr(optimizer) == "Adam(lr=0.0, betas=(0.0, 0.9), eps=1e-08, 13 parameters)"


# -- refusals ------------------------------------------------------------------------------------

@pytest.mark.parametrize("optimizer", [SGD, Adam])
class TestRefusals:
    @pytest.mark.parametrize("lr", [math.nan, math.inf, -math.inf, -0.1])
    def test_of_a_learning_rate(self, optimizer, lr):
        with pytest.raises(ValueError, match=f"lr = {lr}"):
            optimizer([Value(1.0)], lr=lr)

    @pytest.mark.parametrize("lr", ["0.1", True, None])
    def test_of_a_learning_rate_that_is_not_a_number(self, optimizer, lr):
        with pytest.raises(TypeError, match="lr = "):
            optimizer([Value(1.0)], lr=lr)

    def test_of_no_parameters(self, optimizer):
        with pytest.raises(ValueError, match=f"{optimizer.__name__}: no parameters"):
            optimizer([], lr=0.1)

    @pytest.mark.parametrize("thing", [1.0, Array((1,), [1.0]), None, MLP(1, [1])])
    def test_of_what_is_not_a_value(self, optimizer, thing):
        with pytest.raises(TypeError, match=f"(?s){optimizer.__name__}: .* is not a Value"):
            optimizer([Value(1.0), thing], lr=0.1)

    def test_of_a_computed_value(self, optimizer):
        with pytest.raises(ValueError, match="was computed; only leaves"):
            optimizer([Value(1.0) * 2], lr=0.1)

    def test_of_a_parameter_that_is_there_twice(self, optimizer):
        p = Value(1.0)
        with pytest.raises(ValueError, match="twice"):
            optimizer([p, Value(2.0), p], lr=0.1)


@pytest.mark.parametrize("setting", [
    dict(momentum=1.0), dict(momentum=-0.1), dict(momentum=math.nan), dict(weight_decay=-1.0),
    dict(weight_decay=math.inf), dict(nesterov=True)], ids=str)
def test_sgd_refuses_settings_without_meaning(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        SGD([Value(1.0)], lr=0.1, **setting)


@pytest.mark.parametrize("setting", [
    dict(betas=(1.0, 0.9)), dict(betas=(0.9, -0.1)), dict(betas=(math.nan, 0.9)),
    dict(eps=-1e-8), dict(eps=math.nan)], ids=str)
def test_adam_refuses_settings_without_meaning(setting):
    with pytest.raises(ValueError, match=next(iter(setting)).rstrip("s")):
        Adam([Value(1.0)], **setting)
