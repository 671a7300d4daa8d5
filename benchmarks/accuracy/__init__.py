"""Scores of trained networks, float32 and int8."""
