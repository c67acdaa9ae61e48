"""What JavaScript draws on a page: Python wrappers of the modules in ``explorer/web``."""
