"""How wide an edge is drawn where its width shows the size of its tensor."""

from math import prod, sqrt

from explorer.drawing.diagram import Diagram
from explorer.graph.cost import numeric_shape

WIDEST, THINNEST = 7.0, 0.8  # pixels


def edge_widths(diagram: Diagram) -> dict[int, float]:
    """Pixels by the edge's index in ``diagram.edges``, growing with the square root of the tensor's elements.

    The largest tensor is ``WIDEST``; edges whose shape is unknown are left out.
    """
    shapes = {index: numeric_shape(edge.tensor) for index, edge in enumerate(diagram.edges)}
    roots = {index: sqrt(prod(shape)) for index, shape in shapes.items() if shape is not None}
    largest = max(roots.values(), default=0.0) or 1.0
    return {index: THINNEST + (WIDEST - THINNEST) * root / largest for index, root in roots.items()}
