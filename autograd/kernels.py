"""The hot loops, on flat row-major lists of floats."""


def matmul(x, y, n, k, m):
    """(n, k) @ (k, m): every entry is ((0.0 + x0*y0) + x1*y1) + ..., from left to right."""
    out = []
    columns = [y[j::m] for j in range(m)]
    for i in range(n):
        row = x[i * k:(i + 1) * k]
        for column in columns:
            total = 0.0
            for a, b in zip(row, column):
                total += a * b
            out.append(total)
    return out


def transpose(x, n, m):
    """(n, m) to (m, n)."""
    out = []
    for j in range(m):
        out += x[j::m]
    return out


def column_sums(x, n, m):
    """The m sums down the columns of (n, m), each from left to right."""
    return [total(x[j::m]) for j in range(m)]


def total(x):
    """((0.0 + x0) + x1) + ..., from left to right."""
    result = 0.0
    for a in x:
        result += a
    return result
