"""Make docs/gallery.md and its pictures anew, each by running the code that stands above it.

    python -m examples.gallery
"""
import re
from pathlib import Path

from autograd import mermaid, walkthrough

DOCS = Path(__file__).parent.parent / "docs"

HEAD = """\
# Gallery

Every picture on this page was drawn by the lines above it; `python -m examples.gallery` draws all
of them anew. Leaves are rectangles with a thick outline, operations ellipses, constants dashed
boxes; closed modules have a double frame. Open a picture and hold the mouse over a node to see all
there is to know about it.
"""

# The name of the picture, what to see in it, and the lines that make it; the last one draws.
PICTURES = [
    ("neuron", """\
## A neuron

Two inputs, two weights, a bias: *tanh*(w·x + b), and the gradient of its output by each of them.
""", """\
from random import Random
from autograd import Value, draw
from nn import Neuron

x1, x2 = Value(2.0, name="x1"), Value(-1.0, name="x2")
neuron = Neuron(2, "tanh", rng=Random(0))
y = neuron([x1, x2])
y.backward()
draw(y, names=locals())
"""),
    ("diamond", """\
## A diamond

`h` is used twice, so two gradients arrive at it and add up: cos(h) + exp(h). `x * x` has two
arrows.
""", """\
from autograd import Value, draw

x = Value(0.5, name="x")
h = x * x
y = h.sin() + h.exp()
y.backward()
draw(y, names=locals(), theme="dark")
"""),
    ("mlp_collapsed", """\
## A network: one box, its layers, all operations

`modules="collapsed"` draws each outermost module as one node.
""", """\
from random import Random
from autograd import draw
from nn import MLP, cross_entropy

model = MLP(2, [3, 2], "tanh", rng=Random(0))
points = [[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]]
loss = cross_entropy(model(points), [0, 1, 1])
loss.backward()
draw(loss, modules="collapsed", names=locals())
"""),
    ("mlp_layers", """\
`depth=` says how many levels of modules to open:
""", """\
from random import Random
from autograd import draw
from nn import MLP, cross_entropy

model = MLP(2, [3, 2], "tanh", rng=Random(0))
points = [[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]]
loss = cross_entropy(model(points), [0, 1, 1])
loss.backward()
draw(loss, depth=1, names=locals())
"""),
    ("mlp_expanded", """\
And without either all of them are open. The numbers at the arrows are the order of the operands.
""", """\
from random import Random
from autograd import draw
from nn import MLP, cross_entropy

model = MLP(2, [3, 2], "tanh", rng=Random(0))
points = [[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]]
loss = cross_entropy(model(points), [0, 1, 1])
loss.backward()
draw(loss, names=locals())
"""),
    ("layer", """\
## A layer, neuron by neuron

A `Layer` is one matrix product; `layer.neurons()` hands it back as the neurons of the textbooks.
""", """\
from random import Random
from autograd import Value, draw
from nn import Layer

layer = Layer(2, 3, "tanh", rng=Random(0))
neurons = layer.neurons()
x1, x2 = Value(2.0, name="x1"), Value(-1.0, name="x2")
y = [neuron([x1, x2]) for neuron in neurons]
draw(y, names=locals())
"""),
    ("gradients_in_colour", """\
## Where the gradient vanishes

Five layers with sigmoids between them, started too small: from right to left the gradient fades.
""", """\
from random import Random
from autograd import Value, draw
from nn import MLP

model = MLP(2, [3, 3, 3, 3, 1], "sigmoid", rng=Random(1))
for p in model.parameters():
    p.data = 0.1 * p.data
x = Value([1.0, 2.0], name="x")
loss = model(x).sum()
loss.backward()
draw(loss, depth=1, color="grad", names=locals())
"""),
    ("large", """\
## What does not fit

Of a graph of 20,001 operations, `max_nodes` keeps what is nearest to the root and the parameters.
""", """\
from autograd import Value, draw

rate, start = Value(0.001, name="rate"), Value(1.0, name="start")
y = start
for step in range(10000):
    y = y - rate * y
y = y.log()
y.backward()
draw(y, max_nodes=7)
"""),
]

MERMAID = """\
## As Mermaid text

`print(mermaid(y))` gives the same picture as text that GitHub, notebooks and Notion draw; nothing
needs to be installed. This is the diamond:

```mermaid
{}```
"""

WALKTHROUGH = """\
## Step by step

[The neuron, replayed](figures/walkthrough.html): forward, then backward, one operation at a time.
"""


def main(folder=DOCS):
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    page, names = [HEAD], {}
    for name, text, code in PICTURES:
        picture, names[name] = run(code)
        svg = re.sub("<!--.*?-->\n", "", picture.pipe("svg").decode("utf-8"), flags=re.DOTALL)
        (folder / "figures" / f"{name}.svg").write_text(svg, "utf-8")
        page += [text, f"```python\n{code}```\n", f"![{name}](figures/{name}.svg)\n"]
    diamond = names["diamond"]
    page.append(MERMAID.format(mermaid(diamond["y"], names=diamond)))
    neuron = names["neuron"]
    walkthrough(neuron["y"], folder / "figures" / "walkthrough.html", names=neuron)
    page.append(WALKTHROUGH)
    (folder / "gallery.md").write_text("\n".join(page), "utf-8")


def run(code):
    """The last line's picture, and all the names of the code."""
    names = {}
    *lines, last = code.strip().split("\n")
    exec("\n".join(lines), names)
    return eval(last, names), names


if __name__ == "__main__":
    main()
