"""A .tflite file on a GPU: LiteRT's WebGPU accelerator, what it says of itself, and a software adapter for tests."""
