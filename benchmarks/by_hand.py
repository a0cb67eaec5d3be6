"""Backpropagation written out by hand on plain lists: the floor under autodiff in pure Python.

A network of layers z = x·W + b with relu between them, mean cross-entropy at the end, and plain
gradient descent. Nothing here knows of graphs or derivative rules: somebody sat down with the
chain rule, once, for this one network. With g for the derivative of the loss by z it says

    dW = xᵀ·g        each weight has met one entry of each example
    db = Σ g         summed over the examples
    dx = g·Wᵀ        and through a relu only where its output is positive

and at the top g = (softmax(z) - one-hot(label)) / examples.

It stands here twice, in the form that is fastest on CPython and in the one that is fastest on
PyPy, of those that were tried: dense and sparse, flat lists and lists of rows, index loops, map,
compress, math.sumprod, generated code. Both skip zeros: four pixels of five are blank, and a relu
makes more. Every gradient is there as a matrix before any weight moves, as one writes it down. (To
sum and subtract in one pass is quicker: chalkgrad does so where nobody looks at the gradient.)
"""
import platform
from functools import lru_cache
from itertools import compress
from math import exp, log


def for_each(width, text, joint=""):
    """A piece of source once for each output: "s#, " becomes "s0, s1, s2, ", up to the width."""
    return joint.join(text.replace("#", str(j)) for j in range(width))


def function_of(source):
    """The function that a source text defines."""
    names = {"compress": compress}
    exec(source, names)
    return names["function"]


def cross_entropy(rows, labels):
    """The mean of -log softmax(row)[label], and its derivative by the rows."""
    loss, slopes = 0.0, []
    for row, label in zip(rows, labels):
        largest = max(row)  # e to the power of what is left after taking it off can't overflow
        powers = [exp(a - largest) for a in row]
        total = sum(powers)
        loss += log(total) + largest - row[label]
        slope = [power / total / len(labels) for power in powers]
        slope[label] -= 1 / len(labels)
        slopes.append(slope)
    return loss / len(labels), slopes


# -- CPython: lists of rows, as few steps of the interpreter as possible --------------------------

class OnRows:
    """The network as lists of rows, each a tuple."""

    def __init__(self, layers):
        """layers: for each the rows of W, and b."""
        self.layers = [([tuple(row) for row in W], tuple(b)) for W, b in layers]

    def step(self, x, labels, lr):
        """One step of gradient descent on a list of images; returns the loss before it."""
        entering = []  # what went into each layer: the way back needs it
        for W, b in self.layers:
            entering.append(x)
            z = product(len(b))(x, W, b)
            x = [tuple([a if a > 0.0 else 0.0 for a in row]) for row in z]  # the last is not used
        loss, g = cross_entropy(z, labels)

        gradients = []
        for (W, b), x in zip(reversed(self.layers), reversed(entering)):
            dW = product(len(b))(zip(*x), g, (0.0,) * len(b))
            gradients.append((dW, list(map(sum, zip(*g)))))
            if x is not entering[0]:  # nobody asks for the gradient of the images
                dx = product(len(W))(g, list(zip(*W)), (0.0,) * len(W))
                g = [tuple([d if a > 0.0 else 0.0 for d, a in zip(*rows)]) for rows in zip(dx, x)]

        self.layers = [(moved(len(b))(W, dW, lr), tuple([a - lr * d for a, d in zip(b, db)]))
                       for (W, b), (dW, db) in zip(self.layers, reversed(gradients))]
        return loss


@lru_cache(None)
def product(width):
    """x·y + start for rows of y of this width: rows of y times the entries of a row of x, summed.

    `filter` takes the entries of x that are not zero, `compress` the rows of y they belong to.
    """
    s, y = for_each(width, "s#, "), for_each(width, "y#, ")
    return function_of(f"""
def function(x, y, start):
    out = []
    for row in x:
        if any(row):
            {s} = start
            for a, ({y}) in zip(filter(None, row), compress(y, row)):
                {for_each(width, "s# += a * y#", "; ")}
            out.append(({s}))
        else:
            out.append(start)
    return out
""")


@lru_cache(None)
def moved(width):
    """W - lr·dW for rows of this width."""
    return function_of(f"""
def function(W, dW, lr):
    out = []
    for ({for_each(width, "w#, ")}), ({for_each(width, "d#, ")}) in zip(W, dW):
        out.append(({for_each(width, "w# - lr * d#, ")}))
    return out
""")


# -- PyPy: flat lists and index loops, which it turns into machine code ---------------------------

class OnFlatLists:
    """The network as flat lists, row after row."""

    def __init__(self, layers):
        """layers: for each the rows of W, and b."""
        self.layers = [([w for row in W for w in row], list(b)) for W, b in layers]

    def step(self, x, labels, lr):
        """One step of gradient descent on images in a flat list; returns the loss before it."""
        entering = []  # what went into each layer: the way back needs it
        for W, b in self.layers:
            entering.append(x)
            z = flat_product(len(W) // len(b), len(b))(x, W, b)
            x = [a if a > 0.0 else 0.0 for a in z]  # the last is not used
        n_out = len(b)
        loss, g = cross_entropy([z[i:i + n_out] for i in range(0, len(z), n_out)], labels)
        g = [slope for row in g for slope in row]

        gradients = []
        for (W, b), x in zip(reversed(self.layers), reversed(entering)):
            n_in, n_out = len(W) // len(b), len(b)
            gradients.append((weight_gradient(n_in, n_out)(x, g),
                              [sum(g[j::n_out]) for j in range(n_out)]))
            if x is not entering[0]:  # nobody asks for the gradient of the images
                columns = [w for j in range(n_out) for w in W[j::n_out]]
                dx = flat_product(n_out, n_in)(g, columns, [0.0] * n_in)
                g = [d if a > 0.0 else 0.0 for d, a in zip(dx, x)]

        for layer, its_gradients in zip(self.layers, reversed(gradients)):
            for numbers, slopes in zip(layer, its_gradients):
                for i in range(len(numbers)):
                    numbers[i] -= lr * slopes[i]
        return loss


@lru_cache(None)
def flat_product(n_in, n_out):
    """x·y + start for y of this shape: each non-zero entry of x, times a row of y, is added.

    Made for one shape, because PyPy's machine code for the shape it met first is slow on others.
    The sums stand in the result, for PyPy would make an object of each that were in a variable.
    """
    return function_of(f"""
def function(x, y, start):
    out = start * (len(x) // {n_in})
    i = j = 0
    for a in x:
        if a:
            {for_each(n_out, "out[i + #] += a * y[j + #]", "; ")}
        j += {n_out}
        if j == {n_in * n_out}:
            i, j = i + {n_out}, 0
    return out
""")


@lru_cache(None)
def weight_gradient(n_in, n_out):
    """xᵀ·g: each non-zero entry of x, times a row of g, is added to a row of the result."""
    return function_of(f"""
def function(x, g):
    out = [0.0] * {n_in * n_out}
    i = j = 0
    for a in x:
        if a:
            {for_each(n_out, "out[j + #] += a * g[i + #]", "; ")}
        j += {n_out}
        if j == {n_in * n_out}:
            i, j = i + {n_out}, 0
    return out
""")


ON_PYPY = platform.python_implementation() == "PyPy"
Network = OnFlatLists if ON_PYPY else OnRows


def images(flat, length):
    """Images as `Network.step` wants them."""
    return flat if ON_PYPY else [flat[i:i + length] for i in range(0, len(flat), length)]
