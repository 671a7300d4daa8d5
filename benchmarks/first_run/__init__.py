"""The report of the first run on recorded speech."""
