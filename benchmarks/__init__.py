"""chalkgrad beside other ways to do the same: `python3 -m benchmarks`, by hand; no test times."""
