"""What README and docs say is true: their code runs and prints what stands below it."""
import importlib
import re
import shlex
import subprocess
import sys
from math import log

import pytest
from pages import DOCS, README, ROOT, blocks, printed_by, run
from test_examples import accuracy_of, epochs_of

by_page = {"argvalues": DOCS, "ids": lambda page: page.name}
README_CODE = [(code, printed) for language, code, printed in blocks(README)
               if language == "python"]
README_COMMANDS = [code for language, code, _ in blocks(README) if language == "bash"]


@pytest.fixture(scope="module", autouse=True)
def first_command():
    """The first command of the README, which takes long: it runs beside the other tests here.

    For this the file is the first by name: the tests that judge what a page did find it done.
    """
    _, *arguments = README_COMMANDS[0].split()
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "utf-8"}) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("code, printed", README_CODE)
def test_python_blocks_of_the_readme_print_what_they_say(code, printed):
    assert printed_by(code, {}) == printed


@pytest.mark.parametrize("page", **by_page)
def test_python_blocks_of_a_page_build_on_each_other_and_print_what_they_say(page):
    _, ran = run(page.relative_to(ROOT / "docs").as_posix())
    for code, said, printed in ran:
        assert printed == said, code


@pytest.mark.parametrize("page", **by_page)
def test_commands_of_a_page_are_examples_with_options_that_they_have(page, capsys):
    """The tests of the examples run them; here it is seen that a page names what there is."""
    commands = [code for language, code, _ in blocks(page) if language == "bash"]
    for line in "".join(commands).splitlines():
        python, m, module, *arguments = shlex.split(line)
        assert (python, m, module.split(".")[0]) == ("python", "-m", "examples"), line
        with pytest.raises(SystemExit) as stop:
            importlib.import_module(module).main(["--help"])
        known = re.findall(r"--[\w-]+", capsys.readouterr().out)
        options = [word for word in arguments if re.match(r"--\w", word)]
        assert stop.value.code == 0 and set(options) <= set(known), line


def test_every_other_command_of_the_readme_is_known():
    """The second command is what runs these tests; another one here needs a test of its own."""
    assert len(README_COMMANDS) == 2 and "pytest" in README_COMMANDS[1]


@pytest.mark.parametrize("page", [README, *DOCS], ids=lambda page: page.name)
def test_links_hold(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_first_command_trains_digits(first_command):
    assert README_COMMANDS[0] == "python3 -m examples.mnist\n"
    printed, _ = first_command.communicate()
    assert first_command.returncode == 0
    lines = printed.splitlines()
    assert lines[0] == "MLP: 13,002 parameters"
    assert "4,000 digits to train, 1,000 to test" in lines
    (loss, after_one), *_, (_, accuracy) = epochs_of(lines)
    assert loss < log(10) and after_one > 0.7  # a network that knows nothing has log 10, and 0.1
    assert re.fullmatch(r"test accuracy 0\.\d{4} \(\d{3}/1000\)", lines[-1])
    assert accuracy_of(lines) == accuracy >= 0.88
