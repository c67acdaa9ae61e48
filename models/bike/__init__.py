"""Bike demand (the book's chapter 3)."""
