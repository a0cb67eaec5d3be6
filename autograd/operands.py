"""What an operation is given and gives: made fit to compute with, and named in its errors."""
from __future__ import annotations

from .namespace import KNOWN_DTYPES, as_data, as_number, namespace, shape

ERRORS = (TypeError, ValueError, IndexError, OverflowError)


def constant(x, operands):
    """What an operation computes with for x, one of its operands that is no Node.

    Lists become arrays of the kind that they meet; NumPy's numbers beside floats become floats.
    """
    if type(x) is float or getattr(x, "dtype", None) in KNOWN_DTYPES and x.shape:
        return x
    if type(x) is int:
        return as_number(x)
    if isinstance(x, (list, tuple)):
        xp = namespace(*(getattr(other, "_data", other) for other in operands
                         if not isinstance(other, (list, tuple))))
        data = as_data(x)
        return data if xp is namespace() else xp.asarray(data.tolist())
    if not shape(x) and any(type(getattr(other, "_data", None)) is float for other in operands):
        return as_number(x.item() if hasattr(x, "item") else x)
    return as_data(x)


def fit(data, itself):
    """What a primitive computed, once it is sure to be a number or an array."""
    if type(data) is float or getattr(data, "dtype", None) in KNOWN_DTYPES:
        return data
    if isinstance(data, (list, tuple)):
        raise TypeError(f"{itself.name}: the function gave a {type(data).__name__}; it must give a "
                        "number or an array, e.g. autograd.asarray(...)")
    try:
        return as_data(data)
    except TypeError as error:
        raise TypeError(f"{itself.name}: the function must give a number or an array: "
                        f"{error}") from error


def explained(error, itself, operands):
    """The same error, naming the operation and the shapes it was given."""
    message = str(error)
    kind = next((kind for kind in ERRORS[:-1] if isinstance(error, kind)), ValueError)
    if message.startswith(f"{itself.name}:"):
        return kind(message)
    if "positional argument" in message:
        message += "; settings go by name, such as axis=0"
    elif "unexpected keyword" in message and hasattr(itself.forward, "__code__"):
        code = itself.forward.__code__
        names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
        message += f"; it takes {', '.join(names)}"
    message = message.replace(f"{getattr(itself.forward, '__name__', '')}()", f"{itself.name}()")
    return kind(f"{itself.name}: given {all_described(operands)}: {message}")


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
