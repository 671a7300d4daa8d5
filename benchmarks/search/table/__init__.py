"""A table of trainings, a surrogate fitted to it, and searches that play against each other on it."""
