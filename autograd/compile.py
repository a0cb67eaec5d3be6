"""compile: a recorded graph as straight Python source, forward and backward, to be run again.

    step = compile(lambda images, labels: cross_entropy(model(images), labels))
    loss = step(images, labels)     # adds to the .grad of every parameter, as backward() does
    print(step.source)

The first call makes a `Recording` (`tracing.py`): f runs, and then once more on Symbols
(`symbols.py`), forward, and backward by the same rules as ever. What was noted on the way is laid
out in lines (`plan.py`) and written out as one function (`source.py`), which a `Program` runs.
Every later call runs it and nothing else: no Value is made and no graph is walked.
"""
from __future__ import annotations

from _thread import RLock  # as functools does: `threading` takes long to import
from collections.abc import Callable
from contextvars import ContextVar
from functools import update_wrapper
from itertools import count
from types import MethodType

from .array import Array, unchecked
from .functional import mapped
from .graph import Node, plain
from .inputs import form, holds_labels, is_labels, take_apart
from .namespace import shape
from .operands import own
from .recording import recording
from .simplify import op_of
from .symbols import Symbol, data_of, in_its_precision

compiling: ContextVar = ContextVar("compiling", default=False)  # is a function being recorded?
one_at_a_time = RLock()  # while a function is recorded, its parameters hold Symbols
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
            program = self.programs[key] = self.recorded(args, settings, leaves)
            if len(self.programs) > MOST_PROGRAMS:
                del self.programs[next(iter(self.programs))]
        self.program = program
        try:
            result, gradients = program.run(leaves)
        except (ArithmeticError, ValueError, IndexError):  # `math` raises; IEEE has an inf or a nan
            return uncompiled(self.f, args, settings)
        if self.check:
            from .tracing import compare
            compare(self.f, args, settings, result, dict(zip(program.with_gradient, gradients)))
        for parameter, g in zip(program.with_gradient, gradients):
            parameter._grad = g if parameter._grad is None else parameter._grad + g
        return result

    def recorded(self, args, settings, leaves):
        """The program for arguments like these."""
        from .tracing import Recording  # here: only compiling needs it
        token = compiling.set(True)
        try:
            return Program(Recording(self.f, args, settings), leaves)
        finally:
            compiling.reset(token)


def uncompiled(f, args, settings):
    """What the compiled function does, done by f itself."""
    result = f(*args, **settings)
    if isinstance(result, Node) and result.inputs:
        result.backward()
    return mapped(plain, result)


# -- running it ----------------------------------------------------------------------------------

class Program:
    """A recording as source, and as the function that the source defines.

    The function takes the leaves of the arguments and the data of the parameters. It gives the
    parts of the result, of which there may be many where f gives a list or a dict, and then a
    gradient for each parameter in `with_gradient`.
    """

    def __init__(self, recording, leaves):
        from .source import Writer  # here, as `tracing.py`
        self.parameters = list(recording.parameters)
        self.in_libraries = [p for p in self.parameters if form(type(p._data)) == "array"]
        self.kinds = [type(p._data) for p in self.parameters]
        self.precisions = [p._data.dtype for p in self.in_libraries]
        self.with_gradient = [p for p in self.parameters if p in recording.gradients]
        outputs, place = [], count()
        mapped(lambda x: outputs.append(in_its_precision(x)), recording.result)
        self.result = mapped(lambda _: next(place), recording.result)  # where each part comes
        self.parts = len(outputs)
        outputs += [recording.gradients[p] for p in self.with_gradient]
        self.source, self.function = Writer(recording).write(outputs)
        self.look_at_arguments(recording.inputs, recording.steps, leaves)
        self.look_at_outputs(outputs)

    def look_at_arguments(self, inputs, steps, leaves):
        """Note what has to be done with the leaves of the arguments before a run."""
        self.to_be_listed = [place for place, (x, leaf) in enumerate(zip(inputs, leaves))
                             if is_labels(x.data) and not is_labels(leaf)]
        places = {x: place for place, x in enumerate(inputs)
                  if is_labels(x.data) or holds_labels(x.data)}
        self.classes = {}
        for x in steps:
            labels, classes = looked_up(x)
            if op_of(labels) == "asarray":
                labels, = labels.operands
            if isinstance(labels, Symbol) and labels in places:
                self.classes[places[labels]] = classes

    def look_at_outputs(self, outputs):
        """Note what has to be done with the outputs of the function after a run."""
        from .plan import makes_an_array
        self.of_arrays, self.to_be_copied, handed_out = [], [], set()
        owners = [*[None] * self.parts, *self.with_gradient]
        for place, (x, p) in enumerate(zip(outputs, owners)):
            data = data_of(x)
            if isinstance(data, Array):
                self.of_arrays.append((place, data.shape))
            # No array is handed out that is the caller's, or the program's, or another output.
            shared = id(x) in handed_out or not makes_an_array(x)
            handed_out.add(id(x))
            of_another_kind = p is not None and kind_of(data) != kind_of(p._data)
            if of_another_kind or shared and form(type(data)) == "array":
                self.to_be_copied.append((place, p))

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
    if x.op == "one_hot":
        return x.operands[0], x.shape[-1]
    if x.op == "getitem":
        matrix, index = x.operands
        if isinstance(index, tuple) and len(index) == len(shape(matrix)) == 2:
            return index[1], shape(matrix)[1]
    return None, 0


def kind_of(data) -> tuple:
    """The kind of a number or an array."""
    return Array if isinstance(data, Array) else type(data), getattr(data, "dtype", None)
