"""First names to learn from, and to invent like: those of the census of the United States of 1990.

README.md tells where they come from.
"""
from pathlib import Path


def read_names() -> list:
    """The 5,163 names, in alphabetical order."""
    files = Path(__file__).parent.glob("*.txt")
    return sorted({name for file in files for name in file.read_text("utf-8").split()})
