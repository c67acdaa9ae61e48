"""The laboratories, one for each chapter of the book."""
