"""The models of the book. ``models.catalogue`` lists them without importing torch."""
