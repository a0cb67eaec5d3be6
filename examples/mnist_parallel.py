"""Train a network to read handwritten digits, on all cores of this machine or on a Dask cluster.

    python3 -m examples.mnist_parallel --processes 4 --batch-size 256 --lr 0.2

The training of `examples/mnist.py`, data-parallel: each batch is cut into parts, one for this
process and one for each that it starts; all compute the loss and the gradients of their part at the
same time, and the sum over the parts is that of the batch, to the rounding of floats. The images go
to each process once; every step sends it 13,002 parameters and takes 13,002 gradients back, 117 kB
each way, which only large batches repay (and on PyPy, which computes ten times as fast but pickles
slowly, not even those of 256).

`--control` tells what the machine can give: as many processes, each with its part of the work, that
have nothing to say to each other. On a shared host they, too, are slower than one would think.

With `--cluster tcp://HOST:8786` the workers of the Dask scheduler at that address compute the
parts. Dask (`pip install distributed`) must be here and there, and `autograd` and `nn` there.
"""
import argparse
import os
import signal
import sys
from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import partial
from multiprocessing import ProcessError, get_context
from random import Random
from time import perf_counter

from autograd import Array, no_grad, value_and_grad
from examples.mnist import count_right, predictions
from examples.options import end_with_the_reader, number
from nn import MLP, batches, cross_entropy
from nn.datasets import mnist

kept = None  # the images, in each process that computes


def keep(images):
    global kept
    kept = images


def loss_and_gradients(model, images, places, labels, share):
    """What one part of a batch adds to the mean loss over the batch, and to its gradients by name.

    places: where the part's images stand; None for the images: those that this process keeps.
    share: the part's share of the examples of the batch.
    """
    x = (kept if images is None else images)[places]
    with no_grad():  # the gradients as plain arrays, without a graph of their own
        return value_and_grad(lambda model: cross_entropy(model(x), labels) * share)(model)


def one_by_one(function, *columns):
    """What `map` does, but all of it at once: what is done with a result can't change the next."""
    return list(map(function, *columns))


def train(model, images, labels, lr, batch_size, rng, parts=1, run=one_by_one):
    """One epoch; the loss of every batch. `run` does what `one_by_one` does, or several at once."""
    parameters = list(model.named_parameters())
    everywhere = Array((len(labels),), list(range(len(labels))))
    losses = []
    for places, y in batches(everywhere, labels, batch_size, rng):
        cuts = [len(y) * part // parts for part in range(parts + 1)]
        slices = [slice(a, b) for a, b in zip(cuts, cuts[1:]) if a < b]
        losses.append(0.0)
        for loss, gradients in run(
                loss_and_gradients, [model] * len(slices), [images] * len(slices),
                [places.flat[s] for s in slices], [y[s] for s in slices],
                [(s.stop - s.start) / len(y) for s in slices]):
            losses[-1] += loss
            for name, p in parameters:  # steps one after the other are the step along the sum
                p.data -= lr * gradients[name]
    return losses


@contextmanager
def workers(parts, cluster, images):
    """What computes several parts at once, as `run` in `train`; and the images as it wants them."""
    if cluster:
        try:
            from distributed import Client
            client = Client(cluster)
        except ImportError:
            sys.exit("examples.mnist_parallel: --cluster needs Dask; pip install distributed")
        except (OSError, ValueError) as error:
            sys.exit(f"examples.mnist_parallel: --cluster {cluster}: {error}")
        with client:
            run = client.get_executor(pure=False).map
            yield lambda *call: list(run(*call)), client.scatter(images, broadcast=True)
    else:
        with processes(parts - 1) as connections:
            run = partial(among, connections)
            list(run(keep, [images] * parts))
            yield run, None


@contextmanager
def processes(count):
    """Start so many processes that answer calls; the connections to them."""
    system = get_context("spawn")  # the way to start one that all systems have
    connections, started = [], []
    try:
        for _ in range(count):
            connection, its_end = system.Pipe()
            process = system.Process(target=answer, args=(its_end,), daemon=True)
            ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for this process:
            try:
                process.start()  # those that it starts inherit that it is ignored
            except OSError as error:
                raise ProcessError(f"no more processes: {error}; try fewer --processes") from error
            finally:
                signal.signal(signal.SIGINT, ours)
            started.append(process)
            its_end.close()  # now only the process holds it: if that dies, reading here fails
            connections.append(connection)
        yield connections
    finally:
        for process in started:
            process.terminate()
            process.join()


def answer(connection):
    """What such a process does: it answers a call with its result, or with its error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows and PyPy that is not inherited
    with suppress(EOFError, ConnectionError):  # until the other end is gone
        while True:
            function, arguments = connection.recv()
            try:
                result = function(*arguments)
            except Exception as error:
                result = error
            connection.send(result)


def among(connections, function, *columns):
    """What `map` does: the first call here, while processes answer the others, one each.

    (A `ProcessPoolExecutor` sends from a thread, which waits for its turn while this one computes.)
    Raises ProcessError if one of them is gone: the system may have ended it, for want of memory.
    """
    first, *others = zip(*columns)
    if len(others) > len(connections):
        raise ValueError(f"{1 + len(others)} parts for {1 + len(connections)} processes; cut the "
                         "batches into fewer")
    asked = connections[:len(others)]
    try:
        for connection, call in zip(asked, others):
            connection.send((function, call))
        try:
            yield function(*first)
        finally:  # after an error here, too: the next call must not meet the answers to this one
            results = [connection.recv() for connection in asked]
    except (EOFError, OSError) as error:
        raise ProcessError("a process ended before it had answered; try fewer --processes") \
            from error
    for result in results:
        if isinstance(result, Exception):
            raise result
        yield result


def alone_together_apart(model, here, there, labels, lr, batch_size, parts, run):
    """The seconds of an epoch in one process, in `parts` of them, and in the control.

    here, there: the images as this process has them, and as `workers` wants them given.
    """
    alone, together = deepcopy(model), deepcopy(model)
    moments = [perf_counter()]
    train(alone, here, labels, lr, batch_size, None)
    moments.append(perf_counter())
    train(together, there, labels, lr, batch_size, None, parts, run)
    moments.append(perf_counter())
    its_own = model, there, labels[:len(labels) // parts], lr, max(1, batch_size // parts), None
    list(run(train, *([argument] * parts for argument in its_own)))
    moments.append(perf_counter())
    return [after - before for before, after in zip(moments, moments[1:])]


def main(arguments=None):
    options = read_options(arguments)
    rng = Random(options.seed)
    model = MLP(784, [16, 16, 10], rng=rng)
    try:
        digits = mnist(options.data)
    except (OSError, ValueError) as error:
        sys.exit(f"examples.mnist_parallel: {error}")
    labels, how = digits.train_labels, (options.lr, options.batch_size)
    try:
        with workers(options.processes, options.cluster, digits.train_images) as (run, images):
            for epoch in range(1, options.epochs + 1):
                started = perf_counter()
                losses = train(model, images, labels, *how, rng, options.processes, run)
                right = count_right(predictions(model, digits.test_images), digits.test_labels)
                print(f"epoch {epoch:2}  loss {sum(losses) / len(losses):.4f}  test accuracy "
                      f"{right / len(digits.test_images):.4f}  {perf_counter() - started:.1f} s")
            if options.control:
                alone, together, apart = alone_together_apart(
                    model, digits.train_images, images, labels, *how, options.processes, run)
                print(f"{options.processes} processes are {alone / together:.2f} times as fast as "
                      f"one; the control, which sends nothing, {alone / apart:.2f} times")
    except KeyboardInterrupt:
        print("\nstopped")
    except BrokenPipeError:  # of print; a process that is gone is a ProcessError
        end_with_the_reader()
    except ProcessError as error:
        sys.exit(f"examples.mnist_parallel: {error}")


def read_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m examples.mnist_parallel", description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    option = parser.add_argument
    option("--data", default="sample", metavar="sample|full|FOLDER", help="as in examples.mnist")
    cores = os.cpu_count() or 1
    option("--processes", type=number(int, 1), default=cores, help="parts of each batch")
    option("--cluster", metavar="ADDRESS", help="a Dask scheduler that has the parts computed")
    option("--epochs", type=number(int, 0), default=10, help="rounds through the digits")
    option("--batch-size", type=number(int, 1), default=32, help="digits a step")
    option("--lr", type=number(float, 0, 1e300), default=0.1, help="learning rate")
    option("--seed", type=int, default=2, help="of the random numbers")
    option("--control", action="store_true", help="compare with processes that send nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
