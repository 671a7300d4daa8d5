"""Measurements behind the published pages: one folder a page of artifacts/published/, run by `python -m benchmarks`."""
