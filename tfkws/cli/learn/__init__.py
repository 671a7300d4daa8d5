"""Commands that train: train, evaluate, compress, search."""
