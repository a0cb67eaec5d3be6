"""The few hot loops: products, transposes and sums of flat, row-major lists of floats.

Every sum here is the plain one, from left to right and from 0.0:
((0.0 + a0*b0) + a1*b1) + ...  That fixes each bit of each result, so the same seed gives the
same bytes on every Python. It rules out `math.sumprod` and, from Python 3.12 on, `sum` of
floats: both round better than that, each in its own way.

A zero in x is skipped: MNIST images are 81 % zeros, and a sum that starts at 0.0 is never -0.0,
so adding ±0.0 leaves each bit as it was. But 0 * inf and 0 * nan are nan, which skipping would
hide: unless all of y is finite, no zero is skipped.

CPython and PyPy want opposite code, so there is a `by_rows` and a `by_index` form where that
matters; the last lines of the file choose. Ratios are for a 784-16-16-10 network at batch 32.
"""

import sys
from functools import lru_cache
from itertools import chain, compress
from math import isfinite
from operator import mul

WIDEST = 128  # the most sums one generated loop carries; past 2 * 128 variables bytecode is longer


def rows(x, width):
    """The rows of a flat x, as tuples: 3 times faster than a slice for each row of 16."""
    return zip(*[iter(x)] * width)


@lru_cache(maxsize=None)
def row_loop(width):
    """A function that adds up rows, generated for one width so that each sum has its own variable.

    It is given, for each row of the result, the pairs (a, row of y) to be multiplied and added.
    For width 2 it reads:

        def loop(rows_of_pairs):
            out = []
            for pairs in rows_of_pairs:
                s0 = s1 = 0.0
                for a, (b0, b1) in pairs:
                    s0 += a * b0
                    s1 += a * b1
                out += s0, s1
            return out

    This is 1.3 - 1.5 times faster than a comprehension over the sums with 32 terms at a time, 2 - 3
    times than one with a single term. Compiling takes 0.4 ms for width 16 and 2.5 ms for 128, once.
    """
    columns = range(width)
    sums = [f"s{j}" for j in columns]
    lines = ["def loop(rows_of_pairs):",
             "    out = []",
             "    for pairs in rows_of_pairs:",
             f"        {' = '.join(sums)} = 0.0",
             f"        for a, ({', '.join(f'b{j}' for j in columns)},) in pairs:"]
    lines += [f"            s{j} += a * b{j}" for j in columns]
    lines += [f"        out += {', '.join(sums)},",
              "    return out"]
    namespace = {}
    exec("\n".join(lines), namespace)
    return namespace["loop"]


def matmul_by_rows(x, y, n, k, m):
    """(n, k) @ (k, m): each row of the result is a sum of rows of y."""
    if k == 0 or m == 0:
        return [0.0] * (n * m)
    if m == 1:  # one sum a row: 1.2 - 2 times faster by C loops, even with the zeros
        return [total(map(mul, row, y)) for row in rows(x, k)]
    skip_zeros = isfinite(sum(y))  # an overflowing sum only costs time
    if k == 1:  # one term a sum (the weights' gradient at batch 1): 3 times faster without pairs
        zeros = [0.0] * m
        return list(chain.from_iterable(
            zeros if skip_zeros and not a else [0.0 + a * b for b in y] for a in x))
    y_rows = list(rows(y, m))
    blocks = []
    for start in range(0, m, WIDEST):
        block = [row[start:start + WIDEST] for row in y_rows] if m > WIDEST else y_rows
        if skip_zeros:
            pairs = (zip(filter(None, row), compress(block, row)) for row in rows(x, k))
        else:
            pairs = (zip(row, block) for row in rows(x, k))
        width = len(block[0])
        blocks.append((row_loop(width)(pairs), width))
    if len(blocks) == 1:
        return blocks[0][0]
    side_by_side = zip(*[rows(block, width) for block, width in blocks])
    return list(chain.from_iterable(chain.from_iterable(side_by_side)))


def matmul_by_index(x, y, n, k, m):
    """(n, k) @ (k, m) by the textbook's three loops, which PyPy compiles to machine code."""
    out = [0.0] * (n * m)
    if m < 4:  # a loop over so few columns costs more than skipping saves: 5 - 12 times
        for i in range(n):
            for j in range(m):
                sum_ij = 0.0
                for p in range(k):
                    sum_ij += x[i * k + p] * y[p * m + j]
                out[i * m + j] = sum_ij
        return out
    skip_zeros = isfinite(sum(y))
    for i in range(n):
        for p in range(k):
            a = x[i * k + p]
            if a or not skip_zeros:
                for j in range(m):
                    out[i * m + j] += a * y[p * m + j]
    return out


def transpose_by_slices(x, n, m):
    """(n, m) to (m, n), column by column: 2 - 5 times faster than through `zip(*rows)`."""
    if n == 1:
        return x[:]
    out = []
    for j in range(m):
        out += x[j::m]
    return out


def transpose_by_index(x, n, m):
    """(n, m) to (m, n), entry by entry: on PyPy 3 times faster than by slices."""
    out = [0.0] * (n * m)
    at = 0
    for j in range(m):
        for i in range(j, n * m, m):
            out[at] = x[i]
            at += 1
    return out


def total_by_loop(x):
    """((0.0 + x0) + x1) + ..., from left to right."""
    result = 0.0
    for a in x:
        result += a
    return result


def total_by_sum(x):
    """The same before Python 3.12, when `sum` still was the plain sum: 5 times faster."""
    return sum(x, 0.0)


def column_sums(x, n, m):
    """The m sums down the columns of (n, m), each from left to right."""
    return [total(x[j::m]) for j in range(m)]


total = total_by_sum if sys.version_info < (3, 12) else total_by_loop
if sys.implementation.name == "pypy":
    matmul, transpose = matmul_by_index, transpose_by_index
else:
    matmul, transpose = matmul_by_rows, transpose_by_slices
