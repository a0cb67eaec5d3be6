"""Exercises whose answers check themselves, one for each page of the course.

    python -m examples.exercises 1

The first time this writes exercise_1.py, a function with a blank, into the folder where you are.
Fill in the blank and run it again: the gradient checker looks at your answer, and if it is wrong
you are told what about it is.
"""
import argparse
import ast
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from autograd import check_gradients, exp, grad, log, primitive, tanh


class Exercise(NamedTuple):
    """An answer is a function; what it amounts to is a gradient, which is checked.

    f: the function whose gradient it is; gradients: (answer, *point) → a tuple of numbers;
    typical: for each typical mistake what to say, and the gradients it leads to at a point.
    """
    task: str
    stub: str
    f: Callable
    gradients: Callable
    points: list
    typical: dict


def parabola(w):
    return (w - 3) ** 2 + 1


def bowl(x, y):
    return x ** 2 + 3 * y ** 2 + 2 * x * y


def rolled(g1, g2, g3):
    """Minus where w is after three steps of momentum from 0."""
    return 0.1 * g1 + 0.1 * (0.9 * g1 + g2) + 0.1 * (0.9 * (0.9 * g1 + g2) + g3)


def rolling(step, *_):
    """The derivatives of where `step` ends by each of the gradients that it is given."""
    def end(*gradients):
        w, v = 0.0, 0.0
        for g in gradients:
            w, v = step(w, v, g)
        return -w
    return tuple(end(*(float(i == j) for j in range(3))) for i in range(3))


EXAMPLES = (0.5, 0.9), (-1.0, -0.2), (2.0, 0.4)


def error_of_a_neuron(w, b):
    return sum((tanh(w * x + b) - target) ** 2 for x, target in EXAMPLES)


def surprise(z0, z1, z2):
    """Cross-entropy where 1 is the label."""
    return log(exp(z0) + exp(z1) + exp(z2)) - z1


COURSE = {
    1: Exercise(
        "The slope of J(w) = (w - 3)**2 + 1, as a formula of w.",
        "def slope(w):\n    return ...\n",
        parabola, lambda slope, w: (slope(w),), [(0.0,), (5.0,), (-2.0,)],
        {"keep the bracket: 2 * (w - 3) is not 2 * w - 3": lambda w: (2 * w - 3,),
         "that is J itself; its slope is wanted": lambda w: (parabola(w),)}),
    2: Exercise(
        "The gradient of J(x, y) = x**2 + 3*y**2 + 2*x*y: its slope by x and its slope by y.",
        "def gradient(x, y):\n    return ..., ...\n",
        bowl, lambda gradient, x, y: gradient(x, y), [(1.0, 2.0), (-1.5, 0.5), (2.0, -3.0)],
        {"the two slopes are exchanged: that by x comes first":
         lambda x, y: (6 * y + 2 * x, 2 * x + 2 * y),
         "2*x*y has a slope too, by x and by y": lambda x, y: (2 * x, 6 * y)}),
    3: Exercise(
        "One step of gradient descent on J(w) = (w - 3)**2 + 1 at the learning rate lr: the new w.",
        "def step(w, lr):\n    return ...\n",
        parabola, lambda step, w: ((w - step(w, 0.1)) / 0.1,), [(0.0,), (5.0,), (-2.0,)],
        {"the sign: this step climbs; the slope points uphill, so go the other way":
         lambda w: (-2 * (w - 3),),
         "the learning rate is missing: a step is lr times the slope": lambda w: (20 * (w - 3),),
         "that is the step alone; the new w is the old one minus it":
         lambda w: (10 * w - 2 * (w - 3),)}),
    4: Exercise(
        "A step of gradient descent with momentum 0.9 and learning rate 0.1, where g is the\n"
        "gradient and v the sum of the older ones, fading: the new w and the new v.",
        "def step(w, v, g):\n    v = ...\n    w = ...\n    return w, v\n",
        rolled, rolling, [(1.0, 2.0, -1.0)],
        {"`=` where a sum is needed: the older gradients are lost; v is 0.9 * v + g, and the step\n"
         "is along v": lambda *g: (0.1, 0.1, 0.1),
         "v does not fade: take 0.9 times the old one": lambda *g: (0.1 * 3, 0.1 * 2, 0.1),
         "the sign: w should go against v": lambda *g: (-0.271, -0.19, -0.1)}),
    5: Exercise(
        "The slopes of a neuron's squared error, added up over (x, target) examples.\n"
        "The slope of tanh, where its result is out, is 1 - out * out.",
        "from math import tanh\n\n\ndef gradient(w, b, examples):\n    dw = db = 0.0\n"
        "    for x, target in examples:\n        out = tanh(w * x + b)\n"
        "        d = 2 * (out - target) * (1 - out * out)  # the slope by w * x + b\n"
        "        ...  # dw\n        ...  # db\n    return dw, db\n",
        error_of_a_neuron, lambda gradient, w, b: gradient(w, b, EXAMPLES),
        [(0.3, -0.1), (1.0, 0.5)],
        {"`=` where `+=` is needed: only the last example is left":
         lambda w, b: grad(lambda w, b: (tanh(w * EXAMPLES[-1][0] + b) - EXAMPLES[-1][1]) ** 2,
                           (0, 1))(w, b)}),
    6: Exercise(
        "The gradient of the cross-entropy by each of three logits z, where label is the right\n"
        "class and p their softmax: a list of three numbers.",
        "from math import exp\n\n\ndef gradient(z, label):\n"
        "    p = [exp(a) / sum(exp(b) for b in z) for a in z]\n    return ...\n",
        surprise, lambda gradient, *z: gradient(list(z), 1),
        [(0.5, -1.0, 2.0), (1.0, 1.0, -0.5)],
        {"that is the softmax alone: the right class has 1 less":
         lambda *z: tuple(exp(a) / sum(exp(b) for b in z) for a in z)}),
}


def hint(exercise: Exercise, answer: Callable) -> str:
    """What is wrong with an answer; "" if nothing is."""
    f, points, count = exercise.f, exercise.points, len(exercise.points[0])

    def given(*point):
        slopes = exercise.gradients(answer, *point)
        return tuple(slopes) if isinstance(slopes, (list, tuple)) else (slopes,)

    if any(len(given(*point)) != count or not all(
            isinstance(slope, (int, float)) for slope in given(*point)) for point in points):
        return f"the answer should be made of numbers, {count} of them: one for each slope"
    rules = [lambda g, out, *point, i=i: g * given(*point)[i] for i in range(count)]
    try:
        for point in points:
            check_gradients(primitive(*rules)(f), *point, second=False)
        return ""
    except ValueError as error:
        found = str(error).split(": ", 2)[-1]

    for what, mistake in exercise.typical.items():
        if all(close(given(*point), mistake(*point)) for point in points):
            return what
    rights = [grad(f, tuple(range(count)))(*point) for point in points]
    for i, name in enumerate(f.__code__.co_varnames[:count]):
        mine, right = ([slopes[i] for slopes in all_of] for all_of in (
            [given(*point) for point in points], rights))
        factor = mine[0] / right[0]
        if close(mine, right):
            continue
        if close(mine, [-slope for slope in right]):
            return f"the slope by {name} has the wrong sign"
        if close(mine, [factor * slope for slope in right]):
            return f"a factor: the slope by {name} is {factor:.3g} times what it should be"
        return f"the slope by {name} is not right: {found}"
    return found


def close(some, others) -> bool:
    """Whether the numbers are equal but for rounding."""
    return all(abs(a - b) < 1e-6 * max(1.0, abs(b)) for a, b in zip(some, others))


def verdict(exercise: Exercise, text: str, file: str) -> str:
    """What to say to the text of a file with an answer in it; "" if it is right."""
    name = exercise.stub.partition("def ")[2].partition("(")[0]
    try:
        if any(getattr(node, "value", None) is ... for node in ast.walk(ast.parse(text, file))):
            return "there is still a blank, ..., in it"
        namespace = {}
        exec(compile(text, file, "exec"), namespace)  # the reader's own file
        if name not in namespace:
            return f"the function {name} is gone; delete the file to get a new one"
        return hint(exercise, namespace[name])
    except Exception:
        return traceback.format_exc(limit=-1).partition("\n")[2].rstrip()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, choices=COURSE)
    number = parser.parse_args(arguments).number
    exercise, file = COURSE[number], Path(f"exercise_{number}.py")
    if not file.exists():
        file.write_text(f'"""{exercise.task}"""\n\n\n{exercise.stub}', "utf-8")
    wrong = verdict(exercise, file.read_text("utf-8"), str(file))
    if not wrong:
        print(f"{file}: right!")
        return
    print(f"{exercise.task}\n")
    sys.exit(f"{file}: {wrong}")


if __name__ == "__main__":
    main()
