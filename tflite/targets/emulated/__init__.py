"""ARM cores under QEMU: setting them up, running on them."""
