"""Running detectors on audio streams."""
