"""Audio files: reading them whole, in blocks, or by their header alone; one rate and one channel of any signal."""
