"""What is searched: parameters, objectives, limits, known costs."""
