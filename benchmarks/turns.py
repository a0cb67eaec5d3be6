"""Contenders as processes that take turns: the one way in which everything here is measured.

Each contender is a process of its own, in an environment of its own, so that nobody pays for
another's garbage, import or threads. In every round each has one turn, so that what the machine
does meanwhile hits all alike. The figures are medians over the rounds, and a ratio is the median of
the ratios within the rounds. All train from the same weights on the same data; their losses must
agree, so that all do the same work.
"""
import json
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Callable, NamedTuple

PROJECT = Path(__file__).parent.parent
NUMPY = "numpy==2.4.6"
ENVIRONMENTS = {  # what pip installs for each
    "plain": [], "numpy": [NUMPY],  # these two see the project; no other does
    "micrograd": ["micrograd==0.1.0"],
    "microgpt": ["--no-deps", "strands-microgpt==0.1.0"],  # its engine.py holds microgpt's Value
    "HIPS autograd": ["autograd==1.9.1", "scipy==1.17.1", NUMPY],
    "MyGrad": ["mygrad==2.5.0", NUMPY],
    "tinygrad": ["tinygrad==0.14.0"],
    "PyTorch": ["torch==2.13.0", NUMPY],
    "JAX": ["jax==0.10.2", "jaxlib==0.10.2", NUMPY],
}
OURS = "plain", "numpy"
ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")},
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "NUM_CPU_THREADS": "1", "DEV": "CPU:CLANG",  # tinygrad; its other compilers are not everywhere
}
NOT_PASSED_ON = "OPENBLAS_", "PYTHON", "PYPY"  # OPENBLAS_CORETYPE would choose slower kernels
SECONDS_OF_A_TURN = 0.1  # at least
PYPY_WARM_UP = 20.0      # seconds, in which it compiles


class Contender(NamedTuple):
    """One way to do the work, and where."""

    name: str
    function: Callable            # as worker.py says
    environment: str = "plain"    # one of ENVIRONMENTS
    settings: dict = {}           # what it finds in its task, beside what all find there
    agreement: float = 1e-9       # how far from those of the first contender its losses may lie
    steps: int = 0                # of its turn, if others than all
    python: str = sys.executable


class Result(NamedTuple):
    """What was seen of a contender."""

    seconds: list  # a step, in each round
    losses: list   # of the first turn
    peak: int      # of the memory of its process, in kB


def ratio(one: Result, other: Result) -> float:
    """How many times as long as the other it took."""
    return median(a / b for a, b in zip(one.seconds, other.seconds))


def child_environment() -> dict:
    """What the processes are given of the shell's variables, and one thread."""
    return {**{name: text for name, text in os.environ.items()
               if not name.startswith(NOT_PASSED_ON)}, **ONE_THREAD}


class Machine:
    """The environments on this machine, and what was seen to run in them."""

    def __init__(self, folder: Path, rounds: int):
        self.folder, self.rounds = folder, rounds
        self.seen = {f"{platform.python_implementation()} {platform.python_version()}": ""}
        self.left_out = {}  # why, by the name of a contender; and `seen` has versions by name

    def interpreter(self, environment: str, python: str) -> str:
        """The Python of an environment, which is made if it is not there."""
        requirements = ENVIRONMENTS[environment]
        self.seen.update(text.split("==") for text in requirements if "==" in text)
        if not requirements:
            return python
        folder = self.folder / environment.replace(" ", "-")
        inside, done = str(folder / "bin" / "python"), folder / "requirements.txt"
        text = "\n".join([subprocess.check_output([python, "-VV"], text=True), *requirements])
        if not done.exists() or done.read_text() != text:
            print(f"installing {' '.join(requirements)} ...", file=sys.stderr)
            subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([inside, "-m", "pip", "install", "--quiet", *requirements], check=True)
            done.write_text(text)
        return inside

    def measure(self, contenders, task, steps, warm_up=0.3, rounds=None) -> dict:
        """The Results by name. steps: of a turn; warm_up: seconds that do not count.

        Without warm-up and rounds the first turn is all. What can't be installed, or does not run,
        is left out, and said so.
        """
        with ExitStack() as stack:
            processes, answers, expected = {}, {}, []
            for contender in contenders:
                print(f"    {contender.name}", file=sys.stderr)
                try:
                    process = stack.enter_context(Process(contender, self, task, steps))
                    warm = PYPY_WARM_UP if process.python.startswith("PyPy") else warm_up
                    first = process.turn(expected)  # which may compile
                    spent = 0.0
                    while spent < warm:
                        answer = process.turn(expected)
                        spent += answer["total"]
                except (OSError, subprocess.CalledProcessError, ValueError) as error:
                    self.left_out[contender.name] = str(error)
                    print(f"left out: {contender.name}: {error}", file=sys.stderr)
                    continue
                expected = expected or first["losses"]
                processes[contender.name] = process
                answers[contender.name] = [first]
                self.seen.update(process.versions)
            for _ in range(self.rounds if rounds is None else rounds):
                for name, process in processes.items():
                    answers[name].append(process.turn(expected))
        return {name: Result([answer["seconds"] for answer in rest or [first]], first["losses"],
                             [first, *rest][-1]["peak"])
                for name, (first, *rest) in answers.items()}


class Process:
    """A running contender."""

    def __init__(self, contender, machine, task, steps):
        self.contender, self.steps = contender, contender.steps or steps
        environment = contender.environment
        packages = [text.partition("==")[0] for text in ENVIRONMENTS[environment] if "==" in text]
        task = {"collector": True, **task, **contender.settings, "packages": packages,
                "project": str(PROJECT) if environment in OURS else ""}
        code = contender.function.__code__
        self.process = subprocess.Popen(
            [machine.interpreter(environment, contender.python), "-I",
             str(PROJECT / "benchmarks" / "worker.py"), code.co_filename, code.co_name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=child_environment())
        ready = self.ask(task)
        self.python = ready["python"]
        self.versions = {self.python: "", **ready["versions"]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, question) -> dict:
        """The answer to a line."""
        try:
            print(json.dumps(question), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            self.__exit__()
            raise ValueError("its process ended with an error")
        return json.loads(line)

    def turn(self, expected) -> dict:
        """Have it take its turn; its losses must agree with those expected."""
        answer = self.ask({"steps": self.steps, "seconds": SECONDS_OF_A_TURN})
        answer["total"] = max(answer["seconds"] * self.steps, SECONDS_OF_A_TURN)
        for step, (loss, other) in enumerate(zip(answer["losses"], expected)):
            if not abs(loss - other) <= self.contender.agreement:
                raise SystemExit(f"{self.contender.name}: the loss of step {step} is {loss!r}, not "
                                 f"{other!r}; it does not do the same work")
        return answer
