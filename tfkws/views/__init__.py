"""Results as tables: each is written once, printed by the command line and placed by the report."""
