"""The inputs of a compiled function: its arguments, and the Values that it closes over.

Arguments are taken apart into leaves, of which a program has one input each: numbers, arrays, and
lists of ints, which are labels or places. A list of floats has as many leaves as numbers.
"""
from __future__ import annotations

from functools import lru_cache, partial
from numbers import Integral

from .array import Array, as_number
from .backward import converted
from .functional import like, mapped
from .graph import Node
from .namespace import library
from .symbols import Symbol


# -- the arguments -------------------------------------------------------------------------------

@lru_cache(maxsize=None)
def form(kind: type) -> str:
    """What an argument of a type is to a program."""
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


def with_symbols(arg, name, known, inputs):
    """The argument with a Symbol for each leaf of `take_apart`; inputs receives these."""
    its_form = form(type(arg))
    if its_form in ("number", "array", "Array") or is_labels(arg):
        data = float(arg) if its_form == "number" else \
            type(arg)(map(int, arg)) if its_form == "list" else arg
        inputs.append(Symbol.leaf(data, name, known))
        return inputs[-1]
    if its_form == "dict":
        return {key: with_symbols(part, f"{name}_{key}", known, inputs)
                for key, part in arg.items()}
    if its_form == "list":
        return like(arg, [with_symbols(part, f"{name}_{i}", known, inputs)
                          for i, part in enumerate(arg)])
    return arg


def is_labels(arg) -> bool:
    """Is the argument a list of ints?"""
    return type(arg) in (list, tuple) and len(arg) > 0 and all(map(is_int, set(map(type, arg))))


def holds_labels(x) -> bool:
    """Is x an array of ints of one axis?"""
    return is_array(x) and len(x.shape) == 1 and is_labels(x[:1].tolist())


def listed_labels(its_library, arg):
    """Labels in an array, beside arrays of another library, as a list; anything else as it is."""
    return arg.tolist() if holds_labels(arg) and library(arg) is not its_library else arg


def is_array(x) -> bool:
    """Is x an array, our own or that of another library?"""
    return form(type(x)) in ("array", "Array")


def things_in(thing):
    """The things in lists, tuples and dicts."""
    found = []
    mapped(found.append, thing)
    return found


def numbers_in(thing):
    """All numbers in results."""
    return [number for x in things_in(thing)
            for number in (things_in(x.tolist()) if hasattr(x, "tolist") else [x])]


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


def parameter_names(f, args=(), settings={}) -> dict[Node, str]:
    """The names of the Values that f may read: `layers.0.weight` of a Module, `x.0` of a list.

    They are among its arguments, or it closes over them, or a function that it closes over does;
    or they are attributes of the object whose method it is, which may be its first argument.
    """
    names, taken, met = {}, set(), set()
    itself = args[0] if args and not isinstance(args[0], type) else None
    waiting = [("", f), *zip(argument_names(f, len(args)), args), *settings.items(),
               *getattr(itself, "__dict__", {}).items()]
    for name, thing in waiting:  # and more while we go
        if isinstance(thing, Node):
            found = [(name, thing)]
        elif hasattr(type(thing), "named_parameters"):
            found = [(path, p) for path, p in thing.named_parameters() if isinstance(p, Node)]
        elif id(thing) in met:
            continue
        else:
            met.add(id(thing))
            found = []
            waiting += [(f"{name}.{key}".strip("."), part) for key, part in parts_of(thing)]
        for path, p in found:
            names.setdefault(p, f"{name}.{path}" if path in taken else path)
        taken.update(path for path, _ in found)
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
        return [("", thing.__func__), *getattr(thing.__self__, "__dict__", {}).items()]
    if not isfunction(thing) or str(thing.__module__).startswith(f"{__package__}."):
        return []  # the engine's own functions know no Values
    defaults = {name: p.default for name, p in signature(thing).parameters.items()}
    try:
        variables = getclosurevars(thing)
    except ValueError:  # it closes over a name that has no value yet
        return list(defaults.items())
    return list({**defaults, **variables.globals, **variables.nonlocals}.items())
