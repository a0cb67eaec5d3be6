"""Invent first names: a small language model with attention, on tensors of the same engine.

    python -m examples.names

A name is read letter by letter, and at each place the model says how likely every next letter is.
It is built as Karpathy's microgpt: embeddings, attention in several heads, a hidden layer, norms,
and sums that let what came in pass by. Read `forward` first.
"""
from math import log
from random import Random

from autograd import Value, einsum, mean, softmax
from examples import plots
from examples.first_names import read_names
from examples.options import read_options
from nn import MLP, Adam, Layer, Module, cross_entropy, init

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a name
PLACES = 12  # the longest name has 11 letters, and then comes a dot


class LanguageModel(Module):
    """Scores for the letter after each letter of a name, from that letter and those before it."""

    def __init__(self, size: int, heads: int, rng: Random):
        self.letters = Value(init.normal(rng, len(LETTERS), size, 0.3))
        self.places = Value(init.normal(rng, PLACES, size, 0.3))
        self.query, self.key, self.value, self.joined = (Layer(size, size, rng=rng)
                                                         for _ in range(4))
        self.hidden = MLP(size, [4 * size, size], rng=rng)
        self.scores = Layer(size, len(LETTERS), rng=rng)
        self.heads = heads

    def forward(self, texts):
        """texts: strings of one length → (texts · length, letters)."""
        length, codes = len(texts[0]), [LETTERS.index(letter) for letter in "".join(texts)]
        x = self.letters[codes] + self.places[[*range(length)] * len(texts)]
        x = x + self.attention(norm(x), length)
        x = x + self.hidden(norm(x))
        return self.scores(norm(x))

    def attention(self, x, length: int):
        """Each place collects the values of the places up to it whose keys fit its query."""
        query, key, value = (layer(x).reshape(-1, length, self.heads, x.shape[1] // self.heads)
                             for layer in (self.query, self.key, self.value))
        fit = einsum("tqhi,tkhi->thqk", query, key) / query.shape[3] ** 0.5  # t: text, h: head
        unseen = [[-1e9 * (k > q) for k in range(length)] for q in range(length)]  # the future
        self.weights = softmax(fit + unseen)  # (texts, heads, length, length)
        return self.joined(einsum("thqk,tkhi->tqhi", self.weights, value).reshape(x.shape))


def norm(x):
    """Every row divided by the root of its mean square."""
    return x / ((x * x).mean(axis=-1, keepdims=True) + 1e-5).sqrt()


def loss_of(model, names):
    """The mean -log probability, in nats, of each next letter; the names are of one length."""
    answers = [LETTERS.index(letter) for letter in ".".join(names) + "."]
    return cross_entropy(model(["." + name for name in names]), answers)


def train(model, names, steps: int, rng: Random, batch_size: int = 16, lr: float = 0.01):
    """Adam, with a rate that falls to 0; yields the loss of every step."""
    optimizer = Adam(model.parameters(), lr)
    for step in range(steps):
        length = len(rng.choice(names))  # names of one length fill a rectangle
        group = [name for name in names if len(name) == length]
        loss = loss_of(model, rng.choices(group, k=batch_size))
        optimizer.zero_grad()
        loss.backward()
        optimizer.lr = lr * (1 - step / steps)
        optimizer.step()
        yield loss.item()


def invent(model, rng: Random, temperature: float) -> str:
    """A name, letter by letter; a low temperature keeps to the likely ones."""
    text = "."
    while len(text) < PLACES and "." not in text[1:]:
        chances = softmax(model([text])[-1] / temperature)
        text += rng.choices(LETTERS, chances.data.flat)[0]
    return text.strip(".")


def main(arguments=None):
    options = read_options(__doc__, arguments, steps=500, temperature=0.7, seed=0)
    rng, names = Random(options.seed), read_names()
    unseen = [name for name in names[::10] if len(name) == 6]
    del names[::10]
    model = LanguageModel(16, 4, rng)
    print(f"{sum(p.size for p in model.parameters()):,} parameters, {len(names):,} names")
    losses, curve = [], []
    for step, loss in enumerate(train(model, names, options.steps, rng), 1):
        losses.append(loss)
        if step % 25 == 0 or step == options.steps:
            curve.append((step, mean(losses[-25:])))
            print("step {:4}  loss {:.3f}".format(*curve[-1]))
    print(f"on {len(unseen)} names of six letters that it never saw "
          f"{loss_of(model, unseen).item():.3f}; guessing blindly {log(len(LETTERS)):.3f}\n")
    for _ in range(5):
        print(*(f"{invent(model, rng, options.temperature):11}" for _ in range(6)))
    model([".christina"])  # its weights are looked at
    heads = {f"head {i}": head for i, head in enumerate(model.weights.data[0].tolist(), 1)}
    plots.show(plots.Curves({"loss": curve}, "step", "loss"),
               plots.Images(heads, 2, "attention in .christina"), file=options.plot)


if __name__ == "__main__":
    main()
