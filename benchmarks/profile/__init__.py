"""Time of networks, operators and layers on one machine."""
