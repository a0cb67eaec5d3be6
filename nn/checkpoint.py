"""Save a network's parameters to a file and load them back: JSON, and so nothing that can run."""
from __future__ import annotations

import os
from math import isfinite, prod

from autograd import Array

from .module import Module

FORMAT, VERSION = "chalkgrad checkpoint", 1


def save(path: str | os.PathLike, module: Module) -> None:
    """Write the parameters of a Module; the file is whole or, after a crash, still the old one.

    Numbers are written so that they come back to the last bit. Raises ValueError for a nan or an
    inf among them, since a network with one computes nothing, and for what is no float.
    """
    import json  # here and in load: it takes longer to import than the rest of nn
    check_module(module)
    entries = {}
    for name, parameter in module.named_parameters():
        flat = parameter.reshape(-1).data.tolist()
        for number in flat:
            if type(number) is not float or not isfinite(number):
                raise ValueError(f"checkpoint: {name} holds {number!r}, not a finite float, as all "
                                 "must be; not saved")
        entries[name] = {"shape": list(parameter.shape), "data": flat}
    content = {"format": FORMAT, "version": VERSION, "parameters": entries}
    unfinished = f"{os.fsdecode(path)}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException as error:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
        if isinstance(error, OSError) and error.errno:  # let it name the file that was asked for
            raise OSError(error.errno, error.strerror, os.fsdecode(path)) from None
        raise


def load(path: str | os.PathLike, module: Module) -> None:
    """Give a Module the parameters saved in a file; they must fit it in name and shape.

    Raises ValueError that names the file and what is wrong with it; then nothing has been changed.
    """
    import json
    check_module(module)

    def wrong(what):
        return ValueError(f"checkpoint {os.fsdecode(path)}: {what}")

    try:
        with open(os.fsdecode(path), encoding="utf-8") as file:
            content = json.load(file, object_pairs_hook=each_once)
    except (ValueError, RecursionError) as error:
        raise wrong(f"not JSON, or cut short ({error}); save it again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise wrong("not a file that nn.checkpoint.save wrote")
    if content.get("version") != VERSION:
        raise wrong(f"version {content.get('version')!r}; this program reads version {VERSION}")
    entries = content.get("parameters")
    if not isinstance(entries, dict):
        raise wrong("no parameters in it; save it again")
    state = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict) or set(entry) != {"shape", "data"}:
            raise wrong(f"{name} must have a shape and data")
        shape, flat = entry["shape"], entry["data"]
        if not isinstance(shape, list) or not isinstance(flat, list) \
                or not all(type(length) is int and length >= 0 for length in shape):
            raise wrong(f"{name}: the shape must be a list of lengths and the data a list")
        if not all(type(number) is float and isfinite(number) for number in flat):
            raise wrong(f"{name} has something in it that is not a finite float, as all must be")
        if prod(shape) != len(flat):
            raise wrong(f"{name}: {len(flat)} numbers do not fill shape {tuple(shape)}; save "
                        "it again")
        state[name] = Array(tuple(shape), flat) if shape else flat[0]
    try:
        module.load_state_dict(state)
    except ValueError as error:
        raise wrong(str(error)) from error


def each_once(pairs) -> dict:
    """An object of JSON as a dict; ValueError for a name that stands in it twice."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return entries


def check_module(module):
    """Raise TypeError for what is no Module, such as the path, which comes first."""
    if not isinstance(module, Module):
        raise TypeError(f"checkpoint: {module!r:.40} is no Module; give the path, then the network")
