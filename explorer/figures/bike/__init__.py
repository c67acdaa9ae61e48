"""Figures of the bike laboratory only."""
