"""One idea a file; each runs alone with `python -m examples.NAME`."""
