"""What the web process may ask of a model worker, and what a traced model looks like on disk. Types only."""

import msgspec

from explorer.graph.graph import TensorType
from explorer.trace.tensor_statistics import TensorStatistics


class Open(msgspec.Struct, tag=True, frozen=True):
    """Read the graph of the ONNX file ``path``. name: the file's name as its owner knows it, '' for the path's own."""

    path: str
    name: str = ""


class ReadWeight(msgspec.Struct, tag=True, frozen=True):
    """Read the weight called ``weight`` of the file."""

    path: str
    weight: str
    name: str = ""


class Run(msgspec.Struct, tag=True, frozen=True):
    """Run the file and write what flowed through it to the .npz file ``target``, or only time its nodes ('').

    inputs: as ``wire.packed`` writes them, None to generate them. seconds: time limit.
    """

    path: str
    inputs: bytes | None
    seconds: float
    target: str = ""
    name: str = ""


class ReadInput(msgspec.Struct, tag=True, frozen=True):
    """Read a person's file as the inputs ``declared`` of a graph. content: of the file; kind: its name's ending."""

    content: bytes
    kind: str
    declared: tuple[TensorType, ...]


class ReadDigit(msgspec.Struct, tag=True, frozen=True):
    """Read a person's picture of a digit. content: of the file; kind: its name's ending."""

    content: bytes
    kind: str


class Ready(msgspec.Struct, tag=True, frozen=True):
    """Only start, and import what reading needs."""


Request = Open | ReadWeight | Run | ReadInput | ReadDigit | Ready


class TraceRecord(msgspec.Struct, frozen=True):
    """The .json beside a trace's .npz: names in the order of its members, each tensor's statistics likewise."""

    names: tuple[str, ...]
    statistics: tuple[TensorStatistics, ...]
    generated: bool
    engine: str
