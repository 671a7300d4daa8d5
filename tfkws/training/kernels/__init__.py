"""Which of TensorFlow's CPU kernels train a network faster on this machine, and training with them."""
