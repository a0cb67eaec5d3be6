"""Value: what users hold. A Node with operators, methods, `.data`, `.grad` and `.backward()`."""
from __future__ import annotations

import operator
from functools import update_wrapper

from . import compositions, graph, ops
from .array import Array
from .backward import backward
from .graph import Node, plain, primitive
from .manners import Manners
from .namespace import as_data, as_data_like, namespace, shape, unmasked, unshared

TYPE_CHECKING = False  # when run: `typing` takes a quarter as long to import as all the rest
if TYPE_CHECKING:
    from typing import Any


def axiswise(function):
    """The method form of an operation along axes: the axis may be given by place."""
    name = function.__name__

    def method(self, *axis, **settings):
        if len(axis) > 1 or axis and "axis" in settings:
            raise TypeError(f"{name}: {axis} by place, where only one axis may stand, if it is not "
                            "given by name; give what else it takes by name, such as axis=(0, 1) "
                            "or keepdims=True")
        if settings.keys() & {"dim", "keepdim", "out"}:
            raise TypeError(f"{name}: dim and keepdim are PyTorch's names, and out is what NumPy's "
                            f"own function gives; write x.{name}(axis=..., keepdims=...)")
        if axis:
            settings["axis"], = axis
        return function(self, **settings)
    return update_wrapper(method, function, assigned=("__name__", "__qualname__", "__doc__"))


def reflected(operation):
    """The method for `other + value`, where the Value is the operand on the right."""
    return lambda self, other: operation(other, self)


class Value(Manners, Node):
    """A number or an array of numbers that remembers what it was computed from.

    data: a number, nested lists of numbers, an Array, or any array with `__array_namespace__`
    (NumPy, JAX ...), which is kept as it is. A Value made here is a leaf: `backward()` adds to
    its `.grad`. Plain numbers and arrays that meet a Value in an operation are constants. Masks are
    computed with as their library does: True + True is 2 in an Array and True in NumPy.

    >>> x = Value(3.0, name="x")
    >>> y = x * x + 2
    >>> y.backward()
    >>> y.data, x.grad
    (11.0, 6.0)
    """

    __slots__ = ("__dict__",)  # a script may hang attributes of its own on a leaf
    __array_priority__ = 1e3   # NumPy's arrays and numbers leave `array * value` to us
    name: str | None = None
    calls: tuple = ()          # of Modules that gave this: see nn/module.py

    def __init__(self, data, name: str | None = None):
        self._data = plain_number(as_data(plain(data)))
        self._grad = self.primitive = None
        self._operands = graph.LEAF
        self._x = next(graph.moments)
        if name is not None:
            if not isinstance(name, str):
                raise TypeError(f"Value: the name must be a string, not {name!r}; several numbers "
                                "go into a list")
            self.name = name

    # -- what it holds ---------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The number or array. That of a leaf can be replaced by another of the same shape.

        A NumPy array is yours, not a copy: `leaf.data -= step` writes into it.
        """
        return self._data

    @data.setter
    def data(self, new):
        if self.primitive:
            raise ValueError(f"data: this is the result of {self.op}; only a leaf's data can be "
                             "replaced. Make a leaf of it with .detach()")
        if new is self._data:  # a NumPy array that was written into
            return
        if type(new) is not float:
            new = plain_number(as_data(plain(new)))
        if shape(new) != shape(self._data):
            raise ValueError(f"data: shape {shape(new)} can't replace {shape(self._data)}; "
                             "make a new Value")
        self._data = new

    @property
    def grad(self) -> Any:
        """The gradient, in the shape of the data; zeros before any backward.

        A leaf (or what no_grad made) adds up over calls of backward until set to 0 or None; any
        other Value holds that of the last one.
        """
        if self._grad is None:
            return namespace(self._data).zeros_like(unmasked(self._data))
        return self._grad

    @grad.setter
    def grad(self, new):
        if new is None or type(new) in (int, float) and new == 0:
            self._grad = None
        elif isinstance(new, Node) and shape(new._data) == shape(self._data):
            self._grad = new  # as backward(create_graph=True) gives it
        else:
            self._grad = as_data_like(self._data, plain(new), "grad: the new one")

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis; () for a single number."""
        return tuple(shape(self._data))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return getattr(self._data, "size", 1)

    def detach(self) -> Value:
        """A leaf with the same data and no history: the gradient stops here."""
        return Value(self._data)

    backward = backward

    # -- operators -------------------------------------------------------------------------------

    __add__ = ops.add
    __sub__ = ops.subtract
    __mul__ = ops.multiply
    __truediv__ = ops.divide
    __pow__ = ops.pow
    __matmul__ = ops.matmul
    __neg__ = ops.negative
    __abs__ = abs = ops.abs

    __radd__, __rsub__, __rmul__, __rtruediv__, __rpow__, __rmatmul__ = map(reflected, (
        ops.add, ops.subtract, ops.multiply, ops.divide, ops.pow, ops.matmul))

    def __pos__(self):
        return self

    def __getitem__(self, index):
        return ops.getitem(self, index=unshared(index))

    # Comparisons give plain booleans or masks. `==` stays identity, so that Values can be keys.

    __lt__, __le__, __gt__, __ge__ = map(primitive(None, None), (
        operator.lt, operator.le, operator.gt, operator.ge))

    # -- the operations as methods ---------------------------------------------------------------

    exp, expm1, log, log1p, log2 = ops.exp, ops.expm1, ops.log, ops.log1p, ops.log2
    sqrt, square, erf = ops.sqrt, compositions.square, ops.erf
    sin, cos, tan, asin, acos, atan = ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan
    sinh, cosh, tanh, sigmoid, softplus = ops.sinh, ops.cosh, ops.tanh, ops.sigmoid, ops.softplus
    relu, leaky_relu, elu = ops.relu, ops.leaky_relu, ops.elu
    gelu, silu = compositions.gelu, compositions.silu
    maximum, minimum, clip, sign = ops.maximum, ops.minimum, compositions.clip, ops.sign
    matmul, vecdot, outer = ops.matmul, compositions.vecdot, compositions.outer
    tensordot = compositions.tensordot
    sum, prod, mean = axiswise(ops.sum), axiswise(compositions.prod), axiswise(compositions.mean)
    max, min, norm = axiswise(ops.max), axiswise(ops.min), axiswise(ops.norm)
    var, std = axiswise(compositions.var), axiswise(compositions.std)
    argmax, argmin = axiswise(ops.argmax), axiswise(ops.argmin)
    logsumexp, cumulative_sum = axiswise(ops.logsumexp), axiswise(ops.cumulative_sum)
    softmax = axiswise(ops.softmax)
    log_softmax = axiswise(ops.log_softmax)
    flatten, swapaxes = compositions.flatten, compositions.swapaxes
    squeeze, flip = axiswise(compositions.squeeze), axiswise(compositions.flip)
    take, take_along_axis = compositions.take, compositions.take_along_axis
    split, repeat, tile, roll = (
        compositions.split, compositions.repeat, compositions.tile, compositions.roll)
    trace, tril, triu = compositions.trace, compositions.tril, compositions.triu

    def reshape(self, *shape) -> Value:
        """The same entries in another shape: `x.reshape(2, -1)` or `x.reshape((2, -1))`."""
        return ops.reshape(self, shape=listed(shape))

    view = reshape  # PyTorch's name

    def permute_dims(self, *axes) -> Value:
        """The axes in another order."""
        return ops.permute_dims(self, axes=listed(axes))

    def transpose(self, *axes) -> Value:
        """The axes in reverse order, or in the given one; two given by place are exchanged."""
        if len(axes) == 2:
            return compositions.swapaxes(self, *axes)
        return compositions.transpose(self, axes=listed(axes) if axes else None)

    T = property(compositions.transpose)

    def expand_dims(self, axis: int) -> Value:
        """With a new axis of length 1 at the given place."""
        return compositions.expand_dims(self, axis=axis)

    unsqueeze = expand_dims  # PyTorch's name

    def broadcast_to(self, *shape) -> Value:
        """Repeated along axes of length 1 and along new axes in front."""
        return ops.broadcast_to(self, shape=listed(shape))


graph.Value = Value

# An Array has these too, as NumPy's arrays do: on plain data an operation just computes.
METHODS_OF_ARRAYS = (
    "sum", "prod", "mean", "var", "std", "max", "min", "argmax", "argmin", "norm", "clip", "trace",
    "reshape", "flatten", "squeeze", "transpose", "swapaxes", "take", "repeat")
for _name in METHODS_OF_ARRAYS:
    setattr(Array, _name, getattr(Value, _name))


def plain_number(data):
    """NumPy's double precision numbers are floats: as plain ones they compute faster."""
    return float(data) if isinstance(data, float) else data


def listed(numbers):
    """f(2, 3) and f((2, 3)) alike as (2, 3)."""
    return tuple(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], (tuple, list)) \
        else numbers
