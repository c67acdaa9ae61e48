"""The values inside bodies, and what a node in one can read. Nothing is drawn."""
