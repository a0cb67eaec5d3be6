"""The inputs of a compiled function: its arguments, and the Values that it closes over.

Arguments are taken apart into leaves, of which a program has one input each: numbers, arrays, and
lists of ints, which are labels or places. A list of floats has as many leaves as numbers.
"""
from __future__ import annotations

from functools import lru_cache, partial
from numbers import Integral

from .array import Array, as_number
from .backward import converted
from .functional import mapped
from .graph import Node


# -- the arguments -------------------------------------------------------------------------------

@lru_cache(maxsize=None)
def form(kind: type) -> str:
    """What an argument of a type is to a program. "Array" is our own, "array" one of a library."""
    if kind is float or is_int(kind):
        return "number"  # an int computes as a float
    if issubclass(kind, Array):
        return "Array"
    of_numpy = kind.__module__ == "numpy" and hasattr(kind, "shape")  # its numbers, too
    if of_numpy or hasattr(kind, "__array_namespace__"):
        return "array"
    if issubclass(kind, Node):
        return "Value"
    if issubclass(kind, dict):
        return "dict"
    return "list" if issubclass(kind, (list, tuple)) else "other"


@lru_cache(maxsize=None)
def is_int(kind: type) -> bool:
    """Is this the type of Python's ints, or one of NumPy's?"""
    return kind is int or hasattr(kind, "dtype") and issubclass(kind, Integral)


def take_apart(arg, leaves, kinds):
    """Add the numbers, arrays and lists of ints in an argument to leaves, their kinds to kinds."""
    its_form = form(type(arg))
    if its_form == "number":
        leaves.append(arg if type(arg) is float else as_number(arg))
        kinds.append(float)
    elif its_form == "array":
        leaves.append(arg)
        kinds.append((type(arg), arg.shape, arg.dtype))
    elif its_form == "Array":
        leaves.append(arg.flat)
        kinds.append((Array, arg.shape, arg.dtype))
    elif is_labels(arg):
        leaves.append(list(map(int, arg)))
        kinds.append((type(arg), int, len(arg)))
    elif its_form == "list":
        kinds.append((type(arg), len(arg)))
        for part in arg:
            take_apart(part, leaves, kinds)
    elif its_form == "dict":
        kinds.append((type(arg), *arg))
        for part in arg.values():
            take_apart(part, leaves, kinds)
    elif its_form == "Value":
        if arg.op is not None:
            raise TypeError(f"compile: an argument is the result of {arg.op}, and its gradient "
                            "would end here; compile the whole function, or .detach() it")
        kinds.append(arg)
        converted.set(True)  # for `grad`: what comes is a number without a graph
    elif getattr(arg, "__hash__", None) is None or hasattr(arg, "__next__"):
        raise TypeError(f"compile: an argument of type {type(arg).__name__} may change unnoticed; "
                        "give numbers, arrays, and lists, tuples and dicts of these")
    else:
        kinds.append((type(arg), arg))


def is_labels(arg) -> bool:
    """Is the argument a list of ints?"""
    return type(arg) in (list, tuple) and len(arg) > 0 and all(map(is_int, set(map(type, arg))))


def holds_labels(x) -> bool:
    """Is x an array of ints of one axis?"""
    return is_array(x) and len(x.shape) == 1 and is_labels(x[:1].tolist())


def is_array(x) -> bool:
    """Is x an array, our own or that of another library?"""
    return form(type(x)) in ("array", "Array")


def things_in(thing):
    """The things in lists, tuples and dicts."""
    found = []
    mapped(found.append, thing)
    return found


# -- their names, and what else the function reads -----------------------------------------------

def argument_names(f, count) -> list[str]:
    """The names of f's positional arguments."""
    from inspect import Parameter, signature
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # a function that does not say
        parameters = []
    names = [p.name for p in parameters
             if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    return (names + [f"x{i}" for i in range(len(names), count)])[:count]


def parameter_names(f, args, settings) -> dict[Node, str]:
    """The names of the Values that f may read: `layers.0.weight` of a Module, `x.0` of a list.

    They are among its arguments, or it closes over them, or a function that it closes over does;
    or they are attributes of the object whose method it is, which may be its first argument.
    """
    names, taken, met = {}, set(), set()
    waiting = [("", f), *zip(argument_names(f, len(args)), args), *settings.items()]
    if args and not isinstance(args[0], type):
        waiting += attributes_of(args[0])
    for name, thing in waiting:  # which grows while we go
        if isinstance(thing, Node):
            names.setdefault(thing, name)
            taken.add(name)
        elif hasattr(type(thing), "named_parameters"):
            found = [(path, p) for path, p in thing.named_parameters() if isinstance(p, Node)]
            for path, p in found:  # two models may each have a layers.0.weight
                names.setdefault(p, f"{name}.{path}" if path in taken else path)
            taken.update(path for path, _ in found)
        elif id(thing) not in met:
            met.add(id(thing))
            waiting += [(f"{name}.{key}".strip("."), part) for key, part in parts_of(thing)]
    return names


def parts_of(thing) -> list:
    """What a container holds, and what a function reads that is no argument, each by its name."""
    from inspect import getclosurevars, isfunction, ismethod, signature, unwrap
    if isinstance(thing, dict):
        return list(thing.items())
    if isinstance(thing, (list, tuple)):  # one of numbers, as of pixels, may be long
        return [] if thing and isinstance(thing[0], (int, float)) else list(enumerate(thing))
    thing = unwrap(thing) if callable(thing) else thing
    if isinstance(thing, partial):
        return [("", thing.func), *thing.keywords.items(),
                *zip(argument_names(thing.func, len(thing.args)), thing.args)]
    if ismethod(thing):
        return [("", thing.__func__), *attributes_of(thing.__self__)]
    if not isfunction(thing) or str(thing.__module__).startswith(f"{__package__}."):
        return []  # the engine's own functions know no Values
    defaults = {name: p.default for name, p in signature(thing).parameters.items()}
    try:
        variables = getclosurevars(thing)
    except ValueError:  # it closes over a name that has no value yet
        return list(defaults.items())
    return list({**defaults, **variables.globals, **variables.nonlocals}.items())


def attributes_of(thing) -> list:
    """The attributes of an object, each by its name."""
    return list(getattr(thing, "__dict__", {}).items())
