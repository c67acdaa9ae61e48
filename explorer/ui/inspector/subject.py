"""What the graph page and the inspector look at: a graph, and the values of its nodes for one input.

There are two kinds: a run's checkpoint, computed in this process (``run_subject.py``), and a model file, computed in
worker processes (``file_subject.py``). Everything is computed on demand and then cached.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from explorer.graph.graph import Graph, TensorKey, way_to
from explorer.trace.gradients import Gradients
from explorer.trace.tensor_statistics import TensorStatistics

Array = NDArray[Any]
Iterations = Mapping[str, int]
MAIN: Iterations = {}
"""The choice of iterations for the main graph, which is not repeated."""


def choice_key(chosen: Iterations, body: str) -> tuple[tuple[str, int], ...]:
    """What of a choice of iterations the values of ``body`` depend on, as the key of a cache."""
    return tuple((each, chosen[each]) for each in way_to(body) if each in chosen)


class GraphSubject(Protocol):
    """One graph with its values for one input. Its members raise UserError for what cannot be read or computed."""

    @property
    def id(self) -> str:
        """The run's or file's id, as in the selection."""

    @property
    def version(self) -> tuple[Any, ...]:
        """Changes whenever graph or values do: the key of whatever is cached."""

    @property
    def graph(self) -> Graph:
        """The computation graph."""

    @property
    def path(self) -> Path:
        """The ONNX file of the graph; a run's holds the weights of its last export."""

    @property
    def generated(self) -> bool:
        """Whether the input was generated, not given."""

    @property
    def has_loss(self) -> bool:
        """Whether there is a loss function, and with it gradients."""

    @property
    def onnx_max_difference(self) -> float | None:
        """Largest difference of the exported graph's outputs from PyTorch's; None where that is not known."""

    def onnx(self) -> bytes:
        """The ONNX file of the model with its weights."""

    def statistics(self) -> Mapping[str, TensorStatistics]:
        """A few numbers of every traced tensor, by name."""

    def tensors(self, body: str = "", chosen: Iterations = MAIN) -> Mapping[str, Array]:
        """The traced tensors and the weights that a node of ``body`` can read, by the names that it reads them by.

        body: as in ``Graph.id``. chosen: the iteration of each body on the way to it, by id, from 0. Each value may be
        read from the disk at its first look-up. Raises NotRunError for a body that the input does not run.
        """

    def iterations(self, body: str, chosen: Iterations) -> Mapping[str, tuple[int, int]]:
        """Of each body on the way to ``body`` that is repeated: how often it was run, and which one ``tensors`` has."""

    def weight(self, key: TensorKey) -> Array | None:
        """The value of an initializer or constant; None where there is none."""

    def gradients(self) -> Gradients | None:
        """Gradients of the sample's loss; None without a loss, or where the sample's true answer is not known."""

    def seconds(self) -> Mapping[str, float]:
        """Measured seconds of each node, by its id."""
