"""Data that a person brings for a training: kept in the store, and checked in a process of its own."""
