"""Commands that measure a converted network: benchmark, profile, compare."""
