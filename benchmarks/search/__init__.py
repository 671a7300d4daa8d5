"""Architecture searches on recorded speech, and what came of them."""
