"""latex writes what a lecturer would, and the gradient as the table of rules gives it."""
import re
import shutil
import subprocess

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.latex import latex, latex_gradient
from nn import MLP, Module, Neuron, cross_entropy, mean_squared_error, neurons

UGLY = ['"', "<script>", "\\", "{a|b}", "]", "é", "100 % & $x$ #1 _ ^ ~", "a\nb", "x_{",
        "w" * 10_000]


def number(name, data=0.5):
    return Value(data, name=name)


def neuron():
    w, x, b = number("w"), number("x", 2.0), number("b", 0.25)
    return w, x, b, (w * x + b).tanh()


def two_layers():
    X, W1, b1, W2, b2 = (number(name, np.ones(shape)) for name, shape in [
        ("X", (2, 2)), ("W1", (2, 3)), ("b1", 3), ("W2", (3, 2)), ("b2", 2)])
    return X, W1, b1, W2, b2, ag.relu(X @ W1 + b1) @ W2 + b2


def test_a_neuron():
    w, x, b, y = neuron()
    assert latex(y) == r"\tanh\left(w x + b\right)"
    assert latex_gradient(y, w) == r"\frac{\partial L}{\partial w} = " \
        r"\left(1 - \tanh^{2}\left(w x + b\right)\right) x"
    assert latex_gradient(y, b) == r"\frac{\partial L}{\partial b} = " \
        r"1 - \tanh^{2}\left(w x + b\right)"


def test_a_named_root_gives_an_equation_and_a_named_step_is_not_written_out():
    w, x, b, y = neuron()
    y.name = "y"
    loss = (y - 1.0) ** 2
    loss.name = "L"
    assert latex(loss) == r"L = \left(y - 1\right)^{2}"
    assert latex_gradient(loss, w) == r"\frac{\partial L}{\partial w} = " \
        r"2 \left(y - 1\right) \left(1 - y^{2}\right) x"
    assert latex_gradient(loss, y) == r"\frac{\partial L}{\partial y} = 2 \left(y - 1\right)"


def test_a_leaf_is_no_equation():
    assert latex(number("x")) == "x"


def test_matrices_are_transposed_once_or_not_at_all():
    A, B = number("A", [[1.0, 2.0], [3.0, 4.0]]), number("B", [[1.0, 2.0], [3.0, 5.0]])
    for root, formula in [(A.T.T, "A"), ((-2 * A.T).T, "-2 A"),
                          (ag.einsum("ij->ji", A), r"A^{\top}"),
                          (ag.permute_dims(A[0], axes=(-1,)), "A_{0}"),
                          (ag.einsum("ij,kj->ik", A, B), r"A B^{\top}")]:
        assert latex(root) == formula
    assert latex_gradient(((A @ B.T) ** 2).sum(), A).endswith(r" = 2 A B^{\top} B")
    assert latex_gradient(ag.einsum("ij,jk->ik", A, B).tanh().sum(), A).endswith(
        r" = \left(1 - \tanh^{2}\left(A B\right)\right) B^{\top}")


def test_a_term_that_follows_itself_is_counted():
    w, x = number("w"), number("x")
    for root, formula in [(w * w + w, "1 + 2 w"), (w * x + w * w, "x + 2 w"),
                          (w - w * w, "1 - 2 w"), (w ** 3 - w * w * 2, "3 w^{2} - 4 w")]:
        assert latex_gradient(root, w).endswith(f" = {formula}")
    assert latex(x - w - w) == "x - 2 w" and latex(x + w - w) == "x"
    assert latex(x - w * 3 + w) == "x - 2 w"


def test_nothing_is_subtracted_where_0_is():
    x = number("x")
    assert latex_gradient(x.maximum(0.0), x).endswith(
        r" = 0.5 + 0.5 \operatorname{sign}\left(x\right)")


def test_softmax_and_cross_entropy():
    z = number("z", [[1.0, 2.0], [3.0, 4.0]])
    loss = cross_entropy(z, [0, 1])
    assert latex(loss) == r"- \frac{1}{2} \sum_{i} \log " \
        r"\operatorname{softmax}\left(z\right)_{i, y_{i}}"
    assert latex_gradient(loss, z) == r"\frac{\partial L}{\partial z} = 0.5 \left(" \
        r"\operatorname{softmax}\left(z\right) - \operatorname{onehot}\left(y\right)\right)"
    assert latex(cross_entropy(number("z", [[1.0, 2.0]]), [0])) == \
        r"- \log \operatorname{softmax}\left(z\right)_{y}"


def test_labels_are_not_called_as_another_is():
    y = number("y", [[1.0, 2.0], [3.0, 4.0]])
    loss = cross_entropy(y, [0, 1])
    assert latex(loss + y.sum()).startswith(
        r"- \frac{1}{2} \sum_{i} \log \operatorname{softmax}\left(y\right)_"
        r"{i, \mathrm{labels}_{i}}")
    assert latex_gradient(loss, y).endswith(
        r"\operatorname{softmax}\left(y\right) - "
        r"\operatorname{onehot}\left(\mathrm{labels}\right)\right)")


def test_a_network_of_two_layers():
    X, W1, b1, W2, b2, z = two_layers()
    assert latex(z) == \
        r"\operatorname{ReLU}\left(X W_{1} + b_{1}\right) W_{2} + b_{2}"
    z.name = "z"
    loss = cross_entropy(z, [0, 1])
    residual = r"\left(\operatorname{softmax}\left(z\right) - " \
        r"\operatorname{onehot}\left(y\right)\right)"
    assert latex_gradient(loss, b2) == \
        rf"\frac{{\partial L}}{{\partial b_{{2}}}} = 0.5 \sum_{{i}} {residual}"
    assert latex_gradient(loss, W1) == \
        r"\frac{\partial L}{\partial W_{1}} = 0.5 X^{\top} \left(\left(" + residual + \
        r" W_{2}^{\top}\right) \odot \mathbf{1} \left[X W_{1} + b_{1} > 0\right]\right)"


def test_nameless_parameters_of_layers_are_weights_and_biases():
    x = number("x", [[1.0, 2.0]])
    assert latex(MLP(2, [3, 2])(x)) == \
        r"\operatorname{ReLU}\left(x W_{1} + b_{1}\right) W_{2} + b_{2}"
    assert latex(MLP(2, [1])(x)) == "x W + b"


def test_parameters_of_a_neuron_have_the_names_of_their_places():
    x = [number("x_1"), number("x_2")]
    assert latex(Neuron(2, "tanh")(x)) == r"\tanh\left(w_{0} x_{1} + w_{1} x_{2} + b\right)"
    assert latex_gradient(Neuron(2)(x) ** 2, x[0]).endswith(
        r"2 \left(w_{0} x_{1} + w_{1} x_{2} + b\right) w_{0}")
    assert latex(neurons.MLP(2, [2, 1], None)(x)) == \
        r"w_{3, 0} \left(w_{1, 0} x_{1} + w_{1, 1} x_{2} + b_{1}\right) + " \
        r"w_{3, 1} \left(w_{2, 0} x_{1} + w_{2, 1} x_{2} + b_{2}\right) + b_{3}"
    assert latex(Neuron(2, fused=True)(x)) == latex(Neuron(2)(x))
    wide, narrow = Neuron(2), Neuron(1)
    assert latex(wide([narrow(x[:1]), x[1]])) == \
        r"w_{2, 0} \left(w_{1, 0} x_{1} + b_{1}\right) + w_{2, 1} x_{2} + b_{2}"


def test_other_parameters_have_their_path_and_names_that_are_given_are_not_taken_again():
    class Line(Module):
        def __init__(self):
            self.slope, self.tables = Value(2.0), {"my_bias": Value(1.0)}

        def forward(self, x):
            return self.slope * x + self.tables["my_bias"]
    assert latex(Line()(number("b"))) == r"\mathrm{slope} \, b + \text{tables.my\_bias}"
    assert latex(Neuron(1)([number("b")])) == r"w_{0} b + b_{1}"
    assert latex(Neuron(1)([number("w_0")])) == r"w_{1, 0} w_{0} + b"


def test_squared_error():
    X, Y, W = (number(name, np.ones(shape)) for name, shape in
               [("X", (4, 2)), ("Y", (4, 1)), ("W", (2, 1))])
    loss = mean_squared_error(X @ W, Y)
    assert latex(loss) == r"\frac{1}{4} \sum \left(X W - Y\right)^{2}"
    assert latex_gradient(loss, X) == r"\frac{\partial L}{\partial X} = " \
        r"0.5 \left(X W - Y\right) W^{\top}"
    assert latex_gradient(loss, W) == r"\frac{\partial L}{\partial W} = " \
        r"0.5 X^{\top} \left(X W - Y\right)"


@pytest.mark.parametrize("compute, formula", [
    (lambda x, y: x - (y - 1), r"x - \left(y - 1\right)"),
    (lambda x, y: x - y - 1, "x - y - 1"),
    (lambda x, y: x + (y + 1), "x + y + 1"),
    (lambda x, y: x + -2 * y, "x - 2 y"),
    (lambda x, y: -x + y, "y - x"),
    (lambda x, y: -(x + y), r"- \left(x + y\right)"),
    (lambda x, y: (x + y) * x, r"\left(x + y\right) x"),
    (lambda x, y: x * 2 * y * 3, "6 x y"),
    (lambda x, y: x * y * x, "x^{2} y"),
    (lambda x, y: x + x, "2 x"),
    (lambda x, y: 1 * x + 0, "x"),
    (lambda x, y: x * -1, "- x"),
    (lambda x, y: -x * y, "- x y"),
    (lambda x, y: (-x) ** 2, r"\left(- x\right)^{2}"),
    (lambda x, y: (x ** 2) ** y, r"\left(x^{2}\right)^{y}"),
    (lambda x, y: x / y / 3, r"\frac{x}{3 y}"),
    (lambda x, y: (x / y) ** 2, r"\left(\frac{x}{y}\right)^{2}"),
    (lambda x, y: x ** 0.5 + x.sqrt(), r"\sqrt{x} + \sqrt{x}"),
    (lambda x, y: (-x).exp(), "e^{- x}"),
    (lambda x, y: (x + 1).exp(), r"\exp\left(x + 1\right)"),
    (lambda x, y: 3.0 * 2.0 ** x, r"3 \cdot 2^{x}"),
    (lambda x, y: x.sigmoid() ** 2, r"\sigma\left(x\right)^{2}"),
    (lambda x, y: x.sin() * x.sin(), r"\sin^{2}\left(x\right)"),
    (lambda x, y: x.tanh() ** -1, r"\tanh\left(x\right)^{-1}"),
    (lambda x, y: x.sin() ** y, r"\sin\left(x\right)^{y}"),
    (lambda x, y: abs(x - y), r"\left|x - y\right|"),
    (lambda x, y: ag.maximum(x, y), r"\max\left(x, y\right)"),
    (lambda x, y: x.log2(), r"\log_{2}\left(x\right)"),
    (lambda x, y: ag.sum([x, -y, 3.0]) ** 2, r"\left(x - y + 3\right)^{2}"),
    (lambda x, y: ag.vecdot([x, 2.0], [y, -x]), "x y - 2 x"),
    (lambda x, y: x * 1e-7 + 1.5e10, r"10^{-7} x + 1.5 \cdot 10^{10}"),
    (lambda x, y: x * -1e9, r"-10^{9} x"),
    (lambda x, y: x * (1 / 3), r"\frac{1}{3} x"),
    (lambda x, y: ag.where(1.0, x, y),
     r"\begin{cases} x & \text{if } \text{the condition holds} \\ "
     r"y & \text{otherwise} \end{cases}"),
    (lambda x, y: 4 * (3 * x / 2) * y, "6 x y"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_how_it_is_written(compute, formula):
    assert latex(compute(number("x", 2.0), number("y", 3.0))) == formula


@pytest.mark.parametrize("compute, formula", [
    (lambda A, B: A * B, r"A \odot B"),
    (lambda A, B: A @ B, "A B"),
    (lambda A, B: (A @ B) * B, r"\left(A B\right) \odot B"),
    (lambda A, B: (A * B) @ B, r"\left(A \odot B\right) B"),
    (lambda A, B: 2 * A.T @ B, r"2 A^{\top} B"),
    (lambda A, B: (A @ B).T, r"\left(A B\right)^{\top}"),
    (lambda A, B: A.sum() * 2 + 1, r"2 \sum A + 1"),
    (lambda A, B: (A + B).sum(axis=1), r"\sum_{j} \left(A + B\right)"),
    (lambda A, B: A.sum() * B.sum(), r"\left(\sum A\right) \sum B"),
    (lambda A, B: A[0, 1] * A[:, 1].sum(), r"A_{0, 1} \sum A_{\text{:}, 1}"),
    (lambda A, B: A[()].sum(), r"\sum A_{\text{()}}"),
    (lambda A, B: A / [[1, 1], [1, 1]] - A ** [[1, 1], [1, 1]] / [[-1, -1], [-1, -1]], "2 A"),
    (lambda A, B: 3 * A.mean(), r"3 \cdot \frac{1}{4} \sum A"),
    (lambda A, B: (B.sum() * A.sum(axis=0)) @ B,
     r"\left(\left(\sum B\right) \sum_{i} A\right) B"),
    (lambda A, B: A.norm(), r"\left\Vert A\right\Vert"),
    (lambda A, B: A.norm(axis=1), r"\left\Vert A\right\Vert_{j}"),
    (lambda A, B: A.norm(axis=0)[1], r"{\left\Vert A\right\Vert_{i}}_{1}"),
    (lambda A, B: A.max(), r"\max\left(A\right)"),
    (lambda A, B: A.max(axis=(0, 1)), r"\max\left(A\right)"),
    (lambda A, B: A.min(axis=-1, keepdims=True) + B, r"\min_{j}\left(A\right) + B"),
    (lambda A, B: A[0].max(axis=0), r"\max\left(A_{0}\right)"),
    (lambda A, B: ag.softmax(A), r"\operatorname{softmax}\left(A\right)"),
    (lambda A, B: ag.softmax(A, axis=0), r"\operatorname{softmax}_{i}\left(A\right)"),
    (lambda A, B: ag.log_softmax(A, axis=0), r"\log \operatorname{softmax}_{i}\left(A\right)"),
    (lambda A, B: ag.concat([A, B], axis=1), r"\operatorname{concat}_{j}\left(A, B\right)"),
    (lambda A, B: A[0][1], r"{A_{0}}_{1}"),
    (lambda A, B: ag.where(A > 2, A, 0.0) ** 2,
     r"\left(\begin{cases} A & \text{if } \begin{pmatrix} 0 & 0 \\ 1 & 1 \end{pmatrix} \\ "
     r"0 & \text{otherwise} \end{cases}\right)^{2}"),
    (lambda A, B: ag.where(np.eye(9) > 0, A.sum(), B.sum()),
     r"\begin{cases} \sum A & \text{if } \text{the condition holds} \\ "
     r"\sum B & \text{otherwise} \end{cases}"),
    (lambda A, B: A.logsumexp(axis=1), r"\log \sum_{j} e^{A}"),
    (lambda A, B: A + [[1.0, 2.0]], r"A + \begin{pmatrix} 1 & 2 \end{pmatrix}"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_how_arrays_are_written(compute, formula):
    assert latex(compute(number("A", [[1., 2.], [3., 4.]]), number("B", [[5., 6.], [7., 8.]]))) \
        == formula


@pytest.mark.parametrize("compute, formula", [
    (lambda x: 2 * (3.0 / x), r"- \frac{6}{x^{2}}"),
    (lambda x: -2 * (-3.0 / x), r"- \frac{6}{x^{2}}"),
    (lambda x: 3.0 / x / 2, r"- \frac{1.5}{x^{2}}"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_gradients_of_a_number_divided_by_something(compute, formula):
    x = number("x", 2.0)
    assert latex_gradient(compute(x), x) == rf"\frac{{\partial L}}{{\partial x}} = {formula}"


def test_gradients_of_the_largest_and_of_what_is_divided_and_multiplied():
    x, y = number("x", 2.0), number("y", 3.0)
    A, T = number("A", [[1.0, 2.0], [3.0, 4.0]]), number("T", [[[1.0, 2.0]], [[3.0, 4.0]]])
    S = number("S", [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    for root, leaf, formula in [
            (A.max(axis=1).sum(), A, r"\mathbf{1} \left[A = \max_{j}\left(A\right)\right]"),
            (A.min(), A, r"\mathbf{1} \left[A = \min\left(A\right)\right]"),
            (x.maximum(-1.0), x, r"0.5 + 0.5 \operatorname{sign}\left(x + 1\right)"),
            ((-(x - y) ** 2 / 2).exp(), x,
             r"- e^{- \frac{\left(x - y\right)^{2}}{2}} \left(x - y\right)"),
            (ag.einsum("bij,jk->bik", T, A).sum(), T, r"\mathbf{1} A^{\top}"),
            ((S @ S).sum(), S, r"\mathbf{1} S^{\top} + S^{\top} \mathbf{1}")]:
        assert latex_gradient(root, leaf) == \
            rf"\frac{{\partial L}}{{\partial {leaf.name}}} = {formula}"


@pytest.mark.parametrize("index, below", [
    (ag.asarray([1, 0]) > 0, r"\text{[True, False]}"), (np.array([0, 1]), r"\text{[0, 1]}"),
    ((np.array([1]), slice(0, 1)), r"\text{[1]}, \text{0:1}"), (np.arange(30) % 2, r"\text{…}"),
], ids=["mask", "places", "pair", "many"])
def test_an_array_is_an_index_by_its_entries(index, below):
    assert latex(number("A", [[1.0, 2.0], [3.0, 4.0]])[index]) == f"A_{{{below}}}"


def test_the_gradient_of_a_mean_of_quotients():
    v = number("v", [1.0, 2.0])
    assert latex_gradient((1 / v).mean(), v).endswith(r" = - \frac{0.5}{v^{2}}")


@pytest.mark.parametrize("compute, formula", [
    (lambda v, x: (0.0 * v).sum(axis=0), "0"),
    (lambda v, x: (v - v).mean(axis=0), "0"),
    (lambda v, x: (v - v).sum() + x, "x"),
    (lambda v, x: (v - v + 2).sum(), "4"),
    (lambda v, x: (v - v + 2).mean(axis=-1), "2"),
    (lambda v, x: (v - v + x).sum(axis=0), "2 x"),
    (lambda v, x: (x * np.ones((2, 3))).sum(axis=1).sum(), "6 x"),
    (lambda v, x: ((v - v + x).tanh() + x).sum(), r"2 \left(\tanh\left(x\right) + x\right)"),
    (lambda v, x: (v - v + x) @ v, r"x \mathbf{1} v"),
    (lambda v, x: (v - v + 2) @ v, r"2 \cdot \mathbf{1} v"),
    (lambda v, x: (v - v) @ v + (v - v)[0] + (v - v) / v @ v, "0"),
    (lambda v, x: (v - v).logsumexp(axis=0), r"\log \sum_{i} e^{0}"),
    (lambda v, x: v.reshape((1, 2, 1)).sum(axis=1), r"\sum_{i} v"),
    (lambda v, x: v.reshape((2, 1)).sum(axis=-1), "v"),
    (lambda v, x: v.reshape((2, 1)).logsumexp(axis=1), "v"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_sums_of_what_is_the_same_everywhere_and_along_axes_of_length_1(compute, formula):
    assert latex(compute(number("v", [1.0, 2.0]), number("x", 2.0))) == formula


def test_a_column_beside_a_row_is_seen_to_be_one():
    v, M, x = number("v", [1.0, 2.0]), number("M", [[3.0], [4.0]]), number("x", 2.0)
    R, A = number("R", [[1.0, 2.0]]), number("A", [[1.0, 2.0], [3.0, 4.0]])
    column = v.reshape((2, 1))
    for root, formula in [
            (column - v, r"v^{\top} - v"), (column * R, r"v^{\top} \odot R"),
            (column * M, r"v \odot M"), (M * M.reshape((1, 2)), r"M \odot M^{\top}"),
            (ag.sum([column, 1.0, v]), r"v^{\top} + 1 + v"),
            (ag.vecdot([column], [R]), r"v^{\top} \odot R"),
            (A - A.sum(axis=1, keepdims=True), r"A - \sum_{j} A")]:
        assert latex(root) == formula
    assert latex_gradient(((column - v) ** 2).sum(), v).endswith(
        r" = 2 \sum_{j} \left(v^{\top} - v\right) - 2 \sum_{i} \left(v^{\top} - v\right)")
    assert latex_gradient(((M - x) / R).sum(), x).endswith(
        r" = - \sum_{i} \left(\sum_{j} \frac{1}{R} \odot \mathbf{1}\right)")


def test_an_array_that_is_stretched_is_not_multiplied_as_matrices_are():
    """Side by side, v and a matrix of ones would be a matrix product."""
    A, v, w = number("A", [[1.0, 2.0]] * 3), number("v", [3.0, 4.0]), number("w", [3.0, 4.0, 5.0])
    for root, formula in [
            ((A.sum(axis=0) * v).sum(), r"v \odot \mathbf{1}"),
            ((A.sum(axis=1) * w).sum(), r"w \odot \mathbf{1}"),
            ((A.sum(axis=1) ** 2).sum(), r"\left(2 \sum_{j} A\right) \odot \mathbf{1}")]:
        assert latex_gradient(root, A).endswith(" = " + formula)
    assert latex(ag.broadcast_to(v, shape=(3, 2)) @ v) == r"\left(v \odot \mathbf{1}\right) v"


def test_an_outer_product_is_told_from_a_dot_product():
    v, w = number("v", [1.0, 2.0]), number("w", [3.0, 4.0])
    for outer in v.reshape(2, 1) @ w.reshape(1, 2), ag.einsum("i,j->ij", v, w):
        assert latex(outer) == r"v^{\top} w"
    for dot in v @ w, v.reshape(1, 2) @ w.reshape(2, 1), ag.einsum("i,i->", v, w):
        assert latex(dot) == "v w"


def test_towards_a_vector_in_a_product_there_is_no_sum():
    v, w = number("v", [1.0, 2.0]), number("w", [3.0, 4.0])
    M, A = number("M", [[3.0], [4.0]]), number("A", [[1.0, 2.0], [3.0, 4.0]])
    for root, leaf, formula in [
            ((v @ M).sum(), v, r"M^{\top}"), (v @ w, v, "w"), (v @ w, w, "v"),
            (3 * (v @ w), w, "3 v"), (v @ A @ w, v, r"w A^{\top}"), (v @ A @ w, w, "v A"),
            (v @ A @ w, A, r"v^{\top} w"), ((A @ v) @ w, A, r"w v^{\top}"),
            ((A @ v).sum(), v, r"A^{\top} \mathbf{1}"),
            ((v @ w) ** 2, v, r"2 \left(v w\right) w"),
            ((M * M.sum() * 0).sum(), M, "0")]:
        assert latex_gradient(root, leaf) == \
            rf"\frac{{\partial L}}{{\partial {leaf.name}}} = {formula}"


@pytest.mark.parametrize("name, text", [
    ("w1", "w_{1}"), ("w_12", "w_{12}"), ("alpha", r"\alpha"), ("theta_0", r"\theta_{0}"),
    ("α", r"\alpha"), ("x_β", r"x_{\beta}"), ("W_é", r"W_{\text{é}}"), ("d_x", "d_{x}"),
    ("W_out", r"W_{\mathrm{out}}"), ("w_1_0", r"w_{1, 0}"),
    ("x_", r"\text{x\_}"), ("W_out_12", r"W_{\mathrm{out}, 12}"), ("loss", r"\mathrm{loss}"),
    ("layers.0.weight", r"\text{layers.0.weight}"), ("x y", r"\text{x y}"),
    ("<", r"\text{\textless{}}"), ("\\{a|b}", r"\text{\textbackslash{}\{a|b\}}")])
def test_names(name, text):
    assert latex(number(name) + 2) == f"{text} + 2"


def test_between_names_of_several_letters_is_a_space():
    rate, loss, w = number("rate"), number("loss"), number("w_out")
    assert latex(2 * rate * w * loss + rate) == \
        r"2 \, \mathrm{rate} \, w_{\mathrm{out}} \, \mathrm{loss} + \mathrm{rate}"


def test_gradients_that_are_plain_numbers_or_arrays():
    x, A = number("x"), number("A", [[1.0, 2.0]])
    assert latex_gradient(x * 3, x).endswith(" = 3")
    assert latex_gradient(x, x).endswith(" = 1")
    assert latex_gradient(A.sum(), A).endswith(r" = \mathbf{1}")
    assert latex_gradient(A.mean(), A).endswith(r" = 0.5 \cdot \mathbf{1}")


def formulas():
    w, x, b, y = neuron()
    X, W1, b1, W2, b2, z = two_layers()
    loss = cross_entropy(z, [0, 1])
    for formula in [latex(y), *(latex_gradient(y, leaf) for leaf in (w, x, b)), latex(loss),
                    *(latex_gradient(loss, leaf) for leaf in (W1, b1, W2, b2))]:
        yield formula


def test_braces_are_balanced():
    for formula in [*formulas(), *(latex(number(name) * 2) for name in UGLY)]:
        plain = re.sub(r"\\[{}]", "", formula.replace(r"\textbackslash", ""))
        depths = np.cumsum([(char == "{") - (char == "}") for char in plain])
        assert depths[-1] == 0 and depths.min() >= 0
        assert formula.count(r"\left") == formula.count(r"\right")


def test_mathtext_can_read_them():
    mathtext = pytest.importorskip("matplotlib.mathtext")
    x1, A = number("x_1", [1.0, 2.0]), number("A", [[1.0, 2.0], [3.0, 4.0]])
    below_twice = [latex(y) for y in (x1[0], A[0][1], A.sum(axis=1)[0] * x1[:][1])]
    for formula in [*formulas(), *below_twice]:
        assert mathtext.MathTextParser("path").parse(f"${formula}$").width > 0


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
def test_they_compile(tmp_path):
    lines = [rf"\[ {formula} \]" for formula in formulas()]
    lines += [rf"\[ {latex(number(name) * 2)} \]" for name in UGLY]
    (tmp_path / "notes.tex").write_text("\n".join([
        r"\documentclass{article} \usepackage[utf8]{inputenc} \usepackage{amsmath}",
        r"\begin{document}", *lines, r"\end{document}"]), encoding="utf-8")
    run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"],
                         cwd=tmp_path, capture_output=True)
    assert run.returncode == 0, run.stdout[-2000:]
    assert (tmp_path / "notes.pdf").exists()


def test_formulas_that_would_fill_books_are_refused():
    x = y = number("x")
    for _ in range(100):
        y = y * y.tanh()
    with pytest.raises(ValueError, match='more than 3,000 parts; give some steps a name'):
        latex(y)
    with pytest.raises(ValueError, match="latex_gradient: the formula has more"):
        latex_gradient(y, x)


def test_a_long_chain_is_no_deep_recursion():
    y = number("x")
    for i in range(1400):
        y = y.sin()
    assert latex(y).count(r"\sin") == 1400


def test_the_gradient_of_a_loss_of_one_entry():
    for data in ([2.0], [[2.0]]):
        x = Value(data, name="x")
        assert latex_gradient(x * x, x) == latex_gradient((x * x).sum(), x) \
            == r"\frac{\partial L}{\partial x} = 2 x"


@pytest.mark.parametrize("call, error, message", [
    (lambda x: latex(3.0), TypeError, "latex: this float is no Value"),
    (lambda x: latex_gradient(x * 2, 3.0), TypeError, "the leaf, of type float, is no Value"),
    (lambda x: latex_gradient(x * 2, number("y")), ValueError, "not computed from this leaf"),
    (lambda x: latex_gradient(ag.stack([x, x]), x), ValueError, r"shape \(2,\) has no single"),
], ids=range(4))
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(number("x"))


def test_operands_of_an_operation_on_many_have_names_too():
    leaves = [Value([float(i)]) for i in range(5)]
    assert latex(ag.concat(leaves)) == \
        r"\operatorname{concat}\left(x_{1}, x_{2}, x_{3}, x_{4}, x_{5}\right)"


def test_an_invented_name_is_no_given_one():
    product = Value(2.0, name="x1") * Value(3.0) * Value(4.0)
    text = latex(product)
    assert len({part for part in text.split()}) == 3, text
