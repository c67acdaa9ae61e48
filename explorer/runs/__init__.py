"""Runs: their folders, the training loop with its hooks, and where training is carried out."""
