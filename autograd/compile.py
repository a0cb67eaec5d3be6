"""compile: a recorded graph as straight Python source, forward and backward, to be run again.

    step = compile(lambda images, labels: cross_entropy(model(images), labels))
    loss = step(images, labels)     # adds to the .grad of every parameter, as backward() does
    print(step.source)

The first call runs f, and then once more on Symbols (`symbols.py`): forward, and backward by the
same rules as ever. What was noted on the way is written out as one function (`source.py`). Every
later call runs that function and nothing else: no Value is made and no graph is walked.
"""
from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from math import isclose
from numbers import Integral
from threading import RLock

from . import array
from .array import Array
from .backward import is_own, own, pullback, seed
from .functional import converted
from .graph import Node, order, plain, recording, recording_set
from .namespace import library, namespace, shape
from .symbols import Symbol, constants

compiling: ContextVar = ContextVar("compiling", default=False)  # is a function being recorded?
one_at_a_time = RLock()  # while a function is recorded, its parameters hold Symbols
MOST_PROGRAMS = 16  # of one compiled function; beyond, the oldest is forgotten


def compile(f: Callable, check: bool = False) -> Compiled:
    """The function f, which gives a loss, made to run forward and backward in one go.

    f: from numbers, arrays, lists of int labels, and lists, tuples and dicts of these, and from
    the Values that it closes over, to a single Value, the loss. The compiled function gives the
    loss as a plain number and adds to the `.grad` of each of these Values. An f that gives plain
    data, such as `grad(g)`, gives the same data.

    Whatever else f depends on (a flag, `model.training`, numbers that a `random.Random` draws, an
    array that is written into later) is taken for what it was when f was recorded, once for each
    kind and shape of the arguments. One thread at a time runs compiled functions.
    `if`, `float()` and the like on what f computes are errors: use `where`.
    check: run f itself as well, each time, and raise ValueError where the two differ first.

    >>> from autograd import Value
    >>> w = Value(3.0, name="w")
    >>> step = compile(lambda x: (w * x - 1) ** 2)
    >>> step(2.0), w.grad
    (25.0, 20.0)
    >>> print(step.source)
    def step(x, w):
        # forward
        v1 = w * x
        v2 = v1 - 1.0
        v3 = v2 * v2
        # backward
        dv2 = 2.0 * v2
        dw = dv2 * x
        return v3, dw
    <BLANKLINE>
    """
    return Compiled(f, check)


class Unknown:
    """The grad of each parameter while a function is recorded: nothing to compute with."""

    def __add__(self, other):
        return other


class Compiled:
    """A compiled function, with the programs that were made of it."""

    def __init__(self, f, check=False):
        if not callable(f):
            raise TypeError(f"compile: {f!r} is no function; give one that computes a loss")
        self.f, self.check = f, check
        self.programs = {}  # by the kinds and shapes of the arguments
        self.source = None  # of the program that ran last

    def __call__(self, *args):
        if compiling.get():
            raise TypeError("compile: a compiled function was called while another was recorded, "
                            "and would give it a number without a graph; call the one it was made "
                            "of, which is its .f")
        leaves, kinds = [], []
        for arg in args:
            take_apart(arg, leaves, kinds)
        if recording.get() is not True:  # no_grad; or detect_anomaly, which has to see each step
            return uncompiled(self.f, args)
        if any(isinstance(kind, Node) for kind in kinds):
            converted.set(True)  # for `grad`: what comes is a number without a graph
        with one_at_a_time:
            return self.run(tuple(kinds), args, leaves)

    def run(self, key, args, leaves):
        """The result of the program for arguments of that kind, which is recorded if need be."""
        program = self.programs.get(key)
        if program is None or program.kinds != kinds_of(program.parameters):
            program = self.programs[key] = recorded(self.f, args, leaves)
            if len(self.programs) > MOST_PROGRAMS:
                del self.programs[next(iter(self.programs))]
        self.source = program.source
        try:
            result, gradients = program.run(leaves)
        except (ArithmeticError, ValueError):  # where `math` raises and IEEE has an inf or a nan
            return uncompiled(self.f, args)
        if self.check:
            program.compare(self.f, args, result, gradients)
        for parameter, g in gradients:
            parameter._grad = g if parameter._grad is None else parameter._grad + g
        return result


def recorded(f, args, leaves):
    """The Program of a function for arguments of one kind."""
    token = compiling.set(True)
    try:
        return Program(f, args, leaves)
    finally:
        compiling.reset(token)


def uncompiled(f, args):
    """What the compiled function does, done by f itself."""
    result = f(*args)
    if isinstance(result, Node) and result.inputs:
        result.backward()
    return mapped(plain, result)


def is_number(arg) -> bool:
    """Is the argument a float or an int, of Python or of NumPy, which computes as a float?"""
    return type(arg) in (float, int) or hasattr(arg, "dtype") and isinstance(arg, Integral)


def is_labels(arg) -> bool:
    """Is the argument a list of ints?"""
    return type(arg) in (list, tuple) and set(map(type, arg)) == {int}


def listed_labels(arg):
    """An array of ints of another library as a list of labels; anything else as it is."""
    if getattr(arg, "ndim", 0) == 1 and len(arg) and library(arg) not in (None, array) \
            and library(arg).isdtype(arg.dtype, "integral"):
        return arg.tolist()
    return arg


def take_apart(arg, leaves, kinds):
    """Add the numbers, arrays and lists of ints in an argument to leaves, their kinds to kinds."""
    if is_number(arg):
        leaves.append(float(arg))
        kinds.append(float)
    elif is_labels(arg):
        leaves.append(arg)
        kinds.append((int, len(arg)))
    elif isinstance(arg, Node):
        if arg.op is not None:
            raise TypeError(f"compile: an argument is the result of {arg.op}, and its gradient "
                            "would end here; compile the whole function, or .detach() it")
        kinds.append(arg)
    elif isinstance(arg, Array):
        leaves.append(arg.flat)
        kinds.append((Array, arg.shape, arg.dtype))
    elif hasattr(arg, "__array_namespace__"):
        leaves.append(arg)
        kinds.append((type(arg), arg.shape, arg.dtype))
    elif isinstance(arg, dict):
        kinds.append((type(arg), *arg))
        for part in arg.values():
            take_apart(part, leaves, kinds)
    elif isinstance(arg, (list, tuple)):
        kinds.append((type(arg), len(arg)))
        for part in arg:
            take_apart(part, leaves, kinds)
    elif getattr(arg, "__hash__", None) is None:
        raise TypeError(f"compile: an argument of type {type(arg).__name__} may change unnoticed; "
                        "give numbers, arrays, and lists, tuples and dicts of these")
    else:
        kinds.append((type(arg), arg))


def with_symbols(arg, name, known, inputs):
    """The argument with a Symbol for each leaf of `take_apart`; inputs receives these."""
    if is_number(arg) or is_labels(arg) or hasattr(arg, "__array_namespace__"):
        inputs.append(Symbol.leaf(float(arg) if is_number(arg) else arg, name, known))
        return inputs[-1]
    if isinstance(arg, dict):
        return {key: with_symbols(part, f"{name}_{key}", known, inputs)
                for key, part in arg.items()}
    if isinstance(arg, (list, tuple)):
        parts = [with_symbols(part, f"{name}_{i}", known, inputs) for i, part in enumerate(arg)]
        return type(arg)(*parts) if hasattr(arg, "_fields") else type(arg)(parts)
    return arg


def mapped(function, thing):
    """function(x) for each x in lists, tuples and dicts."""
    if isinstance(thing, dict):
        return {key: mapped(function, part) for key, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        parts = [mapped(function, part) for part in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    return function(thing)


class Program:
    """One recording of a function, as source and as the function that the source defines."""

    def __init__(self, f, args, leaves):
        from .source import Writer  # only who compiles waits for it: see benchmarks/imports.py
        writer, known, inputs = Writer(), {}, []
        first = first_run(f, args)
        if any(isinstance(p._data, Array) for p in leaves_of(first)):
            args = mapped(listed_labels, args)  # NumPy's labels beside our own Arrays
        marked = [with_symbols(arg, name, known, inputs)
                  for arg, name in zip(args, argument_names(f, len(args)))]
        names = parameter_names(f)
        symbols = {p: Symbol.leaf(p._data, p.name or names.get(p) or f"p{i}", known)
                   for i, p in enumerate(leaves_of(first))}
        for x in (*inputs, *symbols.values()):
            writer.name(x, x.name)
        gradients, untouched, touched = {}, {p: p._grad for p in symbols}, []
        unknown = Unknown()
        kind_of_lists = constants.set(namespace(*(x.data for x in (*symbols.values(), *inputs)
                                                  if hasattr(x.data, "__array_namespace__"))))
        try:
            for p, x in symbols.items():
                p._data, p._grad = x, unknown
            with recording_set(writer.note_forward):
                result = with_symbols_explained(f, marked)
            if steps_of(result) != steps_of(first):
                raise TypeError("compile: f takes other steps when it is recorded, with Symbols "
                                "for numbers and arrays; let it ask no argument for its type, and "
                                "change nothing that it depends on")
            forward = len(known)
            # What f makes a leaf of anew in every call is a constant of the program.
            found = [p for p in leaves_of(result) if p in symbols]
            self.parameters = [p for p in names if p in found]  # in the order of the modules
            self.parameters += [p for p in found if p not in names]
            if isinstance(result, Node):
                one = Symbol(None, (), {}, like_one(plain(result)), known=known)
                with recording_set(True):
                    gradients = dict(pullback(result, one, self.parameters))
        finally:
            constants.reset(kind_of_lists)
            touched = [p for p, x in symbols.items() if p._data is not x or p._grad is not unknown]
            for p, x in symbols.items():
                p._data, p._grad = x.data, untouched[p]
        if touched:
            raise TypeError("compile: f changes the data or the grad of a Value, as backward(), an "
                            "optimizer and zero_grad() do; let it give the loss and no more, and "
                            "call these outside: the compiled function does the backward")
        for node, g in gradients.items():
            writer.note_gradient(node, g, symbols.get(node))
        self.kinds = kinds_of(self.parameters)
        self.with_gradient = [p for p in self.parameters if p in gradients]
        self.outputs = []
        self.result = mapped(lambda x: self.output(plain(x)), result)
        for p in self.with_gradient:
            self.output(gradients[p])
        self.listed = {place for place, x in enumerate(inputs)
                       if is_labels(x.data) and not is_labels(leaves[place])}
        places = {x: place for place, x in enumerate(inputs)}
        self.labels = [(places[x.operands[0]], x.shape[-1]) for x in known.values()
                       if x.op == "one_hot" and isinstance(x.operands[0], Symbol)
                       and x.operands[0] in places]
        self.shapes_of_lists = [
            x.shape if isinstance(x.data if isinstance(x, Symbol) else x, Array) else None
            for x in self.outputs]
        self.source, self.function = writer.write(
            [*inputs, *(symbols[p] for p in self.parameters)], self.outputs,
            list(known.values()), forward)
        self.constants = list(writer.constants.values())

    def output(self, x) -> int:
        """Make x one more output of the source; the number of the output."""
        self.outputs.append(x)
        return len(self.outputs) - 1

    def run(self, leaves):
        """The result, and each parameter with its gradient.

        Raises ArithmeticError or ValueError where f itself has to answer.
        """
        for place in self.listed:
            leaves[place] = leaves[place].tolist()
        for place, classes in self.labels:  # an index below 0 would count from the end, unnoticed
            if not 0 <= min(leaves[place]) <= max(leaves[place]) < classes:
                raise ValueError("a label out of range")
        data = [p._data for p in self.parameters]
        numbers = self.function(*leaves, *[x.flat if isinstance(x, Array) else x for x in data])
        made = [y if shape is None else Array(shape, y)
                for y, shape in zip(numbers, self.shapes_of_lists)]
        # No array is handed out that is the caller's, or the program's, or another result.
        gradients, taken = [], set(map(id, (*data, *leaves, *self.constants)))
        for place, y in enumerate(made[:len(made) - len(self.with_gradient)]):
            if id(y) in taken and hasattr(y, "dtype"):
                made[place] = y = own(y, y)
            taken.add(id(y))
        for p, g in zip(self.with_gradient, made[len(made) - len(self.with_gradient):]):
            if id(g) in taken or not is_own(g, p._data):
                g = own(g, p._data)
            taken.add(id(g))
            gradients.append((p, g))
        return mapped(made.__getitem__, self.result), gradients

    def compare(self, f, args, result, gradients):
        """Raise ValueError where the compiled and the uncompiled result differ first."""
        expected = f(*args)
        pairs = [("the result", result, mapped(plain, expected))]
        if isinstance(expected, Node):
            its_gradients = dict(pullback(expected, seed(expected, None), leaves_of(expected)))
            names, compiled = parameter_names(f), dict(gradients)
            zeros = {p: namespace(p._data).zeros_like(p._data) for p in (*compiled, *its_gradients)}
            pairs += [(f"the gradient of {p.name or names.get(p) or p!r}",
                       compiled.get(p, zeros[p]), its_gradients.get(p, zeros[p]))
                      for p in zeros if p in compiled or p in names]
        for what, compiled, plainly in pairs:
            for place, (a, b) in enumerate(zip(entries(compiled), entries(plainly))):
                if not (isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or a != a and b != b):
                    raise ValueError(
                        f"compile: {what} is {a!r} at entry {place}, and {b!r} uncompiled; f "
                        "depends on something that is no argument and no Value: pass it in, or "
                        "compile again when it changes")


def first_run(f, args):
    """What f gives without being compiled, once it is seen to be fit for it."""
    with recording_set(True):
        result = f(*args)
    if isinstance(result, Node) and shape(result._data):
        raise ValueError(f"compile: f gave shape {shape(result._data)}; the loss must be a single "
                         "number: reduce it, e.g. by .mean()")
    for x in entries_of(result):
        if isinstance(x, Node) and x is not result:
            raise TypeError("compile: f gave Values in a list, tuple or dict; it must give one, "
                            "the loss, or plain data")
    return result


def with_symbols_explained(f, marked):
    """f(*marked); an error that a Symbol met says what it is."""
    try:
        return f(*marked)
    except (TypeError, AttributeError) as error:
        if "Symbol" not in str(error):
            raise
        raise TypeError(f"compile: {error}; while f is recorded, a Symbol stands for each number "
                        "and array, and only autograd's operations take it: write mean(x) for "
                        "x.mean(), and give asarray([...]) where a list of numbers is one "
                        "array") from error


def leaves_of(result) -> list[Node]:
    """The leaves that a result was computed from, each once."""
    if not isinstance(result, Node):
        return []
    found = [x for step in order(result) for x in step.inputs
             if isinstance(x, Node) and x.op is None]
    return list(dict.fromkeys(found)) or [result]


def kinds_of(parameters) -> list:
    """What data the parameters hold: numbers, Arrays, or arrays of a library and a precision."""
    return [float if type(x) is float else Array if isinstance(x, Array) else (type(x), x.dtype)
            for x in [p._data for p in parameters]]


def steps_of(result) -> list[str]:
    """The operations that a result was computed by."""
    return [step.op for step in order(result)] if isinstance(result, Node) else []


def like_one(x):
    """The number 1 in the kind and precision of the data of x."""
    data = x.data
    return 1.0 if type(data) is float else namespace(data).asarray(1.0, dtype=data.dtype)


def entries_of(thing):
    """The things in lists, tuples and dicts."""
    found = []
    mapped(found.append, thing)
    return found


def entries(thing):
    """All numbers in results."""
    return [number for x in entries_of(thing)
            for number in (entries_of(x.tolist()) if hasattr(x, "tolist") else [x])]


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


def parameter_names(f) -> dict[Node, str]:
    """The names of the Values that f closes over, alone or in Modules: `layers.0.weight`."""
    from inspect import getclosurevars, unwrap
    f = unwrap(f)
    if not hasattr(f, "__code__"):
        return {}
    try:
        variables = getclosurevars(f)
    except ValueError:  # it closes over a name that has no value yet
        return {}
    names = {}
    for name, thing in {**variables.globals, **variables.nonlocals}.items():
        if hasattr(thing, "named_parameters") and not isinstance(thing, type):
            for path, p in thing.named_parameters():
                names.setdefault(p, path)
        elif isinstance(thing, Node):
            names.setdefault(thing, name)
    return names
