"""Measurements to run by hand, `python -m benchmarks.NAME`; no test depends on them."""
