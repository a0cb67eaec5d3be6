"""Module: a part of a network that finds its own parameters."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from autograd import Value
from autograd.manners import counted
from autograd.namespace import as_data_like
from autograd.operands import own

TYPE_CHECKING = False  # when run: see autograd/value.py
if TYPE_CHECKING:
    from typing import Any


class Module:
    """The base of networks and their parts.

    Parameters are the leaf Values among a Module's attributes, and those of the Modules among
    them; lists, tuples and dicts are looked into. Each is named by its place: `layers.0.weight`.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> float(line(3.0)), [name for name, _ in line.named_parameters()]
    (7.0, ['slope', 'offset'])
    """

    training = True

    def forward(self, *inputs, **settings):
        """What the Module computes; each kind of Module defines it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); define it")

    def __call__(self, *inputs, **settings) -> Any:
        """What `forward` gives, marked as the result of this call: for pictures.

        The mark, in `calls`, is the Module, the ids of its inputs, the number of the call (inner
        ones end first, and so have lower ones), and the place of the result, as each of several is
        marked. (Ids, as holding a list to which the caller adds the result would close a cycle.)
        An error in a Module inside this one says where that stands: `layers.0: ...`.
        """
        try:
            out = self.forward(*inputs, **settings)
        except (TypeError, ValueError, IndexError, FloatingPointError) as error:
            locate(error, self)
            raise
        fed, number = ids((*inputs, *settings.values()) if settings else inputs), next(numbers)
        for place, result in enumerate(results(out) if isinstance(out, NESTS) else (out,)):
            if isinstance(result, Value) and result._operands:
                result.calls += ((self, fed, number, place),)
        return out

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The Modules directly inside this one, with their names."""
        return ((name, thing) for thing, name in contents(self, deep=False).items()
                if isinstance(thing, Module) and thing is not self)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This Module and all inside it, with their names; one that stands twice comes once.

        Raises ValueError for a Module that contains itself.
        """
        return ((name, thing) for thing, name in contents(self).items()
                if isinstance(thing, Module))

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter with its name; one that stands in two places comes once.

        Raises ValueError for two of one name, as keys such as "a.b", or 1 and "1", can give.
        """
        named = {}
        for thing, name in contents(self).items():
            if isinstance(thing, Value):
                if name in named:
                    raise ValueError(f"{name}: the name of {named[name]!r:.60} and of "
                                     f"{thing!r:.60}; use another key for one of them")
                named[name] = thing
        return iter(named.items())

    def parameters(self) -> list[Value]:
        """Every parameter once."""
        return [thing for thing in contents(self) if isinstance(thing, Value)]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: the next backward starts from zero."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict:
        """The data of every parameter by name; NumPy arrays are the parameters' own, not copies."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: dict) -> None:
        """Give every parameter the data that stands under its name.

        It is copied, and becomes the kind of array, and of precision, that the parameter has.
        Raises ValueError that names every missing, extra or misshapen entry; then nothing has
        been changed.
        """
        if not isinstance(state, dict):
            raise TypeError(f"load_state_dict: {type(state).__name__} is no dict; give that of "
                            "state_dict()")
        parameters = dict(self.named_parameters())
        new = {}
        for name in parameters:
            if name in state:
                try:
                    new[name] = Value(state[name])
                except (TypeError, ValueError) as error:
                    raise type(error)(f"load_state_dict: {name}: {error}") from error
        wrong = [f"missing: {name}" for name in parameters if name not in state]
        wrong += [f"extra: {name}" for name in state if name not in parameters]
        wrong += [f"{name}: shape {value.shape} must be that of the parameter, "
                  f"{parameters[name].shape}"
                  for name, value in new.items() if value.shape != parameters[name].shape]
        if wrong:
            raise ValueError("load_state_dict: the entries do not fit this network; "
                             + "; ".join(wrong))
        for name, value in new.items():
            old = parameters[name].data
            parameters[name].data = own(as_data_like(old, value.data, name), old)

    def train(self, mode: bool = True) -> Module:
        """Tell this Module and all inside it that training goes on, or that it does not."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Tell this Module and all inside it that training is over."""
        return self.train(False)

    def describe(self) -> str:
        """What follows the class name in the repr; a Module may say more of itself."""
        return ""

    def __repr__(self):
        count = sum(parameter.size for parameter in self.parameters())
        lines = [f"{type(self).__name__}{self.describe()}: {counted(count, 'parameter')}"]
        scalars = []
        for thing, name in contents(self, deep=False).items():
            if isinstance(thing, Value):
                lines += [f"{name} {thing.shape}"] if thing.shape else []
                scalars += [] if thing.shape else [name]
            elif thing is not self:
                lines += f"{name}: {thing!r}".splitlines()
        lines[1:1] = [", ".join(scalars)] if scalars else []
        return "\n    ".join(lines)


numbers = count()  # of the calls of Modules, as they end


def locate(error, module):
    """Write the place of the Module that failed, the innermost one, in front of the message."""
    if not hasattr(error, "module"):
        error.module, error.said = module, str(error)
    for name, inner in module.named_modules():
        if inner is error.module and name:
            error.args = (f"{name}: {error.said}",)


NESTS = list, tuple, dict


def results(out) -> list:
    """What a Module gave, taken out of the lists, tuples and dicts in which it gave it."""
    found = []
    for x in out.values() if isinstance(out, dict) else out:
        found += results(x) if isinstance(x, NESTS) else [x]
    return found


def ids(inputs) -> list[int]:
    """The ids of the inputs of a call, and of what stands in those that are lists or dicts."""
    found = []
    for x in inputs:
        found.append(id(x))
        if isinstance(x, dict):
            x = list(x.values())
        if isinstance(x, NESTS):  # of a long list of numbers only the ends are looked at
            nested = x and (isinstance(x[0], NESTS) or isinstance(x[-1], NESTS))
            found += ids(x) if nested else map(id, x)
    return found


def contents(thing, name="", deep=True, inside=(), found=None) -> dict[Module | Value, str]:
    """Every Module and leaf Value in a thing, each once, with the name of its place.

    Without `deep`, what is inside the Modules inside a Module is left out.
    """
    found = {} if found is None else found
    if isinstance(thing, Module):
        if type(thing).__hash__ is None:  # @dataclass takes it away
            raise TypeError(f"{name or 'Module'}: a {type(thing).__name__} is compared by what it "
                            "holds, and so can't be told from its like; write "
                            "@dataclass(eq=False), or a class without __eq__")
        if thing in inside:
            raise ValueError(f"{name}: this {type(thing).__name__} contains itself, and so has no "
                             "finite list of parameters; take it out of there")
        if thing in found:
            return found
        found[thing] = name
        parts = vars(thing).items() if deep or not inside else ()
        inside = (*inside, thing)
    else:
        parts = thing.items() if isinstance(thing, dict) else enumerate(thing)
    place = f"{name}." if name else ""
    for key, part in parts:
        if isinstance(part, Value):
            if part.primitive is None:  # a computed Value is no parameter
                found.setdefault(part, f"{place}{key}")
        elif isinstance(part, (Module, list, tuple, dict)):
            contents(part, f"{place}{key}", deep, inside, found)
    return found
