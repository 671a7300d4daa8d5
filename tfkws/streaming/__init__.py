"""Networks that keep a state between frames: a trained window's network, run on a stream."""
