"""Benchmarks: each module has `measure() -> dict` and runs by `python -m bench.NAME`."""
