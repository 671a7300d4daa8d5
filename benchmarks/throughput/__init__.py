"""Speed of the data pipeline, alone and under training."""
