"""The graph explorer's page, in parts: what is looked at, the drawing, its colours, tables, comparison, downloads."""

GRAPH = "graph"  # the key of the drawing on the page
