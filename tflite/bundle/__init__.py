"""One archive for a device, with golden vectors."""
