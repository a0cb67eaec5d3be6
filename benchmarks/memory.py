"""What a scalar graph weighs: bytes a Value, before and after backward, and what is left of it.

    python3 -m benchmarks.memory
"""
import gc
import platform
import tracemalloc

from autograd import Value


def chain(count):
    """A Value computed in `count` steps, each from the one before."""
    x = y = Value(1.0)
    for _ in range(count // 2):
        y = y * 1.0000001 + x
    return y


def main():
    gc.disable()  # nothing here waits for it: a graph has no cycles
    print(f"{platform.python_implementation()} {platform.python_version()}, bytes a Value")
    print(f"{'Values':>10}{'recorded':>10}{'walked':>10}{'freed':>10}")
    for count in (10_000, 100_000, 300_000):
        tracemalloc.start()
        y = chain(count)
        recorded = tracemalloc.get_traced_memory()[0] / count
        y.backward()
        walked = tracemalloc.get_traced_memory()[0] / count
        del y
        freed = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
        print(f"{count:10,}{recorded:10.0f}{walked:10.0f}{freed:10.0f}")


if __name__ == "__main__":
    main()
