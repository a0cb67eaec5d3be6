"""Networks neuron by neuron, as micrograd has them: each weight is a Value of its own.

They compute what those of `layers.py` do, on batches fifty times slower and more, and are drawn
down to each product. A script on micrograd's `MLP` needs another import and no more; its
`Neuron` has a ReLU where nothing is said, and ours has none.

>>> model = MLP(2, [3, 1], rng=Random(0))
>>> model([1.0, -2.0]).shape, len(model.parameters())
((), 13)
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from autograd import Value

from .arguments import generator, positive_count
from .layers import Neuron, Sequential, activation_text, plan
from .module import Module

__all__ = ["MLP", "Layer", "Neuron"]


class Layer(Module):
    """n_out Neurons with the same inputs; `fused` is as of a Neuron."""

    def __init__(self, n_in: int, n_out: int, activation: str | Callable | None = None,
                 rng: Random | None = None, fused: bool = False):
        n_out = positive_count("Layer: n_out", n_out)
        rng = generator("Layer", rng)
        self.neurons = [Neuron(n_in, activation, rng, fused) for _ in range(n_out)]

    def forward(self, x) -> list[Value]:
        """x: n_in numbers or Values → n_out Values."""
        return [neuron(x) for neuron in self.neurons]

    def describe(self) -> str:
        n_in, activation = len(self.neurons[0].weights), self.neurons[0].activation
        return f"({n_in} → {len(self.neurons)}{activation_text(activation)})"


class MLP(Sequential):
    """A multilayer perceptron: layers of the given sizes, the last one without activation."""

    def __init__(self, n_in: int, sizes: Sequence[int], activation: str | Callable = "relu",
                 rng: Random | None = None, fused: bool = False):
        rng = generator("MLP", rng)
        super().__init__(*(Layer(*layer, rng, fused) for layer in plan(n_in, sizes, activation)))

    def forward(self, x) -> Value | list[Value]:
        """x: n_in numbers or Values → the Value of the last neuron, or a list of several."""
        out = super().forward(x)
        return out[0] if len(out) == 1 else out
