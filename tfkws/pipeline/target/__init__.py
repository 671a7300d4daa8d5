"""The stages of `tfkws target`."""
