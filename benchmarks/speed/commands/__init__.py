"""Seconds and memory of whole commands, this checkout beside another."""
