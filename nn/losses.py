"""What training makes small, each saying what is summed and what is averaged; and accuracy."""
from __future__ import annotations

from collections.abc import Sequence
from math import prod
from numbers import Integral

from autograd import Array, Value, ops, relu
from autograd.namespace import as_data, as_data_like, shape


def mean_squared_error(prediction: Value, target) -> Value:
    """Mean over all entries of (prediction - target)²; both of one shape."""
    return ((prediction - matching("mean_squared_error", prediction, target)) ** 2).mean()


def squared_error(prediction: Value, target) -> Value:
    """(prediction - target)², summed over the outputs and averaged over the examples.

    Both (examples, outputs); the quadratic cost of the textbooks.
    """
    difference = prediction - matching("squared_error", prediction, target)
    if len(difference.shape) != 2:
        raise ValueError(f"squared_error: prediction of shape {difference.shape}; it must be "
                         "(examples, outputs)")
    return (difference ** 2).sum(axis=-1).mean()


def cross_entropy(logits: Value, labels: Sequence[int]) -> Value:
    """Mean over the examples of -log softmax(logits)[label], in nats.

    logits: (examples, classes); labels: one int in 0 ... classes - 1 for each example.
    Raises ValueError for labels that do not fit.
    """
    labels = checked_labels("cross_entropy", logits, labels)
    return ops.cross_entropy(logits, labels=labels)


def hinge(scores: Value, labels) -> Value:
    """Mean over the examples of max(0, 1 - label · score): the loss of a margin.

    Both of one shape; each label is -1 or 1.
    """
    labels = matching("hinge", scores, labels)
    for label in set(Value(labels).reshape(-1).data.tolist()) - {-1.0, 1.0}:
        raise ValueError(f"hinge: label {label}; each must be -1 or 1")
    return relu(1 - labels * scores).mean()


def accuracy(logits: Value, labels: Sequence[int]) -> float:
    """The share of examples whose largest logit stands at the label.

    logits: (examples, classes); labels: one int for each example.
    """
    labels = checked_labels("accuracy", logits, labels)
    predictions = predicted(logits)
    return sum(p == label for p, label in zip(predictions, labels)) / len(labels)


def predicted(logits: Value) -> list[int]:
    """The place of the largest logit of each example; the first of equal ones."""
    rows = (logits.data if isinstance(logits, Value) else logits).tolist()
    return [row.index(max(row)) for row in rows]


def matching(name, prediction, target):
    """The target in the kind of the prediction's data, once both have the same shape.

    Broadcasting (n, 1) against (n,) would compare everything with everything, unnoticed.
    """
    try:
        target = target if isinstance(target, Value) else as_data(target)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: the target: {error}") from error
    if shape(target) != shape(prediction):
        raise ValueError(f"{name}: prediction {shape(prediction)} and target {shape(target)} "
                         "differ in shape; reshape one of them")
    if not prod(shape(target)):
        raise ValueError(f"{name}: shape {shape(target)} has no entries to average; give one at "
                         "least")
    if isinstance(target, Array):
        return as_data_like(Value(prediction).data, target, f"{name}: the target")
    return target


def checked_labels(name, logits, labels) -> list[int]:
    """The labels as a list of ints, once there is one for each row and each names a column."""
    if len(shape(logits)) != 2:
        raise ValueError(f"{name}: logits of shape {shape(logits)}; they must be "
                         "(examples, classes)")
    examples, classes = shape(logits)
    if not hasattr(labels, "__iter__"):
        raise TypeError(f"{name}: labels {labels!r}; give a list, an int for each example")
    labels = list(labels.tolist() if hasattr(labels, "tolist") else labels)
    if len(labels) != examples or not examples:
        raise ValueError(f"{name}: {len(labels)} labels for {examples} examples; there must be "
                         "one each, and at least one")
    if set(map(type, labels)) == {int} and min(labels) >= 0 and max(labels) < classes:
        return labels  # as nearly always: one look at all of them is 7 times faster
    return [checked_label(name, label, classes) for label in labels]


def checked_label(name, label, classes) -> int:
    """The label as an int, once it is one from 0 up and below the number of classes."""
    if isinstance(label, bool) or not isinstance(label, Integral):
        raise TypeError(f"{name}: label {label!r} is not an int; give the place of the class, from "
                        "0 up")
    if not 0 <= label < classes:
        raise ValueError(f"{name}: label {label} is out of range for {classes} classes; use 0 to "
                         f"{classes - 1}")
    return int(label)
