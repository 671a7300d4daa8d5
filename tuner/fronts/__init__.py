"""Which trials are Pareto-optimal, and how much their front dominates."""
