"""Training in several processes, or on Dask where it is installed: the numbers of one process."""
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from random import Random

import pytest
from test_examples import CHECKOUT, epochs_of

from examples import mnist as plain_example
from examples import mnist_parallel as example
from nn import MLP
from nn.datasets import mnist
from nn.datasets.mnist import idx_header

DIGITS = mnist()
LABELS = DIGITS.train_labels[:3 * 48 + 7]  # so the last batch of 48 has 7
LR, BATCH_SIZE = 0.1, 48


@pytest.fixture(scope="module")
def two():
    """Two processes, this is one: what has both compute, and what it wants for the images."""
    with example.workers(2, None, DIGITS.train_images) as run_and_images:
        yield run_and_images


def trained(images, parts=1, run=example.one_by_one, labels=LABELS):
    """The losses of an epoch, and the parameters after it."""
    rng = Random(2)
    model = MLP(784, [16, 16, 10], rng=rng)
    losses = example.train(model, images, labels, LR, BATCH_SIZE, rng, parts, run)
    return losses, [number for p in model.parameters() for number in p.data.flat]


@pytest.fixture(scope="module")
def losses_and_parameters():
    """Those of one process."""
    return trained(DIGITS.train_images)


def assert_same(result, expected):
    for ours, theirs in zip(result, expected):
        assert ours == pytest.approx(theirs, rel=0, abs=1e-12)


def test_in_one_part_it_is_the_plain_example(losses_and_parameters):
    rng = Random(2)
    model = MLP(784, [16, 16, 10], rng=rng)
    images = DIGITS.train_images[:len(LABELS)]
    loss = plain_example.train(model, images, LABELS, plain_example.cross_entropy, LR, 0.0,
                               BATCH_SIZE, rng, iter)
    losses, parameters = losses_and_parameters
    assert len(losses) == 4 and losses[0] != losses[3]
    assert_same([[sum(losses) / 4], parameters],
                [[loss], [number for p in model.parameters() for number in p.data.flat]])


def test_two_processes_compute_what_one_does(two, losses_and_parameters):
    run, images = two
    assert images is None  # they are sent once, not with each call
    assert_same(trained(images, 2, run), losses_and_parameters)


def test_both_processes_compute(two):
    run, _ = two
    here, there = run(eval, ["__import__('os').getpid()"] * 2)
    assert here == os.getpid() != there


@pytest.mark.parametrize("parts", [5, 11])
def test_parts_of_different_sizes_and_empty_ones(parts, losses_and_parameters):
    assert_same(trained(DIGITS.train_images, parts), losses_and_parameters)


def test_an_error_in_a_process_reaches_the_user_and_the_next_step_works(two):
    run, images = two
    with pytest.raises(ValueError, match="cross_entropy: label 10"):
        trained(images, 2, run, labels=[3] * 40 + [10])
    assert len(trained(images, 2, run, labels=[3] * 40)[0]) == 1


@pytest.mark.parametrize("texts", [["1", "wrong"], ["wrong", "1"]], ids=["there", "here"])
def test_after_an_error_no_answer_is_taken_for_that_to_the_next_call(two, texts):
    run, _ = two
    with pytest.raises(ValueError, match="could not convert"):
        list(run(float, texts))
    assert list(run(float, ["2", "3"])) == [2.0, 3.0]


def test_nor_is_one_that_nobody_took(two):
    run, _ = two
    results = run(float, ["1", "2"])
    next(results)
    results.close()
    assert list(run(float, ["3", "4"])) == [3.0, 4.0]


def test_more_parts_than_processes_are_refused(two):
    with pytest.raises(ValueError, match="^3 parts for 2 processes"):
        trained(None, 3, two[0])


DIES_THERE = exec, ["", "import os; os._exit(1)"]


def test_a_process_that_dies_is_an_error_and_nobody_waits_for_it():
    with example.workers(2, None, DIGITS.test_images) as (run, _):
        with pytest.raises(multiprocessing.ProcessError):
            list(run(*DIES_THERE))
        with pytest.raises(multiprocessing.ProcessError):
            list(run(abs, [1, 2]))


def test_a_process_that_dies_is_one_clear_line(small, monkeypatch):
    monkeypatch.setattr(example, "train", lambda *arguments: list(arguments[-1](*DIES_THERE)))
    with pytest.raises(SystemExit, match="^examples.mnist_parallel: a process.* fewer --processes"):
        example.main(["--data", small, "--processes", "2"])


def stopped_by(error):
    def start(process):
        raise error
    return start


def test_ctrl_c_or_no_more_memory_while_they_start(small, monkeypatch, capsys):
    process = multiprocessing.get_context("spawn").Process
    monkeypatch.setattr(process, "start", stopped_by(KeyboardInterrupt()))
    example.main(["--data", small, "--processes", "2"])
    assert capsys.readouterr() == ("\nstopped\n", "")
    monkeypatch.setattr(process, "start", stopped_by(BlockingIOError()))
    with pytest.raises(SystemExit, match="^examples.mnist_parallel: .* fewer --processes"):
        example.main(["--data", small, "--processes", "2"])


def test_as_many_processes_as_cores_unless_asked_for(monkeypatch):
    for cores, processes in ((None, 1), (4, 4)):
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        assert example.read_options([]).processes == processes


# -- from the command line -----------------------------------------------------------------------

@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A folder with 200 digits to train and 50 to test."""
    folder = tmp_path_factory.mktemp("digits")
    for kind, images, labels, n in (("train", DIGITS.train_images, DIGITS.train_labels, 200),
                                    ("t10k", DIGITS.test_images, DIGITS.test_labels, 50)):
        (folder / f"{kind}-images-idx3-ubyte").write_bytes(
            idx_header((n, 28, 28)) + images.pixels[:n * 784])
        (folder / f"{kind}-labels-idx1-ubyte").write_bytes(idx_header((n,)) + labels[:n])
    return str(folder)


def started(*options):
    """The example in a process, which heads a group of its own, as in a terminal."""
    program = ("import runpy, signal, examples.mnist, multiprocessing.connection; print('begins'); "
               # a shell may have switched SIGINT off for its children
               "signal.signal(signal.SIGINT, signal.default_int_handler); "
               "runpy.run_module('examples.mnist_parallel', run_name='__main__', alter_sys=True)")
    child = subprocess.Popen([sys.executable, "-u", "-c", program, *options], cwd=CHECKOUT,
                             encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
    assert child.stdout.readline() == "begins\n"
    return child


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for some processes")
def test_the_first_epoch_is_that_of_the_plain_example_and_ctrl_c_ends_all(small, capsys):
    plain_example.main(["--data", small, "--epochs", "1"])
    expected = epochs_of(capsys.readouterr().out.splitlines())
    with started("--data", small, "--processes", "2", "--epochs", "1000000") as child:
        try:
            assert epochs_of([child.stdout.readline().rstrip()]) == expected
            os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the workers, too
            output, errors = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 0 and errors == ""
    assert output.endswith("\nstopped\n")


@pytest.mark.skipif(sys.platform == "win32" or sys.implementation.name == "pypy",
                    reason="there a process begins with SIGINT on, whoever started it")
@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.3])
def test_ctrl_c_while_they_start_is_told_by_one_process_only(small, seconds):
    with started("--data", small, "--processes", "3", "--epochs", "1000000") as child:
        try:
            time.sleep(seconds)
            os.killpg(child.pid, signal.SIGINT)
            _, errors = child.communicate(timeout=60)
        finally:
            child.kill()
    assert "spawn_main" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_it_ends_with_its_reader(small):
    with started("--data", small, "--processes", "2", "--epochs", "1000000") as child:
        try:
            child.stdout.close()
            errors = child.stderr.read()  # to the end: of all processes
        finally:
            child.kill()
    assert errors == ""


def test_the_control(small, capsys):
    example.main(["--data", small, "--processes", "2", "--epochs", "0", "--batch-size", "100",
                  "--control"])
    ratios = re.fullmatch(r"2 processes are (\d+\.\d\d) times as fast as one; the control, which "
                          r"sends nothing, (\d+\.\d\d) times\n", capsys.readouterr().out)
    assert all(float(ratio) > 0 for ratio in ratios.groups())  # how large is not for a test


def test_a_missing_folder_and_dask_that_is_not_installed_give_one_clear_line(monkeypatch):
    with pytest.raises(SystemExit, match="^examples.mnist_parallel: .*/nowhere"):
        example.main(["--data", "/nowhere"])
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit, match="^examples.mnist_parallel: .*pip install distributed$"):
        example.main(["--cluster", "tcp://127.0.0.1:8786"])


# -- on a Dask cluster ---------------------------------------------------------------------------

def test_dask_computes_what_one_process_does(losses_and_parameters):
    distributed = pytest.importorskip("distributed")
    # Both threads of the one worker are given the same model, which they must leave as it is.
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False,
                                  dashboard_address=None) as cluster:
        with example.workers(2, cluster.scheduler_address, DIGITS.train_images) as (run, images):
            assert_same(trained(images, 2, run), losses_and_parameters)
            with pytest.raises(ValueError, match="cross_entropy: label 10"):
                trained(images, 2, run, labels=[3] * 40 + [10])
    with pytest.raises(SystemExit, match="^examples.mnist_parallel: --cluster nonsense: "):
        example.main(["--cluster", "nonsense"])
