"""What it takes to import chalkgrad, on top of starting Python with nothing.

    python3 -m benchmarks.imports
"""
import platform
import subprocess
import sys
import time


def milliseconds(code: str, repeats: int = 20) -> float:
    """The least time, of several, in which a new interpreter runs the code and ends."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - started)
    return min(times) * 1e3


def main():
    empty = milliseconds("pass")
    print(f"{platform.python_implementation()} {platform.python_version()}, least of 20 runs")
    print(f"{'an empty program':22}{empty:6.0f} ms")
    for names in ("autograd", "autograd, nn"):
        print(f"{'import ' + names:22}{milliseconds('import ' + names) - empty:+6.0f} ms")


if __name__ == "__main__":
    main()
