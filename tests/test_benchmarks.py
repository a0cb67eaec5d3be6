"""The benchmarks run, compare losses and write the page; no test looks at what they measure."""
import math
import sys
from random import Random

import pytest

from benchmarks import microgpt, mnist, scalar
from benchmarks.__main__ import PAGE, SECTIONS, written_into
from benchmarks.turns import Contender, Machine, ratio
from examples.moons import two_moons

TASK = {"names": ["ada", "grace"]}


@pytest.fixture(autouse=True)
def cold(monkeypatch):
    monkeypatch.setattr("benchmarks.turns.PYPY_WARM_UP", 0.0)
    monkeypatch.setattr("benchmarks.turns.SECONDS_OF_A_TURN", 0.0)


def apart(task):
    """Trains to a loss that nobody else has."""
    def train():
        yield
        yield 1000.0
        yield 1000.0
    return train


def broken(task):
    raise ValueError("no such thing here")


def ours(module):
    return [contender for contender in module.contenders() if contender.environment == "plain"]


def test_all_of_our_own_find_the_same_losses(tmp_path):
    machine = Machine(tmp_path, rounds=1)
    points, labels = two_moons(4, Random(0))
    task = {"points": points.tolist(), "labels": [label for label, in labels.tolist()]}
    held = b"x" * 200_000_000  # here, and so in no peak of theirs; only Linux tells it apart
    results = machine.measure(ours(scalar), task, steps=3, warm_up=0.0)
    assert list(results) == ["chalkgrad", "chalkgrad, neurons fused", "chalkgrad, compiled"]
    first, second, third = results.values()
    assert first.losses == pytest.approx(second.losses, rel=1e-12)
    assert first.losses == pytest.approx(third.losses, rel=1e-12)
    assert len(set(first.losses)) == 3
    assert 5_000 < first.peak < (len(held) / 1024 if sys.platform == "linux" else math.inf)
    assert ratio(first, second) == pytest.approx(first.seconds[0] / second.seconds[0])


def test_microgpt_on_scalars_and_on_tensors_is_one_model(tmp_path):
    results = Machine(tmp_path, rounds=0).measure(ours(microgpt), TASK, steps=2, warm_up=0.0)
    assert len(results) == 4
    first, *rest = results.values()
    for result in rest:
        assert result.losses == pytest.approx(first.losses, rel=1e-9)


def test_mnist_alone_is_measured_beside_code_by_hand(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # as without NumPy
    mnist.main(["--rounds", "1", "--batch-size", "1"])
    head, floor, *rows = capsys.readouterr().out.strip().splitlines()
    assert head.startswith("µs a step of 1 images, medians of 1 rounds, ")
    by_hand = int(floor.removeprefix("lists by hand").replace(",", ""))
    assert len(rows) == 2
    for row, name in zip(rows, ("chalkgrad, Array", "chalkgrad, Array, compiled")):
        microseconds, times = row.removeprefix(name).removesuffix(" times by hand").split()
        ratio = int(microseconds.replace(",", "")) / by_hand
        assert float(times) == pytest.approx(ratio, abs=0.02 + 0.01 * ratio)


def test_other_losses_stop_the_run_and_what_does_not_run_is_left_out(tmp_path):
    machine = Machine(tmp_path, rounds=1)
    on_scalars, *_ = ours(microgpt)
    contenders = [Contender("broken", broken), on_scalars, Contender("apart", apart)]
    with pytest.raises(SystemExit, match="^apart: the loss of step 0 is 1000.0, not "):
        machine.measure(contenders, TASK, steps=2, warm_up=0.0)
    assert list(machine.left_out) == ["broken"]


def test_a_section_is_written_into_its_place_in_the_page():
    page = PAGE.read_text("utf-8")
    for number, name in enumerate(SECTIONS):
        new = written_into(page, name, f"table {number}")
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- end of {name} -->\n")
        assert new == (f"{before}<!-- {name} -->\ntable {number}\n"
                       f"<!-- end of {name} -->\n{after}")
