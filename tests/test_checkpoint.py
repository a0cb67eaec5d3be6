"""Checkpoints: exact to the last bit, never half written, and refused with a reason."""
import json
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from autograd import Array, Value
from nn import MLP, Module, checkpoint, init

CHECKOUT = Path(__file__).resolve().parents[1]
AWKWARD = [-0.0, 0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
           -1.7976931348623157e308, 0.1, 1 / 3, 2 / 3, 1e22, 1e23, 123456789.12345679]


class Holder(Module):
    def __init__(self, **parameters):
        for name, data in parameters.items():
            setattr(self, name, Value(data))


def network(seed=0):
    return MLP(2, [3, 1], rng=Random(seed))


def bits(module):
    """The name, the shape and the bytes of every parameter."""
    return [(name, p.shape, struct.pack(f"<{p.size}d", *p.reshape(-1).data.tolist()))
            for name, p in module.named_parameters()]


# -- there and back ------------------------------------------------------------------------------

def test_a_network_comes_back_to_the_last_bit(tmp_path):
    saved, loaded = network(1), network(2)
    checkpoint.save(tmp_path / "net.json", saved)
    assert bits(loaded) != bits(saved)
    checkpoint.load(tmp_path / "net.json", loaded)
    assert bits(loaded) == bits(saved)
    x = Value([[0.5, -2.0]])
    assert loaded(x).data.tolist() == saved(x).data.tolist()


@pytest.mark.parametrize("number", AWKWARD)
def test_every_float_comes_back_to_the_last_bit(tmp_path, number):
    saved, loaded = Holder(a=number, b=[number, 1.0]), Holder(a=7.0, b=[7.0, 7.0])
    checkpoint.save(tmp_path / "net.json", saved)
    checkpoint.load(tmp_path / "net.json", loaded)
    assert bits(loaded) == bits(saved)


def test_random_bit_patterns_come_back(tmp_path):
    rng, numbers = Random(0), []
    while len(numbers) < 1000:
        number, = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))
        numbers += [number] if abs(number) < float("inf") else []
    loaded = Holder(a=[0.0] * 1000)
    checkpoint.save(tmp_path / "net.json", Holder(a=numbers))
    checkpoint.load(tmp_path / "net.json", loaded)
    assert struct.pack("<1000d", *loaded.a.data.flat) == struct.pack("<1000d", *numbers)


def test_shapes_of_any_number_of_axes_come_back(tmp_path):
    saved = Holder(a=5.0, b=[[[1.0, 2.0]], [[3.0, 4.0]]], c=Array((0, 3), []))
    loaded = Holder(a=0.0, b=[[[0.0, 0.0]], [[0.0, 0.0]]], c=Array((0, 3), []))
    checkpoint.save(tmp_path / "net.json", saved)
    checkpoint.load(tmp_path / "net.json", loaded)
    assert bits(loaded) == bits(saved)


@pytest.mark.parametrize("path", [str, Path, lambda p: str(p).encode()], ids=["str", "Path", "b"])
def test_a_path_may_be_of_any_kind(tmp_path, path):
    checkpoint.save(path(tmp_path / "net.json"), network(1))
    loaded = network(2)
    checkpoint.load(path(tmp_path / "net.json"), loaded)
    assert bits(loaded) == bits(network(1))


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_networks_on_numpy_and_in_python_read_each_others_files(tmp_path, precision):
    numpy = pytest.importorskip("numpy")
    third = numpy.array([[1 / 3, -1.5]], precision)
    on_numpy, in_python = Holder(a=third), Holder(a=[[0.0, 0.0]])
    checkpoint.save(tmp_path / "net.json", on_numpy)
    checkpoint.load(tmp_path / "net.json", in_python)
    assert isinstance(in_python.a.data, Array)
    assert in_python.a.data.tolist() == third.tolist()

    other = Holder(a=numpy.zeros((1, 2), precision))
    checkpoint.load(tmp_path / "net.json", other)
    assert isinstance(other.a.data, numpy.ndarray) and other.a.data.dtype == precision
    assert other.a.data.tolist() == third.tolist()


def test_a_network_of_sizes_from_numpy_is_one_of_ints(tmp_path):
    numpy = pytest.importorskip("numpy")
    two, three = numpy.int64(2), numpy.int64(3)
    saved, loaded = MLP(two, [three, 1], rng=Random(1)), network(2)
    assert repr(saved) == repr(loaded)
    checkpoint.save(tmp_path / "net.json", saved)
    checkpoint.load(tmp_path / "net.json", loaded)
    assert bits(loaded) == bits(saved)
    for start in init.normal, init.xavier, init.he:
        assert [type(length) for length in start(Random(0), two, three).shape] == [int, int]


def test_the_file_is_plain_json(tmp_path):
    checkpoint.save(tmp_path / "net.json", Holder(a=[[1.0, 0.5]], b=-0.25))
    with open(tmp_path / "net.json", encoding="utf-8") as file:
        content = json.load(file)
    assert content["parameters"] == {"a": {"shape": [1, 2], "data": [1.0, 0.5]},
                                     "b": {"shape": [], "data": [-0.25]}}


# -- saving --------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_network_with_a_nan_or_an_inf_is_not_saved(tmp_path, number):
    path = tmp_path / "net.json"
    path.write_text("the old file")
    with pytest.raises(ValueError, match=f"b holds {number}, not a finite float"):
        checkpoint.save(path, Holder(a=1.0, b=[1.0, number]))
    assert path.read_text() == "the old file" and os.listdir(tmp_path) == ["net.json"]


@pytest.mark.parametrize("kind", ["Array", "bool", "longdouble"])
def test_what_could_not_be_loaded_is_not_saved(tmp_path, kind):
    numpy = pytest.importorskip("numpy")
    data = {"Array": [True, False], "bool": numpy.array([True, False]),
            "longdouble": numpy.array([1.0], "longdouble")}
    with pytest.raises(ValueError, match="checkpoint: mask holds .*not a finite float"):
        checkpoint.save(tmp_path / "net.json", Holder(mask=data[kind]))
    assert os.listdir(tmp_path) == []


def test_two_parameters_of_one_name_are_not_saved(tmp_path):
    module = Holder(left=1.0)
    module.twice = {"a.b": Value(1.0), "a": {"b": Value(2.0)}}
    with pytest.raises(ValueError, match="twice.a.b"):
        checkpoint.save(tmp_path / "net.json", module)
    assert os.listdir(tmp_path) == []


def test_saving_again_replaces_the_file(tmp_path):
    path, loaded = tmp_path / "net.json", network(3)
    checkpoint.save(path, network(1))
    checkpoint.save(path, network(2))
    checkpoint.load(path, loaded)
    assert bits(loaded) == bits(network(2)) and os.listdir(tmp_path) == ["net.json"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_interrupted_save_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step, error):
    def fail(*arguments):
        raise error("on purpose")

    path, loaded = tmp_path / "net.json", network(3)
    checkpoint.save(path, network(1))
    with monkeypatch.context() as patch, pytest.raises(error, match="on purpose"):
        patch.setattr(os, step, fail)
        checkpoint.save(path, network(2))
    checkpoint.load(path, loaded)
    assert bits(loaded) == bits(network(1)) and os.listdir(tmp_path) == ["net.json"]


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path):
    pytest.importorskip("resource")  # not on Windows
    path, loaded = tmp_path / "net.json", network(3)
    checkpoint.save(path, network(1))
    program = ("import resource; from nn import MLP, checkpoint; network = MLP(100, [100]); "
               "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
               f"checkpoint.save({str(path)!r}, network)")
    result = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, encoding="utf-8",
                            stderr=subprocess.PIPE, timeout=60)
    assert "OSError" in result.stderr and "File too large" in result.stderr
    checkpoint.load(path, loaded)
    assert bits(loaded) == bits(network(1)) and os.listdir(tmp_path) == ["net.json"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.*net.json'$"):
        checkpoint.save(tmp_path / "nowhere" / "net.json", network())
    with pytest.raises(OSError) as error:
        checkpoint.save(tmp_path, network())
    assert str(error.value).endswith(f"{str(tmp_path)!r}") and ".tmp" not in str(error.value)
    assert os.listdir(tmp_path) == []


# -- refusals ------------------------------------------------------------------------------------

class Dangerous:
    """Pickled, this runs a command when it is loaded."""

    def __reduce__(self):
        return os.mkdir, ("was_run",)


def content():
    """What a good file for `network()` holds."""
    def entry(*shape):
        count = 1
        for length in shape:
            count *= length
        return {"shape": list(shape), "data": [0.5] * count}

    return {"format": "chalkgrad checkpoint", "version": 1, "parameters": {
        "layers.0.weight": entry(2, 3), "layers.0.bias": entry(3),
        "layers.1.weight": entry(3, 1), "layers.1.bias": entry(1)}}


def changed(*keys, to):
    """The good file with what stands under the keys replaced, or deleted if `to` is None."""
    whole = part = content()
    for key in keys[:-1]:
        part = part[key]
    if to is None:
        del part[keys[-1]]
    else:
        part[keys[-1]] = to
    return json.dumps(whole)


GOOD = json.dumps(content())
BIAS = ("parameters", "layers.0.bias")
CORRUPT = {
    "empty": ("", "cut short"),
    "cut short": (GOOD[:len(GOOD) // 2], "cut short"),
    "one byte short": (GOOD[:-1], "cut short"),
    "with something behind": (GOOD + "x", "JSON"),
    "not UTF-8": (GOOD.encode("utf-16"), "JSON"),
    "a pickle": (pickle.dumps(Dangerous()), "JSON"),
    "nested without end": ("[" * 1_000_000, "JSON"),
    "a number without end": (GOOD.replace("0.5", "9" * 10_000, 1), ""),
    "a list": ("[]", "not a file that nn.checkpoint.save wrote"),
    "a number": ("1", "not a file that nn.checkpoint.save wrote"),
    "of another format": (changed("format", to="other"), "not a file that"),
    "without format": (changed("format", to=None), "not a file that"),
    "of a later version": (changed("version", to=2), "version 2; this program reads version 1"),
    "without version": (changed("version", to=None), "version None"),
    "without parameters": (changed("parameters", to=None), "no parameters"),
    "with a list of parameters": (changed("parameters", to=[]), "no parameters"),
    "with an entry of another kind": (changed(*BIAS, to=[0.5, 0.5, 0.5]), "layers.0.bias"),
    "without shape": (changed(*BIAS, "shape", to=None), "layers.0.bias must have a shape"),
    "without data": (changed(*BIAS, "data", to=None), "layers.0.bias must have a shape and data"),
    "with a number for its data": (changed(*BIAS, "data", to=0.5), "layers.0.bias: .* a list"),
    "with a number for a shape": (changed(*BIAS, "shape", to=3), "layers.0.bias"),
    "with a negative length": (changed(*BIAS, "shape", to=[-3]), "layers.0.bias"),
    "with a broken length": (changed(*BIAS, "shape", to=[3.0]), "layers.0.bias"),
    "with too few numbers": (changed(*BIAS, "data", to=[0.5, 0.5]), r"2 numbers .* shape \(3,\)"),
    "with nested numbers": (changed(*BIAS, "data", to=[[0.5], [0.5], [0.5]]), "layers.0.bias"),
    "with a string": (changed(*BIAS, "data", to=[0.5, "0.5", 0.5]), "not a finite float"),
    "with a bool": (changed(*BIAS, "data", to=[0.5, True, 0.5]), "not a finite float"),
    "with a null": (GOOD.replace("0.5", "null", 1), "not a finite float"),
    "with a nan": (GOOD.replace("0.5", "NaN", 1), "not a finite float"),
    "with an inf": (GOOD.replace("0.5", "-Infinity", 1), "not a finite float"),
    "with a number beyond floats": (GOOD.replace("0.5", "1e999", 1), "not a finite float"),
    "with a parameter missing": (changed(*BIAS, to=None), "missing: layers.0.bias"),
    "with an extra parameter": (
        changed("parameters", "more", to={"shape": [], "data": [0.5]}), "extra: more"),
    "with another shape": (
        changed(*BIAS, to={"shape": [1, 3], "data": [0.5] * 3}), r"layers.0.bias: shape \(1, 3\)"),
}


def test_the_good_file_is_read(tmp_path):
    (tmp_path / "net.json").write_text(GOOD)
    loaded = network()
    checkpoint.load(tmp_path / "net.json", loaded)
    assert {number for p in loaded.parameters() for number in p.data.flat} == {0.5}


@pytest.mark.parametrize("kind", CORRUPT)
def test_a_damaged_file_is_refused_by_name_and_changes_nothing(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    damaged, reason = CORRUPT[kind]
    path = tmp_path / "damaged.json"
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    untouched = network(5)
    with pytest.raises(ValueError, match=f"(?s)damaged.json.*{reason}"):
        checkpoint.load(path, untouched)
    assert bits(untouched) == bits(network(5))
    assert os.listdir(tmp_path) == ["damaged.json"]  # the pickle was not run


def test_the_file_of_another_network_is_refused_with_all_that_differs(tmp_path):
    checkpoint.save(tmp_path / "net.json", MLP(2, [4, 3, 1]))
    with pytest.raises(ValueError) as caught:
        checkpoint.load(tmp_path / "net.json", network())
    for part in ("net.json", "layers.0.weight: shape (2, 4)", "extra: layers.2.weight",
                 "extra: layers.2.bias"):
        assert part in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.json"):
        checkpoint.load(tmp_path / "nowhere.json", network())


def test_a_number_for_a_path_is_no_open_file(tmp_path):
    with open(tmp_path / "open", "w+") as file:
        with pytest.raises(TypeError, match="int"):
            checkpoint.load(file.fileno(), MLP(2, [1], rng=Random(0)))
        with pytest.raises(TypeError, match="int"):
            checkpoint.save(file.fileno(), MLP(2, [1], rng=Random(0)))
