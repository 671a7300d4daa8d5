"""Operators on a GPU whose accelerator tells no events: by prefixes of the network, and each by itself."""
