"""What a trained network looks at, and which of its 13,002 weights matter for one digit.

    python -m examples.what_it_learned

A neuron of the first layer has a weight for every pixel, so its weights are a picture: it answers
to ink where they are positive, and ink where they are negative silences it. And a component of the
gradient tells how much the cost of a digit changes with one weight: most hardly count.
"""
import argparse
from random import Random

from autograd import Array
from examples import plots
from nn import MLP, SGD, batches, cross_entropy
from nn.datasets import mnist


def train(digits, epochs: int, seed: int, count: int = 4000):
    """The network of examples.mnist; the decay fades the weights that no ink ever moves."""
    rng = Random(seed)
    model = MLP(784, [16, 16, 10], rng=rng)
    optimizer = SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    images, labels = digits.train_images[:count], digits.train_labels[:count]
    for _ in range(epochs):
        for x, y in batches(images, labels, 32, rng):
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def picture(weights) -> list:
    """The middle 20 by 20 of 28 by 28 weights, where the ink is; the ten largest become ±1."""
    tenth = sorted(map(abs, weights))[-10]
    scaled = [max(-1.0, min(1.0, weight / tenth)) for weight in weights]
    return [scaled[28 * row + 4:28 * row + 24] for row in range(4, 24)]


def important_first(model, x, labels) -> list:
    """(gradient, parameter's name, place in it) for every number, the largest gradient first."""
    model.zero_grad()
    cross_entropy(model(x), labels).backward()
    return sorted(((g, name, place) for name, p in model.named_parameters()
                   for place, g in enumerate(p.grad.flat)), key=lambda part: -abs(part[0]))


def saved(model, x, labels, parts, lr: float = 0.001) -> float:
    """How much the cost falls by a step of gradient descent with these weights alone."""
    before, state = cross_entropy(model(x), labels).item(), model.state_dict()
    data = {name: list(array.flat) for name, array in state.items()}
    for g, name, place in parts:
        data[name][place] -= lr * g
    model.load_state_dict({name: Array(state[name].shape, data[name]) for name in state})
    after = cross_entropy(model(x), labels).item()
    model.load_state_dict(state)
    return before - after


def in_words(g, name, place, columns) -> str:
    """A weight by its two ends: (784, 16) weights have a row for each pixel."""
    layer, kind = name.split(".")[1:]
    source, neuron = divmod(place, columns)
    source = f"pixel {divmod(source, 28)}" if layer == "0" else f"neuron {source} of layer {layer}"
    source = source if kind == "weight" else "bias"
    return f"{g:+9.5f}  {source:>21} → neuron {neuron} of layer {int(layer) + 1}"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digit", type=int, choices=range(10), default=8)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=2)
    plots.add_option(parser)
    options = parser.parse_args(arguments)

    digits = mnist()
    model = train(digits, options.epochs, options.seed)
    place = list(digits.test_labels).index(options.digit)
    x, labels = digits.test_images[[place]], [options.digit]
    chances = model(x).softmax().data.flat
    print(digits.test_images.drawing(place))
    print(f"the network gives this {options.digit} a probability of {chances[options.digit]:.3f}; "
          f"the largest of the ten is {max(chances):.3f}\n")

    parts = important_first(model, x, labels)
    columns = {name: p.shape[-1] for name, p in model.named_parameters()}
    print("cost per unit of weight: the ten largest components of the gradient")
    for part in parts[:10]:
        print(in_words(*part, columns[part[1]]))
    print(f"{sum(g == 0 for g, _, _ in parts):,} of {len(parts):,} components are 0: no ink on the "
          "pixel, or the neuron is off")
    everything = saved(model, x, labels, parts)
    chosen = Random(options.seed).sample(parts, 100)
    for name, some in (("the 100 largest", parts[:100]), ("100 drawn by lot", chosen)):
        print(f"a step with {name:16} saves {saved(model, x, labels, some) / everything:6.1%} of "
              "what a step with all of them does")
    weights = model.layers[0].weight.data.T.tolist()
    plots.show(plots.Images({f"neuron {i}": picture(row) for i, row in enumerate(weights)}, 4),
               file=options.plot)


if __name__ == "__main__":
    main()
