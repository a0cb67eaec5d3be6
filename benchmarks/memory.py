"""What a scalar graph weighs, and what an epoch of MNIST takes. For these, a "loss" is bytes."""
LENGTH, CHAINS = 100, 1000


def weight(Value):
    """Yields the bytes an operation once chains are recorded, and once they are walked back, too.

    Chains, and no long one: micrograd and microgpt walk by recursion.
    """
    import tracemalloc  # here, for PyPy has none

    def train():
        yield
        tracemalloc.start()
        x, ends = Value(1.0), []
        for _ in range(CHAINS):
            y = x
            for _ in range(LENGTH // 2):
                y = y * x + x
            ends.append(y)
        loss = sum(ends)
        yield tracemalloc.get_traced_memory()[0] / (LENGTH * CHAINS + CHAINS)
        loss.backward()
        yield tracemalloc.get_traced_memory()[0] / (LENGTH * CHAINS + CHAINS)
        tracemalloc.stop()
    return train


def chalkgrad(task):
    from autograd import Value
    return weight(Value)


def micrograd(task):
    from micrograd.engine import Value
    return weight(Value)


def microgpt(task):
    from importlib.util import find_spec
    from runpy import run_path
    folder, = find_spec("strands_microgpt").submodule_search_locations
    return weight(run_path(f"{folder}/engine.py")["Value"])


def epoch(task):
    """Yields by how much an epoch on the 4,000 digits raises the peak of the process's memory."""
    from random import Random
    from examples.mnist import NumpyImages, train as train_an_epoch
    from nn import MLP, cross_entropy
    from nn.datasets import mnist
    from benchmarks.worker import peak

    def train():
        digits = mnist()
        model = MLP(784, [16, 16, 10], rng=Random(0))
        images = digits.train_images
        if task["numpy"]:
            from numpy import array
            images = NumpyImages(images)
            for p in model.parameters():
                p.data = array(p.data.tolist())
        yield
        before = peak()
        train_an_epoch(model, images, digits.train_labels, cross_entropy, 0.1, 0.0, 32, Random(0),
                       lambda batches: batches)
        yield (peak() - before) * 1024
    return train


def measure(machine) -> tuple:
    """Bytes an operation, recorded and walked, by name; and the bytes of an epoch."""
    from math import inf

    from .turns import Contender
    chains = [Contender("chalkgrad", chalkgrad, agreement=inf),
              Contender("microgpt's Value", microgpt, "microgpt", agreement=inf),
              Contender("micrograd", micrograd, "micrograd", agreement=inf)]
    epochs = [Contender("Array", epoch, "plain", {"numpy": False}, agreement=inf),
              Contender("NumPy", epoch, "numpy", {"numpy": True}, agreement=inf)]
    return tuple({name: result.losses for name, result in results.items()} for results in
                 (machine.measure(chains, {}, 2, 0.0, 0), machine.measure(epochs, {}, 1, 0.0, 0)))
