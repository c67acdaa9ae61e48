"""A view while it is made: boxes and frames from a divided graph, then the edges between them.

Used by ``explorer/drawing/visible.py`` only; how a graph is divided is told by ``explorer/graph/module_tree.py``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from explorer.drawing.diagram import Box, Edge, GroupFrame
from explorer.drawing.expansion import body_prefix, holds
from explorer.graph.graph import Node, TensorType
from explorer.graph.module_tree import LONGEST_LEVEL, ModuleTree, TreeItem, scope_name

MOST_PARALLEL = 3  # edges from one box to another where one of them is folded
DEEPEST_FRAME = 60  # frames within frames; what is deeper stays folded


@dataclass
class _Open:
    """A frame while it is filled. around: id of the frame around it."""

    around: str
    kind: str
    title: str
    caption: str
    scope: tuple[str, ...]
    items: "list[Box | str]" = field(default_factory=list)  # inner frames by their ids


_Made = tuple[dict[str, tuple[str, ...]], ModuleTree]
"""By tensor name, the boxes that it comes from, in one graph."""


@dataclass
class DiagramBuilder:
    """A view while it is made: first the boxes, frame by frame, then the edges between them."""

    everything: bool
    opened: frozenset[str]
    scopes: frozenset[str]
    holder: dict[str, str] = field(default_factory=dict)  # node id → box
    frames: dict[str, _Open] = field(default_factory=dict)
    around: dict[str, str] = field(default_factory=dict)  # box → frame
    edges: dict[tuple[str, str, str], Edge] = field(default_factory=dict)
    constants: dict[str, Box] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)  # boxes that stand for several nodes, inputs or outputs
    parallel: dict[tuple[str, str], int] = field(default_factory=dict)  # edges between two boxes, one of them folded

    # ---- boxes and frames

    def frame(self, inside: ModuleTree, id: str, prefix: str, items: "list[Box | str]") -> None:
        """Fill the frame ``id`` of a whole graph or body: its inputs, ``items``, its outputs."""
        found = self.frames.setdefault(id, _Open("", "", "", "", ()))
        inputs = self.pills(prefix, "input", inside.inputs)
        outputs = self.pills(prefix, "output", inside.outputs)
        self.around.update((box.id, id) for box in (*inputs, *outputs))
        found.items += [*inputs, *items, *outputs]

    def pills(self, prefix: str, kind: Literal["input", "output"], names: tuple[str, ...]) -> list[Box]:
        """A box for each input or output; one for all of them where there are too many."""
        if len(names) > LONGEST_LEVEL and not self.everything:
            self.folded.add(self.pill(prefix, kind, 0, names))
            return [Box(self.pill(prefix, kind, 0, names), kind, f"{names[0]} … ×{len(names):,}", "", kind)]
        return [Box(self.pill(prefix, kind, i, names), kind, name, "", kind) for i, name in enumerate(names)]

    def pill(self, prefix: str, kind: Literal["input", "output"], place: int, names: tuple[str, ...]) -> str:
        """The id of the box for the input or output number ``place``."""
        many = len(names) > LONGEST_LEVEL and not self.everything
        return f"{prefix}{'in' if kind == 'input' else 'out'}{'s' if many else place}"

    def items(self, inside: ModuleTree, parts: Iterable[TreeItem], around: str, depth: int) -> "list[Box | str]":
        """``parts`` as boxes, and as ids of frames that are filled already; ``around``: the frame that holds them."""
        found: list[Box | str] = []
        for part in parts:
            if part.kind in ("repeat", "bundle") and (self.everything or self.dissolves(inside, part)):
                found += self.items(inside, part.parts, around, depth)
                continue
            if depth >= DEEPEST_FRAME or not self.is_open(inside, part):
                found.append(self.box(inside, part, around))
                continue
            self.frames[part.id] = _Open(around, part.kind, part.title, "" if part.node else part.caption, part.scope)
            if part.node is None:
                self.frames[part.id].items += self.items(inside, part.parts, part.id, depth + 1)
            else:
                self.open_operation(inside, part, depth)
            found.append(part.id)
        return found

    def is_open(self, inside: ModuleTree, part: TreeItem) -> bool:
        if part.node is not None:
            bodies = inside.bodies.get(part.id, ())
            named = self.scopes and any(self.scopes & body.scopes for _, body in bodies)
            return bool(bodies) and (self.everything or part.id in self.opened or bool(named))
        if part.kind == "module" and scope_name(part.scope) in self.scopes:
            return True
        return self.everything or part.id in self.opened

    def dissolves(self, inside: ModuleTree, part: TreeItem) -> bool:
        """A repeat or bundle that is not opened itself makes way for a module in it that is opened by its name."""
        return bool(self.scopes) and part.id not in self.opened and holds(inside, part, self.scopes)

    def box(self, inside: ModuleTree, part: TreeItem, around: str) -> Box:
        members = tuple(inside.members(part))
        self.holder.update(dict.fromkeys(members, part.id))
        self.around[part.id] = around
        if part.node is None:
            self.folded.add(part.id)
            return Box(
                part.id, part.kind, part.title, part.caption, "module", members, (), part.params, part.scope, opens=True
            )
        node = part.node
        return Box(
            node.id,
            "operation",
            node.op_type,
            part.caption,
            node.category,
            members,
            node.weights,
            part.params,
            node.scope,
            opens=node.id in inside.bodies,
            name=node.name,
        )

    def open_operation(self, inside: ModuleTree, part: TreeItem, depth: int) -> None:
        """An operation's bodies, each a frame of its own within the operation's."""
        self.holder[part.id] = part.id
        bodies = inside.bodies[part.id]
        node = part.node
        if node is not None and (node.weights or (node.inputs and not any(body.inputs for _, body in bodies))):
            title = "cond" if node.op_type == "If" else node.op_type
            anchor = Box(f"{part.id}.at", "anchor", title, "", "constant", weights=node.weights, scope=node.scope)
            self.around[anchor.id] = part.id
            self.frames[part.id].items.append(anchor)
        for place, (title, body) in enumerate(bodies):
            id = f"{part.id}.b{place}"
            self.frames[part.id].items.append(id)
            self.frames[id] = _Open(part.id, "body", title, "", part.scope)
            self.frame(body, id, body_prefix(part.id, place), self.items(body, body.parts, id, depth + 2))

    def frozen(self, id: str) -> tuple[GroupFrame | Box, ...]:
        found: list[GroupFrame | Box] = []
        for item in self.frames[id].items:
            if isinstance(item, Box):
                found.append(item)
                continue
            inner = self.frames[item]
            found.append(GroupFrame(item, inner.title, inner.scope, self.frozen(item), inner.kind, inner.caption))  # type: ignore[arg-type]
        return tuple(found)

    # ---- edges

    def link(self, inside: ModuleTree, prefix: str, outer: tuple[_Made, ...]) -> None:
        """Connect what stands in one graph or body. outer: what can be seen from there, from the outside in."""
        made: dict[str, tuple[str, ...]] = {}
        for i, weight in enumerate(inside.constants):
            made[weight.name] = (f"{prefix}const{i}",)
            self.constants[f"{prefix}const{i}"] = Box(
                f"{prefix}const{i}", "constant", weight.name, "", "constant", weights=(weight,)
            )
        made.update((name, (self.pill(prefix, "input", i, inside.inputs),)) for i, name in enumerate(inside.inputs))
        for node in inside.nodes:
            for place, name in enumerate(node.outputs):
                if name:
                    made[name] = self.makers(inside, node.id, place)
        seen = (*outer, (made, inside))
        for node in inside.nodes:
            box = self.holder[node.id]
            if box in self.frames:
                self.link_bodies(inside, node, seen)
                continue
            for name in inside.reads[node.id]:
                self.connect(seen, name, box)
        for i, name in enumerate(inside.outputs):
            self.connect(seen, name, self.pill(prefix, "output", i, inside.outputs))

    def makers(self, inside: ModuleTree, node_id: str, place: int) -> tuple[str, ...]:
        """The boxes that the output number ``place`` of a node comes from: of an opened one, of each body."""
        box = self.holder[node_id]
        if box not in self.frames:
            return (box,)
        found = []
        for index, (title, body) in enumerate(inside.bodies[node_id]):
            # A Loop's first output in its body is the condition, which does not leave it.
            own = place + 1 if self.frames[box].title == "Loop" and title == "body" else place
            if body.outputs:
                own = min(own, len(body.outputs) - 1)
                found.append(self.pill(body_prefix(node_id, index), "output", own, body.outputs))
        return tuple(found)

    def link_bodies(self, inside: ModuleTree, node: Node, seen: tuple[_Made, ...]) -> None:
        """The inputs of an opened operation, to those of its bodies or to its anchor; then what is in them."""
        bodies = inside.bodies[node.id]
        held = {weight.name for weight in node.weights}
        taking = any(body.inputs for _, body in bodies)
        for place, name in enumerate(node.inputs):
            if not name or name in held:
                continue
            if not taking:
                self.connect(seen, name, f"{node.id}.at")
            for index, (_, body) in enumerate(bodies):
                # An old Scan has the sequences' lengths before what its body takes.
                skipped = max(0, len(node.inputs) - len(body.inputs)) if node.op_type == "Scan" else 0
                if body.inputs:
                    own = min(max(place - skipped, 0), len(body.inputs) - 1)
                    self.connect(seen, name, self.pill(body_prefix(node.id, index), "input", own, body.inputs))
        for index, (_, body) in enumerate(bodies):
            self.link(body, body_prefix(node.id, index), seen)

    def connect(self, seen: tuple[_Made, ...], name: str, target: str) -> None:
        """Edges to ``target`` from wherever ``name`` comes; each tensor once between the same two boxes.

        Between folded boxes there are a few at most: more cannot be told apart, and take long to lay out.
        """
        for made, inside in reversed(seen):
            sources = made.get(name)
            if sources is not None:
                for source in sources:
                    if source != target and (source, target, name) not in self.edges and self.has_room(source, target):
                        tensor = inside.tensors.get(name) or TensorType(name, "?", None)
                        self.edges[source, target, name] = Edge(source, target, tensor)
                return

    def has_room(self, source: str, target: str) -> bool:
        if source not in self.folded and target not in self.folded:
            return True
        count = self.parallel[source, target] = self.parallel.get((source, target), 0) + 1
        return count <= MOST_PARALLEL

    # ---- constants that several read

    def place_constants(self) -> None:
        """Put each into the innermost frame that holds its readers; for what is folded it stays inside."""
        self.edges = {
            key: edge
            for key, edge in self.edges.items()
            if edge.source not in self.constants or edge.target not in self.folded or edge.target.endswith("outs")
        }
        readers: dict[str, list[str]] = {}
        for source, target, _ in self.edges:
            if source in self.constants:
                readers.setdefault(source, []).append(target)
        for id, targets in readers.items():
            frame = self.common_frame(targets)
            self.around[id] = frame
            self.frames[frame].items.insert(0, self.constants[id])

    def common_frame(self, boxes: list[str]) -> str:
        common = self.path(boxes[0])
        for box in boxes[1:]:
            path = self.path(box)
            common = [one for one, other in zip(common, path, strict=False) if one == other]
        return common[-1]

    def path(self, box: str) -> list[str]:
        """The frames around a box, from the outside in."""
        found = [self.around[box]]
        while found[-1]:
            found.append(self.frames[found[-1]].around)
        return found[::-1]
