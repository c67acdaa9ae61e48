"""What the graph is compared with: another checkpoint, run or file, chosen in this session. Nothing is drawn here."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.graph.compare import Comparison, compare
from explorer.ui.graph_page.selected_file import subject_by_id
from explorer.ui.inspector.subject import GraphSubject

KEY = "graph.against"


def comparison_choice() -> str:
    """``run@step``, or the id of a run or file; '' where nothing is compared."""
    return str(st.session_state.get(KEY) or "")


def chosen_subject(choice: str) -> GraphSubject:
    """What a choice names; raises UserError."""
    identity, _, step = choice.partition("@")
    return subject_by_id(identity, int(step) if step.isdigit() else None)


@st.cache_resource(show_spinner=False, max_entries=32)
def _comparison(
    _before: GraphSubject, _after: GraphSubject, before: tuple[Any, ...], after: tuple[Any, ...]
) -> Comparison:
    return compare(_before.graph, _after.graph, _before.weight, _after.weight)


def comparison_with(subject: GraphSubject) -> Comparison | None:
    """The chosen one as what was before, ``subject`` as what is after; None where nothing is chosen."""
    choice = comparison_choice()
    if not choice:
        return None
    other = chosen_subject(choice)
    return _comparison(other, subject, other.version, subject.version)


def weight_changes(subject: GraphSubject) -> dict[str, float]:
    """Relative change of each node's weights, by the id in ``subject``'s graph."""
    found = comparison_with(subject)
    if found is None:
        return {}
    return {found.matched[node]: size for node, size in found.sizes.items() if node in found.matched}


def added_boxes(subject: GraphSubject, holder: Mapping[str, str]) -> set[str]:
    """The boxes that hold a node which only ``subject`` has."""
    found = comparison_with(subject)
    return set() if found is None else {holder[node] for node in found.added if node in holder}
