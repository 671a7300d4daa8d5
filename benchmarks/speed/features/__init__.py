"""Microseconds a clip of front ends: ours beside those of other libraries, on one core."""
