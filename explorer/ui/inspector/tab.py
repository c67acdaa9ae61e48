"""What a tab of the inspector is: a record that each tab's own file makes, and that ``panel.py`` lists and shows.

To add a tab: a file with a ``TAB``, an entry in ``panel.TABS``, and the Chinese of its texts in the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass

from explorer.graph.graph import Node
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.subject import GraphSubject


def always_applies(subject: GraphSubject, node: Node) -> str:
    """For a tab that has something to show of every node."""
    return ""


@dataclass(frozen=True)
class InspectorTab:
    """One tab of the inspector. Every tab is there for every node, so that the open one stays open from node to node.

    title: an English catalogue entry. show: draws the tab's content; a UserError that it raises is shown in its place.
    reason_missing: why there is nothing to show of this node, as an English catalogue entry; '' where there is. It must
    be quick: it is asked before anything is computed.
    """

    title: str
    show: Callable[[GraphSubject, Node, Translate], None]
    reason_missing: Callable[[GraphSubject, Node], str] = always_applies
