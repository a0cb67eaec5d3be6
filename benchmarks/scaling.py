"""Does the cost grow in proportion? Time and memory against the graph's size, width and batch."""

NODES = [1_000, 10_000, 100_000, 1_000_000]
COMPILED = [1_000, 5_000, 20_000]
WIDTHS = [16, 64, 256]
BATCHES = [1, 16, 256]
ROWS = [100, 400, 1600]


def graph(task):
    """A chain of scalar operations, forward and backward."""
    from autograd import Value

    def work():
        x = y = Value(1.0)
        for _ in range(task["size"] // 2):
            y = y * x + x
        y.backward()
    return repeated(work, task)


def compiling(task):
    """The same chain, recorded and compiled."""
    from autograd import Value, compile

    def work():
        x = Value(1.0)

        def chain():
            y = x
            for _ in range(task["size"] // 2):
                y = y * x + x
            return y
        compile(chain)()
    return repeated(work, task)


def network(task):
    """Forward and backward of 784-width-width-10 over Array."""
    from random import Random
    from nn import MLP, cross_entropy
    from nn.datasets import mnist
    digits = mnist()
    x, labels = digits.train_images[:task["batch"]], list(digits.train_labels[:task["batch"]])
    model = MLP(784, [task["width"], task["width"], 10], rng=Random(0))

    def work():
        model.zero_grad()
        cross_entropy(model(x), labels).backward()
        for p in model.parameters():
            p.grad.tolist()  # who looks at a gradient has it made
    return repeated(work, task)


def rows(task):
    """Forward and backward through a matrix of 100 columns that is read row by row."""
    from autograd import Value, asarray
    matrix = Value(asarray([[0.5] * 100] * task["size"]))

    def work():
        matrix.grad = None
        sum((row * row).sum() for row in matrix).backward()
    return repeated(work, task)


def repeated(work, task):
    """Does the work for every step; a "loss" is the peak of its memory, if that is asked for."""
    import tracemalloc  # here, for PyPy has none

    def train():
        yield
        while True:
            if task["memory"]:
                tracemalloc.start()
            work()
            yield tracemalloc.get_traced_memory()[1] if task["memory"] else 0
            tracemalloc.stop()
    return train


def measure(machine) -> dict:
    """Of each kind: the size, the seconds and the bytes of the peak."""
    from itertools import zip_longest
    from math import inf
    from statistics import median

    from .turns import Contender
    kinds = {
        "nodes": (graph, [(size, {"size": size}) for size in NODES]),
        "compiled": (compiling, [(size, {"size": size}) for size in COMPILED]),
        "parameters": (network, [(785 * width + (width + 1) * width + 10 * (width + 1),
                                  {"width": width, "batch": 32}) for width in WIDTHS]),
        "batch": (network, [(batch, {"width": 16, "batch": batch}) for batch in BATCHES]),
        "rows": (rows, [(size, {"size": size}) for size in ROWS]),
    }
    seen = {}
    for kind, (function, sizes) in kinds.items():
        def measured(memory, sizes, rounds):
            return machine.measure([
                Contender(f"{size:,} {kind}", function, settings={**settings, "memory": memory},
                          agreement=inf) for size, settings in sizes], {}, 1, 0.0, rounds)
        times = measured(False, sizes, min(3, machine.rounds))
        traced = measured(True, sizes[:2], 0)  # tracing is slow: a million would take minutes
        seen[kind] = [(size, median(time.seconds), memory and memory.losses[0])
                      for (size, _), time, memory in
                      zip_longest(sizes, times.values(), traced.values())]
    return seen
