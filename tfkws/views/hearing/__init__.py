"""What was heard, as tables: live, in hours of audio, in simulated trials."""
