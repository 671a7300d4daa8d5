"""Smaller networks from trained ones: quantisation-aware fine-tuning and structured pruning, in Keras 3 only."""
