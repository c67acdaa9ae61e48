"""Which node of one graph corresponds to which node of another: by names, then by neighbourhood, then by order.

Works on one level at a time, in nearly linear time. How two corresponding nodes differ is the subject of
``explorer/graph/comparison/compare.py``. "before" and "after" are the two graphs; nodes are counted from 0 in either.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from explorer.graph.graph import Graph, Node

ROUNDS = 4  # how many steps around a node its neighbourhood reaches
LARGEST_GAP = 250_000  # product of two lengths up to which the longest common sequence is searched for

Key = Callable[[Node], Hashable | None]


def match_nodes(before: Graph, after: Graph) -> list[tuple[Node, Node]]:
    """Pairs of nodes of the two graphs' own levels, in the first one's order; a node is in one pair at most.

    Two nodes are a pair if they have the same name or the same outputs in the same module, or weights of the same name;
    else if they are alike and have similar neighbourhoods; else by the longest common sequence of (module, operation)
    between known pairs; else if the nodes that feed them, or that they feed, are a pair. Last, if either is the only
    node left in a module, they are a pair although their operations differ.
    """
    matching = _Matching(_LinkedNodes(before), _LinkedNodes(after))
    matching.match_by_names()
    matching.match_by_neighbourhoods()
    matching.match_by_order()
    matching.match_by_neighbours()
    matching.match_by_module()
    nodes_before, nodes_after = matching.before.nodes, matching.after.nodes
    return [(nodes_before[i], nodes_after[j]) for i, j in sorted(matching.pairs.items())]


def description(node: Node) -> Hashable:
    """What a node is, wherever it stands: operation, attributes, weights without names and values."""
    weights = tuple((weight.role, weight.dtype, weight.shape) for weight in node.weights)
    return node.op_type, node.domain, repr(sorted(node.attributes.items(), key=lambda entry: entry[0])), weights


class _LinkedNodes:
    """The drawn nodes of one graph and their links, by index.

    sources: for each node and input, the index of the node that feeds it; negative for an input of the graph, None for
    anything else. targets: for each node, the nodes that it feeds. input_readers: the nodes that read each input of the
    graph, by its negative number.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes = tuple(node for node in graph.nodes if not node.folded)
        producers = {name: index for index, node in enumerate(self.nodes) for name in node.outputs if name}
        inputs = {name: -1 - index for index, name in enumerate(graph.inputs)}
        self.sources = [[producers.get(name, inputs.get(name)) for name in node.inputs] for node in self.nodes]
        self.targets: list[list[int]] = [[] for _ in self.nodes]
        self.input_readers: dict[int, list[int]] = {}
        for index, sources in enumerate(self.sources):
            for source in sources:
                if source is not None:
                    readers = self.targets[source] if source >= 0 else self.input_readers.setdefault(source, [])
                    readers.append(index)


class _Matching:
    """Pairs while they are collected. pairs: index before → index after."""

    def __init__(self, before: _LinkedNodes, after: _LinkedNodes) -> None:
        self.before, self.after = before, after
        self.pairs: dict[int, int] = {}
        self._paired_after: set[int] = set()

    def _add(self, i: int, j: int) -> None:
        self.pairs[i] = j
        self._paired_after.add(j)

    def _unpaired(self) -> tuple[list[int], list[int]]:
        """Indices without a partner, before and after."""
        left = [i for i in range(len(self.before.nodes)) if i not in self.pairs]
        return left, [j for j in range(len(self.after.nodes)) if j not in self._paired_after]

    def _pair_unique(self, keys_before: Sequence[Hashable | None], keys_after: Sequence[Hashable | None]) -> None:
        """Pair the unpaired nodes whose key occurs exactly once on each side. keys: by index, None for no key."""
        left, right = self._unpaired()
        count_before, count_after = Counter(keys_before[i] for i in left), Counter(keys_after[j] for j in right)
        index_after = {keys_after[j]: j for j in right}
        for i in left:
            key = keys_before[i]
            if key is not None and count_before[key] == count_after[key] == 1:
                self._add(i, index_after[key])

    def match_by_names(self) -> None:
        """By the node's name, then by its outputs' names, then by the name of its first weight."""
        keys: tuple[Key, ...] = (
            lambda node: (node.scope, node.op_type, node.name) if node.name else None,
            lambda node: (node.scope, node.op_type, node.outputs) if any(node.outputs) else None,
            lambda node: (node.op_type, node.weights[0].name) if node.weights and node.weights[0].shape else None,
        )
        for key in keys:
            self._pair_unique([key(node) for node in self.before.nodes], [key(node) for node in self.after.nodes])

    def match_by_neighbourhoods(self) -> None:
        """Nodes whose neighbourhoods occur once on each side: first with their modules, then without."""
        for with_scope in (True, False):
            if not all(self._unpaired()):
                return
            # The widest neighbourhoods first: they are mistaken least often.
            for labels_before, labels_after in reversed(self._neighbourhood_labels(with_scope)):
                self._pair_unique(labels_before, labels_after)

    def _neighbourhood_labels(self, with_scope: bool) -> list[tuple[list[int], list[int]]]:
        """For n = 1…``ROUNDS``, a label of each node, equal where the neighbourhoods of n steps are equal.

        This is the Weisfeiler-Lehman refinement of labels; nodes that are paired already have a label in common.
        """
        numbers: dict[Hashable, int] = {}

        def number(key: Hashable) -> int:
            return numbers.setdefault(key, len(numbers))

        # By index, the number of the pair that a node belongs to: its index before.
        pair_before, pair_after = {i: i for i in self.pairs}, {j: i for i, j in self.pairs.items()}
        levels = ((self.before, pair_before), (self.after, pair_after))
        labels: list[list[int]] = [
            [
                number(
                    ("pair", pair[index]) if index in pair else (description(node), node.scope if with_scope else None)
                )
                for index, node in enumerate(level.nodes)
            ]
            for level, pair in levels
        ]
        rounds: list[tuple[list[int], list[int]]] = []
        for _ in range(ROUNDS):
            labels = [
                [
                    number(
                        (
                            label,
                            tuple(s if s is None or s < 0 else own[s] for s in level.sources[index]),
                            tuple(sorted(own[target] for target in level.targets[index])),
                        )
                    )
                    for index, label in enumerate(own)
                ]
                for (level, _), own in zip(levels, labels, strict=True)
            ]
            rounds.append((labels[0], labels[1]))
        return rounds

    def match_by_order(self) -> None:
        """Between pairs that stand in the same order on both sides, the longest common sequence of the others."""
        start, end = (-1, -1), (len(self.before.nodes), len(self.after.nodes))
        bounds = [start, *_longest_rising(sorted(self.pairs.items())), end]
        for (first_i, first_j), (last_i, last_j) in pairwise(bounds):
            left = [i for i in range(first_i + 1, last_i) if i not in self.pairs]
            right = [j for j in range(first_j + 1, last_j) if j not in self._paired_after]
            if left and right:
                self._match_gap(left, right)
        self._match_in_turn(*self._unpaired(), scoped_only=True)

    def _match_gap(self, left: list[int], right: list[int]) -> None:
        if len(left) * len(right) > LARGEST_GAP:
            self._match_in_turn(left, right, scoped_only=False)
            return
        signatures_before = [_signature(self.before.nodes[i]) for i in left]
        signatures_after = [_signature(self.after.nodes[j]) for j in right]
        matcher = SequenceMatcher(None, signatures_before, signatures_after, autojunk=False)
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                self._add(left[block.a + step], right[block.b + step])

    def _match_in_turn(self, left: list[int], right: list[int], *, scoped_only: bool) -> None:
        """The first node of a signature with the first of that signature, and so on. scoped_only: within modules."""
        queues: dict[Hashable, deque[int]] = {}
        for j in right:
            queues.setdefault(_signature(self.after.nodes[j]), deque()).append(j)
        for i in left:
            node = self.before.nodes[i]
            queue = queues.get(_signature(node))
            if queue and (node.scope or not scoped_only):
                self._add(i, queue.popleft())

    def match_by_neighbours(self) -> None:
        """Spread from each pair to the nodes that feed it, by input, and to those that it feeds, in their order."""
        queue = deque(self.pairs.items())
        for graph_input, readers in self.before.input_readers.items():
            for i, j in zip(readers, self.after.input_readers.get(graph_input, ()), strict=False):
                self._pair_if_similar(i, j, queue)
        while queue:
            i, j = queue.popleft()
            for source, other in zip(self.before.sources[i], self.after.sources[j], strict=False):
                if source is not None and other is not None and min(source, other) >= 0:
                    self._pair_if_similar(source, other, queue)
            left = [target for target in self.before.targets[i] if target not in self.pairs]
            right = [target for target in self.after.targets[j] if target not in self._paired_after]
            for target, other in zip(left, right, strict=False):
                self._pair_if_similar(target, other, queue)

    def _pair_if_similar(self, i: int, j: int, queue: deque[tuple[int, int]]) -> None:
        if i in self.pairs or j in self._paired_after:
            return
        first, second = self.before.nodes[i], self.after.nodes[j]
        same_place = first.scope == second.scope or description(first) == description(second)
        if first.op_type == second.op_type and same_place:
            self._add(i, j)
            queue.append((i, j))

    def match_by_module(self) -> None:
        """Pair the nodes that are the only ones left in a module on both sides: the operation was exchanged."""
        self._pair_unique(
            [node.scope or None for node in self.before.nodes], [node.scope or None for node in self.after.nodes]
        )


def _signature(node: Node) -> Hashable:
    return node.scope, node.domain, node.op_type


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of ``pairs``, sorted by their first numbers, in which the second numbers rise, too.

    Patience sorting, O(n log n).

    >>> _longest_rising([(0, 5), (1, 2), (2, 3), (3, 1), (4, 4)])
    [(1, 2), (2, 3), (4, 4)]
    """
    ends: list[int] = []  # smallest last number of a rising subsequence of each length
    end_positions: list[int] = []
    previous: list[int] = []  # position of the pair before, in the longest subsequence that ends here
    for position, (_, value) in enumerate(pairs):
        length = bisect_left(ends, value)
        previous.append(end_positions[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            end_positions.append(position)
        else:
            ends[length], end_positions[length] = value, position
    result = []
    position = end_positions[-1] if end_positions else -1
    while position >= 0:
        result.append(pairs[position])
        position = previous[position]
    return result[::-1]
