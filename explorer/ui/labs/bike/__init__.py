"""The bike laboratory (the book's chapter 3)."""
