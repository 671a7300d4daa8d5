"""Paper A's over-the-air test as a simulation: rooms, speakers, and a device whose inference takes time."""
