"""What the laboratories compute, without a screen: a folder for each chapter of the book."""
