"""An ONNX file as a ``Graph``: shapes inferred, weights folded into their nodes, scopes and source lines read.

Weight values are not read at all (``explorer/graph/onnx_io/weights.py`` does that on demand), external data is never
followed, and nothing is evaluated or drawn here.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from explorer.graph.faults import with_faults
from explorer.graph.graph import Graph, Node, TensorType
from explorer.graph.onnx_io.body_paths import FUNCTION, attribute_bodies
from explorer.graph.onnx_io.folded_weights import WeightFolding, initializer_names
from explorer.graph.onnx_io.local_functions import LocalFunctions
from explorer.graph.onnx_io.node_reading import read_node
from explorer.graph.onnx_io.shape_inference import inferred_shapes
from explorer.graph.onnx_io.skeleton_file import DEEPEST_NESTING, MOST_NODES, load_skeleton
from explorer.graph.onnx_io.skeleton_file import load_model as load_model  # for those who need every weight at once
from explorer.graph.onnx_io.tensor_types import declared_tensors
from models.errors import N_, GraphError


def read_onnx(path: Path) -> Graph:
    """The graph of an ONNX file. Raises GraphError for a file that cannot be read."""
    path = Path(path)
    return graph_of(load_skeleton(path), path.stem)


def graph_of(model: onnx.ModelProto, name: str) -> Graph:
    """The graph of a model, which may lack the values of its weights. Raises GraphError."""
    functions = LocalFunctions(model)
    folding = WeightFolding.of(model.graph)
    shaped = with_shapes(model, functions)
    reader = _Reader(functions)
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    graph = reader.graph(shaped.graph, opsets, folding, {}, body_id="", name=name, depth=0)
    uncalled = tuple(
        reader.graph(
            functions.body(key),
            functions.opsets(key),
            functions.folding(key, f"f{place}"),
            {},
            body_id=f"f{place}",
            name=key[1],
            depth=0,
            expand_calls=False,
            is_function=True,
        )
        for place, key in functions.uncalled()
    )
    return with_faults(replace(graph, functions=uncalled) if uncalled else graph)


@dataclass
class _Reader:
    """Reads one file. nodes: how many it has read so far."""

    functions: LocalFunctions
    nodes: int = 0

    def graph(
        self,
        proto: onnx.GraphProto,
        opsets: dict[str, int],
        folding: WeightFolding,
        outer: dict[str, TensorType],
        *,
        body_id: str,
        name: str,
        depth: int,
        expand_calls: bool = True,
        is_function: bool = False,
    ) -> Graph:
        """A graph or body.

        outer: tensors of the graphs around it. body_id: its own, '' of the main graph. expand_calls: whether the
        functions that nodes call become their bodies. is_function: whether it is one itself. Raises GraphError for a
        file that is nested too deep or too large.
        """
        if depth > DEEPEST_NESTING:
            raise GraphError(N_("The bodies of this graph are nested more than {depth} deep."), depth=DEEPEST_NESTING)
        self.nodes += len(proto.node)
        if self.nodes > MOST_NODES:
            raise GraphError(N_("The file {file} has more than {most} operations."), file=name, most=MOST_NODES)
        tensors = declared_tensors(proto)
        known = {**outer, **tensors} if outer else tensors
        prefix = f"{body_id}." if body_id else ""
        nodes: list[Node] = []
        for index, node in enumerate(proto.node):
            read = read_node(node, f"{prefix}n{index}", folding, known, opsets)
            bodies: dict[str, Graph] = {}
            uses = folding.uses.bodies.get(index, ())
            inner = zip(attribute_bodies(node), uses, strict=True) if uses else ()
            for place, ((title, body), body_uses) in enumerate(inner):
                inner_id = f"{read.id}.b{place}"
                bodies[title] = self.graph(
                    body,
                    opsets,
                    folding.inside(body, inner_id, body_uses),
                    known,
                    body_id=inner_id,
                    name=body.name or title,
                    depth=depth + 1,
                    expand_calls=expand_calls,
                )
            key = self.functions.called(node) if expand_calls and depth < DEEPEST_NESTING else None
            if key is not None:
                inner_id = f"{read.id}.b{len(uses)}"
                bodies[FUNCTION] = self.graph(
                    self.functions.body_of_call(key, node, known),
                    self.functions.opsets(key),
                    self.functions.folding(key, inner_id),
                    {},
                    body_id=inner_id,
                    name=key[1],
                    depth=depth + 1,
                    is_function=True,
                )
            nodes.append(replace(read, bodies=bodies) if bodies else read)
        initializers = initializer_names(proto)
        return Graph(
            name=name,
            inputs=tuple(value.name for value in proto.input if value.name not in initializers),
            outputs=tuple(value.name for value in proto.output),
            nodes=tuple(nodes),
            tensors=tensors,
            constants=folding.unfolded(proto),
            id=body_id,
            is_function=is_function,
        )


def with_shapes(model: onnx.ModelProto, functions: LocalFunctions | None = None) -> onnx.ModelProto:
    """The model with missing shapes inferred; as it is where inference fails, since it must still be drawn."""
    if _complete(model.graph):
        return model
    functions = functions or LocalFunctions(model)
    if not functions.bounded:  # ONNX's inference would follow the calls endlessly
        without_functions = onnx.ModelProto()
        without_functions.CopyFrom(model)
        del without_functions.functions[:]
        model = without_functions
    return inferred_shapes(model) or model


def _complete(graph: onnx.GraphProto) -> bool:
    """Whether the file declares the shape of every node's output, as torch's exporter does."""
    typed = {
        value.name
        for value in (*graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
        and all(dim.HasField("dim_value") or dim.dim_param for dim in value.type.tensor_type.shape.dim)
    }
    return all(
        all(name in typed or not name for name in node.output)
        and not any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)
        for node in graph.node
    )
