"""Start: what this is, and the book's models with their state."""

from explorer.ui.start.page import home

home()
