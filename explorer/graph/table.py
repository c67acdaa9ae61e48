"""A graph as tables: one row for each node, and one for each operation. The text alternative to the drawing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explorer.graph.graph import Graph, Node, TensorType
from explorer.graph.measures import output_bytes_by_node
from explorer.graph.module_tree import scope_name
from models.text import shape_text


@dataclass(frozen=True)
class NodeRow:
    """One node.

    shape: of its first output, '' where unknown. bytes: of its outputs for one sample. seconds: measured.
    """

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
    """All nodes of one operation: how many, and sums over them."""

    operation: str
    count: int
    params: int
    flops: int
    bytes: int
    seconds: float | None


def node_rows(graph: Graph, seconds: Mapping[str, float] | None = None) -> tuple[NodeRow, ...]:
    """Every node that is drawn, in the file's order, bodies right after their node. seconds: by node id."""
    return tuple(_rows(graph, output_bytes_by_node(graph), seconds or {}))


def _rows(graph: Graph, sizes: Mapping[str, float], seconds: Mapping[str, float]) -> Iterator[NodeRow]:
    for node in graph.nodes:
        if not node.folded:
            size = sizes.get(node.id)
            yield NodeRow(
                id=node.id,
                operation=node.op_type,
                module=scope_name(node.scope),
                name=node.name,
                shape=_first_shape(node, graph.tensors),
                params=node.params,
                flops=node.flops,
                bytes=None if size is None else int(size),
                seconds=seconds.get(node.id),
            )
        for body in node.bodies.values():
            yield from _rows(body, sizes, seconds)


def _first_shape(node: Node, tensors: Mapping[str, TensorType]) -> str:
    output = tensors.get(node.outputs[0]) if node.outputs else None
    return "" if output is None or output.shape is None else shape_text(output.shape)


def operation_rows(table: tuple[NodeRow, ...]) -> tuple[OperationRow, ...]:
    """``table`` summed up by operation, the most frequent first."""
    groups: dict[str, list[NodeRow]] = {}
    for row in table:
        groups.setdefault(row.operation, []).append(row)
    rows = [
        OperationRow(
            operation=operation,
            count=len(group),
            params=sum(row.params for row in group),
            flops=sum(row.flops or 0 for row in group),
            bytes=sum(row.bytes or 0 for row in group),
            seconds=_sum_of_known([row.seconds for row in group]),
        )
        for operation, group in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.operation)))


def _sum_of_known(times: list[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return sum(known) if known else None
