"""Conversion to TFLite, parity, benchmark and operator profiles."""
