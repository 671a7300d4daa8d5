"""Sizes and habits of the code, measured over its syntax trees."""
