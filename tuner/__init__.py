"""Multi-objective architecture search with Pareto-driven freezing."""
