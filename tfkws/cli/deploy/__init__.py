"""Commands that make what a device runs: convert, bundle."""
