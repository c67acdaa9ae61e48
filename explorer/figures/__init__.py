"""Arrays in, Plotly figures out. No state, no Streamlit, no files; every word shown comes in as an argument.

Each function takes ``dark`` for the theme, has a fixed height, and carries its text alternative, which
``description(figure)`` reads for the ``alt`` of a chart.
"""

from explorer.figures.palette import description

__all__ = ["description"]
