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
from textwrap import fill
from typing import NamedTuple

from autograd import check_gradients, exp, grad, log, primitive, sigmoid, tanh


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


def two_layers(w1, w2):
    return sigmoid(w2 * sigmoid(w1 * 1.5))


X, G = (0.5, -2.0), (1.0, 3.0, -0.5)


def layer(w00, w01, w02, w10, w11, w12):
    """The outputs of a layer with two inputs and three neurons, each times a number of G."""
    return sum(g * (X[0] * above + X[1] * below)
               for g, above, below in zip(G, (w00, w01, w02), (w10, w11, w12)))


def decayed(w):
    return parabola(w) + 0.5 * 0.1 * w ** 2


def mean_error_of_a_line(w, b):
    return sum((w * x + b - target) ** 2 for x, target in EXAMPLES) / len(EXAMPLES)


def rolled_ahead(g1, g2, g3):
    """Minus where w is after three steps of Nesterov's momentum from 0."""
    v1, v2, v3 = g1, 0.9 * g1 + g2, 0.9 * (0.9 * g1 + g2) + g3
    return 0.1 * (g1 + g2 + g3 + 0.9 * (v1 + v2 + v3))


def mixed(z0, z1, z2):
    """The softmax of z, each part times a number of G."""
    powers = [exp(z) for z in (z0, z1, z2)]
    return sum(g * power for g, power in zip(G, powers)) / sum(powers)


def softmax(z):
    return [exp(a) / sum(exp(b) for b in z) for a in z]


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
        "A step of gradient descent with momentum 0.9 and learning rate 0.1, where g is the "
        "gradient and v the sum of the older ones, fading: the new w and the new v.",
        "def step(w, v, g):\n    v = ...\n    w = ...\n    return w, v\n",
        rolled, rolling, [(1.0, 2.0, -1.0)],
        {"`=` where a sum is needed: the older gradients are lost; v is 0.9 * v + g, and the step "
         "is along v": lambda *g: (0.1, 0.1, 0.1),
         "v does not fade: take 0.9 times the old one": lambda *g: (0.1 * 3, 0.1 * 2, 0.1),
         "the sign: w should go against v": lambda *g: (-0.271, -0.19, -0.1)}),
    5: Exercise(
        "The slopes of a neuron's squared error, added up over (x, target) examples. "
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
        "The gradient of the cross-entropy by each of three logits z, where label is the right "
        "class and p their softmax: a list of three numbers.",
        "from math import exp\n\n\ndef gradient(z, label):\n"
        "    p = [exp(a) / sum(exp(b) for b in z) for a in z]\n    return ...\n",
        surprise, lambda gradient, *z: gradient(list(z), 1),
        [(0.5, -1.0, 2.0), (1.0, 1.0, -0.5)],
        {"that is the softmax alone: the right class has 1 less":
         lambda *z: softmax(z)}),
    7: Exercise(
        "The slopes of sigmoid(w2 * sigmoid(w1 * x)) by w1 and by w2, going back from the output. "
        "The slope of the sigmoid, where its result is s, is s * (1 - s).",
        "from math import exp\n\n\ndef sigmoid(z):\n    return 1 / (1 + exp(-z))\n\n\n"
        "def gradient(w1, w2, x):\n    hidden = sigmoid(w1 * x)\n    out = sigmoid(w2 * hidden)\n"
        "    d = out * (1 - out)  # the slope by w2 * hidden\n    dw2 = ...\n    dw1 = ...\n"
        "    return dw1, dw2\n",
        two_layers, lambda gradient, w1, w2: gradient(w1, w2, 1.5), [(0.5, -2.0), (-1.0, 3.0)],
        {"w1 is behind the first sigmoid: its slope, hidden * (1 - hidden), is missing":
         lambda w1, w2: (1.5 * w2 * grad(sigmoid)(w2 * sigmoid(1.5 * w1)),
                         grad(two_layers, 1)(w1, w2)),
         "from w1 the way to the output leads through w2: it is missing as a factor":
         lambda w1, w2: (grad(two_layers)(w1, w2) / w2, grad(two_layers, 1)(w1, w2))}),
    8: Exercise(
        "The gradient of a layer's weights: x are its inputs, g the gradients of its outputs. "
        "A list for each input, in it a number for each output; output j is the sum of "
        "x[i] * weight[i][j] over i.",
        "def gradient(x, g):\n    return ...\n",
        layer, lambda gradient, *w: [slope for row in gradient(X, G) for slope in row],
        [(0.0,) * 6],
        {"rows and columns are exchanged: a list for each input is wanted":
         lambda *w: [x * g for g in G for x in X]}),
    9: Exercise(
        "The slope of J(w) + decay / 2 * w**2, where that of J(w) alone is 2 * (w - 3).",
        "def slope(w, decay):\n    return ...\n",
        decayed, lambda slope, w: (slope(w, 0.1),), [(1.0,), (-2.0,), (5.0,)],
        {"that is the slope of J alone; the decay pulls w towards 0": lambda w: (2 * (w - 3),),
         "the pull grows with w: decay * w": lambda w: (2 * (w - 3) + 0.1,),
         "a factor: the slope of w**2 / 2 is w": lambda w: (2 * (w - 3) + 0.05 * w,),
         "the sign of the decay": lambda w: (2 * (w - 3) - 0.1 * w,)}),
    10: Exercise(
        "The slopes of a line's mean squared error over (x, target) examples.",
        "def gradient(w, b, examples):\n    dw = db = 0.0\n    for x, target in examples:\n"
        "        d = 2 * (w * x + b - target)\n        dw += d * x\n        db += d\n"
        "    return ..., ...\n",
        mean_error_of_a_line, lambda gradient, w, b: gradient(w, b, EXAMPLES),
        [(0.3, -0.1), (1.0, 0.5)],
        {"a factor: that is the sum over the examples, not the mean":
         lambda *p: [3 * slope for slope in grad(mean_error_of_a_line, (0, 1))(*p)]}),
    11: Exercise(
        "A step with Nesterov's momentum 0.9 and learning rate 0.1: v is as in exercise 4, and "
        "the step is along g + 0.9 * v, with the new v: the new w and the new v.",
        "def step(w, v, g):\n    v = ...\n    w = ...\n    return w, v\n",
        rolled_ahead, rolling, [(1.0, 2.0, -1.0)],
        {"`=` where a sum is needed: the older gradients are lost; v is 0.9 * v + g":
         lambda *g: (0.19,) * 3,
         "that is the momentum of exercise 4: look ahead, along g + 0.9 * v":
         lambda *g: (0.271, 0.19, 0.1),
         "the sign: w should go against the gradient":
         lambda *g: (-0.3439, -0.271, -0.19)}),
    12: Exercise(
        "The rule of softmax: out is its result and g the gradient of that, lists of one length; "
        "the list of the gradients by its inputs. By input i, output j has the slope "
        "out[j] * ((i == j) - out[i]).",
        "def rule(g, out):\n    return ...\n",
        mixed, lambda rule, *z: rule(list(G), softmax(z)), [(0.5, -1.0, 2.0), (1.0, 1.0, -0.5)],
        {"every output depends on every input, not only on its own: add up over all j":
         lambda *z: [g * s * (1 - s) for g, s in zip(G, softmax(z))],
         "g is missing: the slopes of the outputs count as much as g says": lambda *z: (0.0,) * 3}),
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
    try:
        for point in points:
            rules = [lambda g, *_, slope=slope: g * slope for slope in given(*point)]
            check_gradients(primitive(*rules)(f), *point, second=False)
        return ""
    except ValueError as error:
        found = str(error)

    for what, mistake in exercise.typical.items():
        if all(close(given(*point), mistake(*point)) for point in points):
            return what
    rights = [grad(f, tuple(range(count)))(*point) for point in points]
    names = f.__code__.co_varnames[:count]
    for i, name in enumerate(names):
        mine, right = ([slopes[i] for slopes in all_of] for all_of in (
            [given(*point) for point in points], rights))
        factor = mine[0] / right[0]
        if close(mine, right):
            continue
        if close(mine, [-slope for slope in right]):
            return f"the slope by {name} has the wrong sign"
        if factor and close(mine, [factor * slope for slope in right]):
            return f"a factor: the slope by {name} is {factor:.3g} times what it should be"
        point, own, true = next(wrong for wrong in zip(points, mine, right)
                                if not close(wrong[1:2], wrong[2:]))
        where = ", ".join(f"{name} = {z:g}" for name, z in zip(names, point))
        return (f"the slope by {name} is not right: where {where}, yours is {own:.4g}, but moving "
                f"{name} a little changes the result by {true:.4g} for each unit")
    return found


def close(some, others) -> bool:
    """Whether the numbers are equal but for rounding."""
    return all(abs(a - b) < 1e-6 * max(1.0, abs(b)) for a, b in zip(some, others))


def verdict(exercise: Exercise, text, file: str) -> str:
    """What to say to what is in a file, as text or as bytes, with an answer; "" if it is right."""
    name = exercise.stub.rpartition("def ")[2].partition("(")[0]
    try:
        if any(getattr(node, "value", None) is ... for node in ast.walk(ast.parse(text, file))):
            return "there is still a blank, ..., in it; fill it in and run this again"
        namespace = {}
        exec(compile(text, file, "exec"), namespace)  # the reader's own file
        if name not in namespace:
            return f"the function {name} is gone; delete the file to get a new one"
        return hint(exercise, namespace[name])
    except Exception as error:
        calls = traceback.extract_tb(error.__traceback__)
        its_own = [call for call in calls if call.filename == file]  # and not the checker's
        if not its_own and not isinstance(error, SyntaxError):
            return f"the answer has another form than the stub asks for: {error}"
        return "".join([*traceback.format_list(its_own[-1:]),
                        *traceback.format_exception_only(type(error), error)]).strip()


def wrapped(text: str) -> str:
    """The text in lines of 79 characters at most."""
    return "\n".join(fill(line, 79) for line in text.splitlines())


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, choices=COURSE, help="of the page of the course")
    number = parser.parse_args(arguments).number
    exercise, file = COURSE[number], Path(f"exercise_{number}.py")
    try:
        if not file.exists():
            file.write_text(wrapped(f'"""{exercise.task}"""') + f"\n\n\n{exercise.stub}", "utf-8")
            print(f"wrote {file}\n")
        text = file.read_bytes()  # in the encoding of the editor: what Python makes of it counts
    except OSError as error:
        sys.exit(f"examples.exercises: {error}")
    wrong = verdict(exercise, text, str(file))
    if not wrong:
        print(f"{file}: right!")
        return
    print(wrapped(exercise.task) + "\n")
    sys.exit(wrapped(f"{file}: {wrong}"))


if __name__ == "__main__":
    main()
