"""The digits laboratory's computations (the book's chapter 5)."""
