"""Latency predicted without the device."""
