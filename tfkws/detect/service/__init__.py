"""A wake-word service in the Wyoming protocol, which Home Assistant and its satellites speak."""
