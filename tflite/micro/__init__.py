"""TensorFlow Lite Micro: what it can run, and what it needs, by its own interpreter."""
