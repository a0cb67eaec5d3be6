"""The learning rate: too small crawls, too large diverges, and a test that finds one between.

    python -m examples.learning_rate

A small network learns fifty digits, all of them in every step, with several rates. The range
test is the search that the texts recommend, done in one run: start small and raise the rate while
it helps (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017).
"""
from math import isfinite
from random import Random

from autograd.manners import counted
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, one_hot, squared_error
from nn.datasets import mnist


def problem(seed, count=50):
    """A new network, and its cost on the first digits as a function without arguments."""
    digits = mnist()
    images, targets = digits.train_images[:count], one_hot(digits.train_labels[:count], 10)
    model = MLP(784, [16, 10], "tanh", rng=Random(seed))
    return model, lambda: squared_error(model(images), targets)


def train(seed, rates):
    """A step of gradient descent with each of the rates; → the cost before each and at the end.

    Ends early, with the last cost, once the cost is ten times what it was at first, or no number.
    """
    model, cost = problem(seed)
    optimizer, costs = SGD(model.parameters(), lr=0.0), []
    for rate in [*rates, 0.0]:
        loss = cost()
        costs.append(loss.item())
        if diverged(costs):
            break
        optimizer.lr = rate
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return costs


def diverged(costs) -> bool:
    """Whether the last cost is ten times the first, or more, or not finite."""
    return not isfinite(costs[-1]) or costs[-1] > 10 * costs[0]


def range_test(seed, lowest=0.0005, factor=1.25, most=60):
    """(rate, cost) as the rate grows step by step till the cost explodes, and the rate to take.

    That is a fifth of the rate at which the cost stopped falling: near the edge a run is fast but
    shaky, and the costs of so few steps say no more than the order of magnitude.
    """
    rates = [lowest * factor ** i for i in range(most)]
    tried = list(zip(rates, train(seed, rates)))
    return tried, min(tried, key=lambda pair: pair[1])[0] / 5


def main(arguments=None):
    options = read_options(__doc__, arguments, rates=[0.001, 0.1], steps=60, seed=0)
    tried, named = range_test(options.seed)
    print(f"range test: the cost exploded at rate {tried[-1][0]:.3g}; take {named:.3g}")
    runs = {}
    for rate in sorted([*options.rates, named]):
        costs = runs[f"rate {rate:.3g}"] = train(options.seed, [rate] * options.steps)
        steps = counted(len(costs) - 1, "step")
        print(f"rate {rate:7.3g}: " + (
            f"diverged: the cost grew from {costs[0]:.3g} to {costs[-1]:.3g} in "
            f"{steps}" if diverged(costs) else
            f"cost {costs[0]:.3f} -> {costs[-1]:.3f} in {steps}"))
    plots.show(plots.Curves(runs, "step", "cost", "One rate a run", log_y=True),
               plots.Curves({"cost": tried}, "learning rate", "cost", "Range test",
                            log_x=True, log_y=True), file=options.plot)


if __name__ == "__main__":
    main()
