"""Toushi: an explorer of computation graphs and activations."""
