"""What `import nn` brings; where another project's `autograd` is found first, it says so."""
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


def run(code, folder):
    """Run code in a fresh Python that looks for modules in the folder, then in the checkout."""
    program = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(CHECKOUT)!r}]; {code}"
    return subprocess.run([sys.executable, "-c", program], cwd=folder, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def write_hips_autograd(folder):
    """A package with the names of HIPS autograd, https://github.com/HIPS/autograd."""
    package = folder / "autograd"
    package.mkdir()
    (package / "__init__.py").write_text(
        "def grad(fun, argnum=0): ...\n"
        "def value_and_grad(fun, argnum=0): ...\n"
        "def jacobian(fun, argnum=0): ...\n"
        "__version__ = '1.8.0'\n")
    (package / "extend.py").write_text("def primitive(f): ...\n")
    (package / "numpy.py").write_text("")


@pytest.mark.parametrize("code", ["import nn", "from nn.datasets import mnist", "import nn.optim"])
def test_import_nn_explains_that_it_found_another_autograd(tmp_path, code):
    write_hips_autograd(tmp_path)
    result = run(code, tmp_path)
    assert result.returncode != 0
    *_, last = result.stderr.splitlines()
    assert last.startswith("ImportError: nn stands on chalkgrad's autograd")
    assert "HIPS autograd" in last and "separate environments" in last


def test_import_nn_works_with_our_own(tmp_path):
    result = run("import nn; print(nn.MLP.__name__)", tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "MLP\n", "")


def test_a_mistake_within_our_own_autograd_is_not_called_a_foreign_one(tmp_path):
    result = run("sys.modules['autograd.ops'] = None; import nn", tmp_path)
    assert result.returncode != 0
    assert "autograd.ops" in result.stderr and "HIPS" not in result.stderr


def test_what_takes_long_to_import_waits_until_it_is_needed(tmp_path):
    slow = {"html", "inspect", "json", "re", "textwrap", "typing"}
    code = "before = set(sys.modules); import autograd, nn; print(*set(sys.modules) - before)"
    found = run(code, tmp_path).stdout.split()
    assert "nn" in found and not slow & set(found)
