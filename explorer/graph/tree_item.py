"""One entry of a module tree: an operation, or a group that holds other entries. Plain data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from explorer.graph.graph import Node

Kind = Literal["operation", "module", "repeat", "bundle"]


@dataclass(frozen=True, slots=True, eq=False)
class TreeItem:
    """An operation or a group.

    kind: "module", "repeat" (equal modules in a row) or "bundle" (a part of a level that is too long). id: of an
    operation its node's; of a group made from the first node inside. caption: of an operation the modules below its
    level; of a module its class. scope: of a module its own path, of a repeat or bundle that of the level around it.
    operations, params: sums over everything inside, nested bodies included.
    """

    id: str
    kind: Kind
    title: str
    caption: str
    scope: tuple[str, ...]
    node: Node | None
    children: "tuple[TreeItem, ...]"
    operations: int
    params: int

    @property
    def first_node_id(self) -> str:
        """The id of the first operation inside."""
        item = self
        while item.node is None:
            item = item.children[0]
        return item.node.id


def group_item(
    id: str, kind: Kind, title: str, scope: tuple[str, ...], children: Iterable[TreeItem], caption: str = ""
) -> TreeItem:
    """A group with the sums of its ``children``."""
    children = tuple(children)
    operations, params = sum(child.operations for child in children), sum(child.params for child in children)
    return TreeItem(id, kind, title, caption, scope, None, children, operations, params)


def scope_name(scope: tuple[str, ...]) -> str:
    """A module path as torch writes it.

    >>> scope_name(("features", "0"))
    'features.0'
    """
    return ".".join(scope)
