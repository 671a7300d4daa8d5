"""Find, train, convert, profile and run keyword-spotting networks for small CPUs."""

__version__ = "0.1.0"
