"""A training step compiled for this machine's processor, for networks whose layers it knows."""
