"""Runs: all trainings, their results, and what can be taken away or removed."""

from explorer.ui.runs_page.page import runs_page

runs_page()
