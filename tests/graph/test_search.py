"""Search: each kind of word against a plain loop over the nodes, and queries that mean nothing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.graph.graph import Graph, Node, TensorType, Weight
from explorer.graph.search import LONGEST_QUERY, SearchResult, search_nodes
from models.errors import GraphError


def network() -> Graph:
    def weights(*sizes: int) -> tuple[Weight, ...]:
        return tuple(Weight(f"w{i}", "W", "float32", (size,)) for i, size in enumerate(sizes))

    body = Graph(
        "body",
        (),
        ("b",),
        (Node("n3.b0.n0", "Neg", "", "inner", (), "arithmetic", ("t1",), ("b",), {}),),
        {"b": TensorType("b", "float16", (2,))},
    )
    nodes = (
        Node(
            "n0",
            "Conv",
            "",
            "node_conv2d",
            ("layer1", "0"),
            "layer",
            ("x", "w0", "w1"),
            ("t0",),
            {},
            weights(64, 64),
            params=9408,
            flops=118013952,
            classes=("Sequential", "BasicBlock"),
        ),
        Node("n1", "ConvTranspose", "", "Up", ("layer2",), "layer", ("t0", "w0"), ("t1",), {}, weights(9), params=9),
        Node("n2", "Add", "", "add:0", (), "arithmetic", ("t0", "t1"), ("sum:0",), {}, flops=100),
        Node("n3", "If", "", "choice", (), "control", ("c",), ("y",), {}, bodies={"then_branch": body}),
        Node("n4", "Constant", "", "hidden", (), "constant", (), ("k",), {}, folded=True),
    )
    tensors = {
        "t0": TensorType("t0", "float32", (1, 64, 112, 112)),
        "t1": TensorType("t1", "float32", ("batch", 64, None)),
        "sum:0": TensorType("sum:0", "int64", ()),
    }
    return Graph("g", ("x", "c"), ("y",), nodes, tensors)


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("conv", "n0 n1"),
        ("op:conv", "n0"),
        ("op:Conv*", "n0 n1"),
        ("name:up", "n1"),
        ("LAYER1.0", "n0"),
        ("scope:layer", "n0 n1"),
        ("sum:0", "n2"),
        ("inner", "n3.b0.n0"),
        ("hidden", ""),
        ("type:float32", "n0 n1"),
        ("type:FLOAT", "n0 n1 n3.b0.n0"),
        ("category:layer", "n0 n1"),
        ("shape:64x112", "n0"),
        ("shape:1×64×?", "n0"),
        ("shape:batch×64", "n1"),
        ("shape:?x64", "n0 n1"),
        ("shape:64×112×112×1", ""),
        ("params>1e3", "n0"),
        ("params>=9 params<=9", "n1"),
        ("params>9k", "n0"),
        ("flops>=0.1k", "n0 n2"),
        ("weights=2", "n0"),
        ("inputs=2", "n2"),
        ("outputs!=1", ""),
        ("conv -transpose", "n0"),
        ("conv not op:ConvTranspose", "n0"),
        ("op:Add | op:If", "n2 n3"),
        ("op:Add or op:If", "n2 n3"),
        ("conv params>10 or neg", "n0 n3.b0.n0"),
        ("conv (params>10 | neg)", "n0"),
        ("-(conv | neg)", "n2 n3"),
        ('"add"', "n2"),
        ("conv and up", "n1"),
        ("  ", ""),
        ("t0 -t0", ""),
        ("class:BasicBlock", "n0"),
        ("class:basic*", "n0"),
        ("class:Basic", ""),
        ("basicblock", ""),
    ],
)
def test_what_is_found(query: str, hits: str) -> None:
    assert search_nodes(network(), query) == SearchResult(tuple(hits.split()), len(hits.split()))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("(", r"'\('.*op:…"),
        ("conv |", "params>…"),
        ("a ) b", "cannot be read"),
        ('"half', "cannot be read"),
        ("not", "cannot be read"),
        ("colour:red", "'colour'; there are: op, name"),
        ("size>3", "'size'; there are"),
        ("params>many", "'many', which is no number"),
        ("params>1.2.3", "no number"),
        ("params>", "no number"),
        ("(" * 400, "cannot be read"),
        ("x" * (LONGEST_QUERY + 1), "cannot be read"),
        ("params>__import__", "no number"),
        ("or a", "cannot be read"),
        ("()", "cannot be read"),
    ],
)
def test_a_search_that_means_nothing_is_told(query: str, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        search_nodes(network(), query)


@given(st.text(max_size=60) | st.text(alphabet='()|-" or:><=1kaop', max_size=30))
def test_anything_may_be_typed(query: str) -> None:
    try:
        result = search_nodes(network(), query)
    except GraphError:
        return
    assert len(result.node_ids) == result.total <= 5


TERMS: dict[str, Callable[[Node], bool]] = {
    "conv": lambda node: "conv" in node.op_type.lower() or "conv" in node.name,
    "params>0": lambda node: node.params > 0,
    "category:arithmetic": lambda node: node.category == "arithmetic",
    "op:If": lambda node: node.op_type == "If",
}


@given(
    st.recursive(
        st.sampled_from(sorted(TERMS)).map(lambda term: (term, TERMS[term])),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} {p[1][0]})", lambda n: p[0][1](n) and p[1][1](n))),
            st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} | {p[1][0]})", lambda n: p[0][1](n) or p[1][1](n))),
            inner.map(lambda p: (f"-{p[0]}", lambda n: not p[1](n))),
        ),
        max_leaves=8,
    )
)
def test_words_are_joined_as_logic_has_it(case: tuple[str, Callable[[Node], bool]]) -> None:
    query, holds = case
    graph = network()
    expected = [node.id for node in graph.all_nodes() if not node.folded and holds(node)]
    assert list(search_nodes(graph, query).node_ids) == expected


@pytest.mark.slow
def test_a_hundred_thousand_nodes() -> None:
    nodes = tuple(
        Node(f"n{i}", ("Relu", "Conv")[i % 2], "", f"op{i}", ("a", str(i % 7)), "layer", (), (f"t{i}",), {}, params=i)
        for i in range(100_000)
    )
    graph = Graph("g", (), (), nodes, {f"t{i}": TensorType(f"t{i}", "float32", (1, i % 9)) for i in range(100_000)})
    search_nodes(graph, "first")  # what is searched in is put together once
    result = search_nodes(graph, "op:conv params>=50k shape:1x3 | op99999", most=10)
    assert len(result.node_ids) == 10
    assert result.total == sum(i % 2 == 1 and i >= 50_000 and i % 9 == 3 for i in range(100_000)) + 1
