"""Tracing: which steps a function takes, forward and backward, noted by running it on Symbols.

`compile.py` makes a program of the `Recording`. A trace holds for the arguments it was made with,
and for others of the same kinds and shapes: it does not see what depends on their numbers.
"""
from __future__ import annotations

from contextlib import contextmanager
from math import isclose, isfinite

from . import array
from .array import Array
from .backward import pullback, seed
from .functional import like, mapped
from .graph import MANY, TWO, Node, order, plain
from .inputs import (
    argument_names, form, holds_labels, is_array, is_labels, parameter_names, things_in)
from .namespace import library, namespace, shape
from .recording import recording_set
from .simplify import within
from .symbols import Symbol, constants, data_of, key_of, precision, symbol

DEPENDS = ("f depends on something that is no argument and no Value: pass it in, or compile again "
           "when it changes")
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
        names, reached = parameter_names(f, args, settings), leaves_of(expected)
        # What f reads without a derivative, as under detach(), is found by its name only.
        leaves = dict.fromkeys([*(p for p in names if p.op is None), *reached])
        self.library, its_precision = used_by([reached, args, settings, list(leaves)])
        self.inputs, self.nodes, self.gradients = [], [], {}
        self.known = {}  # the table in which equal steps find each other
        symbols = {p: Symbol.leaf(p._data, p.name or names.get(p) or f"p{i}", self.known)
                   for i, p in enumerate(leaves)}
        with standing_in(symbols, self.library, its_precision):
            result = self.run_on_symbols(f, args, settings)
            if not are_alike(steps_of(result), steps_of(expected)):
                raise TypeError(OTHERWISE)
            result = without_twins(result)
            self.result, self.forward = mapped(plain, result), len(self.known)
            if isinstance(result, Node):
                one = one_like(self.result, self.known)
                self.gradients = dict(pullback(result, one, symbols))
        self.steps = list(self.known.values())
        if not self.gives(expected, lambda: first_run(f, args, settings)):
            raise TypeError(OTHERWISE)
        # A leaf that f makes anew in every call is no parameter, but a constant of the program.
        read = {id(x) for x in within([things_in(self.result), *[x.operands for x in self.steps]])}
        self.parameters = {p: x for p, x in symbols.items()
                           if id(x) in read or p in self.gradients}

    def run_on_symbols(self, f, args, settings):
        """What f gives for Symbols; an error that a Symbol met says what it is."""
        args = [self.with_symbols(arg, name)
                for arg, name in zip(args, argument_names(f, len(args)))]
        settings = {name: self.with_symbols(arg, name) for name, arg in settings.items()}
        try:
            with recording_set(self.note):
                return f(*args, **settings)
        except (TypeError, ValueError, AttributeError) as error:
            if "Symbol" not in str(error):
                raise
            raise TypeError(f"compile: {error}; while f is recorded, a Symbol stands for each "
                            "number and array, and only autograd's operations take it: write "
                            "exp(x) for numpy.exp(x), give asarray([...]) where a list of numbers "
                            "is one array, and give what is indexed by it as an argument"
                            ) from error

    def with_symbols(self, arg, name):
        """An argument with a Symbol in the place of each of its leaves; `inputs` receives these."""
        its_form = form(type(arg))
        if its_form == "dict":
            return {key: self.with_symbols(part, f"{name}_{key}") for key, part in arg.items()}
        if its_form == "list" and not is_labels(arg):
            return like(arg, [self.with_symbols(part, f"{name}_{i}") for i, part in enumerate(arg)])
        if its_form in ("Value", "other"):
            return arg
        if its_form == "number":
            arg = float(arg)
        elif its_form == "list":
            arg = type(arg)(map(int, arg))
        elif holds_labels(arg) and library(arg) is not self.library:
            arg = arg.tolist()
        self.inputs.append(Symbol.leaf(arg, name, self.known))
        return self.inputs[-1]

    def note(self, node, gradient=None):
        """As the mode of `recording`: is shown each Node that is made, and each gradient."""
        if gradient is None:
            self.nodes.append(node)

    def gives(self, expected, run) -> bool:
        """Are the numbers those of f? They show what no step does, as noise in the data."""
        numbers, expected = mapped(data_of, self.result), mapped(plain, expected)
        if first_difference(numbers, expected) is None:
            return True
        if are_double(numbers):
            return False
        # float32 may differ as much where large terms cancel, if f itself gives the same twice.
        met = [abs(a) for x in self.steps for a in numbers_in(x.data) if isfinite(a)]
        return first_difference(numbers, expected, max([1.0, *met])) is None \
            and first_difference(mapped(plain, run()), expected) is None


# -- the two runs --------------------------------------------------------------------------------

def first_run(f, args, settings):
    """What f gives without being compiled, once it is seen to be fit for it."""
    before = bytes_of(args, settings)
    result = f(*args, **settings)
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


def used_by(things):
    """The library whose arrays f computes on, and their precision: lists become such arrays.

    things: all that f may read, what tells most first. Labels tell least.
    """
    arrays = sorted(filter(is_array, things_in(mapped(plain, things))), key=holds_labels)
    floats = [str(x.dtype) for x in arrays if str(x.dtype).startswith("float")]
    return library(arrays[0]) if arrays else array, floats[0] if floats else "float64"


@contextmanager
def standing_in(symbols, its_library, its_precision):
    """Inside the block each parameter holds its Symbol, and f may change neither data nor grad.

    its_library, its_precision: of the arrays that f makes of lists and of labels.
    """
    grads, unknown = {p: p._grad for p in symbols}, Unknown()
    library_before, precision_before = constants.set(its_library), precision.set(its_precision)
    try:
        for p, x in symbols.items():
            p._data, p._grad = x, unknown
        yield
        if any(p._data is not x or p._grad is not unknown for p, x in symbols.items()):
            raise TypeError("compile: f changes the data or the grad of a Value, as backward(), an "
                            "optimizer and zero_grad() do; let it give the loss and no more, and "
                            "call these outside: the compiled function does the backward")
    finally:
        for p, x in symbols.items():
            p._data, p._grad = x.data, grads[p]
        precision.reset(precision_before)
        constants.reset(library_before)


class Unknown:
    """The grad of each parameter while a function is recorded: nothing to compute with."""

    def __add__(self, other):
        return other


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


# -- whether two runs did the same ---------------------------------------------------------------

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


def compare(f, args, settings, result, gradients):
    """Raise ValueError where the compiled and the uncompiled result differ first."""
    expected = f(*args, **settings)
    check_same("the result", result, mapped(plain, expected))
    if not isinstance(expected, Node):
        return
    its_gradients = dict(pullback(expected, seed(expected, None), leaves_of(expected)))
    names = parameter_names(f, args, settings)
    for p in {**gradients, **its_gradients}:
        if p in gradients or p in names:  # others, which f makes anew, are constants of the program
            zeros = namespace(p._data).zeros_like(p._data)
            check_same(f"the gradient of {p.name or names.get(p) or p!r}",
                       gradients.get(p, zeros), its_gradients.get(p, zeros))


def check_same(what, compiled, uncompiled):
    """Raise ValueError where two results differ first."""
    shapes = mapped(shape, compiled), mapped(shape, uncompiled)
    if shapes[0] != shapes[1]:
        raise ValueError(f"compile: {what} has shape {shapes[0]}, and {shapes[1]} uncompiled; "
                         f"{DEPENDS}")
    difference = first_difference(compiled, uncompiled)
    if difference:
        place, a, b = difference
        raise ValueError(f"compile: {what} is {a!r} at entry {place}, and {b!r} uncompiled; "
                         f"{DEPENDS}")


def first_difference(x, y, met=1.0) -> tuple | None:
    """The first place where two results hold other numbers, beyond rounding, and these.

    met: no number that they were computed from is larger.
    """
    # float32 has seven digits, and sums in another order lose some of them.
    relative, absolute = (1e-9, 1e-12 * met) if are_double(x) else (1e-3, 1e-5 * met)
    for place, (a, b) in enumerate(zip(numbers_in(x), numbers_in(y))):
        both_nan = a != a and b != b
        if a != b and not both_nan and not isclose(a, b, rel_tol=relative, abs_tol=absolute):
            return place, a, b
    return None


def are_double(result) -> bool:
    """Is a result in double precision?"""
    return all(getattr(x, "dtype", float) == float for x in things_in(result))


def numbers_in(result) -> list:
    """All numbers in a result."""
    return [number for x in things_in(result)
            for number in (things_in(x.tolist()) if hasattr(x, "tolist") else [x])]
