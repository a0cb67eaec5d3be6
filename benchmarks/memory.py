"""What a scalar graph weighs, and what an epoch of MNIST takes. For these, a "loss" is bytes."""
import resource
import sys
import tracemalloc

STEPS = 100_000


def weight(Value):
    """Yields the bytes an operation once a chain is recorded, and once it was walked back, too."""
    def train():
        yield
        tracemalloc.start()
        x = y = Value(1.0)
        for _ in range(STEPS // 2):
            y = y * x + x
        yield tracemalloc.get_traced_memory()[0] / STEPS
        y.backward()
        yield tracemalloc.get_traced_memory()[0] / STEPS
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
    from autograd import Array
    from examples.mnist import NumpyImages, train as train_an_epoch
    from nn import MLP, cross_entropy
    from nn.datasets import mnist

    def peak():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def train():
        digits = mnist()
        model = MLP(784, [16, 16, 10], rng=Random(0))
        images = NumpyImages(digits.train_images) if task["numpy"] else digits.train_images
        for p in model.parameters():
            assert isinstance(p.data, Array)
            if task["numpy"]:
                p.data = images.numpy.array(p.data.tolist())
        yield
        before = peak()
        train_an_epoch(model, images, digits.train_labels, cross_entropy, 0.1, 0.0, 32, Random(0),
                       lambda batches: batches)
        yield peak() - before
    return train
