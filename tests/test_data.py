"""Mini-batches and one-hot rows."""
from random import Random

import pytest

from autograd import Array
from nn import batches, one_hot
from nn.datasets import mnist


def examples(count, kind="Array"):
    """Images of two pixels, the first of which is the label."""
    rows = [[float(i), -float(i)] for i in range(count)]
    if kind == "Array":
        return Array((count, 2), sum(rows, [])), list(range(count))
    numpy = pytest.importorskip("numpy")
    return numpy.array(rows), numpy.arange(count)


def labels_of(*arguments):
    return [list(labels) for _, labels in batches(*arguments)]


# -- batches -------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["Array", "NumPy"])
@pytest.mark.parametrize("rng", [None, Random(0)])
def test_every_example_comes_once_and_with_its_label(rng, kind):
    images, labels = examples(10, kind)
    seen = []
    for x, y in batches(images, labels, 3, rng):
        assert x.tolist() == [[label, -label] for label in y]
        seen += list(y)
    assert sorted(seen) == list(range(10))


def test_the_last_batch_may_be_smaller():
    assert [len(labels) for labels in labels_of(*examples(10), 4)] == [4, 4, 2]
    assert [len(labels) for labels in labels_of(*examples(10), 5, Random(0))] == [5, 5]


def test_a_size_beyond_the_data_gives_one_batch():
    assert labels_of(*examples(3), 1000) == [[0, 1, 2]]


def test_a_size_may_be_an_integer_of_numpy():
    numpy = pytest.importorskip("numpy")
    assert labels_of(*examples(3), numpy.int64(2)) == [[0, 1], [2]]


def test_without_an_rng_the_order_is_kept():
    assert labels_of(*examples(5), 2) == [[0, 1], [2, 3], [4]]


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    data = examples(50)
    assert labels_of(*data, 7, Random(1)) == labels_of(*data, 7, Random(1))
    assert labels_of(*data, 7, Random(1)) != labels_of(*data, 7, Random(2))


def test_the_next_epoch_has_another_order():
    data, rng = examples(50), Random(1)
    assert labels_of(*data, 7, rng) != labels_of(*data, 7, rng)


def test_the_data_keep_their_order():
    images, labels = examples(50)
    labels_of(images, labels, 7, Random(1))
    assert labels == list(range(50)) and images[:, 0].tolist() == labels


def test_no_examples_make_no_batches():
    assert labels_of(Array((0, 2), []), [], 4) == []


def test_images_may_be_anything_that_a_list_of_places_selects_from():
    class Squares:
        def __len__(self):
            return 4

        def __getitem__(self, places):
            return [place * place for place in places]

    assert list(batches(Squares(), "abcd", 3)) == [([0, 1, 4], ["a", "b", "c"]), ([9], ["d"])]


@pytest.mark.parametrize("images", [[[1.0], [2.0]], ([1.0], [2.0]), "ab", b"ab", None])
def test_images_that_no_list_selects_from_are_refused_at_once(images):
    with pytest.raises(TypeError, match=f"batches: {type(images).__name__}"):
        batches(images, [0, 1], 1)


@pytest.mark.parametrize("size", [0, -1, True, 2.0, "2", None])
def test_a_size_that_is_no_count_is_refused_at_once(size):
    with pytest.raises(ValueError, match="whole number from 1 up"):
        batches(*examples(4), size)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_counts_that_differ_are_refused_at_once(count):
    with pytest.raises(ValueError, match=f"4 images but {count} labels"):
        batches(examples(4)[0], list(range(count)), 2)


def test_digits_come_with_their_labels():
    digits = mnist()
    answers = {tuple(digits.test_images[i].flat): label
               for i, label in enumerate(digits.test_labels)}
    x, y = next(batches(digits.test_images, digits.test_labels, 32, Random(0)))
    assert x.shape == (32, 784)
    assert [answers[tuple(row.flat)] for row in x] == y


# -- one_hot -------------------------------------------------------------------------------------

def test_one_hot_has_a_row_for_each_label_with_1_at_the_label():
    assert one_hot([2, 0], 3).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert one_hot(bytes([1]), 2).tolist() == [[0.0, 1.0]]


def test_one_hot_takes_the_labels_of_numpy():
    numpy = pytest.importorskip("numpy")
    assert one_hot(numpy.array([2, 0]), 3).tolist() == numpy.eye(3)[[2, 0]].tolist()


def test_the_number_of_classes_may_be_an_integer_of_numpy():
    numpy = pytest.importorskip("numpy")
    assert [type(length) for length in one_hot([1, 0], numpy.int64(3)).shape] == [int, int]


@pytest.mark.parametrize("label", [3, -1])
def test_one_hot_refuses_labels_out_of_range(label):
    with pytest.raises(ValueError, match=f"one_hot: label {label} is out of range for 3 classes"):
        one_hot([0, label], 3)


@pytest.mark.parametrize("label", [0.5, 1.0, True, "1", None])
def test_one_hot_refuses_labels_that_are_not_ints(label):
    with pytest.raises(TypeError, match="one_hot: label .* is not an int"):
        one_hot([0, label], 3)
