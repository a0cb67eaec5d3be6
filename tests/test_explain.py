"""explain: its paths add up to the gradient, the largest come first, and there is no blow-up."""
import math
import time
from random import Random

import numpy as np
import pytest

import autograd as ag
from autograd import Value, no_grad
from autograd.explain import explain
from nn import MLP, cross_entropy

ALL = 10 ** 9


def numbers(x):
    return np.array(x.tolist() if hasattr(x, "tolist") else x)


def random_graph(rng, start):
    """A leaf, and a number computed from it and others by 12 random steps; small derivatives."""
    values = [start(rng) for _ in range(3)]
    for _ in range(12):
        x, y = rng.choice(values[-3:]), rng.choice(values)
        values.append(rng.choice([
            lambda: x + y, lambda: x - y, lambda: x * y, lambda: x / (2 + y * y),
            lambda: x.tanh(), lambda: x.sin() * 0.5, lambda: x.sigmoid() + y,
            lambda: ag.maximum(x, y), lambda: (x * 0.5).exp().log1p()])())
    return values[0], ag.sum(values[-1] + values[-2] * 0.1 + values[0])


def a_number(rng):
    return Value(rng.uniform(-1, 1))


def a_matrix(rng):
    shape = rng.choice([(2, 3), (1, 3), (2, 1)])
    return Value([[rng.uniform(-1, 1) for _ in range(shape[1])] for _ in range(shape[0])])


def a_numpy_matrix(rng):
    return Value(np.array(a_matrix(rng).data.tolist()))


@pytest.mark.parametrize("start, graphs", [(a_number, 200), (a_matrix, 40), (a_numpy_matrix, 40)])
def test_all_paths_add_up_to_the_gradient(start, graphs):
    rng = Random(4)
    counts = []
    for _ in range(graphs):
        leaf, loss = random_graph(rng, start)
        found = explain(leaf, loss, ALL)
        assert not np.any(numbers(leaf.grad))  # explaining leaves no trace
        loss.backward()
        grad = numbers(leaf.grad)
        added = sum(numbers(path.contribution) for path in found.paths)
        np.testing.assert_allclose(added, grad, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(numbers(found.total), grad, rtol=1e-12)
        if np.any(grad):
            assert sum(map(found.share, found.paths)) == pytest.approx(1, abs=1e-9)
        assert len(found.paths) == found.count
        counts.append(found.count)
    assert max(counts) > 20  # there was something to add up


def test_the_first_few_are_the_largest_of_all():
    rng = Random(5)
    for start in [a_number] * 50 + [a_matrix] * 10:
        leaf, loss = random_graph(rng, start)
        everything, few = explain(leaf, loss, ALL), explain(leaf, loss, 4)

        def sizes(found):
            return [math.dist([0] * leaf.size, Value(p.contribution).reshape(-1).data)
                    if leaf.shape else abs(p.contribution) for p in found.paths]
        assert sizes(everything) == pytest.approx(sorted(sizes(everything), reverse=True))
        assert sizes(few) == pytest.approx(sizes(everything)[:4])
        assert few.count == everything.count


def test_a_contribution_is_the_product_of_the_local_derivatives():
    w, x, b = Value(0.5, name="w"), Value(2.0), Value(-0.25)
    y = (w * x + b).tanh()
    (path,) = explain(w, y).paths
    assert [node.op for node, _ in path.steps] == ["tanh", "add", "multiply"]
    assert path.derivatives == [1 - math.tanh(0.75) ** 2, 1.0, 2.0]
    assert path.contribution == math.prod(path.derivatives)


def test_an_operand_that_stands_twice_gives_two_paths():
    x = Value(3.0)
    found = explain(x, x * x)
    assert found.count == 2 and [p.contribution for p in found.paths] == [3.0, 3.0]
    assert [i for p in found.paths for _, i in p.steps] == [0, 1]


def test_a_value_within_the_graph_and_the_loss_itself_can_be_explained():
    x = Value(3.0)
    y = x * x
    assert explain(y, y * 2 + y).total == 3.0
    itself = explain(y, y)
    assert itself.count == 1 and itself.total == 1.0
    assert "the loss itself → multiply" in str(itself)


def test_a_thousand_diamonds_in_a_row():
    x = y = Value(1.0, name="x")
    for i in range(1000):
        y = y * 0.75 + y * (0.25 if i else 0.125)
    began = time.process_time()
    found = explain(x, y)
    text = str(found)
    assert time.process_time() - began < 2
    assert found.count == 2 ** 1000
    best = 0.75 ** 1000
    assert [p.contribution for p in found.paths] == pytest.approx([best] + [best / 3] * 9)
    assert "10^301 paths" in text and "more steps" in text
    assert max(map(len, text.splitlines())) < 250


def test_products_too_small_for_a_float_are_ranked_all_the_same():
    x = y = z = Value(1.0)
    for _ in range(2000):
        y, z = y * 0.3, z * 0.4
    found = explain(x, y + z)
    assert [p.contribution for p in found.paths] == [0.0, 0.0]
    assert [p.derivatives[-1] for p in found.paths] == [0.4, 0.3]


def test_what_is_not_a_number_stands_first():
    x = Value(0.0)
    y = x.sqrt() * 0.0 + x * 5.0  # the derivative of the root is inf, and 0 · inf is nan
    found = explain(x, y)
    assert math.isnan(found.total) and math.isnan(found.paths[0].contribution)
    assert found.paths[1].contribution == 5.0


def test_text_of_many_paths_says_how_much_is_shown():
    x = Value(2.0, name="x")
    assert str(explain(x, x * x * x, 2)).splitlines() == [
        "gradient towards x: 12.0, the sum over 3 paths",
        "  contribution   share   path, each operation with its local derivative",
        "           4.0   33.3%   multiply₁ 2.0 · multiply₁ 2.0 → x",
        "           4.0   33.3%   multiply₁ 2.0 · multiply₂ 2.0 → x",
        "  these 2 add up to 8.0: they make up 66.7% of the gradient, and 1 path the rest"]


@pytest.mark.parametrize("start", [2.0, [2.0]])
def test_paths_that_cancel_have_no_share(start):
    x = Value(start, name="x")
    found = explain(x, ag.sum(x - x))
    assert not any(map(math.isfinite, map(found.share, found.paths)))
    assert all(line.split()[:2] == ["1.0" if x.shape else sign + "1.0", "-"]
               for sign, line in zip(["", "-"], str(found).splitlines()[2:]))


def test_a_contribution_of_0_has_no_sign():
    x = Value(0.0, name="x")
    lines = repr(explain(x, x * x * -1.0)).splitlines()
    assert lines[0].startswith("gradient towards x: 0.0,")
    assert [line.split()[0] for line in lines[2:]] == ["0.0", "0.0"]


def test_text_of_a_network():
    model = MLP(2, [3, 2], rng=Random(0))
    loss = cross_entropy(model([[1.0, 2.0]]), [1])
    text = str(explain(model.layers[0].weight, loss))
    assert "the sum over 1 path\n" in text
    assert "100.0%   cross_entropy · linear₁ · relu · linear₂ → layers.0.weight" in text


def test_a_path_against_the_gradient_has_a_negative_share():
    w = Value([1.0, 2.0], name="w")
    found = explain(w, (w * 3.0 - w).sum())
    assert sorted(map(found.share, found.paths)) == [-0.5, 1.5]


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_loss_of_one_entry_is_a_single_number(shape):
    x = Value(2.0, name="x")
    loss = x.reshape(shape) * x
    loss.backward()
    found = explain(x, loss)
    assert [path.contribution for path in found.paths] == [2.0, 2.0]
    assert x.grad == found.total == 4.0


@pytest.mark.parametrize("call, error, message", [
    (lambda x: explain(x, Value(1.0) * 2), ValueError, "no path leads from the loss"),
    (lambda x: explain(x, ag.where(x, Value(1.0), 2.0)), ValueError, "no path leads"),
    (lambda x: explain(x, Value(1.0)), ValueError, "no path leads"),
    (lambda x: explain(x, ag.stack([x, x])), ValueError, r"shape \(2,\) has no single gradient"),
    (lambda x: explain(x, 3.0), TypeError, "the loss, of type float, is no Value"),
    (lambda x: explain("x", x), TypeError, "the leaf, of type str, is no Value"),
    (lambda x: explain(x, x * x, 0), ValueError, "most=0"),
    (lambda x: explain(x, x * x, 2.5), ValueError, "most=2.5"),
], ids=range(8))
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(2.0))


def test_without_a_graph():
    x = Value(2.0)
    with no_grad():
        y = x * x
    with pytest.raises(ValueError, match="outside no_grad"):
        explain(x, y)


def test_arrays_with_too_many_paths():
    x = y = Value([1.0, 2.0])
    for _ in range(20):
        y = y + y.tanh()
    with pytest.raises(ValueError, match="1,048,576 paths lead .* nearer to the loss"):
        explain(x, y.sum())
