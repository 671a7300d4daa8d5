"""Which candidate to try next: pure functions of the history."""
