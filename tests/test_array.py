"""Array does what NumPy does: the same shapes, the same numbers, the same refusals."""
import copy
import math
import pickle
import re
from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from autograd import Array, Value, array, matmul
from autograd.array import asarray
from nn import SGD

np = pytest.importorskip("numpy")
pytestmark = [pytest.mark.filterwarnings("ignore::RuntimeWarning"),
              pytest.mark.filterwarnings("ignore:Out of bound index:DeprecationWarning")]

INF, NAN = math.inf, math.nan
EVERY = settings(derandomize=True, deadline=None, database=None, max_examples=80)
FEWER = settings(EVERY, max_examples=40)
# Drawing an example takes longer than a function of it: where all of a kind are tried on each,
# there can be more.
SHARED = settings(EVERY, max_examples=160)

numbers = st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5])
any_numbers = numbers | st.sampled_from([INF, -INF, NAN, 1e308, -1e308, 5e-324])
shapes = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)


def as_array(x):
    """A NumPy array, or number, as ours; lists alone could not say what shape an empty one has."""
    x = np.asarray(x)
    return Array(x.shape, x.ravel().tolist()) if x.ndim else x.item()


def as_numpy(x, kind=float):
    return np.array(x.flat, kind).reshape(x.shape) if isinstance(x, Array) else np.asarray(x, kind)


def same(ours, numpys, exact=True):
    """Fail unless one Array or number is what NumPy gave: shape, kind of entries, entries."""
    numpys = np.asarray(numpys)
    if numpys.ndim:
        check(ours)
        assert ours.shape == numpys.shape
    else:
        assert type(ours) in (float, int, bool)
    flat = ours.flat if isinstance(ours, Array) else [ours]
    kinds = {"f": (float,), "b": (bool,), "i": (int,)}[numpys.dtype.kind]
    assert all(type(entry) in kinds for entry in flat), (ours, numpys.dtype)
    compare = np.testing.assert_array_equal if exact else \
        lambda x, y: np.testing.assert_allclose(x, y, 1e-13, 1e-300)
    compare(np.array(flat, numpys.dtype).reshape(numpys.shape), numpys)


def check(x):
    """The invariants of an Array."""
    assert isinstance(x, Array) and type(x.shape) is tuple and x.shape and type(x.flat) is list
    assert all(type(n) is int and n >= 0 for n in x.shape)
    assert len(x.flat) == math.prod(x.shape) == x.size and x.ndim == len(x.shape)


@st.composite
def arrays(draw, shape=shapes, entries=numbers):
    shape = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    size = math.prod(shape)
    return np.array(draw(st.lists(entries, min_size=size, max_size=size)), float).reshape(shape)


@st.composite
def broadcasting(draw, entries=numbers, most=2):
    """Arrays whose shapes broadcast, more often than not."""
    shape = draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    found = []
    for _ in range(most):
        own = [draw(st.sampled_from([n, n, 1])) for n in shape][draw(st.integers(0, len(shape))):]
        if draw(st.integers(0, 9)) == 0 and own:
            own[draw(st.integers(0, len(own) - 1))] = draw(st.integers(0, 4))
        found.append(draw(arrays(tuple(own), entries)))
    return found


# -- making arrays --------------------------------------------------------------------------------

@EVERY
@given(arrays())
def test_nested_lists_there_and_back(x):
    nested = x.tolist()
    if 0 in x.shape:  # nothing below an empty axis can be told from lists
        nested, x = x.tolist(), np.zeros(x.shape[:x.shape.index(0) + 1])
    a = asarray(nested)
    same(a, x)
    assert a.tolist() == x.tolist() and len(a) == len(x)
    assert [as_numpy(row).tolist() for row in a] == x.tolist()


@FEWER
@given(arrays())
def test_tolist_of_every_shape(x):
    assert as_array(x).tolist() == x.tolist()


def test_what_arrays_are_made_of():
    same(asarray((1, 2.5, True)), [1.0, 2.5, 1.0])
    same(asarray(range(3)), [0.0, 1.0, 2.0])
    same(asarray([(1, 2), range(2)]), [[1.0, 2.0], [0.0, 1.0]])
    same(asarray([True, False]), [True, False])
    same(asarray([[True], [False]]), [[True], [False]])
    same(asarray([Fraction(1, 4), np.float64(2), np.float32(0.5), np.int64(3)]),
         [0.25, 2.0, 0.5, 3.0])
    same(asarray([asarray([1, 2]), [3, 4]]), [[1.0, 2.0], [3.0, 4.0]])
    same(asarray([[], []]), np.zeros((2, 0)))
    assert asarray(3) == 3.0 and type(asarray(3)) is float and type(asarray(True)) is float
    a = asarray([1.0])
    assert asarray(a) is a


@pytest.mark.parametrize("ragged", [
    [[1, 2], [3]], [[1], 2], [[1, 2], [3, 4, 5]], [[[1]], [[1, 2]]], [[[1]], [1]],
    [[], [1]], [[1], []], [[], 1], [[[1], [2]], [[3], 4]]], ids=str)
def test_ragged_rows_are_refused(ragged):
    with pytest.raises(ValueError, match="ragged"):
        asarray(ragged)


@pytest.mark.parametrize("wrong", [
    "1", ["1"], None, [None], 1j, [1.0, 2j], [object()], {1.0}, [{}], b"1", [[1.0], ["x"]]],
    ids=repr)
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(TypeError, match="not a number"):
        asarray(wrong)


def test_ints_beyond_floats_are_refused():
    for huge in (10 ** 400, [10 ** 400], [1.0, -10 ** 400]):
        with pytest.raises(ValueError, match="beyond the range"):
            asarray(huge)
    for operation in (lambda a: a + 10 ** 400, lambda a: 10 ** 400 * a, lambda a: a < 10 ** 400):
        try:
            operation(asarray([1.0]))
        except (TypeError, ValueError):
            pass


@pytest.mark.parametrize("shape, flat, error, word", [
    ((2, 2), [1.0], ValueError, "(2, 2)"), ((2,), [1.0, 2.0, 3.0], ValueError, "(2,)"),
    ((), [1.0], ValueError, "()"), ([1], [1.0], ValueError, "[1]"), (1, [1.0], ValueError, "tuple"),
    ((-1, -1), [1.0], ValueError, "(-1, -1)"), ((2,), "ab", ValueError, "'ab'"),
    ((2,), (1.0, 2.0), ValueError, "list"), ((1.0,), [1.0], TypeError, "ints"),
    ((True,), [1.0], TypeError, "ints"), ((2,), [1.0, None], TypeError, "None"),
    ((2,), [1.0, "2"], TypeError, "'2'"), ((1,), [[1.0]], TypeError, "[1.0]"),
    ((2,), [1.0, 10 ** 400], ValueError, "range of floats")], ids=repr)
def test_an_array_made_by_hand_is_checked(shape, flat, error, word):
    with pytest.raises(error, match=re.escape(word)):
        Array(shape, flat)


def test_what_an_array_made_by_hand_holds():
    same(Array((2, 0), []), np.zeros((2, 0)))
    same(Array((2,), [True, False]), [True, False])
    same(Array((3,), [2, 0, 1]), np.array([2, 0, 1]))
    same(Array((3,), [2, 0.5, True]), [2.0, 0.5, 1.0])
    same(Array((2,), [np.float64(2), np.float32(0.5)]), [2.0, 0.5])
    same(asarray(Array((2,), [2, 0])), [2.0, 0.0])
    with pytest.raises(ValueError, match="range of floats"):
        asarray(Array((1,), [10 ** 400]))


def test_a_list_is_not_shared():
    rows, mask = [[1.0, 2.0], [3.0, 4.0]], [True, False]
    a, m, h = asarray(rows), asarray(mask), Array((2,), rows[1])
    rows[0][0] = mask[0] = rows[1][0] = 99
    assert h.tolist() == [3.0, 4.0]
    assert a.tolist() == [[1.0, 2.0], [3.0, 4.0]] and m.tolist() == [True, False]
    a.tolist()[0][0] = 99
    asarray([1.0]).tolist()[0] = 99
    assert a.tolist() == [[1.0, 2.0], [3.0, 4.0]]


# -- what an array says of itself -----------------------------------------------------------------

def test_repr():
    assert repr(asarray([1, 2.5])) == "Array([1.0, 2.5])"
    assert repr(asarray([[1], [2]])) == "Array([[1.0], [2.0]])"
    assert repr(asarray([True, False])) == "Array([True, False])"
    assert repr(array.arange(3)) == "Array([0, 1, 2])"
    assert repr(asarray([1 / 3, 1e-20, INF, NAN])) == "Array([0.333333, 1e-20, inf, nan])"
    assert repr(asarray([1234567.0, 1e6, 1e5])) == "Array([1.23457e+06, 1000000.0, 100000.0])"
    assert repr(array.zeros((0,))) == "Array([])"
    assert repr(array.zeros((2, 0))) == "Array([[], []])"
    assert repr(array.zeros((0, 2))) == "Array([])"


def test_repr_leaves_out_the_middle_of_long_axes():
    assert repr(array.arange(6)) == "Array([0, 1, 2, 3, 4, 5])"
    assert repr(array.arange(7)) == "Array([0, 1, 2, ..., 4, 5, 6])"
    assert repr(array.arange(1000)) == "Array([0, 1, 2, ..., 997, 998, 999])"
    column = array.reshape(array.arange(8), (8, 1))
    assert repr(column) == "Array([[0], [1], [2], ..., [5], [6], [7]])"
    wide = array.reshape(array.arange(16), (2, 8))
    assert repr(wide) == "Array([[0, 1, 2, ..., 5, 6, 7], [8, 9, 10, ..., 13, 14, 15]])"
    assert repr(array.zeros((9, 0))) == "Array([[], [], [], ..., [], [], []])"
    assert len(repr(array.zeros((50, 50, 50)))) < 1500


@FEWER
@given(arrays(entries=st.integers(-999, 999).map(float)))
def test_repr_of_small_arrays_can_be_read_back(x):
    if max(x.shape) <= 6 and 0 not in x.shape:
        assert eval(repr(as_array(x)), {"Array": asarray}).tolist() == x.tolist()


def test_item_float_bool_len():
    for a in (asarray([2.5]), asarray([[2.5]])):
        assert a.item() == float(a) == 2.5 and bool(a) and len(a) == 1
    assert not asarray([0.0]) and not asarray([[False]])
    for a in (asarray([1.0, 2.0]), array.zeros((0,)), array.zeros((2, 0))):
        for ask in (Array.item, float, bool):
            with pytest.raises(ValueError, match=re.escape(str(a.shape))):
                ask(a)
    assert len(array.zeros((0, 3))) == 0 and list(array.zeros((0, 3))) == []
    assert [len(row) for row in array.zeros((2, 0))] == [0, 0]
    assert 2.0 in asarray([[1.0, 2.0]]) and 3 not in asarray([[1.0, 2.0]])
    assert (asarray([1.0]).dtype, asarray([True]).dtype, array.arange(2).dtype,
            array.zeros((0,)).dtype) == (float, bool, int, float)


def test_copies_and_pickles():
    a = asarray([[1.0, -0.0], [INF, 2.0]])
    for other in (copy.copy(a), copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
        check(other)
        assert other.shape == a.shape and list(map(str, other.flat)) == list(map(str, a.flat))


def test_immutable():
    a = asarray([[1.0, 2.0], [3.0, 4.0]])
    for index in (0, (0, 0), slice(None), [0], ...):
        with pytest.raises(TypeError, match="immutable"):
            a[index] = 5.0
    with pytest.raises((TypeError, AttributeError)):
        del a[0]
    with pytest.raises(TypeError):
        hash(a)
    with pytest.raises(AttributeError):
        a.name = "x"
    b = a
    b += 1
    b *= 2
    b @= b
    assert a.tolist() == [[1.0, 2.0], [3.0, 4.0]] and b is not a


def test_no_function_changes_its_operands():
    x, v = np.array([[1.0, 0.0], [-3.0, 4.0]]), np.array([2.0, 0.0])
    a, b, mask = as_array(x), as_array(v), asarray([True, False])
    for f in (lambda: a + b, lambda: b - a, lambda: a * 2, lambda: a / b, lambda: a ** b,
              lambda: a @ b, lambda: a @ a, lambda: a.T, lambda: -a, lambda: abs(a),
              lambda: array.sum(a, 0), lambda: array.cumulative_sum(a, 0), lambda: array.max(a, 1),
              lambda: array.exp(a), lambda: array.log(a), lambda: array.where(mask, a, b),
              lambda: array.broadcast_to(b, (3, 2)), lambda: array.reshape(a, (4,)),
              lambda: array.concat([a, a]), lambda: a[::-1], lambda: a[[1, 0]], lambda: a[mask],
              lambda: array.scatter_add(b, [0, 0], (2,)), lambda: a.tolist().reverse(),
              lambda: a < b, lambda: ~mask):
        f()
        assert (a.tolist(), b.tolist(), mask.tolist()) == (x.tolist(), v.tolist(), [True, False])


# -- elementwise ----------------------------------------------------------------------------------

ARITHMETIC = {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y, "less": lambda x, y: x < y, "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y, "greater_equal": lambda x, y: x >= y,
    "equal": lambda x, y: x == y, "not_equal": lambda x, y: x != y,
}


def fails(f, *operands):
    try:
        f(*operands)
    except ValueError:
        return True
    return False


@SHARED
@given(broadcasting(any_numbers))
def test_arithmetic_broadcasts_like_numpys(operands):
    ours = [as_array(x) for x in operands]
    for name, f in ARITHMETIC.items():
        note(name)
        if fails(f, *operands):
            with pytest.raises(ValueError, match="do not broadcast"):
                f(*ours)
        else:
            same(getattr(array, name)(*ours), f(*operands))
            if any(x.ndim for x in operands):
                same(f(*ours), f(*operands))


@EVERY
@given(broadcasting(st.floats(-4, 4) | st.sampled_from([0.0, -1.0, 2.0, INF, NAN])))
def test_powers_are_numpys(operands):
    if any(x.ndim for x in operands) and not fails(lambda x, y: x ** y, *operands):
        same(as_array(operands[0]) ** as_array(operands[1]), operands[0] ** operands[1],
             exact=False)


@EVERY
@given(broadcasting(any_numbers))
def test_maximum_and_minimum_are_numpys(operands):
    if not fails(np.maximum, *operands):
        for name in ("maximum", "minimum"):
            same(getattr(array, name)(*map(as_array, operands)), getattr(np, name)(*operands))


@EVERY
@given(broadcasting(any_numbers, most=3))
def test_where_is_numpys(operands):
    mask = operands[0] > 0
    if not fails(np.where, mask, *operands[1:]):
        same(array.where(as_array(mask), *map(as_array, operands[1:])),
             np.where(mask, *operands[1:]))


@pytest.mark.parametrize("number", [2, -0.5, 0, True, np.float64(1.5), np.int64(3), Fraction(1, 2),
                                    np.float32(0.25)], ids=repr)
def test_arithmetic_with_numbers_on_either_side(number):
    x = np.array([[1.0, -2.0, 0.0]])
    for name, f in [*ARITHMETIC.items(), ("pow", lambda x, y: x ** y)]:
        if name != "pow" or number != -0.5:
            same(f(asarray(x.tolist()), number), f(x, float(number)))
        same(f(number, asarray(x.tolist())), f(float(number), x))


ELEMENTWISE = {"exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log2": np.log2,
               "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
               "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
               "tanh": np.tanh, "sign": np.sign}


@SHARED
@given(arrays(entries=any_numbers))
def test_functions_of_one_operand_are_numpys(x):
    for name, theirs in ELEMENTWISE.items():
        note(name)
        f = getattr(array, name)
        same(f(as_array(x)), theirs(x), exact=False)
        for entry in x.ravel()[:2].tolist():
            same(f(entry), theirs(entry), exact=False)


@FEWER
@given(arrays(entries=any_numbers))
def test_signs_and_masks(x):
    a = as_array(x)
    same(-a, -x)
    same(+a, x)
    same(abs(a), abs(x))
    m, n = x > 0, x < 1
    if x.size:
        same(~as_array(m), ~m)
        same(as_array(m) & as_array(n), m & n)
        same(as_array(m) | as_array(n), m | n)
        same(a[as_array(m)], x[m])


def test_other_things_do_not_mix():
    a = asarray([1.0, 2.0])
    for other in ("2", None, 2j, object(), {1}):
        for f in (lambda x, y: x + y, lambda x, y: y * x, lambda x, y: x < y):
            with pytest.raises(TypeError):
                f(a, other)
    for f in (lambda x, y: x + y, lambda x, y: x @ y):
        for operands in [(a, np.ones(2)), (np.ones(2), a)]:
            with pytest.raises(TypeError):
                f(*operands)


# -- shapes ---------------------------------------------------------------------------------------

@EVERY
@given(arrays(), st.data())
def test_reshape_is_numpys(x, data):
    new = data.draw(st.permutations(x.shape).map(list))
    if data.draw(st.booleans()):
        new.insert(data.draw(st.integers(0, len(new))), 1)
    if len(new) > 1 and data.draw(st.booleans()):
        new[:2] = [new[0] * new[1]]
    if data.draw(st.booleans()):
        new[data.draw(st.integers(0, len(new) - 1))] = data.draw(st.sampled_from([-1, 2]))
    new = tuple(new)
    if fails(np.reshape, x, new):
        with pytest.raises(ValueError, match="reshape"):
            array.reshape(as_array(x), new)
    else:
        same(array.reshape(as_array(x), new), x.reshape(new))


def test_reshape_refuses_what_does_not_fit():
    a = asarray([1.0, 2.0, 3.0, 4.0])
    for shape in [(3,), (2, 3), (-1, 3), (-1, -1), (-2, -2), (0, -1), (), (5,), (-4,), (4, 0)]:
        with pytest.raises(ValueError, match="reshape"):
            array.reshape(a, shape)
    with pytest.raises(ValueError, match="reshape"):
        array.reshape(array.zeros((0, 2)), (0, -1))
    assert array.reshape(asarray([5.0]), ()) == 5.0
    same(array.reshape(5.0, (1, 1)), [[5.0]])


@EVERY
@given(arrays(), st.data())
def test_permute_dims_is_numpys(x, data):
    axes = data.draw(st.permutations(range(x.ndim)))
    axes = tuple(data.draw(st.sampled_from([a, a - x.ndim])) for a in axes)
    same(array.permute_dims(as_array(x), axes), x.transpose(axes))
    same(as_array(x).T, x.T)


def test_permute_dims_refuses_what_names_not_each_axis_once():
    for axes in [(0,), (0, 0), (0, 2), (0, -2), (0, 1, 1), (), (0, 1.0)]:
        with pytest.raises((TypeError, ValueError), match="permute_dims"):
            array.permute_dims(array.zeros((2, 3)), axes)


@EVERY
@given(arrays(st.lists(st.integers(0, 3), max_size=3).map(tuple)), st.data())
def test_broadcast_to_is_numpys(x, data):
    shape = tuple(data.draw(st.integers(0, 3)) if n == 1 or data.draw(st.integers(0, 9)) == 0 else n
                  for n in x.shape)
    shape = tuple(data.draw(st.lists(st.integers(0, 2), max_size=4 - len(shape)))) + shape
    shape = shape[data.draw(st.sampled_from([0, 0, 0, 1])):]
    if fails(np.broadcast_to, x, shape):
        with pytest.raises(ValueError):
            array.broadcast_to(as_array(x), shape)
    else:
        same(array.broadcast_to(as_array(x), shape), np.broadcast_to(x, shape))


@EVERY
@given(st.lists(st.lists(st.sampled_from([0, 1, 1, 2, 2, 3]), max_size=4).map(tuple),
                min_size=1, max_size=3))
def test_broadcast_shapes_is_numpys(several):
    if fails(np.broadcast_shapes, *several):
        with pytest.raises(ValueError, match="do not broadcast") as raised:
            array.broadcast_shapes(*several)
        assert raised.value.__context__ is None  # nothing of how results are remembered
    else:
        assert array.broadcast_shapes(*several) == np.broadcast_shapes(*several)


@EVERY
@given(arrays(), st.data())
def test_concat_is_numpys(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    xs = [x]
    for _ in range(data.draw(st.integers(0, 2))):
        shape = list(x.shape)
        shape[axis] = data.draw(st.integers(0, 3))
        if data.draw(st.integers(0, 5)) == 0:
            shape[data.draw(st.integers(0, x.ndim - 1))] += 1
        xs.append(data.draw(arrays(tuple(shape))))
    if fails(np.concatenate, xs, axis):
        with pytest.raises(ValueError, match="concat"):
            array.concat([as_array(x) for x in xs], axis)
    else:
        same(array.concat([as_array(x) for x in xs], axis), np.concatenate(xs, axis))


@FEWER
@given(arrays(), st.data())
def test_squeeze_is_numpys(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    if fails(np.squeeze, x, axis):
        with pytest.raises(ValueError, match="squeeze"):
            array.squeeze(as_array(x), axis)
    else:
        same(array.squeeze(as_array(x), axis), np.squeeze(x, axis))


# -- reductions -----------------------------------------------------------------------------------

@st.composite
def with_axes(draw, entries):
    x = draw(arrays(entries=entries))
    axes = draw(st.permutations(range(x.ndim)))[:draw(st.integers(1, x.ndim))]
    axes = tuple(draw(st.sampled_from([a, a - x.ndim])) for a in axes)
    return x, draw(st.sampled_from([None, axes[0], axes])), draw(st.booleans())


@SHARED
@given(with_axes(st.integers(-9, 9).map(float) | st.sampled_from([INF, -INF, NAN])))
def test_reductions_are_numpys(drawn):
    x, axis, keepdims = drawn
    for name in ("sum", "max", "min"):
        note(name)
        ours, theirs = getattr(array, name), getattr(np, name)
        if fails(theirs, x, axis):
            with pytest.raises(ValueError, match="no entries"):
                ours(as_array(x), axis, keepdims)
        else:
            same(ours(as_array(x), axis, keepdims), theirs(x, axis=axis, keepdims=keepdims))


@SHARED
@given(with_axes(st.integers(-2, 2).map(float) | st.sampled_from([INF, -INF, NAN])))
@example((np.array([1.0, NAN, 3.0, NAN]), 0, False))
@example((np.array([[1.0, NAN], [NAN, 3.0]]), None, False))
@example((np.array([[-INF, -INF], [INF, INF]]), 1, True))
def test_argmax_and_argmin_are_numpys(drawn):
    """The first of several; the first nan, where there is one."""
    x, axis, keepdims = drawn
    axis = axis[0] if isinstance(axis, tuple) else axis
    for name in ("argmax", "argmin"):
        note(name)
        ours, theirs = getattr(array, name), getattr(np, name)
        if fails(theirs, x, axis):
            with pytest.raises(ValueError):
                ours(as_array(x), axis, keepdims)
        else:
            same(ours(as_array(x), axis, keepdims), theirs(x, axis=axis, keepdims=keepdims))


@EVERY
@given(arrays(entries=st.integers(-9, 9).map(float) | st.sampled_from([INF, -INF, NAN])), st.data())
def test_cumulative_sum_is_numpys(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(array.cumulative_sum(as_array(x), axis), np.cumsum(x, axis))


def test_reductions_of_a_number():
    for f in (array.sum, array.max, array.min):
        assert f(2.5) == 2.5
    assert array.argmax(2.5) == 0


def test_axes_that_do_not_fit_are_refused():
    a = array.zeros((2, 3))
    for f in (array.sum, array.max, array.argmax, array.cumulative_sum):
        for axis in (2, -3):
            with pytest.raises(ValueError, match="axis"):
                f(a, axis)
        for axis in (1.0, "0", True):
            with pytest.raises(TypeError, match="axis"):
                f(a, axis)
    for axis in [(0, 0), (1, -1), (0, 2)]:
        with pytest.raises(ValueError, match="ax[ei]s"):
            array.sum(a, axis)
    with pytest.raises(ValueError):
        array.sum(1.0, 0)


WILD = [0.1, -0.7, 1e16, -1e16, 3.0, 1e-8, 1e300, -1e300, 0.0, -0.0, 2 / 3]


def plain_sum(entries):
    total = 0.0
    for entry in entries:
        total += entry
    return total


def test_sums_are_plain_ones_from_left_to_right():
    """Not the better rounded sums of newer Pythons, nor NumPy's pairwise ones."""
    rng = Random(0)
    for n in (1, 2, 3, 9, 40):
        for _ in range(30):
            x = [[rng.choice(WILD) for _ in range(n)] for _ in range(3)]
            a = asarray(x)
            assert array.sum(a) == plain_sum(entry for row in x for entry in row)
            assert array.sum(a, 1).tolist() == [plain_sum(row) for row in x]
            assert array.sum(a, 0).tolist() == [plain_sum(column) for column in zip(*x)]
            assert array.cumulative_sum(a, 1).tolist() == \
                [[plain_sum(row[:i + 1]) for i in range(n)] for row in x]


def test_products_are_plain_sums_from_left_to_right():
    rng = Random(1)
    for n, k, m in [(1, 1, 1), (2, 3, 1), (1, 9, 2), (3, 20, 5), (4, 2, 17), (2, 5, 130)]:
        for _ in range(5):
            x = [[rng.choice(WILD[:6] + [0.0]) for _ in range(k)] for _ in range(n)]
            y = [[rng.choice(WILD[:6] + [0.0]) for _ in range(m)] for _ in range(k)]
            products = [[plain_sum(a * b for a, b in zip(row, column)) for column in zip(*y)]
                        for row in x]
            assert (asarray(x) @ asarray(y)).tolist() == products
            assert (asarray(x[0]) @ asarray(y)).tolist() == products[0]
            assert (asarray([x, x]) @ asarray(y)).tolist() == [products, products]


# -- matrix products ------------------------------------------------------------------------------

@st.composite
def matrices(draw):
    """Two things to multiply: vectors, matrices, batches; now and then what does not fit."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    batch = draw(st.lists(st.integers(0, 2), max_size=2))
    shapes_of_both = []
    for core, vector in [((n, k), (k,)), ((k, m), (k,))]:
        own = [draw(st.sampled_from([b, b, 1])) for b in batch][draw(st.integers(0, len(batch))):]
        shape = vector if draw(st.integers(0, 4)) == 0 else (*own, *core)
        if draw(st.integers(0, 9)) == 0:
            shape = shape[1:]
        if draw(st.integers(0, 9)) == 0 and shape:
            shape = shape[:-1] + (shape[-1] + 1,)
        shapes_of_both.append(shape)
    return [draw(arrays(shape, st.integers(-9, 9).map(float) | st.sampled_from([0.0, INF, NAN])))
            for shape in shapes_of_both]


@settings(EVERY, max_examples=250)
@given(matrices())
def test_matmul_is_numpys(operands):
    ours = [as_array(x) for x in operands]
    if any(not x.ndim for x in operands) or fails(np.matmul, *operands):
        with pytest.raises((ValueError, TypeError)):
            ours[0] @ ours[1]
    else:
        same(ours[0] @ ours[1], operands[0] @ operands[1])


def test_matmul_says_what_does_not_fit():
    with pytest.raises(ValueError, match=r"\(32, 784\) @ \(10, 784\).*784 != 10.*y\.T"):
        array.zeros((32, 784)) @ array.zeros((10, 784))
    with pytest.raises(ValueError, match="number"):
        matmul(array.zeros((2,)), 3.0)
    with pytest.raises(ValueError, match="broadcast"):
        array.zeros((2, 1, 1)) @ array.zeros((3, 1, 1))


# -- indexing -------------------------------------------------------------------------------------

def draw_index(rng, shape):
    """Any index that NumPy may or may not accept on an array of this shape."""
    parts, axis = [], 0
    listed = [rng.randrange(4) for _ in range(rng.choice([1, 1, 2]))]
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 5])):
        n = shape[axis] if axis < len(shape) else 2
        kind = rng.choice(["int", "int", "slice", "slice", "slice", "None", "...", "list", "list",
                           "mask"])

        def place():
            return rng.randrange(-n, n) if n and rng.random() < 0.97 else rng.randrange(-4, 5)

        if kind == "int":
            parts.append(place())
        elif kind == "slice":
            start, stop = (rng.choice([None, *range(-5, 6)]) for _ in range(2))
            parts.append(slice(start, stop, rng.choice([None, 1, 1, 2, -1, -1, -2, 3, 7, -7])))
        elif kind == "None":
            parts.append(None)
        elif kind == "...":
            parts.append(...)
            axis = max(axis, len(shape) - rng.randrange(3))
        elif kind == "list":
            lengths = rng.choice([listed, listed, [1], listed[-1:], [2]])
            flat = [place() for _ in range(math.prod(lengths))]
            parts.append(np.array(flat, int).reshape(lengths))
        elif axis < len(shape):
            lengths = list(shape[axis:axis + rng.choice([1, 1, 2])])
            if rng.random() < 0.1:
                lengths[-1] += 1
            mask = np.array([rng.random() < 0.5 for _ in range(math.prod(lengths))], bool)
            parts.append(mask.reshape(lengths))
            axis += len(lengths) - 1
        axis += kind not in ("None", "...")
    return parts[0] if len(parts) == 1 and rng.random() < 0.5 else tuple(parts)


def our_index(part, form):
    """The same index with NumPy's arrays as lists, as Arrays, or as they are."""
    if isinstance(part, tuple):
        return tuple(our_index(one, form) for one in part)
    if isinstance(part, np.ndarray):
        return part.tolist() if form == "list" else as_array(part) if form == "Array" else part
    return part


def empty_lists(index):
    """Positions or masks without entries, but with rows: lists can't tell one from the other."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray) and part.ndim > 1 and not part.size for part in parts)


@pytest.mark.parametrize("form", ["list", "Array", "NumPy"])
def test_indexing_is_numpys(form):
    """Shape, entries, and an IndexError exactly where NumPy raises one; scatter_add likewise."""
    rng = Random(0)
    fitting = failing = 0
    while fitting < 2500:
        shape = tuple(rng.choice([0, 1, 2, 3, 3]) for _ in range(rng.randrange(1, 5)))
        x = np.arange(float(math.prod(shape))).reshape(shape)
        a, index = as_array(x), draw_index(rng, shape)
        ours = our_index(index, form)
        if empty_lists(index):
            continue
        try:
            expected = x[index]
        except IndexError:
            failing += 1
            for f in (lambda: a[ours], lambda: array.scatter_add(1.0, ours, shape)):
                try:
                    f()
                except IndexError:
                    pass
                else:
                    pytest.fail(f"no IndexError: {shape}[{ours}]")
            continue
        fitting += 1
        try:
            same(a[ours], expected)
            if expected.size:
                added = np.zeros(shape)
                np.add.at(added, index, expected)
                same(array.scatter_add(as_array(expected), ours, shape), added)
        except Exception as error:
            # Where lists select nothing NumPy does not look whether their positions exist.
            if not (isinstance(error, IndexError) and "range" in str(error) and not expected.size):
                raise AssertionError(f"{shape}[{ours}]") from error
    assert failing > 500


def test_a_mask_stands_for_the_axes_where_it_stands():
    x = np.arange(24.0).reshape(2, 3, 4)
    a = as_array(x)
    two, three, four = [True, False], [False, True, True], [True, False, False, True]
    for index in [(two,), (slice(None), three), (..., four), (0, three), (0, 1, four),
                  (two, slice(None), [0]), (slice(None), three, 0), (None, two), (..., three, 0)]:
        same(a[index], x[index])
        same(a[tuple(as_array(p) if isinstance(p, list) else p for p in index)], x[index])
    same(a[:, [four] * 3], x[:, [four] * 3])
    for wrong in [(three,), (slice(None), two), (..., three), (0, two), (slice(None), [three] * 2)]:
        with pytest.raises(IndexError, match="mask"):
            a[wrong]


def test_a_step_of_zero_is_refused():
    with pytest.raises(ValueError):
        array.zeros((2, 3))[::0]


def test_lists_parted_by_a_slice_stand_in_front():
    x = np.arange(24.0).reshape(2, 3, 4)
    a = as_array(x)
    for index in [([0, 1], slice(None), [1, 2]), (0, slice(None), [1, 2]), ([0, 1], [1, 2]),
                  (slice(None), [0, 1], [1, 2]), ([0, 1], None, [1, 2]), (slice(None), 0, [1, 2]),
                  ([[0], [1]], slice(None), [1, 2, 3]), ([[0], [1]], [0, 2]), (..., [0, 1]),
                  ([0, 1], ..., [0, 1]), (None, [0, 1], 0), (0, None, [0, 1]),
                  (slice(None), 1, ..., [0, 2]), (slice(None), [0, 1], ..., [1, 2]),
                  (1, ..., 0, [0])]:
        same(a[index], x[index])


@pytest.mark.parametrize("wrong", [
    2, -3, (0, 3), (0, 0, 0), (..., ...), "a", 1.0, [0.0], [[0, 1], [0]], [2], [True, False, True],
    [[True, False]], [0, True], {0}, [None], ["a"], (slice(None), [3]),
    ([0, 1], [0, 1, 2])], ids=repr)
def test_an_index_that_does_not_fit_is_an_index_error(wrong):
    a = array.zeros((2, 3))
    with pytest.raises(IndexError, match="index"):
        a[wrong]
    with pytest.raises(IndexError, match="index"):
        array.scatter_add(1.0, wrong, (2, 3))


def test_an_empty_mask_selects_nothing():
    """Where the array has no entries its mask, x > 0, has none either."""
    for shape in [(0,), (0, 3), (2, 0), (2, 0, 3)]:
        x = np.zeros(shape)
        a = as_array(x)
        same(a[a > 0], x[x > 0])


def test_iteration_ends():
    assert [row.tolist() for row in asarray([[1], [2]])] == [[1.0], [2.0]]
    assert list(asarray([1, 2])) == [1.0, 2.0]


def test_every_axis_of_every_small_shape_may_be_empty():
    for shape in product((0, 1, 2), repeat=3):
        x = np.arange(float(math.prod(shape))).reshape(shape)
        a = as_array(x)
        same(a + 1, x + 1)
        same(a * a, x * x)
        same(array.tanh(a), np.tanh(x), exact=False)
        same(a[::-1, 0:1], x[::-1, 0:1])
        same(array.reshape(a, (*shape, 1)), x.reshape(*shape, 1))
        for axis in range(3):
            same(array.sum(a, axis), x.sum(axis))
            same(array.cumulative_sum(a, axis), x.cumsum(axis))
            same(array.concat([a, a], axis), np.concatenate([x, x], axis))
        same(array.sum(a), x.sum())
        same(a @ array.permute_dims(a, (0, 2, 1)), x @ x.transpose(0, 2, 1))
        assert a.tolist() == x.tolist()


def test_deferred_arrays_are_arrays_like_others():
    """A transpose, and a number times an array, are not computed before somebody asks."""
    x = asarray([[1.0, -2.0, 0.5], [3.0, 0.25, -0.0]])
    y = asarray([[2.0, 1.0, -1.0], [0.5, 4.0, 8.0]])
    ours = {"T": x.T, "T.T": x.T.T, "s*x": 0.1 * x, "y-s*x": y - 0.1 * x, "y-xT.T": y - x.T.T,
            "s*xT": 3.0 * x.T, "row - s*x": y[0] - 0.1 * x, "xT@y": x.T @ y, "x@yT": x @ y.T,
            "s*x@yT": (0.5 * x) @ y.T, "mask": (x > 0).T, "s*mask": 2.0 * (x > 0)}
    a, b = np.array(x.tolist()), np.array(y.tolist())
    numpys = {"T": a.T, "T.T": a, "s*x": 0.1 * a, "y-s*x": b - 0.1 * a, "y-xT.T": b - a,
              "s*xT": 3.0 * a.T, "row - s*x": b[0] - 0.1 * a, "xT@y": a.T @ b, "x@yT": a @ b.T,
              "s*x@yT": (0.5 * a) @ b.T, "mask": (a > 0).T, "s*mask": 2.0 * (a > 0)}
    for name, our in ours.items():
        assert our.shape == numpys[name].shape and our.size == numpys[name].size, name
        assert our.dtype is type(our.flat[0]), name
        np.testing.assert_allclose(our.tolist(), numpys[name], rtol=1e-15, err_msg=name)
        assert repr(our) == repr(asarray(our.tolist())), name
        assert pickle.loads(pickle.dumps(our)).tolist() == our.tolist(), name


def test_an_update_does_not_make_the_gradient_of_a_weight():
    """Whoever looks at it, before or after, finds the same; the step is the same bit by bit."""
    x = asarray([[1.0, 0.0, 0.1], [3.0, 0.0, -0.7]])
    w = asarray([[0.5, -0.0], [-0.0, 0.25], [0.3, 0.7]])
    for numbers in [[[0.1, 0.2], [0.3, -0.4]], [[0.1, float("inf")], [0.3, -0.4]]]:
        unmade, made = x.T @ asarray(numbers), x.T @ asarray(numbers)
        gradient = np.array(made.tolist())
        step = w - 0.1 * unmade
        assert made.is_made() and not unmade.is_made()
        assert repr(step.flat) == repr((w - 0.1 * made).flat)  # of -0.0 as well
        np.testing.assert_array_equal(step.tolist(), np.array(w.tolist()) - 0.1 * gradient)
        np.testing.assert_array_equal(unmade.tolist(), gradient)


def test_gradients_of_parts_are_put_together_when_they_are_asked_for():
    """A sum of them has the entries, bit by bit, that it has where each is made at once."""
    def made(x):
        return asarray(x.tolist())

    rng, shape = Random(1), (3, 4)
    for _ in range(300):
        dense = as_array(np.array([[rng.choice([-0.0, 0.5, -3.0]) for _ in range(4)]] * 3))
        total = expected = rng.choice([dense, 0.0 * dense])
        sums = []
        for _ in range(rng.randrange(1, 9)):
            index = rng.choice([rng.randrange(3), (slice(None), rng.randrange(4)),
                                ([0, 2, 0], [1, 1, 1]), slice(0, 0), (1, 2)])
            number = rng.choice([-0.0, 0.25, -1.0, INF])
            part = array.scatter_add(dense[index] * number, index, shape)
            if rng.random() < 0.2:
                part = part + array.scatter_add(0.125, (0, 0), shape)
            total, expected = total + part, made(expected) + made(part)
            sums.append((total, expected))
        for ours, theirs in rng.sample(sums, len(sums)):
            assert repr(ours.flat) == repr(theirs.flat) and ours.dtype is float
    rows = [array.scatter_add(dense[i], i, shape) for i in range(3)]
    total = rows[0] + rows[1] + rows[2]
    assert not total.is_made() and not rows[0].is_made()  # or n rows take n times so long
    assert (total + rows[0]).is_made()  # more would wait than the whole has entries
    assert not (total + rows[0] + rows[1]).is_made()
    assert pickle.loads(pickle.dumps(total)).tolist() == (0.0 + dense).tolist() == total.tolist()


@pytest.mark.parametrize("move", [
    lambda p: setattr(p, "data", p.data - 0.1 * p.grad), lambda p: SGD([p], lr=0.1).step()])
def test_a_training_step_leaves_the_gradient_to_be_read(move):
    images, weight = asarray([[1.0, 0.0], [2.0, 0.5]]), Value([[0.5, 1.0], [-1.0, 2.0]])
    (images @ weight).sum().backward()
    move(weight)
    assert not weight.grad.is_made()
    assert weight.data.tolist() == [[0.5 - 0.1 * 3.0] + [1.0 - 0.1 * 3.0],
                                    [-1.0 - 0.1 * 0.5] + [2.0 - 0.1 * 0.5]]
    assert weight.grad.tolist() == [[3.0, 3.0], [0.5, 0.5]]
    (images @ weight).sum().backward()
    assert weight.grad.tolist() == [[6.0, 6.0], [1.0, 1.0]]
