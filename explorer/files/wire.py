"""Graphs as typed msgpack, and named arrays as msgpack or .npz: what travels to and from a model worker. No pickle.

A graph comes back field by field as it was, tuples as tuples, and is checked against the types of
``explorer/graph/graph.py`` on the way. Nothing is read from or written to disk here.
"""

import gc
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import msgspec
import numpy as np

from explorer.graph.graph import Graph, Node
from explorer.workers.arrays import Array, from_npy, npy, storable

LARGEST_INTEGER = 2**63 - 1  # msgpack ends there; counts of absurd shapes that exceed it are shown as this
_TUPLE = 1  # our msgpack extension: an array that was a tuple, where the type does not say so

_decoder: msgspec.msgpack.Decoder[Graph] | None = None
_collecting = threading.Lock()


def encoded(graph: Graph) -> bytes:
    """``graph`` as bytes; text that is not Unicode is escaped, and numbers beyond 64 bits are cut."""
    encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
    marked = _marked(graph)
    try:
        return encoder.encode(marked)
    except (UnicodeEncodeError, OverflowError):  # rare: a copy of everything is made only then
        return encoder.encode(_encodable(marked))


def decoded(data: bytes) -> Graph:
    """The graph that ``encoded`` wrote. Raises msgspec.MsgspecError for anything else."""
    global _decoder
    if _decoder is None:
        _decoder = msgspec.msgpack.Decoder(Graph, ext_hook=_extension)
    with _collecting:  # a million small objects, none of them garbage: collections would take four times as long
        was_on = gc.isenabled()
        gc.disable()
        try:
            return _decoder.decode(data)
        finally:
            if was_on:
                gc.enable()


def _marked(graph: Graph) -> Graph:
    """``graph`` with the tuples in its attributes marked as such."""
    functions = tuple(_marked(function) for function in graph.functions)
    return replace(graph, nodes=tuple(_marked_node(node) for node in graph.nodes), functions=functions)


def _marked_node(node: Node) -> Node:
    changes: dict[str, Any] = {}
    if any(isinstance(value, tuple | list | dict) for value in node.attributes.values()):
        changes["attributes"] = {name: _marked_value(value) for name, value in node.attributes.items()}
    if node.bodies:
        changes["bodies"] = {name: _marked(body) for name, body in node.bodies.items()}
    return replace(node, **changes) if changes else node


def _marked_value(value: Any) -> Any:
    if isinstance(value, tuple):
        items = [_encodable(_marked_value(item)) for item in value]
        return msgspec.msgpack.Ext(_TUPLE, msgspec.msgpack.encode(items, enc_hook=_plain))
    if isinstance(value, list):
        return [_marked_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _marked_value(item) for key, item in value.items()}
    return value


def _extension(code: int, data: memoryview) -> Any:
    if code != _TUPLE:
        raise ValueError(code)
    return tuple(msgspec.msgpack.decode(data, ext_hook=_extension))


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)


def _encodable(value: Any) -> Any:
    """A copy that msgpack can hold."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST_INTEGER, min(LARGEST_INTEGER, value))
    if isinstance(value, tuple | list):
        return type(value)(_encodable(item) for item in value)
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _encodable(getattr(value, field.name)) for field in fields(value)})
    return value


def text(value: str) -> str:
    """``value`` with what is not Unicode escaped."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def packed(arrays: Mapping[str, Array]) -> bytes:
    """Named arrays as bytes. Names may be anything: they stand beside the arrays, not as names of members."""
    return msgspec.msgpack.encode({text(name): npy(value) for name, value in arrays.items()})


def unpacked(data: bytes) -> dict[str, Array]:
    """The arrays that ``packed`` wrote. Raises ValueError."""
    return {name: from_npy(content) for name, content in msgspec.msgpack.decode(data, type=dict[str, bytes]).items()}


def write_members(path: Any, arrays: Mapping[str, Array]) -> tuple[str, ...]:
    """Write an uncompressed .npz with one member for each array, ``0.npy``, ``1.npy`` …; returns the names in order.

    numpy's own way names members after the arrays, and a tensor's name may be 100 kB of anything.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for place, value in enumerate(arrays.values()):
            with archive.open(zipfile.ZipInfo(f"{place}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, storable(value), allow_pickle=False)
    return tuple(arrays)


def read_member(path: Any, place: int) -> Array:
    """Array number ``place`` of an .npz that ``write_members`` wrote; raises OSError or ValueError."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{place}.npy") as member:
            array: Array = np.lib.format.read_array(member, allow_pickle=False)
            return array
    except (zipfile.BadZipFile, KeyError, MemoryError, EOFError) as error:
        raise ValueError(error) from None
