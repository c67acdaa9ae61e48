"""Graphs and arrays come back from a worker exactly as they went."""

import gc
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import ml_dtypes
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.files import wire
from explorer.graph.graph import Graph, Node, SourceLine, TensorType, Weight
from explorer.workers.arrays import Array, from_npy, npy

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
SCALARS = st.one_of(st.none(), st.booleans(), INTEGERS, st.floats(), TEXT)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.lists(inner, max_size=3).map(tuple), st.dictionaries(TEXT, inner, max_size=2)
    ),
    max_leaves=6,
)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
TENSORS = st.builds(TensorType, TEXT, TEXT, st.none() | st.lists(st.none() | TEXT | INTEGERS, max_size=3).map(tuple))
WEIGHTS = st.lists(
    st.builds(Weight, TEXT, TEXT, TEXT, st.lists(INTEGERS, max_size=3).map(tuple), SCALARS), max_size=2
).map(tuple)
SOURCES = st.none() | st.builds(SourceLine, TEXT, INTEGERS, TEXT, TEXT)


def nodes(bodies: st.SearchStrategy[Mapping[str, Graph]]) -> st.SearchStrategy[Node]:
    return st.builds(
        Node,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        NAMES,
        TEXT,
        NAMES,
        NAMES,
        st.dictionaries(TEXT, VALUES, max_size=2),
        WEIGHTS,
        INTEGERS,
        st.none() | INTEGERS,
        SOURCES,
        st.booleans(),
        bodies,
    )


def graphs(bodies: st.SearchStrategy[Mapping[str, Graph]], **more: Any) -> st.SearchStrategy[Graph]:
    return st.builds(
        Graph,
        TEXT,
        NAMES,
        NAMES,
        st.lists(nodes(bodies), max_size=2).map(tuple),
        st.dictionaries(TEXT, TENSORS, max_size=2),
        WEIGHTS,
        **more,
    )


BODIES = graphs(st.just({}))
DEEP = graphs(
    st.dictionaries(TEXT, graphs(st.dictionaries(TEXT, BODIES, max_size=1)), max_size=1),
    functions=st.lists(BODIES, max_size=1).map(tuple),
)


def same(a: Any, b: Any) -> bool:
    """Field by field, of the same types; undefined numbers are equal here."""
    if type(a) is not type(b):
        return False
    if is_dataclass(a):
        return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    return bool(a == b)


@given(DEEP)
def test_a_graph_comes_back_as_it_was(graph: Graph) -> None:
    assert same(wire.decoded(wire.encoded(graph)), graph)


def one_node(**more: Any) -> Graph:
    node = Node("n0", "Relu", "", "r", (), "activation", ("x",), ("y",), {})
    return Graph("g", ("x",), ("y",), (replace(node, **more),), {})


def test_same_can_tell() -> None:
    assert not same(one_node(attributes={"a": (1,)}), one_node(attributes={"a": [1]}))
    assert not same(one_node(params=1), one_node(params=2))


def test_what_msgpack_cannot_hold() -> None:
    graph = one_node(
        name="a\udc80", flops=10**30, params=-(10**30), attributes={"\udc81": ("\udc82", 2**80), "f": np.float32(0.5)}
    )
    (back,) = wire.decoded(wire.encoded(graph)).nodes
    assert back.name == "a\\udc80"
    assert (back.flops, back.params) == (wire.LARGEST_INTEGER, -wire.LARGEST_INTEGER)
    assert back.attributes == {"\\udc81": ("\\udc82", wire.LARGEST_INTEGER), "f": 0.5}


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", wire.packed({}), wire.encoded(one_node())[:-3]])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        wire.decoded(data)


def test_a_wrong_type_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        wire.decoded(wire.encoded(one_node(scope=(1, 2))))


@pytest.mark.slow
def test_a_large_graph_is_decoded_without_looking_for_garbage() -> None:
    made = tuple(
        Node(
            f"n{i}",
            "Conv",
            "",
            f"layer{i}/conv",
            ("a", f"b{i}"),
            "layer",
            (f"t{i}", f"w{i}"),
            (f"t{i + 1}",),
            {"pads": (1, 1, 1, 1), "group": 1},
            (Weight(f"w{i}", "W", "float32", (8, 8, 3, 3)),),
            576,
            10**6,
            SourceLine("a.py", i, "x = self.conv(x)", "forward"),
        )
        for i in range(20_000)
    )
    types = {f"t{i}": TensorType(f"t{i}", "float32", ("batch", 8, 28, 28)) for i in range(20_001)}
    data = wire.encoded(Graph("large", ("t0",), ("t20000",), made, types))
    collections: list[str] = []
    gc.callbacks.append(watch := lambda phase, _: collections.append(phase))
    try:
        back = wire.decoded(data)
        assert collections.count("start") <= 1  # the one that falls due when it is switched on again
        gc.collect()
        assert collections  # the watch does see them
    finally:
        gc.callbacks.remove(watch)
    assert len(back.nodes) == 20_000
    assert gc.isenabled()


ARRAYS = st.sampled_from(["f2", "f4", "f8", "i1", "i8", "u2", "u8", "?", "c8", "U3", "S2"]).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0, max_side=3))
)


@given(st.dictionaries(TEXT, ARRAYS, max_size=3))
def test_arrays_come_back_as_they_were(arrays: dict[str, Array]) -> None:
    back = wire.unpacked(wire.packed(arrays))
    assert list(back) == list(arrays)
    for name, value in arrays.items():
        assert back[name].dtype == value.dtype
        np.testing.assert_array_equal(back[name], value)


def test_members_of_an_archive_may_have_any_name(tmp_path: Path) -> None:
    names = ["x", "x.npy", "file", "../../out", "a\0b", "n" * 100_000, "", "\udc80"]
    arrays = {name: np.full(3, place, np.float32) for place, name in enumerate(names)}
    assert wire.write_members(tmp_path / "a.npz", arrays) == tuple(names)
    for place in range(len(names)):
        assert wire.read_member(tmp_path / "a.npz", place).tolist() == [place] * 3
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert len(archive.files) == len(names)
    with pytest.raises(ValueError, match="99"):
        wire.read_member(tmp_path / "a.npz", 99)


def test_types_that_are_not_numpys_own() -> None:
    for kind in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.int4):
        back = from_npy(npy(np.array([1, 2, 3], kind)))
        assert back.dtype == np.float32
        assert back.tolist() == [1, 2, 3]
    assert from_npy(npy(np.array(["a", "卷积"], object))).tolist() == ["a", "卷积"]
