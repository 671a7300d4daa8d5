"""Trained networks as .tflite files: size, accuracy, latency, and what int8 and pruning cost."""
