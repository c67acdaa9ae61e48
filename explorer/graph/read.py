"""An ONNX file as a ``Graph``: shapes inferred, weights folded into their nodes, scopes and source lines read.

Weight values are not kept (``explorer/graph/weights.py`` reads them), external data is never followed, and nothing is
evaluated or drawn here.
"""

from dataclasses import replace
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from explorer.graph.fold import Folding
from explorer.graph.graph import Graph, Node, TensorType
from explorer.graph.node import read_node
from explorer.graph.tensor_types import declared_tensors
from models.errors import N_, GraphError

LARGEST_FILE = 2**31 - 1  # bytes; protobuf reads no more in one message
DEEPEST_NESTING = 40  # bodies within bodies; protobuf itself stops at about 100 messages


def load_model(path: Path) -> onnx.ModelProto:
    """The file as ONNX's own message, external data left alone. Raises GraphError with one sentence."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise GraphError(N_("The file {file} is larger than 2 GB, more than ONNX allows."), file=path.name)
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except OSError as error:
        raise GraphError(
            N_("The file {file} cannot be read: {reason}."), file=path.name, reason=error.strerror or error
        ) from None
    except (DecodeError, ValueError, RecursionError, MemoryError):
        raise GraphError(N_("The file {file} is not an ONNX file, or it is truncated."), file=path.name) from None
    if not model.HasField("graph") or not (model.opset_import or model.ir_version):
        raise GraphError(N_("The file {file} is not an ONNX file, or it is truncated."), file=path.name)
    return model


def read_onnx(path: Path) -> Graph:
    """The graph of an ONNX file. Raises GraphError for a file that cannot be read."""
    path = Path(path)
    return graph_of(load_model(path), path.stem)


def graph_of(model: onnx.ModelProto, name: str) -> Graph:
    """The graph of a loaded model; the large weight values of ``model`` are dropped in the course of it."""
    drop_values(model.graph)
    model = _with_shapes(model)
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    return read_graph(model.graph, opsets, Folding.of(model.graph), {}, prefix="", name=name, depth=0)


def read_graph(
    proto: onnx.GraphProto,
    opsets: dict[str, int],
    outer: Folding,
    seen: dict[str, TensorType],
    *,
    prefix: str,
    name: str,
    depth: int,
) -> Graph:
    """One graph or body. seen: tensors of the graphs around it; prefix: of the ids of its nodes."""
    if depth > DEEPEST_NESTING:
        raise GraphError(N_("The bodies of this graph are nested more than {depth} deep."), depth=DEEPEST_NESTING)
    folding = outer if depth == 0 else outer.inside(proto)
    tensors = declared_tensors(proto)
    known = {**seen, **tensors}
    nodes: list[Node] = []
    for index, node in enumerate(proto.node):
        read = read_node(node, f"{prefix}n{index}", folding, known, opsets)
        bodies = {
            title: read_graph(
                body, opsets, folding, known, prefix=f"{read.id}.b{place}.", name=body.name or title, depth=depth + 1
            )
            for place, (title, body) in enumerate(_bodies(node))
        }
        nodes.append(replace(read, bodies=bodies) if bodies else read)
    return Graph(
        name=name,
        inputs=tuple(value.name for value in proto.input if value.name not in folding.initializers(proto)),
        outputs=tuple(value.name for value in proto.output),
        nodes=tuple(nodes),
        tensors=tensors,
        constants=folding.unfolded(proto),
    )


def _bodies(node: onnx.NodeProto) -> list[tuple[str, onnx.GraphProto]]:
    found: list[tuple[str, onnx.GraphProto]] = []
    for attribute in node.attribute:
        if attribute.HasField("g"):
            found.append((attribute.name, attribute.g))
        found.extend((f"{attribute.name}[{index}]", body) for index, body in enumerate(attribute.graphs))
    return found


def drop_values(graph: onnx.GraphProto, larger_than: int = 1024) -> None:
    """Clear the values of initializers of more bytes than ``larger_than``: shape inference would copy them around."""
    for tensor in graph.initializer:
        if len(tensor.raw_data) > larger_than:
            tensor.ClearField("raw_data")
        elif len(tensor.float_data) * 4 > larger_than:
            tensor.ClearField("float_data")


def _with_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Shapes inferred where they can be; the model as it is where inference fails (it must still draw)."""
    for data_prop in (True, False):
        try:
            return onnx.shape_inference.infer_shapes(model, data_prop=data_prop)
        except Exception:  # noqa: S112 - a C++ library; whatever it dislikes, the graph still draws
            continue
    return model
