"""What the laboratories compute, without a screen: a folder for each chapter, and what all chapters share."""
