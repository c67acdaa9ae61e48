"""Review sentiment (the book's chapter 4)."""
