"""Draw a network three times: as one box, as its layers, and down to every operation.

    python -m examples.draw_mlp

It writes draw_mlp_0.svg, draw_mlp_1.svg and draw_mlp_2.svg beside this file.
"""
from pathlib import Path
from random import Random

from autograd import draw
from nn import MLP, cross_entropy


def main(folder=Path(__file__).parent):
    model = MLP(2, [3, 2], "tanh", rng=Random(0))
    loss = cross_entropy(model([[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]]), [0, 1, 1])
    loss.backward()
    for depth in range(3):
        print(draw(loss, depth=depth, names={"loss": loss, "model": model})
              .render(folder / f"draw_mlp_{depth}.svg"))


if __name__ == "__main__":
    try:
        main()
    except ImportError as missing:  # graphviz, which says where to get it
        raise SystemExit(str(missing)) from None
