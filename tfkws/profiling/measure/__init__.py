"""Timing Keras layers on the active backend."""
