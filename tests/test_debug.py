"""detect_anomaly names the operation, its inputs, the entries and the line; outline draws text."""
import asyncio
import gc
import math
import re
import threading
import weakref
from pathlib import Path
from random import Random

import numpy as np
import pytest

import autograd as ag
from autograd import Value, detect_anomaly, no_grad, primitive
from nn import MLP, Module, cross_entropy

HERE = Path(__file__).name
KINDS = pytest.mark.parametrize("kind", [list, np.array], ids=["Array", "numpy"])
quiet = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own, of log(0) and 1/0


def line_of(marker):
    """The number of the line of this file that ends in this comment."""
    for i, line in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), 1):
        if line.endswith("# " + marker):
            return i
    raise LookupError(marker)


def refused(compute):
    """The message of the FloatingPointError that compute() raises under detect_anomaly."""
    with pytest.raises(FloatingPointError) as caught, detect_anomaly():
        compute()
    return str(caught.value)


def here(marker):
    """What the message must end with: this file and the marked line."""
    return f"{HERE}:{line_of(marker)}"


# -- forward -------------------------------------------------------------------------------------


def test_the_first_operation_that_makes_an_inf_is_named():
    def compute():
        x = Value(0.0)
        y = x * 2
        z = y.log()  # log of zero
        return z * 0 + 1
    message = refused(compute)
    assert message.startswith("log of 0.0 made -inf")
    assert here("log of zero") in message


@KINDS
@quiet
def test_the_shapes_and_the_entries_are_named(kind):
    x = Value(kind([[1.0, 0.0, 4.0], [9.0, 16.0, 25.0]]))
    y = Value(kind([[1.0], [0.0]]))

    def compute():
        return x / y  # divide rows
    message = refused(compute)
    assert message.startswith("divide of (2, 3) and (2, 1) made inf at entry 3 of (2, 3); "
                              "inf at entry 4 of (2, 3); inf at entry 5 of (2, 3), called at ")
    assert here("divide rows") in message


def test_of_many_entries_three_are_named_and_the_rest_counted():
    message = refused(lambda: Value([0.0] * 100).log())
    assert message.count("-inf at entry") == 3 and "97 more" in message


def test_nan_and_overflow_are_anomalies_and_large_numbers_are_not():
    assert "made nan" in refused(lambda: Value(-1.0).sqrt())
    assert "made inf" in refused(lambda: Value(1000.0).exp())
    with detect_anomaly():
        assert (Value(1e308) * 1.0).data == 1e308


def test_inputs_that_were_bad_before_are_pointed_out():
    message = refused(lambda: Value(float("nan")) + 1.0)
    assert message.startswith("add of nan and 1.0 made nan")
    assert "inputs already held nan" in message
    assert "already" not in refused(lambda: Value(0.0).log())


def test_the_line_is_that_of_the_caller_not_of_the_library():
    model = MLP(2, [2, 2])

    def compute():
        logits = model([[float("inf"), 1.0]])  # through nn
        return cross_entropy(logits, [0])
    message = refused(compute)
    assert message.startswith("layers.0: linear of (1, 2) and (2, 2) and (2,)")
    assert here("through nn") in message


class Mine(Module):
    def forward(self, x):
        return x.log()  # in a module of one's own


def test_a_module_of_ones_own_is_a_caller():
    assert here("in a module of one's own") in refused(lambda: Mine()(Value(0.0)))


def test_the_module_that_made_it_is_named():
    model = MLP(2, [3, 2])
    model.layers[1].bias.data = ag.Array((2,), [math.inf, 0.0])
    message = refused(lambda: model([[1.0, 2.0]]))
    assert message.startswith("layers.1: linear of (1, 3) and (3, 2) and (2,) made inf at entry 0")


def test_nothing_is_raised_outside_the_block():
    with detect_anomaly():
        x = Value(0.0)
    assert x.log().data == -float("inf")
    with pytest.raises(FloatingPointError), detect_anomaly():
        x.log()
    assert x.log().data == -float("inf")  # also after an exception


def test_sound_computations_give_the_same_numbers_and_gradients():
    def run():
        x = Value([[1.0, -2.0], [0.5, 3.0]])
        y = (x @ x.T).tanh().sum() / 3
        y.backward()
        return y.data, x.grad.tolist()
    with detect_anomaly():
        watched = run()
    assert watched == run()


def test_it_is_also_a_decorator():
    @detect_anomaly()
    def compute(x):
        return Value(x).log()
    assert compute(1.0).data == 0.0
    for _ in range(2):
        with pytest.raises(FloatingPointError):
            compute(0.0)


def test_a_watched_function_does_not_keep_what_it_computed():
    class Mark:
        """Something that a leaf holds."""

    @detect_anomaly()
    def compute():
        x = Value(1.0)
        x.mark = mark = Mark()
        (x * 2).backward()
        return weakref.ref(mark)
    held = compute()
    gc.collect()
    assert held() is None


# -- backward ------------------------------------------------------------------------------------


@KINDS
@quiet
def test_a_rule_that_makes_an_inf_is_named_with_the_line_of_the_forward(kind):
    x = Value(kind([4.0, 0.0]))

    def compute():
        y = x.sqrt()  # infinitely steep at zero
        z = y.sum()
        z.backward()
    message = refused(compute)
    assert message.startswith("sqrt of (2,) has a rule that made inf at entry 1 of (2,), called")
    assert here("infinitely steep at zero") in message


def test_what_was_recorded_outside_is_named_without_a_line():
    x = Value(0.0)
    y = x.sqrt()
    message = refused(y.backward)
    assert message.startswith("sqrt of 0.0 has a rule that made inf")
    assert "a line outside detect_anomaly" in message


def test_a_wrong_rule_of_ones_own_is_found():
    @primitive(lambda g, out, x: g * float("nan"))
    def harmless(x):
        return x * 2.0

    def compute():
        y = harmless(Value(1.0))  # my own primitive
        (y * 3).backward()
    message = refused(compute)
    assert message.startswith("harmless of 1.0 has a rule that made nan")
    assert here("my own primitive") in message


@pytest.mark.parametrize("place", [0, 1])
def test_both_rules_of_two_operands_are_watched(place):
    rules = [lambda g, out, x, y: g, lambda g, out, x, y: g]
    rules[place] = lambda g, out, x, y: g * float("inf")

    @primitive(*rules)
    def harmless(x, y):
        return x + y

    message = refused(lambda: harmless(Value(1.0), Value(2.0)).backward())
    assert message.startswith("harmless of 1.0 and 2.0 has a rule that made inf")


@pytest.mark.parametrize("f", [
    lambda x: x * 1e308 + x * 1e308, lambda x: (x * np.array([1e308, 1e308])).sum()])
@pytest.mark.filterwarnings("ignore:overflow")
def test_an_inf_made_by_adding_gradients_up_is_found(f):
    assert refused(lambda: f(Value(0.0)).backward()).startswith("multiply of")


def test_a_second_derivative_is_watched_too():
    def compute():
        x = Value(0.0)
        y = x ** 1.5  # steep in the second derivative
        y.backward(create_graph=True)
        x.grad.backward()
    message = refused(compute)
    assert re.match(r"\w+ of .* (made|has a rule that made) (inf|nan)", message)


def test_functions_of_functions_are_watched():
    assert refused(lambda: ag.grad(ag.log)(0.0)).startswith("log of 0.0 made -inf")
    message = refused(lambda: ag.grad(lambda x: ag.sqrt(x))(0.0))
    assert message.startswith("sqrt of 0.0 has a rule that made inf")


def test_rules_that_nobody_asked_for_do_not_run():
    other = Value(0.0)
    with detect_anomaly():  # towards `other`, the rule of sqrt would make an inf
        assert ag.grad(lambda x: x * other.sqrt() + x)(3.0).data == 1.0
        # and towards the exponent, that of pow the logarithm of -3
        assert ag.grad(lambda x: x ** (other + 2.0))(-3.0).data == -6.0


def test_an_argument_that_is_infinite_was_not_made_by_anybody():
    with detect_anomaly():
        assert ag.grad(lambda x: 1 / x)(Value(float("inf"))).data == 0.0


# -- whom it concerns ----------------------------------------------------------------------------


def test_it_holds_for_its_own_thread_only():
    results = []

    def compute():
        results.append(Value(0.0).log().data)
    with detect_anomaly():
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
        with pytest.raises(FloatingPointError):
            compute()
    assert results == [-float("inf")]


def test_it_holds_for_its_own_task_only():
    async def watched():
        with detect_anomaly():
            await asyncio.sleep(0)
            with pytest.raises(FloatingPointError):
                Value(0.0).log()
            await asyncio.sleep(0)
        return "watched"

    async def free():
        results = []
        for _ in range(4):
            results.append(Value(0.0).log().data)
            await asyncio.sleep(0)
        return results

    async def both():
        return await asyncio.gather(watched(), free())
    assert asyncio.run(both()) == ["watched", [-float("inf")] * 4]


def test_what_is_not_recorded_is_not_watched():
    with detect_anomaly(), no_grad():
        assert Value(0.0).log().data == -float("inf")


# -- outline -------------------------------------------------------------------------------------


def outlined(x, capsys, *args):
    x.outline(*args)
    return capsys.readouterr().out.splitlines()


def test_outline_of_a_graph(capsys):
    x, w = Value(2.0, name="x"), Value(3.0, name="w")
    y = (x * w + 1.0).tanh()
    assert outlined(y, capsys) == [
        "Value(0.999998, op=tanh)",
        "    Value(7.0, op=add)",
        "        Value(6.0, op=multiply)",
        "            Value(2.0, name='x')",
        "            Value(3.0, name='w')",
        "        1.0"]


def test_outline_shows_a_shared_part_once_and_both_uses_of_an_operand(capsys):
    x = Value(2.0, name="x")
    y = x * x
    assert outlined(y + y, capsys) == [
        "Value(8.0, op=add)",
        "    Value(4.0, op=multiply)",
        "        Value(2.0, name='x')",
        "        Value(2.0, name='x')",
        "    Value(4.0, op=multiply) (see above)"]


def test_outline_tells_where_in_the_network_a_parameter_stands(capsys):
    model = MLP(1, [1, 1], "tanh", rng=Random(0))
    model.layers[0].bias.name = "threshold"
    lines = [line.strip() for line in outlined(model([2.0]), capsys)]
    assert [line.split(":")[0] for line in lines if line.startswith("layers")] == [
        "layers.0.weight", "layers.1.weight", "layers.1.bias"]
    assert any("name='threshold'" in line for line in lines)


def test_outline_of_a_leaf_and_of_arrays(capsys):
    assert outlined(Value(1.0), capsys) == ["Value(1.0)"]
    assert outlined(Value([1.0, 2.0]) * [3.0, 4.0], capsys) == [
        "Value([3.0, 8.0], op=multiply)", "    Value([1.0, 2.0])", "    [3.0, 4.0]"]


def test_outline_of_numpys_matrix_is_a_line(capsys):
    matrix = np.ones((2, 2))
    assert outlined(Value(matrix) * matrix, capsys) == [
        "Value(array([[1., 1.], [1., 1.]]), op=multiply)",
        "    Value(array([[1., 1.], [1., 1.]]))", "    array([[1., 1.], [1., 1.]])"]


def test_outline_of_a_long_chain_is_cut(capsys):
    x = Value(1.0)
    for _ in range(20_000):
        x = x * 1.0
    lines = outlined(x, capsys, 10)
    assert len(lines) == 11 and "more branches" in lines[-1]
    assert len(outlined(x, capsys)) == 201
