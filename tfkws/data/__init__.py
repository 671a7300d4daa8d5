"""Clips: index, speaker-disjoint splits, decoding, synthesis, augmentation, batches."""
