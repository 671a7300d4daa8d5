"""Latency, and instructions on emulated targets."""
