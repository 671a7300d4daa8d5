"""Commands about the devices that networks are measured on."""
