"""Which node of one graph is which node of another: by names first, then by surroundings, then by order.

Works on one level at a time, in nearly linear time; what then differs between two nodes is told by
``explorer/graph/compare.py``.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from explorer.graph.graph import Graph, Node

ROUNDS = 4  # how far the surroundings of a node are looked at
LARGEST_GAP = 250_000  # product of two lengths up to which the longest common sequence is looked for

Key = Callable[[Node], Hashable | None]


def match_nodes(before: Graph, after: Graph) -> list[tuple[Node, Node]]:
    """Pairs of nodes of the two graphs' own levels, in the first one's order; each node stands in one pair at most.

    Two nodes are a pair when they bear the same name or results in the same module, or hold weights of the same name;
    then when they are alike and have like surroundings; then by the longest common sequence of (module, operation)
    between pairs that are known; then when what feeds them, or what they feed, is a pair. Last, what is left alone in
    one module on both sides is a pair even though the operation is another one.
    """
    matching = _Matching(_Level(before), _Level(after))
    matching.by_names()
    matching.by_surroundings()
    matching.by_order()
    matching.by_neighbours()
    matching.by_module()
    first, second = matching.before.nodes, matching.after.nodes
    return [(first[one], second[other]) for one, other in sorted(matching.pairs.items())]


def like(node: Node) -> Hashable:
    """What a node is like, wherever it stands: operation, attributes, weights without names and values."""
    weights = tuple((weight.role, weight.dtype, weight.shape) for weight in node.weights)
    return node.op_type, node.domain, repr(sorted(node.attributes.items(), key=lambda entry: entry[0])), weights


class _Level:
    """The drawn nodes of one graph, and by place which feed which."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = tuple(node for node in graph.nodes if not node.folded)
        made = {name: place for place, node in enumerate(self.nodes) for name in node.outputs if name}
        inputs = {name: -1 - place for place, name in enumerate(graph.inputs)}  # a graph's own input: below zero
        self.fed = [[made.get(name, inputs.get(name)) for name in node.inputs] for node in self.nodes]
        self.feeds: list[list[int]] = [[] for _ in self.nodes]
        self.readers: dict[int, list[int]] = {}  # of the graph's inputs
        for place, sources in enumerate(self.fed):
            for source in sources:
                if source is not None:
                    (self.feeds[source] if source >= 0 else self.readers.setdefault(source, [])).append(place)


class _Matching:
    """Pairs, while they are found. pairs: place before → place after."""

    def __init__(self, before: _Level, after: _Level) -> None:
        self.before, self.after = before, after
        self.pairs: dict[int, int] = {}
        self.taken: set[int] = set()

    def add(self, one: int, other: int) -> None:
        self.pairs[one] = other
        self.taken.add(other)

    def left(self) -> tuple[list[int], list[int]]:
        """Places without a partner, before and after."""
        one = [place for place in range(len(self.before.nodes)) if place not in self.pairs]
        return one, [place for place in range(len(self.after.nodes)) if place not in self.taken]

    def unique(self, before: Sequence[Hashable | None], after: Sequence[Hashable | None]) -> bool:
        """Make pairs of equal keys that occur once on each side; whether there was one."""
        one, other = self.left()
        count, counts = Counter(before[place] for place in one), Counter(after[place] for place in other)
        places = {after[place]: place for place in other}
        found = False
        for place in one:
            key = before[place]
            if key is not None and count[key] == counts[key] == 1:
                self.add(place, places[key])
                found = True
        return found

    def by_names(self) -> None:
        keys: tuple[Key, ...] = (
            lambda node: (node.scope, node.op_type, node.name) if node.name else None,
            lambda node: (node.scope, node.op_type, node.outputs) if any(node.outputs) else None,
            lambda node: (node.op_type, node.weights[0].name) if node.weights and node.weights[0].shape else None,
        )
        for key in keys:
            self.unique([key(node) for node in self.before.nodes], [key(node) for node in self.after.nodes])

    def by_surroundings(self) -> None:
        """Nodes that are alike in a way that nothing else on either side is: first with their modules, then without."""
        for with_scope in (True, False):
            if not all(self.left()):
                return
            rounds = self._labels(with_scope)
            # The widest surroundings first: they mistake least.
            for before, after in reversed(rounds):
                self.unique(before, after)

    def _labels(self, with_scope: bool) -> list[tuple[list[int | None], list[int | None]]]:
        """Small numbers for each node, equal where nodes and what is up to n steps around them are alike, n from 1."""
        numbers: dict[Hashable, int] = {}

        def number(key: Hashable) -> int:
            return numbers.setdefault(key, len(numbers))

        known = {other: one for one, other in self.pairs.items()}
        levels = ((self.before, {place: place for place in self.pairs}), (self.after, known))
        labels: list[list[int]] = [
            [
                number(("pair", paired[place]) if place in paired else (like(node), node.scope if with_scope else None))
                for place, node in enumerate(level.nodes)
            ]
            for level, paired in levels
        ]
        found = []
        for _ in range(ROUNDS):
            labels = [
                [
                    number(
                        (
                            now[place],
                            tuple(s if s is None or s < 0 else now[s] for s in level.fed[place]),
                            tuple(sorted(now[target] for target in level.feeds[place])),
                        )
                    )
                    for place in range(len(level.nodes))
                ]
                for (level, _), now in zip(levels, labels, strict=True)
            ]
            found.append((list[int | None](labels[0]), list[int | None](labels[1])))
        return found

    def by_order(self) -> None:
        """Between pairs that stand in the same order on both sides, the longest common sequence of what is left."""
        ends = [(-1, -1), *_rising(sorted(self.pairs.items())), (len(self.before.nodes), len(self.after.nodes))]
        for (from_one, from_other), (to_one, to_other) in pairwise(ends):
            one = [place for place in range(from_one + 1, to_one) if place not in self.pairs]
            other = [place for place in range(from_other + 1, to_other) if place not in self.taken]
            if one and other:
                self._gap(one, other)
        self._in_turn(*self.left(), scoped=True)

    def _gap(self, one: list[int], other: list[int]) -> None:
        if len(one) * len(other) > LARGEST_GAP:
            self._in_turn(one, other, scoped=False)
            return
        first = [_signature(self.before.nodes[place]) for place in one]
        second = [_signature(self.after.nodes[place]) for place in other]
        for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                self.add(one[block.a + step], other[block.b + step])

    def _in_turn(self, one: list[int], other: list[int], *, scoped: bool) -> None:
        """The first of a kind with the first of that kind, and so on. scoped: only for nodes within a module."""
        waiting: dict[Hashable, deque[int]] = {}
        for place in other:
            waiting.setdefault(_signature(self.after.nodes[place]), deque()).append(place)
        for place in one:
            node = self.before.nodes[place]
            queue = waiting.get(_signature(node))
            if queue and (node.scope or not scoped):
                self.add(place, queue.popleft())

    def by_neighbours(self) -> None:
        """From every pair on: inputs by their places, and consumers in their order, where they are alike."""
        waiting = deque(self.pairs.items())
        for source, readers in self.before.readers.items():
            for one, other in zip(readers, self.after.readers.get(source, ()), strict=False):
                self._join(one, other, waiting)
        while waiting:
            one, other = waiting.popleft()
            for mine, theirs in zip(self.before.fed[one], self.after.fed[other], strict=False):
                if mine is not None and theirs is not None and min(mine, theirs) >= 0:
                    self._join(mine, theirs, waiting)
            free = [place for place in self.before.feeds[one] if place not in self.pairs]
            theirs_free = [place for place in self.after.feeds[other] if place not in self.taken]
            for mine, theirs in zip(free, theirs_free, strict=False):
                self._join(mine, theirs, waiting)

    def _join(self, one: int, other: int, waiting: deque[tuple[int, int]]) -> None:
        if one in self.pairs or other in self.taken:
            return
        first, second = self.before.nodes[one], self.after.nodes[other]
        if first.op_type == second.op_type and (first.scope == second.scope or like(first) == like(second)):
            self.add(one, other)
            waiting.append((one, other))

    def by_module(self) -> None:
        """What is left alone in a module on both sides: its operation was exchanged."""
        self.unique(
            [node.scope or None for node in self.before.nodes], [node.scope or None for node in self.after.nodes]
        )


def _signature(node: Node) -> Hashable:
    return node.scope, node.domain, node.op_type


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of ``pairs``, sorted by their first numbers, in which the second numbers rise too."""
    last: list[int] = []  # place of the pair that ends the best sequence of each length
    ends: list[int] = []
    previous: list[int] = []
    for place, (_, value) in enumerate(pairs):
        length = bisect_left(ends, value)
        previous.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            last.append(place)
        else:
            ends[length], last[length] = value, place
    found = []
    place = last[-1] if last else -1
    while place >= 0:
        found.append(pairs[place])
        place = previous[place]
    return found[::-1]
