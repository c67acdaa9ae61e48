"""The values that a node can read by name: of its own body, and of the graphs around it that these do not hide."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from numpy.typing import NDArray

from explorer.graph.graph import Graph

Array = NDArray[Any]


Key = TypeVar("Key")


class LazyTensors(Mapping[Key, Array]):
    """Arrays by key, each read by ``read`` at every look-up. read: may raise KeyError for a key that has no value."""

    def __init__(self, keys: frozenset[Key], read: Callable[[Key], Array]) -> None:
        self._keys, self._read = keys, read

    def __getitem__(self, key: Key) -> Array:
        if key not in self._keys:
            raise KeyError(key)
        return self._read(key)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def visible_tensors(levels: Sequence[tuple[Graph, Mapping[str, Array]]]) -> Mapping[str, Array]:
    """The values of several graphs as one of them reads them.

    levels: graphs and their own values, from the outside in, as ``Graph.visible_from`` gives them. A tensor that an
    inner graph defines hides one of the same name outside, even where the inner one has no value.
    """
    if len(levels) == 1:
        return levels[0][1]
    places: dict[str, Mapping[str, Array]] = {}
    for graph, values in levels:
        for name in graph.tensors:
            places.pop(name, None)
        places.update(dict.fromkeys(values, values))
    return LazyTensors(frozenset(places), lambda name: places[name][name])
