"""Losses against formulas written out in NumPy, their gradients against central differences."""
from math import exp, inf, log, nan

import pytest

from autograd import Array, Value, check_gradients, compile
from nn import (
    accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge, huber, mean_squared_error,
    one_hot, squared_error)

numpy = pytest.importorskip("numpy")

PREDICTION = [[0.5, -1.25, 2.0], [3.0, 0.25, -0.5], [-2.0, 1.5, 0.75], [0.1, 0.2, 0.3]]
TARGET = [[1.0, 0.0, 2.5], [2.0, -0.5, 0.0], [-2.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
SIGNS = [[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
PROBABILITIES = [[1.0, 0.0, 1.0], [0.0, 0.5, 0.0], [0.25, 1.0, 1.0], [0.0, 0.0, 1.0]]
LABELS = [2, 0, 1, 1]
WEIGHTS = [0.5, 2.0, 0.0]

KINDS = {"Array": lambda numbers: Value(numbers).data,
         "float32": lambda numbers: numpy.array(numbers, numpy.float32),
         "float64": lambda numbers: numpy.array(numbers, numpy.float64)}
kinds = pytest.mark.parametrize("kind", KINDS)


def log_softmax_by_hand(z):
    exponentials = numpy.exp(z - z.max(axis=1, keepdims=True))
    return numpy.log(exponentials / exponentials.sum(axis=1, keepdims=True))


def cross_entropy_by_hand(z, smoothing=0.0, weights=(1.0, 1.0, 1.0)):
    weights = numpy.array(weights)
    target = (1 - smoothing) * numpy.eye(3)[LABELS] + smoothing / 3
    return -(target * weights * log_softmax_by_hand(z)).sum() / weights[LABELS].sum()


def binary_by_hand(z):
    y, p = numpy.array(PROBABILITIES), 1 / (1 + numpy.exp(-z))
    return -(y * numpy.log(p) + (1 - y) * numpy.log(1 - p)).sum() / 12


def huber_by_hand(p, delta):
    d = numpy.abs(p - TARGET)
    return numpy.where(d <= delta, d * d / 2, delta * (d - delta / 2)).sum() / 12


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
    "cross_entropy, smoothed": (
        lambda z, labels: cross_entropy(z, labels, 0.1), LABELS,
        lambda z: cross_entropy_by_hand(z, 0.1)),
    "cross_entropy, weighted": (
        lambda z, labels: cross_entropy(z, labels, class_weights=WEIGHTS), LABELS,
        lambda z: cross_entropy_by_hand(z, weights=WEIGHTS)),
    "cross_entropy, smoothed and weighted": (
        lambda z, labels: cross_entropy(z, labels, 0.3, WEIGHTS), LABELS,
        lambda z: cross_entropy_by_hand(z, 0.3, WEIGHTS)),
    "binary_cross_entropy_with_logits": (
        binary_cross_entropy_with_logits, PROBABILITIES, binary_by_hand),
    **{f"huber, delta {delta}": (
        lambda p, target, delta=delta: huber(p, target, delta), TARGET,
        lambda p, delta=delta: huber_by_hand(p, delta)) for delta in (0.3, 1.2)},
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
    answers = answers if answers is LABELS else KINDS[kind](answers)
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
@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_of_both_orders_agree_with_differences(name, kind):
    loss, answers, _ = LOSSES[name]
    answers = LABELS[:2] if answers is LABELS else KINDS[kind](answers[:2])
    check_gradients(lambda p: loss(p, answers), KINDS[kind](PREDICTION[:2]))


@pytest.mark.parametrize("loss", [mean_squared_error, huber, binary_cross_entropy_with_logits])
def test_a_single_number_will_do(loss):
    check_gradients(lambda p: loss(p, 1.0), 0.25)


@pytest.mark.parametrize("name", LOSSES)
def test_lists_of_values_will_do_as_predictions(name):
    loss, answers, _ = LOSSES[name]
    prediction = Value(PREDICTION)
    scalars = [[Value(number) for number in row] for row in PREDICTION]
    loss(prediction, answers).backward()
    loss(scalars, answers).backward()
    assert [[x.grad for x in row] for row in scalars] == prediction.grad.tolist()
    with pytest.raises(ValueError, match=r"\(1, 3\)|4 labels for 1"):
        loss(scalars[:1], answers)


@kinds
@pytest.mark.parametrize("name", LOSSES)
def test_plain_lists_and_arrays_will_do_as_predictions(name, kind):
    loss, answers, _ = LOSSES[name]
    expected = float(loss(Value(PREDICTION), answers))
    assert float(loss(PREDICTION, answers)) == expected
    for f in (lambda p: loss(p, answers)), compile(lambda p: loss(p, answers)):
        assert float(f(KINDS[kind](PREDICTION))) == pytest.approx(expected, rel=1e-6)
    if not name.startswith("cross_entropy"):
        assert float(loss(PREDICTION, KINDS[kind](answers))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("wrong", [None, "1", [1.0, None]])
def test_predictions_that_are_no_numbers_are_refused_for_what_they_are(wrong):
    for answers in (1.0, [1.0, 2.0], numpy.ones(2)):
        with pytest.raises(TypeError, match="is not a number"):
            mean_squared_error(wrong, answers)  # of a forward() that forgot its return, say


@kinds
@pytest.mark.parametrize("loss, answers", [
    (mean_squared_error, TARGET), (squared_error, TARGET), (hinge, SIGNS), (huber, TARGET),
    (binary_cross_entropy_with_logits, PROBABILITIES)])
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


@pytest.mark.parametrize("loss", [
    mean_squared_error, squared_error, hinge, huber, binary_cross_entropy_with_logits])
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


# -- huber ---------------------------------------------------------------------------------------

@kinds
@pytest.mark.parametrize("delta", [numpy.float32(0.5), numpy.float64(0.5)], ids=repr)
def test_the_delta_of_huber_may_be_a_number_of_numpy(delta, kind):
    prediction = Value(KINDS[kind](PREDICTION))
    loss, same = huber(prediction, TARGET, delta), huber(prediction, TARGET, 0.5)
    assert loss.data == same.data and type(loss.data) is type(same.data)


def test_huber_by_hand():
    prediction = Value([0.5, -3.0, 1.0, 0.0])
    loss = huber(prediction, [0.0, 0.0, 0.0, 0.0])
    loss.backward()
    assert loss.item() == (0.125 + 2.5 + 0.5 + 0) / 4
    assert prediction.grad.tolist() == [0.125, -0.25, 0.25, 0.0]
    assert huber(prediction, [0.0, 0.0, 0.0, 0.0], 2).item() == (0.125 + 4 + 0.5 + 0) / 4


def test_huber_pulls_at_the_largest_errors_with_delta_only():
    for error in (1000.0, 1e300):
        prediction = Value(error)
        loss = huber(prediction, 0.0, 0.5)
        loss.backward()
        assert loss.item() == 0.5 * (error - 0.25) and prediction.grad == 0.5


def test_huber_does_not_hide_a_nan():
    prediction = Value(nan)
    huber(prediction, 0.0).backward()
    assert prediction.grad != prediction.grad


# -- binary cross-entropy ------------------------------------------------------------------------

@kinds
def test_binary_cross_entropy_of_logits_of_1000_is_exact(kind):
    logits = Value(KINDS[kind]([1000.0, -1000.0, 1000.0, -1000.0]))
    loss = binary_cross_entropy_with_logits(logits, [1, 0, 0, 1])
    loss.backward()
    assert loss.item() == 500.0
    assert logits.grad.tolist() == [0.0, 0.0, 0.25, -0.25]


@pytest.mark.parametrize("logit, target", [(40.0, 1.0), (-40.0, 0.0)])
def test_binary_cross_entropy_is_precise_where_it_is_tiny(logit, target):
    loss = binary_cross_entropy_with_logits(Value(logit), target)
    assert loss.item() == pytest.approx(exp(-40), rel=1e-14, abs=0)


@kinds
def test_a_mask_will_do_for_binary_targets(kind):
    logits, target = Value(KINDS[kind](PREDICTION)), Value(KINDS[kind](PROBABILITIES)) > 0.5
    assert binary_cross_entropy_with_logits(logits, target).item() == pytest.approx(
        binary_cross_entropy_with_logits(logits, target * 1.0).item(), rel=1e-6)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, nan])
def test_binary_targets_are_probabilities(wrong):
    with pytest.raises(ValueError, match=f"target {wrong}"):
        binary_cross_entropy_with_logits(Value([0.5, -0.5]), [1.0, wrong])


# -- cross-entropy -------------------------------------------------------------------------------

def test_smoothing_and_weights_by_hand():
    logits = Value([[log(2.0), 0.0], [0.0, 0.0]])  # of probabilities 2/3 and 1/3, 1/2 and 1/2
    thirds = log(3 / 2), log(3)
    assert cross_entropy(logits, [0, 1], 0.2).item() == pytest.approx(
        (0.9 * thirds[0] + 0.1 * thirds[1] + log(2)) / 2, rel=1e-14)
    assert cross_entropy(logits, [0, 1], class_weights=[3, 1]).item() == pytest.approx(
        (3 * thirds[0] + log(2)) / 4, rel=1e-14)
    assert cross_entropy(logits, [0, 1], 0.2, [3, 1]).item() == pytest.approx(
        (0.9 * 3 * thirds[0] + 0.1 * thirds[1] + 0.1 * 3 * log(2) + 0.9 * log(2)) / 4, rel=1e-14)


def test_equal_weights_and_no_smoothing_change_nothing():
    plain = cross_entropy(Value(PREDICTION), LABELS).item()
    for weights in ([1.0] * 3, [0.25] * 3, numpy.full(3, 7, numpy.float32), (2, 2, 2)):
        assert cross_entropy(Value(PREDICTION), LABELS, 0, weights).item() == pytest.approx(
            plain, rel=1e-14)


@kinds
@pytest.mark.parametrize("smoothing, weights, slope", [
    (0.1, None, [[0.025, -0.025], [-0.475, 0.475]]), (0.0, [1.0, 3.0], [[0.0, 0.0], [-0.5, 0.5]])])
def test_smoothed_and_weighted_cross_entropy_are_stable(kind, smoothing, weights, slope):
    logits = Value(KINDS[kind]([[1000.0, -1000.0], [-1000.0, 1000.0]]))
    loss = cross_entropy(logits, [0, 0], smoothing, weights)
    loss.backward()
    assert loss.item() == pytest.approx(1000.0, rel=1e-6 if kind == "float32" else 1e-14)
    numpy.testing.assert_allclose(logits.grad.tolist(), slope, atol=1e-7)


def test_a_class_masked_by_minus_infinity_does_not_matter_to_weighted_labels():
    logits = Value([[0.0, 0.0, -inf]])
    assert cross_entropy(logits, [0], class_weights=[2, 1, 1]).item() == log(2)


def test_smoothing_reaches_into_every_class():
    logits = Value([[0.0, 0.0, -inf]])
    assert cross_entropy(logits, [0], 0.1).item() == inf


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


@kinds
def test_labels_written_into_after_the_loss_do_not_bend_the_gradient(kind):
    expected, logits = (Value(KINDS[kind](PREDICTION)) for _ in range(2))
    cross_entropy(expected, LABELS).backward()
    labels = numpy.array(LABELS)
    loss = cross_entropy(logits, labels)
    labels[:] = 0
    loss.backward()
    assert logits.grad.tolist() == expected.grad.tolist()


# -- accuracy ------------------------------------------------------------------------------------

@kinds
def test_accuracy_is_the_share_of_largest_logits_at_the_label(kind):
    logits = KINDS[kind](PREDICTION)  # the largest are at 2, 0, 1, 2
    assert accuracy(Value(logits), LABELS) == 0.75
    assert accuracy(logits, LABELS) == 0.75
    assert accuracy(logits, [2, 0, 1, 2]) == 1.0
    assert accuracy(logits, [0, 1, 0, 0]) == 0.0


def test_a_nan_is_no_right_answer():
    for row in ([nan, 1.0], [1.0, nan], [nan, nan]):
        assert accuracy(Value([row, [1.0, 0.0]]), [0, 0]) == 0.5
        assert accuracy(Value([row, [1.0, 0.0]]), [1, 0]) == 0.5


def test_of_equal_logits_the_first_counts():
    tied = Array((2, 3), [1.0, 1.0, 0.0, 2.0, 2.0, 2.0])
    assert accuracy(tied, [0, 0]) == 1.0
    assert accuracy(tied, [1, 2]) == 0.0
