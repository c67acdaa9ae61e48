"""Long edges as stubs: which ones, where they lead, and that nothing is lost or drawn twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from explorer.drawing.diagram import Box, Diagram, Edge, GroupFrame
from explorer.drawing.dot import to_dot
from explorer.drawing.layout import draw
from explorer.drawing.stubs import CROWDED, LONGEST_EDGE, MOST_PASSING, ranks, with_stubs
from explorer.drawing.visible import visible
from explorer.graph.graph import Graph, Node, TensorType, Weight

T = TensorType("t", "float32", (1, 2))


def plain(count: int, links: set[tuple[int, int]], inputs: tuple[int, ...] = (0,)) -> Diagram:
    boxes = tuple(
        Box(f"n{i}", "input" if i in inputs else "operation", "Op", "", "other", name=f"block/node_op_{i}")
        for i in range(count)
    )
    return Diagram("v", boxes, tuple(Edge(f"n{a}", f"n{b}", T) for a, b in sorted(links)))


def chain(count: int) -> set[tuple[int, int]]:
    return {(i, i + 1) for i in range(count - 1)}


def test_a_long_way_around_is_a_pair_of_stubs() -> None:
    view = with_stubs(plain(20, chain(20) | {(1, 15), (1, 18), (2, 14)}))
    titles = {box.id: box.title for box in view.boxes() if box.kind == "stub"}
    assert titles == {"s>n1": "→ op_15, +1", "s<n15": "← op_1", "s<n18": "← op_1"}
    assert view.jumps == {"s>n1": ("n15", "n18"), "s<n15": ("n1",), "s<n18": ("n1",)}
    drawn = {(edge.source, edge.target) for edge in view.edges}
    assert {("n2", "n14"), ("n1", "s>n1"), ("s<n15", "n15")} <= drawn  # 12 ranks are not too many
    assert ("n1", "n15") not in drawn


def test_stubs_stand_in_the_frame_of_their_box() -> None:
    view = plain(20, chain(20) | {(1, 15)})
    inner = GroupFrame("m1-n1", "inner", ("inner",), view.items[1:3])
    framed = with_stubs(Diagram("v", (view.items[0], inner, *view.items[3:]), view.edges))
    frame = next(iter(framed.frames()))
    assert [item.id for item in frame.items] == ["n1", "s>n1", "n2"]


def test_what_depends_on_no_input_stands_before_its_reader() -> None:
    view = plain(20, chain(18) | {(18, 19), (19, 16)})
    assert [ranks(view)[f"n{i}"] for i in (16, 18, 19)] == [16, 14, 15]
    assert with_stubs(view) is view


def test_a_constant_that_is_read_from_afar_is_listed_in_its_readers() -> None:
    view = plain(20, chain(20))
    weight = Weight("layer.bias", "", "float32", (3,))
    shared = Box("const0", "constant", "layer.bias", "", "constant", weights=(weight,))
    edges = (*view.edges, Edge("const0", "n2", T), Edge("const0", "n17", T))
    result = with_stubs(Diagram("v", (shared, *view.items), edges))
    assert {box.id: [w.role for w in box.weights] for box in result.boxes() if box.weights} == {
        "n2": ["bias"],
        "n17": ["bias"],
    }
    assert not result.jumps
    assert len(result.edges) == 19


@given(
    st.integers(2, 40).flatmap(
        lambda count: st.tuples(
            st.just(count), st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)))
        )
    )
)
def test_every_edge_is_drawn_or_led_to(case: tuple[int, set[tuple[int, int]]]) -> None:
    """Cycles and loose ends included."""
    count, links = case
    links = {(a, b) for a, b in links if a != b}
    view = plain(count, links, inputs=tuple(range(count)))
    result = with_stubs(view, 2)
    drawn = {(edge.source, edge.target) for edge in result.edges if not {edge.source, edge.target} & set(result.jumps)}
    led = {(id[2:], target) for id, targets in result.jumps.items() if id.startswith("s>") for target in targets}
    back = {(source, id[2:]) for id, sources in result.jumps.items() if id.startswith("s<") for source in sources}
    assert led == back
    assert not drawn & led
    assert drawn | led == {(f"n{a}", f"n{b}") for a, b in links}
    boxes = [box.id for box in result.boxes()]
    assert len(boxes) == len(set(boxes)) == count + len(result.jumps)


@given(
    st.integers(2, 30).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted).map(tuple)),
        )
    )
)
def test_ranks_are_the_longest_ways(case: tuple[int, set[tuple[int, ...]]]) -> None:
    """Against the definition, worked out box by box in order."""
    count, pairs = case
    links = {(a, b) for a, b in pairs if a != b}
    longest = [0] * count
    for place in range(count):
        longest[place] = max((longest[a] + 1 for a, b in links if b == place), default=0)
    result = ranks(plain(count, links, inputs=tuple(range(count))))
    assert [result[f"n{i}"] for i in range(count)] == longest


def passing(view: Diagram, place: dict[str, int]) -> list[int]:
    """The ranks, one by one, that the edges run past; stubs stand beside their boxes."""
    drawn = [edge for edge in view.edges if not {edge.source, edge.target} & set(view.jumps)]
    return [rank for edge in drawn for rank in range(place[edge.source] + 1, place[edge.target])]


def test_a_small_dense_block_is_drawn_through_and_a_large_one_to_the_third_layer_only() -> None:
    def block(count: int) -> set[tuple[int, int]]:
        return {(a, b) for b in range(count) for a in range(b)}

    assert not with_stubs(plain(8, block(8))).jumps
    result = with_stubs(plain(30, block(30)))
    drawn = {(edge.source, edge.target) for edge in result.edges if not {edge.source, edge.target} & set(result.jumps)}
    assert drawn == {(f"n{a}", f"n{b}") for a, b in block(30) if b - a <= 3}
    assert result.jumps["s>n0"] == tuple(f"n{i}" for i in range(4, 30))


@given(
    st.integers(2, 60).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.sets(
                st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted).map(tuple), max_size=900
            ),
        )
    )
)
def test_however_many_edges_there_are_few_run_past_others(case: tuple[int, set[tuple[int, ...]]]) -> None:
    count, pairs = case
    view = plain(count, {(a, b) for a, b in pairs if a != b}, inputs=tuple(range(count)))
    place = ranks(view)
    past = passing(with_stubs(view), place)
    high = max(place.values()) + 1
    assert len(past) <= max(CROWDED, MOST_PASSING * high + count)
    if len(past) > CROWDED:
        wide = Counter(place.values())
        assert all(result <= max(MOST_PASSING, wide[rank]) for rank, result in Counter(past).items())


def test_a_dense_network_is_laid_out_within_its_limit() -> None:
    """Every layer reads all before it: 100 layers, 5,000 edges."""
    nodes = tuple(
        Node(f"n{i}", "Concat", "", f"c{i}", (), "tensor", tuple(f"t{j}" for j in range(i)) or ("x",), (f"t{i}",), {})
        for i in range(100)
    )
    view = visible(Graph("dense", ("x",), ("t99",), nodes, {}))
    place = ranks(view)
    assert all(place[e.target] - place[e.source] <= LONGEST_EDGE for e in view.edges)
    svg = draw(to_dot(view, direction="LR"), seconds=20).decode()  # raises where it takes longer
    assert 'id="node-s&gt;n0"' in svg
    assert 'data-target="s&gt;n0"' in svg
