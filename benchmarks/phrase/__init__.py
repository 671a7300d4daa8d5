"""Detectors made from text alone, tested on recorded speakers."""
