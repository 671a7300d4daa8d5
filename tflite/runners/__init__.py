"""Where a benchmark runs: this machine, or a device."""
