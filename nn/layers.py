"""Neuron, Layer, MLP and Sequential."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import autograd
from autograd import Value
from autograd.compositions import stacked
from autograd.namespace import namespace

from . import init as initial
from .arguments import generator, positive_count
from .module import Module

ACTIVATIONS = {"relu": autograd.relu, "tanh": autograd.tanh, "sigmoid": autograd.sigmoid}


class Neuron(Module):
    """The perceptron of the textbooks: activation(w·x + b), scalar by scalar.

    fused: w·x is one step instead of one for each product and sum, and in pictures a single node.
    With sixteen inputs that is 1.5 times as fast, with a hundred 2.5 times; with two it is slower.

    >>> neuron = Neuron(2, "tanh", rng=Random(0))
    >>> neuron([1.0, -2.0]).op
    'tanh'
    """

    def __init__(self, n_in: int, activation: str | Callable | None = None,
                 rng: Random | None = None, fused: bool = False):
        n_in = positive_count("Neuron: n_in", n_in)
        start = weight_start(activation)(generator("Neuron", rng), n_in, 1)
        self.weights = [Value(number) for number in start.flat]
        self.bias = Value(0.0)
        self.activation = activation_named(activation)
        self.fused = fused

    def forward(self, x) -> Value:
        """x: n_in numbers or Values → one Value."""
        listed = isinstance(x, (list, tuple, range))
        if (x and isinstance(x[0], (list, tuple))) if listed else len(getattr(x, "shape", ())) != 1:
            raise TypeError(f"Neuron: given {x!r}; give a list of numbers or Values, one for each "
                            f"of {len(self.weights)} weights")
        if len(x) != len(self.weights):
            raise ValueError(f"Neuron: given {len(x)} inputs for {len(self.weights)} weights; give "
                             "one each")
        if self.fused:
            return self.activation(autograd.vecdot(self.weights, x) + self.bias)
        products = [weight * x_i for weight, x_i in zip(self.weights, x)]
        return self.activation(sum(products[1:], products[0]) + self.bias)

    def describe(self) -> str:
        return f"({len(self.weights)} → 1{activation_text(self.activation)})"


class Layer(Module):
    """n_out neurons with the same inputs, computed at once: activation(x @ weight + bias).

    weight: (n_in, n_out), a column for each neuron; bias: (n_out,). The weights start as
    `init(rng, n_in, n_out)`: He's way before a ReLU and Xavier's otherwise; the biases at 0.

    >>> Layer(3, 2, "relu", rng=Random(0))
    Layer(3 → 2, relu): 8 parameters
        weight (3, 2)
        bias (2,)
    """

    def __init__(self, n_in: int, n_out: int, activation: str | Callable | None = None,
                 init: Callable | None = None, rng: Random | None = None):
        n_in = positive_count("Layer: n_in", n_in)
        n_out = positive_count("Layer: n_out", n_out)
        init = weight_start(activation) if init is None else init
        if not callable(init):
            raise TypeError(f"Layer: init={init!r:.40} must be a function, e.g. nn.init.he")
        self.weight = Value(init(generator("Layer", rng), n_in, n_out))
        if self.weight.shape != (n_in, n_out):
            raise ValueError(f"Layer: init gave shape {self.weight.shape}; it must be "
                             f"(n_in, n_out) = {(n_in, n_out)}")
        self.bias = Value(namespace(self.weight.data).zeros_like(self.weight.data[0]))
        self.activation = activation_named(activation)

    def forward(self, x) -> Value:
        """x: (..., n_in), an array or lists of numbers and Values → (..., n_out)."""
        return self.activation(autograd.linear(stacked(x), self.weight, self.bias))

    def neurons(self) -> list[Neuron]:
        """The neurons one by one, each with the layer's numbers as scalar weights of its own."""
        n_in, n_out = self.weight.shape
        columns, biases = self.weight.data.T.tolist(), self.bias.data.tolist()
        neurons = [Neuron(n_in, self.activation) for _ in range(n_out)]
        for neuron, column, bias in zip(neurons, columns, biases):
            neuron.weights = [Value(number) for number in column]
            neuron.bias = Value(bias)
        return neurons

    def describe(self) -> str:
        n_in, n_out = self.weight.shape
        return f"({n_in} → {n_out}{activation_text(self.activation)})"


class Sequential(Module):
    """Modules, or plain functions, each fed what the one before gives.

    It has a length, and the layers are reached by place: model[0], model[-1], model[:2].

    >>> len(MLP(784, [16, 16, 10])[:2])
    2
    """

    def __init__(self, *layers: Callable):
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"Sequential: {type(layer).__name__} can't be called; give Modules "
                                "or functions: Sequential(first, second)")
        self.layers = list(layers)

    def forward(self, x):
        """Through all layers in turn."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, place):
        count = len(self.layers)
        try:
            chosen = self.layers[place]
        except (IndexError, TypeError) as error:
            raise type(error)(f"{type(self).__name__}: layer {place!r} of {count}; use an int in "
                              f"{range(-count, count)}, or a slice") from error
        return Sequential(*chosen) if isinstance(place, slice) else chosen


class MLP(Sequential):
    """A multilayer perceptron: layers of the given sizes, the last one without activation.

    >>> MLP(784, [16, 16, 10], rng=Random(0))
    MLP: 13,002 parameters
        layers.0: Layer(784 → 16, relu): 12,560 parameters
            weight (784, 16)
            bias (16,)
        layers.1: Layer(16 → 16, relu): 272 parameters
            weight (16, 16)
            bias (16,)
        layers.2: Layer(16 → 10): 170 parameters
            weight (16, 10)
            bias (10,)
    """

    def __init__(self, n_in: int, sizes: Sequence[int], activation: str | Callable = "relu",
                 init: Callable | None = None, rng: Random | None = None):
        rng = generator("MLP", rng)
        super().__init__(*(Layer(before, size, its_own, init, rng)
                           for before, size, its_own in plan(n_in, sizes, activation)))


def plan(n_in: int, sizes: Sequence[int], activation) -> list[tuple]:
    """For each layer of an MLP its (n_in, n_out, activation); the last has no activation."""
    if not isinstance(sizes, (list, tuple)) or not sizes:
        raise ValueError(f"MLP: sizes={sizes!r:.40}; give a list of the size of each layer, e.g. "
                         "[16, 16, 10]")
    activation_named(activation)  # with one layer, nobody else would look at it
    activations = [activation] * (len(sizes) - 1) + [None]
    return list(zip([n_in, *sizes], sizes, activations))


def identity(x):
    """x itself: no activation."""
    return x


def activation_named(activation) -> Callable:
    """The function for a name such as "relu"; a function stays itself, None is no activation."""
    if activation is None:
        return identity
    if callable(activation):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown; use {', '.join(ACTIVATIONS)}, "
                         "None or a function")
    return ACTIVATIONS[activation]


def activation_text(activation) -> str:
    """The activation for a repr, after a comma; nothing for none."""
    return "" if activation is identity else f", {getattr(activation, '__name__', activation)}"


def weight_start(activation) -> Callable:
    """The initialisation that suits an activation."""
    return initial.he if activation_named(activation) is autograd.relu else initial.xavier
