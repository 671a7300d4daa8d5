"""From a float32 file to an int8 one: ranges, remedies, and how far each layer is off."""
