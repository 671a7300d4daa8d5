"""Keras layers by the device's own trace of the whole compiled network."""
