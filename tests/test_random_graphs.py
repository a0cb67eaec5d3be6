"""Thousands of random graphs, each on Array, on NumPy, and against plain NumPy and differences.

A graph is drawn from a seed: a few leaves, then up to thirty steps deep of whatever operation fits
the shapes and numbers at hand. What it computes is judged by plain NumPy, which has no part in the
engine; its gradients on Array and on NumPy must be equal, and agree with the difference of two
plain NumPy runs along a random direction of all leaves at once. Nothing is random from run to run.
"""
import math
import os
import sys
from collections import Counter, namedtuple
from random import Random

import pytest

import autograd as ag
from autograd import Array, Value

np = pytest.importorskip("numpy")

GRAPHS = 5000 if sys.implementation.name == "cpython" else 1000
GRAPHS = int(os.environ.get("RANDOM_GRAPHS", GRAPHS))  # `.ci/run` draws fewer on most interpreters
BLOCKS = 20
SMALL = 1.75  # numbers beyond this go through a squashing step next, so that all stay tame
MOST = 36     # entries in one array

# steps: the name of an operation, what it is given - the number of an earlier value, or a
# Constant - and its settings. The values are numbered from the leaves on.
Graph = namedtuple("Graph", "seed leaves steps weights")
Step = namedtuple("Step", "name operands settings")
Constant = namedtuple("Constant", "data kind")


# -- the operations: on Values, by plain NumPy, and where they may be used ----------------------

def np_erf(x):
    return np.array([math.erf(entry) for entry in x.ravel()]).reshape(x.shape)


def np_sigmoid(x):
    return 1 / (1 + np.exp(-x))


def np_lse(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def within(low, high):
    return lambda x: x.size == 0 or low < x.min() and x.max() < high


def anywhere(x):
    return True


def apart_from_zero(x):
    return x.size == 0 or np.abs(x).min() > 0.4


positive = within(0.25, math.inf)

ELEMENTWISE = {
    "tanh": (ag.tanh, np.tanh, anywhere), "sin": (ag.sin, np.sin, anywhere),
    "cos": (ag.cos, np.cos, anywhere), "atan": (ag.atan, np.arctan, anywhere),
    "erf": (ag.erf, np_erf, anywhere), "exp": (ag.exp, np.exp, within(-4, 1)),
    "expm1": (ag.expm1, np.expm1, within(-4, 1)), "sinh": (ag.sinh, np.sinh, within(-1, 1)),
    "cosh": (ag.cosh, np.cosh, within(-1, 1)), "tan": (ag.tan, np.tan, within(-1, 1)),
    "asin": (ag.asin, np.arcsin, within(-0.9, 0.9)),
    "acos": (ag.acos, np.arccos, within(-0.9, 0.9)),
    "log": (ag.log, np.log, positive), "log2": (ag.log2, np.log2, positive),
    "log1p": (ag.log1p, np.log1p, within(-0.7, math.inf)), "sqrt": (ag.sqrt, np.sqrt, positive),
    "square": (ag.square, np.square, anywhere), "negative": (lambda x: -x, np.negative, anywhere),
    "sigmoid": (ag.sigmoid, np_sigmoid, anywhere),
    "softplus": (ag.softplus, lambda x: np.log(1 + np.exp(x)), anywhere),
    "abs": (abs, np.abs, anywhere), "relu": (ag.relu, lambda x: np.maximum(x, 0), anywhere),
    "leaky_relu": (ag.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x), anywhere),
    "elu": (ag.elu, lambda x: np.where(x > 0, x, np.expm1(x)), anywhere),
    "gelu": (ag.gelu, lambda x: x * (1 + np_erf(x / np.sqrt(2))) / 2, anywhere),
    "silu": (ag.silu, lambda x: x * np_sigmoid(x), anywhere),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x, apart_from_zero),
    "cube": (lambda x: x ** 3, lambda x: x ** 3, within(-1, 1)),
    "inverse square": (lambda x: x ** -2, lambda x: x ** -2.0, apart_from_zero),
    "clip": (lambda x: ag.clip(x, -0.6, 0.8), lambda x: np.clip(x, -0.6, 0.8), anywhere),
}
BINARY = {
    "add": (lambda x, y: x + y,) * 2, "subtract": (lambda x, y: x - y,) * 2,
    "multiply": (lambda x, y: x * y,) * 2, "divide": (lambda x, y: x / y,) * 2,
    "pow": (lambda x, y: x ** y,) * 2, "maximum": (ag.maximum, np.maximum),
    "minimum": (ag.minimum, np.minimum),
    "where": (lambda x, y, mask: ag.where(mask, x, y), lambda x, y, mask: np.where(mask, x, y)),
}
REDUCTIONS = {
    "sum": (ag.sum, np.sum), "mean": (ag.mean, np.mean), "max": (ag.max, np.max),
    "min": (ag.min, np.min), "prod": (ag.prod, np.prod), "var": (ag.var, np.var),
    "std": (ag.std, np.std), "logsumexp": (ag.logsumexp, np_lse),
    "norm": (ag.norm, lambda x, **kw: np.sqrt(np.sum(x * x, **kw))),
}
ALONG = {
    "cumulative_sum": (ag.cumulative_sum, np.cumsum),
    "flip": (ag.flip, np.flip),
    "softmax": (ag.softmax, lambda x, axis: np.exp(x - np_lse(x, axis, True))),
    "log_softmax": (ag.log_softmax, lambda x, axis: x - np_lse(x, axis, True)),
}
SHAPES = {
    "reshape": (ag.reshape, lambda x, shape: np.reshape(x, shape)),
    "broadcast_to": (ag.broadcast_to, lambda x, shape: np.broadcast_to(x, shape)),
    "permute_dims": (ag.permute_dims, lambda x, axes: np.transpose(x, axes)),
    "expand_dims": (ag.expand_dims, np.expand_dims),
    "getitem": (lambda x, index: x[index], lambda x, index: x[index]),
    "take": (ag.take, np.take),
    "roll": (lambda x, shift, axis: ag.roll(x, shift, axis=axis), np.roll),
}
SEVERAL = {
    "concat": (lambda *xs, axis: ag.concat(xs, axis=axis),
               lambda *xs, axis: np.concatenate(xs, axis)),
    "stack": (lambda *xs, axis: ag.stack(xs, axis=axis), lambda *xs, axis: np.stack(xs, axis)),
    "matmul": (lambda x, y: x @ y,) * 2,
}
GROUPS = [ELEMENTWISE, ELEMENTWISE, BINARY, BINARY, REDUCTIONS, ALONG, SHAPES, SHAPES, SEVERAL]
OPERATIONS = {name: pair[:2] for group in GROUPS for name, pair in group.items()}


# -- drawing a graph ------------------------------------------------------------------------------

def draw_graph(seed):
    rng = Random(seed)
    leaves = [draw_numbers(rng, draw_shape(rng)) for _ in range(rng.randrange(1, 5))]
    values, steps, depth = list(leaves), [], [0] * len(leaves)
    deepest = 30 if rng.random() < 0.04 else rng.choice([1, 2, 3, 3, 4, 5, 6, 8, 12])
    newest = rng.choice([0.5, 0.8, 0.9]) if deepest < 30 else 1 - 2 ** -5
    while max(depth) < deepest and len(steps) < deepest + 10:
        i = len(values) - 1 if rng.random() < newest else rng.randrange(len(values))
        step = draw_step(rng, i, values)
        x = step and computed(step, values, 1, np_constant)
        if step is None or x.size > MOST or np.max(np.abs(x), initial=0.0) > 10:
            continue
        add_step(step, x, values, steps, depth)
        if np.max(np.abs(x), initial=0.0) > SMALL:
            squash = Step(rng.choice(["tanh", "sin", "atan"]), (len(values) - 1,), {})
            add_step(squash, computed(squash, values, 1, np_constant), values, steps, depth)
    used = {i for step in steps for i in step.operands if isinstance(i, int)}
    weights = [(i, draw_numbers(rng, x.shape)) for i, x in enumerate(values) if i not in used]
    return Graph(seed, leaves, steps, weights)


def add_step(step, x, values, steps, depth):
    values.append(x)
    steps.append(step)
    depth.append(1 + max(depth[i] for i in step.operands if isinstance(i, int)))


def draw_shape(rng):
    lengths = [0, 1, 2, 3, 3, 4] if rng.random() < 0.2 else [1, 2, 3]
    shape = tuple(rng.choice(lengths) for _ in range(rng.choice([0, 1, 1, 2, 2, 2, 3, 4])))
    return shape if math.prod(shape) <= MOST else draw_shape(rng)


def draw_numbers(rng, shape):
    flat = [rng.uniform(0.3, 1.5) * rng.choice([-1, 1, 1]) for _ in range(math.prod(shape))]
    return np.array(flat, float).reshape(shape)


def draw_step(rng, i, values):
    """A step from value number i on, or None where the operation drawn does not fit it."""
    x, group = values[i], rng.choice(GROUPS)
    name = rng.choice(list(group))
    if group is ELEMENTWISE:
        fitting = [i] if group[name][2](x) else \
            [j for j, y in enumerate(values) if y.size and group[name][2](y)]
        return Step(name, (rng.choice(fitting),), {}) if fitting else None
    if group is BINARY:
        return draw_binary(rng, name, i, values)
    if group is REDUCTIONS:
        return draw_reduction(rng, name, i, x)
    if group is ALONG:
        usable = [a for a, n in enumerate(x.shape) if n or name in ("cumulative_sum", "flip")]
        return Step(name, (i,), {"axis": sign(rng, rng.choice(usable), x.ndim)}) if usable else None
    if group is SHAPES:
        settings = draw_settings(rng, name, x)
        return settings and Step(name, (i,), settings)
    return draw_several(rng, name, i, values)


def sign(rng, axis, ndim):
    """The same axis, counted from either end."""
    return rng.choice([axis, axis - ndim])


def draw_binary(rng, name, i, values):
    x = values[i]
    if rng.random() < 0.3:
        shape = tuple(rng.choice([n, n, 1]) for n in x.shape)[rng.randrange(x.ndim + 1):]
        kind = rng.choice(["number", "list", "array"])
        other = Constant(draw_numbers(rng, () if kind == "number" else shape), kind)
        y = other.data
    else:
        fitting = [j for j, y in enumerate(values) if fits(x.shape, y.shape)]
        other = rng.choice(fitting)
        y = values[other]
    operands = [i, other]
    if rng.random() < 0.5:
        operands, x, y = [other, i], y, x
    if name == "divide" and not apart_from_zero(y) or name == "pow" and not positive(x):
        return None
    if name == "where":
        mask = np.array([rng.random() < 0.5 for _ in range(max(x.size, y.size))], bool)
        shape = np.broadcast_shapes(x.shape, y.shape)
        if math.prod(shape) != mask.size:
            mask, shape = mask[:1], (1,)
        if not mask.size:  # an empty list is no mask
            return None
        operands.append(Constant(mask.reshape(shape), "array"))
    return Step(name, tuple(operands), {})


def fits(a, b):
    try:
        return math.prod(np.broadcast_shapes(a, b)) <= MOST
    except ValueError:
        return False


def draw_reduction(rng, name, i, x):
    axes = rng.sample(range(x.ndim), rng.randrange(1, x.ndim + 1)) if x.ndim else []
    axis = None if not axes or rng.random() < 0.2 else \
        sign(rng, axes[0], x.ndim) if len(axes) == 1 else tuple(sign(rng, a, x.ndim) for a in axes)
    settings = {"axis": axis, "keepdims": rng.random() < 0.4}
    if x.size == 0 and name not in ("sum", "prod"):
        return None
    if name in ("std", "norm") and not OPERATIONS[name][1](x, **settings).min() > 0.3:
        return None
    return Step(name, (i,), settings)


def draw_settings(rng, name, x):
    axis = rng.randrange(x.ndim) if x.ndim else None
    if name == "reshape":
        return {"shape": draw_reshape(rng, x.shape)}
    if name == "broadcast_to":
        shape = tuple(rng.choice([0, 2, 2, 3]) if n == 1 and rng.random() < 0.5 else n
                      for n in x.shape)
        shape = tuple(rng.choice([1, 2, 3]) for _ in range(rng.choice([0, 0, 1]))) + shape
        return {"shape": shape} if math.prod(shape) <= MOST and len(shape) <= 4 else None
    if name == "permute_dims":
        return {"axes": tuple(sign(rng, a, x.ndim) for a in rng.sample(range(x.ndim), x.ndim))}
    if name == "expand_dims":
        return {"axis": rng.randrange(-x.ndim - 1, x.ndim + 1)} if x.ndim < 4 else None
    if name == "getitem":
        index = draw_index(rng, x.shape)
        return {"index": index} if x.ndim and x[index].size <= MOST else None
    if axis is None:
        return None
    if name == "take":
        places = [rng.randrange(-n, n) for n in x.shape[axis:axis + 1] if n
                  for _ in range(rng.randrange(1, 4))]
        if not places or x.size // x.shape[axis] * len(places) > MOST:
            return None
        return {"indices": places, "axis": sign(rng, axis, x.ndim)}
    return {"shift": rng.randrange(-3, 4), "axis": axis} if x.shape[axis] else None  # roll


def draw_reshape(rng, shape):
    """Another shape of the same size: neighbours merged, a length split or left open."""
    new = list(shape)
    if len(new) > 1 and rng.random() < 0.6:
        a = rng.randrange(len(new) - 1)
        new[a:a + 2] = [new[a] * new[a + 1]]
    elif len(new) < 4:
        new.insert(rng.randrange(len(new) + 1), 1)
    if new and math.prod(new) and rng.random() < 0.3:
        new[rng.randrange(len(new))] = -1
    return tuple(new)


def draw_index(rng, shape):
    """Ints, slices, lists of ints, None and `...`, for some axes of the shape."""
    parts = []
    listed = rng.choice([0, 2, 3])
    ndim = len(shape)
    named = rng.randrange(ndim + 1)
    before = rng.randrange(named + 1) if rng.random() < 0.3 else None  # axes before a `...`
    for a in range(named) if before is None else [*range(before), *range(before - named, 0)]:
        n = shape[a]
        kind = rng.random()
        if kind < 0.2 and n:
            parts.append(rng.randrange(-n, n))
        elif kind < 0.4 and n and listed:
            parts.append([rng.randrange(-n, n) for _ in range(listed)])
        else:
            ends = [None, *range(-n, n + 1)]
            start, stop = rng.choice(ends), rng.choice(ends)
            parts.append(slice(start, stop, rng.choice([None, 1, 2, -1, -2])))
        if rng.random() < 0.1 and ndim < 3:
            parts.append(None)
    if before is not None:
        at = [i for i, part in enumerate(parts) if part is not None]
        parts.insert(at[before] if before < len(at) else len(parts), ...)
    return tuple(parts)


def draw_several(rng, name, i, values):
    x = values[i]
    if name == "matmul":
        fitting = [j for j, y in enumerate(values) if aligned(x, y)]
        if not fitting:
            if not x.ndim or x.size // max(x.shape[-1], 1) * 3 > MOST:
                return None
            constant = Constant(draw_numbers(rng, (x.shape[-1], rng.choice([1, 2, 3]))), "array")
            return Step(name, (i, constant), {})
        return Step(name, (i, rng.choice(fitting)), {})
    axis = rng.randrange(x.ndim) if x.ndim else None
    if name == "stack" and x.ndim < 4:
        others = [j for j, y in enumerate(values) if y.shape == x.shape]
        axis = rng.randrange(-x.ndim - 1, x.ndim + 1)
    elif axis is not None:
        name, rest = "concat", x.shape[:axis] + x.shape[axis + 1:]
        others = [j for j, y in enumerate(values) if y.ndim == x.ndim
                  and y.shape[:axis] + y.shape[axis + 1:] == rest]
        axis = sign(rng, axis, x.ndim)
    else:
        return None
    chosen = [i, *(rng.choice(others) for _ in range(rng.randrange(3)))]
    if sum(values[j].size for j in chosen) > MOST:
        return None
    return Step(name, tuple(rng.sample(chosen, len(chosen))), {"axis": axis})


def aligned(x, y):
    if not x.ndim or not y.ndim or x.shape[-1] != y.shape[-2:][0]:
        return False
    rows, columns = x.shape[:-1][-1:], y.shape[-1:] if y.ndim > 1 else ()
    try:
        batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        return False
    return math.prod(batch + rows + columns) <= MOST


# -- running a graph ------------------------------------------------------------------------------

def np_constant(constant):
    return constant.data


def constant_for_array(constant):
    x, kind = constant
    if kind == "number" or not x.ndim:
        return x.item()
    return x.tolist() if kind == "list" and x.size else Array(x.shape, x.ravel().tolist())


def constant_for_numpy(constant):
    x, kind = constant
    return x.item() if kind == "number" else x.tolist() if kind == "list" and x.size else x


def computed(step, values, which, constant):
    operands = [values[i] if isinstance(i, int) else constant(i) for i in step.operands]
    return OPERATIONS[step.name][which](*operands, **step.settings)


def run(graph, leaves, which, constant):
    """The values that no other step uses, each times weights, summed; and all values."""
    values = list(leaves)
    for step in graph.steps:
        values.append(computed(step, values, which, constant))
    total = 0.0
    for i, weights in graph.weights:
        total = total + (values[i] * constant(Constant(weights, "array"))).sum()
    return total, values


def by_plain_numpy(graph, leaves):
    return run(graph, leaves, 1, np_constant)


def on_array(graph, leaves):
    return run(graph, leaves, 0, constant_for_array)


def on_numpy(graph, leaves):
    return run(graph, leaves, 0, constant_for_numpy)


def array_leaves(graph):
    return [Array(x.shape, x.ravel().tolist()) if x.ndim else x.item() for x in graph.leaves]


KINDS = {"Array": (on_array, array_leaves), "NumPy": (on_numpy, lambda graph: graph.leaves)}


def as_numpy(x):
    x = x.data if isinstance(x, Value) else x
    return np.array(x.tolist(), float).reshape(x.shape) if isinstance(x, Array) else np.asarray(x)


def directional(f, leaves, direction, h):
    """The derivative of f along the direction by a central difference."""
    ahead, behind = ([np.asarray(x + step * v) for x, v in zip(leaves, direction)]
                     for step in (h, -h))
    return (f(ahead) - f(behind)) / (2 * h)


def agrees_with_differences(derivative, f, leaves, direction):
    """Within a step of a kink a difference is no derivative: then shorter steps decide.

    A derivative that is wrong agrees at no step.
    """
    for h, tolerance in (1e-5, 1e-7), (1e-4, 1e-6), (1e-6, 1e-6), (1e-7, 1e-5):
        difference = directional(f, leaves, direction, h)
        if abs(derivative - difference) <= tolerance * max(1.0, abs(difference)):
            return True
    return False


def together(values):
    """The entries of all values in one row: one comparison instead of thirty."""
    flat = []
    for x in values:
        x = x.data if isinstance(x, Value) else x
        flat += x.flat if isinstance(x, Array) else [x] if not np.shape(x) else x.ravel().tolist()
    return np.array(flat, float)


def equal(x, y):
    """Of one shape and equal to nine digits, those beside the largest of the array."""
    x, y = as_numpy(x), as_numpy(y)
    return x.shape == y.shape and bool(np.all(
        np.abs(x - y) <= 1e-10 * np.abs(y) + 1e-11 * np.max(np.abs(y), initial=1.0)))


def fault_of(graph):
    """What is wrong with the engine on this graph, or None."""
    total, values = by_plain_numpy(graph, graph.leaves)
    gradients = {}
    for kind, (on_kind, leaves_of) in KINDS.items():
        leaves = list(map(Value, leaves_of(graph)))
        try:
            result, computed_values = on_kind(graph, leaves)
            result.backward()
        except Exception as error:  # reported with the graph
            return f"{kind}: {type(error).__name__}: {error}"
        if not equal(together(computed_values), together(values)):
            for i, (x, y) in enumerate(zip(computed_values, values)):
                if not equal(x, y):
                    return f"{kind}: the value v{i} is {x.data!r}, plain NumPy's is {y!r}"
        if [x.shape for x in computed_values] != [y.shape for y in values]:
            return f"{kind}: the shapes are not those of plain NumPy"
        if not equal(result, total):
            return f"{kind}: the result is {result.data!r}, plain NumPy's is {total!r}"
        gradients[kind] = [leaf.grad for leaf in leaves]
    for i, (one, other) in enumerate(zip(*gradients.values())):
        if not equal(one, other):
            return f"the gradient of v{i} is {one!r} on Array and {other!r} on NumPy"
        if as_numpy(one).shape != graph.leaves[i].shape:
            return f"the gradient of v{i} has shape {as_numpy(one).shape}"
    rng = Random(graph.seed)
    direction = [draw_numbers(rng, x.shape) for x in graph.leaves]
    derivative = sum(np.sum(g * v) for g, v in zip(gradients["NumPy"], direction))
    if not agrees_with_differences(derivative, lambda leaves: by_plain_numpy(graph, leaves)[0],
                                   graph.leaves, direction):
        difference = directional(lambda leaves: by_plain_numpy(graph, leaves)[0], graph.leaves,
                                 direction, 1e-5)
        return f"the derivative along a line is {derivative!r}, a difference {difference!r}"
    return None


def fail(graph, fault):
    """Fail with the shortest beginning of the graph that shows a fault."""
    for n in range(len(graph.steps)):
        used = {i for step in graph.steps[:n] for i in step.operands if isinstance(i, int)}
        values = by_plain_numpy(graph._replace(weights=[]), graph.leaves)[1]
        rng = Random(n)
        beginning = graph._replace(steps=graph.steps[:n], weights=[
            (i, draw_numbers(rng, x.shape)) for i, x in enumerate(values[:len(graph.leaves) + n])
            if i not in used])
        if fault_of(beginning):
            graph, fault = beginning, fault_of(beginning)
            break
    lines = [f"v{i} = {x!r}" for i, x in enumerate(graph.leaves)]
    for i, step in enumerate(graph.steps, len(graph.leaves)):
        operands = [f"v{j}" if isinstance(j, int) else repr(j.data) for j in step.operands]
        settings = [f"{name}={setting}" for name, setting in step.settings.items()]
        lines.append(f"v{i} = {step.name}({', '.join(operands + settings)})")
    pytest.fail(f"graph {graph.seed}: {fault}\n" + "\n".join(lines))


# -- the tests ------------------------------------------------------------------------------------

@pytest.mark.parametrize("block", range(BLOCKS))
def test_array_numpy_and_differences_agree(block):
    for seed in range(block, GRAPHS, BLOCKS):
        graph = draw_graph(seed)
        fault = fault_of(graph)
        if fault:
            fail(graph, fault)


def test_the_graphs_are_what_they_are_said_to_be():
    """Every operation, thirty deep, four axes, empty axes, shared and repeated operands."""
    seen = Counter()
    for seed in range(1000):
        graph = draw_graph(seed)
        depth = [0] * len(graph.leaves)
        uses = Counter()
        for step in graph.steps:
            inner = [i for i in step.operands if isinstance(i, int)]
            depth.append(1 + max(depth[i] for i in inner))
            uses.update(inner)
            seen[step.name] += 1
            seen["the same operand twice"] += len(set(inner)) < len(inner)
            seen["a constant"] += len(inner) < len(step.operands)
        seen["thirty deep"] += max(depth) >= 30
        seen["shared"] += max(uses.values()) > 1
        for x in by_plain_numpy(graph, graph.leaves)[1]:
            seen["four axes"] += x.ndim >= 4
            seen["empty"] += x.size == 0
            assert np.all(np.abs(x) <= 10), "a graph is meant to be tame"
    assert seen["thirty deep"] > 10 and seen["shared"] > 500 and seen["four axes"] > 500
    assert seen["empty"] > 300 and seen["a constant"] > 500 and seen["the same operand twice"] > 100
    assert min(seen[name] for name in OPERATIONS) > 10, seen


@pytest.mark.parametrize("kind", KINDS)
def test_backward_twice_doubles_the_gradients(kind):
    on_kind, leaves_of = KINDS[kind]
    for seed in range(0, GRAPHS, 25):
        graph = draw_graph(seed)
        leaves = list(map(Value, leaves_of(graph)))
        result = on_kind(graph, leaves)[0]
        result.backward()
        once = [as_numpy(leaf.grad).copy() for leaf in leaves]
        result.backward()
        for leaf, g in zip(leaves, once):
            np.testing.assert_array_equal(as_numpy(leaf.grad), 2 * g)


@pytest.mark.parametrize("kind", KINDS)
def test_grad_gives_what_backward_gives(kind):
    on_kind, leaves_of = KINDS[kind]
    for seed in range(1, GRAPHS, 25):
        graph = draw_graph(seed)
        leaves = list(map(Value, leaves_of(graph)))
        result = on_kind(graph, leaves)[0]
        result.backward()
        argnums = tuple(range(len(leaves)))
        answer, gradients = ag.value_and_grad(lambda *xs: on_kind(graph, xs)[0],
                                              argnums)(*leaves_of(graph))
        listed = ag.grad(lambda xs: on_kind(graph, xs)[0])(list(leaves_of(graph)))
        assert answer == result.data and len(gradients) == len(listed) == len(leaves)
        for leaf, g, in_list in zip(leaves, gradients, listed):
            assert not isinstance(g, Value)
            np.testing.assert_array_equal(as_numpy(g), as_numpy(leaf.grad))
            np.testing.assert_array_equal(as_numpy(in_list), as_numpy(leaf.grad))


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_agree_with_differences_of_gradients(kind):
    """uᵀHv by jvp of grad, against the difference of the gradients along v, and against vᵀHu."""
    on_kind, leaves_of = KINDS[kind]
    for seed in range(2, GRAPHS, 50):
        graph = draw_graph(seed)
        rng = Random(seed)
        u, v = ([draw_numbers(rng, x.shape) for x in graph.leaves] for _ in range(2))
        argnums = tuple(range(len(u)))

        def slope_along(direction, on_kind=on_kind):
            gradients = ag.grad(lambda *xs: on_kind(graph, xs)[0], argnums)
            return lambda *xs: sum(ag.sum(g * d) for g, d in zip(gradients(*xs), direction))

        def second(one, other):
            return ag.jvp(slope_along(one), leaves_of(graph), other)[1]

        of_kind = [leaves_of(graph._replace(leaves=d)) for d in (u, v)]
        u_h_v, v_h_u = second(*of_kind), second(*reversed(of_kind))
        assert equal(u_h_v, v_h_u), (seed, u_h_v, v_h_u)
        assert agrees_with_differences(
            u_h_v, lambda leaves: slope_along(u, on_numpy)(*leaves), graph.leaves, v), \
            (seed, u_h_v, directional(lambda leaves: slope_along(u, on_numpy)(*leaves),
                                      graph.leaves, v, 1e-5))
