"""The front end of TensorFlow Lite Micro's speech features in whole numbers, as microWakeWord has it."""
