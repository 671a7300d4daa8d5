"""Conversion to TFLite, parity, bundles, benchmark and operator profiles."""
