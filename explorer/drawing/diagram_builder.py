"""Builds the diagram of a module tree: boxes and frames first, then the edges between them, then shared constants.

Used by ``explorer/drawing/visible.py`` only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from explorer.drawing.diagram import Box, Diagram, Edge, FrameKind, GroupFrame
from explorer.drawing.expansion import body_prefix, contains_scope
from explorer.graph.graph import Fault, Node, TensorType
from explorer.graph.module_tree import ModuleTree, TreeItem, scope_name
from explorer.graph.tree_builder import LONGEST_LEVEL

MOST_PARALLEL = 3  # edges from one box to another where one of them is folded
DEEPEST_FRAME = 60  # frames within frames; what is deeper stays folded
ROOT = ""  # id of the frame that stands for the whole drawing

PillKind = Literal["input", "output"]


@dataclass
class _OpenFrame:
    """A frame under construction. around: id of the frame around it; items: boxes, and inner frames by their ids."""

    around: str
    kind: FrameKind
    title: str
    caption: str
    scope: tuple[str, ...]
    items: "list[Box | str]" = field(default_factory=list)


@dataclass(frozen=True)
class _TensorSources:
    """One graph or body while its edges are drawn. sources: by tensor name, the boxes that it comes from."""

    tree: ModuleTree
    sources: dict[str, tuple[str, ...]]


class DiagramBuilder:
    """Builds one diagram.

    open_all: open everything. opened: ids of the boxes to open. scopes: names of the modules to open. faults: to mark.
    """

    def __init__(
        self, open_all: bool, opened: frozenset[str], scopes: frozenset[str], faults: Iterable[Fault] = ()
    ) -> None:
        self._faults: dict[str, list[Fault]] = {}
        for fault in faults:
            self._faults.setdefault(fault.node, []).append(fault)
        self._open_all, self._opened, self._scopes = open_all, opened, scopes
        self._box_of_node: dict[str, str] = {}
        self._frames: dict[str, _OpenFrame] = {}
        self._frame_of_box: dict[str, str] = {}
        self._edges: dict[tuple[str, str, str], Edge] = {}  # by source, target and tensor
        self._constants: dict[str, Box] = {}  # shared ones, by box id
        self._folded: set[str] = set()  # boxes that stand for several nodes, inputs or outputs
        self._parallel_edges: dict[tuple[str, str], int] = {}  # count, where one of the two boxes is folded

    def build(self, tree: ModuleTree) -> Diagram:
        """The diagram of ``tree``."""
        self._frames[ROOT] = _OpenFrame("", "module", "", "", ())
        self._fill(tree, ROOT, "", self._items(tree, tree.children, ROOT, 0))
        self._link(tree, "", ())
        self._place_constants()
        return Diagram(tree.name, self._frozen_items(ROOT), tuple(self._edges.values()))

    # ---- boxes and frames

    def _fill(self, tree: ModuleTree, frame_id: str, prefix: str, items: "list[Box | str]") -> None:
        """Fill the frame of a whole graph or body with its inputs, ``items`` and outputs."""
        inputs = self._pills(prefix, "input", tree.inputs)
        outputs = self._pills(prefix, "output", tree.outputs)
        self._frame_of_box.update((box.id, frame_id) for box in (*inputs, *outputs))
        self._frames[frame_id].items += [*inputs, *items, *outputs]

    def _pills(self, prefix: str, kind: PillKind, names: tuple[str, ...]) -> list[Box]:
        """A box for each input or output; one for all of them where there are too many."""
        if self._share_pill(names):
            shared = self._pill_id(prefix, kind, 0, names)
            self._folded.add(shared)
            return [Box(shared, kind, f"{names[0]} … ×{len(names):,}", "", kind)]
        return [Box(self._pill_id(prefix, kind, i, names), kind, name, "", kind) for i, name in enumerate(names)]

    def _share_pill(self, names: tuple[str, ...]) -> bool:
        return len(names) > LONGEST_LEVEL and not self._open_all

    def _pill_id(self, prefix: str, kind: PillKind, index: int, names: tuple[str, ...]) -> str:
        """The id of the box for the input or output number ``index`` of ``names``."""
        return f"{prefix}{'in' if kind == 'input' else 'out'}{'s' if self._share_pill(names) else index}"

    def _items(self, tree: ModuleTree, items: Iterable[TreeItem], frame_id: str, depth: int) -> "list[Box | str]":
        """Folded items as boxes, open ones as the ids of frames that are filled here. frame_id: what holds them."""
        result: list[Box | str] = []
        for item in items:
            if item.kind in ("repeat", "bundle") and (self._open_all or self._is_dissolved(tree, item)):
                result += self._items(tree, item.children, frame_id, depth)
                continue
            if depth >= DEEPEST_FRAME or not self._is_open(tree, item):
                result.append(self._box(tree, item, frame_id))
                continue
            frame = _OpenFrame(frame_id, item.kind, item.title, "" if item.node else item.caption, item.scope)
            self._frames[item.id] = frame
            if item.node is None:
                frame.items += self._items(tree, item.children, item.id, depth + 1)
            else:
                self._open_operation(tree, item.node, depth)
            result.append(item.id)
        return result

    def _is_open(self, tree: ModuleTree, item: TreeItem) -> bool:
        if item.node is not None:
            bodies = tree.bodies.get(item.id, ())
            named = any(self._scopes & body.scopes for _, body in bodies)
            return bool(bodies) and (self._open_all or item.id in self._opened or named)
        if item.kind == "module" and scope_name(item.scope) in self._scopes:
            return True
        return self._open_all or item.id in self._opened

    def _is_dissolved(self, tree: ModuleTree, item: TreeItem) -> bool:
        """Whether a repeat or bundle is left out because a module inside it is opened by name, and it itself is not."""
        return bool(self._scopes) and item.id not in self._opened and contains_scope(tree, item, self._scopes)

    def _box(self, tree: ModuleTree, item: TreeItem, frame_id: str) -> Box:
        members = tuple(tree.node_ids(item))
        self._box_of_node.update(dict.fromkeys(members, item.id))
        self._frame_of_box[item.id] = frame_id
        node = item.node
        if node is None:
            self._folded.add(item.id)
        return Box(
            id=item.id,
            kind=item.kind,
            title=item.title,
            caption=item.caption,
            category="module" if node is None else node.category,
            members=members,
            weights=() if node is None else node.weights,
            params=item.params,
            scope=item.scope,
            opens=node is None or item.id in tree.bodies,
            name="" if node is None else node.name,
            faults=tuple(fault for member in members for fault in self._faults.get(member, ())) if self._faults else (),
        )

    def _open_operation(self, tree: ModuleTree, node: Node, depth: int) -> None:
        """The bodies of a node, each a frame of its own within the operation's."""
        self._box_of_node[node.id] = node.id
        bodies = tree.bodies[node.id]
        if node.weights or (node.inputs and not any(body.inputs for _, body in bodies)):
            title = "cond" if node.op_type == "If" else node.op_type
            anchor = Box(_anchor_id(node), "anchor", title, "", "constant", weights=node.weights, scope=node.scope)
            self._frame_of_box[anchor.id] = node.id
            self._frames[node.id].items.append(anchor)
        for index, (title, body) in enumerate(bodies):
            frame_id = f"{node.id}.b{index}"
            self._frames[node.id].items.append(frame_id)
            self._frames[frame_id] = _OpenFrame(node.id, "body", title, "", node.scope)
            items = self._items(body, body.children, frame_id, depth + 2)
            self._fill(body, frame_id, body_prefix(node.id, index), items)

    def _frozen_items(self, frame_id: str) -> tuple[GroupFrame | Box, ...]:
        return tuple(
            item if isinstance(item, Box) else self._frozen_frame(item) for item in self._frames[frame_id].items
        )

    def _frozen_frame(self, frame_id: str) -> GroupFrame:
        frame = self._frames[frame_id]
        items = self._frozen_items(frame_id)
        return GroupFrame(frame_id, frame.title, frame.scope, items, frame.kind, frame.caption)

    # ---- edges

    def _link(self, tree: ModuleTree, prefix: str, outer: tuple[_TensorSources, ...]) -> None:
        """Draw the edges of one graph or body. outer: the levels around it, from the outside in."""
        sources: dict[str, tuple[str, ...]] = {}
        for i, weight in enumerate(tree.constants):
            id = f"{prefix}const{i}"
            sources[weight.name] = (id,)
            self._constants[id] = Box(id, "constant", weight.name, "", "constant", weights=(weight,))
        sources.update((name, (self._pill_id(prefix, "input", i, tree.inputs),)) for i, name in enumerate(tree.inputs))
        for node in tree.nodes:
            for i, name in enumerate(node.outputs):
                if name:
                    sources[name] = self._output_sources(tree, node.id, i)
        levels = (*outer, _TensorSources(tree, sources))
        for node in tree.nodes:
            box = self._box_of_node[node.id]
            if box in self._frames:
                self._link_bodies(tree, node, levels)
                continue
            for name in tree.reads[node.id]:
                self._connect(levels, name, box)
        for i, name in enumerate(tree.outputs):
            self._connect(levels, name, self._pill_id(prefix, "output", i, tree.outputs))

    def _output_sources(self, tree: ModuleTree, node_id: str, index: int) -> tuple[str, ...]:
        """The boxes that the output number ``index`` of a node comes from: for an open one, an output of each body."""
        box = self._box_of_node[node_id]
        if box not in self._frames:
            return (box,)
        sources = []
        for body_index, (title, body) in enumerate(tree.bodies[node_id]):
            # A Loop's body has the condition as its first output, which does not leave the loop.
            offset = int(self._frames[box].title == "Loop" and title == "body")
            if body.outputs:
                inner = min(index + offset, len(body.outputs) - 1)
                sources.append(self._pill_id(body_prefix(node_id, body_index), "output", inner, body.outputs))
        return tuple(sources)

    def _link_bodies(self, tree: ModuleTree, node: Node, levels: tuple[_TensorSources, ...]) -> None:
        """The inputs of an opened operation, to those of its bodies or to its anchor; then the edges inside these."""
        bodies = tree.bodies[node.id]
        weights = {weight.name for weight in node.weights}
        bodies_have_inputs = any(body.inputs for _, body in bodies)
        for i, name in enumerate(node.inputs):
            if not name or name in weights:
                continue
            if not bodies_have_inputs:
                self._connect(levels, name, _anchor_id(node))
            for body_index, (_, body) in enumerate(bodies):
                # A Scan of opset 8 has the sequences' lengths before the inputs of its body.
                skipped = max(0, len(node.inputs) - len(body.inputs)) if node.op_type == "Scan" else 0
                if body.inputs:
                    inner = min(max(i - skipped, 0), len(body.inputs) - 1)
                    target = self._pill_id(body_prefix(node.id, body_index), "input", inner, body.inputs)
                    self._connect(levels, name, target)
        for body_index, (_, body) in enumerate(bodies):
            self._link(body, body_prefix(node.id, body_index), levels)

    def _connect(self, levels: tuple[_TensorSources, ...], name: str, target: str) -> None:
        """Edges to ``target`` from every source of the tensor ``name``; each tensor once between the same two boxes.

        Between folded boxes there are a few at most: more cannot be told apart, and take long to lay out.
        """
        for level in reversed(levels):
            sources = level.sources.get(name)
            if sources is not None:
                for source in sources:
                    key = (source, target, name)
                    if source != target and key not in self._edges and self._may_add_parallel(source, target):
                        tensor = level.tree.tensors.get(name) or TensorType(name, "?", None)
                        self._edges[key] = Edge(source, target, tensor)
                return

    def _may_add_parallel(self, source: str, target: str) -> bool:
        if source not in self._folded and target not in self._folded:
            return True
        count = self._parallel_edges[source, target] = self._parallel_edges.get((source, target), 0) + 1
        return count <= MOST_PARALLEL

    # ---- constants with several readers

    def _place_constants(self) -> None:
        """Put each into the innermost frame around its readers; a folded box keeps those it reads inside."""
        self._edges = {
            key: edge
            for key, edge in self._edges.items()
            if edge.source not in self._constants or edge.target not in self._folded or edge.target.endswith("outs")
        }
        readers: dict[str, list[str]] = {}
        for source, target, _ in self._edges:
            if source in self._constants:
                readers.setdefault(source, []).append(target)
        for id, targets in readers.items():
            frame_id = self._common_frame(targets)
            self._frame_of_box[id] = frame_id
            self._frames[frame_id].items.insert(0, self._constants[id])

    def _common_frame(self, boxes: Sequence[str]) -> str:
        """The innermost frame around all ``boxes``."""
        paths = [self._frame_path(box) for box in boxes]
        shared = takewhile(lambda frames: len(set(frames)) == 1, zip(*paths, strict=False))
        innermost: str = [frames[0] for frames in shared][-1]
        return innermost

    def _frame_path(self, box: str) -> list[str]:
        """The frames around a box, from the outside in."""
        path = [self._frame_of_box[box]]
        while path[-1] != ROOT:
            path.append(self._frames[path[-1]].around)
        return path[::-1]


def _anchor_id(node: Node) -> str:
    return f"{node.id}.at"
