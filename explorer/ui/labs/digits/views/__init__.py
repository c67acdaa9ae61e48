"""The digits laboratory's views: a question each, for the selected run, checkpoint and digit. They compute nothing."""
