"""micrograd's demo: a step of a 2-16-16-1 network of single numbers on 100 points, hinge loss.

Forward, backward and update, some 64,000 operations. It is the same script for every Value; only
the import changes. Where a neuron is fused, it asks for each weighted sum in one step.
"""
from random import Random

SIZES = [2, 16, 16, 1]
LR = 0.1


def product_by_product(weights, x, bias):
    return sum((w * x_i for w, x_i in zip(weights, x)), bias)


def demo(Value, task, compile=None, weighted_sum=product_by_product):
    """Training with the Value given; with `compile`, the cost is compiled."""
    rng = Random(1)
    layers = [[([Value(rng.uniform(-1, 1)) for _ in range(n_in)], Value(0.0))
               for _ in range(n_out)] for n_in, n_out in zip(SIZES, SIZES[1:])]
    parameters = [p for layer in layers for weights, bias in layer for p in (*weights, bias)]
    start = [p.data for p in parameters]

    def score(x):
        for layer in layers:
            sums = [weighted_sum(weights, x, bias) for weights, bias in layer]
            x = [z.relu() for z in sums]
        return sums[0]

    def cost():
        scores = [score([Value(number) for number in point]) for point in task["points"]]
        margins = [(1 + -label * s).relu() for label, s in zip(task["labels"], scores)]
        return sum(margins) * (1.0 / len(margins)) + 1e-4 * sum(p * p for p in parameters)

    step = compile(cost) if compile else None

    def train():
        for p, number in zip(parameters, start):
            p.data = number
        yield
        while True:
            for p in parameters:
                p.grad = 0
            if step:
                loss = step()
            else:
                loss = cost()
                loss.backward()
            for p in parameters:
                p.data -= LR * p.grad
            yield loss if step else loss.data
    return train


def micrograd(task):
    from micrograd.engine import Value
    return demo(Value, task)


def chalkgrad(task):
    from autograd import Value
    return demo(Value, task)


def fused(task):
    from autograd import Value, vecdot
    return demo(Value, task, weighted_sum=lambda weights, x, bias: vecdot(weights, x) + bias)


def compiled(task):
    from autograd import Value, compile
    return demo(Value, task, compile)


def contenders():
    from .turns import Contender
    return [Contender("micrograd", micrograd, "micrograd"),
            Contender("chalkgrad", chalkgrad),
            Contender("chalkgrad, neurons fused", fused),
            Contender("chalkgrad, compiled", compiled)]
