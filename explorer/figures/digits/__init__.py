"""Figures of the digits laboratory only."""
