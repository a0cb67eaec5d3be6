"""Two costs on the same digits, what each punishes, and why a cost must be smooth.

    python -m examples.costs

Where an answer is sure and wrong, the squared error has hardly any slope; the cross-entropy has.
Counting the wrong answers has none at all: a small change of a weight changes no count.
"""
from random import Random

from autograd import sigmoid, sign, softplus, value_and_grad
from autograd.manners import counted
from examples import plots
from examples.options import read_options
from nn import MLP, SGD, accuracy, batches, cross_entropy, one_hot, squared_error
from nn.datasets import mnist

# What a neuron that answers yes with probability sigmoid(z) costs, where yes is right.
OF_ONE = {
    "squared error": lambda z: (1 - sigmoid(z)) ** 2,
    "cross-entropy": lambda z: softplus(-z),  # that is -log(sigmoid(z))
    "counting": lambda z: (1 - sign(z)) / 2,  # 1 if wrong, else 0
}
OF_DIGITS = {
    "squared error": lambda logits, labels: squared_error(logits.sigmoid(), one_hot(labels, 10)),
    "cross-entropy": cross_entropy,
}


def train(cost, seed, epochs, lr=0.1, count=500):
    """A new network, trained on the first digits, and its accuracy on as many test digits."""
    rng, digits = Random(seed), mnist()
    model = MLP(784, [16, 10], rng=rng)
    optimizer = SGD(model.parameters(), lr)
    for _ in range(epochs):
        for x, labels in batches(digits.train_images[:count], digits.train_labels[:count], 20, rng):
            optimizer.zero_grad()
            cost(model(x), labels).backward()
            optimizer.step()
    return model, accuracy(model(digits.test_images[:count]), digits.test_labels[:count])


def downhill(model, count=100, move=0.00375, moves=40):
    """Yields cross-entropy and share of wrong answers, at first and after each small move down."""
    digits = mnist()
    x, labels = digits.test_images[:count], digits.test_labels[:count]
    model.zero_grad()
    cross_entropy(model(x), labels).backward()
    for _ in range(moves + 1):
        logits = model(x)
        yield cross_entropy(logits, labels).item(), 1 - accuracy(logits, labels)
        for p in model.parameters():
            p.data -= move * p.grad


def changes(curve) -> int:
    """How many moves changed the cost."""
    return sum(a != b for a, b in zip(curve, curve[1:]))


def main(arguments=None):
    options = read_options(__doc__, arguments, epochs=5, seed=0)
    for z, what in (-6.0, "sure and wrong"), (2.0, "right"):
        for name, cost in OF_ONE.items():
            j, slope = value_and_grad(cost)(z)
            print(f"{what:14}  {name:13}  cost {j:.3f}  slope {slope:+.3f}")
    for name, cost in OF_DIGITS.items():
        model, share_right = train(cost, options.seed, options.epochs)
        print(f"digits, {name}: test accuracy {share_right:.3f} after "
              f"{counted(options.epochs, 'epoch')}")
    smooth, stairs = zip(*downhill(model))
    print(f"of {len(smooth) - 1} small moves downhill {changes(smooth)} change the cross-entropy, "
          f"{changes(stairs)} the wrong answers")
    zs = plots.steps((-6.0, 6.0), 121)
    one = {name: [(z, float(cost(z))) for z in zs] for name, cost in OF_ONE.items()}
    shares = {"cross-entropy": [j / smooth[0] for j in smooth],
              "wrong answers": [j / stairs[0] for j in stairs]}
    plots.show(plots.Curves(one, "z", "cost", "One answer"),
               plots.Curves(shares, "moves downhill", "share of start", "Counting has no slope"),
               file=options.plot)


if __name__ == "__main__":
    main()
