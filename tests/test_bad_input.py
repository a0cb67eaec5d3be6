"""Bad input is refused: a row each, with the error expected and the words it must say.

All rows are also held to the common rule: the message names what was given (an operation, a
shape, a value) and says what to do. Calls that look bad but have a meaning are at the end.
"""
import copy
import gzip
import importlib
import json
import math
import pickle
import re
import struct
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from autograd import Array, Value, no_grad, ops, primitive
from autograd.array import asarray
from nn import (
    MLP, SGD, Adam, Layer, Module, Neuron, Sequential, accuracy, batches,
    binary_cross_entropy_with_logits, checkpoint, cross_entropy, hinge, huber, init,
    mean_squared_error, one_hot, squared_error)
from nn.datasets import mnist

dataset = importlib.import_module("nn.datasets.mnist")  # as an attribute it is the function
NAN, INF = float("nan"), float("inf")
HUGE = 10 ** 400  # beyond the range of floats


def matrix(kind=Array):
    """A Value of shape (2, 3)."""
    data = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    return Value(np.array(data) if kind is np else data)


def vector(kind=Array):
    """A Value of shape (3,)."""
    return Value(np.array([1.0, 2.0, 3.0]) if kind is np else [1.0, 2.0, 3.0])


def number():
    return Value(2.0)


def empty(*shape, kind=Array):
    """A Value without entries."""
    return Value(np.zeros(shape) if kind is np else Array(shape, []))


def row(id, call, error, *words, by_numpy=False):
    """A row of the table. The call may take a folder to write into.

    by_numpy: the second half of the message is NumPy's, and need not say what to do.
    """
    return pytest.param(call, error, words, by_numpy, id=id)


def on(kind, *rows):
    """Rows whose calls are given a matrix and a vector of one kind."""
    made = []
    for id, call, error, *words in rows:
        by_numpy = kind is np and id in IN_NUMPYS_WORDS
        made.append(row(f"{id} ({'numpy' if kind is np else 'Array'})",
                        lambda call=call: call(matrix(kind), vector(kind)), error,
                        *words[:1 if by_numpy else None], by_numpy=by_numpy))
    return made


# -- what takes a few lines -----------------------------------------------------------------------


def backward_of_what_no_grad_computed():
    with no_grad():
        y = matrix().sum()
    y.backward()


def backward_of_a_constant_slope():
    x = number()
    (3.0 * x).backward(create_graph=True)
    x.grad.backward()


def generating():
    yield number() * 2


async def waiting():
    return number() * 2


def replace_data(new):
    x = vector()
    y = (x * x).sum()
    x.data = new
    y.backward()


def set_grad(x, new):
    x.grad = new


def set_lr(new):
    SGD([number()], 0.1).lr = new


def write(x, index, number):
    x[index] = number


@primitive(lambda g, out, x: asarray([1.0, 1.0, 1.0]))
def wrong_shape(x):
    return x * 1.0


@primitive(lambda g, out, x: "steep")
def wrong_type(x):
    return x * 1.0


@primitive(lambda g, out, x: None)
def forgotten(x):
    return x * 1.0


class Tensor:
    """What PyTorch's are like, to whoever has no __array_namespace__ to ask for."""
    detach = tolist = list


class OldArray:
    """What NumPy's were like before NumPy 2: their library lacks names of the standard."""
    shape, dtype = (2,), "float64"

    def __array_namespace__(self):
        return SimpleNamespace(__name__="old")


def giving(result):
    """A primitive whose function gives this, whatever it is given."""
    @primitive(lambda g, out, x: g)
    def careless(x):
        return result
    return careless


def giving_of_two(result):
    """The same of two operands, for which there is a way of its own."""
    @primitive(lambda g, out, x, y: g, lambda g, out, x, y: g)
    def careless(x, y):
        return result
    return careless


def careless_each(gradients):
    """A primitive of any number of operands that gives this for their gradients."""
    @primitive(each=lambda g, out, *xs: gradients)
    def careless(*xs):
        return xs[0]
    return careless


def first(*xs):
    return xs[0]


@primitive(lambda g, out, x: g)
def doubled(x):
    return x * 2.0


def square(x):
    return x * x


def sum_of_squares(x):
    return (x * x).sum()


def pull(gradient):
    return ag.vjp(square, asarray([1.0, 2.0]))[1](gradient)


def contains_itself():
    module = Module()
    module.part = module
    return module.parameters()


def contain_each_other():
    one, other = Module(), Module()
    one.left, other.right = other, one
    return one.parameters()


@dataclass
class Line(Module):
    slope: Value


def network():
    return MLP(2, [3, 1], rng=Random(0))


def load_state(**changes):
    model = MLP(2, [1], rng=Random(0))
    state = {**model.state_dict(), **{"layers.0." + name: new for name, new in changes.items()}}
    model.load_state_dict({name: new for name, new in state.items() if new is not None})


def idx(*shape, data=None, magic=None):
    """An IDX file of unsigned bytes; its data are zeros unless given."""
    magic = bytes([0, 0, 8, len(shape)]) if magic is None else magic
    data = bytes(math.prod(shape)) if data is None else data
    return magic + struct.pack(f">{len(shape)}I", *shape) + data


def read_idx(content):
    """The call that reads an IDX file of this content."""
    def call(folder):
        (folder / "images").write_bytes(content)
        return dataset.read_idx(folder / "images")
    return call


def read_digits(folder, labels):
    """Read a folder of four IDX files with two images, and this many labels, in each pair."""
    for name in dataset.SHA256:
        content = idx(2, 28, 28) if "images" in name else idx(labels)
        (folder / name).write_bytes(content)
    return mnist(folder)


def load_checkpoint(content):
    """The call that loads a checkpoint file of these bytes."""
    def call(folder):
        (folder / "net.json").write_bytes(content)
        checkpoint.load(folder / "net.json", network())
    return call


def saved():
    """The content of a sound checkpoint of `network()`."""
    parameters = {name: {"shape": list(p.shape), "data": p.reshape(-1).data.tolist()}
                  for name, p in network().named_parameters()}
    return {"format": "chalkgrad checkpoint", "version": 1, "parameters": parameters}


def changed_checkpoint(change):
    """The call that loads a checkpoint after its content, or an entry of it, was changed."""
    def call(folder):
        content = saved()
        change(content, content["parameters"]["layers.0.bias"])
        load_checkpoint(json.dumps(content).encode())(folder)
    return call


def save_nan(folder):
    model = network()
    model.layers[1].bias.data = [NAN]
    checkpoint.save(folder / "net.json", model)


# -- the table -----------------------------------------------------------------------------------

NUMBERS = [
    row("ragged list", lambda: Value([[1, 2], [3]]), ValueError, "ragged", "[1, 2]", "[3]",
        "same length"),
    row("number beside a row", lambda: Value([[1], 2]), ValueError, "ragged", "int 2"),
    row("row beside a number", lambda: Value([1, [2]]), TypeError, "list [2]"),
    row("empty row beside a full one", lambda: Value([[], [1]]), ValueError, "ragged", "[]"),
    row("string", lambda: Value("1.0"), TypeError, "str '1.0'"),
    row("string in a list", lambda: Value([1.0, "2"]), TypeError, "str '2'"),
    row("bytes", lambda: Value(b"12"), TypeError, "bytes"),
    row("None", lambda: Value(None), TypeError, "None"),
    row("None in a list", lambda: Value([[1.0, None]]), TypeError, "None"),
    row("complex", lambda: Value(1j), TypeError, "complex 1j"),
    row("complex in a list", lambda: Value([1j]), TypeError, "complex 1j"),
    row("dict", lambda: Value({"a": 1}), TypeError, "dict"),
    row("set", lambda: Value({1.0}), TypeError, "set {1.0}"),
    row("function", lambda: Value(len), TypeError, "len"),
    row("class", lambda: Value(float), TypeError, "float"),
    row("generator", lambda: Value(i for i in range(3)), TypeError, "generator"),
    row("int beyond floats", lambda: Value(HUGE), ValueError, "range of floats", "int 1000"),
    row("int beyond floats in a list", lambda: Value([1, -HUGE]), ValueError, "range of floats"),
    row("int of more digits than Python writes", lambda: Value(10 ** 6000), ValueError,
        "range of floats"),
    row("list of Values", lambda: Value([Value(1.0), Value(2.0)]), TypeError, "Value(1.0)",
        "stack"),
    row("nested list of Values", lambda: Value([[Value(1.0)]]), TypeError, "stack"),
    row("a second number", lambda: Value(1.0, 2.0), TypeError, "name", "2.0", "list"),
    row("numpy matrix", lambda: Value(np.ones((2, 2)).view(np.matrix)), TypeError, "matrix",
        "give numpy.asarray"),
    row("masked array", lambda: Value(np.ma.array([1.0, 2.0], mask=[True, False])), TypeError,
        "MaskedArray", "give numpy.asarray"),
    row("numpy older than the standard", lambda: Value(OldArray()), TypeError, "OldArray",
        "standard", "numpy>=2"),
    row("numpy strings", lambda: Value(np.array(["a"])), TypeError, "<U1", "real numbers"),
    row("numpy complex", lambda: Value(np.array([1j])), TypeError, "complex128", "real numbers"),
    row("numpy objects", lambda: Value(np.array([None])), TypeError, "object", "real numbers"),
    row("Array of too few entries", lambda: Value(Array((2, 2), [1.0])), ValueError, "(2, 2)",
        "length"),
    row("Array with a list for its shape", lambda: Value(Array([1], [1.0])), ValueError, "[1]",
        "tuple"),
    row("Array without axes", lambda: Value(Array((), [1.0])), ValueError, "()"),
    row("Array over a string", lambda: Value(Array((2,), "ab")), ValueError, "'ab'", "list"),
]

OPERANDS = [
    row("add a string", lambda: number() + "1", TypeError, "add", "'1'"),
    row("string first", lambda: "1" + number(), TypeError, "add", "'1'"),
    row("multiply by None", lambda: vector() * None, TypeError, "multiply", "None"),
    row("multiply a string", lambda: "ab" * vector(), TypeError, "multiply", "'ab'"),
    row("divide by a dict", lambda: number() / {}, TypeError, "divide", "{}"),
    row("complex power", lambda: number() ** 1j, TypeError, "pow", "1j"),
    row("matmul with a set", lambda: matrix() @ {1.0}, TypeError, "matmul", "{1.0}"),
    row("maximum with a function", lambda: ag.maximum(vector(), len), TypeError, "maximum", "len"),
    row("exp of a string", lambda: ag.exp("1"), TypeError, "exp", "'1'"),
    row("sum of None", lambda: ag.sum(None), TypeError, "sum", "None"),
    row("add a ragged list", lambda: vector() + [[1, 2], [3]], ValueError, "add", "ragged"),
    row("add a ragged list to numpy", lambda: vector(np) + [[1, 2], [3]], ValueError, "add",
        "ragged"),
    row("add strings to numpy", lambda: vector(np) + ["a", "b", "c"], TypeError, "add", "'a'"),
    row("add a list of Values", lambda: vector() + [number()] * 3, TypeError, "add", "stack"),
    row("add a list of Values to numpy", lambda: vector(np) + [number()] * 3, TypeError, "add",
        "stack"),
    row("huge int", lambda: number() * HUGE, ValueError, "multiply", "range of floats"),
    row("huge int in maximum", lambda: ag.maximum(number(), HUGE), ValueError, "maximum",
        "range of floats"),
    row("huge int, not chosen", lambda: ag.where(True, number(), HUGE), ValueError, "where",
        "range of floats"),
    row("huge exponent", lambda: number() ** HUGE, ValueError, "pow", "range of floats"),
    row("numpy and Array", lambda: vector(np) + vector(), TypeError, "add", "ndarray", "mix",
        "tolist"),
    row("Array and numpy, bare", lambda: asarray([1.0, 2.0]) * np.ones(2), TypeError, "multiply",
        "ndarray", "mix", "tolist"),
    row("numpy and Array, matmul", lambda: Value(np.ones((3, 3))) @ vector(), TypeError, "matmul",
        "(3, 3)", "numpy", "tolist"),
    row("numpy and Array, concat", lambda: ag.concat([vector(np), vector()]), TypeError, "concat",
        "(3,)", "numpy", "tolist"),
    row("numpy mask, Array values", lambda: ag.where(np.ones(3) > 0, vector(), 0.0), TypeError,
        "where", "numpy", "tolist"),
    row("Array plus None", lambda: asarray([1.0]) + None, TypeError, "add", "NoneType"),
    row("Array and a huge int", lambda: asarray([1.0]) * HUGE, ValueError, "range of floats"),
    row("a tensor of PyTorch", lambda: Value(Tensor()), TypeError, "Tensor", ".tolist()"),
    row("floor division", lambda: number() // 2, TypeError, "//", ".data"),
    row("floor division of a number", lambda: 2 // vector(), TypeError, "//", ".data"),
    row("remainder", lambda: vector() % 2, TypeError, "%", ".data"),
    row("remainder of a number", lambda: 2 % number(), TypeError, "%", ".data"),
    row("divmod", lambda: divmod(number(), 2), TypeError, "//", ".data"),
    row("less than a string", lambda: vector() < "a", TypeError, "lt", "'a'"),
    row("less than None", lambda: number() < None, TypeError, "lt", "None"),
    row("above a vector of another length", lambda: vector() > [1.0, 2.0], ValueError, "(3,)",
        "(2,)"),
    row("a string in an array", lambda: "a" in vector(), TypeError, "'a'"),
    row("in a number", lambda: 2.0 in number(), TypeError, "Value(2.0)"),
    row("two operands for one", lambda: ag.exp(number(), number()), TypeError, "takes 1", "2"),
    row("one operand for two", lambda: ops.add(number()), TypeError, "'y'"),
    row("three operands for two", lambda: ops.add(1.0, number(), 3.0), TypeError, "takes 2", "3"),
    row("no operand", lambda: ag.tanh(), TypeError, "'x'"),
    row("axis for exp", lambda: ag.exp(number(), axis=1), TypeError, "axis"),
    row("dim for axis", lambda: ag.sum(matrix(), dim=1), TypeError, "sum", "dim",
        "it takes x, and by name axis, keepdims"),
    row("sum of Values with a start", lambda: ag.sum((v * 2 for v in vector()), vector()[0]),
        TypeError, "sum", "sum(values) + start"),
    row("axis of a sum by place", lambda: ag.sum(matrix(), 0), TypeError, "sum", "by name axis"),
    row("axis of a softmax by place", lambda: ag.softmax(matrix(), 1), TypeError, "softmax",
        "takes x, and by name axis"),
    row("axis of a mean by place", lambda: ag.mean(matrix(), 0), TypeError, "mean: ",
        "mean(x, *, axis", "by name"),
    row("axis of a flip by place", lambda: ag.flip(matrix(), 0), TypeError, "flip: ",
        "flip(x, *, axis: int", "by name"),
    row("arrays to concat one by one", lambda: ag.concat(vector(), vector()), TypeError,
        "concat: ", "write concat(arrays", "axis: int = 0)"),
    row("arrays to stack one by one", lambda: ag.stack(vector(), vector()), TypeError, "stack: ",
        "write stack(arrays"),
    row("roll without an axis", lambda: vector().roll(1), TypeError, "roll: ",
        "write roll(x, shift: int, *, axis: int)"),
    row("places of a split in a NumPy array", lambda: vector().split(np.array([1, 2])), TypeError,
        "split", "array([1, 2])", "whole number"),
    row("repetitions one by one", lambda: vector().tile(2, 3), TypeError, "tile: ",
        "write tile(x, repetitions: int | tuple[int, ...])"),
    row("shape for reshape by place", lambda: ag.reshape(matrix(), (3, 2)), TypeError, "reshape",
        "takes x, and by name shape"),
    row("clip with one bound", lambda: vector().clip(0.0, None), TypeError, "clip", "None",
        "maximum(x, low)"),
    row("min and max of clip", lambda: vector().clip(min=0.0, max=1.0), TypeError, "clip: ",
        "write clip(x, low, high)"),
    row("dim for axis, as a method", lambda: matrix().sum(dim=1), TypeError, "sum", "dim", "axis="),
    row("dim for the axis of a mean", lambda: matrix().mean(dim=1), TypeError, "mean", "axis="),
    row("keepdims by place", lambda: matrix().sum(0, True), TypeError, "sum: (0, True)",
        "keepdims=True"),
    *[row(f"two axes of {name} by place", lambda name=name: getattr(matrix(), name)(0, 1),
          TypeError, f"{name}: (0, 1)", "axis=(0, 1)")
      for name in ("max", "prod", "squeeze", "softmax", "argmax")],
    *[row(f"NumPy's own {name}", lambda name=name: getattr(np, name)(matrix(np)), TypeError,
          f"{name}: ", "NumPy", f"write x.{name}(") for name in ("sum", "mean", "max", "std")],
    row("keepdim for keepdims", lambda: matrix().max(1, keepdim=True), TypeError, "max",
        "keepdims="),
    row("a Value for a setting", lambda: ag.leaky_relu(vector(), slope=Value(0.1)), TypeError,
        "leaky_relu", "slope", "Value(0.1)", ".data"),
    row("an operand by name", lambda: ag.where([True, True, False], x=vector(), y=0.0), TypeError,
        "where: x=Value", "by place"),
    row("a string for a setting", lambda: ag.leaky_relu(vector(), slope="a"), TypeError,
        "leaky_relu", "str"),
    row("a string for a setting (numpy)", lambda: ag.leaky_relu(vector(np), slope="a"), TypeError,
        "leaky_relu", "(3,)", by_numpy=True),
    row("clip to an empty range", lambda: ag.clip(vector(), 2.0, 1.0), ValueError, "clip", "2.0",
        "1.0"),
    row("clip to None", lambda: ag.clip(vector(), None, 1.0), TypeError, "None"),
]


def shapes(kind):
    """Rows about shapes, axes and indices, for one kind of array."""
    made = [
        ("broadcast", lambda x, v: x + v[:2], ValueError, "add", "(2, 3)", "(2,)"),
        ("broadcast a list", lambda x, v: x * [1.0, 2.0], ValueError, "multiply", "(2, 3)", "(2,)"),
        ("broadcast in where", lambda x, v: ag.where([True, False], x, v), ValueError, "where",
         "(2,)", "(2, 3)"),
        ("broadcast_to", lambda x, v: x.broadcast_to(4, 3), ValueError, "broadcast_to", "(2, 3)"),
        ("broadcast_to fewer axes", lambda x, v: x.broadcast_to(3), ValueError, "broadcast_to",
         "(2, 3)"),
        ("broadcast_to -1", lambda x, v: x.broadcast_to(-1, 2, 3), ValueError, "broadcast_to",
         "(2, 3)", "(-1, 2, 3)"),
        ("matmul", lambda x, v: x @ x, ValueError, "matmul", "(2, 3) @ (2, 3)", "3 != 2", "y.T"),
        ("matmul that y.T does not mend", lambda x, v: x @ x[:, :2], ValueError, "3 != 2",
         "as long as the columns of y"),
        ("matmul with a short vector", lambda x, v: x @ v[:2], ValueError, "(2, 3) @ (2,)",
         "3 != 2"),
        ("matmul with a number", lambda x, v: x @ 2.0, ValueError, "matmul", "(2, 3) @ ()",
         "use *"),
        ("matmul of a number", lambda x, v: 2.0 @ x, ValueError, "matmul", "() @ (2, 3)", "use *"),
        ("batches in matmul", lambda x, v: ag.stack([x, x]) @ ag.stack([x.T, x.T, x.T]),
         ValueError, "matmul", "(2, 2, 3)", "(3, 3, 2)"),
        *[(f"{op} over axis 2", lambda x, v, op=op: getattr(ag, op)(x, axis=2), ValueError, op,
           "axis 2") for op in ("sum", "max", "argmin", "logsumexp", "norm", "cumulative_sum",
                                "mean", "prod", "var", "flip")],
        ("axis -3", lambda x, v: x.sum(-3), ValueError, "sum", "axis -3"),
        ("axis twice", lambda x, v: x.sum((0, 0)), ValueError, "sum", "axis"),
        ("axis twice, from both ends", lambda x, v: x.mean((0, -2)), ValueError, "mean", "(0, -2)",
         "twice"),
        ("float axis", lambda x, v: x.sum(1.0), TypeError, "sum", "float"),
        ("float axis of max", lambda x, v: x.max(0.5), TypeError, "max", "float"),
        ("string axis", lambda x, v: x.mean("rows"), TypeError, "mean", "'rows'"),
        ("two axes for argmax", lambda x, v: x.argmax((0, 1)), TypeError, "argmax", "tuple"),
        ("no axis for cumulative_sum", lambda x, v: ag.cumulative_sum(x, axis=None), TypeError,
         "cumulative_sum", "None", "int"),
        ("two axes for cumulative_sum", lambda x, v: ag.cumulative_sum(x, axis=(0, 1)), TypeError,
         "cumulative_sum", "(0, 1)", "int"),
        ("max of nothing", lambda x, v: ag.max(x[:0]), ValueError, "max", "(0, 3)"),
        ("min of nothing along an axis", lambda x, v: ag.min(x[:0], axis=0), ValueError, "min",
         "(0, 3)"),
        ("argmax of nothing", lambda x, v: ag.argmax(v[:0]), ValueError, "argmax", "(0,)"),
        ("index out of range", lambda x, v: x[5], IndexError, "getitem", "(2, 3)", "5"),
        ("index too far back", lambda x, v: x[-3], IndexError, "getitem", "(2, 3)", "-3"),
        ("index in a list out of range", lambda x, v: x[[0, 9]], IndexError, "getitem", "9"),
        ("too many indices", lambda x, v: x[0, 0, 0], IndexError, "getitem", "(2, 3)", "3"),
        ("two ellipses", lambda x, v: x[..., ...], IndexError, "getitem", "(2, 3)"),
        ("float index", lambda x, v: x[0.5], IndexError, "getitem", "(2, 3)", "int"),
        ("float index in a list", lambda x, v: x[[0.0, 1.0]], IndexError, "getitem", "int"),
        ("string index", lambda x, v: x["a"], IndexError, "getitem", "(2, 3)", "int"),
        ("float slice", lambda x, v: x[0.5:1], TypeError, "getitem", "(2, 3)", "slice"),
        ("step of 0", lambda x, v: x[::0], ValueError, "getitem", "(2, 3)", "zero"),
        ("mask of another length", lambda x, v: x[[True, False, True]], IndexError, "getitem",
         "(2, 3)", "3"),
        ("mask of another shape", lambda x, v: x[x.T > 2.0], IndexError, "getitem", "(2, 3)"),
        ("lists of unequal length", lambda x, v: x[[0, 1], [0, 1, 2]], IndexError, "getitem",
         "(2,)", "(3,)"),
        ("take out of range", lambda x, v: ag.take(x, [7], axis=0), IndexError, "7"),
        *[(f"take {place}", lambda x, v, place=place: ag.take(x, place, axis=0), TypeError, "take",
           str(place), "list of ints") for place in (None, ..., True, slice(0, 1))],
        ("take along two axes", lambda x, v: ag.take(x, [0], axis=(0, 1)), TypeError, "take",
         "(0, 1)", "int"),
        ("take_along_axis with too few axes",
         lambda x, v: ag.take_along_axis(x, [0, 1], axis=1), ValueError, "take_along_axis", "(2,)",
         "(2, 3)", "as many axes"),
        ("reshape to another size", lambda x, v: x.reshape(4, 2), ValueError, "reshape", "(2, 3)"),
        ("reshape with two -1", lambda x, v: x.reshape(-1, -1), ValueError, "reshape", "(2, 3)"),
        ("reshape to floats", lambda x, v: x.reshape(2.0, 3), TypeError, "reshape", "(2.0, 3)",
         "ints"),
        ("reshape to True", lambda x, v: x.reshape(True, 6), TypeError, "reshape", "True", "ints"),
        ("reshape to None", lambda x, v: ag.reshape(x, shape=None), TypeError, "reshape", "None",
         "tuple of ints"),
        ("permute_dims with too few axes", lambda x, v: x.permute_dims(0), ValueError,
         "permute_dims", "(2, 3)"),
        ("permute_dims with one twice", lambda x, v: x.permute_dims(0, 0), ValueError,
         "permute_dims"),
        ("permute_dims out of range", lambda x, v: x.permute_dims(0, 2), ValueError,
         "permute_dims", "2", "(2, 3)"),
        ("permute_dims to None", lambda x, v: ag.permute_dims(x, axes=None), TypeError,
         "permute_dims", "None", "ints"),
        ("swapaxes out of range", lambda x, v: x.swapaxes(0, 2), ValueError, "swapaxes", "axis 2",
         "(2, 3)", "-2 to 1"),
        ("squeeze a long axis", lambda x, v: x.squeeze(0), ValueError, "squeeze", "(2, 3)",
         "length 1"),
        ("squeeze out of range", lambda x, v: x.squeeze(5), ValueError, "squeeze", "axis 5"),
        ("expand_dims out of range", lambda x, v: x.expand_dims(4), ValueError, "expand_dims",
         "axis 4", "-3 to 2"),
        ("expand_dims at a float", lambda x, v: x.expand_dims(0.5), TypeError, "expand_dims",
         "float 0.5"),
        ("concat of nothing", lambda x, v: ag.concat([]), ValueError, "concat", "at least one"),
        ("concat of unequal", lambda x, v: ag.concat([x, x[:, :2]]), ValueError, "concat",
         "(2, 3)", "(2, 2)"),
        ("concat of a matrix and a row", lambda x, v: ag.concat([x, v]), ValueError, "concat",
         "(2, 3)", "(3,)"),
        ("concat of an array and a number", lambda x, v: ag.concat([v, 1.0]), ValueError,
         "concat", "(3,)"),
        ("concat along axis 2", lambda x, v: ag.concat([x, x], axis=2), ValueError, "concat",
         "axis 2"),
        ("concat along no axis", lambda x, v: ag.concat([x, x], axis=None), TypeError, "concat",
         "None", "int"),
        ("concat of a number", lambda x, v: ag.concat(5), TypeError, "concat", "5 is no list"),
        ("stack of nothing", lambda x, v: ag.stack([]), ValueError, "stack", "at least one"),
        ("stack of a number", lambda x, v: ag.stack(5), TypeError, "stack", "5 is no list"),
        ("stack of unequal", lambda x, v: ag.stack([x, v]), ValueError, "stack", "(2, 3)", "(3,)"),
        ("stack of ragged lists", lambda x, v: ag.stack([[v[0], v[1]], [v[2]]]), ValueError,
         "stack", "(2,)", "(1,)"),
        ("split into unequal parts", lambda x, v: ag.split(v, 2), ValueError, "split", "3", "2"),
        ("split into none", lambda x, v: ag.split(v, 0), ValueError, "split", "0"),
        ("split into 1.5", lambda x, v: ag.split(v, 1.5), TypeError, "split", "1.5", "int"),
        ("split behind the end", lambda x, v: ag.split(v, [5]), ValueError, "split", "[5]", "3"),
        ("split at falling places", lambda x, v: ag.split(v, [2, 1]), ValueError, "split",
         "[2, 1]", "rise"),
        ("repeat -1 times", lambda x, v: ag.repeat(v, -1, axis=0), ValueError, "repeat", "-1"),
        ("tile 1.5 times", lambda x, v: ag.tile(v, (1.5,)), TypeError, "tile", "1.5"),
        ("roll by 0.5", lambda x, v: ag.roll(v, 0.5, axis=0), TypeError, "roll", "0.5"),
        ("outer of a matrix", lambda x, v: ag.outer(x, v), ValueError, "outer", "(2, 3)", "(3,)",
         "flatten"),
        ("trace of a vector", lambda x, v: ag.trace(v), ValueError, "trace", "(3,)", "two axes"),
        ("tril of a vector", lambda x, v: ag.tril(v), ValueError, "tril", "(3,)", "two axes"),
        ("triu of a broken diagonal", lambda x, v: ag.triu(x, k=0.5), TypeError, "triu", "0.5"),
        ("tensordot over unequal axes", lambda x, v: ag.tensordot(x, x, axes=1), ValueError,
         "tensordot", "(2, 3)", "as long"),
        ("tensordot over three lists", lambda x, v: ag.tensordot(x, x, axes=([0], [0], [1])),
         ValueError, "tensordot", "one list for each operand"),
        ("tensordot over 5 axes", lambda x, v: ag.tensordot(x, x, axes=5), ValueError, "tensordot",
         "5", "(2, 3)"),
        ("tensordot over -1 axes", lambda x, v: ag.tensordot(x, x, axes=-1), ValueError,
         "tensordot", "-1"),
        ("tensordot over unequal lists", lambda x, v: ag.tensordot(x, x, axes=([0, 1], [0])),
         ValueError, "tensordot", "(0, 1)", "as many"),
        ("einsum without a string", lambda x, v: ag.einsum(x, "ij"), TypeError,
         "einsum: the subscripts must be a string, not of type", '"ij,jk->ik", x, y)'),
        ("einsum of too few operands", lambda x, v: ag.einsum("ij,jk->ik", x), ValueError,
         "einsum", "ij,jk->ik", "2 operands"),
        ("einsum of three operands", lambda x, v: ag.einsum("ij,ij,ij->", x, x, x), ValueError,
         "einsum", "3", "one or two"),
        ("einsum letters and axes differ", lambda x, v: ag.einsum("i->i", x), ValueError, "einsum",
         "'i->i'", "(2, 3)"),
        ("einsum digits", lambda x, v: ag.einsum("i1->i", x), ValueError, "einsum", "'i1'"),
        ("einsum of an unknown letter", lambda x, v: ag.einsum("ij->ik", x), ValueError, "einsum",
         "'ik'"),
        ("einsum letter twice in the result", lambda x, v: ag.einsum("ij->ii", x), ValueError,
         "einsum", "'ii'", "once"),
        ("einsum lengths differ", lambda x, v: ag.einsum("ij,jk->ik", x, x), ValueError, "einsum",
         "'j'", "3 long and 2 long"),
        ("bool of many", lambda x, v: bool(x), ValueError, "bool", "(2, 3)", "reduce"),
        ("float of many", lambda x, v: float(x), ValueError, "(2, 3)", "6 numbers", "reduce"),
        ("item of many", lambda x, v: x.item(), ValueError, "item", "(2, 3)", "6 numbers"),
        ("item of none", lambda x, v: v[:0].item(), ValueError, "item", "(0,)", "0 numbers"),
        ("round of many", lambda x, v: round(x), ValueError, "(2, 3)", "6 numbers"),
        ("format of many", lambda x, v: f"{x:.2f}", ValueError, "(2, 3)", "6 numbers"),
        ("math of many", lambda x, v: math.sqrt(x), ValueError, "(2, 3)", "6 numbers"),
        ("asarray of a Value", lambda x, v: np.asarray(x), TypeError, "numpy", ".data"),
        ("array of Values", lambda x, v: np.array([x, x]), TypeError, "numpy", ".data"),
        ("NumPy's exp", lambda x, v: np.exp(x), TypeError, "numpy", "use autograd", ".data"),
        ("NumPy's maximum", lambda x, v: np.maximum(0.0, x), TypeError, "numpy", "use autograd"),
        ("writing into a Value", lambda x, v: write(x, 0, 1.0), TypeError, "(2, 3)", "where"),
        ("backward of many", lambda x, v: (x * 2).backward(), ValueError, "backward", "(2, 3)",
         ".sum()", "gradient="),
        ("backward of a leaf of many", lambda x, v: x.backward(), ValueError, "backward",
         "(2, 3)"),
        ("seed of another shape", lambda x, v: (x * 2).backward([1.0, 2.0]), ValueError,
         "backward", "(2,)", "(2, 3)"),
        ("number as a seed for many", lambda x, v: (x * 2).backward(1.0), ValueError, "backward",
         "()", "(2, 3)"),
        ("array as a seed for one", lambda x, v: x.sum().backward([1.0]), ValueError, "backward",
         "(1,)", "()"),
        ("Value as a seed of another shape", lambda x, v: (x * 2).backward(v), ValueError,
         "backward", "(3,)", "(2, 3)"),
        ("string as a seed", lambda x, v: (x * 2).backward("a"), TypeError, "backward", "'a'"),
        ("complex seed", lambda x, v: x.sum().backward(1j), TypeError, "backward", "1j"),
        ("list of Values as a seed", lambda x, v: (v * 2).backward([number()] * 3), TypeError,
         "backward", "stack"),
        ("data of another shape", lambda x, v: setattr(x, "data", [1.0]), ValueError, "data",
         "(1,)", "(2, 3)"),
        ("number for data", lambda x, v: setattr(x, "data", 0.0), ValueError, "data", "()",
         "(2, 3)"),
        ("string for data", lambda x, v: setattr(x, "data", "a"), TypeError, "'a'"),
        ("data of a computed Value", lambda x, v: setattr(x * 2, "data", [0.0]), ValueError, "data",
         "multiply", ".detach()"),
        ("grad of another shape", lambda x, v: set_grad(x, [1.0]), ValueError, "grad", "(1,)",
         "(2, 3)"),
        ("1 for a grad", lambda x, v: set_grad(x, 1.0), ValueError, "grad", "()", "(2, 3)"),
        ("string for a grad", lambda x, v: set_grad(x, "a"), TypeError, "grad", "'a'"),
        ("copy of a computed Value", lambda x, v: copy.copy(x * 2), TypeError, "copy", "multiply",
         ".detach()"),
        ("deepcopy of a computed Value", lambda x, v: copy.deepcopy([x.tanh()]), TypeError, "copy",
         "tanh", ".detach()"),
        ("pickle of a computed Value", lambda x, v: pickle.dumps(x.sum()), TypeError, "copy",
         "sum", ".detach()"),
    ]
    return on(kind, *made)


# For these NumPy finds the fault. Behind the operation and the shapes the words are its own.
IN_NUMPYS_WORDS = {
    "broadcast", "broadcast a list", "broadcast in where", "broadcast_to",
    "broadcast_to fewer axes", "broadcast_to -1",
    "batches in matmul", "sum over axis 2", "max over axis 2", "argmin over axis 2",
    "logsumexp over axis 2", "norm over axis 2", "axis -3", "axis twice", "float axis",
    "float axis of max", "two axes for argmax", "max of nothing", "min of nothing along an axis",
    "argmax of nothing", "index out of range", "index too far back",
    "index in a list out of range", "too many indices", "two ellipses", "float index",
    "float index in a list", "string index", "float slice", "step of 0", "mask of another length",
    "mask of another shape", "lists of unequal length", "take out of range",
    "reshape to another size", "reshape with two -1", "permute_dims with too few axes",
    "concat of unequal",
    "concat of a matrix and a row", "concat of an array and a number", "concat along axis 2"}

ELSEWHERE = [
    row("write into an Array", lambda: write(vector().data, 0, 1.0), TypeError, "an Array",
        "immutable", "where"),
    row("bool of an Array", lambda: bool(asarray([1.0, 2.0])), ValueError, "(2,)", "any"),
    row("float of an Array", lambda: float(asarray([1.0, 2.0])), ValueError, "(2,)", "2 entries"),
    row("length of a number", lambda: len(number()), TypeError, "len", "Value(2.0)"),
    row("iterate a number", lambda: list(number()), TypeError, "len", "Value(2.0)"),
    row("unpack a number", lambda: [*matrix().sum()], TypeError, "len", "Value(21.0"),
    row("axis of a number", lambda: ag.sum(number(), axis=0), ValueError, "sum", "axis 0", "()"),
    row("index of a number", lambda: number()[0], IndexError, "getitem", "number", "axes"),
    row("concat of numbers", lambda: ag.concat([number(), number()]), ValueError, "concat", "2.0",
        "stack"),
    row("tril of a number", lambda: ag.tril(number()), ValueError, "tril", "()", "two axes"),
    row("mixed list of positions", lambda: matrix()[[True, 1]], IndexError, "True", "ints"),
    row("ragged index", lambda: matrix()[[[0], [0, 1]]], IndexError, "[[0], [0, 1]]", "(2, 3)"),
    row("True as an index", lambda: matrix()[True], IndexError, "True", "(2, 3)"),
    row("a Value as an index", lambda: matrix()[number()], (IndexError, TypeError),
        "getitem", "Value(2.0)"),
    row("True as an axis", lambda: ag.sum(matrix(), axis=True), TypeError, "sum", "True"),
    row("negative lengths", lambda: ag.reshape(matrix(), shape=(-2, 3)), ValueError, "reshape",
        "(-2, 3)"),
    row("broadcast_to floats", lambda: ag.broadcast_to(matrix(), shape=(2.0, 3)), TypeError,
        "broadcast_to", "(2.0, 3)", "ints"),
    row("logsumexp of nothing", lambda: ag.logsumexp(empty(0)), ValueError, "logsumexp", "(0,)"),
    row("no_grad of a bool", lambda: no_grad(True), TypeError, "no_grad", "True", "above a def"),
    row("no_grad of a generator", lambda: no_grad(generating), TypeError, "no_grad", "generating",
        "write the `with` block"),
    row("no_grad of an async function", lambda: no_grad()(waiting), TypeError, "no_grad",
        "waiting", "write the `with` block"),
    row("backward of what no_grad computed", backward_of_what_no_grad_computed, ValueError,
        "backward", "sum", "no_grad", "outside"),
    row("backward of a constant slope", backward_of_a_constant_slope, ValueError, "backward",
        "gradient of something linear", "depends on nothing"),
    row("data of another shape before backward", lambda: replace_data([1.0, 2.0]), ValueError,
        "data", "(2,)", "(3,)"),
    row("list of Values for data", lambda: replace_data([number()] * 3), TypeError, "Value(2.0)",
        "stack"),
]

RULES = [
    row("rule of a wrong shape", lambda: wrong_shape(Value([1.0, 2.0])).sum().backward(),
        ValueError, "wrong_shape", "(3,)", "(2,)", "must have the shape"),
    row("rule that is a number", lambda: primitive(3.0)(giving), TypeError, "primitive", "giving",
        "3.0", "lambda g, out, x"),
    row("rule of the gradient only", lambda: primitive(lambda g: g)(square), TypeError, "primitive",
        "square", "3 operands", "lambda g, out, x"),
    row("rule without out", lambda: primitive(lambda g, x, y: g, None)(ops.multiply.__wrapped__),
        TypeError, "primitive", "multiply", "4 operands", "lambda g, out, x, y"),
    row("rule that gives a string", lambda: wrong_type(Value([1.0, 2.0])).sum().backward(),
        TypeError, "wrong_type", "rule", "'steep'"),
    row("rule that gives a string for a number", lambda: wrong_type(number()).backward(),
        TypeError, "wrong_type", "rule", "'steep'"),
    row("rule that gives None", lambda: forgotten(number()).backward(), TypeError, "forgotten",
        "rule", "None"),
    row("primitive that gives a string", lambda: giving("steep")(number()), TypeError, "careless",
        "'steep'", "must give a number or an array"),
    row("primitive that gives a string of NumPy's", lambda: giving(np.str_("steep"))(number()),
        TypeError, "careless", "must give a number or an array", "real numbers"),
    row("primitive that gives a date", lambda: giving(np.datetime64("2020-01-01"))(vector(np)),
        TypeError, "careless", "must give a number or an array", "real numbers"),
    row("primitive that gives a list", lambda: giving([1.0, 2.0])(vector()), TypeError, "careless",
        "list", "must give a number or an array"),
    row("primitive of two that gives a list", lambda: giving_of_two([1.0, 2.0])(vector(), 1.0),
        TypeError, "careless", "list", "must give a number or an array"),
    row("primitive that gives None", lambda: giving(None)(vector(np)), TypeError, "careless",
        "None", "must give a number or an array"),
    row("primitive that gives a complex number", lambda: giving(1j)(number()), TypeError,
        "careless", "1j", "must give a number or an array"),
    row("sum of a list along an axis", lambda: ag.sum([number(), number()], axis=0), TypeError,
        "sum", "axes", "stack"),
    row("vecdot of lists of two lengths", lambda: ag.vecdot([number()], [1.0, 2.0]), ValueError,
        "vecdot", "a list of 1 and a list of 2", "as long"),
    row("vecdot of a list and a number", lambda: ag.vecdot([number()], 2.0), ValueError, "vecdot",
        "a list of 1 and no list", "as long"),
    row("each with too few gradients", lambda: careless_each([1.0])(number(), number()).backward(),
        ValueError, "careless", "list of 2 gradients", "[1.0]"),
    row("a string among five operands", lambda: careless_each([])(*[number()] * 4, "steep"),
        TypeError, "careless", "5 operands, the first a number"),
    row("a rule for what is not written in Python", lambda: primitive(square)(float), TypeError,
        "primitive", "is no Python function", "above a def"),
    row("each that gives a number", lambda: careless_each(1.0)(number(), number()).backward(),
        ValueError, "careless", "list of 2 gradients", "1.0"),
    row("rules and each", lambda: primitive(lambda g, out, x: g, each=square)(square), TypeError,
        "primitive", "square", "give rules, or each="),
    row("any number of operands with a rule", lambda: primitive(lambda g, out, *xs: g)(first),
        TypeError, "primitive", "first", "each="),
    row("operands that a primitive lacks", lambda: doubled(number(), number()), TypeError,
        "takes 1", "2"),
    row("operand that is missing", lambda: ag.softmax(), TypeError, "softmax: softmax() missing"),
    row("setting that a primitive lacks", lambda: doubled(number(), factor=3.0), TypeError,
        "factor"),
    row("primitive without its rules", lambda: primitive(square)(number()), TypeError, "primitive",
        "@primitive(rule"),
    row("vjp of a gradient of another shape", lambda: ag.vjp(square, 2.0)[1]([1.0, 2.0]),
        ValueError, "vjp: the gradient", "(2,)"),
    row("grad of a loss, as PyTorch's", lambda: ag.grad(number() * 2, [number()]), TypeError,
        "grad", "is no function", "backward()"),
    row("direction with another key",
        lambda: ag.jvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},)), ValueError, "jvp",
        "{'b': 1.0}", "dict of 1"),
    row("check_gradients of a result", lambda: ag.check_gradients(number() * 2, 2.0), TypeError,
        "check_gradients", "is no function"),
    row("check_gradients of a dict", lambda: ag.check_gradients(lambda x: {"y": x}, 2.0), TypeError,
        "multiply", "dict", "can be computed with"),
    row("list of NumPy arrays", lambda: Value([np.ones(2), np.ones(2)]), TypeError, "asarray",
        "array([1., 1.])", ".tolist()"),
    row("a NumPy array as an Array", lambda: asarray(np.ones(2)), TypeError, "asarray",
        "array([1., 1.])", ".tolist()"),
    row("jacobian of a result", lambda: ag.jacobian(vector() * 2), TypeError, "jacobian",
        "is no function"),
    row("vjp of a result", lambda: ag.vjp(number() * 2, 3.0), TypeError, "vjp", "is no function"),
    row("jvp of a result", lambda: ag.jvp(number() * 2, (3.0,), (1.0,)), TypeError, "jvp",
        "is no function"),
    row("grad of many", lambda: ag.grad(square)(asarray([1.0, 2.0])), ValueError, "grad", "(2,)",
        "jacobian"),
    row("argnums out of range", lambda: ag.grad(square, argnums=3)(1.0), ValueError, "argnums=3",
        "1 positional"),
    row("negative argnums out of range", lambda: ag.grad(square, argnums=(0, -2))(1.0), ValueError,
        "argnums=(0, -2)"),
    row("string for argnums", lambda: ag.grad(square, argnums="x"), TypeError, "argnums='x'",
        "int"),
    row("float for argnums", lambda: ag.grad(square, argnums=0.5), TypeError, "argnums=0.5",
        "int"),
    row("grad of a function called by name only", lambda: ag.grad(square)(x=1.0), ValueError,
        "argnums=0", "0 positional", "by place"),
    row("grad at a string", lambda: ag.grad(square)("a"), TypeError, "'a'"),
    row("grad at None", lambda: ag.grad(square)(None), TypeError, "None"),
    row("grad of a function that gives a string", lambda: ag.grad(lambda x: "a")(1.0), TypeError,
        "grad", "'a'", "must give"),
    row("grad of a function that gives nothing", lambda: ag.grad(lambda x: None)(1.0), TypeError,
        "grad", "None", "must give"),
    row("grad of a function that gives a tuple", lambda: ag.grad(lambda x: (x, x))(1.0), TypeError,
        "grad", "stack"),
    row("grad of a function that gives a list of Values", lambda: ag.grad(lambda x: [x])(1.0),
        TypeError, "grad", "stack"),
    row("jacobian of a string", lambda: ag.jacobian(lambda x: "a")([1.0, 2.0]), TypeError, "'a'",
        "must give"),
    row("jacobian of a tuple", lambda: ag.jacobian(lambda x: (x, x))([1.0, 2.0]), TypeError,
        "stack"),
    row("hessian of many", lambda: ag.hessian(square)([1.0, 2.0]), ValueError, "(2,)", "reduce"),
    row("hessian at a string", lambda: ag.hessian(sum_of_squares)("a"), TypeError, "'a'"),
    row("vjp with a gradient of another shape", lambda: pull([1.0, 2.0, 3.0]), ValueError,
        "gradient", "(3,)", "(2,)"),
    row("vjp with a number for many", lambda: pull(1.0), ValueError, "gradient", "()", "(2,)"),
    row("vjp without a gradient", lambda: pull(None), ValueError, "(2,)", "gradient="),
    row("vjp with a string", lambda: pull("a"), TypeError, "gradient", "'a'"),
    row("jvp with too few directions", lambda: ag.jvp(ops.multiply, (1.0, 2.0), (1.0,)),
        ValueError, "jvp", "2 arguments", "1 directions", "one each"),
    row("jvp with too many directions", lambda: ag.jvp(square, (1.0,), (1.0, 2.0)), ValueError,
        "jvp", "1 arguments", "2 directions"),
    *[row(f"jvp of {id}", lambda args=args, v=v: ag.jvp(square, args, v), TypeError, "jvp", *words)
      for id, args, v, *words in [
          ("a number", 3.0, 1.0, "float", "tuple"), ("a Value", number(), (1.0,), "Value", "tuple"),
          ("a number as directions", (3.0,), 1.0, "float", "tuple"),
          ("an array, which has rows", vector().data, vector().data, "Array", "tuple")]],
    row("jvp with a direction of another shape",
        lambda: ag.jvp(square, (asarray([1.0, 2.0]),), (asarray([1.0, 2.0, 3.0]),)), ValueError,
        "jvp", "direction", "(3,)", "(2,)"),
    row("jvp with a number as a direction of many",
        lambda: ag.jvp(square, (asarray([1.0, 2.0]),), (1.0,)), ValueError, "jvp", "()", "(2,)"),
    *[row(f"jvp with {id} for a list of two", lambda v=v:
          ag.jvp(lambda x: x[0] * x[1], ([1.0, 2.0],), (v,)), ValueError, "jvp", "list of 2",
          "give the same")
      for id, v in [("a list of one", [1.0]), ("a list of three", [1.0] * 3),
                    ("a tuple", (1.0, 1.0)), ("a number", 1.0)]],
    row("jvp with a Value of another shape as a direction",
        lambda: ag.jvp(square, (vector(),), (matrix(),)), ValueError, "jvp", "(2, 3)", "(3,)"),
    row("hvp with a vector of another shape",
        lambda: ag.hvp(sum_of_squares, [1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, "hvp", "(3,)",
        "(2,)"),
    row("hvp with a number for a vector", lambda: ag.hvp(sum_of_squares, [1.0, 2.0], 1.0),
        ValueError, "hvp", "()", "(2,)"),
    row("hvp of many", lambda: ag.hvp(square, [1.0, 2.0], [1.0, 2.0]), ValueError, "(2,)",
        "reduce"),
    row("grad through math.sin", lambda: ag.grad(math.sin)(1.0), TypeError, "grad", "float()",
        "0.84147", "math", "autograd's"),
    row("grad through float, of a part", lambda: ag.grad(lambda x: float(2 * x[0]))([1.0, 2.0]),
        TypeError, "grad", "float()", "2.0"),
    row("grad through round", lambda: ag.grad(round)(number()), TypeError, "float()", "plain 2"),
    row("jacobian through math", lambda: ag.jacobian(lambda x: [math.exp(x)])(1.0), TypeError,
        "float()", "2.718"),
    row("check_gradients at a string", lambda: ag.check_gradients(square, "a"), TypeError, "'a'"),
]


def logits():
    return Value([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])


LABELS = [
    *[row(f"{name}: {id}", lambda f=f, labels=labels: f(labels), error, name, *words)
      for name, f in [("cross_entropy", lambda labels: cross_entropy(logits(), labels)),
                      ("accuracy", lambda labels: accuracy(logits(), labels)),
                      ("one_hot", lambda labels: one_hot(labels, 3))]
      for id, labels, error, *words in [
          ("label too large", [0, 3], ValueError, "label 3", "3 classes", "0 to 2"),
          ("negative label", [0, -1], ValueError, "label -1", "3 classes"),
          ("float label", [0, 1.0], TypeError, "label 1.0", "int"),
          ("numpy float labels", np.array([0.0, 1.0]), TypeError, "0.0", "int"),
          ("string label", [0, "1"], TypeError, "label '1'", "int"),
          ("bool label", [0, True], TypeError, "label True", "int"),
          ("Value label", [Value(0.0), 1], TypeError, "label Value(0.0)", "int"),
          ("one-hot labels", [[1, 0, 0], [0, 1, 0]], TypeError, "label [1, 0, 0]", "int"),
          ("labels None", None, TypeError, "None", "list"),
          ("a set of labels", {0, 1}, TypeError, "{0, 1}", "list"),
          ("a dict of labels", {0: 1, 1: 0}, TypeError, "{0: 1, 1: 0}", "list"),
          ("numpy single label", np.array(1), TypeError, "array(1)", "list")]],
    row("cross_entropy: too few labels", lambda: cross_entropy(logits(), [0]), ValueError,
        "cross_entropy", "1 labels for 2"),
    row("accuracy: too many labels", lambda: accuracy(logits(), [0, 1, 2]), ValueError, "accuracy",
        "3 labels for 2"),
    row("cross_entropy: no examples", lambda: cross_entropy(empty(0, 3), []), ValueError,
        "cross_entropy", "at least one"),
    row("cross_entropy: logits of one axis", lambda: cross_entropy(vector(), [0]), ValueError,
        "cross_entropy", "(3,)", "(examples, classes)"),
    row("one_hot: no classes", lambda: one_hot([], 0), ValueError, "one_hot", "0"),
    row("one_hot: 1.5 classes", lambda: one_hot([0], 1.5), ValueError, "one_hot", "1.5"),
    *[row(f"{f.__name__}: {id}", lambda f=f, prediction=prediction, target=target:
          f(prediction, target), error, f.__name__, *words)
      for f in (mean_squared_error, squared_error, hinge, huber, binary_cross_entropy_with_logits)
      for id, prediction, target, error, *words in [
          ("column against row", Value([[1.0], [1.0]]), [1.0, 1.0], ValueError, "(2, 1)", "(2,)",
           "reshape"),
          ("string target", vector(), "abc", TypeError, "target", "'abc'"),
          ("ragged target", vector(), [[1.0, 2.0], [1.0]], ValueError, "target", "ragged"),
          ("list of Values", vector(), [Value(1.0)] * 3, TypeError, "target", "stack"),
          ("nothing", empty(0, 2), Array((0, 2), []), ValueError, "(0, 2)", "at least")]],
    row("squared_error: one axis", lambda: squared_error(vector(), [1.0, 2.0, 3.0]), ValueError,
        "squared_error", "(3,)", "(examples, outputs)"),
    row("hinge: label 0", lambda: hinge(Value([1.0, 2.0]), [0.0, 1.0]), ValueError, "hinge", "0.0",
        "-1 or 1"),
    row("hinge: label nan", lambda: hinge(Value([1.0, 2.0]), [NAN, 1.0]), ValueError, "hinge",
        "nan", "-1 or 1"),
    *[row(f"label smoothing {bad!r:.9}", lambda bad=bad: cross_entropy(logits(), [0, 1], bad),
          error, "cross_entropy", "label_smoothing", f"{bad!r:.9}", "[0, 1)")
      for bad, error in [(1.0, ValueError), (-0.1, ValueError), (NAN, ValueError),
                         (HUGE, ValueError), (None, TypeError), ("0.1", TypeError),
                         (Value(0.1), TypeError), (True, TypeError)]],
    *[row(f"class weights: {id}",
          lambda weights=weights: cross_entropy(logits(), [0, 1], class_weights=weights), error,
          "cross_entropy", "class", *words)
      for id, weights, error, *words in [
          ("too few", [1.0, 2.0], ValueError, "(2,)", "3 classes"),
          ("a number", 2.0, ValueError, "()", "3 classes"),
          ("negative", [1.0, -2.0, 1.0], ValueError, "-2.0", "finite"),
          ("nan", [1.0, 1.0, NAN], ValueError, "nan", "finite"),
          ("inf", np.array([1.0, 1.0, INF]), ValueError, "inf", "finite"),
          ("a dict", {0: 1.0, 1: 1.0, 2: 1.0}, TypeError, "class_weights", "dict"),
          ("strings", ["1", "1", "1"], TypeError, "class_weights", "'1'"),
          ("0 for every label", [0.0, 0.0, 1.0], ValueError, "0 for every label")]],
    *[row(f"huber: delta {bad!r:.9}", lambda bad=bad: huber(vector(), [0.0] * 3, bad), error,
          "delta", f"{bad!r:.9}", "must be")
      for bad, error in [(0, ValueError), (-1.0, ValueError), (NAN, ValueError), (INF, ValueError),
                         (HUGE, ValueError), ("1", TypeError), (None, TypeError),
                         (Value(1.0), TypeError), (True, TypeError)]],
    *[row(f"binary target {bad}", lambda bad=bad:
          binary_cross_entropy_with_logits(vector(), [0.0, 1.0, bad]), ValueError,
          "binary_cross_entropy_with_logits", f"target {bad}", "0 ... 1")
      for bad in (2.0, -1.0, NAN)],
]

BATCH = asarray([[1.0, 2.0], [3.0, 4.0]])

TRAINING = [
    *[row(f"{id}: {what}", lambda make=make, bad=bad: make(bad), error, name, *words)
      for id, name, make in [
          ("SGD lr", "lr", lambda bad: SGD([number()], bad)),
          ("Adam lr", "lr", lambda bad: Adam([number()], bad)),
          ("lr set later", "lr", set_lr),
          ("momentum", "momentum", lambda bad: SGD([number()], 0.1, momentum=bad)),
          ("weight decay", "weight_decay", lambda bad: SGD([number()], 0.1, weight_decay=bad)),
          ("beta", "beta", lambda bad: Adam([number()], betas=(0.9, bad))),
          ("eps", "eps", lambda bad: Adam([number()], eps=bad))]
      for what, bad, error, *words in [
          ("nan", NAN, ValueError, "nan", "["), ("inf", INF, ValueError, "inf", "["),
          ("negative", -0.1, ValueError, "-0.1", "["), ("string", "0.1", TypeError, "'0.1'"),
          ("None", None, TypeError, "None"), ("Value", Value(0.1), TypeError, "Value(0.1)"),
          ("huge", HUGE, ValueError, "1000")]],
    row("momentum of 1", lambda: SGD([number()], 0.1, momentum=1.0), ValueError, "momentum", "1.0"),
    row("nesterov without momentum", lambda: SGD([number()], 0.1, nesterov=True), ValueError,
        "nesterov", "momentum > 0"),
    row("one beta", lambda: Adam([number()], betas=(0.9,)), ValueError, "betas", "two"),
    row("three betas", lambda: Adam([number()], betas=(0.9, 0.9, 0.9)), ValueError, "betas", "two"),
    row("beta without a tuple", lambda: Adam([number()], betas=0.9), ValueError, "betas", "two"),
    row("no parameters", lambda: SGD([], 0.1), ValueError, "SGD", "no parameters",
        "model.parameters()"),
    row("computed parameter", lambda: Adam([number() * 2]), ValueError, "Adam", "op=multiply",
        "leaves"),
    row("parameter twice", lambda: SGD([vector()] * 2, 0.1), ValueError, "SGD", "twice", "once"),
    row("a module for parameters", lambda: SGD(Layer(2, 1, rng=Random(0)), 0.1), TypeError,
        "SGD: Layer is", "model.parameters()"),
    row("a Value for parameters", lambda: SGD(vector(), 0.1), TypeError, "SGD", "Value",
        "model.parameters()"),
    row("named parameters", lambda: SGD(dict(network().named_parameters()), 0.1), TypeError, "SGD",
        "'layers.0.weight'", "model.parameters()"),
    row("a number for a parameter", lambda: SGD([1.0], 0.1), TypeError, "SGD", "1.0", "Value"),
    *[row(f"batch size {size!r}", lambda size=size: batches(BATCH, [0, 1], size), ValueError,
          "batches", f"size {size!r}", "from 1 up")
      for size in (0, -1, 1.5, "2", True, None, np.array(True))],
    row("images and labels differ", lambda: batches(BATCH, [0], 1), ValueError, "batches",
        "2 images", "1 labels"),
    row("images in a list", lambda: batches([[1.0], [2.0]], [0, 1], 1), TypeError, "batches",
        "list", "array"),
    row("labels in a set", lambda: batches(BATCH, {0, 1}, 1), TypeError, "batches", "set", "list"),
    *[row(f"a single number of {id}", call, TypeError, "batches", "a number", "list")
      for id, call in [("images", lambda: batches(np.array(1.0), [0], 1)),
                       ("labels", lambda: batches(BATCH, np.array(1), 1))]],
    row("no labels", lambda: batches(BATCH, None, 1), TypeError, "batches", "NoneType", "labels"),
    row("a seed for the rng of batches", lambda: batches(BATCH, [0, 1], 1, rng=3), TypeError,
        "batches", "rng=3", "Random"),
]

NETWORKS = [
    *[row(f"{id} {size!r}", lambda make=make, size=size: make(size), ValueError, repr(size),
          "whole number from 1 up")
      for id, make in [("Neuron of", lambda n: Neuron(n)), ("Layer from", lambda n: Layer(n, 2)),
                       ("Layer to", lambda n: Layer(2, n)), ("MLP from", lambda n: MLP(n, [2])),
                       ("MLP to", lambda n: MLP(2, [3, n])),
                       ("he from", lambda n: init.he(Random(0), n, 2)),
                       ("xavier to", lambda n: init.xavier(Random(0), 2, n)),
                       ("one_hot of", lambda n: one_hot([0], n))]
      for size in (0, -1, 2.0, "2", None, True, np.array([2, 3]), np.array(True))],
    *[row(f"standard deviation {std!r}", lambda std=std: init.normal(Random(0), 2, 2, std), error,
          "normal: std", repr(std), "must be")
      for std, error in [(-1.0, ValueError), (NAN, ValueError), ("1", TypeError)]],
    row("MLP of an array of sizes", lambda: MLP(2, np.array([3, 1])), ValueError, "MLP", "sizes",
        "array([3, 1])", "[16, 16, 10]"),
    row("MLP without sizes", lambda: MLP(2, []), ValueError, "MLP", "sizes", "[16, 16, 10]"),
    row("MLP of one size", lambda: MLP(2, 3), ValueError, "MLP", "sizes", "3"),
    *[row(f"unknown activation of {id}", lambda make=make: make("rleu"), ValueError, "'rleu'",
          "relu, tanh, sigmoid")
      for id, make in [("Neuron", lambda a: Neuron(2, a)), ("Layer", lambda a: Layer(2, 2, a)),
                       ("MLP", lambda a: MLP(2, [2, 2], a)),
                       ("MLP of one layer", lambda a: MLP(2, [2], a))]],
    row("a list of activations", lambda: Layer(2, 2, ["relu"]), ValueError, "['relu']",
        "relu, tanh, sigmoid"),
    *[row(f"a seed for the rng of {id}", lambda make=make: make(3), TypeError, id, "rng=3",
          "Random")
      for id, make in [("Neuron", lambda rng: Neuron(2, rng=rng)),
                       ("Layer", lambda rng: Layer(2, 2, rng=rng)),
                       ("MLP", lambda rng: MLP(2, [2], rng=rng)),
                       ("xavier", lambda rng: init.xavier(rng, 2, 2))]],
    row("a name for init", lambda: Layer(2, 2, init="he"), TypeError, "init='he'", "nn.init.he"),
    row("weights for init", lambda: Layer(2, 2, init=init.he(Random(0), 2, 2)), TypeError,
        "init=Array", "nn.init.he"),
    row("nothing for init", lambda: Layer(2, 2, init=0), TypeError, "init=0", "nn.init.he"),
    row("init of a wrong shape", lambda: Layer(2, 3, init=lambda rng, n_in, n_out: asarray(
        [[0.0] * n_in] * n_out)), ValueError, "init", "(3, 2)", "(2, 3)"),
    row("init of a number", lambda: Layer(2, 3, init=lambda *_: 0.0), ValueError, "init", "()",
        "(2, 3)"),
    row("Neuron with too few inputs", lambda: Neuron(2)([1.0]), ValueError, "Neuron", "1 inputs",
        "2 weights"),
    row("Neuron with too many inputs", lambda: Neuron(2)(vector()), ValueError, "Neuron",
        "3 inputs", "2 weights"),
    row("Neuron with a number", lambda: Neuron(2)(1.0), TypeError, "Neuron", "1.0", "2 weights"),
    row("Neuron with a matrix", lambda: Neuron(2)(matrix()), TypeError, "Neuron", "Value([[",
        "2 weights"),
    *[row(f"{kind} with a batch of rows", lambda make=make: make(2)([[1.0, 2.0], [3.0, 4.0]]),
          TypeError, "Neuron: given [[1.0, 2.0]", "2 weights")
      for kind, make in [("Neuron", Neuron), ("fused Neuron", lambda n: Neuron(n, fused=True))]],
    row("Neuron with a dict", lambda: Neuron(2)({0: 1.0, 1: 2.0}), TypeError, "Neuron: given {",
        "2 weights"),
    row("Neuron with a string", lambda: Neuron(2)("ab"), TypeError, "Neuron", "'ab'", "2 weights"),
    row("Layer with too many inputs", lambda: Layer(2, 3)([1.0, 2.0, 3.0]), ValueError, "matmul",
        "(3,) @ (2, 3)", "3 != 2"),
    row("Layer with too many inputs in a batch", lambda: Layer(2, 5)(matrix()), ValueError,
        "(2, 3) @ (2, 5)", "3 != 2"),
    row("Layer with a number", lambda: Layer(2, 3)(1.0), ValueError, "matmul", "() @ (2, 3)"),
    row("linear with a bias that stretches", lambda: ag.linear(vector(), [[1.0]] * 3, vector()),
        ValueError, "linear", "(3,)", "(1,)", "each column"),
    row("Layer with numpy", lambda: Layer(2, 3)(np.ones((1, 2))), TypeError, "linear", "numpy"),
    row("Sequential of a number", lambda: Sequential(square, 3), TypeError,
        "Sequential: int can't"),
    row("Sequential of a list", lambda: Sequential([Layer(2, 3), square]), TypeError,
        "Sequential: list can't", "Sequential(first, second)"),
    row("Sequential, behind its last layer", lambda: Sequential(Layer(2, 3), square)[2],
        IndexError, "Sequential", "layer 2 of 2", "range(-2, 2)"),
    row("MLP, before its first layer", lambda: MLP(2, [3, 1])[-3], IndexError, "MLP",
        "layer -3 of 2"),
    row("MLP by name", lambda: MLP(2, [3, 1])["weight"], TypeError, "MLP", "'weight'", "slice"),
    row("a module in itself", contains_itself, ValueError, "part", "Module contains itself"),
    row("modules in each other", contain_each_other, ValueError, "left.right",
        "Module contains itself"),
    row("a dataclass with __eq__", lambda: Line(Value(1.0)).parameters(), TypeError, "Module",
        "Line", "@dataclass(eq=False)"),
    row("a dataclass with __eq__ inside", lambda: Sequential(Line(Value(1.0))).zero_grad(),
        TypeError, "layers.0", "Line", "@dataclass(eq=False)"),
    row("state without an entry", lambda: load_state(bias=None), ValueError, "load_state_dict",
        "missing: layers.0.bias"),
    row("state with an entry too many", lambda: load_state(gain=[1.0]), ValueError,
        "load_state_dict", "extra: layers.0.gain"),
    row("state of another shape", lambda: load_state(bias=[1.0, 2.0]), ValueError,
        "layers.0.bias", "(2,)", "(1,)"),
    row("state with a string", lambda: load_state(bias="a"), TypeError, "load_state_dict",
        "layers.0.bias", "'a'"),
    row("a Module for a state", lambda: network().load_state_dict(network()), TypeError,
        "load_state_dict: MLP is", "state_dict()"),
    row("state that is a list", lambda: network().load_state_dict([1.0]), TypeError,
        "load_state_dict: list is", "state_dict()"),
]

SOUND = json.dumps(saved()).encode()

FILES = [
    *[row(f"IDX file {id}", read_idx(content), ValueError, "images", *words)
      for id, content, *words in [
          ("of nothing", b"", "(none)", "magic"),
          ("cut in its magic", idx(1)[:3], "00 00 08", "magic"),
          ("cut in its header", idx(1, 28, 28)[:9], "header"),
          ("cut in its data", idx(2, 28, 28)[:-1], "1568 bytes", "1567"),
          ("without its data", idx(2, data=b""), "2 bytes", "0"),
          ("with more behind", idx(2, 28, 28) + b"\0", "goes on"),
          ("of floats", idx(2, magic=b"\0\0\x0d\x01"), "00 00 0d 01", "magic"),
          ("of two dimensions", idx(2, 28), "00 00 08 02", "magic"),
          ("that is text", b"5,0,4,1,9\n", "35 2c 30 2c", "magic"),
          ("of 27 by 28", idx(1, 27, 28), "(1, 27, 28)", "28, 28"),
          ("that announces none", idx(0, 28, 28), "(0, 28, 28)", "count"),
          ("that announces 4 billion", idx(2 ** 32 - 1, data=b"\1"), "4294967295", "count"),
          ("with a label of 10", idx(3, data=bytes([0, 10, 9])), "label 10", "digit"),
          ("cut in its gzip", gzip.compress(idx(2, 28, 28))[:-12], "gzip"),
          ("with a wrong checksum",
           gzip.compress(idx(2, 28, 28))[:-8] + b"\1\2\3\4\5\6\7\0", "gzip"),
          ("gzipped and too short", gzip.compress(idx(2, 28, 28)[:-1]), "1568 bytes", "1567")]],
    row("more labels than images", lambda folder: read_digits(folder, 3), ValueError, "mnist",
        "(2, 28, 28)", "(3,)", "one label for each"),
    row("number for a folder", lambda: mnist(3), TypeError, "mnist", "3", '"sample"'),
    row("pixels of half an image", lambda: dataset.Images(b"abc"), ValueError, "Images", "3 bytes",
        "784"),
    row("mask of images", lambda: mnist().train_images[[True, False]], TypeError, "Images", "True"),
    *[row(f"image {place!r}", lambda place=place: mnist().train_images[place], TypeError, "Images",
          words, "whole number")
      for place, words in [(1.5, "1.5"), ("a", "'a'"), (None, "None"), ([0, 1.5], "1.5")]],
    *[row(f"checkpoint: {id}", call, TypeError, "checkpoint", "no Module", "path")
      for id, call in [
          ("save of a network and its path", lambda folder: checkpoint.save(network(), folder)),
          ("save of a dict", lambda folder: checkpoint.save(folder / "net.json", {})),
          ("load of a network and its path", lambda folder: checkpoint.load(network(), folder)),
          ("load into a dict", lambda folder: checkpoint.load(folder / "net.json", {}))]],
    *[row(f"checkpoint {id}", load_checkpoint(content), ValueError, "net.json", *words)
      for id, content, *words in [
          ("of nothing", b"", "not JSON"),
          ("cut short", SOUND[:len(SOUND) // 2], "cut short", "save it again"),
          ("with more behind", SOUND + b"}", "not JSON"),
          ("that is a pickle", pickle.dumps(saved()), "not JSON"),
          ("with a parameter twice", SOUND.replace(b'"layers.0.bias": ', b'"layers.0.bias": {}, '
                                                   b'"layers.0.bias": '), "twice", "save it again"),
          ("that is gzipped", gzip.compress(SOUND), "not JSON"),
          ("that is a list", b"[1.0]", "nn.checkpoint.save"),
          ("with a nan weight", SOUND.replace(b'"data": [0.0', b'"data": [NaN', 1), "finite"),
          ("with an inf weight", SOUND.replace(b'"data": [0.0', b'"data": [1e999', 1), "finite")]],
    *[row(f"checkpoint {id}", changed_checkpoint(change), ValueError, "net.json", *words)
      for id, change, *words in [
          ("of another format", lambda file, bias: file.update(format="other"),
           "nn.checkpoint.save"),
          ("without its format", lambda file, bias: file.pop("format"), "nn.checkpoint.save"),
          ("of version 2", lambda file, bias: file.update(version=2), "version 2",
           "reads version 1"),
          ("without a version", lambda file, bias: file.pop("version"), "version None"),
          ("without parameters", lambda file, bias: file.pop("parameters"), "no parameters"),
          ("with a parameter too few", lambda file, bias: file["parameters"].pop("layers.1.bias"),
           "missing: layers.1.bias"),
          ("with one too many", lambda file, bias: file["parameters"].update(more=bias),
           "extra: more"),
          ("of another shape", lambda file, bias: bias.update(shape=[1, 3]), "layers.0.bias",
           "(1, 3)", "(3,)"),
          ("with data that do not fill the shape", lambda file, bias: bias["data"].pop(),
           "layers.0.bias", "2 numbers", "(3,)"),
          ("with a negative length", lambda file, bias: bias.update(shape=[-3]), "layers.0.bias",
           "shape"),
          ("with a string weight", lambda file, bias: bias.update(data=["0.0"] * 3),
           "layers.0.bias", "finite float"),
          ("with null for a weight", lambda file, bias: bias.update(data=[None] * 3),
           "layers.0.bias", "finite float"),
          ("without data", lambda file, bias: bias.pop("data"), "layers.0.bias", "data"),
          ("with more beside the data", lambda file, bias: bias.update(dtype="f8"),
           "layers.0.bias", "shape and data")]],
    row("a nan is not saved", save_nan, ValueError, "layers.1.bias", "nan"),
]


ROWS = [*NUMBERS, *OPERANDS, *shapes(Array), *shapes(np), *ELSEWHERE, *RULES,
        *LABELS, *TRAINING, *NETWORKS, *FILES]

# What was given: the operation, function, class, file or setting in front, a shape, or a value.
GIVEN = re.compile(r"^[\w./%'\[\]* -]+(: |\(\)| = )|\((\d+,)?( ?\d+,?)*\)|'.+'")
# What to do: an instruction, or the condition that the input has to meet.
REMEDY = re.compile(
    r"\b(must|use|give|pass|take|make|build|reduce|index it|compare|reshape|save|get|exchange|"
    r"write|convert|compute|flatten|did you mean|only|needs|one each|name each|cannot be|can be|"
    r"takes|unexpected|missing|extra|reads version|describes)\b|\.data\b|\.detach\(\)|stack")
LONGEST = 500  # characters: what was given is cut short when it is long


def raised(call, folder):
    """The exception that the call raises."""
    with pytest.raises(Exception) as caught:
        call(folder) if call.__code__.co_argcount > len(call.__defaults__ or ()) else call()
    return caught.value


@pytest.mark.parametrize("call, error, words, by_numpy", ROWS)
def test_refused(call, error, words, by_numpy, tmp_path):
    bad = raised(call, tmp_path)
    message = str(bad)
    assert isinstance(bad, error), f"{type(bad).__name__}: {message}"
    assert [word for word in words if word not in message] == [], message
    assert GIVEN.search(message), f"does not name what was given: {message}"
    assert by_numpy or REMEDY.search(message), f"does not say what to do: {message}"
    assert len(message.replace(str(tmp_path), "")) < LONGEST


def test_the_table_is_large_and_its_rows_differ():
    assert len(ROWS) >= 120
    assert len({param.id for param in ROWS}) == len(ROWS)
    assert IN_NUMPYS_WORDS <= {param.id[:-len(" (numpy)")] for param in ROWS}


def test_an_axis_by_place_and_by_name_is_refused_without_internal_names():
    with pytest.raises(TypeError, match="^sum: .* if it is not given by name"):
        matrix().sum(0, axis=1)


@pytest.mark.parametrize("message", [
    "", "wrong", "invalid input", "list index out of range", "int too large to convert to float"])
def test_the_common_rule_can_fail(message):
    assert not GIVEN.search(message) or not REMEDY.search(message)


# -- looks bad, but has a meaning ----------------------------------------------------------------


@pytest.mark.parametrize("kind", [Array, np], ids=["Array", "numpy"])
@pytest.mark.filterwarnings("ignore:invalid value")  # NumPy warns of 0/0
def test_reductions_of_nothing(kind):
    x = empty(0, kind=kind)
    assert ag.sum(x).item() == 0.0 and ag.prod(x).item() == 1.0
    assert math.isnan(ag.mean(x).item())
    rows = empty(0, 3, kind=kind)
    assert ag.sum(rows, axis=0).data.tolist() == [0.0] * 3
    assert ag.prod(rows, axis=0).data.tolist() == [1.0] * 3
    assert all(map(math.isnan, ag.mean(rows, axis=0).data.tolist()))
    assert ag.sum(rows, axis=1).shape == ag.prod(rows, axis=1).shape == (0,)


@pytest.mark.parametrize("kind", [Array, np], ids=["Array", "numpy"])
def test_the_gradient_of_nothing_is_empty(kind):
    x = empty(0, 3, kind=kind)
    ag.prod(x, axis=0).sum().backward()
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("data, shape", [([], (0,)), ([[]], (1, 0)), ([[], []], (2, 0))])
def test_empty_lists_are_empty_arrays(data, shape):
    assert Value(data).shape == shape


@pytest.mark.parametrize("data", [True, 3, np.int64(3), np.float32(0.5), Fraction(1, 2), range(3)])
def test_other_real_numbers_are_welcome(data):
    assert np.asarray(Value(data).data).tolist() == np.asarray(data, dtype=float).tolist()


def test_data_replaced_before_backward_do_not_bend_the_gradient():
    for kind in (Array, np):
        x = vector(kind)
        y = (x * x).sum()
        x.data = x.data * 0.0
        y.backward()
        assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_backward_inside_no_grad_of_what_was_recorded_outside():
    x = vector()
    y = (x * x).sum()
    with no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_a_variance_without_anything_left_to_divide_by():
    assert ag.var(Value([1.0, 2.0]), correction=2).item() == INF
    assert ag.var(Value([1.0, 2.0]), correction=3).item() == INF  # and not negative


def test_a_batch_size_beyond_the_data_gives_one_batch():
    (images, labels), = batches(BATCH, [0, 1], 100)
    assert images.tolist() == BATCH.tolist() and labels == [0, 1]


def test_grad_of_a_plain_number_is_zero():
    assert ag.grad(lambda x: 3.0)(1.0) == 0.0
    assert ag.grad(lambda x: x * x if x > 0 else 0.0)(-1.0) == 0.0
    assert ag.grad(lambda x: 3)(asarray([1.0, 2.0])).tolist() == [0.0, 0.0]
    assert ag.jacobian(lambda x: [1.0, 2.0])([1.0, 2.0]).tolist() == [[0.0, 0.0]] * 2


def test_float_of_a_value_is_welcome_where_the_graph_goes_on():
    assert float(number()) == 2.0  # outside
    assert ag.grad(lambda x: x * x if float(x) > 0 else -x)(3.0) == 6.0
    assert ag.grad(lambda x: 3.0)(1.0) == 0.0  # what was done before is no reason
    assert ag.grad(lambda x: x * ag.grad(lambda y: y * y)(math.floor(x)))(2.5) == 4.0


def test_an_index_may_be_a_numpy_array():
    assert matrix()[np.array([1, 0])].data.tolist() == [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]
    assert vector()[np.array([True, False, True])].data.tolist() == [1.0, 3.0]
    assert vector()[np.int64(2)].data == 3.0


def test_seed_and_grad_become_the_kind_of_the_data():
    x, y = vector(), vector(np)
    (x * 2).backward(np.ones(3))
    (y * 2).backward(asarray([1.0, 1.0, 1.0]))
    assert type(x.grad) is Array and type(y.grad) is np.ndarray
    x.grad, y.grad = np.zeros(3), [0, 0, 0]
    assert type(x.grad) is Array and y.grad.dtype == np.float64


def test_a_refused_state_changes_nothing():
    model = MLP(2, [1], rng=Random(0))
    before = {name: data.tolist() for name, data in model.state_dict().items()}
    with pytest.raises(ValueError):
        model.load_state_dict({"layers.0.weight": [[1.0], [1.0]], "layers.0.bias": [1.0, 2.0]})
    assert {name: data.tolist() for name, data in model.state_dict().items()} == before


def test_an_error_leaves_recording_as_it_was():
    with pytest.raises(ValueError), no_grad():
        matrix() @ matrix()
    x = number()
    assert (x * x).inputs == (x, x)
