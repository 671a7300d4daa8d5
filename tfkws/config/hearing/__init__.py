"""How hearing is set: the service, timelines and their counting, simulated trials."""
