"""Taking whole channels away: which belong together, which matter least, and the smaller network."""
