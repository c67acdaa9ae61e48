"""Start: what this is, and the book's models with their state."""

from explorer.ui.start.page import start_page

start_page()
