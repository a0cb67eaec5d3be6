"""The claims of the examples about gradient descent, each with a margin; and their plots."""
import importlib.util
import signal
import subprocess
import sys
from math import atan2, degrees, inf, nan
from pathlib import Path
from random import Random

import pages
import pytest

from autograd import Value, grad
from examples import (
    costs, learning_rate, local_minima, one_slope, perceptron, plots, surface)
from nn import Neuron

CHECKOUT = Path(__file__).resolve().parents[1]


# -- one_slope -----------------------------------------------------------------------------------

@pytest.mark.parametrize("start, side", [(-1.0, -1), (5.5, 1)])
def test_the_slope_says_which_way_and_the_steps_shrink_with_it(start, side):
    path = one_slope.descend(one_slope.cost, start, 0.2, 0.001)
    assert all(slope * side > 0 for _, _, slope in path)  # by hand: 2 (w - 3)
    assert [slope for _, _, slope in path] == pytest.approx([2 * (w - 3) for w, _, _ in path])
    moves = [b[0] - a[0] for a, b in zip(path, path[1:])]
    assert moves == pytest.approx([-0.2 * slope for _, _, slope in path[:-1]])
    assert all(abs(later) < 0.7 * abs(move) for move, later in zip(moves, moves[1:]))
    assert abs(path[-1][2]) < 0.001 <= abs(path[-2][2])
    assert one_slope.verdict(path, 0.001).startswith(f"stopped at w = {path[-1][0]:.4f} after "
                                                     f"{len(path) - 1} steps")
    assert abs(path[-1][0] - 3) < 0.001 and 10 < len(path) < 30


def test_no_step_is_told_where_none_is_taken(capsys):
    one_slope.main(["--start", "3", "2.9999"])
    at_the_bottom, near_it = [line for line in capsys.readouterr().out.splitlines()
                              if line.startswith("     0  ")]
    assert at_the_bottom.endswith("no farther") and near_it.endswith("no farther")


def test_a_descent_that_does_not_arrive_says_so():
    for lr, word in (1.1, "diverged"), (1e-9, "not there"), (1e300, "diverged"):
        path = one_slope.descend(one_slope.cost, 1.0, lr, 0.001, most=50)
        assert one_slope.verdict(path, 0.001).startswith(word)


# -- surface -------------------------------------------------------------------------------------

def test_the_gradient_is_the_steepest_way_up():
    for text, point in (("x**2 + 3*y**2 + 2*x*y", [-1.8, 1.6]), ("sin(x)*exp(y) - y", [0.3, -1.0]),
                        ("tanh(x) / (1 + y*y)", [0.5, 0.5])):
        J = surface.surface(text)
        dx, dy = grad(J)(point)
        off = abs(degrees(atan2(dy, dx)) - surface.steepest(J, point)) % 360
        assert min(off, 360 - off) < 1.5


def test_the_descent_ends_at_the_bottom_in_two_and_in_a_thousand_dimensions():
    J = surface.surface("(x - 1)**2 + 3*(y + 0.5)**2")
    path = surface.descend(J, [-1.8, 1.6], 0.1, 100)
    assert path[-1] == pytest.approx([1.0, -0.5], abs=1e-4)
    heights = [J(w) for w in path]
    assert heights == sorted(heights, reverse=True)
    many = surface.descend(lambda w: ((w - 1) ** 2).sum(), [0.0] * 1000, 0.1, 50)
    assert many[-1] == pytest.approx([1.0] * 1000, abs=1e-4)


@pytest.mark.parametrize("text, at, expected", [
    ("x**2 + y", [3.0, 1.0], 10.0), ("-x + +y", [3.0, 1.0], -2.0), ("2**-x", [1.0, 0.0], 0.5),
    ("e + 0*x - e", [1.0, 0.0], 0.0), ("cos(pi*x)", [1.0, 0.0], -1.0), ("x/0", [1.0, 0.0], inf),
    (" abs(y) - sqrt(x)", [4.0, -5.0], 3.0)])
def test_expressions_are_understood(text, at, expected):
    assert surface.surface(text)(at) == pytest.approx(expected)
    assert float(surface.surface(text)(Value(at))) == pytest.approx(expected)


@pytest.mark.parametrize("text", [
    "__import__('os').system('true')", "x.__class__", "[x]", "x if y else 1", "lambda: x", "z",
    "x +", "", "x = 1", "exec(x)", "abs(x, y)", "abs(x=1)", "abs(x, y=1)",
    "abs(*x)", "'x'", "True * x", "x % y",
    "x // y", "x < y", "x and y", "not x", "~x", "x[0]", "f'{x}'", "(x := 1)", "1j * x", "abs",
    "x" + " + x" * 100, "(" * 150 + "x" + ")" * 40, "\0", "3", "9**9**9**9", "print(x)"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ValueError, match="no expression of x|neither"):
        surface.surface(text)


def test_a_start_that_is_no_number_is_refused():
    with pytest.raises(SystemExit, match=r"J is nan at \[-1.0, 0.0\]"):
        surface.main(["log(x)", "--start", "-1", "0"])


def test_where_the_surface_ends_it_does_not_rise_most():
    root = surface.surface("sqrt(x)")  # nan left of 0
    assert surface.steepest(root, [1e-5, 1.0]) == 0
    assert surface.steepest(surface.surface("sqrt(-x)"), [-1e-5, 1.0]) == 180


# -- learning_rate -------------------------------------------------------------------------------

def test_a_small_rate_crawls_a_large_one_diverges_and_the_named_one_is_right():
    page, _ = pages.run("03_learning_rate.md")
    tried, named = page["tried"], page["named"]  # of the range test with seed 0
    assert named == pytest.approx(0.011, rel=0.05)
    assert learning_rate.diverged([cost for _, cost in tried])
    crawling, right, diverging = page["runs"].values()  # with 0.001, 0.011 and 0.1
    assert len(right) == len(crawling) == 31
    assert right[-1] < 0.5 * crawling[-1] and crawling[-1] < 0.7 * crawling[0]
    assert len(diverging) < 20 and diverging[-1] > 10 * diverging[0]


def test_a_cost_that_is_no_number_is_diverged():
    assert learning_rate.diverged([1.0, nan]) and learning_rate.diverged([1.0, 10.1])
    assert not learning_rate.diverged([1.0, 9.0])


# -- local_minima --------------------------------------------------------------------------------

def test_momentum_reaches_the_deeper_valley_where_plain_descent_stays():
    ends = {method: local_minima.descend(method, (2.6, 1.4))[-1]
            for method in local_minima.METHODS}
    depths = {method: local_minima.depth(end) for method, end in ends.items()}
    assert depths["momentum"] < depths["plain"] - 0.5
    assert abs(ends["plain"][0] - 1.04) < 0.02 and abs(ends["momentum"][0] + 1.12) < 0.02
    for x, y in ends.values():  # all of them are valleys: there is no slope left
        slope = grad(lambda p: local_minima.cost(p[0], p[1]))([x, y])
        assert max(map(abs, slope)) < 0.01


def test_the_start_decides_and_restarts_find_the_deeper_valley():
    from_left, from_right = (local_minima.descend("plain", (x, 0.5))[-1] for x in (-2.5, 2.5))
    assert local_minima.depth(from_left) < local_minima.depth(from_right) - 0.5
    ends = local_minima.restarts(Random(0), 6)
    depths = [local_minima.depth(end) for end in ends]
    assert depths == sorted(depths) and depths[0] < depths[-1] - 0.5


# -- perceptron ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["AND", "OR"])
def test_one_neuron_learns_and_and_or(name):
    model = Neuron(2, "tanh", Random(0))
    losses = perceptron.train(model, perceptron.TARGETS[name], 200)
    assert perceptron.right(model, perceptron.TARGETS[name]) == 4
    assert losses[-1] < 0.1 < 1.0 < losses[0]


def test_xor_is_not_learned_by_one_neuron_and_is_by_three():
    targets, solved = perceptron.TARGETS["XOR"], 0
    for seed in range(5):
        one, three = Neuron(2, "tanh", Random(seed)), perceptron.ThreeNeurons(Random(seed))
        assert perceptron.train(one, targets, 100)[-1] > 3.9
        assert perceptron.right(one, targets) <= 3  # of four points a line gets three at most
        solved += perceptron.train(three, targets, 200)[-1] < 0.05 \
            and perceptron.right(three, targets) == 4
    assert solved >= 4


# -- costs ---------------------------------------------------------------------------------------

def test_the_squared_error_forgives_what_is_sure_and_wrong_and_counting_has_no_slope():
    for z in -6.0, -3.0, -0.1, 0.1, 4.0:
        squared, entropy, counting = (grad(cost)(z) for cost in costs.OF_ONE.values())
        assert counting == 0.0 and entropy < 0.0 and squared < 0.0
        if z <= -6.0:
            assert abs(entropy) > 0.9 and abs(squared) < 0.01
    assert [costs.OF_ONE["counting"](z) for z in (-1.0, 1.0)] == [1.0, 0.0]
    assert costs.OF_ONE["cross-entropy"](-6.0) > 5 * costs.OF_ONE["squared error"](-6.0)


def test_the_squared_error_of_ten_answers_is_ten_at_most():
    sure_and_wrong = Value([[-1000.0] + [1000.0] * 9])
    squared, entropy = (cost(sure_and_wrong, [0]).item() for cost in costs.OF_DIGITS.values())
    assert squared == pytest.approx(10.0) and entropy > 1000.0


def test_on_digits_cross_entropy_is_faster_and_the_count_is_a_staircase():
    page, ran = pages.run("06_costs.md")
    share = dict(line.split(": ") for line in ran[-1][2].splitlines())
    assert float(share["cross-entropy"]) > max(0.65, float(share["squared error"]) + 0.05)
    smooth, counted = page["smooth"], page["counted"]
    assert costs.changes(smooth) == 40 and costs.changes(counted) <= 16
    assert smooth[1] < smooth[0]


# -- running them --------------------------------------------------------------------------------

SHORT = {"one_slope": [], "surface": [],
         "learning_rate": ["--steps", "4", "--rates", "1e200", "0.2", "0.0001"],
         "local_minima": ["--restarts", "1"], "perceptron": ["--steps", "20"],
         "costs": ["--epochs", "0"]}


@pytest.mark.parametrize("name", SHORT)
def test_an_example_prints_a_plot_and_draws_one(name, capsys, tmp_path):
    file, drawing = tmp_path / f"{name}.svg", []
    try:
        import matplotlib  # noqa: F401
        drawing = ["--plot", str(file)]
    except ImportError:
        pass
    importlib.import_module(f"examples.{name}").main(SHORT[name] + drawing)
    lines = capsys.readouterr().out.splitlines()
    assert sum("+-----" in line for line in lines) >= 1
    assert not any("nan" in line.split() for line in lines)
    assert max(map(len, lines[:-1] if drawing else lines)) <= 80
    if name == "learning_rate":  # with two rates that are too large
        assert sum("diverged" in line for line in lines) == 2
        assert any("rate  0.0001: cost" in line for line in lines)
    if drawing:
        assert lines[-1] == f"drew {file}" and b"</svg>" in file.read_bytes()[-20:]


@pytest.mark.parametrize("numbers", [{"some": [1.0, 2.0], "none": []}, {"none": []}])
def test_a_histogram_of_a_name_without_numbers_is_empty(numbers, capsys, tmp_path):
    drawing = {}
    if importlib.util.find_spec("matplotlib"):
        drawing = {"file": str(tmp_path / "histogram.svg")}
    plots.show(plots.Histogram(numbers, "x"), **drawing)
    assert f"none |{' ' * 50}|" in capsys.readouterr().out


def test_a_figure_is_the_same_bytes_twice(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    for suffix in ".svg", ".png":
        files = [tmp_path / f"{i}{suffix}" for i in (1, 2)]
        for file in files:
            plots.show(plots.Curves({"a": [1, 2, 4], "b": [3, 2, 1]}, "x", "y"), file=str(file))
        first, second = (file.read_bytes() for file in files)
        assert first == second and len(first) > 1000


def test_without_matplotlib_one_clear_line_says_what_to_install(tmp_path):
    program = ("import sys; sys.modules['matplotlib'] = None; from examples import one_slope; "
               f"one_slope.main(['--plot', {str(tmp_path / 'a.svg')!r}])")
    run = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, encoding="utf-8",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.returncode == 1 and run.stdout == "" and not list(tmp_path.iterdir())
    assert run.stderr.count("\n") == 1 and "pip install matplotlib" in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_reader_that_goes_away_ends_a_run_quietly():
    with subprocess.Popen([sys.executable, "-m", "examples.perceptron"], cwd=CHECKOUT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        assert run.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_run_quietly():
    program = ("import runpy, signal; "  # a shell may have switched SIGINT off for its children
               "signal.signal(signal.SIGINT, signal.default_int_handler); "
               "runpy.run_module('examples.perceptron', run_name='__main__', alter_sys=True)")
    with subprocess.Popen([sys.executable, "-u", "-c", program, "--steps", "1000"], cwd=CHECKOUT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout.readline()
        run.send_signal(signal.SIGINT)
        assert run.stderr.read() == b""
    assert run.returncode == -signal.SIGINT


@pytest.mark.parametrize("options, reason", [
    ("one_slope --start 1e200", "from -1e+06 to 1e+06"), ("one_slope --lr nan", "from 0 to 1e+300"),
    ("local_minima --restarts 0", "from 1 up"), ("local_minima --start 1", "2 arguments"),
    ("perceptron --steps some", "invalid int value: 'some'"), ("figures nothing", "see --help")])
def test_an_option_that_is_not_right_is_named(options, reason, capsys):
    name, *arguments = options.split()
    with pytest.raises(SystemExit):
        importlib.import_module(f"examples.{name}").main(arguments)
    error = capsys.readouterr().err.splitlines()[-1]
    assert arguments[0] in error and reason in error


@pytest.mark.parametrize("name, options", [
    ("one_slope", "--lr 1e300"), ("surface", "--lr 1e9"), ("surface", "--start 0 0")])
def test_what_diverges_and_what_stands_still_keeps_its_lines_short(name, options, capsys):
    importlib.import_module(f"examples.{name}").main(options.split())
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 100
    assert ("it is flat here" in said) == ("0 0" in options)


@pytest.mark.parametrize("file", [
    "a.txt", "nowhere/a.svg", "folder.svg", "/proc/self/a.svg"])  # there not even root may write
def test_a_figure_that_can_not_be_written_is_refused_before_the_run(file, tmp_path, capsys):
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(SystemExit):
        one_slope.main(["--plot", str(tmp_path / file)])
    said = capsys.readouterr()
    assert said.out == "" and "--plot" in said.err.splitlines()[-1]


# -- the plots -----------------------------------------------------------------------------------

def test_curves_leave_out_what_can_not_be_shown():
    panel = plots.Curves({"a": [1.0, nan, inf, 4.0]}, "step", "loss")
    assert panel.curves == {"a": [(0, 1.0), (3, 4.0)]}
    assert plots.Curves({"a": [0.0, 1.0, 2.0]}, "x", "y", log_y=True).curves["a"][0] == (1, 1.0)
    text = "\n".join(panel.text())
    assert "loss" in text and "step" in text and "4 |" in text and "1 |" in text


def test_curves_are_all_there_however_many_and_however_empty():
    text = plots.Curves({f"curve {i}": [i, 2 * i] for i in range(12)}, "x", "y").text()
    assert all(f"curve {i}" in "\n".join(text) for i in range(12)) and max(map(len, text)) <= 80
    assert plots.Curves({"a": [nan]}, "x", "y", log_y=True).text()


def test_a_contour_is_low_where_the_surface_is_and_flat_ones_are_drawn():
    lines = plots.Contours(lambda x, y: x, (0.0, 1.0), (0.0, 1.0)).text()
    row = lines[0].split("|")[1]
    assert row[0] == " " and row[-1] == plots.SHADES[-1] and list(row) == sorted(
        row, key=plots.SHADES.index)
    assert plots.Contours(lambda x, y: 7.0, (0.0, 1.0), (0.0, 1.0)).text()
    assert plots.Contours(lambda x, y: nan, (0.0, 1.0), (0.0, 1.0)).text()


def test_a_gradient_is_seen_at_right_angles_to_the_contours():
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(6, 3))
    axes = figure.add_subplot()
    plots.Contours(lambda x, y: 2 * x + y, (-2.0, 2.0), (-2.0, 2.0), arrows=[
        ((0.0, 0.0), (2.0, 1.0))]).draw(axes)
    figure.draw_without_rendering()
    (x0, y0), *ends = axes.transData.transform([(0.0, 0.0), (2.0, 1.0), (-1.0, 2.0)])
    (up_x, up_y), (along_x, along_y) = ((x - x0, y - y0) for x, y in ends)
    assert up_x * along_x + up_y * along_y == pytest.approx(0, abs=1e-6)


def test_images_and_histograms_show_sign_and_number():
    lines = plots.Images({"a": [[1.0, -1.0], [1.0, -1.0]]}, 1).text()
    assert lines[1:] == ["##==", "##=="]
    assert plots.Images({"a": [[1.0] * 20] * 20}, 1).text()[1:] == ["#" * 20] * 10
    text = plots.Histogram({"a": [0.0] * 9 + [1.0]}, "g", bins=4).text()
    assert text[0] == "a |%  .|" and "g" in text[1]


def test_in_a_figure_no_two_lines_look_alike():
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(6, 3))
    curves, histogram = figure.subplots(1, 2)
    plots.Curves({f"rate {i}": [i, 2 * i] for i in range(10)}, "x", "y").draw(curves)
    assert len({(line.get_color(), line.get_linestyle()) for line in curves.lines}) == 10
    plots.Histogram({f"layer {i}": [0.1 * i, i] for i in range(1, 14)}, "g").draw(histogram)
    names = [text.get_text() for text in histogram.get_legend().get_texts()]
    assert names[0] == "layer 1" and names[-1] == "layer 13" and len(names) == 6
    assert len({patch.get_edgecolor() for patch in histogram.patches}) == 6
