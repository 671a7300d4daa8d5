"""Front ends: a NumPy reference and the same as Keras layers."""
