"""Invent first names: a small language model with attention, on tensors of the same engine.

    python -m examples.names

A name is read letter by letter, and at each place the model says how likely every next letter is.
It is built as in Karpathy's microgpt: embeddings, causal self-attention in several heads, a hidden
layer, root-mean-square norms and sums that let what came in pass by. Read `forward` first.
"""
import argparse
from math import log
from pathlib import Path
from random import Random

from autograd import Value, no_grad, softmax
from examples.plots import Curves, Images, add_option, show
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

    def forward(self, names):
        """names: lists of places in LETTERS, all of one length → (names · length, letters)."""
        length = len(names[0])
        x = self.letters[sum(names, [])] + self.places[list(range(length)) * len(names)]
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
        self.weights = softmax(fit + unseen)  # (names, heads, length, length)
        return self.joined((self.weights @ value).permute_dims(0, 2, 1, 3).reshape(x.shape))


def norm(x):
    """Every row divided by the root of its mean square."""
    return x / ((x * x).mean(axis=-1, keepdims=True) + 1e-5).sqrt()


def read_names() -> list:
    """The 5,163 names, in alphabetical order."""
    folder = Path(__file__).parent / "first_names"
    return sorted({name for file in ("female.txt", "male.txt")
                   for name in (folder / file).read_text("utf-8").split()})


def loss_of(model, names):
    """The mean -log probability, in nats, of each next letter; the names are of one length."""
    codes = [[LETTERS.index(letter) for letter in f".{name}."] for name in names]
    return cross_entropy(model([code[:-1] for code in codes]),
                         [letter for code in codes for letter in code[1:]])


def mean_loss(model, names) -> float:
    """The loss of names of all lengths, a letter counting as much as another."""
    groups = [[name for name in names if len(name) == n] for n in {len(name) for name in names}]
    with no_grad():
        return sum(loss_of(model, group).item() * len(group) * (len(group[0]) + 1)
                   for group in groups) / sum(len(name) + 1 for name in names)


def train(model, names, steps: int, batch_size: int, lr: float, rng: Random):
    """Adam, with a rate that falls to 0; yields the loss of every step."""
    optimizer = Adam(model.parameters(), lr=lr)
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
    codes = [0]
    with no_grad():
        while len(codes) < PLACES:
            chances = softmax(model([codes])[-1] / temperature)
            codes += rng.choices(range(len(LETTERS)), chances.data.flat)
            if codes[-1] == 0:
                break
    return "".join(LETTERS[code] for code in codes if code)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Train a language model on first names.")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.01, help="learning rate at the start")
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    options = parser.parse_args(arguments)

    rng = Random(options.seed)
    names = read_names()
    unseen, known = names[::10], [name for i, name in enumerate(names) if i % 10]
    model = LanguageModel(16, 4, rng)
    print(f"{sum(p.size for p in model.parameters()):,} parameters, {len(known):,} names")
    losses = []
    for loss in train(model, known, options.steps, options.batch_size, options.lr, rng):
        losses.append(loss)
        if len(losses) % 50 == 0:
            print(f"step {len(losses):4}  loss {sum(losses[-50:]) / 50:.3f}")
    print(f"on {len(unseen)} names that it never saw {mean_loss(model, unseen):.3f}; "
          f"guessing blindly {log(len(LETTERS)):.3f}\n")
    for _ in range(5):
        print(*(f"{invent(model, rng, options.temperature):11}" for _ in range(6)))
    name = "christina"
    loss_of(model, [name])
    heads = {f"head {i}": [[weight for weight in row for _ in "ab"] for row in head for _ in "ab"]
             for i, head in enumerate(model.weights.data[0].tolist(), 1)}
    means = [(i, sum(losses[i:i + 20]) / 20) for i in range(0, len(losses) - 19, 20)]
    show(Curves({"loss": means}, "step", "loss"),
         Images(heads, 2, f"attention in .{name}"),
         file=options.plot)


if __name__ == "__main__":
    main()
