"""English words of what JavaScript draws on the pages of the server and on the offline page; a page translates them."""

from models.errors import N_

GRAPH_WORDS: dict[str, str] = {
    "graph": N_("Computation graph"),
    "legend": N_("Colours"),
    "tools": N_("View of the graph"),
    "minimap": N_("Map of the whole graph"),
    "search": N_("Find operations"),
    "no_hits": N_("no hits"),
    "next": N_("Next match"),
    "previous": N_("Previous match"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "zoom": N_("Zoom in or out"),
    "actual": N_("Actual size"),
    "fit": N_("Fit the whole graph"),
    "path": N_("Light everything before and after the selection, or only its neighbours"),
    "keys": N_("Show or hide the keys"),
    "move": N_("Go to the next operation"),
    "select": N_("Select the operation, or open the module"),
    "fold": N_("Fold the module around it"),
    "depth": N_("Fold or open one level of all"),
    "pan": N_("Move the view"),
    "modules": N_("Modules"),
    "overview": N_("Overview"),
    "first": N_("The first view: as much as can be seen at a glance"),
    "fold_all": N_("Fold all"),
    "levels": N_("Open {n} levels"),
    "open_all": N_("Open all"),
}
"""Of the interactive graph."""

TILE_WORDS: dict[str, str] = {
    "tile": N_("{title} {n} of {of}"),
    "pixel": N_("row {row}, column {column}"),
    "position": N_("position {n}"),
    "dead": N_("dead"),
    "ends": N_("low … high, each on its own scale"),
    "none": N_("None"),
}
"""Of sheets of small pictures."""
