"""Frozen tables and Keras 3 builders of the networks, one family a file."""
