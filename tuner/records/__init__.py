"""What happened: trials, and the journal that keeps them."""
