"""Long audio with labels: composed from recordings, or recorded and labelled by people."""
