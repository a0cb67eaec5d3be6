"""The few hot loops: products, transposes and sums of flat, row-major lists of floats.

Every sum here is the plain one, from left to right and from 0.0:
((0.0 + a0*b0) + a1*b1) + ...  That fixes each bit of each result, so the same seed gives the
same bytes on every Python. It rules out `math.sumprod` and, from Python 3.12 on, `sum` of
floats: both round better than that, each in its own way.

A zero in x is skipped: MNIST images are 81 % zeros, and a sum that starts at 0.0 is never -0.0,
so adding ±0.0 leaves each bit as it was. But 0 * inf and 0 * nan are nan, which skipping would
hide: unless all of y is finite, no zero is skipped. Nor is any where the first entries of x have
hardly one: looking costs more than it spares.

CPython and PyPy want opposite code, so there are two forms where that matters, and the last
lines of the file choose. The ratios are those of a 784-16-16-10 network at batch 32.
"""

import sys
from functools import update_wrapper
from itertools import chain, compress
from math import exp, inf, isfinite, log, prod
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv

OPERATORS = {"+": add, "-": sub, "*": mul, "/": truediv, "==": eq, "!=": ne, "<": lt, "<=": le,
             ">": gt, ">=": ge}
ON_PYPY = sys.implementation.name == "pypy"
NON_ZERO = "zip(compress(y_rows, row), filter(None, row))"  # rows of y, each with its entry of x
WIDEST = 128  # sums in a generated loop, or terms: two variables each, and 256 have short bytecode


def remembered(function):
    """The function, run once for each set of arguments: `lru_cache` is Python on PyPy, and slow."""
    results = {}

    def look_up(*arguments):
        if arguments not in results:
            results[arguments] = function(*arguments)
        return results[arguments]
    return update_wrapper(look_up, function)


def rows(x, width):
    """The rows of a flat x, one by one: short ones as tuples, for 16 three times faster."""
    if width > 64:
        return (x[start:start + width] for start in range(0, len(x), width))
    return zip(*[iter(x)] * width)


def readers(x, width):
    """For each row of a flat x an iterator that begins there; it goes on beyond the row's end."""
    for start in range(0, len(x), width):
        reader = iter(x)
        reader.__setstate__(start)  # as pickle does
        yield reader


def rows_twice(x, width):
    """Each row twice, to be gone through side by side; of a wide one two readers: no copy is made.

    (With copies of its rows, the product of a batch of digits and 16 columns is 8 % slower.)
    """
    each = readers if width > 64 else rows
    return zip(each(x, width), each(x, width))


def columns(x, width):
    """The columns, one by one: of a few rows 2 - 3 times faster by readers than by slices."""
    if len(x) > 256 * width:  # of thousands readers are 4 - 8 % slower
        return (x[j::width] for j in range(width))
    return zip(*readers(x, width))  # which ends where the last row does


@remembered
def row_loop(width, skip_zeros):
    """Generate the loop that multiplies rows of x by rows of y of this width.

    One local variable holds each sum. For width 2, with zeros (and rows of them) skipped:

        def loop(x_rows, y_rows):
            out, zeros = [], (0.0,) * 2
            for row in x_rows:
                if any(row):
                    s0, s1, = zeros
                    for (b0, b1,), a in zip(compress(y_rows, row), filter(None, row)):
                        s0 += a * b0
                        s1 += a * b1
                    out += s0, s1,
                else:
                    out += zeros
            return out

    2 - 3 times faster than a comprehension over the sums, 1.2 - 1.5 times than one that adds
    32 terms at a time. Compiled on first use: 0.4 ms for width 16, 2.5 ms for 128.
    """
    for_a_row = [*lines_of_sums(width, NON_ZERO if skip_zeros else "zip(y_rows, row)"),
                 "out += " + "".join(f"s{j}, " for j in range(width))]
    if skip_zeros:
        for_a_row = ["if any(row):", *indented(1, for_a_row), "else:", "    out += zeros"]
    return generated(["def loop(x_rows, y_rows):",
                      f"    out, zeros = [], (0.0,) * {width}",
                      "    for row in x_rows:",
                      *indented(2, for_a_row),
                      "    return out"])


def lines_of_sums(width, pairs):
    """The lines of the sums in these loops."""
    places = range(width)
    return ["".join(f"s{j}, " for j in places) + "= zeros",
            "for (" + "".join(f"b{j}, " for j in places) + f"), a in {pairs}:",
            *(f"    s{j} += a * b{j}" for j in places)]


def indented(depth, lines):
    """Lines of source, moved in."""
    return [" " * 4 * depth + line for line in lines]


@remembered
def linear_loop(width):
    """Generate `row_loop` with a bias added at its end. For width 2:

        def loop(x_rows_twice, y_rows, bias):
            out, zeros = [], (0.0,) * 2
            c0, c1, = bias
            for row, again in x_rows_twice:
                s0, s1, = zeros
                for (b0, b1,), a in zip(compress(y_rows, row), filter(None, again)):
                    s0 += a * b0
                    s1 += a * b1
                out += s0 + c0, s1 + c1,
            return out

    A row may be a reader that goes on beyond its end, for y_rows end there.
    """
    twice = NON_ZERO.replace("None, row", "None, again")
    return generated(["def loop(x_rows_twice, y_rows, bias):",
                      f"    out, zeros = [], (0.0,) * {width}",
                      "    " + "".join(f"c{j}, " for j in range(width)) + "= bias",
                      "    for row, again in x_rows_twice:",
                      *indented(2, lines_of_sums(width, twice)),
                      "        out += " + "".join(f"s{j} + c{j}, " for j in range(width)),
                      "    return out"])


@remembered
def dense_loop(length, with_bias):
    """Generate the loop that multiplies rows of x by columns of y, both of this length.

    For length 2; with a bias, that is the last entry of each column:

        def loop(x_rows, y_columns):
            return [0.0 + a0 * b0 + a1 * b1 + c
                    for a0, a1, in x_rows
                    for b0, b1, c in y_columns]

    Nothing is skipped and no sum is stored: 15 - 25 % faster than `row_loop` if nothing is zero,
    level if every sixth entry of x is, 1.5 times slower if every second is.
    """
    places = range(length)
    terms = " + ".join(f"a{j} * b{j}" for j in places) + " + c" * with_bias
    return generated(["def loop(x_rows, y_columns):",
                      f"    return [0.0 + {terms}",
                      "            for " + "".join(f"a{j}, " for j in places) + "in x_rows",
                      "            for " + "".join(f"b{j}, " for j in places) + "c " * with_bias
                      + "in y_columns]"])


def is_for_dense_loop(x, length):
    """Are sums of this many terms for `dense_loop`, going by the first entries of x?"""
    if not 1 < length <= WIDEST:
        return False
    start = x[:64]
    return 8 * start.count(0.0) < len(start)


@remembered
def descent_loop(width):
    """Generate `row_loop` with a step of gradient descent at its end, a row of w for each of x.

    For width 2:

        def loop(x_rows, y_rows, w_rows, number):
            out, zeros = [], (0.0,) * 2
            for row, w in zip(x_rows, w_rows):
                if any(row):
                    s0, s1, = zeros
                    for (b0, b1,), a in zip(compress(y_rows, row), filter(None, row)):
                        s0 += a * b0
                        s1 += a * b1
                    w0, w1, = w
                    out += w0 - number * s0, w1 - number * s1,
                else:
                    out += w
            return out
    """
    places = range(width)
    return generated(["def loop(x_rows, y_rows, w_rows, number):",
                      f"    out, zeros = [], (0.0,) * {width}",
                      "    for row, w in zip(x_rows, w_rows):",
                      "        if any(row):",
                      *indented(3, lines_of_sums(width, NON_ZERO)),
                      "            " + "".join(f"w{j}, " for j in places) + "= w",
                      "            out += " + "".join(f"w{j} - number * s{j}, " for j in places),
                      "        else:",
                      "            out += w",
                      "    return out"])


@remembered
def index_loop(k, m, transposed):
    """Generate the loop that adds each entry of x, times a row of y, to a row of out.

    For k = 3 and m = 2 it reads as follows; for a transposed x, i and j change places.

        def loop(x, y, skip_zeros, out):
            i = j = 0
            for a in x:
                if a or not skip_zeros:
                    out[i + 0] += a * y[j + 0]
                    out[i + 1] += a * y[j + 1]
                j += 2
                if j == 6:
                    i, j = i + 2, 0
            return out

    PyPy makes an object of each float in a variable when a rare branch is taken, so the sums are
    not in variables but in a list, out; and a loop inside a loop makes objects at each round. The
    machine code for one shape is slow on others, so each has a loop of its own.
    """
    to, by = ("j", "i") if transposed else ("i", "j")
    lines = ["def loop(x, y, skip_zeros, out):",
             "    i = j = 0",
             "    for a in x:",
             "        if a or not skip_zeros:"]
    lines += [f"            out[{to} + {c}] += a * y[{by} + {c}]" for c in range(m)]
    lines += [f"        j += {m}",
              f"        if j == {k * m}:",
              f"            i, j = i + {m}, 0",
              "    return out"]
    return generated(lines)


def generated(lines):
    """The function named `loop` that lines of source define."""
    namespace = {"compress": compress}
    exec("\n".join(lines), namespace)
    return namespace["loop"]


def matmul_by_rows(x, y, n, k, m):
    """(n, k) @ (k, m) for CPython: each row of the result is a sum of multiples of y's rows."""
    if k == 0 or m == 0:
        return [0.0] * (n * m)
    if m == 1:  # up to 2 times faster without a look at what is zero
        return [total_of_products(row, y) for row in rows(x, k)]
    if is_for_dense_loop(x, k):
        return dense_loop(k, False)(rows(x, k), list(columns(y, m)))
    skip_zeros = all_finite_by_product(y)
    if k == 1:  # one term a sum, as in the gradient of W at batch 1: 3 times faster
        zeros = [0.0] * m
        return list(chain.from_iterable(
            zeros if skip_zeros and not a else [0.0 + a * b for b in y] for a in x))
    if m > WIDEST:  # blocks of columns, put side by side again
        blocks = []
        for start in range(0, m, WIDEST):
            width = min(WIDEST, m - start)
            block = list(chain.from_iterable(row[start:start + width] for row in rows(y, m)))
            blocks.append(rows(matmul_by_rows(x, block, n, k, width), width))
        return list(chain.from_iterable(chain.from_iterable(zip(*blocks))))
    return row_loop(m, skip_zeros)(rows(x, k), list(rows(y, m)))


def linear_by_rows(x, y, bias, n, k, m):
    """(n, k) @ (k, m) + (m,), as in a layer of neurons; in one pass 5 - 10 % faster than in two."""
    if m > 1 and is_for_dense_loop(x, k):
        return dense_loop(k, True)(rows(x, k), list(zip(*readers(y, m), bias)))
    if k < 2 or not 1 < m <= WIDEST // 2 or not all_finite_by_product(y):
        return list(map(add, matmul_by_rows(x, y, n, k, m), bias * n))
    return linear_loop(m)(rows_twice(x, k), list(rows(y, m)), bias)


def transposed_matmul_by_rows(x, y, n, k, m):
    """(n, k)ᵀ @ (n, m), as for the gradient of a weight; the transpose is never held whole."""
    if m > 1 and is_for_dense_loop(x, n):
        return dense_loop(n, False)(columns(x, k), list(columns(y, m)))
    if n < 2 or k == 0 or not 1 < m <= WIDEST:
        return matmul_by_rows(transpose_by_slices(x, n, k), y, k, n, m)
    return row_loop(m, all_finite_by_product(y))(columns(x, k), list(rows(y, m)))


def matmul_by_index(x, y, n, k, m):
    """(n, k) @ (k, m) for PyPy, which compiles index loops to machine code."""
    if k == 0 or m == 0:
        return [0.0] * (n * m)
    skip_zeros = all_finite_by_index(y)
    if m <= WIDEST // 2:
        return index_loop(k, m, False)(x, y, skip_zeros, [0.0] * (n * m))
    out = [0.0] * (n * m)
    for i in range(n):
        for p in range(k):
            a = x[i * k + p]
            if a or not skip_zeros:
                for j in range(m):
                    out[i * m + j] += a * y[p * m + j]
    return out


def linear_by_index(x, y, bias, n, k, m):
    """(n, k) @ (k, m) + (m,) for PyPy: the bias is added in place."""
    out = matmul_by_index(x, y, n, k, m)
    for i in range(n):
        for j in range(m):
            out[i * m + j] += bias[j]
    return out


def transposed_matmul_by_index(x, y, n, k, m):
    """(n, k)ᵀ @ (n, m) for PyPy: a third of the time of transposing and multiplying."""
    if m > WIDEST // 2 or 0 in (n, k, m):
        return matmul_by_index(transpose_by_index(x, n, k), y, k, n, m)
    return index_loop(k, m, True)(x, y, all_finite_by_index(y), [0.0] * (k * m))


def all_finite_by_product(y):
    """Is no entry inf or nan? For these times 0.0 are nan. (`sum` is slower, from 3.12 on.)"""
    return prod(y, start=0.0) == 0.0


def all_finite_by_index(y):
    """The same for PyPy: eight sums side by side take half the time of one.

    A sum of finite entries that overflows only costs time: no zero is skipped then.
    """
    a = b = c = d = e = f = g = h = sum(y[:len(y) % 8])
    for i in range(len(y) % 8, len(y), 8):
        a += y[i]
        b += y[i + 1]
        c += y[i + 2]
        d += y[i + 3]
        e += y[i + 4]
        f += y[i + 5]
        g += y[i + 6]
        h += y[i + 7]
    return isfinite(a + b + c + d + e + f + g + h)


def transpose_by_slices(x, n, m):
    """(n, m) to (m, n), a column at a time: on CPython 2 - 5 times faster than `zip(*rows)`."""
    if n == 1:
        return x[:]
    out = []
    for j in range(m):
        out += x[j::m]
    return out


def transpose_by_index(x, n, m):
    """(n, m) to (m, n), a number at a time: on PyPy 3 times faster than by slices."""
    out = [0.0] * (n * m)
    at = 0
    for j in range(m):
        for i in range(j, n * m, m):
            out[at] = x[i]
            at += 1
    return out


def operator_loops(symbol):
    """The loops of an operator: over two lists, a list and a number, a number and a list.

    Over two lists CPython is fastest by `map` with the operator's function, PyPy by index
    (1.5 and 3 times); with a number both want the operator inside a comprehension.
    """
    by_index = ["def loop(x, y):",
                f"    out = [{'0.0' if symbol in '+-*/' else 'False'}] * len(x)",
                "    for i in range(len(x)):",
                f"        out[i] = x[i] {symbol} y[i]",
                "    return out"]
    return (generated(by_index) if ON_PYPY else lambda x, y: list(map(OPERATORS[symbol], x, y)),
            eval(f"lambda x, y: [a {symbol} y for a in x]"),
            eval(f"lambda x, y: [x {symbol} a for a in y]"))


minus_scaled_loop = generated([  # sixteen entries at a time: by 22 and 7 % (from 3.12) faster
    "def loop(x, number, y):",
    "    out = []",
    "    for " + "".join(f"a{j}, b{j}, " for j in range(16)) + "in zip(*[iter(x), iter(y)] * 16):",
    "        out += " + "".join(f"a{j} - number * b{j}, " for j in range(16)),
    "    return out"])


def minus_scaled_by_zip(x, number, y):
    """x - number·y, as for a step of gradient descent: a fifth faster than two passes."""
    out = minus_scaled_loop(x, number, y)
    out += [a - number * b for a, b in zip(x[len(out):], y[len(out):])]
    return out


def minus_scaled_by_index(x, number, y, out=None):
    """The same for PyPy: four entries at a time, into a list that is there, take half the time."""
    out = out or x[:]
    rest = len(x) % 4
    for i in range(rest):
        out[i] = x[i] - number * y[i]
    for i in range(rest, len(x), 4):
        out[i] = x[i] - number * y[i]
        out[i + 1] = x[i + 1] - number * y[i + 1]
        out[i + 2] = x[i + 2] - number * y[i + 2]
        out[i + 3] = x[i + 3] - number * y[i + 3]
    return out


def minus_scaled_product_by_rows(w, number, x, y, n, k, m):
    """w - number · (n, k)ᵀ @ (n, m), a step along the gradient of a weight, in one pass.

    4 - 6 % faster than two passes on one machine, 11 - 19 % on another: nobody makes a list of the
    gradient, and where a column of x is all zeros, as two of five are in a batch of digits, w
    stays as it is. (Of a single digit four of five are: it takes half of the time.)
    """
    # Only then w - number · 0.0 is w, and -0.0 stays -0.0.
    stays = 0.0 < number < inf and all_finite_by_product(y)
    if not 1 < m <= WIDEST or not stays or 0 in (n, k) or is_for_dense_loop(x, n):
        return minus_scaled_by_zip(w, number, transposed_matmul_by_rows(x, y, n, k, m))
    return descent_loop(m)(columns(x, k), list(rows(y, m)), rows(w, m), number)


def minus_scaled_product_by_index(w, number, x, y, n, k, m):
    """The same for PyPy: two passes, but the second writes over the list of the first."""
    g = transposed_matmul_by_index(x, y, n, k, m)
    return minus_scaled_by_index(w, number, g, out=g)


def total_by_loop(x):
    """((0.0 + x0) + x1) + ..."""
    result = 0.0
    for a in x:
        result += a
    return result


def total_by_sum(x):
    """The same, up to Python 3.11 only: 5 times faster than the loop."""
    return sum(x, 0.0)


def total_of_products_by_loop(x, y):
    """((0.0 + x0*y0) + x1*y1) + ..."""
    result = 0.0
    for a, b in zip(x, y):
        result += a * b
    return result


def total_of_products_by_sum(x, y):
    """The same in C, up to Python 3.11 only: 1.3 times faster."""
    return sum(map(mul, x, y), 0.0)


def softmax_by_rows(x, width):
    """e to the power of each entry, divided by the sum of these along its row."""
    out = []
    for start in range(0, len(x), width):
        row = x[start:start + width]
        largest = max(row)  # e to the power of what is left after taking it off can't overflow
        powers = [exp(a - largest) for a in row]
        whole = total(powers)
        out += [power / whole for power in powers]
    return out


def softmax_by_index(x, width):
    """The same for PyPy, in place: in time it is level, but it leaves a tenth of the garbage.

    PyPy forgets what it counted towards compiling a function a little at each collection, so what
    a training step does only once is never compiled where garbage is made too fast.
    """
    out = x[:]
    for start in range(0, len(x), width):
        largest = x[start]
        for i in range(start, start + width):
            if x[i] > largest:
                largest = x[i]
        whole = 0.0
        for i in range(start, start + width):
            out[i] = exp(x[i] - largest)
            whole += out[i]
        for i in range(start, start + width):
            out[i] /= whole
    return out


def cross_entropy_by_rows(x, width, labels):
    """The sum of -log softmax(row)[label] over rows of this width."""
    result = 0.0
    for start, label in zip(range(0, len(x), width), labels):
        row = x[start:start + width]
        largest = max(row)  # that of a row with a nan may be wrong, but then the sum is nan as well
        result += log(total([exp(a - largest) for a in row])) - (row[label] - largest)
    return result


def cross_entropy_by_index(x, width, labels):
    """The same for PyPy."""
    result = 0.0
    for row in range(len(labels)):
        start = row * width
        largest = x[start]
        for i in range(start, start + width):
            if x[i] > largest:
                largest = x[i]
        whole = 0.0
        for i in range(start, start + width):
            whole += exp(x[i] - largest)
        result += log(whole) - (x[start + labels[row]] - largest)
    return result


def column_sums_by_slices(x, n, m):
    """The m sums down the columns of (n, m), as for the gradient of a bias."""
    return [total(x[j::m]) for j in range(m)]


def column_sums_by_index(x, n, m):
    """The same for PyPy: half the time, and a tenth of the garbage."""
    out = [0.0] * m
    j = 0
    for a in x:
        out[j] += a
        j += 1
        if j == m:
            j = 0
    return out


if sys.version_info < (3, 12):
    total, total_of_products = total_by_sum, total_of_products_by_sum
else:
    total, total_of_products = total_by_loop, total_of_products_by_loop
if ON_PYPY:
    matmul, transposed_matmul = matmul_by_index, transposed_matmul_by_index
    linear = linear_by_index
    transpose, minus_scaled = transpose_by_index, minus_scaled_by_index
    minus_scaled_product = minus_scaled_product_by_index
    softmax, cross_entropy = softmax_by_index, cross_entropy_by_index
    column_sums = column_sums_by_index
else:
    matmul, transposed_matmul = matmul_by_rows, transposed_matmul_by_rows
    linear = linear_by_rows
    transpose, minus_scaled = transpose_by_slices, minus_scaled_by_zip
    minus_scaled_product = minus_scaled_product_by_rows
    softmax, cross_entropy = softmax_by_rows, cross_entropy_by_rows
    column_sums = column_sums_by_slices
