"""Listening: a ring buffer, detectors that read it, recordings, and what is done when a word is heard."""
