"""What a trained network looks at, and which of its 13,002 weights matter for one digit.

    python -m examples.what_it_learned

A neuron of the first layer has a weight for every pixel, so its weights are a picture of the ink
that it answers to. A component of the gradient tells how much one weight changes a digit's cost.
"""
from copy import deepcopy
from random import Random

from autograd import Array
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, batches, cross_entropy
from nn.datasets import mnist


def train(digits, epochs: int, seed: int, count: int = 4000):
    """The network of examples.mnist; the decay fades the weights that no ink ever moves."""
    rng = Random(seed)
    model = MLP(784, [16, 16, 10], rng=rng)
    optimizer = SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    for _ in range(epochs):
        for x, labels in batches(digits.train_images[:count], digits.train_labels[:count], 32, rng):
            optimizer.zero_grad()
            cross_entropy(model(x), labels).backward()
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
    moved = deepcopy(model)
    for name, p in moved.named_parameters():
        step = {place: lr * g for g, home, place in parts if home == name}
        p.data -= Array(p.shape, [step.get(place, 0.0) for place in range(p.size)])
    return cross_entropy(model(x), labels).item() - cross_entropy(moved(x), labels).item()


def in_words(g, name, place) -> str:
    """A number of the network by its two ends."""
    _, layer, kind = name.split(".")
    source, neuron = divmod(place, 10 if layer == "2" else 16)  # (784, 16), (16, 16), (16, 10)
    source = f"pixel {divmod(source, 28)}" if layer == "0" else f"neuron {source} of layer {layer}"
    return (f"{g:+9.5f}  {source if kind == 'weight' else 'bias':>21} → "
            f"neuron {neuron} of layer {int(layer) + 1}")


def main(arguments=None):
    options = read_options(__doc__, arguments, digit=8, epochs=8, seed=2)
    digits = mnist()
    model = train(digits, options.epochs, options.seed)
    place = list(digits.test_labels).index(options.digit)
    x, labels = digits.test_images[[place]], [options.digit]
    print(digits.test_images.drawing(place))
    parts = important_first(model, x, labels)
    print("cost per unit of weight: the ten largest components of the gradient")
    for part in parts[:10]:
        print(in_words(*part))
    zero = sum(g == 0 for g, _, _ in parts)
    print(f"{zero:,} of {len(parts):,} components are 0: no ink on the pixel, or the neuron is off")
    everything = saved(model, x, labels, parts)
    for name, some in (("the 100 largest", parts[:100]),
                       ("100 drawn by lot", Random(options.seed).sample(parts, 100))):
        share = saved(model, x, labels, some) / everything
        print(f"a step with {name:16} saves {share:6.1%} of what a step with all of them does")
    neurons = enumerate(model.layers[0].weight.data.T)
    plots.show(plots.Images({f"neuron {i}": picture(w) for i, w in neurons}, 6), file=options.plot)


if __name__ == "__main__":
    main()
