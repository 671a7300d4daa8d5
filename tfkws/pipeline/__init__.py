"""Wires the stages: the one place, besides the command line, that knows them all."""
