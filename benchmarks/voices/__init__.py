"""Which speech engines help to recognise people."""
