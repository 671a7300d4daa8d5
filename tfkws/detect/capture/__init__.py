"""Where a live signal comes from: a microphone, a file, standard input."""
