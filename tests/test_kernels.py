"""The kernels give, to the last bit, what the textbook's loops give, on every interpreter."""

import math
import random
import struct
import sys
import zlib
from itertools import product

import pytest

from autograd import kernels


def of_transposed(product, transpose):
    """A product of the transpose of x with y, given x the other way round."""
    return lambda x, y, n, k, m: product(transpose(x, n, k), y, k, n, m)


MATMULS = [
    kernels.matmul_by_rows, kernels.matmul_by_index,
    of_transposed(kernels.transposed_matmul_by_rows, kernels.transpose_by_slices),
    of_transposed(kernels.transposed_matmul_by_index, kernels.transpose_by_index)]
TRANSPOSES = [kernels.transpose_by_slices, kernels.transpose_by_index]
TOTALS = [kernels.total, kernels.total_by_loop]
TOTALS_OF_PRODUCTS = [kernels.total_of_products, kernels.total_of_products_by_loop]
if sys.version_info < (3, 12):
    TOTALS.append(kernels.total_by_sum)
    TOTALS_OF_PRODUCTS.append(kernels.total_of_products_by_sum)

INF, NAN = float("inf"), float("nan")
TINY, HUGE = 5e-324, 1.7976931348623157e308
FINITE = [0.0, 0.0, 0.0, -0.0, 1.0, -1.0, 0.1, -0.7, 3e16, TINY, -TINY, 1e-200, -1e-200,
          HUGE, -HUGE]
ANY = FINITE + [INF, -INF, NAN]


def naive_matmul(x, y, n, k, m):
    out = []
    for i in range(n):
        for j in range(m):
            result = 0.0
            for p in range(k):
                result += x[i * k + p] * y[p * m + j]
            out.append(result)
    return out


def naive_total(x):
    result = 0.0
    for a in x:
        result += a
    return result


def bits(numbers):
    """The numbers with all their bits and signs of zero; one nan is as good as another."""
    return [float.hex(a) for a in numbers]  # a TypeError for an int


def sparse(rng, size, zeros=0.5):
    """Numbers of very different sizes, so that sums in another order end in other bits."""
    return [0.0 if rng.random() < zeros else (rng.random() - 0.5) * 10.0 ** rng.randrange(-8, 9)
            for _ in range(size)]


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("entries", [FINITE, ANY])
def test_matmul_is_the_naive_one_bit_by_bit(matmul, entries):
    rng = random.Random(1)
    for _ in range(500):
        n, k, m = (rng.randrange(7) for _ in range(3))
        x, y = rng.choices(entries, k=n * k), rng.choices(entries, k=k * m)
        x_before, y_before = x[:], y[:]
        assert bits(matmul(x, y, n, k, m)) == bits(naive_matmul(x, y, n, k, m)), (x, y, n, k, m)
        assert bits(x + y) == bits(x_before + y_before)


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("shape", [
    (3, 70, 16), (70, 3, 16), (1, 100, 5), (100, 1, 5), (5, 100, 1), (1, 100, 1), (1, 1, 100),
    (4, 5, 127), (4, 5, 128), (4, 5, 129), (4, 127, 5), (4, 128, 5), (4, 129, 5), (300, 3, 4),
    (3, 1, 129), (2, 3, 300), (0, 5, 300)])
@pytest.mark.parametrize("zeros", [0.0, 0.05, 0.8])
def test_matmul_of_larger_shapes(matmul, shape, zeros):
    n, k, m = shape
    rng = random.Random(f"{n} {k} {m}")
    x, y = sparse(rng, n * k, zeros), sparse(rng, k * m, 0.2)
    assert bits(matmul(x, y, n, k, m)) == bits(naive_matmul(x, y, n, k, m))


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("entries", [FINITE, ANY], ids=["finite", "any"])
def test_matmul_of_an_x_without_zeros(matmul, entries):
    rng = random.Random(5)
    for _ in range(200):
        n, k, m = (rng.randrange(1, 7) for _ in range(3))
        x, y = rng.choices([a for a in entries if a], k=n * k), rng.choices(entries, k=k * m)
        assert bits(matmul(x, y, n, k, m)) == bits(naive_matmul(x, y, n, k, m)), (x, y, n, k, m)


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("m", [1, 2, 5, 130])
def test_a_zero_hides_neither_inf_nor_nan(matmul, m):
    for k, zero, hidden in product([1, 4], [0.0, -0.0], [INF, -INF, NAN]):
        y = [1.0] * (k * m - 1) + [hidden]
        assert bits(matmul([zero] * k, y, 1, k, m)) == bits([0.0] * (m - 1) + [NAN]), (k, zero, y)


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("m", [1, 2, 5])
def test_infinities_of_both_signs_hide_no_nan(matmul, m):
    y = [INF] * m + [-INF] * m
    assert bits(matmul([0.0, 1.0], y, 1, 2, m)) == bits([NAN] * m)
    assert bits(matmul([1.0, 2.0], y, 1, 2, m)) == bits([NAN] * m)


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("m", [1, 2, 5])
def test_a_finite_y_whose_sum_overflows(matmul, m):
    out = matmul([0.0, 0.5, 0.0, 1.0], [HUGE] * 2 * m, 2, 2, m)
    assert bits(out) == bits([HUGE / 2] * m + [HUGE] * m)
    assert matmul([1.0, 1.0], [HUGE] * 2 * m, 1, 2, m) == [INF] * m


@pytest.mark.parametrize("matmul", MATMULS)
@pytest.mark.parametrize("m", [1, 2, 5])
def test_no_sum_is_minus_zero(matmul, m):
    for k, (a, b) in product([1, 3], [(-0.0, 1.0), (0.0, -1.0), (-TINY, 0.5), (-1e-200, 1e-200)]):
        assert bits(matmul([a] * k, [b] * (k * m), 1, k, m)) == bits([0.0] * m), (k, a, b)


@pytest.mark.parametrize("linear", [kernels.linear_by_rows, kernels.linear_by_index])
@pytest.mark.parametrize("entries", [FINITE[:-2], FINITE, ANY], ids=["tame", "finite", "any"])
@pytest.mark.parametrize("n, k, m", [
    (0, 3, 2), (2, 0, 3), (2, 3, 0), (2, 1, 3), (2, 3, 1), (3, 4, 2), (2, 64, 3), (3, 65, 2),
    (3, 100, 16), (2, 3, 64), (2, 3, 65), (2, 3, 129)])
def test_a_layer_rounds_as_a_product_and_then_a_sum_do(linear, n, k, m, entries):
    """Rows of zeros, and zeros at the end of a row, are among them; and an x without any."""
    rng = random.Random(f"{n} {k} {m}")
    for zeros in (0.0, 0.5, 1.0):
        some = entries if zeros else [a for a in entries if a]
        x = [0.0 if rng.random() < zeros else rng.choice(some) for _ in range(n * k)]
        y, bias = rng.choices(entries, k=k * m), rng.choices(entries, k=m)
        before = bits(x + y + bias)
        in_two = [a + b for a, b in zip(naive_matmul(x, y, n, k, m), bias * n)]
        assert bits(linear(x, y, bias, n, k, m)) == bits(in_two)
        assert bits(x + y + bias) == before


@pytest.mark.parametrize("minus_scaled", [kernels.minus_scaled_by_zip,
                                          kernels.minus_scaled_by_index])
def test_minus_scaled_rounds_twice_as_two_passes_do(minus_scaled):
    rng = random.Random(3)
    x, y = rng.choices(ANY, k=203), rng.choices(ANY, k=203)
    for number in ANY:
        products = [number * b for b in y]
        assert bits(minus_scaled(x, number, y)) == bits([a - p for a, p in zip(x, products)])


@pytest.mark.parametrize("minus_scaled_product", [kernels.minus_scaled_product_by_rows,
                                                  kernels.minus_scaled_product_by_index])
@pytest.mark.parametrize("entries", [FINITE[:-2], FINITE, ANY], ids=["tame", "finite", "any"])
@pytest.mark.parametrize("n, k, m", [
    (0, 3, 2), (1, 3, 2), (2, 0, 2), (2, 3, 0), (2, 3, 1), (4, 5, 2), (3, 7, 16), (3, 4, 70),
    (2, 3, 128), (2, 3, 129), (20, 30, 3), (300, 2, 3)])
def test_a_step_along_a_product_rounds_as_two_passes_do(minus_scaled_product, n, k, m, entries):
    """In one pass or in two, and with columns of zeros, which leave the weights as they are."""
    rng = random.Random(f"{n} {k} {m}")
    for number in (0.1, 0.0, -0.0, -0.1, 1e308, INF, NAN):
        x, w = rng.choices(FINITE, k=n * k), rng.choices(ANY, k=k * m)
        y = rng.choices(entries, k=n * m)
        if number == 0.1:
            x = [a or 0.5 for a in x]
        x[::k or 1] = [0.0] * n
        w[:m:2] = [-0.0] * len(w[:m:2])
        gradient = naive_matmul(kernels.transpose(x, n, k), y, k, n, m)
        expected = [a - number * b for a, b in zip(w, gradient)]
        assert bits(minus_scaled_product(w, number, x, y, n, k, m)) == bits(expected)


@pytest.mark.parametrize("transpose", TRANSPOSES)
def test_transpose(transpose):
    for n, m in product(range(5), range(5)):
        x = [float(i) for i in range(n * m)]
        out = transpose(x, n, m)
        assert out == [x[i * m + j] for j in range(m) for i in range(n)], (n, m)
        assert out is not x, (n, m)
        assert transpose(out, m, n) == x, (n, m)


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("entries", [FINITE, ANY])
def test_total(total, entries):
    rng = random.Random(2)
    for _ in range(500):
        x = rng.choices(entries, k=rng.randrange(9))
        assert bits([total(x), total(iter(x))]) == bits([naive_total(x)] * 2), x


@pytest.mark.parametrize("total", TOTALS)
def test_total_is_the_plain_sum_with_ieee_answers(total):
    assert bits([total([])]) == bits([0.0])
    assert bits([total([-0.0])]) == bits([0.0])
    assert total([1e16, 1.0, 1.0]) == 1e16  # 1e16 + 2 if compensated or exact
    assert total([HUGE, HUGE, -HUGE]) == INF
    assert bits([total([INF, -INF])]) == bits([NAN])


@pytest.mark.parametrize("total_of_products", TOTALS_OF_PRODUCTS)
@pytest.mark.parametrize("entries", [FINITE, ANY])
def test_total_of_products(total_of_products, entries):
    rng = random.Random(2)
    for _ in range(500):
        length = rng.randrange(9)
        x, y = rng.choices(entries, k=length), rng.choices(entries, k=length)
        assert bits([total_of_products(x, y)]) == bits(naive_matmul(x, y, 1, length, 1)), (x, y)
    assert total_of_products([1e16, 1.0, 1.0], [1.0] * 3) == 1e16  # and no better, anywhere


@pytest.mark.parametrize("column_sums", [kernels.column_sums_by_slices,
                                         kernels.column_sums_by_index])
def test_column_sums(column_sums):
    rng = random.Random(3)
    for _ in range(300):
        n, m = rng.randrange(7), rng.randrange(7)
        x = rng.choices(ANY, k=n * m)
        columns = [[x[i * m + j] for i in range(n)] for j in range(m)]
        assert bits(column_sums(x, n, m)) == bits(map(naive_total, columns)), (x, n, m)


def naive_softmax(row):
    powers = [math.exp(a - max(row)) for a in row]
    return [power / naive_total(powers) for power in powers]


@pytest.mark.parametrize("softmax, cross_entropy", [
    (kernels.softmax_by_rows, kernels.cross_entropy_by_rows),
    (kernels.softmax_by_index, kernels.cross_entropy_by_index)])
@pytest.mark.parametrize("entries", [[0.0, -0.0, 0.1, -0.7, 1e-9, 3.0, 1000.0, -1000.0], ANY])
def test_softmax_and_cross_entropy(softmax, cross_entropy, entries):
    rng = random.Random(4)
    for _ in range(300):
        width, labels = rng.randrange(1, 6), []
        rows = [rng.choices(entries, k=width) for _ in range(rng.randrange(5))]
        expected, losses = [], 0.0
        for row in rows:
            label = rng.randrange(width)
            labels.append(label)
            expected += naive_softmax(row)
            below = [a - max(row) for a in row]
            losses += math.log(naive_total(map(math.exp, below))) - below[label]
        flat = sum(rows, [])
        assert bits(softmax(flat, width)) == bits(expected), rows
        assert bits([cross_entropy(flat, width, labels)]) == bits([losses]), (rows, labels)
        assert bits(flat) == bits(sum(rows, []))


@pytest.mark.parametrize("all_finite", [kernels.all_finite_by_product,
                                        kernels.all_finite_by_index])
@pytest.mark.parametrize("wrong", [INF, -INF, NAN])
def test_all_finite_looks_at_every_place(all_finite, wrong):
    for length in range(18):
        assert all_finite([1.0, -0.0] * length)
        for place in range(length):
            assert not all_finite([1.0] * place + [wrong] + [1.0] * (length - place - 1))
    assert not all_finite([INF, -INF] * 4)


def test_numbers_whose_sum_overflows_are_finite():
    assert kernels.all_finite_by_product([1e308] * 9)


@pytest.mark.parametrize("matmul", MATMULS)
def test_the_same_bytes_on_every_python(matmul):
    rng = random.Random(1234)
    digest = 0
    for n, k, m in [(4, 50, 16), (50, 4, 16), (8, 9, 10), (9, 40, 1), (30, 1, 6), (2, 9, 140)]:
        x, y = sparse(rng, n * k), sparse(rng, k * m)
        out = matmul(x, y, n, k, m)
        out += kernels.transpose(out, n, m) + kernels.column_sums(x, n, k) + [kernels.total(y)]
        digest = zlib.crc32(struct.pack(f"<{len(out)}d", *out), digest)
    assert digest == 728399445
