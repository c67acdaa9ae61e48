"""Start: what this is, and the book's models with their state."""

from explorer.ui.home import home

home()
