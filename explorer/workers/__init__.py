"""Processes with limits on time and memory, for everything that may break or take long."""
