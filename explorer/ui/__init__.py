"""What pages share: the selection, its bar, the settings form, the live training view, translation, the graph."""
