"""The examples: the options of the MNIST loop, the moons, the scalars by hand, micrograd's nn."""
import gzip
import random
import re
import signal
import struct
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from autograd import Value
from examples import mnist as example
from examples import moons
from examples.by_hand import Number
from nn import MLP, batches, checkpoint, cross_entropy
from nn.datasets import mnist

CHECKOUT = Path(__file__).resolve().parents[1]


def python(*arguments, code=0):
    """What `python ARGUMENTS` prints, run in the checkout, after a look at its exit code."""
    result = subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, encoding="utf-8",
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert result.returncode == code, result.stderr
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the files of a small MNIST: 200 digits to train, 100 to test."""
    digits, folder = mnist(), tmp_path_factory.mktemp("digits")
    for kind, images, labels, count in (
            ("train", digits.train_images, digits.train_labels, 200),
            ("t10k", digits.test_images, digits.test_labels, 100)):
        pixels = images.pixels[:count * 784]
        (folder / f"{kind}-images-idx3-ubyte").write_bytes(
            struct.pack(">4I", 0x803, count, 28, 28) + pixels)
        (folder / f"{kind}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">2I", 0x801, count) + labels[:count]))
    return str(folder)


@pytest.fixture
def run(folder, capsys):
    """Runs examples.mnist on the small folder in this process; gives the lines it prints."""
    def run(*options):
        example.main(["--data", folder, *map(str, options)])
        return capsys.readouterr().out.splitlines()
    return run


def epochs_of(lines):
    """The (loss, test accuracy) of every epoch line."""
    pattern = re.compile(r"epoch +\d+  loss (\d+\.\d{4}|nan)  test accuracy (\d\.\d{4})  \d+\.\d s")
    return [tuple(map(float, pattern.fullmatch(line).groups()))
            for line in lines if line.startswith("epoch")]


def accuracy_of(lines):
    """The test accuracy in the last line, in which share and count must agree."""
    share, right, count = re.fullmatch(
        r"test accuracy (\d\.\d{4}) \((\d+)/(\d+)\)", lines[-1]).groups()
    assert float(share) == int(right) / int(count)
    return float(share)


def without_seconds(lines):
    return [re.sub(r"\d+\.\d s$", "", line) for line in lines]


# -- examples.mnist: shorter runs than the README's, which is judged in test_all_pages.py ----------

def test_more_epochs_make_the_loss_smaller(run):
    losses = [loss for loss, _ in epochs_of(run("--epochs", 3, "--batch-size", 8))]
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0] / 2


def test_the_same_seed_prints_the_same_and_another_seed_something_else(run):
    first, again, other = (run("--epochs", 1, "--seed", seed) for seed in (7, 7, 8))
    assert without_seconds(first) == without_seconds(again) != without_seconds(other)


def test_wrong_answers_are_drawn(run):
    lines = run("--epochs", 1)
    said = [re.fullmatch(r"said (\d), is (\d)", line) for line in lines if line[:4] == "said"]
    assert 1 <= len(said) <= 3 and all(match[1] != match[2] for match in said)
    pictures = [lines[i - 14:i] for i, line in enumerate(lines) if line[:4] == "said"]
    assert all(len(line) == 28 for picture in pictures for line in picture)


# -- examples.mnist: options ---------------------------------------------------------------------

def test_a_saved_network_can_be_loaded_and_is_as_good(run, tmp_path):
    path = tmp_path / "net.json"
    trained = run("--epochs", 1, "--batch-size", 8, "--save", path)
    loaded = run("--epochs", 0, "--load", path, "--seed", 99)
    assert f"saved {path}" in trained
    assert epochs_of(loaded) == []
    assert accuracy_of(loaded) == accuracy_of(trained) > accuracy_of(run("--epochs", 0)) + 0.2


def test_training_goes_on_from_a_saved_network(run, tmp_path):
    path = tmp_path / "net.json"
    (first, _), = epochs_of(run("--epochs", 1, "--batch-size", 8, "--save", path))
    (second, _), = epochs_of(run("--epochs", 1, "--batch-size", 8, "--load", path))
    assert second < first / 1.5


def test_hidden_sets_the_layers(run):
    assert run("--epochs", 0, "--hidden", 5, 3)[0] == \
        f"MLP: {785 * 5 + 6 * 3 + 4 * 10:,} parameters"
    assert run("--epochs", 0, "--hidden")[0] == "MLP: 7,850 parameters"


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_activation_sets_that_of_the_hidden_layers(run, activation):
    lines = run("--epochs", 0, "--activation", activation)
    assert [line.count(activation) for line in lines if "Layer" in line] == [1, 1, 0]


@pytest.mark.parametrize("array", ["python", "numpy"])
def test_the_squared_error_learns(run, array):
    if array == "numpy":
        pytest.importorskip("numpy")
    lines = run("--loss", "squared-error", "--epochs", 3, "--batch-size", 8, "--lr", 0.5,
                "--array", array)
    losses = [loss for loss, _ in epochs_of(lines)]
    assert losses == sorted(losses, reverse=True) and losses[0] < 10 / 4  # all outputs at 1/2
    assert accuracy_of(lines) > 0.5


def test_momentum_goes_further_in_the_same_number_of_steps(run):
    (without, _), = epochs_of(run("--epochs", 1, "--lr", 0.01))
    (momentum, _), = epochs_of(run("--epochs", 1, "--lr", 0.01, "--momentum", 0.9))
    assert momentum < without


def test_a_decay_of_0_stops_after_the_first_epoch(run):
    accuracies = [accuracy for _, accuracy in epochs_of(run("--epochs", 3, "--lr-decay", 0))]
    assert accuracies[0] == accuracies[1] == accuracies[2]
    assert accuracies[0] > accuracy_of(run("--epochs", 0))


def test_a_nan_loss_stops_the_training_and_is_explained(run, tmp_path):
    lines = run("--epochs", 5, "--lr", "1e200")
    assert len(epochs_of(lines)) == 1
    assert any("nan" in line and "learning rate is too large" in line for line in lines)
    assert [line[:16] for line in lines if line.startswith("said")] == ["said nothing, is"] * 3
    with pytest.raises(SystemExit, match="examples.mnist: .* nan, .* not saved"):
        run("--epochs", 1, "--lr", "1e200", "--save", tmp_path / "net.json")


def test_numpy_and_python_see_the_same_losses_step_by_step():
    numpy = pytest.importorskip("numpy")
    digits = mnist()
    in_python, on_numpy = (MLP(784, [16, 16, 10], rng=Random(0)) for _ in range(2))
    for p in on_numpy.parameters():
        p.data = numpy.array(p.data.tolist())

    def first_losses(model, images):
        data = batches(images, digits.train_labels, 32, Random(0))
        for _, (x, y) in zip(range(50), data):
            loss = cross_entropy(model(x), y)
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
            yield loss.item()

    losses = list(first_losses(in_python, digits.train_images))
    assert losses == pytest.approx(
        list(first_losses(on_numpy, example.NumpyImages(digits.train_images))), abs=1e-9)
    assert isinstance(on_numpy.parameters()[0].data, numpy.ndarray)
    assert len(losses) == 50 and losses[-1] < 0.7 * losses[0]


def test_the_whole_run_is_the_same_on_numpy(run):
    pytest.importorskip("numpy")
    assert without_seconds(run("--epochs", 2, "--array", "numpy")) == \
        without_seconds(run("--epochs", 2))


@pytest.mark.parametrize("loss", example.COSTS)
@pytest.mark.parametrize("array", ["python", "numpy"])
def test_the_compiled_run_is_the_same(run, loss, array):
    if array == "numpy":
        pytest.importorskip("numpy")
    options = ["--epochs", 1, "--loss", loss, "--array", array]
    assert without_seconds(run(*options, "--compile")) == without_seconds(run(*options))


# -- examples.mnist: interruption and mistakes ---------------------------------------------------

@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_cleanly_and_still_saves(folder, tmp_path):
    path = tmp_path / "net.json"
    program = ("import runpy, signal; "  # a shell may have switched SIGINT off for its children
               "signal.signal(signal.SIGINT, signal.default_int_handler); "
               "runpy.run_module('examples.mnist', run_name='__main__', alter_sys=True)")
    options = ["--data", folder, "--epochs", "1000000", "--save", str(path)]
    with subprocess.Popen([sys.executable, "-u", "-c", program, *options], cwd=CHECKOUT,
                          encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        try:
            before = []
            while not before or not before[-1].startswith("epoch"):
                before.append(child.stdout.readline())
                assert before[-1], child.stderr.read()
            child.send_signal(signal.SIGINT)
            after, errors = child.communicate(timeout=60)
        finally:
            child.kill()
    lines = after.splitlines()
    assert child.returncode == 0 and "Traceback" not in errors
    assert "stopped" in lines and f"saved {path}" in lines
    saved = MLP(784, [16, 16, 10])
    checkpoint.load(path, saved)
    said = example.predictions(saved, mnist(folder).test_images)
    right = sum(digit == label for digit, label in zip(said, mnist(folder).test_labels))
    assert accuracy_of(lines) == right / 100


@pytest.mark.parametrize("options, reason", [
    (["--data", "/nowhere"], "/nowhere"),
    (["--load", "/nowhere/net.json"], "/nowhere/net.json"),
    (["--save", "/nowhere/net.json"], "/nowhere/net.json"),
    (["--save", str(CHECKOUT)], "this is a folder"),
    (["--load", __file__], "not JSON"),
])
def test_a_file_that_is_not_right_gives_one_clear_line(options, reason):
    errors = python("-m", "examples.mnist", "--epochs", "0", *options, code=1)
    assert errors.startswith("examples.mnist: ") and errors.count("\n") == 1
    assert reason in errors


def test_a_folder_that_may_not_be_written_to_is_told_before_the_training(run):
    with pytest.raises(SystemExit, match="--save .*: there is no such folder, or it may not be"):
        run("--epochs", "0", "--save", "/proc/self/net.json")  # not even root may


@pytest.mark.parametrize("options", [
    ["--batch-size", "0"], ["--epochs", "-1"], ["--hidden", "16", "-1"], ["--hidden", "x"],
    ["--lr", "fast"], ["--lr", "nan"], ["--lr", "inf"], ["--lr", "-0.1"], ["--lr-decay", "nan"],
    ["--lr-decay", "-1"], ["--momentum", "2"], ["--momentum", "nan"], ["--loss", "other"],
    ["--activation", "other"], ["--array", "other"]],
    ids=" ".join)
def test_an_option_that_is_not_right_is_named(options, capsys):
    with pytest.raises(SystemExit) as caught:
        example.main(options)
    assert caught.value.code == 2
    assert options[0] in capsys.readouterr().err.splitlines()[-1]


def test_numpy_that_is_not_installed_gives_one_clear_line(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(SystemExit, match="examples.mnist: .*numpy"):
        run("--array", "numpy")


# -- examples.moons ------------------------------------------------------------------------------

def test_the_moons_are_parted():
    rng = Random(1337)
    points, labels = moons.two_moons(100, rng)
    assert points.shape == (100, 2) and sorted(labels.flat) == [-1.0] * 50 + [1.0] * 50
    model = MLP(2, [16, 16, 1], rng=rng)
    steps = list(moons.train(model, points, labels, 100))
    assert steps[-1][1] == 1.0 and steps[-1][0] < steps[0][0] / 10


def test_the_moons_run_from_the_command_line(capsys):
    printed = []
    for compiled in [], ["--compile"]:
        moons.main(["--steps", "2", "--points", "10", *compiled])
        printed.append(capsys.readouterr().out)
    assert re.search(r"step +1  loss \d\.\d{4}  accuracy \d+%", printed[0])
    assert printed[0].count("o") > 2 and printed[0].count("x") > 2 and printed[0] == printed[1]


# -- examples.by_hand ----------------------------------------------------------------------------

EXPRESSIONS = {
    "sum": lambda x, y: x + y,
    "product": lambda x, y: x * y,
    "square of a shared step": lambda x, y: (lambda s: s * s)(x * y + x),
    "diamond": lambda x, y: (lambda s: (s + x).tanh() * (s * y).tanh())((x * y).tanh()),
    "sum with itself": lambda x, y: (x + x) * (x + x) + y,
    "used on several levels": lambda x, y: (lambda s: s * (s * (s + y) + s) + y)(x + y),
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_forty_lines_of_scalars_agree_with_value(expression):
    results = []
    for kind in Number, Value:
        x, y = kind(0.75), kind(-1.25)
        out = expression(x, y)
        out.backward()
        results.append((out.data, x.grad, y.grad))
    assert results[0] == pytest.approx(results[1], rel=1e-14)


def test_the_neuron_by_hand_learns():
    losses = [float(loss) for loss in re.findall(r"loss (\S+)", python("-m", "examples.by_hand"))]
    assert len(losses) == 20 and losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 100


# -- micrograd's nn on our Value -----------------------------------------------------------------
# Written as in https://github.com/karpathy/micrograd, so that its scripts run unchanged.

class MicroModule:
    def zero_grad(self):
        for p in self.parameters():
            p.grad = 0

    def parameters(self):
        return []


class MicroNeuron(MicroModule):
    def __init__(self, nin, nonlin=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self):
        return self.w + [self.b]


class MicroLayer(MicroModule):
    def __init__(self, nin, nout, **kwargs):
        self.neurons = [MicroNeuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x):
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


class MicroMLP(MicroModule):
    def __init__(self, nin, nouts):
        sz = [nin] + nouts
        self.layers = [MicroLayer(sz[i], sz[i + 1], nonlin=i != len(nouts) - 1)
                       for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@pytest.fixture
def micro():
    before = random.getstate()
    random.seed(1)  # with some others all ReLUs of so small a network die
    yield MicroMLP(3, [8, 8, 1])
    random.setstate(before)


def test_micrograds_network_trains_on_our_value(micro):
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    for _ in range(100):
        ypred = [micro(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
        micro.zero_grad()
        loss.backward()
        for p in micro.parameters():
            p.data += -0.01 * p.grad
    assert loss.data < 0.01
    assert [round(yout.data) for yout in ypred] == ys
    assert all(type(p.data) is float and type(p.grad) is float for p in micro.parameters())


def test_micrograds_network_gives_the_numbers_of_ours(micro):
    ours = MLP(3, [8, 8, 1])
    for layer, theirs in zip(ours.layers, micro.layers):
        layer.weight.data = Value([[n.w[i].data for n in theirs.neurons]
                                   for i in range(len(theirs.neurons[0].w))]).data
    x = [2.0, 3.0, -1.0]
    theirs, out = micro(x), ours(Value([x]))
    theirs.backward()
    out.backward([[1.0]])
    assert out.data[0, 0] == pytest.approx(theirs.data, rel=1e-13)
    for layer, their_layer in zip(ours.layers, micro.layers):
        for j, neuron in enumerate(their_layer.neurons):
            assert layer.weight.grad[:, j].tolist() == \
                pytest.approx([w.grad for w in neuron.w], rel=1e-13)
