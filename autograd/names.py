"""names: which call of a Module made each step of a graph, and what Values are called.

Pictures, explanations and formulas ask here, so that a parameter has one name in all of them.
"""
from __future__ import annotations

from operator import itemgetter

from .graph import Node


class Call:
    """One call of a Module: the steps between its inputs and its results."""

    def __init__(self, module, inputs):
        self.module, self.inputs = module, set(inputs)  # their ids
        self.results = []  # several where it gave a list
        self.outer = None  # the Call that this one was made in
        self.before = []   # the steps outside it whose results it used

    def path(self) -> list[Call]:
        """The Calls from the outermost down to this one."""
        path = [self]
        while path[-1].outer:
            path.append(path[-1].outer)
        return path[::-1]

    def headline(self) -> str:
        """The class of the Module, and what it says of itself."""
        return type(self.module).__name__ + self.module.describe()


def calls_in(steps) -> dict[Node, Call]:
    """The innermost Call that each step was made in; steps come inputs first.

    `Module.__call__` marks only its results. What lies between these and the inputs of the call was
    computed inside; where a result of another call is met, that call was made inside too.
    """
    calls, innermost = {}, {}
    for result in steps:
        for module, inputs, number, place in result.calls:
            if number not in calls:
                calls[number] = Call(module, inputs)
            if id(result) not in calls[number].inputs:
                calls[number].results.append((place, result))
    for call in [calls[number] for number in sorted(calls)]:  # so inner calls come first
        in_place = sorted(call.results, key=itemgetter(0))
        call.results = list(dict.fromkeys(result for _, result in in_place))
        stack, seen = list(call.results), set()
        while stack:
            x = stack.pop()
            if not isinstance(x, Node) or not x.inputs or x in seen:
                continue
            seen.add(x)
            met = innermost[x].path()[0] if x in innermost else None
            if id(x) in call.inputs:
                call.before.append(x)
            elif met is None:
                innermost[x] = call
                stack += x.inputs
            elif met is not call and x in met.results and met.module is not call.module:
                met.outer = call
                stack += met.before
            elif met is not call:  # of an earlier call: a state that the Module keeps
                call.before.append(x)
    return innermost


class Names:
    """What the Values, arrays and Modules behind these steps are called.

    A Value's own name comes first, then its place in the outermost Module, then that in `given`.
    calls: the innermost Call of each step. paths: the parameters of the Modules, by place.
    Raises TypeError, which names the caller, for names that are no dict.
    """

    def __init__(self, steps, given: dict | None = None, caller: str = ""):
        if given is not None and not isinstance(given, dict):
            raise TypeError(f"{caller}: names={given!r:.60} must be a dict of Values by name, such "
                            "as locals()")
        self.calls, self.paths, self.modules, self.given = calls_in(steps), {}, {}, {}
        for call in dict.fromkeys(self.calls.values()):
            for module in [each.module for each in call.path()]:
                if module not in self.modules:
                    for name, inner in module.named_modules():
                        self.modules.setdefault(inner, name)
                    for name, parameter in module.named_parameters():
                        self.paths.setdefault(parameter, name)
        for name, thing in (given or {}).items():
            if not str(name).startswith("_"):  # a notebook's own
                self.given.setdefault(id(thing), str(name))
                for i, part in enumerate(thing if isinstance(thing, (list, tuple)) else ()):
                    self.given.setdefault(id(part), f"{name}[{i}]")

    def of(self, x) -> str:
        """The name of a Value, an array or a Call, or nothing."""
        if isinstance(x, Call):
            return self.modules.get(x.module) or self.given.get(id(x.module), "")
        its_own = (x.name or self.paths.get(x)) if isinstance(x, Node) else None
        return str(its_own or self.given.get(id(x), ""))
