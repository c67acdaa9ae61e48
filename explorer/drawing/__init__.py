"""From a graph to a picture: what is visible, as DOT, laid out by Graphviz as SVG."""
