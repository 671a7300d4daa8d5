"""Stages of `tfkws over-air`: what is heard over hours, and through the air."""
