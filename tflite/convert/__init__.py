"""From a Keras model to a .tflite file that is judged clip by clip."""
