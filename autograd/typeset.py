"""typeset: a Symbol as LaTeX for lecture notes, or as MathML for web pages.

First `Plainer` brings it into the form in which one would write it, then `Setter` sets it in type,
step by step, in the words of `notation.py`.
"""
from __future__ import annotations

from collections import Counter
from functools import partial, reduce
from math import prod

from .array import broadcast_shapes, normal_axes
from .floats import divide
from .namespace import as_data, namespace, shape
from .notation import setting_text, slice_text
from .simplify import op_of, within
from .symbols import Symbol

MOST_PARTS = 3000  # of a formula: some pages

# How tightly a part holds together; where more is asked for, it gets parentheses.
COMPARISON, SIGNED, SUM, BIG_SUM, ENTRYWISE, PRODUCT, FRACTION, POWER, WHOLE = range(9)
COMPARED = {"less": "<", "less_equal": "≤", "greater": ">", "greater_equal": "≥", "equal": "="}
FUNCTIONS = {"leaky_relu": "LeakyReLU", "elu": "ELU", "relu": "ReLU", "sigmoid": "σ",
             "log_softmax": "softmax", "maximum": "max", "minimum": "min",
             "cross_entropy": "softmax"}
SQUARED_BY_NAME = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}  # tanh²(x)
NUMBER, LETTER, ARRAY = range(3)  # kinds of factors, in the order in which they are written
LETTERS = "ijklmnopqrstuvwxyz"  # of the axes
SIGNS = set("+-·⊙=<>≤≥,⊤Σ")


def typeset(what, root, notation, leaf=lambda x: None) -> str:
    """A Symbol, or a number, set in type; `what` asks for it, in messages.

    leaf(symbol) may give what to write for a leaf: a name, a number or an array.

    Each part is set once, its operands first, so that no depth is too large.
    Raises ValueError for a formula of more than 3,000 parts.
    """
    root = Plainer()(root)
    setter = Setter(notation, leaf)
    parts, steps = {}, list(each_operand_first(root))
    if any(x.op is None and setter.is_called(x, notation.LABELS) for x in steps):
        setter.labels = "labels"
    for x in steps:
        parts[id(x)] = 1 + sum(parts.get(id(y), 1) for y in within(x.operands))
        if parts[id(x)] > MOST_PARTS:
            raise ValueError(f"{what}: the formula has more than {MOST_PARTS:,} parts; give some "
                             'steps a name, e.g. h.name = "h", and they are not written out')
        setter.set(x)
    return setter.part(root)


def each_operand_first(root):
    """The Symbols that root consists of, each after its operands."""
    done, stack = set(), [root]
    while stack:
        x = stack[-1]
        todo = [y for y in within(x.operands) if isinstance(y, Symbol) and id(y) not in done] \
            if isinstance(x, Symbol) else []
        if todo and id(x) not in done:
            stack += todo
        else:
            stack.pop()
            if isinstance(x, Symbol) and id(x) not in done:
                done.add(id(x))
                yield x


# Entry by entry a number says as much as an array full of it; other steps read an operand's shape.
ENTRY_BY_ENTRY = {"add", "subtract", "multiply", "divide", "pow", "maximum", "minimum",
                  "where", "total", "vecdot"}
BY_SHAPE = {"sum", "max", "min", "logsumexp", "norm", "softmax", "log_softmax", "cumulative_sum",
            "matmul", "linear", "getitem", "concat", "reshape", "permute_dims",
            "matrix_transpose", "broadcast_to"}


class Plainer:
    """Turns a Symbol into what one would write.

    Broadcasting and axes of length 1 go, and numbers and signs come to the front of products.
    Equal parts become one Symbol, so that x + x is seen to be 2 x.
    """

    def __init__(self):
        self.known = {}

    def __call__(self, root):
        plain = {}
        for x in each_operand_first(root):
            operands = [plain[id(y)] if isinstance(y, Symbol) else
                        float(y) if getattr(y, "shape", None) == () else y for y in x.operands]
            if x.op is None:
                is_constant = x.name is None and not shape(x.data)
                plain[id(x)] = float(x.data) if is_constant else \
                    Symbol.leaf(as_data(x.data), x.name)
            elif x.op == "reshape" and only_ones_differ(x, x.operands[0]):
                plain[id(x)] = without_ones(x, operands[0])
            else:
                if x.op in ENTRY_BY_ENTRY:
                    operands = map(entry, self.crossed(x, operands))
                elif x.op in BY_SHAPE:
                    operands = map(self.stretched, x.operands, operands)
                plain[id(x)] = getattr(self, f"write_{x.op}", self.step)(x, *operands)
        return plain.get(id(root), root)

    def step(self, like, *operands, op=None, settings=None):
        """The Symbol with these operands, and what else is not given as another has it."""
        op = op or like.op
        if settings is None:
            settings = like.settings if op == like.op else {}
        key = op, repr(settings), *(id(y) if isinstance(y, Symbol) else repr(y) for y in operands)
        if key not in self.known:
            self.known[key] = Symbol(op, operands, settings, like.data)
            entrywise = op not in BY_SHAPE and broadcast(like.operands) == like.shape
            if op in ENTRY_BY_ENTRY or entrywise:
                written = broadcast(operands)  # what was only stretched has not the recorded shape
                if written is not None and prod(written) <= prod(like.shape):
                    self.known[key].shape = written
        return self.known[key]

    def stretched(self, recorded, x):
        """An operand as it is written, in the shape it has; but a 0 is one in any shape."""
        if not isinstance(recorded, Symbol) or only_ones_differ(recorded, x):
            return x
        number, rest = taken_apart(x)
        rest = 1.0 if rest is None else rest
        return self.product(number, self.step(recorded, rest, recorded.shape, op="broadcast_to"))

    def crossed(self, like, operands):
        """The operands; of columns beside rows, those written the other way are transposed."""
        if len(long_axes(like)) < 2 or any(len(long_axes(x)) > 1 for x in like.operands):
            return operands
        return [self.step(recorded, x, op="matrix_transpose")
                if len(long_axes(x)) == 1 and is_column(x) != is_column(recorded) else x
                for recorded, x in zip(like.operands, operands)]

    def product(self, number, x):
        """number · x, x having no number in front; None is 1."""
        if x is None or number == 0:
            return number
        if number == 1:
            return x
        if number == -1:
            return self.step(x, x, op="negative")
        return self.step(x, number, x, op="multiply")

    def write_multiply(self, like, x, y, op="multiply"):
        (m, x), (n, y) = taken_apart(x), taken_apart(y)
        number, x = cancelled(m * n, x)
        number, y = cancelled(number, y)
        rest = y if x is None else x if y is None else self.step(like, x, y, op=op)
        return self.product(number, rest)

    def write_matmul(self, like, *operands):
        """A matrix of one entry, such as the gradient of v · w in the rules, is a number."""
        x, y = (entry(operand) if prod(recorded.shape) == 1 else operand
                for recorded, operand in zip(like.operands, operands))
        if shape(x) and shape(y):
            column = like.operands[0]
            if column.shape[-1] == 1 and len(shape(x)) == len(shape(y)) == 1:  # the outer product
                x = self.step(column, x, op="matrix_transpose")
            return self.write_multiply(like, x, y, "matmul")
        return self.write_multiply(like, untransposed(x), untransposed(y))

    def write_matrix_transpose(self, like, x):
        """Transposed twice is as before."""
        number, rest = taken_apart(x)
        if rest is None:
            return number
        return self.product(number, rest.operands[0] if rest.op == "matrix_transpose" else
                            self.step(like, rest, op="matrix_transpose"))

    def write_permute_dims(self, like, x, axes):
        """Of a matrix, other axes of length 1 aside, it is the transpose or nothing."""
        long = [a % like.ndim for a in axes if like.operands[0].shape[a] != 1]
        swapped = [*range(like.ndim)]
        swapped[-2:] = swapped[:-3:-1]
        if len(shape(x)) > 2 and [a % like.ndim for a in axes] == swapped:  # many matrices
            return self.write_matrix_transpose(like, x)
        if len(shape(x)) != len(long) or long != sorted(long) and len(long) > 2:
            return self.step(like, x, axes)
        return x if long == sorted(long) else self.write_matrix_transpose(like, x)

    def write_negative(self, like, x):
        number, x = taken_apart(x)
        return self.product(-number, x)

    def write_divide(self, like, x, y):
        (number, x), (divisor, rest) = taken_apart(x), taken_apart(y)
        if rest is None and (x is None or divisor in (1, -1)):
            return self.product(divide(number, divisor), x)
        if number == 0:
            return 0.0
        if isinstance(x, Symbol) and x.op == "divide":
            over, under = x.operands
            (more, x), y = taken_apart(over), self.write_multiply(like, under, y)
            number *= more
        if number < 0:
            quotient = self.step(like, self.product(-number, x), y, op="divide")
            return self.step(like, quotient, op="negative")
        return self.step(like, self.product(number, x), y, op="divide")

    def write_add(self, like, x, y):
        (m, left), (n, right) = taken_apart(x), taken_apart(y)
        if left is right:
            return self.product(m + n, left)
        if op_of(x) in ("add", "subtract") and right is not None:
            rest, (k, last) = x.operands[0], taken_apart(x.operands[1])
            if last is right:  # x + w + w
                return self.write_add(like, rest, self.product(n + (k if x.op == "add" else -k),
                                                               right))
        if is_number(x, 0) or is_number(y, 0):
            return y if is_number(x, 0) else x
        if n < 0:
            return self.step(like, x, self.product(-n, right), op="subtract")
        if m < 0 and left is not None:
            return self.step(like, y, self.product(-m, left), op="subtract")
        return self.step(like, x, y, op="add")

    def write_subtract(self, like, x, y):
        return self.write_add(like, x, self.write_negative(like, y))

    def write_total(self, like, *xs):
        return reduce(partial(self.write_add, like), xs)

    def write_vecdot(self, like, *xys):
        half = len(xys) // 2
        return self.write_total(like, *map(partial(self.write_multiply, like), xys[:half],
                                           xys[half:]))

    def write_pow(self, like, x, y):
        return x if is_number(y, 1) else self.step(like, x, y)

    def write_sum(self, like, x):
        axes, (number, rest) = axes_as_written(like, x), taken_apart(x)
        if rest is None or not axes:
            return without_ones(like, x)
        if rest.op == "broadcast_to" and not shape(rest.operands[0]):  # n times the same
            times = prod(rest.shape[a] for a in axes)
            return self.write_multiply(like, number * times, rest.operands[0])
        return self.product(number, self.step(like, rest, settings=over(like, axes)))

    def write_logsumexp(self, like, x):
        axes = axes_as_written(like, x)
        return self.step(like, x, settings=over(like, axes)) if axes else without_ones(like, x)

    def write_max(self, like, x):
        """Where there is more than one axis, with those along which it is taken."""
        axes = axes_as_written(like, x)
        one_of_many = axes and len(axes) < len(long_axes(x))
        return self.step(like, x, settings={"axis": tuple(axes)} if one_of_many else {})

    def write_concat(self, like, *xs):
        axis, = normal_axes("concat", like.shape, like.settings.get("axis", 0))
        return self.step(like, *xs, settings={"axis": (axis,)} if len(long_axes(like)) > 1 else {})

    write_min = write_norm = write_cumulative_sum = write_max

    def write_softmax(self, like, x):
        """Along the last axis as a rule, which is not said."""
        as_a_rule = like.settings.get("axis", -1) in (-1, like.ndim - 1)
        return self.step(like, x, settings={}) if as_a_rule else self.write_max(like, x)

    write_log_softmax = write_softmax

    def write_getitem(self, like, x, index):
        return x if is_number(x, 0) else self.step(like, x, index)


def is_number(x, number=None) -> bool:
    """Is x a plain number, and that one if one is given?"""
    return isinstance(x, (float, int)) and (number is None or x == number)


def taken_apart(x):
    """The number in front of a Symbol that Plainer made, and the rest of it; None where all is."""
    if not isinstance(x, Symbol):
        return x, None
    if x.op == "negative":
        number, rest = taken_apart(x.operands[0])
        return -number, rest
    if x.op == "multiply" and is_number(x.operands[0]):
        return x.operands
    return 1.0, x


def cancelled(number, x):
    """A number and what it multiplies, without what both multiplies and divides: 2 · (x / 2)."""
    if op_of(x) == "divide" and is_number(x.operands[1]) and number % x.operands[1] == 0:
        more, rest = taken_apart(x.operands[0])
        return number / x.operands[1] * more, rest
    return number, x


def entry(x):
    """The number that an array is full of; anything else as it is."""
    if isinstance(x, Symbol) and x.op == "broadcast_to":
        return x.operands[0]
    number = full_of(x.data) if isinstance(x, Symbol) and x.op is x.name is None else None
    return x if number is None else number


def full_of(data):
    """The number that stands everywhere in an array, or None."""
    entries = set(namespace(data).reshape(data, (-1,)).tolist() if shape(data) else [data])
    return float(entries.pop()) if len(entries) == 1 else None


def broadcast(operands):
    """The shape that operands broadcast to; None if they do not, without axes of length 1."""
    try:
        return broadcast_shapes((), *(x.shape for x in operands if isinstance(x, Symbol)))
    except ValueError:
        return None


def long_axes(x):
    """The axes whose length is not 1, each with its length."""
    return {axis: length for axis, length in enumerate(shape(x)) if length != 1}


def is_column(x):
    """Does an array with one long axis have it before one of length 1?"""
    return shape(x)[-1] == 1


def only_ones_differ(x, y):
    """Do the shapes differ by nothing but axes of length 1?"""
    return [*long_axes(x).values()] == [*long_axes(y).values()]


def axes_as_written(like, x):
    """The axes of x that a reduction runs over; those of length 1 add nothing."""
    recorded = like.operands[0]
    place = dict(zip(long_axes(recorded), long_axes(x if shape(x) else recorded)))
    axes = normal_axes(like.op, recorded.shape, like.settings.get("axis"))
    return [place[axis] for axis in axes if axis in place]


def over(like, axes):
    """The settings of a reduction that runs over these axes."""
    return {"axis": None if like.settings.get("axis") is None else tuple(axes)}


def without_ones(like, x):
    """x, from which a step only takes axes of length 1."""
    return untransposed(x) if like.ndim == 1 else x


def untransposed(x):
    """A vector that was transposed as a matrix is the same when it is a vector again."""
    is_vector = op_of(x) == "matrix_transpose" and len(shape(x.operands[0])) == 1
    return x.operands[0] if is_vector else x


class Setter:
    """Sets Symbols in type, one after the other, and keeps the text and the tightness of each."""

    def __init__(self, notation, leaf):
        self.notation, self.leaf, self.texts = notation, leaf, {}
        self.labels = notation.LABELS

    def set(self, x):
        """Set one Symbol whose operands are set."""
        self.texts[id(x)] = self.text_of_leaf(x) if x.op is None else \
            getattr(self, f"set_{x.op}", self.function)(x)

    def tightness(self, x):
        """How tightly an operand holds together."""
        return self.texts[id(x)][1] if isinstance(x, Symbol) else WHOLE

    def part(self, x, least=COMPARISON):
        """The text of an operand, in parentheses if it holds together less than asked for."""
        if isinstance(x, Symbol):
            text, tightness = self.texts[id(x)]
        elif is_number(x):
            text, tightness = self.notation.number(x), SIGNED if x < 0 else WHOLE
        else:
            text, tightness = self.notation.word(str(x)), WHOLE
        return text if tightness >= least else self.notation.between("(", text, ")")

    def text_of_leaf(self, x):
        given = self.written(x)
        if isinstance(given, str):
            return self.notation.name(given), WHOLE
        lengths = shape(given)
        if not lengths:
            return self.notation.number(given), SIGNED if given < 0 else WHOLE
        number = full_of(given) if given is x.data else None
        if number is not None:
            return self.everywhere(number)
        if is_large(given):
            return self.notation.word("×".join(map(str, lengths))), WHOLE
        rows = given.tolist() if len(lengths) == 2 else [given.tolist()]
        return self.notation.matrix(rows), WHOLE

    def written(self, x):
        """What a leaf is written as: a name, a number or an array."""
        given = self.leaf(x)
        return given if given is not None else x.data if x.name is None else x.name

    def is_called(self, x, name):
        """Is this what is written of a leaf?"""
        given = self.written(x)
        return isinstance(given, str) and given == name

    def row(self, *parts):
        """Signs such as + among texts, in a row."""
        return self.notation.row([self.notation.sign(part) if part in SIGNS else part
                                  for part in parts])

    def function(self, x):
        word = self.along_axes(self.notation.word(FUNCTIONS.get(x.op, x.op)), x)
        return self.applied(word, x), WHOLE

    def applied(self, word, x):
        inside = []
        for operand in x.operands:
            inside += [",", self.part(operand)]
        return self.notation.applied(word, self.row(*inside[1:]))

    # -- arithmetic

    def set_add(self, x):
        left, right = x.operands
        return self.row(self.part(left, SIGNED), "+", self.part(right, SUM)), SUM

    def set_subtract(self, x):
        left, right = x.operands
        return self.row(self.part(left, SIGNED), "-", self.part(right, BIG_SUM)), SUM

    def set_negative(self, x):
        return self.row("-", self.part(x.operands[0], BIG_SUM)), SIGNED

    def set_multiply(self, x):
        """Numbers first, then single numbers, then arrays, with ⊙; equal factors as a power."""
        factors = sorted(factors_of(x), key=self.kind)
        times = Counter(map(id, factors))
        factors = list({id(y): y for y in factors}.values())
        entrywise = sum(self.kind(y) == ARRAY for y in factors) > 1
        texts = []
        for before, y in zip([None, *factors], factors):
            if before is not None and self.kind(before) == ARRAY:
                texts.append("⊙")
            elif before is not None and self.kind(before) == NUMBER and self.has_digit_in_front(y):
                texts.append("·")
            last = y is factors[-1] and not entrywise
            if times[id(y)] > 1:
                texts.append(self.power(y, self.notation.number(times[id(y)])))
            else:
                texts.append(self.part(y, SIGNED if before is None and is_number(y)
                                       else BIG_SUM if last else FRACTION))
        if is_number(factors[0]) and factors[0] < 0:
            return self.row(*texts), SIGNED
        ends_open = not entrywise and times[id(y)] == 1 and self.tightness(y) == BIG_SUM
        return self.row(*texts), BIG_SUM if ends_open else ENTRYWISE if entrywise else PRODUCT

    def has_digit_in_front(self, x):
        """Does it begin with a number, with a bold 1, or as a mean does, with 1/n?"""
        while isinstance(x, Symbol) and x.op in ("pow", "matmul", "broadcast_to"):
            x = x.operands[0]
        if isinstance(x, Symbol) and x.op == "divide":
            return is_mean(x)
        return self.kind(x) == NUMBER

    def kind(self, x):
        """What a factor is written as."""
        if shape(x):
            return ARRAY
        number = is_number(x) or x.op is None and not isinstance(self.written(x), str)
        return NUMBER if number else LETTER

    def set_divide(self, x):
        over, under = x.operands
        if is_mean(x):
            one = self.notation.frac(self.notation.number(1.0), self.part(under))
            return self.row(one, self.part(over)), BIG_SUM
        return self.notation.frac(self.part(over), self.part(under)), FRACTION

    def set_pow(self, x):
        base, exponent = x.operands
        if is_number(exponent, 0.5):
            return self.set_sqrt(x)
        inverse = not is_number(exponent) or exponent < 2  # as it could be read: tanh⁻¹(x)
        return self.power(base, self.part(exponent), not inverse), POWER

    def power(self, base, exponent, by_name=True):
        if by_name and isinstance(base, Symbol) and base.op in SQUARED_BY_NAME:
            return self.applied(self.notation.sup(self.notation.word(base.op), exponent), base)
        return self.notation.sup(self.part(base, WHOLE), exponent)

    def set_matmul(self, x):
        left, right = x.operands[:2]
        return self.row(self.part(left, PRODUCT), self.part(right, FRACTION)), PRODUCT

    def set_linear(self, x):
        product, _ = self.set_matmul(x)
        return self.row(product, "+", self.part(x.operands[2], SUM)), SUM

    def set_matrix_transpose(self, x):
        return self.notation.sup(self.part(x.operands[0], WHOLE), self.notation.sign("⊤")), POWER

    # -- functions with a notation of their own

    def set_exp(self, x):
        exponent = x.operands[0]
        if isinstance(exponent, Symbol) and exponent.op != "negative" \
                and self.texts[id(exponent)][1] not in (PRODUCT, WHOLE):
            return self.function(x)
        return self.notation.sup(self.notation.name("e"), self.part(exponent)), POWER

    def set_sqrt(self, x):
        return self.notation.sqrt(self.part(x.operands[0])), WHOLE

    def set_abs(self, x):
        bar = "|" if x.op == "abs" else "‖"
        text = self.notation.between(bar, self.part(x.operands[0]), bar)
        return self.along_axes(text, x), WHOLE

    set_norm = set_abs

    def set_log2(self, x):
        word = self.notation.sub(self.notation.word("log"), self.notation.number(2.0))
        return self.applied(word, x), WHOLE

    def set_step(self, x):
        """1 where x > 0, and 0 elsewhere."""
        return self.one_where(self.part(x.operands[0], SIGNED), ">", self.notation.number(0)), WHOLE

    def set_share(self, x):
        """1 where x is the extreme; if several are, each has a share, which has no notation."""
        if set(namespace(x.data).reshape(x.data, (-1,)).tolist()) - {0, 1}:
            return self.function(x)
        entry, extreme = x.operands
        return self.one_where(self.part(entry, SIGNED), "=", self.part(extreme, SIGNED)), WHOLE

    def one_where(self, *condition):
        """1 where the condition holds, and 0 elsewhere."""
        return self.notation.row([self.notation.bold("1"),
                                  self.notation.between("[", self.row(*condition), "]")])

    def set_sign(self, x):
        """sign(ReLU(x)), the derivative of ReLU, is 1 where x > 0."""
        inner = x.operands[0]
        is_step = isinstance(inner, Symbol) and inner.op == "relu"
        return self.set_step(inner) if is_step else self.function(x)

    def set_compare(self, x):
        """1, 0 or -1 as x is above, equal to or below y."""
        x, y = x.operands
        difference = self.part(x) if is_number(y, 0) else \
            self.row(self.part(x, SIGNED), "+", self.part(-y)) if is_number(y) and y < 0 else \
            self.row(self.part(x, SIGNED), "-", self.part(y, BIG_SUM))
        return self.notation.applied(self.notation.word("sign"), difference), WHOLE

    def set_where(self, x):
        """Of a condition nothing is recorded but where it holds."""
        condition, *cases = x.operands
        unknown = is_number(condition) or \
            condition.op is condition.name is None and is_large(condition.data)
        text = self.notation.plain("the condition holds") if unknown else self.part(condition)
        return self.notation.cases(text, *map(self.part, cases)), POWER

    def set_compared(self, x):
        left, right = x.operands
        left, right = self.part(left, SIGNED), self.part(right, SIGNED)
        return self.row(left, COMPARED[x.op], right), COMPARISON

    set_less = set_less_equal = set_greater = set_greater_equal = set_equal = set_compared

    # -- reductions and indices

    def set_sum(self, x):
        return self.row(self.big_sum(x), self.part(x.operands[0], ENTRYWISE)), BIG_SUM

    def big_sum(self, x):
        """Σ, with the letters of the axes below where they are not all."""
        return self.along_axes(self.notation.sign("Σ"), x)

    def along_axes(self, text, x):
        """The text, with the letters of the axes below it that a step runs along, if it says so."""
        axes = x.settings.get("axis")
        if not isinstance(axes, tuple):
            return text
        return self.notation.sub(text, self.row(*[self.notation.name(LETTERS[a]) for a in axes]))

    def set_logsumexp(self, x):
        power = self.notation.sup(self.notation.name("e"), self.part(x.operands[0]))
        return self.row(self.notation.word("log"), self.big_sum(x), power), BIG_SUM

    def set_log_softmax(self, x):
        return self.row(self.notation.word("log"), self.function(x)[0]), PRODUCT

    def set_cross_entropy(self, x):
        """-1/n Σ log softmax(x) at the labels."""
        n, (softmax, _) = len(x.settings["labels"]), self.function(x)
        log, i, y = self.notation.word("log"), *map(self.notation.name, ("i", self.labels))
        if n == 1:
            return self.row("-", log, self.notation.sub(softmax, y)), SUM
        picked = self.notation.sub(softmax, self.row(i, ",", self.notation.sub(y, i)))
        mean = self.notation.frac(self.notation.number(1.0), self.notation.number(float(n)))
        total = self.notation.sub(self.notation.sign("Σ"), i)
        return self.row("-", mean, total, log, picked), SUM

    def set_one_hot(self, x):
        labels = self.notation.name(self.labels)
        return self.notation.applied(self.notation.word("onehot"), labels), WHOLE

    def set_broadcast_to(self, x):
        return self.everywhere(x.operands[0])

    def everywhere(self, x):
        """An array that holds x everywhere: x times a bold 1, the array of ones."""
        ones = self.notation.bold("1")
        if is_number(x, 1):
            return ones, WHOLE
        if self.kind(x) == ARRAY:
            return self.row(self.part(x, FRACTION), "⊙", ones), ENTRYWISE
        dot = ["·"] if self.kind(x) == NUMBER else []  # 0.5 with a 1 beside it looks like 0.51
        return self.row(self.part(x, PRODUCT), *dot, ones), PRODUCT

    def set_getitem(self, x):
        return self.notation.sub(self.part(x.operands[0], WHOLE), self.index(x)), WHOLE

    def set_scatter_add(self, x):
        """Zeros, with an array added at an index."""
        at = self.notation.sub(self.notation.word("scatter"), self.index(x))
        return self.notation.applied(at, self.part(x.operands[0])), WHOLE

    def index(self, x):
        """What stands between the brackets of x[...]."""
        index = x.operands[-1] if isinstance(x.operands[-1], tuple) else x.operands[-1:]
        inside = []
        for i in index:
            inside += [",", self.notation.number(i) if isinstance(i, int)
                       else self.notation.plain(index_text(i))]
        return self.row(*inside[1:]) if inside else self.notation.plain("()")


def is_large(data):
    """Is it an array too large to be written out?"""
    return len(shape(data)) > 2 or max(shape(data)) > 6


def is_mean(x):
    """Is it a sum divided by a number?"""
    over, under = x.operands
    return is_number(under) and isinstance(over, Symbol) and over.op == "sum"


def factors_of(x):
    """The factors of a product of products, from left to right."""
    factors, stack = [], [x]
    while stack:
        y = stack.pop()
        if isinstance(y, Symbol) and y.op == "multiply":
            stack += reversed(y.operands)
        else:
            factors.append(y)
    return factors


def index_text(i) -> str:
    """A part of an index that is no number."""
    text = slice_text(i) if isinstance(i, slice) else setting_text(i)
    return text if len(text) <= 30 else "…"
