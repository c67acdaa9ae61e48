"""A model as the engines can run it: without what they refuse or take minutes for, and with the same values.

Nothing is run here.
"""

import onnx

from explorer.graph.onnx_io.folded_weights import NameUses
from explorer.graph.onnx_io.shadowed_names import hides_names, with_own_names
from models.errors import N_, GraphError

FEW_WEIGHTS = 2_000
MOST_WEIGHTS = 50_000  # that some node reads


def needs_changes(model: onnx.ModelProto) -> bool:
    """Whether ``make_runnable`` would change the model. Raises GraphError for one that cannot be run at all."""
    return hides_names(model) or bool(_unread_weights(model.graph))


def make_runnable(model: onnx.ModelProto) -> None:
    """Rename tensors that hide others, and leave out weights that nothing reads. Changes ``model``."""
    unread = _unread_weights(model.graph)
    with_own_names(model)
    if unread:
        kept = [tensor for tensor in model.graph.initializer if tensor.name not in unread]
        del model.graph.initializer[:]
        model.graph.initializer.extend(kept)


def _unread_weights(graph: onnx.GraphProto) -> frozenset[str]:
    """The weights that nothing reads, where there are many: onnxruntime takes time by the square of their number.

    Raises GraphError where more are read than it can open within seconds.
    """
    names = {tensor.name for tensor in graph.initializer}
    if len(names) <= FEW_WEIGHTS:
        return frozenset()
    uses = NameUses.of(graph)
    read = names & (uses.reads.keys() | uses.results)
    if len(read) > MOST_WEIGHTS:
        raise GraphError(
            N_("The graph has {count} weights; at most {most} can be run."),
            count=f"{len(read):,}",
            most=f"{MOST_WEIGHTS:,}",
        )
    return frozenset(names - read)
