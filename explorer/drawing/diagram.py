"""What the drawing of a graph consists of: boxes, frames around them and edges between them; plain data.

Which of a graph's nodes they stand for is decided in ``explorer/drawing/visible.py``; ``explorer/drawing/dot.py`` draws
them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from explorer.graph.graph import Fault, TensorType, Weight

Expand = Literal["none", "all", "auto"] | Collection[str]
"""What is open: nothing, everything, what a first view needs, or each thing that is named: by the id of its box or
frame, or, for a module, by torch's name (``features.0``), which opens everything around it, too."""

BoxKind = Literal["operation", "module", "repeat", "bundle", "input", "output", "constant", "anchor", "stub"]
FrameKind = Literal["operation", "module", "repeat", "bundle", "body"]


@dataclass(frozen=True)
class Box:
    """One visible thing: an operation, a folded group, or a graph's input, output or shared constant.

    id: the node's own id for an operation; else made from the first node inside (``m…`` a module, ``r…`` equal modules
    in a row, ``b…`` a bundle of a long level) or from its index in the graph (``in0``, ``out0``, ``const0``; in a body
    after its operation's id). An anchor stands in an opened operation for the inputs that no body reads; a stub for
    edges that would be too long. caption: of an operation, its modules below the frame around it; of a module, its
    class. name: the node's own name. members: ids of the nodes that it stands for. opens: whether it can be opened.
    faults: of its members.
    """

    id: str
    kind: BoxKind
    title: str
    caption: str
    category: str
    members: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()
    params: int = 0
    scope: tuple[str, ...] = ()
    opens: bool = False
    name: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class GroupFrame:
    """An opened box around its contents; it has the id that its box has when folded.

    A frame of kind "body" is one body of an opened operation; it is folded with the operation's frame only. caption: of
    a module, its class.
    """

    id: str
    title: str
    scope: tuple[str, ...]
    items: "tuple[GroupFrame | Box, ...]"
    kind: FrameKind = "module"
    caption: str = ""

    @property
    def folds(self) -> bool:
        """Whether it can be folded."""
        return self.kind != "body"


@dataclass(frozen=True)
class Edge:
    """A tensor on its way from one box to another. source, target: ids of boxes."""

    source: str
    target: str
    tensor: TensorType


@dataclass(frozen=True)
class Diagram:
    """Everything that is drawn. items: the outermost level. jumps: by stub, the boxes that it leads to."""

    name: str
    items: tuple[GroupFrame | Box, ...]
    edges: tuple[Edge, ...]
    jumps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def boxes(self) -> Iterator[Box]:
        """Every box, in the graph's order within its frame."""
        return (item for item in self._all_items() if isinstance(item, Box))

    def frames(self) -> Iterator[GroupFrame]:
        """Every frame, from the outside in."""
        return (item for item in self._all_items() if isinstance(item, GroupFrame))

    def _all_items(self) -> Iterator[GroupFrame | Box]:
        stack: list[GroupFrame | Box] = list(reversed(self.items))
        while stack:
            item = stack.pop()
            yield item
            if isinstance(item, GroupFrame):
                stack.extend(reversed(item.items))

    def box_of(self, node_id: str) -> str | None:
        """The box that stands for a node, or the frame that it has been opened into; None where neither is drawn."""
        return box_by_node(self).get(node_id)

    def openable(self) -> frozenset[str]:
        """Ids of the boxes that can be opened."""
        return frozenset(box.id for box in self.boxes() if box.opens)

    def foldable(self) -> frozenset[str]:
        """Ids of the frames that can be folded."""
        return frozenset(frame.id for frame in self.frames() if frame.folds)

    def enclosing_frames(self) -> dict[str, str]:
        """By box and frame, the innermost frame around it that can be folded."""
        frames: dict[str, str] = {}
        stack = [(item, "") for item in self.items]
        while stack:
            item, frame = stack.pop()
            if frame:
                frames[item.id] = frame
            if isinstance(item, GroupFrame):
                stack.extend((inner, item.id if item.folds else frame) for inner in item.items)
        return frames


def box_by_node(diagram: Diagram) -> dict[str, str]:
    """By node id, the box that stands for it; for an operation opened into a frame, that frame."""
    boxes = {frame.id: frame.id for frame in diagram.frames() if frame.kind == "operation"}
    boxes.update((member, box.id) for box in diagram.boxes() for member in box.members)
    return boxes
