"""The sections of a page about detectors that were made from a phrase."""
