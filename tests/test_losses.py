"""Losses against formulas written out in NumPy, their gradients against central differences."""
from math import log

import pytest

from autograd import Array, Value
from nn import accuracy, cross_entropy, hinge, mean_squared_error, one_hot, squared_error

numpy = pytest.importorskip("numpy")

PREDICTION = [[0.5, -1.25, 2.0], [3.0, 0.25, -0.5], [-2.0, 1.5, 0.75], [0.1, 0.2, 0.3]]
TARGET = [[1.0, 0.0, 2.5], [2.0, -0.5, 0.0], [-2.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
SIGNS = [[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
LABELS = [2, 0, 1, 1]

KINDS = {"Array": lambda numbers: Value(numbers).data,
         "float32": lambda numbers: numpy.array(numbers, numpy.float32),
         "float64": lambda numbers: numpy.array(numbers, numpy.float64)}
kinds = pytest.mark.parametrize("kind", KINDS)


def log_softmax_by_hand(z):
    exponentials = numpy.exp(z - z.max(axis=1, keepdims=True))
    return numpy.log(exponentials / exponentials.sum(axis=1, keepdims=True))


# Each loss: the function, its second argument, and the formula on a NumPy array.
LOSSES = {
    "mean_squared_error": (
        mean_squared_error, TARGET, lambda p: ((p - TARGET) ** 2).sum() / 12),
    "squared_error": (
        squared_error, TARGET, lambda p: ((p - TARGET) ** 2).sum() / 4),
    "cross_entropy": (
        cross_entropy, LABELS, lambda p: -log_softmax_by_hand(p)[range(4), LABELS].sum() / 4),
    "hinge": (
        hinge, SIGNS, lambda p: numpy.maximum(0, 1 - numpy.array(SIGNS) * p).sum() / 12),
}


def central_differences(f, x, h=1e-6):
    """The gradient of f at a NumPy array, each entry moved up and down by h in turn."""
    gradient = numpy.zeros_like(x)
    for place in numpy.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@kinds
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_its_formula_and_its_gradient_the_central_difference(name, kind):
    loss, answers, formula = LOSSES[name]
    answers = answers if name == "cross_entropy" else KINDS[kind](answers)
    prediction = Value(KINDS[kind](PREDICTION))
    cost = loss(prediction, answers)
    cost.backward()

    exact = numpy.array(PREDICTION)
    tolerance = 1e-5 if kind == "float32" else 1e-8
    assert cost.shape == () and cost.item() == pytest.approx(formula(exact), rel=tolerance / 10)
    assert numpy.allclose(prediction.grad.tolist(), central_differences(formula, exact),
                          rtol=tolerance, atol=tolerance)
    assert type(prediction.grad) is type(prediction.data)
    assert kind == "Array" or prediction.grad.dtype == kind


@kinds
@pytest.mark.parametrize("loss, answers", [
    (mean_squared_error, TARGET), (squared_error, TARGET), (hinge, SIGNS)])
def test_plain_lists_will_do_as_answers(loss, answers, kind):
    prediction = Value(KINDS[kind](PREDICTION))
    assert loss(prediction, answers).item() == loss(prediction, KINDS[kind](answers)).item()


@kinds
def test_one_hot_answers_fit_predictions_of_any_kind(kind):
    prediction = Value(KINDS[kind](PREDICTION))
    expected = ((numpy.array(PREDICTION) - numpy.eye(3)[LABELS]) ** 2).sum() / 4
    assert squared_error(prediction, one_hot(LABELS, 3)).item() == pytest.approx(expected, rel=1e-6)


def test_a_target_that_is_a_value_receives_a_gradient_too():
    prediction, target = Value([[1.0, 2.0]]), Value([[4.0, 0.0]])
    mean_squared_error(prediction, target).backward()
    assert prediction.grad.tolist() == [[-3.0, 2.0]]
    assert target.grad.tolist() == [[3.0, -2.0]]


@pytest.mark.parametrize("loss", [mean_squared_error, squared_error, hinge])
@pytest.mark.parametrize("shape", [(4,), (1, 4), (), (4, 2)])
def test_answers_of_another_shape_are_refused_though_they_would_broadcast(loss, shape):
    answers = numpy.ones(shape).tolist()
    with pytest.raises(ValueError) as caught:
        loss(Value([[1.0], [2.0], [3.0], [4.0]]), answers)
    for part in (loss.__name__, "(4, 1)", str(shape)):
        assert part in str(caught.value)


def test_squared_error_wants_examples_and_outputs():
    with pytest.raises(ValueError, match=r"squared_error.*\(3,\)"):
        squared_error(Value([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0])


@pytest.mark.parametrize("wrong", [0.0, 2.0, 0.5, float("nan")])
def test_hinge_refuses_labels_other_than_minus_1_and_1(wrong):
    with pytest.raises(ValueError, match="-1 or 1"):
        hinge(Value([0.5, -0.5]), [1.0, wrong])


def test_hinge_is_zero_beyond_the_margin():
    scores = Value([1.0, 5.0, -3.0])
    loss = hinge(scores, [1, 1, -1])
    loss.backward()
    assert loss.item() == 0.0 and scores.grad.tolist() == [0.0, 0.0, 0.0]


# -- cross-entropy -------------------------------------------------------------------------------

@kinds
def test_cross_entropy_of_logits_of_1000_is_exact(kind):
    logits = Value(KINDS[kind]([[1000.0, -1000.0], [-1000.0, 1000.0]]))
    loss = cross_entropy(logits, [0, 0])
    loss.backward()
    assert loss.item() == 1000.0  # the mean of 0 and 2000
    assert logits.grad.tolist() == [[0.0, 0.0], [-0.5, 0.5]]


@kinds
def test_cross_entropy_of_a_network_that_knows_nothing_is_log_10(kind):
    logits = Value(KINDS[kind]([[0.0] * 10, [-1000.0] * 10]))
    tolerance = 1e-4 if kind == "float32" else 1e-13  # a float32 near 1000 is good to 0.00006
    assert cross_entropy(logits, [3, 7]).item() == pytest.approx(log(10), abs=tolerance)


@pytest.mark.parametrize("labels", [
    (2, 0, 1, 1), bytes(LABELS), numpy.array(LABELS), numpy.array(LABELS, numpy.uint8),
    list(numpy.array(LABELS))], ids=["tuple", "bytes", "int64", "uint8", "list of int64"])
def test_labels_may_be_any_sequence_of_ints(labels):
    logits = Value(PREDICTION)
    assert cross_entropy(logits, labels).item() == cross_entropy(logits, LABELS).item()
    assert accuracy(logits, labels) == accuracy(logits, LABELS)


@pytest.mark.parametrize("score", [cross_entropy, accuracy])
class TestLabels:
    @pytest.mark.parametrize("labels", [[], [0], [0, 1, 2], [0, 3], [0, -1]])
    def test_that_do_not_fit_are_refused(self, score, labels):
        with pytest.raises(ValueError, match=score.__name__):
            score(Value([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), labels)

    @pytest.mark.parametrize("label", [1.0, "1", True, None, [1], numpy.True_, numpy.float64(1)])
    def test_that_are_not_ints_are_refused(self, score, label):
        with pytest.raises(TypeError, match=f"{score.__name__}.* is not an int"):
            score(Value([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), [0, label])

    @pytest.mark.parametrize("logits", [1.0, [1.0, 2.0], [[[1.0, 2.0]]]])
    def test_need_logits_of_two_axes(self, score, logits):
        with pytest.raises(ValueError, match="examples, classes"):
            score(Value(logits), [0])

    def test_of_no_examples_are_refused(self, score):
        with pytest.raises(ValueError, match="at least one"):
            score(Value(numpy.ones((0, 3))), [])


# -- accuracy ------------------------------------------------------------------------------------

@kinds
def test_accuracy_is_the_share_of_largest_logits_at_the_label(kind):
    logits = KINDS[kind](PREDICTION)  # the largest are at 2, 0, 1, 2
    assert accuracy(Value(logits), LABELS) == 0.75
    assert accuracy(logits, LABELS) == 0.75
    assert accuracy(logits, [2, 0, 1, 2]) == 1.0
    assert accuracy(logits, [0, 1, 0, 0]) == 0.0


def test_of_equal_logits_the_first_counts():
    tied = Array((2, 3), [1.0, 1.0, 0.0, 2.0, 2.0, 2.0])
    assert accuracy(tied, [0, 0]) == 1.0
    assert accuracy(tied, [1, 2]) == 0.0
