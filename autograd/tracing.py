"""Tracing: which steps a function takes, forward and backward, noted by running it on Symbols.

`compile.py` makes a program of the `Recording`. A trace holds for the arguments it was made with,
and for others of the same kinds and shapes: it does not see what depends on their numbers.
"""
from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from math import isclose

from . import array
from .array import Array
from .backward import pullback
from .functional import mapped
from .graph import MANY, TWO, Node, order, plain
from .inputs import (
    argument_names, form, holds_labels, is_array, listed_labels, numbers_in, parameter_names,
    things_in, with_symbols)
from .namespace import library, namespace, shape
from .recording import recording_set
from .simplify import within
from .symbols import Symbol, constants, data_of, key_of, precision, symbol

compiling: ContextVar = ContextVar("compiling", default=False)  # is a function being recorded?
OTHERWISE = ("compile: f takes other steps, or other constants, when it is recorded, which runs it "
             "again with Symbols for numbers and arrays; let it ask no argument for its type, draw "
             "no random numbers, and change nothing that it depends on: pass these in")


class Recording:
    """What f does with arguments of one kind: its steps, forward and backward, as Symbols.

    f runs first on what it was given, which shows what comes out and which Values it reads; then
    with a Symbol in the place of each number and array, whose graph is walked back as ever. If it
    takes other steps in the second run, or other constants, it is refused.

    inputs: the Symbol of each leaf of the arguments; parameters: of each Value that f closes over.
    nodes: the Nodes that f made. result: what f gave. gradients: those of the parameters and of
    the steps between. steps: all steps as computed, the first `forward` of them on the way forward.
    """

    def __init__(self, f, args, settings):
        expected = first_run(f, args, settings)
        names, known = parameter_names(f, args, settings), {}
        # Those that f reads without a derivative, as under detach(), are found by their names only.
        leaves = dict.fromkeys([*leaves_of(expected), *(p for p in names if p.op is None)])
        of_lists = kind_of_lists([*(p._data for p in leaves_of(expected)),
                                  *things_in((args, settings)), *(p._data for p in leaves)])
        symbols, self.inputs = arguments_with_symbols(f, args, settings, of_lists[0], known)
        holding = {p: Symbol.leaf(p._data, p.name or names.get(p) or f"p{i}", known)
                   for i, p in enumerate(leaves)}
        self.nodes = []
        with standing_in(holding, *of_lists):
            with recording_set(self.note):
                result = with_symbols_explained(f, *symbols)
            if not are_alike(steps_of(result), steps_of(expected)):
                raise TypeError(OTHERWISE)
            result = without_twins(result)
            self.result, self.forward = mapped(plain, result), len(known)
            self.parameters = self.those_read(holding, names, result, known)
            self.gradients = self.walked_back(result, known)
        self.steps = list(known.values())
        if self.has_other_numbers(expected, lambda: first_run(f, args, settings)):
            raise TypeError(OTHERWISE)

    def note(self, node, gradient=None):
        """As the mode of `recording`: is shown each Node that is made, and each gradient."""
        if gradient is None:
            self.nodes.append(node)

    def those_read(self, holding, names, result, known):
        """The parameters that the steps read, in the order of the modules, each with its Symbol.

        What f makes a leaf of anew in every call is none: it is a constant of the program.
        """
        read = {*map(id, things_in(self.result)), *map(id, leaves_of(result)),
                *(id(x) for step in known.values() for x in within(step.operands))}
        found = {p: x for p, x in holding.items() if id(x) in read or id(p) in read}
        named = dict.fromkeys(p for p in names if p in found)
        return {p: found[p] for p in {**named, **found}}

    def walked_back(self, result, known):
        """The gradients by Node; none if the result is plain data."""
        if not isinstance(result, Node):
            return {}
        with recording_set(True):
            return dict(pullback(result, one_like(self.result, known), self.parameters))

    def has_other_numbers(self, expected, run):
        """Did other numbers come out, as of a constant that no step shows: noise in the data?"""
        numbers, expected = mapped(data_of, self.result), mapped(plain, expected)
        if any(differences(numbers, expected)):
            # In float32 it may be rounding, where large terms cancel: does f agree with itself?
            return are_double(numbers) or any(differences(mapped(plain, run()), expected))
        return False


def first_run(f, args, settings):
    """What f gives without being compiled, once it is seen to be fit for it."""
    token, before = compiling.set(True), bytes_of(args, settings)
    try:
        with recording_set(True):
            result = f(*args, **settings)
    finally:
        compiling.reset(token)
    if bytes_of(args, settings) != before:
        raise TypeError("compile: f writes into an array that is an argument, which its program "
                        "would not; write x = x + y where f has x += y")
    if isinstance(result, Node) and result.size != 1:
        raise ValueError(f"compile: f gave shape {result.shape}; the loss must be a single "
                         "number: reduce it, e.g. by .mean()")
    for x in things_in(result):
        if isinstance(x, Node) and x is not result:
            raise TypeError("compile: f gave Values in a list, tuple or dict; it must give one, "
                            "the loss, or plain data")
        if form(type(x)) == "other" and type(x) not in (str, bool, type(None)):
            raise TypeError(f"compile: f gave a {type(x).__name__}; it must give one Value, the "
                            "loss, or numbers and arrays, in lists, tuples and dicts")
    return result


def bytes_of(args, settings) -> list[bytes]:
    """What the arrays among the arguments hold that could be written into."""
    return [x.tobytes() for x in things_in((args, settings)) if hasattr(x, "tobytes")]


def leaves_of(result) -> list[Node]:
    """The leaves that a result was computed from, each once."""
    if not isinstance(result, Node):
        return []
    found = [x for step in order(result) for x in step.inputs
             if isinstance(x, Node) and x.op is None]
    return list(dict.fromkeys(found)) or [result]


def kind_of_lists(given):
    """The library and the precision that lists of numbers are given: of the first array of floats.

    given: all that f may read, what tells most first. Labels tell least.
    """
    arrays = sorted(filter(is_array, given), key=holds_labels)
    precisions = [str(x.dtype) for x in arrays if str(x.dtype).startswith("float")]
    return library(arrays[0]) if arrays else array, precisions[0] if precisions else "float64"


def arguments_with_symbols(f, args, settings, its_library, known):
    """The arguments with a Symbol for each number, array and list of labels; and these Symbols."""
    args, settings = mapped(partial(listed_labels, its_library), (args, settings))
    inputs = []
    args = [with_symbols(arg, name, known, inputs)
            for arg, name in zip(args, argument_names(f, len(args)))]
    settings = {name: with_symbols(arg, name, known, inputs) for name, arg in settings.items()}
    return (args, settings), inputs


@contextmanager
def standing_in(holding, library_of_lists, its_precision):
    """Inside the block each parameter holds its Symbol, and f may change neither data nor grad."""
    grads, unknown = {p: p._grad for p in holding}, Unknown()
    compiling_before, constants_before = compiling.set(True), constants.set(library_of_lists)
    precision_before = precision.set(its_precision)
    try:
        for p, x in holding.items():
            p._data, p._grad = x, unknown
        yield
        if any(p._data is not x or p._grad is not unknown for p, x in holding.items()):
            raise TypeError("compile: f changes the data or the grad of a Value, as backward(), an "
                            "optimizer and zero_grad() do; let it give the loss and no more, and "
                            "call these outside: the compiled function does the backward")
    finally:
        for p, x in holding.items():
            p._data, p._grad = x.data, grads[p]
        precision.reset(precision_before)
        constants.reset(constants_before)
        compiling.reset(compiling_before)


class Unknown:
    """The grad of each parameter while a function is recorded: nothing to compute with."""

    def __add__(self, other):
        return other


def with_symbols_explained(f, args, settings):
    """f(*args, **settings); an error that a Symbol met says what it is."""
    try:
        return f(*args, **settings)
    except (TypeError, ValueError, AttributeError) as error:
        if "Symbol" not in str(error):
            raise
        raise TypeError(f"compile: {error}; while f is recorded, a Symbol stands for each number "
                        "and array, and only autograd's operations take it: write mean(x) for "
                        "x.mean(), give asarray([...]) where a list of numbers is one array, and "
                        "give what is indexed by it as an argument") from error


def steps_of(result) -> list[tuple]:
    """The operations that a result was computed by, and what each was given."""
    steps = order(result) if isinstance(result, Node) else []
    return [(step.op, step.args, list(step.primitive.settings.values())) for step in steps]


def are_alike(x, y) -> bool:
    """Are two steps, or two things that they were given, the same, as far as can be told?"""
    if x is y or isinstance(x, Symbol):
        return True
    x, y = [thing.tolist() if hasattr(thing, "tolist") else thing for thing in (x, y)]
    if isinstance(x, (list, tuple)) and isinstance(y, (list, tuple)):
        return len(x) == len(y) and all(map(are_alike, x, y))
    # Not of a function, which each run makes anew, nor of a number where the other is an array.
    can_be_told = isinstance(x, (float, int, str, slice)) and not isinstance(y, list)
    return x == y or x != x or not can_be_told


def without_twins(result):
    """The result, with a step that f makes twice made once, so that its gradient is, too.

    The graph was recorded for the program only, so its steps may be given other inputs.
    """
    first, known = {}, {}
    for node in order(result) if isinstance(result, Node) else []:
        inputs = tuple([first.get(id(x), x) for x in node.inputs])
        if node._operands == TWO:
            node._x, node._y = [x if isinstance(x, Node) else None for x in inputs]
        else:
            node._x = inputs if node._operands == MANY else inputs[0]
        made_by = node.primitive
        rules = [getattr(rule, "func", rule) for rule in (*made_by.rules, made_by.each)]
        key = made_by.forward, *rules, *map(key_of, (*inputs, *made_by.settings.values()))
        first[id(node)] = known.setdefault(key, node)
    return first.get(id(result), result)


def one_like(x, known) -> Symbol:
    """The number 1 in the kind, shape and precision of a loss."""
    data = x.data if isinstance(x, Symbol) else x
    one = 1.0 if type(data) is float or isinstance(data, Array) else \
        namespace(data).asarray(1.0, dtype=data.dtype)
    return symbol("broadcast_to", Symbol.leaf(one, None, known), tuple(shape(data)))


def differences(x, y):
    """Yield each place where two results hold other numbers, beyond rounding, and these."""
    # float32 has seven digits, and sums in another order lose some of them.
    relative, absolute = (1e-9, 1e-12) if are_double(x) else (1e-3, 1e-5)
    for place, (a, b) in enumerate(zip(numbers_in(x), numbers_in(y))):
        if not (a == b or isclose(a, b, rel_tol=relative, abs_tol=absolute) or a != a and b != b):
            yield place, a, b


def are_double(result) -> bool:
    """Is a result in double precision?"""
    return all(getattr(x, "dtype", float) == float for x in things_in(result))
