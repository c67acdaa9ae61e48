"""The laboratory's views: one question each, on the one selection. Each file lays out; none computes."""
