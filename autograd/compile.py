"""compile: a recorded graph as straight Python source, forward and backward, to be run again.

    step = compile(lambda images, labels: cross_entropy(model(images), labels))
    loss = step(images, labels)     # adds to the .grad of every parameter, as backward() does
    print(step.source)

The first call makes a `Recording`: f runs, and then once more on Symbols (`symbols.py`), forward,
and backward by the same rules as ever. What was noted on the way is laid out in lines (`plan.py`)
and written out as one function (`source.py`), which a `Program` runs. Every later call runs it and
nothing else: no Value is made and no graph is walked.
"""
from __future__ import annotations

from _thread import RLock  # as functools does: `threading` takes long to import
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial, update_wrapper
from math import isclose
from numbers import Integral
from types import MethodType

from . import array
from .array import Array, as_number, unchecked
from .backward import converted, pullback, seed
from .functional import like, mapped
from .graph import MANY, TWO, Node, order, plain
from .namespace import library, namespace, shape
from .operands import own
from .recording import recording, recording_set
from .symbols import Symbol, constants, in_its_precision, key_of, precision, symbol, within

compiling: ContextVar = ContextVar("compiling", default=False)  # is a function being recorded?
one_at_a_time = RLock()  # while a function is recorded, its parameters hold Symbols
DEPENDS = ("f depends on something that is no argument and no Value: pass it in, or compile again "
           "when it changes")
OTHERWISE = ("compile: f takes other steps, or other constants, when it is recorded, which runs it "
             "again with Symbols for numbers and arrays; let it ask no argument for its type, draw "
             "no random numbers, and change nothing that it depends on: pass these in")
MOST_PROGRAMS = 16  # of one compiled function; beyond, the oldest is forgotten


def compile(f: Callable, check: bool = False) -> Compiled:
    """The function f, which gives a loss, made to run forward and backward in one go.

    f: from numbers, arrays, lists of int labels, and lists, tuples and dicts of these, and from
    the Values that it closes over, to a single Value, the loss. The compiled function gives the
    data of the loss and adds to the `.grad` of each of these Values. An f that gives plain data,
    such as `grad(g)`, gives the same data.

    Whatever else f depends on (a flag, `model.training`, an array that is written into later) is
    taken for what it was when f was recorded, once for each kind and shape of the arguments. An f
    whose constants differ from run to run, such as random numbers, is refused. One thread at a time
    runs compiled functions.
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


class Compiled:
    """A compiled function, with the programs that were made of it."""

    def __init__(self, f, check=False):
        if not callable(f):
            raise TypeError(f"compile: {f!r} is no function; give one that computes a loss")
        self.f = f.f if isinstance(f, Compiled) else f
        self.check = check
        self.programs = {}  # by the kinds and shapes of the arguments
        self.program = None  # the one that ran last
        update_wrapper(self, self.f, updated=())  # its name and its docstring

    def __get__(self, instance, owner=None):
        """As a function in a class does, be a method of the instance: with @compile above a def."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self):
        return Compiled, (self.f, self.check)  # programs write into the parameters of this f

    @property
    def source(self) -> str:
        """The source of the program that ran last."""
        if self.program is None:
            raise ValueError("compile: there is no source yet; the first call records the function "
                             "and writes it")
        return self.program.source

    def __call__(self, *args, **settings):
        if compiling.get():
            raise TypeError("compile: a compiled function was called while another was recorded, "
                            "and would give it a number without a graph; call the one it was made "
                            "of, which is its .f")
        if recording.get() is not True:  # no_grad; or detect_anomaly, which has to see each step
            return uncompiled(self.f, args, settings)
        leaves, kinds = [], []
        for arg in args:
            take_apart(arg, leaves, kinds)
        for name, arg in settings.items():
            kinds.append(name)
            take_apart(arg, leaves, kinds)
        with one_at_a_time:
            return self.run(tuple(kinds), args, settings, leaves)

    def run(self, key, args, settings, leaves):
        """The result of the program for arguments of that kind, which is recorded if need be."""
        program = self.programs.get(key)
        if program is None or not program.is_for_the_data():
            program = self.programs[key] = Program(Recording(self.f, args, settings), leaves)
            if len(self.programs) > MOST_PROGRAMS:
                del self.programs[next(iter(self.programs))]
        self.program = program
        try:
            result, gradients = program.run(leaves)
        except (ArithmeticError, ValueError, IndexError):  # `math` raises; IEEE has an inf or a nan
            return uncompiled(self.f, args, settings)
        if self.check:
            compare(self.f, args, settings, result, dict(zip(program.with_gradient, gradients)))
        for parameter, g in zip(program.with_gradient, gradients):
            parameter._grad = g if parameter._grad is None else parameter._grad + g
        return result


def uncompiled(f, args, settings):
    """What the compiled function does, done by f itself."""
    result = f(*args, **settings)
    if isinstance(result, Node) and result.inputs:
        result.backward()
    return mapped(plain, result)


def compare(f, args, settings, result, gradients):
    """Raise ValueError where the compiled and the uncompiled result differ first."""
    expected = f(*args, **settings)
    pairs = [("the result", result, mapped(plain, expected))]
    if isinstance(expected, Node):
        its_gradients = dict(pullback(expected, seed(expected, None), leaves_of(expected)))
        names = parameter_names(f, args, settings)
        zeros = {p: namespace(p._data).zeros_like(p._data) for p in (*gradients, *its_gradients)}
        pairs += [(f"the gradient of {p.name or names.get(p) or p!r}",
                   gradients.get(p, zeros[p]), its_gradients.get(p, zeros[p]))
                  for p in zeros if p in gradients or p in names]
    for what, compiled, plainly in pairs:
        if mapped(shape, compiled) != mapped(shape, plainly):
            raise ValueError(f"compile: {what} has shape {mapped(shape, compiled)}, and "
                             f"{mapped(shape, plainly)} uncompiled; {DEPENDS}")
        for place, a, b in differences(compiled, plainly):
            raise ValueError(f"compile: {what} is {a!r} at entry {place}, and {b!r} uncompiled; "
                             f"{DEPENDS}")


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


# -- recording -----------------------------------------------------------------------------------

class Recording:
    """What f does with arguments of one kind: its steps, forward and backward, as Symbols.

    inputs: the Symbol of each leaf of the arguments; parameters: of each Value that f closes over.
    nodes: the Nodes that f made. result: what f gave. gradients: those of the parameters and of
    the steps between. steps: all steps as computed, the first `forward` of them on the way forward.
    """

    def __init__(self, f, args, settings):
        run = partial(first_run, f, args, settings)
        expected = run()
        names, known = parameter_names(f, args, settings), {}
        # Those that f reads without a derivative, as under detach(), are found by their names only.
        leaves = dict.fromkeys([*leaves_of(expected), *(p for p in names if p.op is None)])
        given = [*[p._data for p in leaves_of(expected)], *things_in((args, settings)),
                 *[p._data for p in leaves]]
        arrays = sorted(filter(is_array, given), key=holds_labels)  # labels tell least
        its_library = library(arrays[0]) if arrays else array
        args, settings = mapped(partial(listed_labels, its_library), (args, settings))
        self.inputs, self.nodes, self.gradients = [], [], {}
        args = [with_symbols(arg, name, known, self.inputs)
                for arg, name in zip(args, argument_names(f, len(args)))]
        settings = {name: with_symbols(arg, name, known, self.inputs)
                    for name, arg in settings.items()}
        holding = {p: Symbol.leaf(p._data, p.name or names.get(p) or f"p{i}", known)
                   for i, p in enumerate(leaves)}
        precisions = [str(x.dtype) for x in arrays if str(x.dtype).startswith("float")]
        with standing_in(holding, its_library, *precisions[:1]):
            with recording_set(self.note):
                result = with_symbols_explained(f, args, settings)
            if not are_alike(steps_of(result), steps_of(expected)):
                raise TypeError(OTHERWISE)
            result = without_twins(result)
            self.forward = len(known)
            self.result = mapped(plain, result)
            read = {*map(id, things_in(self.result)), *map(id, leaves_of(result)),
                    *(id(x) for step in known.values() for x in within(step.operands))}
            # What f makes a leaf of anew in every call is a constant of the program.
            found = {p: x for p, x in holding.items() if id(x) in read or id(p) in read}
            named = dict.fromkeys(p for p in names if p in found)  # in the order of the modules
            self.parameters = {p: found[p] for p in {**named, **found}}
            if isinstance(result, Node):
                with recording_set(True):
                    one = one_like(self.result, known)
                    self.gradients = dict(pullback(result, one, self.parameters))
        # What no step shows, as noise in the data. (float32 may differ where large terms cancel.)
        numbers = mapped(lambda x: x.data if isinstance(x, Symbol) else x, self.result)
        if any(differences(numbers, mapped(plain, expected))) and (
                are_double(numbers) or any(differences(*mapped(plain, [run(), expected])))):
            raise TypeError(OTHERWISE)
        self.steps = list(known.values())

    def note(self, node, gradient=None):
        """As the mode of `recording`: is shown each Node that is made, and each gradient."""
        if gradient is None:
            self.nodes.append(node)


@contextmanager
def standing_in(holding, library_of_lists, its_precision="float64"):
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


def steps_of(result) -> list[tuple]:
    """The operations that a result was computed by, and what each was given."""
    steps = order(result) if isinstance(result, Node) else []
    return [(step.op, step.args, list(step.primitive.settings.values())) for step in steps]


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


def one_like(x, known) -> Symbol:
    """The number 1 in the kind, shape and precision of a loss."""
    data = x.data if isinstance(x, Symbol) else x
    one = 1.0 if type(data) is float or isinstance(data, Array) else \
        namespace(data).asarray(1.0, dtype=data.dtype)
    return symbol("broadcast_to", Symbol(None, (), {}, one, known=known), tuple(shape(data)))


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


# -- running it ----------------------------------------------------------------------------------

class Program:
    """A recording as source, and as the function that the source defines."""

    def __init__(self, recording, leaves):
        from .plan import makes_an_array  # who does not compile need not wait for these two
        from .source import Writer
        self.parameters = list(recording.parameters)
        self.in_libraries = [p for p in self.parameters if form(type(p._data)) == "array"]
        self.kinds = [type(p._data) for p in self.parameters]
        self.precisions = [p._data.dtype for p in self.in_libraries]
        self.with_gradient = [p for p in self.parameters if p in recording.gradients]
        outputs = []  # of the source: the parts of the result, then the gradients
        self.result = mapped(lambda x: outputs.append(in_its_precision(x)) or len(outputs) - 1,
                             recording.result)
        self.parts = len(outputs)
        outputs += [recording.gradients[p] for p in self.with_gradient]
        self.source, self.function = Writer(recording).write(outputs)
        self.look_at_arguments(recording.inputs, recording.steps, leaves)
        self.look_at_outputs(outputs, makes_an_array)

    def look_at_arguments(self, inputs, steps, leaves):
        """Note what has to be done with the leaves of the arguments before a run."""
        self.to_be_listed = [place for place, (x, leaf) in enumerate(zip(inputs, leaves))
                             if is_labels(x.data) and not is_labels(leaf)]
        places, self.classes = {x: place for place, x in enumerate(inputs)}, {}
        for x in steps:
            labels, classes = looked_up(x)
            if isinstance(labels, Symbol) and labels in places:
                self.classes[places[labels]] = classes

    def look_at_outputs(self, outputs, makes_an_array):
        """Note what has to be done with the outputs of the function after a run."""
        self.of_arrays, self.to_be_copied, handed_out = [], [], set()
        for place, x in enumerate(outputs):
            p = self.with_gradient[place - self.parts] if place >= self.parts else None
            data = x.data if isinstance(x, Symbol) else x
            if isinstance(data, Array):
                self.of_arrays.append((place, data.shape))
            # No array is handed out that is the caller's, or the program's, or another output.
            shared = id(x) in handed_out or not makes_an_array(x)
            if form(type(data)) == "array" and shared \
                    or p is not None and kind_of(data) != kind_of(p._data):
                self.to_be_copied.append((place, p))
            handed_out.add(id(x))

    def is_for_the_data(self) -> bool:
        """Do the parameters still hold numbers, or arrays of the kind and precision recorded?"""
        return self.kinds == [type(p._data) for p in self.parameters] and \
            self.precisions == [p._data.dtype for p in self.in_libraries]

    def run(self, leaves):
        """The result, and the gradient of each Value in `with_gradient`.

        Raises ArithmeticError, ValueError or IndexError where f itself has to answer.
        """
        for place in self.to_be_listed:
            leaves[place] = leaves[place].tolist()
        for place, classes in self.classes.items():
            labels = leaves[place]  # one below 0 would count from the end, unnoticed
            if not isinstance(labels, list):
                labels = labels.tolist()  # NumPy's numbers one by one take three times as long
            if not 0 <= min(labels) <= max(labels) < classes:
                raise ValueError("a label out of range")
        data = [p._data for p in self.parameters]
        outputs = [*self.function(*leaves, *[x.flat if isinstance(x, Array) else x for x in data])]
        for place, lengths in self.of_arrays:  # the function works on flat lists
            if type(outputs[place]) is list:
                outputs[place] = unchecked(lengths, outputs[place])
        for place, p in self.to_be_copied:
            outputs[place] = own(outputs[place], outputs[place] if p is None else p._data)
        return mapped(outputs.__getitem__, self.result), outputs[self.parts:]


def looked_up(x):
    """The labels that a step looks up in rows, and the length of these; None and 0 if none."""
    labels, classes = None, 0
    if x.op == "one_hot":
        labels, classes = x.operands[0], x.shape[-1]
    elif x.op == "getitem":
        matrix, index = x.operands
        if isinstance(index, tuple) and len(index) == len(shape(matrix)) == 2:
            labels, classes = index[1], shape(matrix)[1]
    return labels.operands[0] if getattr(labels, "op", None) == "asarray" else labels, classes


def kind_of(data) -> tuple:
    """The kind of a number or an array."""
    return Array if isinstance(data, Array) else type(data), getattr(data, "dtype", None)


# -- arguments and results -----------------------------------------------------------------------

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


@lru_cache(maxsize=None)
def is_int(kind: type) -> bool:
    """Is this the type of Python's ints, or one of NumPy's?"""
    return kind is int or hasattr(kind, "dtype") and issubclass(kind, Integral)


def is_labels(arg) -> bool:
    """Is the argument a list of ints?"""
    return type(arg) in (list, tuple) and len(arg) > 0 and all(map(is_int, set(map(type, arg))))


def listed_labels(its_library, arg):
    """Labels in an array, beside arrays of another library, as a list; anything else as it is."""
    return arg.tolist() if holds_labels(arg) and library(arg) is not its_library else arg


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


def numbers_in(thing):
    """All numbers in results."""
    return [number for x in things_in(thing)
            for number in (things_in(x.tolist()) if hasattr(x, "tolist") else [x])]
