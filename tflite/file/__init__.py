"""What is in a .tflite file, and changing it."""
