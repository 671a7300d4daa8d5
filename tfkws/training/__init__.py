"""Training once from a configuration, and evaluating what came out."""
