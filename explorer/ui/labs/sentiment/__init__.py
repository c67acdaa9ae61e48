"""The sentiment laboratory (the book's chapter 4)."""
