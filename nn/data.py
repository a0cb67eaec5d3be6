"""Mini-batches."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from autograd import Array, array
from autograd.namespace import as_index, namespace
from autograd.operands import all_described
from autograd.symbols import Symbol, constants, precision

from .arguments import check_list_of_labels, checked_label, generator, positive_count


def batches(images, labels: Sequence, size: int, rng: Random | None = None) -> Iterator[tuple]:
    """All examples once, `size` at a time, as (images, labels); shuffled if there is an rng.

    It is one epoch, and then empty: for the next one call it again. The last batch may be smaller.
    `images[list of ints]` must give the examples at those places.
    Raises ValueError if the counts differ or the size is not from 1 up.

    >>> [labels for _, labels in batches(Array((3,), [.1, .2, .3]), "abc", 2)]
    [['a', 'b'], ['c']]
    """
    if isinstance(images, Sequence) or any(
            not hasattr(thing, "__getitem__") or getattr(thing, "shape", None) == ()
            for thing in (images, labels)):
        raise TypeError(f"batches: {all_described((images, labels))}; give an array of images, "
                        "e.g. Value(images).data, and a list of labels")
    if len(images) != len(labels):
        raise ValueError(f"batches: {len(images)} images but {len(labels)} labels; give one each")
    size = positive_count("batches: size", size)
    order = list(range(len(images)))
    if rng is not None:
        generator("batches", rng).shuffle(order)
    an_array = hasattr(labels, "__array_namespace__")
    return ((rows_at(images, chosen),
             rows_at(labels, chosen) if an_array else [labels[i] for i in chosen])
            for chosen in (order[start:start + size] for start in range(0, len(order), size)))


def rows_at(images, places: list[int]):
    """The rows of an array, or of what takes a list of places as arrays do."""
    return images[as_index(places) if hasattr(images, "__array_namespace__") else places]


def one_hot(labels: Sequence[int], classes: int) -> Array:
    """A row for each label: 1 at the label, else 0. → (examples, classes)

    >>> one_hot([1, 0], 3)
    Array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    """
    classes = positive_count("one_hot: classes", classes)
    if isinstance(labels, Symbol):  # `compile` records
        xp, zeros = namespace(labels), constants.get().zeros((len(labels), classes))
        # Of other libraries it is a mask.
        return xp.asarray(xp.one_hot(labels, zeros), dtype=precision.get(), copy=True)
    check_list_of_labels("one_hot", labels)
    labels = labels.tolist() if hasattr(labels, "tolist") else labels
    labels = [checked_label("one_hot", label, classes) for label in labels]
    return array.one_hot(labels, (len(labels), classes))
