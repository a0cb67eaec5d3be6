"""Draw a neuron of two inputs as the textbooks do, with the gradients of one backward.

    python -m examples.draw_neuron

It writes draw_neuron.svg beside this file.
"""
from pathlib import Path
from random import Random

from autograd import Value, draw
from nn import Neuron


def main(folder=Path(__file__).parent):
    x1, x2 = Value(2.0, name="x1"), Value(-1.0, name="x2")
    neuron = Neuron(2, "tanh", rng=Random(0))
    y = neuron([x1, x2])
    y.backward()
    print(draw(y, names={"y": y}).render(folder / "draw_neuron.svg"))


if __name__ == "__main__":
    try:
        main()
    except ImportError as missing:  # graphviz, which says where to get it
        raise SystemExit(str(missing)) from None
