"""A graph as tables: one row for each node, and one for each kind of operation. The text twin of the drawing."""

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.graph.graph import Graph, Node, TensorType
from explorer.graph.measures import output_bytes_by_node
from explorer.graph.module_tree import scope_name
from models.text import shape_text


@dataclass(frozen=True)
class NodeRow:
    """One node. shape: of its first output, '' where unknown. bytes: of its outputs for one sample. seconds: as
    measured."""

    id: str
    operation: str
    module: str
    name: str
    shape: str
    params: int
    flops: int | None
    bytes: int | None
    seconds: float | None


@dataclass(frozen=True)
class OperationRow:
    """All nodes of one kind of operation."""

    operation: str
    count: int
    params: int
    flops: int
    bytes: int
    seconds: float | None


def node_rows(graph: Graph, seconds: Mapping[str, float] | None = None) -> tuple[NodeRow, ...]:
    """Every node that is drawn, in the file's order, bodies right after their node. seconds: by node id."""
    sizes = output_bytes_by_node(graph)
    found: list[NodeRow] = []
    _add(graph, sizes, seconds or {}, found)
    return tuple(found)


def _add(graph: Graph, sizes: Mapping[str, float], seconds: Mapping[str, float], found: list[NodeRow]) -> None:
    for node in graph.nodes:
        if not node.folded:
            size = sizes.get(node.id)
            found.append(
                NodeRow(
                    node.id,
                    node.op_type,
                    scope_name(node.scope),
                    node.name,
                    _shape(node, graph.tensors),
                    node.params,
                    node.flops,
                    None if size is None else int(size),
                    seconds.get(node.id),
                )
            )
        for body in node.bodies.values():
            _add(body, sizes, seconds, found)


def _shape(node: Node, tensors: Mapping[str, TensorType]) -> str:
    output = tensors.get(node.outputs[0]) if node.outputs else None
    return "" if output is None or output.shape is None else shape_text(output.shape)


def operation_rows(table: tuple[NodeRow, ...]) -> tuple[OperationRow, ...]:
    """``table`` summed up by operation, the most frequent first."""
    groups: dict[str, list[NodeRow]] = {}
    for row in table:
        groups.setdefault(row.operation, []).append(row)
    found = [
        OperationRow(
            operation,
            len(group),
            sum(row.params for row in group),
            sum(row.flops or 0 for row in group),
            sum(row.bytes or 0 for row in group),
            _total([row.seconds for row in group]),
        )
        for operation, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda kind: (-kind.count, kind.operation)))


def _total(times: list[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return sum(known) if known else None
