"""Where you start decides where you end: a surface with a deep valley and a shallow one.

    python -m examples.local_minima

Plain gradient descent stops in the first valley that it meets. Two ways on: start again elsewhere
and keep the best, or give the descent momentum, so that it rolls through what is shallow.
"""
from random import Random

from autograd import Value, exp, no_grad
from autograd.manners import counted
from examples import plots
from examples.options import read_options
from nn import SGD, Adam

DEEP, SHALLOW = (-1.2, -0.4), (1.1, 0.5)  # about where the two valleys are
LIMITS = (-3.0, 3.0), (-2.0, 2.0)
METHODS = {
    "plain": lambda p: SGD(p, lr=0.05),
    "momentum": lambda p: SGD(p, lr=0.05, momentum=0.9),
    "Nesterov": lambda p: SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, lr=0.05),
}


def cost(x, y):
    """A wide bowl with two valleys in it, 1.5 and 0.5 deep."""
    valleys = [(1.5, *DEEP, 1.0), (0.5, *SHALLOW, 4.0)]
    return 0.1 * (x * x + y * y) - sum(
        depth * exp(-narrow * ((x - a) ** 2 + (y - b) ** 2)) for depth, a, b, narrow in valleys)


def descend(method, start, steps=200):
    """The places (x, y) that a method visits."""
    x, y = Value(start[0], name="x"), Value(start[1], name="y")
    optimizer, path = METHODS[method]([x, y]), [tuple(start)]
    for _ in range(steps):
        optimizer.zero_grad()
        cost(x, y).backward()
        optimizer.step()
        path.append((x.data, y.data))
    return path


def depth(point) -> float:
    """The cost at a point, as a number."""
    with no_grad():
        return float(cost(*point))


def restarts(rng, count):
    """Plain descents from random places; → their ends, the best first."""
    starts = [[rng.uniform(*limits) for limits in LIMITS] for _ in range(count)]
    return sorted((descend("plain", start)[-1] for start in starts), key=depth)


def main(arguments=None):
    options = read_options(__doc__, arguments, start=(2.6, 1.4), restarts=10, seed=0)
    paths = {method: descend(method, options.start) for method in METHODS}
    print(f"from {tuple(options.start)}:")
    for method, path in paths.items():
        x, y = path[-1]
        print(f"  {method:8} ends at ({x:5.2f}, {y:5.2f})  J = {depth(path[-1]):.4f}")
    ends = restarts(Random(options.seed), options.restarts)
    print(f"plain, from {counted(len(ends), 'random place')}:")
    for x, y in ends:
        print(f"  ends at ({x:5.2f}, {y:5.2f})  J = {depth((x, y)):.4f}")
    plots.show(plots.Contours(cost, *LIMITS, paths), file=options.plot)


if __name__ == "__main__":
    main()
