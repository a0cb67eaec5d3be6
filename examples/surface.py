"""Gradient descent with two weights: a surface on a map, its gradient, and the way down.

    python -m examples.surface
    python -m examples.surface "sin(x) + y**2 / 4" --start 1 2

The gradient points where the surface rises most steeply, so the descent goes the other way. The
same loop takes any number of weights: `descend` never asks how many there are.
"""
import sys
from math import atan2, cos, degrees, hypot, inf, isfinite, radians, sin

from autograd import Value, grad
from examples import plots
from examples.expression import surface
from examples.options import read_options, short


def descend(J, start, lr, steps):
    """Steps against the gradient, of as many weights as there are; → all w visited, as lists."""
    w = Value(start, name="w")
    path = [w.data.tolist()]
    for _ in range(steps):
        w.grad = 0
        J(w).backward()
        w.data -= lr * w.grad
        path.append(w.data.tolist())
    return path


def steepest(J, point, radius=1e-4):
    """The direction in which J rises most, in degrees: the best of 360 that are tried."""
    x, y = point

    def height(angle):
        j = J([x + radius * cos(radians(angle)), y + radius * sin(radians(angle))])
        return -inf if j != j else j  # nan, as where a root ends: no way leads there
    return max(range(-179, 181), key=height)


def main(arguments=None):
    options = read_options(__doc__, arguments, expression="x**2 + 3*y**2 + 2*x*y",
                           start=(-1.8, 1.6), lr=0.06, steps=40)
    try:
        J = surface(options.expression)
        if not isfinite(J(options.start)):
            raise ValueError(f"J is {J(options.start)} at {options.start}; choose another --start")
    except ValueError as error:
        sys.exit(f"examples.surface: {error}")

    slopes = grad(J)
    dx, dy = slopes(options.start)
    path = descend(J, options.start, options.lr, options.steps)
    print(f"J(x, y) = {options.expression}")
    uphill = f"uphill is towards {degrees(atan2(dy, dx)):.1f} degrees" if dx or dy \
        else "it is flat here, and no step leads away"
    print(f"at {tuple(path[0])} the gradient is ({short(dx)}, {short(dy)}): {uphill}")
    if dx or dy:
        print(f"of 360 directions tried, J rises most towards {steepest(J, path[0])}")
    for step in sorted({0, 1, 2, 5, 10, 20, options.steps}):
        if step <= options.steps:
            x, y = path[step]
            print(f"step {step:3}  x {short(x):>8}  y {short(y):>8}  "
                  f"J {short(float(J([x, y]))):>10}")
    many = descend(lambda w: ((w - 1) ** 2).sum(), [0.0] * 1000, 0.1, 50)
    print(f"the same loop on 1,000 weights that should be 1: after 50 steps "
          f"{min(many[-1]):.4f} to {max(many[-1]):.4f}")

    near = [at for at in path if hypot(*at) < 10 + 2 * hypot(*path[0])]
    if len(near) < len(path):
        print("the descent left the map: it diverged; try a smaller --lr")
    limits = [(min(-2.0, *at), max(2.0, *at)) for at in zip(*near)]
    columns, rows = (plots.steps(ends, 9)[1:-1] for ends in limits)  # at the rim they'd be cut off
    grid = [(x, y) for x in columns for y in rows]
    plots.show(plots.Contours(lambda x, y: float(J([x, y])), *limits, {"descent": near},
                              [(at, slopes(list(at))) for at in grid]), file=options.plot)


if __name__ == "__main__":
    main()
