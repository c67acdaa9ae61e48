"""The digits laboratory (the book's chapter 5): its record, its views, and what they share."""
