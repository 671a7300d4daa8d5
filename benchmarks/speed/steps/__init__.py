"""Milliseconds of a training step: ours beside those of other programs, network by network."""
