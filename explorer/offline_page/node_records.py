"""What the offline page shows of each node and tensor, as data for JSON: texts, rows of tables, and small pictures.

No markup is made here, and nothing is drawn: the page's modules put text into the panel as text.
"""

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.graph.graph import Graph, Node, TensorKey, TensorType, Weight
from explorer.graph.operation_docs import operation_doc
from explorer.offline_page.formula import mathml
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from models.errors import N_
from models.text import shape_text, shortened

Array = npt.NDArray[Any]
Words = Callable[[str], str]
Record = dict[str, Any]
Rows = list[list[str]]
"""Label and text of each row of a table."""

MOST_MAPS = 8
MAP_SIDE = 24  # cells of doc feature map
SHEET_SIDE = 64  # cells of doc matrix
MAX_BARS = 128
LONGEST_TEXT = 400


@dataclass(frozen=True)
class Details:
    """What is known of a graph's nodes beside the graph. Everything may be missing.

    values: traced tensors; weights: statistics of weights; seconds: measured time by node id; generated: the values
    come from made-up input.
    """

    values: Mapping[TensorKey, Array] = field(default_factory=dict)
    weights: Mapping[TensorKey, TensorStatistics] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    generated: bool = False


def node_records(graph: Graph, details: Details, words: Words) -> dict[str, Record]:
    """By node id, everything that the panel shows of the node. Bodies included."""
    records: dict[str, Record] = {}
    _add(graph, (), details, words, records)
    return records


def tensor_records(graph: Graph, details: Details, words: Words = str) -> dict[str, Record]:
    """By ``record_key``: type, statistics (rows of a table) and picture of what was traced."""
    keys: dict[TensorKey, TensorType | None] = dict.fromkeys(details.values)
    stack = [graph]
    while stack:
        current = stack.pop()
        stack += current.bodies_by_id.values()
        keys |= dict.fromkeys(TensorKey(current.id, name) for name in (*current.inputs, *current.outputs))
        keys |= {TensorKey(current.id, name): kind for name, kind in current.tensors.items()}
    return {record_key(key): _tensor(kind, details.values.get(key), words) for key, kind in keys.items()}


def record_key(key: TensorKey) -> str:
    """What a tensor's record is called: its name as the page shows it, after its body's id and a line break.

    No name that is shown has a line break, so that no two tensors share a record but for names that are shortened.
    """
    return f"{key.body}\n{shown(key.name)}" if key.body else shown(key.name)


def cards(graph: Graph, words: Words) -> dict[str, Record]:
    """By domain and operation, what it does in words."""
    docs: dict[str, Record] = {}
    for node in graph.all_nodes():
        key = f"{node.domain}:{node.op_type}"
        if key not in docs:
            doc = operation_doc(node.op_type, node.domain)
            sentences = [words(sentence) if doc.ours else sentence for sentence in doc.sentences]
            docs[key] = {
                "sentences": sentences,
                "formula": mathml(doc.formula),
                "chapter": doc.chapter,
                "ours": doc.ours,
            }
    return docs


def _add(graph: Graph, around: tuple[Graph, ...], details: Details, words: Words, records: dict[str, Record]) -> None:
    levels = (graph,) if graph.is_function else (graph, *around)
    for node in graph.nodes:
        if not node.folded:
            records[node.id] = _node(node, levels, details, words)
        for body in node.bodies.values():
            _add(body, levels, details, words, records)


def _node(node: Node, levels: tuple[Graph, ...], details: Details, words: Words) -> Record:
    """levels: the graphs whose tensors it can read, from the inside out."""
    held = {weight.name for weight in node.weights}
    source = node.source
    return {
        "operation": shown(node.op_type),
        "domain": shown(node.domain),
        "name": shown(node.name),
        "scope": shown(".".join(node.scope)),
        "attributes": [[shown(name), shown(_text(value))] for name, value in node.attributes.items()],
        "inputs": [_reference(name, levels) for name in node.inputs if name and name not in held],
        "outputs": [_reference(name, levels) for name in node.outputs if name],
        "weights": [_weight(weight, details.weights.get(weight.key), words) for weight in node.weights],
        "facts": _facts(node, details.seconds.get(node.id), words),
        "source": source and [shown(source.path), source.line, shown(source.function), shown(source.code)],
    }


def _reference(name: str, levels: tuple[Graph, ...]) -> list[str]:
    """A tensor that a node reads or writes: its name, type, and the key of its record."""
    level = next((level for level in levels if name in level.tensors), levels[0])
    return [shown(name), _type(level.tensors.get(name)), record_key(TensorKey(level.id, name))]


def _facts(node: Node, seconds: float | None, words: Words) -> Rows:
    rows = {
        N_("Module"): shown(".".join(node.scope)),
        N_("Parameters"): "" if node.params is None else f"{node.params:,}",
        N_("FLOPs"): "" if node.flops is None else f"{node.flops:,}",
        N_("Measured time, µs"): "" if seconds is None else _number(seconds * 1e6),
    }
    return [[words(label), text] for label, text in rows.items() if text]


def _weight(weight: Weight, statistics: TensorStatistics | None, words: Words) -> Record:
    return {
        "role": shown(weight.role),
        "name": shown(weight.name),
        "type": f"{weight.dtype} {shape_text(weight.shape)}".strip(),
        "value": None if weight.value is None else shown(str(weight.value)),
        "statistics": _statistics(statistics, words),
    }


def _tensor(kind: TensorType | None, value: Array | None, words: Words) -> Record:
    record: Record = {"type": _type(kind)}
    if value is not None:
        record["statistics"] = _statistics(tensor_statistics(value), words)
        picture = _picture(value)
        if picture is not None:
            record["picture"] = picture
    return record


def _statistics(statistics: TensorStatistics | None, words: Words) -> Rows:
    """Rows of a table; none for a tensor without a finite number."""
    if statistics is None or statistics.minimum is None:
        return []
    numbers = {
        N_("minimum"): statistics.minimum,
        N_("maximum"): statistics.maximum,
        N_("mean"): statistics.mean,
    }
    shares = {N_("share of zeros"): statistics.zeros, N_("share of dead channels"): statistics.dead}
    counts = {N_("NaN"): statistics.nans, N_("infinite"): statistics.infinities}
    rows = {label: _number(value) for label, value in numbers.items()}
    rows |= {label: f"{_number(100 * value)} %" for label, value in shares.items() if value is not None}
    rows |= {label: str(value) for label, value in counts.items() if value}
    return [[words(label), text] for label, text in rows.items() if text]


def _picture(value: Array) -> Record | None:
    """The first sample as tiles of bytes: {kind, of, shape, low, high, data}; None for text and scalars.

    of: how many tiles there are, of which the first are shown. shape: (count, rows, columns) of ``data``, which is
    uint8 in base64, 0 for low and 255 for high; numbers that are not finite count as 0.
    """
    if value.dtype.kind not in "fiub" or value.size < 2:
        return None
    sample = value[0] if value.ndim > 1 else value
    if sample.size < 2:
        return None
    kind, total = "maps", 1
    if sample.ndim >= 3:  # (C, …, H, W)
        maps = sample.reshape(-1, *sample.shape[-2:])
        total = maps.shape[0]
        tiles = np.stack([_smaller(each, MAP_SIDE, MAP_SIDE) for each in maps[:MOST_MAPS]])
    elif sample.ndim == 2:
        tiles = _smaller(sample, SHEET_SIDE, SHEET_SIDE)[np.newaxis]
    else:
        kind = "bars"
        tiles = _smaller(sample[np.newaxis], 1, MAX_BARS)[np.newaxis]
    low, high = float(tiles.min()), float(tiles.max())
    span = high - low
    if not math.isfinite(span):
        return None
    scaled = (tiles - low) / span * 255 if span > 0 else np.zeros_like(tiles)
    data = base64.b64encode(np.round(scaled).astype(np.uint8).tobytes()).decode("ascii")
    return {
        "kind": kind,
        "of": total,
        "shape": list(tiles.shape),
        "low": low,
        "high": high,
        "data": data,
    }


def _smaller(values: Array, rows: int, columns: int) -> Array:
    """(H, W) of any size as float64 (≤ rows, ≤ columns): means of neighbouring cells."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    for axis, most in ((0, rows), (1, columns)):
        size = finite.shape[axis]
        if size > most:
            starts = np.arange(most) * size // most
            counts = np.diff(np.append(starts, size))
            sums = np.add.reduceat(finite, starts, axis=axis)
            finite = sums / (counts[:, np.newaxis] if axis == 0 else counts)
    return finite


def _type(tensor: TensorType | None) -> str:
    if tensor is None:
        return "?"
    return f"{tensor.dtype} {shape_text(tensor.shape, shown)}".strip()


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def shown(text: str) -> str:
    """Printable and not endless: names come from unknown files. Tensors are looked up by their shortened names."""
    return shortened(text, LONGEST_TEXT, keep="start")


def _number(value: float | None) -> str:
    """Four significant digits; '' for none and for what is not finite.

    >>> _number(0.123456), _number(1234567.0), _number(-3.0)
    ('0.1235', '1235000', '-3')
    """
    if value is None or not math.isfinite(value):
        return ""
    rounded = float(f"{value:.4g}")
    return np.format_float_positional(rounded, trim="-") if rounded == 0 or abs(rounded) >= 1e-6 else f"{rounded:.4g}"
