"""What it takes to import each library, on top of starting Python with nothing."""
import resource
import subprocess

from .turns import OURS, PROJECT, child_environment

STATEMENTS = {  # in which environment
    "chalkgrad: autograd and nn": ("plain", "import autograd, nn"),
    "micrograd": ("micrograd", "import micrograd.engine, micrograd.nn"),
    "NumPy": ("numpy", "import numpy"),
    "MyGrad": ("MyGrad", "import mygrad"),
    "HIPS autograd": ("HIPS autograd", "import autograd, autograd.numpy"),
    "tinygrad": ("tinygrad", "import tinygrad"),
    "PyTorch": ("PyTorch", "import torch"),
    "JAX": ("JAX", "import jax"),
}


def milliseconds(python, code) -> float:
    """The processor's time in which a new interpreter runs the code and ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, "-I", "-c", code], check=True, env=child_environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def measure(machine, python) -> dict:
    """For each library, in each round, the milliseconds above those of an empty program."""
    seen = {}
    for turn in range(machine.rounds + 1):
        for name, (environment, statement) in STATEMENTS.items():
            try:
                inside = machine.interpreter(environment, python)
            except (OSError, subprocess.CalledProcessError) as error:
                machine.left_out[name] = str(error)
                continue
            if environment in OURS:
                statement = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); {statement}"
            above = milliseconds(inside, statement) - milliseconds(inside, "pass")
            if turn:  # the first time it is compiled, and read from the disk
                seen.setdefault(name, []).append(above)
    return seen
