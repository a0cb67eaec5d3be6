"""Invent first names: a small language model with attention, on tensors of the same engine.

    python -m examples.names

A name is read letter by letter, and at each place the model says how likely every next letter is.
It is built as in Karpathy's microgpt: embeddings, causal self-attention in several heads, a hidden
layer, root-mean-square norms and sums that let what came in pass by. Read `forward` first.
"""
from math import log
from pathlib import Path
from random import Random

from autograd import Value, no_grad, softmax
from examples import plots
from examples.options import read_options
from nn import Adam, Layer, Module, cross_entropy
from nn.init import normal

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a name
PLACES = 12  # the longest name has 11 letters, and then comes a dot


class LanguageModel(Module):
    """Scores for the letter after each letter of a name, from that letter and those before it."""

    def __init__(self, size: int, heads: int, rng: Random):
        self.letters = Value(normal(rng, len(LETTERS), size, 0.3))
        self.places = Value(normal(rng, PLACES, size, 0.3))
        self.query, self.key, self.value, self.joined = (Layer(size, size, rng=rng)
                                                         for _ in range(4))
        self.hidden = Layer(size, 4 * size, "relu", rng=rng)
        self.out = Layer(4 * size, size, rng=rng)
        self.scores = Layer(size, len(LETTERS), rng=rng)
        self.heads = heads

    def forward(self, texts):
        """texts: strings of one length → (texts · length, letters)."""
        length = len(texts[0])
        x = self.letters[codes_of(texts)] + self.places[list(range(length)) * len(texts)]
        x = x + self.attention(norm(x), length)
        x = x + self.out(self.hidden(norm(x)))
        return self.scores(norm(x))

    def attention(self, x, length: int):
        """Each place collects the values of the places up to it whose keys fit its query."""
        def by_head(rows):
            return rows.reshape(-1, length, self.heads, x.shape[1] // self.heads) \
                .permute_dims(0, 2, 1, 3)
        query, key, value = by_head(self.query(x)), by_head(self.key(x)), by_head(self.value(x))
        fit = query @ key.swapaxes(2, 3) / query.shape[3] ** 0.5
        unseen = [[-1e9 * (j > i) for j in range(length)] for i in range(length)]  # the future
        self.weights = softmax(fit + unseen)  # (texts, heads, length, length)
        return self.joined((self.weights @ value).permute_dims(0, 2, 1, 3).reshape(x.shape))


def norm(x):
    """Every row divided by the root of its mean square."""
    return x / ((x * x).mean(axis=-1, keepdims=True) + 1e-5).sqrt()


def read_names() -> list:
    """The 5,163 names, in alphabetical order."""
    folder = Path(__file__).parent / "first_names"
    return sorted({name for file in ("female.txt", "male.txt")
                   for name in (folder / file).read_text("utf-8").split()})


def codes_of(texts) -> list:
    """The place in LETTERS of every letter of the texts."""
    return [LETTERS.index(letter) for text in texts for letter in text]


def loss_of(model, names):
    """The mean -log probability, in nats, of each next letter; the names are of one length."""
    return cross_entropy(model(["." + name for name in names]),
                         codes_of(name + "." for name in names))


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
    name = ""
    while len(name) < PLACES - 1:
        with no_grad():
            chances = softmax(model(["." + name])[-1] / temperature)
        letter, = rng.choices(LETTERS, chances.data.flat)
        if letter == ".":
            break
        name += letter
    return name


def main(arguments=None):
    options = read_options(__doc__, arguments, steps=500, temperature=0.7, seed=0)
    rng, names = Random(options.seed), read_names()
    known = [name for i, name in enumerate(names) if i % 10]
    unseen = [name for name in names[::10] if len(name) == 6]
    model = LanguageModel(16, 4, rng)
    print(f"{sum(p.size for p in model.parameters()):,} parameters, {len(known):,} names")
    losses, means = [], []
    for loss in train(model, known, options.steps, rng):
        losses.append(loss)
        if len(losses) % 25 == 0:
            means.append((len(losses), sum(losses[-25:]) / 25))
            print("step {:4}  loss {:.3f}".format(*means[-1]))
    print(f"on {len(unseen)} names of six letters that it never saw "
          f"{loss_of(model, unseen).item():.3f}; guessing blindly {log(len(LETTERS)):.3f}\n")
    for _ in range(5):
        print(*(f"{invent(model, rng, options.temperature):11}" for _ in range(6)))
    loss_of(model, ["christina"])  # its weights are looked at
    heads = {f"head {i}": head for i, head in enumerate(model.weights.data[0].tolist(), 1)}
    plots.show(plots.Curves({"loss": means}, "step", "loss"),
               plots.Images(heads, 2, "attention in .christina"), file=options.plot)


if __name__ == "__main__":
    main()
