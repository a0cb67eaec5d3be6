"""A training step of microgpt: a language model of 4,192 parameters reads one name, with Adam.

Karpathy's microgpt (2026) is a GPT in one file, number by number. The model stands here in our own
words twice: on any scalar Value, letter after letter as microgpt does it, and on tensors, all
letters of a name at once. microgpt's Value, the one with local gradients, comes from PyPI.
"""
from itertools import cycle
from random import Random

SIZE, HEADS, LETTERS, PLACES = 16, 4, 27, 16
SHAPES = {"letters": (LETTERS, SIZE), "places": (PLACES, SIZE), "query": (SIZE, SIZE),
          "key": (SIZE, SIZE), "value": (SIZE, SIZE), "joined": (SIZE, SIZE),
          "hidden": (4 * SIZE, SIZE), "out": (SIZE, 4 * SIZE), "scores": (LETTERS, SIZE)}
LR, BETAS, EPS, STEPS = 0.01, (0.85, 0.99), 1e-8, 1000


def start():
    """The first numbers of each matrix, a row for each output."""
    rng = Random(42)
    return {name: [[rng.gauss(0, 0.08) for _ in range(n_in)] for _ in range(n_out)]
            for name, (n_out, n_in) in SHAPES.items()}


def examples(task):
    """The letters of each name, and those that follow them, as numbers; 0 begins and ends it."""
    for name in task["names"]:
        codes = [0, *(ord(letter) - ord("a") + 1 for letter in name), 0]
        yield codes[:-1], codes[1:]


# -- number by number ----------------------------------------------------------------------------

def product_by_product(x, rows):
    return [sum(w * x_i for w, x_i in zip(row, x)) for row in rows]


def softmax(z):
    largest = max(z_i.data for z_i in z)
    powers = [(z_i - largest).exp() for z_i in z]
    total = sum(powers)
    return [power / total for power in powers]


def norm(x):
    scale = (sum(x_i * x_i for x_i in x) / len(x) + 1e-5) ** -0.5
    return [x_i * scale for x_i in x]


def added(x, y):
    return [x_i + y_i for x_i, y_i in zip(x, y)]


def scores(model, code, place, keys, values, linear):
    """Scores for the letter after this one; keys and values of those before it, and now of it."""
    x = norm(added(model["letters"][code], model["places"][place]))
    before, x = x, norm(x)
    query = linear(x, model["query"])
    keys.append(linear(x, model["key"]))
    values.append(linear(x, model["value"]))
    collected = []
    for first in range(0, SIZE, SIZE // HEADS):
        head = range(first, first + SIZE // HEADS)
        fit = [sum(query[j] * key[j] for j in head) / len(head) ** 0.5 for key in keys]
        weights = softmax(fit)
        collected += [sum(w * value[j] for w, value in zip(weights, values)) for j in head]
    x = added(linear(collected, model["joined"]), before)
    hidden = [z.relu() for z in linear(norm(x), model["hidden"])]
    x = added(linear(hidden, model["out"]), x)
    return linear(x, model["scores"])


def on_scalars(Value, task, linear=product_by_product):
    def train():
        model = {name: [[Value(number) for number in row] for row in rows]
                 for name, rows in start().items()}
        parameters = [p for rows in model.values() for row in rows for p in row]
        means, squares = [0.0] * len(parameters), [0.0] * len(parameters)
        (beta1, beta2), step = BETAS, 0
        yield
        for codes, targets in cycle(examples(task)):
            keys, values, losses = [], [], []
            for place, (code, target) in enumerate(zip(codes, targets)):
                chances = softmax(scores(model, code, place, keys, values, linear))
                losses.append(-chances[target].log())
            loss = (1 / len(losses)) * sum(losses)
            loss.backward()
            lr = LR * (1 - step / STEPS)
            step += 1
            for i, p in enumerate(parameters):
                means[i] = beta1 * means[i] + (1 - beta1) * p.grad
                squares[i] = beta2 * squares[i] + (1 - beta2) * p.grad ** 2
                mean = means[i] / (1 - beta1 ** step)
                square = squares[i] / (1 - beta2 ** step)
                p.data -= lr * mean / (square ** 0.5 + EPS)
                p.grad = 0
            yield loss.data
    return train


def microgpt(task):
    from importlib.util import find_spec
    from runpy import run_path
    folder, = find_spec("strands_microgpt").submodule_search_locations
    return on_scalars(run_path(f"{folder}/engine.py")["Value"], task)


def chalkgrad(task):
    from autograd import Value
    return on_scalars(Value, task)


def fused(task):
    from autograd import Value, vecdot
    return on_scalars(Value, task, lambda x, rows: [vecdot(row, x) for row in rows])


# -- on tensors ----------------------------------------------------------------------------------

def on_tensors(task):
    """The same, all letters of a name at once; here a matrix has a column for each output."""
    import autograd
    from nn import Adam, cross_entropy
    if task["numpy"]:
        from numpy import array
    else:
        from autograd import asarray as array
    model = {name: autograd.Value(array(rows)) for name, rows in start().items()}

    def norm(x):
        return x / ((x * x).mean(axis=-1, keepdims=True) + 1e-5).sqrt()

    def linear(x, name):
        return x @ model[name].T

    def cost(codes, targets):
        length = len(codes)

        def by_head(rows):
            return rows.reshape(length, HEADS, -1).permute_dims(1, 0, 2)

        x = norm(model["letters"][codes] + model["places"][:length])
        query, key, value = (by_head(linear(norm(x), name)) for name in ("query", "key", "value"))
        unseen = [[-1e9 * (j > i) for j in range(length)] for i in range(length)]  # the future
        weights = autograd.softmax(query @ key.swapaxes(1, 2) / (SIZE / HEADS) ** 0.5 + unseen)
        collected = (weights @ value).permute_dims(1, 0, 2).reshape(length, SIZE)
        x = x + linear(collected, "joined")
        x = x + linear(linear(norm(x), "hidden").relu(), "out")
        return cross_entropy(linear(x, "scores"), targets)

    step = autograd.compile(cost) if task["compiled"] else None

    def train():
        for name, rows in start().items():
            model[name].data = array(rows)
        optimizer = Adam(list(model.values()), LR, betas=BETAS, eps=EPS)
        yield
        for count, (codes, targets) in enumerate(cycle(examples(task))):
            optimizer.zero_grad()
            if step:
                loss = step(codes, targets)
            else:
                loss = cost(codes, targets)
                loss.backward()
            optimizer.lr = LR * (1 - count / STEPS)
            optimizer.step()
            yield float(loss)
    return train


def contenders():
    from .turns import Contender
    yield Contender("microgpt", microgpt, "microgpt")
    yield Contender("chalkgrad on scalars", chalkgrad)
    yield Contender("chalkgrad on scalars, weighted sums fused", fused)
    for array, environment in (("Array", "plain"), ("NumPy", "numpy")):
        for compiled, text in ((False, ""), (True, ", compiled")):
            yield Contender(f"chalkgrad on tensors, {array}{text}", on_tensors, environment,
                            {"numpy": environment == "numpy", "compiled": compiled})
