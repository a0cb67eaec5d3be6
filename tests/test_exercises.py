"""The exercises: right answers pass, and typical wrong ones are told what is wrong with them."""
import re

import pytest

from examples import exercises

RIGHT = {
    1: ["2 * (w - 3)"],
    2: ["2 * x + 2 * y, 6 * y + 2 * x"],
    3: ["w - lr * 2 * (w - 3)"],
    4: ["0.9 * v + g", "w - 0.1 * v"],
    5: ["dw += d * x", "db += d"],
    6: ["[a - (i == label) for i, a in enumerate(p)]"],
    7: ["d * hidden", "d * w2 * hidden * (1 - hidden) * x"],
    8: ["[[a * b for b in g] for a in x]"],
    9: ["2 * (w - 3) + decay * w"],
    10: ["dw / len(examples), db / len(examples)"],
    11: ["0.9 * v + g", "w - 0.1 * (g + 0.9 * v)"],
    12: ["[o * (a - sum(b * p for b, p in zip(g, out))) for a, o in zip(g, out)]"],
}


def said(number, *answers):
    """What is said to a file in which the blanks are filled with these."""
    text = exercises.COURSE[number].stub.replace("..., ...", "...")
    assert text.count("...") == len(answers)
    for answer in answers:
        text = text.replace("...", answer, 1)
    return exercises.verdict(exercises.COURSE[number], text, "answer.py")


@pytest.mark.parametrize("number", exercises.COURSE)
def test_the_right_answer_passes(number):
    assert said(number, *RIGHT[number]) == ""


def test_an_answer_may_ask_the_engine():
    text = ("from autograd import Value\n\n\ndef slope(w):\n    w = Value(w)\n"
            "    ((w - 3) ** 2).backward()\n    return w.grad\n")
    assert exercises.verdict(exercises.COURSE[1], text, "answer.py") == ""


@pytest.mark.parametrize("number, answers, hint", [
    (1, ["-2 * (w - 3)"], "wrong sign"),
    (1, ["w - 3"], "a factor: the slope by w is 0.5 times"),
    (1, ["2 * w - 3"], "bracket"),
    (1, ["(w - 3) ** 2 + 1"], "J itself"),
    (1, ["w ** 3"], "by w is not right: where w = 0, yours is 0, but .* by -6 "),
    (1, ["float('nan')"], "not right"),
    (1, ["0"], "by w is not right: where w = 0, yours is 0, but .* by -6 "),
    (2, ["6 * y + 2 * x, 2 * x + 2 * y"], "exchanged"),
    (2, ["2 * x, 6 * y"], "2[*]x[*]y has a slope too"),
    (2, ["2 * x + 2 * y, 3 * y + x"], "the slope by y is 0.5 times"),
    (2, ["2 * x + 2 * y, -6 * y - 2 * x"], "the slope by y has the wrong sign"),
    (2, ["2 * x + 2 * y"], "numbers, 2 of them"),
    (3, ["w + lr * 2 * (w - 3)"], "the sign: this step climbs"),
    (3, ["w - 2 * (w - 3)"], "learning rate is missing"),
    (3, ["w - lr * (w - 3)"], "a factor: the slope by w is 0.5 times"),
    (3, ["lr * 2 * (w - 3)"], "the step alone"),
    (4, ["g", "w - 0.1 * v"], "`=` where a sum is needed"),
    (4, ["0.9 * v + g", "w - 0.1 * g"], "the step is along v"),
    (4, ["v + g", "w - 0.1 * v"], "fade"),
    (4, ["0.9 * v + g", "w + 0.1 * v"], "the sign"),
    (4, ["0.9 * v + g", "w - v"], "10 times"),
    (5, ["dw = d * x", "db = d"], "`=` where `[+]=` is needed"),
    (5, ["dw -= d * x", "db += d"], "the slope by w has the wrong sign"),
    (5, ["dw += d", "db += d"], "the slope by w is not right"),
    (5, ["dw += 0.5 * d * x", "db += d"], "the slope by w is 0.5 times"),
    (6, ["p"], "the softmax alone"),
    (6, ["[(i == label) - a for i, a in enumerate(p)]"], "wrong sign"),
    (7, ["d * hidden", "d * w2 * x"], "the first sigmoid"),
    (7, ["d * hidden", "d * hidden * (1 - hidden) * x"], "through w2"),
    (7, ["-d * hidden", "d * w2 * hidden * (1 - hidden) * x"], "by w2 has the wrong sign"),
    (8, ["[[a * b for a in x] for b in g]"], "exchanged"),
    (8, ["[[-a * b for b in g] for a in x]"], "by w00 has the wrong sign"),
    (9, ["2 * (w - 3)"], "J alone"),
    (9, ["2 * (w - 3) + decay"], "grows with w"),
    (9, ["2 * (w - 3) + decay / 2 * w"], "a factor"),
    (9, ["2 * (w - 3) - decay * w"], "the sign of the decay"),
    (10, ["dw, db"], "the sum over the examples, not the mean"),
    (10, ["dw / len(examples), db"], "a factor: the slope by b is 3 times"),
    (11, ["g", "w - 0.1 * (g + 0.9 * v)"], "`=` where a sum is needed"),
    (11, ["0.9 * v + g", "w - 0.1 * v"], "look ahead"),
    (11, ["0.9 * v + g", "w + 0.1 * (g + 0.9 * v)"], "the sign"),
    (12, ["[a * o * (1 - o) for a, o in zip(g, out)]"], "every output depends on every input"),
    (12, ["[o * (1 - sum(out)) for o in out]"], "g is missing"),
    (12, ["[sum(b * p for b, p in zip(g, out)) * o - a * o for a, o in zip(g, out)]"],
     "wrong sign"),
])
def test_a_wrong_answer_is_told_what_is_wrong(number, answers, hint):
    assert re.search(hint, said(number, *answers), re.DOTALL)


@pytest.mark.parametrize("text, hint", [
    ("def slope(w):\n    return ...\n", "blank"), ("x = 1\n", "slope is gone"),
    ("def slope(w):\n    return 2 * (W - 3)\n", "name 'W' is not defined"),
    ("def slope(w)\n", "SyntaxError"), ("def slope(w):\n    return 'two'\n", "numbers"),
    ("def slope(w):\n    pass\n", "numbers"), ("1 / 0\n", "ZeroDivisionError")])
def test_a_file_that_does_not_work_is_told_why(text, hint):
    verdict = exercises.verdict(exercises.COURSE[1], text, "answer.py")
    assert hint in verdict and "ast.py" not in verdict


@pytest.mark.parametrize("number, text", [
    (1, "def slope(w, h):\n    return w\n"), (4, "def step(w, v, g):\n    return w\n"),
    (8, "def gradient(x, g):\n    return [1.0]\n")])
def test_an_answer_of_another_form_is_not_met_with_lines_of_the_checker(number, text):
    verdict = exercises.verdict(exercises.COURSE[number], text, "answer.py")
    assert verdict.startswith("the answer has another form than the stub") and "\n" not in verdict


def test_a_file_is_read_as_python_reads_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = "# für mich\ndef slope(w):\n    return 2 * (w - 3)\n"
    for right in (text.encode("utf-8-sig"),  # as some editors of Windows write it
                  b"# coding: latin-1\n" + text.encode("latin-1")):
        (tmp_path / "exercise_1.py").write_bytes(right)
        exercises.main(["1"])
        assert capsys.readouterr().out == "exercise_1.py: right!\n"
    (tmp_path / "exercise_1.py").write_bytes(text.encode("utf-16"))
    with pytest.raises(SystemExit, match=r"^exercise_1.py: [^$]*null\sbytes"):
        exercises.main(["1"])


def test_a_file_that_can_not_be_read_gives_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercise_1.py").mkdir()
    with pytest.raises(SystemExit, match="^examples.exercises: .*'exercise_1.py'$"):
        exercises.main(["1"])


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="exercise_3.py: there is still a blank"):
        exercises.main(["3"])
    assert "One step of gradient descent" in capsys.readouterr().out
    file = tmp_path / "exercise_3.py"
    assert max(map(len, file.read_text("utf-8").splitlines())) < 80
    answers = {"w + lr * 2 * (w - 3)": "the sign", "w - lr * 2 * (w - 3)": None}
    stub = file.read_text("utf-8")
    for answer, hint in answers.items():
        file.write_text(stub.replace("...", answer), "utf-8")
        if hint:
            with pytest.raises(SystemExit, match=hint):
                exercises.main(["3"])
        else:
            exercises.main(["3"])
            assert capsys.readouterr().out.endswith("exercise_3.py: right!\n")
