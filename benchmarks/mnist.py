"""A training step on MNIST: forward, backward and update of 784-16-16-10.

relu, mean cross-entropy and plain gradient descent on digits that ship with the project. Each
contender is written as those who know its library write it: what it offers ready made (layers,
losses, optimizers, a compiler) is used, and everything that can be made before training is.

    python3 -m benchmarks.mnist

measures chalkgrad beside code by hand on this interpreter alone (over NumPy where it is installed),
and `python3 -m benchmarks mnist` all of them.
"""
from functools import partial
from itertools import cycle
from random import Random

PIXELS, SIZES = 784, [16, 16, 10]
LR = 0.1
IMAGES = 512
STEPS = {1: 64, 32: 16, 256: 4}  # of a turn, for each batch size


def batches(task):
    """The images, as rows of floats, and the labels of each batch."""
    pixels, labels, size = bytes.fromhex(task["images"]), task["labels"], task["batch_size"]
    rows = [[byte / 255 for byte in pixels[i:i + PIXELS]] for i in range(0, len(pixels), PIXELS)]
    return [(rows[i:i + size], labels[i:i + size]) for i in range(0, len(rows), size)]


# -- by hand -------------------------------------------------------------------------------------

def lists_by_hand(task):
    from benchmarks import by_hand
    data = [(by_hand.images([pixel for row in x for pixel in row], PIXELS), labels)
            for x, labels in batches(task)]

    def train():
        network = by_hand.Network(task["layers"])
        yield
        for x, labels in cycle(data):
            yield network.step(x, labels, LR)
    return train


def numpy_by_hand(task):
    import numpy
    data = [(numpy.array(x, task["dtype"]), numpy.array(labels)) for x, labels in batches(task)]

    def train():
        layers = [(numpy.array(W, task["dtype"]), numpy.array(b, task["dtype"]))
                  for W, b in task["layers"]]
        yield
        for x, labels in cycle(data):
            entering = []
            for W, b in layers:
                entering.append(x)
                z = x @ W
                z += b
                x = numpy.maximum(z, 0.0)
            examples = numpy.arange(len(labels))
            z -= z.max(axis=1, keepdims=True)
            g = numpy.exp(z)
            total = g.sum(axis=1, keepdims=True)
            loss = (numpy.log(total[:, 0]) - z[examples, labels]).mean()
            g /= total
            g[examples, labels] -= 1.0
            g /= len(labels)

            gradients = []
            for (W, b), x in zip(reversed(layers), reversed(entering)):
                gradients.append((x.T @ g, g.sum(axis=0)))
                if x is not entering[0]:
                    g = g @ W.T
                    g *= x > 0.0
            for (W, b), (dW, db) in zip(layers, reversed(gradients)):
                dW *= LR
                db *= LR
                W -= dW
                b -= db
            yield float(loss)
    return train


# -- chalkgrad -----------------------------------------------------------------------------------

def chalkgrad(task):
    """The loop of `examples/mnist.py`, over Array or over NumPy."""
    import autograd
    from nn import MLP, cross_entropy
    asarray, as_labels = autograd.asarray, list
    if task["dtype"]:
        import numpy
        asarray, as_labels = partial(numpy.array, dtype=task["dtype"]), numpy.array
    data = [(asarray(x), as_labels(labels)) for x, labels in batches(task)]
    model = MLP(PIXELS, SIZES)
    parameters = model.parameters()

    def cost(x, labels):
        return cross_entropy(model(x), labels)

    program = autograd.compile(cost) if task["compiled"] else None

    def step(x, labels):
        for p in parameters:
            p.grad = None
        if program:
            loss = program(x, labels)
        else:
            loss = cost(x, labels)
            loss.backward()
        for p in parameters:
            p.data -= LR * p.grad
        return float(loss)

    def train():
        for p, numbers in zip(parameters, sum(task["layers"], [])):
            p.data = asarray(numbers)
        yield
        for x, labels in cycle(data):
            yield step(x, labels)
    return train


# -- the others ----------------------------------------------------------------------------------

def micrograd(task):
    """micrograd has no exp and no log; they stand here as its own operations are written."""
    import math
    from micrograd.engine import Value

    def exp(x):
        out = Value(math.exp(x.data), (x,), "exp")

        def _backward():
            x.grad += out.data * out.grad
        out._backward = _backward
        return out

    def log(x):
        out = Value(math.log(x.data), (x,), "log")

        def _backward():
            x.grad += out.grad / x.data
        out._backward = _backward
        return out

    data = batches(task)

    def train():
        layers = [([list(map(Value, column)) for column in zip(*W)], list(map(Value, b)))
                  for W, b in task["layers"]]
        parameters = [p for weights, b in layers for row in (*weights, b) for p in row]
        yield
        for images, labels in cycle(data):
            loss = 0
            for x, label in zip(images, labels):
                for weights, b in layers:
                    z = [sum((w * x_i for w, x_i in zip(row, x)), b_j)
                         for row, b_j in zip(weights, b)]
                    x = [z_j.relu() for z_j in z]
                loss += log(sum(map(exp, z))) - z[label]
            loss = loss / len(labels)
            for p in parameters:
                p.grad = 0
            loss.backward()
            for p in parameters:
                p.data -= LR * p.grad
            yield loss.data
    return train


def hips_autograd(task):
    import autograd.numpy as np
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp
    one_hot = np.eye(SIZES[-1], dtype=np.float32)
    data = [(np.array(x, np.float32), one_hot[labels]) for x, labels in batches(task)]

    def cost(layers, x, targets):
        for W, b in layers[:-1]:
            x = np.maximum(np.dot(x, W) + b, 0)
        W, b = layers[-1]
        logits = np.dot(x, W) + b
        return np.mean(logsumexp(logits, axis=1) - np.sum(logits * targets, axis=1))

    cost_and_gradients = value_and_grad(cost)

    def train():
        layers = [(np.array(W, np.float32), np.array(b, np.float32)) for W, b in task["layers"]]
        yield
        for x, targets in cycle(data):
            loss, gradients = cost_and_gradients(layers, x, targets)
            layers = [(W - LR * dW, b - LR * db) for (W, b), (dW, db) in zip(layers, gradients)]
            yield float(loss)
    return train


def mygrad(task):
    import mygrad as mg
    import numpy
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy
    mg.turn_memory_guarding_off()  # as its documentation advises, for speed
    data = [(numpy.array(x, numpy.float32), numpy.array(labels)) for x, labels in batches(task)]

    def train():
        layers = [(mg.tensor(W, dtype=numpy.float32), mg.tensor(b, dtype=numpy.float32))
                  for W, b in task["layers"]]
        yield
        for x, labels in cycle(data):
            for W, b in layers[:-1]:
                x = relu(mg.matmul(x, W) + b)
            W, b = layers[-1]
            loss = softmax_crossentropy(mg.matmul(x, W) + b, labels)
            loss.backward()
            for p in sum(layers, ()):
                p.data -= LR * p.grad
            yield loss.item()
    return train


def tinygrad(task):
    from tinygrad import Tensor, TinyJit, dtypes, nn
    from tinygrad.helpers import Context
    data = [(Tensor(x).realize(), Tensor(labels, dtype=dtypes.int32).realize())
            for x, labels in batches(task)]
    layers = [nn.Linear(n_in, n_out) for n_in, n_out in zip([PIXELS, *SIZES], SIZES)]
    optimizer = nn.optim.SGD(nn.state.get_parameters(layers), lr=LR)

    @TinyJit
    @Context(TRAINING=1)
    def step(x, labels):
        optimizer.zero_grad()
        loss = x.sequential([layers[0], Tensor.relu, layers[1], Tensor.relu, layers[2]]) \
            .sparse_categorical_crossentropy(labels).backward()
        return loss.realize(*optimizer.schedule_step())

    def train():
        for layer, (W, b) in zip(layers, task["layers"]):
            layer.weight.assign(Tensor(list(zip(*W)))).realize()
            layer.bias.assign(Tensor(b)).realize()
        yield
        for x, labels in cycle(data):
            yield step(x, labels).item()
    return train


def pytorch(task):
    import torch
    from torch import nn
    torch.set_num_threads(1)
    data = [(torch.tensor(x), torch.tensor(labels)) for x, labels in batches(task)]
    model = nn.Sequential(nn.Linear(PIXELS, SIZES[0]), nn.ReLU(), nn.Linear(*SIZES[:2]), nn.ReLU(),
                          nn.Linear(*SIZES[1:]))
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def train():
        with torch.no_grad():
            for layer, (W, b) in zip(model[::2], task["layers"]):
                layer.weight.copy_(torch.tensor(W).T)
                layer.bias.copy_(torch.tensor(b))
        yield
        for x, labels in cycle(data):
            loss = nn.functional.cross_entropy(model(x), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item()
    return train


def jax_jit(task):
    import jax
    import jax.numpy as jnp
    data = [(jnp.array(x), jnp.array(labels)) for x, labels in batches(task)]

    def cost(layers, x, labels):
        for W, b in layers[:-1]:
            x = jax.nn.relu(x @ W + b)
        W, b = layers[-1]
        information = -jax.nn.log_softmax(x @ W + b)
        return jnp.take_along_axis(information, labels[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(layers, x, labels):
        loss, gradients = jax.value_and_grad(cost)(layers, x, labels)
        return loss, jax.tree.map(lambda p, g: p - LR * g, layers, gradients)

    def train():
        layers = [(jnp.array(W), jnp.array(b)) for W, b in task["layers"]]
        yield
        for x, labels in cycle(data):
            loss, layers = step(layers, x, labels)
            yield float(loss)
    return train


# -- the table -----------------------------------------------------------------------------------

def digits():
    """What all contenders find in their task: images, labels, and the layers to start from."""
    from nn import MLP
    from nn.datasets import mnist
    sample, model = mnist(), MLP(PIXELS, SIZES, rng=Random(0))
    return {"images": sample.train_images.pixels[:IMAGES * PIXELS].hex(),
            "labels": list(sample.train_labels[:IMAGES]),
            "layers": [[layer.weight.data.tolist(), layer.bias.data.tolist()]
                       for layer in model.layers]}


def contenders(batch_size, others):
    """All of them; at batches of 32 also our own on other interpreters."""
    from .turns import Contender

    def ours(name, **settings):
        for compiled, text in ((False, ""), (True, ", compiled")):
            yield Contender(f"{name}{text}", chalkgrad, settings={"dtype": None, **settings,
                                                                  "compiled": compiled})
    yield Contender("lists by hand", lists_by_hand)
    yield from ours("chalkgrad, Array")
    for dtype, agreement in (("float64", 1e-9), ("float32", 1e-3)):
        settings = {"dtype": dtype}
        where = {"environment": "numpy", "agreement": agreement}
        yield Contender(f"NumPy {dtype} by hand", numpy_by_hand, settings=settings, **where)
        for contender in ours(f"chalkgrad, NumPy {dtype}", **settings):
            yield contender._replace(**where)
    if batch_size == 1:
        yield Contender("micrograd", micrograd, "micrograd", steps=1)
    for name, function, environment in (
            ("MyGrad", mygrad, "MyGrad"), ("HIPS autograd", hips_autograd, "HIPS autograd"),
            ("tinygrad, JIT", tinygrad, "tinygrad"), ("PyTorch, eager", pytorch, "PyTorch"),
            ("JAX, jit", jax_jit, "JAX")):
        yield Contender(name, function, environment, agreement=1e-3)
    if batch_size == 32:
        for python, version in others.items():
            for contender in (Contender("lists by hand", lists_by_hand), *ours("chalkgrad, Array")):
                yield contender._replace(name=f"{contender.name} ({version})", python=python)


def main(arguments=None):
    """The time of a training step of chalkgrad, beside code by hand."""
    import argparse
    import platform
    from importlib.util import find_spec
    from pathlib import Path
    from statistics import median
    from .turns import OURS, Machine, ratio
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.mnist", description=main.__doc__,
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--batch-size", type=int, default=32, choices=STEPS)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args(arguments)

    here = [contender._replace(environment="plain") for contender in contenders(32, {})
            if contender.environment in OURS and ("NumPy" not in contender.name
                                                  or find_spec("numpy"))]
    results = Machine(Path(), options.rounds).measure(
        here, {**digits(), "batch_size": options.batch_size}, STEPS[options.batch_size])
    print(f"\nµs a step of {options.batch_size} images, medians of {options.rounds} rounds, "
          f"{platform.python_implementation()} {platform.python_version()}")
    floor = None
    for name, result in results.items():
        floor = result if "by hand" in name else floor
        print(f"{name:35} {median(result.seconds) * 1e6:9,.0f}"
              + (f"  {ratio(result, floor):.2f} times by hand" if result is not floor else ""))


if __name__ == "__main__":
    main()
