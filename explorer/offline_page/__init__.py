"""The page of a graph that needs no server: one HTML file."""
