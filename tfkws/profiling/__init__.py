"""Time per Keras layer on any backend and device, and what profiles say: paper A's table, rooflines, comparisons."""
