"""What the graph is compared with: another checkpoint, run or file, by the selection. Nothing is drawn here."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.graph.comparison.compare import Comparison, compare
from explorer.ui.frame import selection
from explorer.ui.graph_page.sources.selected_file import subject_by_id
from explorer.ui.inspector.subject import GraphSubject

LONGEST_STEP = 12  # digits: an address is typed by anybody


def comparison_choice() -> str:
    """``run@step``, or the id of a run or file; '' where nothing is compared."""
    return selection.current().compare


def chosen_subject(choice: str) -> GraphSubject:
    """The subject that a choice stands for; raises UserError."""
    identity, _, step = choice.partition("@")
    is_step = step.isascii() and step.isdigit() and len(step) < LONGEST_STEP
    return subject_by_id(identity, int(step) if is_step else None)


@st.cache_resource(show_spinner=False, max_entries=32)
def _comparison(
    _before: GraphSubject, _after: GraphSubject, before: tuple[Any, ...], after: tuple[Any, ...]
) -> Comparison:
    return compare(_before.graph, _after.graph, _before.weight, _after.weight)


def comparison_with(subject: GraphSubject) -> Comparison | None:
    """From the chosen subject (before) to ``subject`` (after); None where nothing is chosen."""
    choice = comparison_choice()
    if not choice:
        return None
    before = chosen_subject(choice)
    return _comparison(before, subject, before.version, subject.version)


def weight_changes(subject: GraphSubject) -> dict[str, float]:
    """Relative change of each node's weights, by the id in ``subject``'s graph."""
    comparison = comparison_with(subject)
    if comparison is None:
        return {}
    return {comparison.matched[node]: size for node, size in comparison.sizes.items() if node in comparison.matched}


def added_boxes(subject: GraphSubject, boxes: Mapping[str, str]) -> set[str]:
    """The boxes that hold a node which only ``subject`` has. boxes: the box of each node."""
    comparison = comparison_with(subject)
    return set() if comparison is None else {boxes[node] for node in comparison.added if node in boxes}
