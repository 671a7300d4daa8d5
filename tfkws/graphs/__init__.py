"""What a network is made of: Keras models and .tflite files as graphs, and what each layer and operator is."""
