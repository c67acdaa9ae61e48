"""Figures of the sentiment laboratory only."""
