"""The stages of `tfkws profile`: operators of a converted file, layers of a Keras model."""
