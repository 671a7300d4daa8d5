"""Counting parameters, multiply-accumulates and bytes, on Keras models and .tflite files alike."""
