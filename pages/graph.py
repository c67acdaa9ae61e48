"""The graph explorer: a trained model's computation graph, its nodes' values and its ONNX file."""

from explorer.ui.graph_page.page import graph_page

graph_page()
