"""The README and the pages of docs/: their code blocks, and what became of them, run once."""
import contextlib
import io
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("**/*.md"))


def blocks(page) -> list:
    """The code blocks of a page: (language, code, the text block that follows at once)."""
    block = r"^```(\w*)\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?"
    found = re.findall(block, page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block for block in found if block[0] != "text"]


def printed_by(code: str, namespace: dict) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "block", "exec"), namespace)
    return out.getvalue()


@lru_cache(maxsize=None)
def run(name: str) -> tuple:
    """Run the Python blocks of a page of docs/ one after the other.

    → the names they leave, and for each block (code, what the page says it prints, what it printed)
    """
    namespace = {}
    return namespace, [(code, said, printed_by(code, namespace))
                       for language, code, said in blocks(ROOT / "docs" / name)
                       if language == "python"]
