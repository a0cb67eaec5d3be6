"""Functions of functions, against closed forms and against each other."""
import math
import threading
from collections import OrderedDict, defaultdict, namedtuple
from random import Random

import pytest

import autograd as ag
from autograd import Array, Value, grad, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.array import asarray
from autograd.backward import pullback
from autograd.graph import plain
from nn import MLP, Layer

np = pytest.importorskip("numpy")

# -- closed forms ---------------------------------------------------------------------------------
#
# tanh: each derivative is a polynomial P in t = tanh, and the next one is P'(t)(1 - t²).
# x**x: each is x**x · Q, Q a sum of c · log(x)**a · x**-b; the next has Q' + Q·(log x + 1).
# sin(x)·e⁻ˣ: the imaginary part of e**((i - 1)x), so the n-th is that of (i - 1)**n e**((i - 1)x).


def nth_of_tanh(n, x):
    p = {1: 1}  # power of t: coefficient
    for _ in range(n):
        new = {}
        for k, c in p.items():
            if k:
                new[k - 1] = new.get(k - 1, 0) + c * k
                new[k + 1] = new.get(k + 1, 0) - c * k
        p = new
    return sum(c * math.tanh(x) ** k for k, c in p.items())


def nth_of_x_to_the_x(n, x):
    q = {(0, 0): 1}  # (a, b) of log(x)**a · x**-b: coefficient
    for _ in range(n):
        new = {}
        for (a, b), c in q.items():
            for term, factor in [((a - 1, b + 1), a), ((a, b + 1), -b), ((a + 1, b), 1),
                                 ((a, b), 1)]:
                new[term] = new.get(term, 0) + c * factor
        q = new
    return x ** x * sum(c * math.log(x) ** a / x ** b for (a, b), c in q.items() if c)


def nth_of_damped_sine(n, x):
    power = 1 + 0j
    for _ in range(n):
        power *= 1j - 1
    return (power * complex(math.cos(x), math.sin(x))).imag * math.exp(-x)


@pytest.mark.parametrize("f, nth", [(ag.tanh, nth_of_tanh), (lambda x: x ** x, nth_of_x_to_the_x),
                                    (lambda x: ag.sin(x) * ag.exp(-x), nth_of_damped_sine)],
                         ids=["tanh", "x to the x", "damped sine"])
def test_five_derivatives_deep(f, nth):
    for x in (0.3, 0.5, 1.25, 2.0):
        derivative = f
        for n in range(1, 6):
            derivative = grad(derivative)
            assert derivative(x) == pytest.approx(nth(n, x), rel=1e-8, abs=1e-8), (n, x)
            assert type(derivative(x)) is float


def test_the_closed_forms_themselves():
    assert nth_of_tanh(2, 0.5) == pytest.approx(
        -2 * math.tanh(0.5) * (1 - math.tanh(0.5) ** 2), rel=1e-14)
    assert nth_of_x_to_the_x(2, 1.0) == 2  # x**x · ((log x + 1)² + 1/x)
    assert nth_of_damped_sine(4, 0.7) == pytest.approx(-4 * math.sin(0.7) * math.exp(-0.7))


# -- levels ---------------------------------------------------------------------------------------

def test_levels_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(1.0) == 2.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == 54.0  # of 2x³


def test_levels_inside_a_level_leave_its_answer_plain():
    """The arguments of an inner level are over when it is: they make no answer a Value."""
    for f, x, slope in [
            (lambda x: grad(lambda y: x * y * y)(2.0), 3.0, 4.0),
            (lambda x: grad(lambda y: grad(lambda z: x * y * z)(1.0) * y)(2.0) * x, 3.0, 24.0),
            (lambda x: jvp(lambda y: x * y * y, (2.0,), (1.0,))[1], 3.0, 4.0),
            (lambda x: vjp(lambda y: x * y * y, 2.0)[1](1.0)[0], 3.0, 4.0)]:
        answer = grad(f)(x)
        assert answer == slope if isinstance(answer, float) else answer.data == slope
        assert type(answer) is float, answer


def test_levels_inside_a_level_give_the_right_numbers():
    assert float(grad(lambda x: grad(lambda y: x * y * y)(2.0))(3.0)) == 4.0
    assert float(grad(lambda x: jvp(lambda y: x * y * y, (2.0,), (1.0,))[1])(3.0)) == 4.0
    assert float(grad(lambda x: hvp(lambda y: x * y * y * y, 2.0, 1.0))(3.0)) == 12.0
    three = grad(lambda x: grad(lambda y: grad(lambda z: x * y * z)(1.0) * y)(2.0) * x)(3.0)
    assert float(three) == 24.0


def test_a_pull_stays_good_after_its_level():
    y, pull = vjp(lambda x: x * x, 3.0)
    assert grad(lambda g: pull(g)[0])(1.0) == 6.0
    assert [pull(g)[0] for g in (1.0, 2.0)] == [6.0, 12.0]


def test_levels_are_not_confused_in_jvp():
    def inner(x):
        return jvp(lambda y: x + y, (1.0,), (1.0,))[1]
    assert grad(lambda x: x * inner(x))(1.0) == 1.0
    assert jvp(lambda x: x * grad(lambda y: x * y)(1.0), (1.0,), (1.0,)) == (1.0, 2.0)
    assert jvp(lambda x: x * jvp(lambda y: x * y, (1.0,), (1.0,))[1], (3.0,), (1.0,)) == (9.0, 6.0)


def test_a_constant_of_an_outer_level_inside_an_inner_one():
    assert grad(lambda x: grad(lambda y: x * x)(1.0) + x)(5.0) == 1.0
    assert grad(lambda x: grad(lambda y: y * y)(x))(5.0) == 2.0
    assert grad(lambda x: grad(lambda y: y * y)(x.item()))(5.0) == 0.0


def test_an_inner_level_does_not_hide_that_an_outer_one_was_left():
    def left_the_graph(x):
        y = math.sin(x)
        return y + grad(lambda z: z * z)(1.0)
    with pytest.raises(TypeError, match=r"grad: f gave the plain 2\..* after taking float\(\)"):
        grad(left_the_graph)(0.5)


def test_closures_over_values_are_differentiated():
    w = Value(3.0)
    slope = grad(lambda x: w * x * x)(2.0)
    assert isinstance(slope, Value) and slope.data == 12.0
    slope.backward()
    assert w.grad == 4.0
    w.grad = 0
    y = 2 * w
    slope = grad(lambda x: y * x)(5.0)  # y, a computed Value, is a leaf to the inner walk only
    slope.backward()
    assert (slope.data, w.grad) == (6.0, 2.0)


def test_closure_does_not_touch_grads_of_others():
    w = Value(3.0)
    grad(lambda x: w * x)(2.0)
    assert w.grad == 0.0


def test_what_does_not_depend_on_its_argument_gives_zeros():
    assert grad(lambda x: 5.0)(1.0) == 0.0
    assert grad(lambda x: Value(5.0) * 2)(1.0) == 0.0
    assert grad(lambda x, y: y * 2, (0, 1))([1.0, 2.0], 3.0) == ([0.0, 0.0], 2.0)
    assert grad(lambda x: 5.0)(asarray([[1.0], [2.0]])).tolist() == [[0.0], [0.0]]
    g = grad(lambda x: 5.0)(np.ones((2, 0)))
    assert isinstance(g, np.ndarray) and g.shape == (2, 0)
    assert jacobian(lambda x: asarray([1.0, 2.0]))([1.0, 2.0, 3.0]).tolist() == [[0.0] * 3] * 2
    assert hessian(lambda x: x[0] * 3)([1.0, 2.0]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert vjp(lambda x: 5.0, 1.0)[1](1.0) == (0.0,)
    assert jvp(lambda x: 5.0, (1.0,), (1.0,)) == (5.0, 0.0)
    assert grad(grad(lambda x: 2 * x))(1.0) == 0.0


def test_the_argument_itself():
    assert grad(lambda x: x)(2.0) == 1.0
    assert jacobian(lambda x: x)([1.0, 2.0]).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_further_arguments_are_handed_on():
    def f(x, y, *, power):
        return ag.sum(y * x) ** power

    x, y, f_x = [1.0, 2.0], asarray([3.0, 0.5]), 4.0
    slopes = [2 * f_x * 3.0, 2 * f_x * 0.5]
    assert grad(f)(asarray(x), y, power=2).tolist() == slopes
    assert jacobian(f)(x, y, power=2).tolist() == slopes
    assert hessian(f)(x, y, power=2).tolist() == [[18.0, 3.0], [3.0, 0.5]]
    assert ag.compile(jacobian(f))(asarray(x), y, power=2).tolist() == slopes


def test_results_under_no_grad_are_plain():
    for x in (3.0, Value(3.0)):
        with no_grad():
            y, slope = value_and_grad(lambda x: x * x)(x)
        assert (y, slope) == (9.0, 6.0) and type(y) is type(slope) is float


@pytest.mark.parametrize("f", [lambda x: x * x.detach(), lambda x: x * Value(3.0),
                               lambda x: x * grad(lambda y: x.detach() * y)(1.0)],
                         ids="detach Value nested".split())
def test_what_f_made_itself_leaves_results_plain(f):
    y, slope = value_and_grad(f)(3.0)
    assert (y, slope) == (9.0, 3.0) and type(y) is type(slope) is float
    assert hessian(lambda x: ag.sum(x * f(x)))([3.0]).tolist() == [[6.0]]
    w = Value(2.0)  # older than the call: somebody may ask for its gradient
    slope = grad(lambda x: w * f(x))(3.0)
    slope.backward()
    assert (slope.data, w.grad) == (6.0, 3.0)


def test_gradients_towards_a_module_are_values_even_if_it_is_not_used():
    model = MLP(2, [1])
    gradients = grad(lambda model: 3.0)(model)
    assert [g.data.tolist() for g in gradients.values()] == [[[0.0], [0.0]], [0.0]]


def test_a_direction_of_a_module_is_a_dict_by_parameter_name():
    model = MLP(2, [1])
    direction = {"layers.0.weight": [[1.0], [0.5]], "layers.0.bias": [3.0]}
    _, moved = jvp(lambda model: model([10.0, 100.0]), (model,), (direction,))
    assert moved.data.tolist() == [63.0]


def test_a_direction_may_be_of_another_kind():
    for x, v in ((np.array([1.0, 2.0]), asarray([1.0, 0.5])),
                 (asarray([1.0, 2.0]), np.array([1.0, 0.5]))):
        _, moved = jvp(lambda x: x * x, (x,), (v,))
        assert type(moved) is type(x) and moved.tolist() == [2.0, 2.0]


# -- Rosenbrock -----------------------------------------------------------------------------------

def rosenbrock(x):
    """Σ 100 (x₊₁ - x²)² + (1 - x)²"""
    return ag.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    g = [0.0] * len(x)
    for i in range(len(x) - 1):
        g[i] += -400 * x[i] * (x[i + 1] - x[i] ** 2) - 2 * (1 - x[i])
        g[i + 1] += 200 * (x[i + 1] - x[i] ** 2)
    return np.array(g)


def rosenbrock_hessian(x):
    h = np.zeros((len(x), len(x)))
    for i in range(len(x) - 1):
        h[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        h[i + 1, i + 1] += 200
        h[i, i + 1] = h[i + 1, i] = -400 * x[i]
    return h


def kinds(numbers):
    return [asarray(numbers), np.array(numbers, float)]


@pytest.mark.parametrize("seed", range(5))
def test_rosenbrock_in_ten_dimensions(seed):
    rng = Random(seed)
    point = [rng.uniform(-2, 2) for _ in range(10)]
    v = [rng.uniform(-1, 1) for _ in range(10)]
    h = rosenbrock_hessian(point)
    for x, direction in zip(kinds(point), kinds(v)):
        np.testing.assert_allclose(grad(rosenbrock)(x).tolist(), rosenbrock_gradient(point), 1e-10)
        found = hessian(rosenbrock)(x)
        assert type(found) is type(x) and found.shape == (10, 10)
        np.testing.assert_allclose(found.tolist(), h, 1e-10)
        np.testing.assert_allclose(hvp(rosenbrock, x, direction).tolist(), h @ v, 1e-10, 1e-10)


@pytest.mark.parametrize("as_kind", [asarray, np.array], ids=["Array", "NumPy"])
@pytest.mark.parametrize("start", [[-1.2, 1.0], [1.2, 0.8] * 5], ids=["2-d", "10-d"])
def test_newton_finds_the_minimum_of_rosenbrock(start, as_kind):
    x = np.array(start)
    for step in range(30):
        at = as_kind(x.tolist())
        g, h = (np.array(d(rosenbrock)(at).tolist()) for d in (grad, hessian))
        if np.abs(g).max() < 1e-12:
            break
        x = x - np.linalg.solve(h, g)
    assert 1 < step < 29
    np.testing.assert_allclose(x, np.ones(len(start)), 1e-12)


# -- jacobian, jvp, vjp, hvp agree ----------------------------------------------------------------

MATRIX = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
BENT = {
    "vector to vector": (lambda x: ag.tanh(asarray_like(x, MATRIX) @ x), (3,)),
    "matrix to vector": (lambda x: ag.sum(ag.sin(x) * x, axis=1), (2, 3)),
    "vector to matrix": (lambda x: ag.outer(x, ag.exp(x)), (3,)),
    "matrix to number": (lambda x: ag.logsumexp(x * x), (2, 2)),
    "number to vector": (lambda x: ag.stack([x, x * x, ag.sin(x)]), ()),
    "number to number": (lambda x: x ** 3, ()),
    "a slice": (lambda x: x[::-2] * x[0], (5,)),
    "nothing to nothing": (lambda x: x * 2, (0, 2)),
}


def asarray_like(x, data):
    return np.array(data) if isinstance(x.data if isinstance(x, Value) else x, np.ndarray) \
        else asarray(data)


def numbers(rng, shape, kind):
    flat = [rng.uniform(-1, 1) for _ in range(math.prod(shape))]
    if kind == "NumPy":
        return np.array(flat).reshape(shape)
    return Array(shape, flat) if shape else flat[0]


def as_numpy(x):
    x = x.data if isinstance(x, Value) else x
    return np.array(x.tolist(), float).reshape(x.shape) if isinstance(x, Array) else np.asarray(x)


@pytest.mark.parametrize("kind", ["Array", "NumPy"])
@pytest.mark.parametrize("name", BENT)
def test_jacobian_jvp_and_vjp_agree(name, kind):
    f, shape = BENT[name]
    rng = Random(1)
    x, v = numbers(rng, shape, kind), numbers(rng, shape, kind)
    j = as_numpy(jacobian(f)(x))
    y, moved = jvp(f, (x,), (v,))
    answer, pull = vjp(f, x)
    assert not any(isinstance(z, Value) for z in (y, moved, answer))
    np.testing.assert_array_equal(as_numpy(y), as_numpy(f(x)))
    np.testing.assert_array_equal(as_numpy(answer), as_numpy(f(x)))
    out = as_numpy(y).shape
    assert j.shape == out + shape
    np.testing.assert_allclose(as_numpy(moved), np.tensordot(j, as_numpy(v), len(shape)),
                               1e-12, 1e-14)
    g = numbers(rng, out, kind)
    (pulled,) = pull(g)
    assert as_numpy(pulled).shape == shape
    np.testing.assert_allclose(as_numpy(pulled), np.tensordot(as_numpy(g), j, len(out)),
                               1e-12, 1e-14)
    np.testing.assert_allclose(np.sum(as_numpy(pulled) * as_numpy(v)),
                               np.sum(as_numpy(g) * as_numpy(moved)), 1e-12)
    np.testing.assert_array_equal(as_numpy(pull(g)[0]), as_numpy(pulled))  # pull can be reused


@pytest.mark.parametrize("kind", ["Array", "NumPy"])
@pytest.mark.parametrize("shape", [(3,), (2, 2), (0,), (1, 3, 1)])
def test_hvp_is_the_hessian_times_the_direction(shape, kind):
    def f(x):
        return ag.sum(ag.sin(x) * ag.exp(x)) * ag.sum(x * x * x)

    rng = Random(2)
    x, v = numbers(rng, shape, kind), numbers(rng, shape, kind)
    h = as_numpy(hessian(f)(x))
    assert h.shape == shape * 2
    np.testing.assert_allclose(as_numpy(hvp(f, x, v)),
                               np.tensordot(h, as_numpy(v), len(shape)), 1e-12, 1e-14)
    flat = h.reshape(math.prod(shape), -1) if math.prod(shape) else h.reshape(0, 0)
    np.testing.assert_allclose(flat, flat.T, 1e-12)


def test_jvp_of_several_arguments():
    y, moved = jvp(lambda x, y: x @ y, (asarray(MATRIX), asarray([1.0, 2.0, 3.0])),
                   (asarray(MATRIX), asarray([0.0, 1.0, 0.0])))
    m = np.array(MATRIX)
    np.testing.assert_allclose(y.tolist(), m @ [1, 2, 3])
    np.testing.assert_allclose(moved.tolist(), m @ [1, 2, 3] + m[:, 1])


def test_vjp_of_several_arguments_and_containers():
    y, pull = vjp(lambda p, z: p["w"] * p["b"][0] + z, {"w": 2.0, "b": [3.0]}, 5.0)
    assert y == 11.0 and pull(2.0) == ({"w": 6.0, "b": [4.0]}, 2.0)


def test_jvp_is_differentiated_towards_its_direction():
    """Also where nothing but the direction belongs to the outer level."""
    assert grad(lambda v: jvp(lambda y: y * y, (3.0,), (v,))[1])(2.0) == 6.0
    v = Value(asarray([1.0, 2.0]))
    ag.sum(jvp(lambda x: x * x * x, (asarray([2.0, 3.0]),), (v,))[1]).backward()
    assert v.grad.tolist() == [12.0, 27.0]


def test_hvp_is_differentiated_towards_its_direction():
    g = grad(lambda v: ag.sum(hvp(lambda x: ag.sum(x * x * x), asarray([2.0, 3.0]), v)))
    assert g(asarray([1.0, 1.0])).tolist() == [12.0, 18.0]


def test_mixed_derivatives_of_pow_where_the_exponent_is_zero():
    """∂²/∂y∂x xʸ = xʸ⁻¹ (1 + y log x), which is 1/x at y = 0."""
    for x in (0.5, 2.0):
        assert float(grad(lambda y: grad(lambda x: x ** y)(x))(0.0)) == pytest.approx(1 / x)
        assert float(grad(lambda x: grad(lambda y: x ** y)(0.0))(x)) == pytest.approx(1 / x)


@pytest.mark.parametrize("args, directions", [
    ((3.0,), (1.0, 2.0)), ((3.0, 4.0), (1.0,)), ((3.0,), ()),
    ((asarray([1.0, 2.0]),), (1.0,)), ((asarray([1.0, 2.0]),), (asarray([1.0]),)),
    ((asarray([1.0, 2.0]),), (asarray([[1.0, 2.0]]),)), ((3.0,), (asarray([1.0, 2.0]),)),
], ids=str)
def test_directions_that_do_not_fit_are_refused(args, directions):
    with pytest.raises(ValueError, match="jvp"):
        jvp(lambda *xs: sum(ag.sum(x * x) for x in xs), args, directions)


@pytest.mark.parametrize("v", [[1.0], 1.0, [[1.0, 2.0]]], ids=str)
def test_hvp_refuses_a_direction_that_does_not_fit(v):
    with pytest.raises(ValueError, match="hvp"):
        hvp(lambda x: ag.sum(x * x), [1.0, 2.0], v)


def test_jvp_takes_containers_as_vjp_does():
    p, v = {"w": 2.0, "b": [3.0]}, {"w": 1.0, "b": [0.5]}
    assert jvp(lambda p: p["w"] * p["b"][0], (p,), (v,)) == (6.0, 4.0)


@pytest.mark.parametrize("result", [None, "1", (1.0, 2.0), [None], 1j], ids=str)
def test_a_result_that_is_no_number_is_refused(result):
    with pytest.raises((TypeError, ValueError)):
        grad(lambda x: result)(1.0)
    with pytest.raises((TypeError, ValueError)):
        grad(lambda x: (x, x))(1.0)


@pytest.mark.parametrize("x", [None, "1", 1j, {1.0}], ids=str)
def test_an_argument_that_is_no_number_is_refused(x):
    with pytest.raises(TypeError):
        grad(lambda x: 1.0)(x)


# -- what goes in and comes out -------------------------------------------------------------------

Line = namedtuple("Line", "slope offset")


def test_argnums():
    def f(x, y, z):
        return x * x * y + z

    assert grad(f)(2.0, 3.0, 4.0) == 12.0
    assert grad(f, 1)(2.0, 3.0, 4.0) == 4.0
    assert grad(f, -1)(2.0, 3.0, 4.0) == 1.0 and grad(f, -3)(2.0, 3.0, 4.0) == 12.0
    assert grad(f, (0, 2))(2.0, 3.0, 4.0) == (12.0, 1.0)
    assert grad(f, (2, 0, 1))(2.0, 3.0, 4.0) == (1.0, 12.0, 4.0)
    assert grad(f, [0])(2.0, 3.0, 4.0) == (12.0,)
    assert value_and_grad(f, (1,))(2.0, 3.0, 4.0) == (16.0, (4.0,))
    assert value_and_grad(f, ())(2.0, 3.0, 4.0) == (16.0, ())
    for wrong in (3, -4, (0, 3)):
        with pytest.raises(ValueError, match="argnums.*3 positional"):
            grad(f, wrong)(2.0, 3.0, 4.0)
    with pytest.raises(ValueError, match="argnums"):
        grad(f)()


def test_containers():
    p = {"w": [1.0, (2.0, 3.0)], "line": Line(4.0, [5.0])}

    def f(p):
        (a, (b, c)), line = p["w"], p["line"]
        return a * b * c + line.slope * line.offset[0]

    g = grad(f)(p)
    assert g == {"w": [6.0, (3.0, 2.0)], "line": Line(5.0, [4.0])}
    assert type(g["line"]) is Line and type(g["w"][1]) is tuple
    assert p == {"w": [1.0, (2.0, 3.0)], "line": Line(4.0, [5.0])}
    ordered = grad(lambda p: p["x"] * 2)(OrderedDict(x=1.0, y=2.0))
    assert type(ordered) is OrderedDict and ordered == {"x": 2.0, "y": 0.0}
    with_default = grad(lambda p: p["x"] * 2)(defaultdict(float, x=1.0))
    assert with_default == {"x": 2.0} and with_default["other"] == 0.0
    arrays = grad(lambda ps: ag.sum(ps[0] * ps[1]))((asarray(MATRIX), 2.0))
    assert arrays[0].tolist() == [[2.0] * 3] * 2 and arrays[1] == np.sum(MATRIX)
    assert grad(lambda p: Value(1.0) * 0)({}) == {}


def test_settings_are_passed_on_and_not_differentiated():
    def f(x, *, power=2, scale=1.0):
        return scale * x ** power

    assert grad(f)(3.0) == 6.0
    assert grad(f)(3.0, power=3, scale=2.0) == 54.0
    assert value_and_grad(f)(3.0, power=3) == (27.0, 27.0)


def test_a_module_gives_a_dict_by_name():
    layer = Layer(2, 1, "tanh", rng=Random(0))
    x, y = asarray([[1.0, -2.0], [0.5, 3.0]]), asarray([[1.0], [0.0]])

    def loss(layer, x):
        return ag.mean((layer(x) - y) ** 2)

    answer, g = value_and_grad(loss)(layer, x)
    assert list(g) == ["weight", "bias"]
    assert all(p._grad is None for p in layer.parameters())
    result = loss(layer, x)
    result.backward()
    assert float(answer) == float(result)
    for name, p in layer.named_parameters():
        np.testing.assert_allclose(as_numpy(g[name]), as_numpy(p.grad), 1e-13)
        assert g[name].shape == p.shape
    both = grad(loss, (0, 1))(layer, x)
    assert as_numpy(both[1]).shape == (2, 2)
    np.testing.assert_allclose(as_numpy(both[0]["bias"]), as_numpy(g["bias"]), 1e-13)


def test_the_gradient_of_a_module_can_be_differentiated_again():
    layer = Layer(2, 1, "tanh", rng=Random(0))
    x = asarray([[1.0, -2.0]])
    g = grad(lambda layer: ag.sum(layer(x)))(layer)
    ag.sum(g["weight"] ** 2).backward()
    w, b = layer.weight.data.tolist(), layer.bias.data.tolist()
    t = math.tanh(w[0][0] - 2 * w[1][0] + b[0])
    # g = (1 - t²)·x, so |g|² = 5 (1 - t²)², whose derivative by w is 5 · 2(1 - t²)(-2t)(1 - t²)·x
    slope = -20 * t * (1 - t * t) ** 2
    np.testing.assert_allclose(layer.weight.grad.tolist(), [[slope], [-2 * slope]], 1e-12)
    np.testing.assert_allclose(layer.bias.grad.tolist(), [slope], 1e-12)


@pytest.mark.parametrize("x", [2.0, asarray([2.0, 3.0]), np.array([2.0, 3.0]), np.float64(2.0),
                               np.array([2.0, 3.0], "float32"), np.array(2.0)],
                         ids=["float", "Array", "ndarray", "float64", "float32", "0-d"])
def test_plain_in_plain_out(x):
    answer, g = value_and_grad(lambda x: ag.sum(x * x))(x)
    assert not isinstance(answer, Value) and not isinstance(g, Value)
    assert np.shape(as_numpy(g)) == np.shape(as_numpy(x))
    np.testing.assert_array_equal(as_numpy(g), 2 * as_numpy(x))
    assert getattr(g, "dtype", None) == getattr(x, "dtype", None) or isinstance(x, float)


@pytest.mark.parametrize("constant", [np.array(3.0), np.array(3), np.float32(3), np.int64(3),
                                      np.array(3.0, "float32")], ids=lambda c: repr(c))
def test_a_numpy_number_of_any_make_is_a_constant(constant):
    """Also one of no axes, as np.array(3.0) and sums with keepdims give."""
    for f in (lambda x: x * constant, lambda x: constant * x):
        assert value_and_grad(f)(2.0) == (6.0, 3.0)
        x = Value(np.array([2.0, 1.0]))
        f(x).sum().backward()
        assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("kind", ["Array", "NumPy"])
def test_values_in_values_out(kind):
    x = Value(asarray([2.0, 3.0]) if kind == "Array" else np.array([2.0, 3.0]))
    answer, g = value_and_grad(lambda x: ag.sum(x * x * x))(x)
    assert isinstance(answer, Value) and isinstance(g, Value)
    assert g.data.tolist() == [12.0, 27.0]
    ag.sum(g).backward()
    assert x.grad.tolist() == [12.0, 18.0]
    x.grad = None
    answer.backward()
    assert x.grad.tolist() == [12.0, 27.0]
    for result in (jacobian(lambda x: x * x)(x), hessian(lambda x: ag.sum(x * x))(x),
                   jvp(lambda x: x * x, (x,), (x.data,))[1],
                   hvp(lambda x: ag.sum(x * x), x, x.data),
                   vjp(lambda x: x * x, x)[1](x.data)[0]):
        assert isinstance(result, Value)


def test_values_out_lead_back_through_jvp_and_hvp():
    x, v = Value(asarray([2.0, 3.0])), Value(asarray([1.0, -1.0]))
    ag.sum(jvp(lambda x: x * x * x, (x,), (v,))[1]).backward()  # 3x²·v
    assert x.grad.tolist() == [12.0, -18.0] and v.grad.tolist() == [12.0, 27.0]
    x.grad = v.grad = None
    ag.sum(hvp(lambda x: ag.sum(x * x * x), x, v)).backward()   # 6x·v
    assert x.grad.tolist() == [6.0, -6.0] and v.grad.tolist() == [12.0, 18.0]


def test_grad_inside_no_grad():
    w = Value(3.0)
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert grad(grad(lambda x: x * x * x))(2.0) == 12.0
        slope = grad(lambda x: w * x * x)(2.0)
        assert slope == 12.0 and not isinstance(slope, Value)
        assert hessian(lambda x: ag.sum(x ** 3))([1.0, 2.0]).tolist() == [[6.0, 0.0], [0.0, 12.0]]
        assert jvp(lambda x: x ** 2, (3.0,), (1.0,)) == (9.0, 6.0)
        assert hvp(lambda x: ag.sum(x ** 3), [1.0, 2.0], [1.0, 1.0]).tolist() == [6.0, 12.0]
        assert not (w * w).inputs


def test_no_grad_inside_grad_stops_the_gradient():
    def f(x):
        with no_grad():
            constant = x * x
        return constant * x

    assert grad(f)(3.0) == 9.0


def test_grad_as_a_part_of_a_loss():
    """A gradient penalty: the inner gradient is differentiated by the outer backward."""
    w, x = Value(0.5), Value(2.0)
    penalty = grad(lambda x: ag.tanh(w * x))(x) ** 2  # (w (1 - tanh²(wx)))²
    penalty.backward()
    t, s = math.tanh(1.0), 1 - math.tanh(1.0) ** 2
    assert penalty.data == pytest.approx((0.5 * s) ** 2, rel=1e-14)
    assert w.grad == pytest.approx(2 * 0.5 * s * (s - 0.5 * 2 * t * s * 2.0), rel=1e-13)
    assert x.grad == pytest.approx(2 * 0.5 * s * 0.5 * -2 * t * s * 0.5, rel=1e-13)


def test_a_result_that_is_not_a_single_number_is_refused():
    for f, shape in [(lambda x: x, r"\(2,\)"), (lambda x: x[:0], r"\(0,\)")]:
        with pytest.raises(ValueError, match=f"grad: f gave shape {shape}.*jacobian"):
            grad(f)(asarray([1.0, 2.0]))


def test_a_result_of_one_entry_is_a_single_number():
    for lengths in (1,), (1, 1):
        value, gradient = value_and_grad(lambda x: x[:1].reshape(lengths) * x[1])(
            asarray([3.0, 2.0]))
        assert value.shape == lengths and value.item() == 6.0
        assert gradient.tolist() == [2.0, 3.0]
        second = hessian(lambda x: (x[:1] * x[:1]).reshape(lengths))
        assert second(asarray([3.0, 2.0])).tolist() == [[2.0, 0.0], [0.0, 0.0]]


def test_names_and_docstrings_are_kept():
    def cost(x):
        """What it costs."""
        return x * x

    for function in (grad(cost), value_and_grad(cost), jacobian(cost), hessian(cost)):
        assert function.__name__ == "cost" and function.__doc__ == "What it costs."


# -- the walk -------------------------------------------------------------------------------------

TOWARDS = {"x": lambda g, out, *args: g * 10.0, "y": lambda g, out, *args: g * 20.0,
           "z": lambda g, out, *args: g * 30.0}
WEIGHTED = {2: lambda x, y: 10.0 * x + 20.0 * y, 3: lambda x, y, z: 10.0 * x + 20.0 * y + 30.0 * z}


def test_only_what_leads_to_the_argument_is_walked():
    walked = []

    @ag.primitive(lambda g, out, x: walked.append("towards x") or g)
    def probe(x):
        return x * 1.0

    w = Value(3.0)
    grad(lambda x: x * probe(w * 2.0))(2.0)
    assert not walked
    grad(lambda x: x * probe(x * 2.0))(2.0)
    assert walked


@pytest.mark.parametrize("meet", [
    lambda x, y: x * y, lambda x, y: y * x, lambda x, y: ag.where(True, x, y),
    lambda x, y: ag.sum([y, 1.0, x]), lambda x, y: ag.vecdot([2.0, y], [x, 3.0])],
    ids=["on the right", "on the left", "of three operands", "in a sum", "in a vecdot"])
def test_no_step_gives_a_gradient_to_what_leads_nowhere(meet):
    x, other = Value(2.0), Value(3.0) * 2.0
    root = meet(x, other)
    assert set(dict(pullback(root, 1.0, [x]))) == {root, x}
    assert {x, other, *other.inputs[:1]} < set(dict(pullback(root, 1.0)))


def test_what_is_wanted_ends_the_walk():
    """To grad the two are independent, though one was made from the other."""
    layer = Layer(1, 1, rng=Random(0))
    towards_layer, towards_w = grad(lambda layer, w: ag.sum(w * w), (0, 1))(layer, layer.weight)
    assert towards_layer["weight"].data.tolist() == [[0.0]]
    assert towards_w.data.tolist() == (layer.weight.data * 2).tolist()


@pytest.mark.parametrize("rules", ["x", "y", "z", "xy", "yz", "xz", "xyz", "x of two", "y of two"])
def test_operands_without_a_rule_get_no_gradient(rules):
    letters = "xy" if rules.endswith("two") else "xyz"
    operation = ag.primitive(*(TOWARDS[letter] if letter in rules.split()[0] else None
                               for letter in letters))(WEIGHTED[len(letters)])
    leaves = [Value(2.0), Value(3.0), Value(5.0)][:len(letters)]
    operation(*leaves).backward()
    for letter, leaf, slope in zip(letters, leaves, (10.0, 20.0, 30.0)):
        assert leaf.grad == (slope if letter in rules.split()[0] else 0.0)


@pytest.mark.parametrize("make_graph", [False, True])
def test_constants_in_a_list_get_no_gradient(make_graph):
    x, y = Value(2.0), Value([3.0, 4.0])
    for total, slope, slopes in [
            (ag.sum([x, x]), 2.0, [0.0, 0.0]), (ag.sum([1.0, x]), 1.0, [0.0, 0.0]),
            (ag.sum([x, asarray([1.0, 2.0]), y]), 2.0, [1.0, 1.0]),
            (ag.vecdot([x], [5.0]), 5.0, [0.0, 0.0]), (ag.vecdot([7.0], [x]), 7.0, [0.0, 0.0]),
            (ag.vecdot([x, y], [y, 1.0]), 7.0, [3.0, 3.0]),
            (ag.concat([y, asarray([1.0])]), 0.0, [1.0, 1.0])]:
        x.grad = y.grad = None
        total.sum().backward(create_graph=make_graph)
        assert float(x.grad) == slope and plain(y.grad).tolist() == slopes


def test_gradients_share_no_memory():
    x, y, seed = Value(np.ones(3)), Value(np.ones(3)), np.array([1.0, 2.0, 3.0])
    (x + y).backward(seed)
    x.grad[0] = 99.0
    assert y.grad.tolist() == seed.tolist() == [1.0, 2.0, 3.0]
    x, y = Value(np.ones(3)), Value(np.ones(3))
    ((x + y) * 2.0).sum().backward()  # both are given the array that the rule of multiply made
    x.grad[0] = 99.0
    assert y.grad.tolist() == [2.0, 2.0, 2.0]
    g, h = grad(lambda x, y: ag.sum(x + y), (0, 1))(np.ones(3), np.ones(3))
    g[0] = 99.0
    assert h.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("kind", [asarray, np.array], ids=["Array", "NumPy"])
@pytest.mark.parametrize("rule", [
    lambda g, out, x: 3.0 * g, lambda g, out, x: (3.0 * g.T).T,
    lambda g, out, x: asarray([[3.0, 6.0], [9.0, 12.0]]),
    lambda g, out, x: np.array([[3.0, 6.0], [9.0, 12.0]])],
    ids=["a product", "a transpose", "an Array", "of NumPy"])
def test_the_gradient_is_of_the_kind_of_the_leaf(kind, rule):
    """Whatever a rule makes of it: Arrays put off multiplying by a number, and transposing."""
    x = Value(kind([[1.0, 2.0], [3.0, 4.0]]))
    ag.primitive(rule)(lambda x: x * 3.0)(x).backward([[1.0, 2.0], [3.0, 4.0]])
    assert type(x.grad) is type(x.data) and x.grad.tolist() == [[3.0, 6.0], [9.0, 12.0]]
    assert (x.data + x.grad).tolist() == (x.data + x.grad).tolist() == [[4.0, 8.0], [12.0, 16.0]]


@pytest.mark.parametrize("kind", [float, asarray, np.array], ids=["float", "Array", "NumPy"])
def test_a_rule_that_closes_over_a_value_gives_plain_gradients(kind):
    slope = Value(3.0)
    threefold = ag.primitive(lambda g, out, x: g * slope)(lambda x: x * 3.0)
    data = kind(2.0) if kind is float else kind([2.0])
    x = Value(data)
    h = x * x
    for _ in range(2):
        ag.sum(threefold(h)).backward()
    for gradient, expected in (x.grad, 24.0), (h.grad, 3.0), (
            grad(lambda x: ag.sum(threefold(x)))(data), 3.0):
        assert type(gradient) is type(data) and gradient == expected


def test_the_gradient_has_the_precision_of_the_leaf():
    for data in (np.ones(3, "float32"), np.ones((1, 3), "float32"), np.ones((), "float32")):
        x = Value(data)
        (x * np.array([[1.0, 2.0, 3.0]] * 2)).sum().backward()  # a product in double precision
        assert x.grad.dtype == np.float32
        assert ag.grad(lambda x: (x * np.ones(3)).sum())(data).dtype == np.float32


def test_backward_refuses_what_was_computed_under_no_grad():
    x = Value(2.0)
    with no_grad():
        y = x * x
    with pytest.raises(ValueError, match="multiply.*no_grad"):
        y.backward()


@pytest.mark.parametrize("shape, gradient", [
    ((2,), None), ((2,), 1.0), ((2,), [1.0]), ((2,), [[1.0, 2.0]]), ((), [1.0]), ((2, 0), None)])
def test_backward_refuses_a_gradient_that_is_missing_or_does_not_fit(shape, gradient):
    for kind in ("Array", "NumPy"):
        x = Value(numbers(Random(0), shape, kind))
        with pytest.raises(ValueError, match="backward"):
            (x * x).backward(gradient)
        assert x._grad is None


@pytest.mark.parametrize("given", [(2,), (2, 1), (1,), ()], ids=str)
def test_a_rule_that_gives_a_gradient_of_another_shape_is_named(given):
    @ag.primitive(lambda g, out, x: numbers(Random(0), given, "Array"))
    def misshapen(x):
        return x * 1.0

    with pytest.raises(ValueError, match="misshapen.*shape"):
        ag.sum(misshapen(Value([1.0, 2.0, 3.0]))).backward()


@pytest.mark.parametrize("data", [3.0, [3.0, 4.0]], ids=["number", "array"])
def test_a_rule_that_gives_a_list_is_named(data):
    @ag.primitive(lambda g, out, x: [1.0, 2.0])  # for a number, they would be summed, unnoticed
    def listing(x):
        return x * 1.0

    for f in (listing, lambda x: listing(x * 1.0)):
        with pytest.raises(TypeError, match="listing: a rule gave a list"):
            ag.sum(f(Value(data))).backward()


@pytest.mark.parametrize("place", [0, 1])
def test_a_rule_of_two_operands_that_gives_a_number_for_an_array_is_named(place):
    rules = [lambda g, out, x, y: g, lambda g, out, x, y: g]
    rules[place] = lambda g, out, x, y: 1.0

    @ag.primitive(*rules)
    def misshapen(x, y):
        return x * y

    with pytest.raises(ValueError, match="misshapen.*shape"):
        ag.sum(misshapen(Value([1.0, 2.0]), Value([3.0, 4.0]))).backward()


def test_backward_of_a_leaf():
    x = Value(2.0)
    x.backward()
    x.backward(3.0)
    assert x.grad == 4.0


def test_a_rule_that_leaves_the_graph_has_no_derivative_of_its_own():
    @ag.primitive(lambda g, out, x: g * math.cos(x))
    def sine(x):
        return math.sin(x)

    @ag.primitive(each=lambda g, out, *xs: [g * math.cos(x) for x in xs])
    def sines(*xs):
        return sum(map(math.sin, xs))

    assert grad(sine)(1.0) == math.cos(1.0)
    for second in (lambda: grad(grad(sine))(1.0), lambda: grad(grad(sines))(1.0),
                   lambda: sine(Value(1.0)).backward(create_graph=True)):
        with pytest.raises(TypeError, match=r"sines?: a rule took float\(\) of a Value"):
            second()
    assert grad(grad(lambda x: x * x * x))(2.0) == 12.0  # nothing of it stays behind


# -- backward(create_graph=True) ------------------------------------------------------------------

@pytest.mark.parametrize("data", [2.0, [2.0, 3.0], np.array([2.0, 3.0])],
                         ids=["float", "Array", "NumPy"])
def test_backward_with_create_graph(data):
    x = Value(data)
    (x * x * x).sum().backward(create_graph=True)
    first = x.grad
    assert isinstance(first, Value) and first.shape == x.shape
    np.testing.assert_array_equal(as_numpy(first), 3 * as_numpy(x) ** 2)
    x.grad = None
    first.sum().backward(create_graph=True)
    second = x.grad
    np.testing.assert_array_equal(as_numpy(second), 6 * as_numpy(x))
    x.grad = None
    second.sum().backward()
    np.testing.assert_array_equal(as_numpy(x.grad), np.full(x.shape, 6.0))


def test_backward_from_a_value():
    x, start = Value(3.0), Value(2.0)
    (x * x).backward(start)
    assert type(x.grad) is float and x.grad == 12.0
    x.grad = None
    (x * x).backward(start, create_graph=True)
    assert x.grad.data == 12.0
    x.grad.backward()
    assert start.grad == 6.0
    with pytest.raises(ValueError, match=r"\(2,\)"):
        (x * x).backward(Value([1.0, 2.0]), create_graph=True)


@pytest.mark.parametrize("reduced", [
    lambda x: ag.sum(x), lambda x: ag.max(x, axis=0), lambda x: ag.norm(x, axis=0), lambda x: x @ x,
    lambda x: ag.logsumexp(x), lambda x: ag.prod(x, axis=0), lambda x: x[1]],
    ids="sum max norm dot logsumexp prod entry".split())
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_create_graph_where_a_float_meets_a_number_of_numpys(reduced, dtype):
    scale, x = Value(2.0), Value(np.array([1.0, 2.0, 4.0], dtype))
    (scale * reduced(x)).backward()
    expected, x.grad = x.grad, None
    (scale * reduced(x)).backward(create_graph=True)
    assert type(x.grad.data) is np.ndarray and x.grad.data.dtype == dtype
    np.testing.assert_allclose(x.grad.data, expected, 1e-6)
    scale.grad = x.grad = None


def test_create_graph_accumulates():
    x = Value(2.0)
    y = x * x * x
    y.backward(create_graph=True)
    y.backward(create_graph=True)
    g = x.grad
    assert g.data == 24.0
    x.grad = None
    g.backward()
    assert x.grad == 24.0  # twice 6x


def test_create_graph_of_a_linear_function_gives_a_gradient_that_is_no_leaf():
    x = Value(2.0)
    (3 * x).backward(create_graph=True)
    g = x.grad
    assert isinstance(g, Value) and g.data == 3.0
    x.grad = None
    (g * x).backward()
    assert x.grad == 3.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_is_that_of_what_was_computed(create_graph):
    """Other data in a leaf between forward and backward bends neither order."""
    for old, new in [(2.0, 50.0), ([2.0], [50.0]), (np.array([2.0]), np.array([50.0]))]:
        x = Value(old)
        y = (x * x * x).sum()
        x.data = new
        y.backward(create_graph=create_graph)
        g = x.grad
        np.testing.assert_array_equal(as_numpy(g), 3 * np.array(old) ** 2)
        if create_graph:
            x.grad = None
            g.sum().backward()
            np.testing.assert_array_equal(as_numpy(x.grad), 6 * np.array(old))


def test_data_replaced_between_two_walks_bends_neither():
    x = Value(2.0)
    y = x * x * x
    y.backward(create_graph=True)
    g, x.grad = x.grad, None
    x.data = 50.0
    g.backward()
    assert x.grad == 12.0
    assert (x * x).data == 2500.0


def test_data_replaced_does_not_bend_a_vjp():
    w = Value(3.0)
    _, pull = vjp(lambda x: w * x * x, 2.0)
    w.data = 100.0
    (g,) = pull(1.0)
    assert float(g) == 12.0


# -- threads --------------------------------------------------------------------------------------

def test_threads_do_not_disturb_each_other():
    """Gradients in some threads while others switch recording off and on."""
    faults, go = [], threading.Barrier(6)

    def differentiate(n):
        go.wait()
        for i in range(60):
            x = 0.1 * n + 0.01 * i
            if grad(grad(ag.tanh))(x) != expected[n, i]:
                faults.append((n, i))

    def switch():
        go.wait()
        for _ in range(300):
            with no_grad():
                if (Value(1.0) * 2).inputs or grad(lambda x: x * x)(3.0) != 6.0:
                    faults.append("no_grad")

    expected = {(n, i): grad(grad(ag.tanh))(0.1 * n + 0.01 * i)
                for n in range(4) for i in range(60)}
    threads = [threading.Thread(target=differentiate, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=switch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_threads_share_a_graph():
    x = Value(asarray([1.0, 2.0]))
    y = ag.sum(ag.tanh(x) * x)
    expected = grad(lambda x: ag.sum(ag.tanh(x) * x))(asarray([1.0, 2.0])).tolist()
    found = []
    threads = [threading.Thread(target=lambda: found.append(
        vjp_of(y, x))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def vjp_of(y, x):
    return dict(pullback(y, 1.0))[x].tolist()


# Of the mutants of backward.py and functional.py (as at the end of test_ops.py) these give the same
# numbers, and are slower at most:
# - pullback: steps of two operands without their short way; unbroadcast for two floats, too. And
#   the rules looked at after `each`: what has `each` has none.
# - unbroadcast: as_data of what is an array already; ops.sum for the namespace's own, all axes in
#   a tuple, and a reshape to the shape that it has.
# - backward: own memory for the gradients of inner Nodes, or for a leaf's own array, too.
# - seed: ones_like of a float, which is 1.0.
# - as_value: another number in the place that is filled in the next line.
# - jvp: `True` for `level.recording or True`; under detect_anomaly the next walk is watched.
