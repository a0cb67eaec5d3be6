"""What README and docs say is true: their code runs and prints what stands below it."""
import contextlib
import importlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("**/*.md"))
PAGES = [ROOT / "README.md", *DOCS]
by_page = {"argvalues": DOCS, "ids": lambda page: page.name}


def blocks(page):
    """The code blocks of a page: (language, code, the text block that follows at once)."""
    block = r"^```(\w*)\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?"
    found = re.findall(block, page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [pytest.param(code, printed, id=f"{page.name}-{i}-{language}")
            for i, (language, code, printed) in enumerate(found) if language != "text"]


README = blocks(PAGES[0])


def printed_by(code, namespace):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "block", "exec"), namespace)
    return out.getvalue()


@pytest.mark.parametrize("code, printed", [b for b in README if b.id.endswith("python")])
def test_python_blocks_of_the_readme_print_what_they_say(code, printed):
    assert printed_by(code, {}) == printed


@pytest.mark.parametrize("page", **by_page)
def test_python_blocks_of_a_page_build_on_each_other_and_print_what_they_say(page):
    namespace = {}
    for block in blocks(page):
        code, printed = block.values
        if block.id.endswith("python"):
            assert printed_by(code, namespace) == printed, code


@pytest.mark.parametrize("page", **by_page)
def test_commands_of_a_page_are_examples_with_options_that_they_have(page, capsys):
    """The tests of the examples run them; here it is seen that a page names what there is."""
    for block in blocks(page):
        if block.id.endswith("bash"):
            for line in block.values[0].splitlines():
                python, m, module, *arguments = shlex.split(line)
                assert (python, m, module.split(".")[0]) == ("python", "-m", "examples"), line
                with pytest.raises(SystemExit) as stop:
                    importlib.import_module(module).main(["--help"])
                known = re.findall(r"--[\w-]+", capsys.readouterr().out)
                options = [word for word in arguments if re.match(r"--\w", word)]
                assert stop.value.code == 0 and set(options) <= set(known), line


def test_the_first_command_trains_digits():
    (code, _), *_ = [b.values for b in README if b.id.endswith("bash")]
    assert code == "python3 -m examples.mnist\n"
    run = subprocess.run([sys.executable, *code.split()[1:]], cwd=ROOT, capture_output=True,
                         text=True, check=True, env={"PYTHONIOENCODING": "utf-8"})
    right = re.search(r"\ntest accuracy 0\.\d+ \((\d+)/1000\)\n$", run.stdout)
    assert int(right.group(1)) >= 880


def test_every_other_command_of_the_readme_is_known():
    """The second command is what runs these tests; another one here needs a test of its own."""
    commands = [b.values[0] for b in README if b.id.endswith("bash")]
    assert len(commands) == 2 and "pytest" in commands[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_hold(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
