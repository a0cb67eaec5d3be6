"""What training makes small, each saying what is summed and what is averaged; and accuracy.

Predictions are Values, or lists of them, as a Neuron called for each example gives.
"""
from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan, prod

from autograd import Array, Value, clip, log_softmax, mean, ops, relu, softplus
from autograd.compositions import stacked
from autograd.graph import plain
from autograd.namespace import as_data, as_data_like, namespace, shape
from autograd.symbols import Symbol

from .arguments import check_list_of_labels, checked_label, within


def mean_squared_error(prediction: Value, target) -> Value:
    """Mean over all entries of (prediction - target)²; both of one shape."""
    prediction, target = matching("mean_squared_error", prediction, target)
    return mean((prediction - target) ** 2)


def squared_error(prediction: Value, target) -> Value:
    """(prediction - target)², summed over the outputs and averaged over the examples.

    Both (examples, outputs); the quadratic cost of the textbooks.
    """
    prediction, target = matching("squared_error", prediction, target)
    difference = prediction - target
    if len(difference.shape) != 2:
        raise ValueError(f"squared_error: prediction of shape {difference.shape}; it must be "
                         "(examples, outputs)")
    return mean(ops.sum(difference ** 2, axis=-1))


def huber(prediction: Value, target, delta: float = 1.0) -> Value:
    """Mean over all entries of d²/2 where |d| <= delta, and of delta · (|d| - delta/2) beyond.

    d = prediction - target; both of one shape; delta > 0. Outliers pull with the force delta and
    no more (Huber 1964, "Robust Estimation of a Location Parameter").

    >>> huber(Value([0.5, -3.0]), [0.0, 0.0])  # (0.125 + 2.5) / 2
    Value(1.3125, op=divide)
    """
    delta = within("huber: delta", delta, 0, inf)
    if delta == 0:
        raise ValueError("huber: delta = 0; it must be above 0")
    prediction, target = matching("huber", prediction, target)
    difference = prediction - target
    clipped = clip(difference, -delta, delta)  # clipped · (d - clipped/2) is both of the formulas
    return mean(clipped * (difference - clipped / 2))


def cross_entropy(logits: Value, labels: Sequence[int], label_smoothing: float = 0.0,
                  class_weights: Sequence[float] | None = None) -> Value:
    """Mean over the examples of -log softmax(logits)[label], in nats.

    logits: (examples, classes); labels: one int in 0 ... classes - 1 for each example.
    label_smoothing: the part of each target, 0 or more and less than 1, that is taken from the
    label and spread evenly over all classes (Szegedy et al. 2016, section 7).
    class_weights: for each class, how much it counts. The weighted sum over the examples is
    divided by the sum of the weights of their labels; both work as in PyTorch.
    Raises ValueError for labels and weights that do not fit.

    >>> logits = Value([[2.0, 0.0], [0.0, 0.0]])
    >>> round(cross_entropy(logits, [0, 1], class_weights=[3.0, 1.0]), 6)
    0.268483
    """
    logits = stacked(logits)
    labels = checked_labels("cross_entropy", logits, labels)
    if label_smoothing == 0 and class_weights is None:
        return ops.cross_entropy(logits, labels=labels)
    smoothing = within("cross_entropy: label_smoothing", label_smoothing, 0, 1)
    examples, classes = shape(logits)
    information, total = -log_softmax(logits), examples
    if class_weights is not None:
        weights = checked_weights(class_weights, classes)
        row = as_data_like(plain(logits)[0], weights, "cross_entropy: class_weights")
        information = information * row
        if isinstance(labels, Symbol):  # `compile` records, and its program will look
            total = ops.sum(ops.one_hot(logits, labels=labels) * row)
        else:
            total = sum(weights[label] for label in labels)
    if type(total) is float and not total:
        raise ValueError("cross_entropy: class_weights are 0 for every label given; one must count")
    loss = ops.sum(information[list(range(examples)), labels]) / total
    if smoothing:  # and not where it is 0: a logit of -inf is infinite information
        evenly = ops.sum(information) / (classes * total)
        loss = (1 - smoothing) * loss + smoothing * evenly
    return loss


def binary_cross_entropy_with_logits(logits: Value, target) -> Value:
    """Mean over all entries of -target · log σ(logit) - (1 - target) · log(1 - σ(logit)), in nats.

    Both of one shape; each target is a probability, 0 ... 1, most often 0 or 1. Precise for
    logits of any size, as log σ(z) is -softplus(-z) and log(1 - σ(z)) is -softplus(z).

    >>> binary_cross_entropy_with_logits(Value([1000.0, -1000.0]), [1, 1])
    Value(500.0, op=divide)
    """
    logits, target = matching("binary_cross_entropy_with_logits", logits, target)
    for probability in known_numbers(target):
        if not 0 <= probability <= 1:
            raise ValueError(f"binary_cross_entropy_with_logits: target {probability}; each must "
                             "be in 0 ... 1")
    return mean(target * softplus(-logits) + (1 - target) * softplus(logits))


def hinge(scores: Value, labels) -> Value:
    """Mean over the examples of max(0, 1 - label · score): the loss of a margin.

    Both of one shape; each label is -1 or 1.
    """
    scores, labels = matching("hinge", scores, labels)
    for label in set(known_numbers(labels)) - {-1.0, 1.0}:
        raise ValueError(f"hinge: label {label}; each must be -1 or 1")
    return mean(relu(1 - labels * scores))


def accuracy(logits: Value, labels: Sequence[int]) -> float:
    """The share of examples whose largest logit stands at the label.

    logits: (examples, classes); labels: one int for each example. Of equal logits the first
    counts; logits with a nan among them have no largest, so they count as wrong.
    """
    logits = stacked(logits)
    labels = checked_labels("accuracy", logits, labels)
    predictions = predicted(logits)
    return sum(p == int(label) for p, label in zip(predictions, labels)) / len(labels)


def predicted(logits: Value) -> list[int]:
    """The place of the largest logit of each example: the first of equal ones, -1 beside a nan."""
    return [-1 if any(map(isnan, row)) else row.index(max(row))
            for row in as_data(plain(logits)).tolist()]


def matching(name, prediction, target):
    """Both, the target in the kind of the prediction's data, once they have the same shape.

    Broadcasting (n, 1) against (n,) would compare everything with everything, unnoticed.
    """
    prediction = stacked(prediction)
    try:
        target = target if isinstance(target, Value) else as_data(target)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: the target: {error}") from error
    if not hasattr(prediction, "shape"):  # plain numbers, or nothing to compute with
        prediction = Value(namespace(plain(target)).asarray(as_data(prediction)))
    if shape(target) != shape(prediction):
        raise ValueError(f"{name}: prediction {shape(prediction)} and target {shape(target)} "
                         "differ in shape; reshape one of them")
    if not prod(shape(target)):
        raise ValueError(f"{name}: shape {shape(target)} has no entries to average; give one at "
                         "least")
    if isinstance(target, Array):
        target = as_data_like(Value(prediction).data, target, f"{name}: the target")
    return prediction, target


def checked_weights(class_weights, classes) -> list[float]:
    """The weights as a list, once there is one for each class, finite and not negative."""
    try:
        weights = as_data(plain(class_weights))
    except (TypeError, ValueError) as error:
        raise type(error)(f"cross_entropy: class_weights: {error}") from error
    if shape(weights) != (classes,):
        raise ValueError(f"cross_entropy: class_weights of shape {shape(weights)} for {classes} "
                         "classes; give one number each")
    for weight in weights.tolist():
        if not 0 <= weight < inf:
            raise ValueError(f"cross_entropy: class weight {weight}; each must be a finite number, "
                             "0 or more")
    return weights.tolist()


def known_numbers(x) -> list[float]:
    """All entries, to be checked; none while `compile` records, for any may come later."""
    data = Value(x).reshape(-1).data
    return [] if isinstance(data, Symbol) else data.tolist()


def checked_labels(name, logits, labels):
    """The labels, once there is one for each row and each names a column.

    They come in the form that the logits can be indexed by: a list of ints, or an array of ints of
    the logits' library, a copy, so that writing into the given one does not bend the gradient.
    """
    if len(lengths := shape(logits)) != 2:
        raise ValueError(f"{name}: logits of shape {lengths}; they must be (examples, classes)")
    examples, classes = lengths
    check_list_of_labels(name, labels)
    labels = labels if hasattr(labels, "__len__") else list(labels)
    if len(labels) != examples or not examples:
        raise ValueError(f"{name}: {len(labels)} labels for {examples} examples; there must be "
                         "one each, and at least one")
    if isinstance(labels, Symbol):  # `compile` records, and its program will look
        return labels
    data, given = as_data(plain(logits)), labels
    of_one_type = type(given) is type(data) and given.dtype != object
    labels = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    types = set(map(type, labels[:1] if of_one_type else labels))
    if types != {int} or min(found := set(labels)) < 0 or max(found) >= classes:
        # Rarely run: the look at all of them, as above, is 7 times faster than one at each.
        labels = [checked_label(name, label, classes) for label in labels]
    if isinstance(data, (Array, Symbol)):
        return labels
    return namespace(data).asarray(given if of_one_type else labels, copy=True)
