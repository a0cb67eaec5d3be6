"""What README and docs say is true: their code runs and prints what stands below it."""
import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def blocks(page):
    """The code blocks of a page: (language, code, the text block that follows at once)."""
    block = r"^```(\w*)\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?"
    found = re.findall(block, page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [pytest.param(code, printed, id=f"{page.name}-{i}-{language}")
            for i, (language, code, printed) in enumerate(found) if language != "text"]


ALL = [block for page in PAGES for block in blocks(page)]


@pytest.mark.parametrize("code, printed", [b for b in ALL if b.id.endswith("python")])
def test_python_blocks_print_what_they_say(code, printed):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "block", "exec"), {})
    assert out.getvalue() == printed


def test_the_first_command_trains_digits():
    (code, _), *_ = [b.values for b in ALL if b.id.endswith("bash")]
    assert code == "python3 -m examples.mnist\n"
    run = subprocess.run([sys.executable, *code.split()[1:]], cwd=ROOT, capture_output=True,
                         text=True, check=True, env={"PYTHONIOENCODING": "utf-8"})
    right = re.search(r"\ntest accuracy 0\.\d+ \((\d+)/1000\)\n$", run.stdout)
    assert int(right.group(1)) >= 880


def test_every_other_command_is_known():
    """The second command is what runs these tests; another one here needs a test of its own."""
    commands = [b.values[0] for b in ALL if b.id.endswith("bash")]
    assert len(commands) == 2 and "pytest" in commands[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_hold(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
