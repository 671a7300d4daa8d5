"""Speech synthesisers, one module each, behind one table."""
