"""Runs: all trainings, their results, and what can be taken away or removed."""

from explorer.ui.runs_list import runs_page

runs_page()
