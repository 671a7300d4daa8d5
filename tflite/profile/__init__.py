"""Time per operator."""
