"""What a person does to a drawing, and what is open afterwards. Nothing of a page is known here."""

from typing import Literal

import msgspec

from explorer.drawing.expansion import max_depth, opened_to_depth
from explorer.drawing.visible import first_view
from explorer.graph.graph import Graph

Opened = Literal["all"] | frozenset[str]
LEVELS = {"1": 1, "-1": -1}


class DrawingAction(msgspec.Struct, frozen=True, array_like=True):
    """One act, as the browser says it: ``[turn, kind, value]``.

    turn: grows with each act of one browser tab. kind: "toggle" a box or frame (value: its id), "level" (value: 1 to
    open one level more, -1 to fold one), "depth" (value: "all", "first" for the first view, or the number of levels
    that are open), "choose" another graph (value: its id).
    """

    turn: int
    kind: Literal["toggle", "level", "depth", "choose"]
    value: str


def apply_action(graph: Graph, opened: Opened, act: DrawingAction) -> Opened:
    """What is open after ``act``; an act that makes no sense on this graph changes nothing."""
    if act.kind == "toggle":
        ids = opened_to_depth(graph, max_depth(graph)) if opened == "all" else opened
        return ids ^ {act.value}
    if act.kind == "level" and act.value in LEVELS:
        return _level(graph, opened, LEVELS[act.value])
    if act.kind == "depth" and act.value == "all":
        return "all"
    if act.kind == "depth" and act.value == "first":
        return first_view(graph)
    if act.kind == "depth" and act.value.isdecimal():
        return opened_to_depth(graph, min(int(act.value[:4]), max_depth(graph)))
    return opened


def _level(graph: Graph, opened: Opened, by: int) -> Opened:
    """One level more or less of everything, from the level down to which all is open now."""
    last = max_depth(graph)
    now = last
    while now > 0 and opened != "all" and not opened_to_depth(graph, now) <= opened:
        now -= 1
    return opened_to_depth(graph, min(last, max(0, now + by)))
