"""Fine-tuning a network whose weights and activations are rounded as its int8 file will round them."""
