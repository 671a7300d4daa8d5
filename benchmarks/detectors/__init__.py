"""Our detectors and those of others over the same audio."""
