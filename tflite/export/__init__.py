"""A bundle in the form that a device or another program takes."""
