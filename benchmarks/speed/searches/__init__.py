"""Trials an hour of whole searches, this checkout beside another."""
