"""Manners: what Python expects of a good object, for Values: float(x), len(x), repr(x), copies."""
from __future__ import annotations

from . import graph
from .array import Array, six_digits
from .backward import converted
from .graph import Node, plain
from .namespace import as_number


class Manners:
    """The methods of a Value that have nothing to do with derivatives."""

    __slots__ = ()

    def item(self) -> float:
        """The only entry, as a float; ValueError if there is not exactly one."""
        if self.size != 1:
            raise ValueError(f"item: shape {self.shape} holds {self.size} numbers, not one; "
                             "index or reduce it first")
        return float(self._data.item() if hasattr(self._data, "item") else self._data)

    def __float__(self):
        converted.set(True)
        return self.item()

    def __int__(self):
        return int(float(self))

    def __bool__(self):
        if self.size != 1:
            raise ValueError(f"bool: shape {self.shape} has no single truth value; index or reduce "
                             "it first")
        return bool(self._data)

    def __round__(self, digits=None):
        return round(float(self), digits)

    def __format__(self, spec):
        return format(self.item(), spec) if spec else repr(self)

    def __len__(self):
        if not self.shape:
            raise TypeError(f"len: {self!r} is a single number and has no length; use it as it is")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __contains__(self, number):
        if not self.shape:
            raise TypeError(f"in: {self!r} is a single number and contains none; compare the two")
        return as_number(plain(number)) in self._data

    def __setitem__(self, index, number):
        raise TypeError(f"setitem: shape {self.shape} can't be written into, or the graph would "
                        "be wrong; make a new Value, e.g. where(mask, new, old)")

    def __floordiv__(self, other):
        raise TypeError("// and %: a step function such as these has no useful derivative; use / "
                        "on Values, or // and % on their .data")

    __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = __floordiv__

    def __repr__(self):
        parts = [short(self._data)]
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        if self._grad is not None:
            parts.append(f"grad={short(self._grad)}")
        if self.op:
            parts.append(f"op={self.op}")
        return f"Value({', '.join(parts)})"

    def __array__(self, *args, **kwargs):
        raise TypeError("numpy: a Value carries a graph that a NumPy array can't; use autograd's "
                        "function of the name, e.g. autograd.exp(x), or take its .data")

    def __reduce__(self):
        if self.primitive:
            raise TypeError(f"copy: this is the result of {self.op} and a part of its graph, so it "
                            "can't be copied or pickled; .detach() it first")
        return rebuild, (type(self), self._data, self._grad, self.__dict__)

    def outline(self, most: int = 200) -> None:
        """Print the graph as indented text, each Value above those it was computed from."""
        print("\n".join(outline(self, most)))


def rebuild(kind, data, grad, attributes):
    """A leaf from what `__reduce__` gave: for copies and pickles."""
    leaf = kind.__new__(kind)
    graph.Value.__init__(leaf, data)  # a class of the user's may want more for its own
    leaf._grad = grad
    leaf.__dict__.update(attributes)
    return leaf


def short(data):
    """Data of any kind as short text; floats and Arrays at six digits."""
    if isinstance(data, float):
        return six_digits(data)
    return repr(data)[len("Array("):-1] if isinstance(data, Array) else repr(data)


def counted(number: int, noun: str) -> str:
    """A number of things as text: 1 node, 13,002 parameters, 2 leaves."""
    if number != 1:
        noun = "leaves" if noun == "leaf" else f"{noun}s"
    return f"{number:,} {noun}"


def outline(root, most):
    """The lines of Value.outline; of what stands in two places, the inputs are shown once."""
    lines, seen, stack, places = [], set(), [(root, 0)], {}
    while stack and len(lines) < most:
        x, depth = stack.pop()
        for module, *_ in reversed(getattr(x, "calls", ())):  # the outermost Module gives the names
            for place, parameter in module.named_parameters():
                places.setdefault(parameter, place)
        place = f"{places[x]}: " if isinstance(x, Node) and x in places and not x.name else ""
        again = isinstance(x, Node) and x.inputs and x in seen
        text = " ".join((repr(x) if isinstance(x, Node) else short(x)).split())  # NumPy takes lines
        lines.append("    " * depth + place + text + (" (see above)" if again else ""))
        if isinstance(x, Node) and not again:
            seen.add(x)
            stack += [(its_input, depth + 1) for its_input in reversed(x.inputs)]
    return lines + [f"... {len(stack)} more branches"] if stack else lines
