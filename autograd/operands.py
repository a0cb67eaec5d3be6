"""What an operation is given and gives: made fit to compute with, and named in its errors."""
from __future__ import annotations

from types import FunctionType

from . import array
from .array import Array, TransposedProduct, unchecked
from .namespace import KNOWN_DTYPES, as_data, as_data_like, as_number, namespace, shape

CO_VARARGS = 4  # in the flags of a function's code: it has a *args (`inspect` takes long to import)
ERRORS = (TypeError, ValueError, IndexError, OverflowError)


def constant(x, operands):
    """What an operation computes with for x, one of its operands that is no Node.

    Lists become arrays of the kind that they meet; NumPy's numbers beside floats, or Arrays, become
    floats.
    """
    if type(x) is int:
        return as_number(x)
    if type(x) is float:
        return x
    if getattr(x, "dtype", None) in KNOWN_DTYPES and x.shape:  # an array, no single number
        return x
    if isinstance(x, (list, tuple, range)):
        return as_array_beside(operands, x)
    if not shape(x) and any(is_of_floats(other) for other in operands):
        xp = namespace(x)  # a Symbol makes a step of it
        return xp.as_number(x) if hasattr(xp, "takes_any_array") else \
            as_number(x.item() if hasattr(x, "item") else x)
    return as_data(x)


def as_array_beside(operands, x):
    """A list as an array of the kind of the arrays among the operands, or of the numbers."""
    met = [getattr(other, "_data", other) for other in operands
           if not isinstance(other, (list, tuple, range))]
    arrays = [data for data in met if shape(data)]
    xp, data = namespace(0.0, *(arrays or met)), as_data(x)  # lists may have met nothing else
    return data if xp is array else xp.asarray(data.tolist())


def is_of_floats(operand) -> bool:
    """Is an operand a Value of a float, or an Array, or of the Symbol of one?"""
    data = getattr(operand, "_data", operand)
    kind = getattr(data, "kind", None)  # of a Symbol
    if type(data) is float or kind == "number":
        return data is not operand  # a plain float goes along with NumPy's numbers
    return isinstance(data, Array) or kind == "list"


def fit(data, itself, giver="the function"):
    """What a primitive, or a rule of it, computed, once it is sure to be a number or an array."""
    if type(data) is float or getattr(data, "dtype", None) in KNOWN_DTYPES:
        return data
    if isinstance(data, (list, tuple)):
        raise TypeError(f"{itself.name}: {giver} gave a {type(data).__name__}; it must give a "
                        "number or an array, e.g. autograd.asarray(...)")
    try:
        fitting = as_data(data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{itself.name}: {giver} must give a number or an array: "
                          f"{error}") from error
    # An int of another library's, as the sum of a mask is, becomes that library's float.
    return data * 1.0 if type(fitting) is float and hasattr(data, "dtype") else fitting


def fit_settings(settings, itself):
    """The settings that a primitive is given, once none is a Value.

    Axes in a list become a tuple: NumPy wants one, and nobody can write into it before the rules
    need it.
    """
    for name, setting in settings.items():
        if hasattr(setting, "_operands"):  # a Node; other things may have _data
            code = getattr(itself.forward, "__code__", None)
            if code and name in code.co_varnames[:code.co_argcount]:
                raise TypeError(f"{itself.name}: {name}={setting!r} is an operand; give it by "
                                "place, without its name")
            raise TypeError(f"{itself.name}: {name}={setting!r} is a Value, but a setting has no "
                            "derivative; give a plain number, e.g. its .data")
        if isinstance(setting, list) and name in ("axis", "axes"):
            settings = {**settings, name: tuple(setting)}
    return settings


def check_definition(forward, rules, each):
    """Raise TypeError unless a primitive can be made of this function and these rules."""
    if not hasattr(forward, "__code__") and (each or any(rules) or not callable(forward)):
        raise TypeError(f"primitive: {forward!r} is no Python function; write @primitive(rule, "
                        "...) above a def, with a rule for each operand")
    for rule in rules:
        if rule is not None and not callable(rule):
            raise TypeError(f"primitive: {forward.__name__} has a rule {rule!r:.40}, which can't "
                            "be called; write lambda g, out, x: ..., or None for no derivative")
    if each and (rules or not callable(each)):
        raise TypeError(f"primitive: {forward.__name__} has rules {rules} and each={each!r}; "
                        "give rules, or each=, one function for all operands")
    if any(rules) and forward.__code__.co_argcount != len(rules):
        raise TypeError(f"primitive: {forward.__name__} has {forward.__code__.co_argcount} "
                        f"operands and {len(rules)} rules; give each its rule, None for none, "
                        "or each= where there may be any number")
    for rule in rules:
        if not takes(rule, 2 + len(rules)):
            names = ", ".join(forward.__code__.co_varnames[:len(rules)])
            raise TypeError(f"primitive: {forward.__name__} has a rule that can't be called with "
                            f"{2 + len(rules)} operands; write lambda g, out, {names}: ..., with "
                            "the gradient towards out, then out and every operand")


def takes(rule, count) -> bool:
    """Can a rule be called with that many operands? Of what is no Python function: perhaps."""
    if type(rule) is not FunctionType or rule.__code__.co_flags & CO_VARARGS:
        return True
    most = rule.__code__.co_argcount
    return most - len(rule.__defaults__ or ()) <= count <= most


def explained(error, itself, operands):
    """The same error, naming the operation and the shapes it was given."""
    message = str(error)
    kind = next((kind for kind in ERRORS[:-1] if isinstance(error, kind)), ValueError)
    if message.startswith(f"{itself.name}:"):
        return kind(message)
    if ("positional argument" in message and "missing" not in message
            or "unexpected keyword" in message) and hasattr(itself.forward, "__code__"):
        code = itself.forward.__code__
        by_place = code.co_varnames[:code.co_argcount]
        by_name = code.co_varnames[len(by_place):][:code.co_kwonlyargcount]
        message += f"; it takes {', '.join(by_place)}"
        message += f", and by name {', '.join(by_name)}" if by_name else ""
    message = message.replace(f"{getattr(itself.forward, '__name__', '')}()", f"{itself.name}()")
    given = f"given {all_described(operands)}: " if operands else ""
    return kind(f"{itself.name}: {given}{message}")


def all_described(operands) -> str:
    """What the operands are, for messages."""
    if len(operands) > 4:
        return f"{len(operands)} operands, the first {described(operands[0])}"
    return " and ".join(map(described, operands))


def described(operand) -> str:
    """The shape of an operand, or what else it is, for messages."""
    lengths = getattr(operand, "shape", ())
    return str(lengths) if lengths else \
        "a number" if hasattr(operand, "__float__") else type(operand).__name__


def may_keep(g, data, taken) -> bool:
    """May a leaf of this data keep g for its grad, no copy? If others write into it, it may not.

    taken: the ids of the arrays that others have. An Array is immutable, and so safe.
    """
    if type(g) is not type(data):
        return False
    return type(g) is Array or (
        id(g) not in taken and getattr(g, "base", g) is None and g.dtype == data.dtype)


def own(g, data):
    """g in the kind and precision of the data, in memory that nothing else shares."""
    g = getattr(g, "_data", g)  # of a Value, as a rule gives that closes over one
    dtype = getattr(data, "dtype", float)
    if dtype == bool:  # the gradient of a mask is no mask
        dtype = None
    if hasattr(namespace(g), "takes_any_array"):  # the Symbol of a gradient towards a constant
        return namespace(g).asarray(g, dtype=dtype, copy=True)
    if isinstance(data, Array):
        if not isinstance(g, Array):  # a rule gave another library's
            return as_data_like(data, g, "backward: the gradient")
        if isinstance(g, TransposedProduct):  # an update may yet spare making it
            return g
        return unchecked(g.shape, g.flat)  # computed now, if it was deferred
    if type(data) is float:
        return float(g)
    return namespace(data).asarray(g, dtype=dtype, copy=True)
