"""Gradient descent with one weight: walk down a curve, against its slope, until it is flat.

    python -m examples.one_slope

The sign of the slope says which way is down, its size how far to step; so the steps shrink by
themselves as the bottom comes near.
"""
from math import isfinite

from autograd import Value
from autograd.manners import counted
from examples import plots
from examples.options import read_options, short


def cost(w):
    """J(w), lowest at w = 3; its slope is 2 (w - 3)."""
    return (w - 3) ** 2 + 1


def descend(cost, start, lr, tolerance, most=1000):
    """Step against the slope until it is smaller than the tolerance, `most` times at most.

    → a list of (w, J(w), slope), one for each place visited
    """
    w, path = Value(start, name="w"), []
    while len(path) <= most:
        j = cost(w)
        w.grad = 0
        j.backward()
        path.append((w.data, j.data, w.grad))
        if abs(w.grad) < tolerance or not isfinite(j.data):
            break
        w.data -= lr * w.grad
    return path


def verdict(path, tolerance) -> str:
    """Where a descent ended, in words."""
    w, j, slope = path[-1]
    steps = counted(len(path) - 1, "step")
    if abs(slope) < tolerance:
        return (f"stopped at w = {w:.4f} after {steps}: J = {j:.4f}, "
                f"|slope| < {tolerance:g}")
    if not isfinite(j) or j > path[0][1]:
        return f"diverged: J = {j:.3g} after {steps}; try a smaller --lr"
    return f"not there after {steps}: w = {w:.4f}, slope {slope:.3g}"


def main(arguments=None):
    options = read_options(__doc__, arguments, start=[-1.0, 5.5], lr=0.2, tolerance=0.001)
    paths = {f"from {start:g}": descend(cost, start, options.lr, options.tolerance)
             for start in options.start}
    for name, path in paths.items():
        print(f"{name}\n  step       w       J   slope  so w goes")
        for step, (w, j, slope) in enumerate(path[:5]):
            goes = f"{'right' if slope < 0 else 'left'} by {short(abs(options.lr * slope))}"
            print(f"{step:6} {short(w):>7} {short(j):>7} {short(slope, '+'):>7}  "
                  f"{goes if step < len(path) - 1 else 'no farther'}")
        print(f"  {verdict(path, options.tolerance)}\n")

    far = 2 * max(5.0, *map(abs, options.start))  # a path that diverged leaves the picture
    places = [w for path in paths.values() for w, _, _ in path if abs(w) <= far]
    left, right = min([-1.0, *places]), max([7.0, *places])
    plots.show(plots.Curves(
        {"J(w)": [(w, cost(w)) for w in plots.steps((left, right), 200)]}, "w", "J",
        dots={name: [(w, j) for w, j, _ in path if abs(w) <= far]
              for name, path in paths.items()}), file=options.plot)


if __name__ == "__main__":
    main()
