"""chalkgrad beside other ways to do the same: measures, and writes docs/performance.md.

    python3 -m benchmarks
    python3 -m benchmarks scalar mnist --rounds 5

Needs CPython 3.11 or newer, matplotlib, and for tinygrad clang. Each library is installed from PyPI
into an environment of its own, once. On two free cores all of it takes a quarter of an hour.
"""
import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from random import Random
from statistics import median

from examples.moons import two_moons
from examples.names import read_names

from . import imports, memory, microgpt, mnist, parallel, picture, scalar, scaling
from .turns import PROJECT, Machine, ratio

PAGE = PROJECT / "docs" / "performance.md"


def table(head, *rows) -> str:
    """A Markdown table; all but the first column stand at the right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def short(number) -> str:
    """Three digits, or two behind the point at most."""
    return f"{number:,.0f}" if number >= 99.5 else f"{number:.1f}" if number >= 9.95 \
        else f"{number:.2f}"


def times(results, one, other) -> str:
    """How many times as long as the other the one took."""
    if one not in results or other not in results:
        return "-"
    return short(ratio(results[one], results[other]))


def milliseconds(result) -> float:
    return median(result.seconds) * 1e3


# -- the sections of the page --------------------------------------------------------------------

def scalar_section(machine, others) -> str:
    points, labels = two_moons(100, Random(1337))
    names = read_names()
    Random(0).shuffle(names)

    def with_and_without_collector(contenders, task, steps):
        return [machine.measure(contenders(), {**task, "collector": on}, steps)
                for on in (True, False)]

    demo = with_and_without_collector(scalar.contenders, {
        "points": points.tolist(), "labels": [label for label, in labels.tolist()]}, 2)
    language = with_and_without_collector(microgpt.contenders, {"names": names[:6]}, 6)
    picture.draw("scalar", *(
        picture.Bars({name: milliseconds(result) for name, result in results.items()},
                     "ms a step", title)
        for (results, _), title in ((demo, "micrograd's demo"), (language, "microgpt"))))

    def compared(first, on, off):
        return table(["", "ms", f"times as fast as {first}", "ms, collector off", "times as fast"],
                     *([name, *(text for results in (on, off) for text in (
                         short(milliseconds(results[name])), times(results, first, name)))]
                       for name in on))

    return "\n\n".join([
        "micrograd's demo:", compared("micrograd", *demo),
        "Compiled, chalkgrad is " + times(demo[0], "chalkgrad", "chalkgrad, compiled")
        + " times as fast as not compiled.",
        "microgpt:", compared("microgpt", *language)])


def mnist_section(machine, others) -> str:
    by_size = {size: machine.measure(mnist.contenders(size, others),
                                     {**mnist.digits(), "batch_size": size}, steps)
               for size, steps in mnist.STEPS.items()}
    at_32 = by_size[32]
    images = {name: median(result.seconds) * 1e6 / 32 for name, result in at_32.items()}
    picture.draw("mnist", picture.Bars(images, "µs an image, batches of 32", ""))

    def row(name):
        here = [by_size[size].get(name) for size in mnist.STEPS]
        each = [short(median(result.seconds) * 1e6 / size) if result else
                f"({short(milliseconds(by_size[1][name]) * 1e3)})" if name == "micrograd" else "-"
                for size, result in zip(mnist.STEPS, here)]
        version = re.search(r" \([^)]*\)$|$", name).group()
        kind = re.search(r"NumPy float\d\d", name)
        floor = f"{kind.group()} by hand" if kind else f"lists by hand{version}" \
            if "chalkgrad" in name else "NumPy float32 by hand"
        ratios = [times(results, name, floor) for results in by_size.values()] \
            if "by hand" not in name else ["", "", ""]
        peak = f"{at_32[name].peak / 1e3:.0f}" if name in at_32 else "-"
        return [name, *each, *ratios, peak]

    names = list(dict.fromkeys([*at_32, *by_size[1]]))
    single, ours = "NumPy float32", "chalkgrad, NumPy float32"
    pypy = next((f"chalkgrad, Array ({version})" for version in others.values()
                 if version.startswith("PyPy")), "")
    return "\n\n".join([
        table(["µs an image in batches of", *mnist.STEPS, *(f"{n}: times by hand"
                                                            for n in mnist.STEPS), "MB"],
              *map(row, names)),
        "Ratios at batches of 32, each with float32, uncompiled unless it says so:",
        table(["", "takes, times as long"],
              ["PyTorch, eager, beside chalkgrad over NumPy", times(at_32, "PyTorch, eager", ours)],
              [f"chalkgrad over NumPy, compiled, beside {single} by hand",
               times(at_32, f"{ours}, compiled", f"{single} by hand")],
              ["chalkgrad over NumPy, compiled, beside JAX, jit",
               times(at_32, f"{ours}, compiled", "JAX, jit")],
              ["tinygrad, JIT, beside chalkgrad on PyPy with nothing installed",
               times(at_32, "tinygrad, JIT", pypy)],
              ["HIPS autograd beside the same", times(at_32, "HIPS autograd", pypy)])])


def import_section(machine, others) -> str:
    return table(["", "ms"], *([name, short(median(above))] for name, above in
                               imports.measure(machine, sys.executable).items()))


def memory_section(machine, others) -> str:
    chains, epochs = memory.measure(machine)
    return "\n\n".join([
        table(["bytes a scalar operation", "recorded", "and walked back"],
              *([name, *map(short, both)] for name, both in chains.items())),
        "An epoch of the 4,000 digits in batches of 32 raises the peak of the process's memory by "
        + " and ".join(f"{size / 1e6:.0f} MB over {name}" for name, (size,) in epochs.items())
        + "."])


def scaling_section(machine, others) -> str:
    seen = scaling.measure(machine)
    what = {"nodes": "scalar operations, forward and backward",
            "compiled": "scalar operations, recorded and compiled",
            "parameters": "parameters of a network, batches of 32", "batch": "images in a batch",
            "rows": "rows of 100 entries, read one by one"}
    rows = [[what[kind], f"{size:,}", short(seconds * 1e3), short(seconds / size * 1e6),
             short(peak / size) if peak else ""]
            for kind in what for size, seconds, peak in seen[kind]]
    return table(["of what", "how many", "ms a step", "µs for each", "bytes for each"], *rows)


def parallel_section(machine, others) -> str:
    apart, rounds = parallel.measure(machine.rounds)
    names = "one process", f"{parallel.PARTS} processes", f"{parallel.PARTS} that say nothing"
    rows = [[name, short(median(own) * 1e3),
             short(median(turn[0] / turn[i] for turn in rounds)),
             short(median(turn[2] / turn[i] for turn in rounds))]
            for i, (name, own) in enumerate(zip(names, zip(*rounds)))]
    return (table([f"batches of {parallel.BATCH_SIZE}", "ms a step", "times as fast",
                   "of the control"], *rows)
            + f"\n\nThe losses lie at most {apart:.1e} apart.")


SECTIONS = {"scalar": scalar_section, "mnist": mnist_section, "import": import_section,
            "memory": memory_section, "scaling": scaling_section, "parallel": parallel_section}


# -- the page ------------------------------------------------------------------------------------

def written_into(page: str, name: str, text: str) -> str:
    """The page with the text between its comments <!-- name --> and <!-- end of name -->."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}{text}\n{end}", page, flags=re.DOTALL)


def seen_where(machine, others) -> str:
    """On what it was measured, and when."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    cpu = model.group(1) if model else platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {version}".rstrip() for name, version in machine.seen.items())
    missing = "".join(f" Left out: {name} ({why})." for name, why in machine.left_out.items())
    return (f"Seen on {datetime.date.today()}: {cpu}, {os.cpu_count()} cores, {platform.system()}; "
            f"medians over {machine.rounds} rounds; {versions}.{missing}")


def version_of(python) -> str:
    """The name and version of an interpreter; empty if it does not run here."""
    ask = "import platform as p; print(p.python_implementation(), p.python_version())"
    try:
        return subprocess.check_output([python, "-c", ask], text=True,
                                       stderr=subprocess.DEVNULL).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def main():
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks", description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    option = parser.add_argument
    option("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; or all")
    option("--rounds", type=int, default=11)
    option("--environments", type=Path, default=PROJECT / "build" / "environments", metavar="DIR",
           help="where the libraries are installed")
    option("--also", nargs="*", default=["python3.13", "pypy3"], metavar="PYTHON",
           help="interpreters to train MNIST on besides this one, if they are here")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"{', '.join(sorted(unknown))}: give of {', '.join(SECTIONS)}")

    others = {python: version for python in options.also if (version := version_of(python))}
    for name in options.sections or SECTIONS:
        machine = Machine(options.environments.absolute(), options.rounds)
        print(f"{name} ...", file=sys.stderr)
        text = SECTIONS[name](machine, others)
        text += "\n\n" + seen_where(machine, others)
        PAGE.write_text(written_into(PAGE.read_text("utf-8"), name, text), "utf-8")
        print(f"\n{text}\n", flush=True)


if __name__ == "__main__":
    main()
