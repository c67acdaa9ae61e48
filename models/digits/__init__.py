"""Handwritten digits (the book's chapter 5)."""
