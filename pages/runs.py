"""Runs: all trainings, their results, and their downloads and their removal."""

from explorer.ui.runs_page.page import runs_page

runs_page()
