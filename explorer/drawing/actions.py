"""What a person does to a drawing, and which of its boxes are open afterwards. Nothing of a page is known here."""

from typing import Literal

import msgspec

from explorer.drawing.expansion import max_depth, opened_to_depth
from explorer.drawing.visible import first_view
from explorer.graph.graph import Graph

Opened = Literal["all"] | frozenset[str]
"""Ids of the open boxes."""
LEVELS = {"1": 1, "-1": -1}


class DrawingAction(msgspec.Struct, frozen=True, array_like=True):
    """One action, as the browser sends it: ``[turn, kind, value]``.

    turn: grows with each action of a browser tab. kind: "toggle" a box or frame (value: its id), "level" (value: 1 to
    open one level more, -1 to fold one), "depth" (value: "all", "first" for the first view, or the number of open
    levels), "choose" another graph (value: its id).
    """

    turn: int
    kind: Literal["toggle", "level", "depth", "choose"]
    value: str


def apply_action(graph: Graph, opened: Opened, action: DrawingAction) -> Opened:
    """What is open after ``action``; an action that makes no sense on this graph changes nothing."""
    if action.kind == "toggle":
        ids = opened_to_depth(graph, max_depth(graph)) if opened == "all" else opened
        return ids ^ {action.value}
    if action.kind == "level" and action.value in LEVELS:
        return _change_level(graph, opened, LEVELS[action.value])
    if action.kind == "depth" and action.value == "all":
        return "all"
    if action.kind == "depth" and action.value == "first":
        return first_view(graph)
    if action.kind == "depth" and action.value.isdecimal():
        return opened_to_depth(graph, min(int(action.value[:4]), max_depth(graph)))
    return opened


def _change_level(graph: Graph, opened: Opened, change: int) -> Opened:
    """One level more or less everywhere, counted from the depth down to which everything is open now."""
    deepest = max_depth(graph)
    depth = deepest
    while depth > 0 and opened != "all" and not opened_to_depth(graph, depth) <= opened:
        depth -= 1
    return opened_to_depth(graph, min(deepest, max(0, depth + change)))
