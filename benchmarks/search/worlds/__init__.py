"""Made-up worlds in which samplers are compared: what a training would come to, with noise, failures and divergence."""
