"""The network on a page: every volume with its live maps, and below it the arithmetic of the map that was clicked."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.trace.stages import Stage
from explorer.ui.lab.assets import colours, packed, said, script, style
from explorer.ui.lab.window_view import SCRIPTS as WINDOW_SCRIPTS
from explorer.ui.lab.window_view import WORDS as WINDOW_WORDS
from models.errors import N_

WORDS: dict[str, str] = {
    "scale": N_("Colours"),
    "scale_map": N_("per map"),
    "scale_layer": N_("per layer"),
    "scale_network": N_("whole network"),
    "ends": N_("low … high"),
    "map": N_("{layer}, map {n} of {of}"),
    "opens": N_("Opens its arithmetic"),
    "pixel": N_("row {row}, column {column}"),
    "dead": N_("dead"),
    "truth": N_("the true digit"),
}
_network = st.components.v2.component(
    "toushi_network",
    html='<div class="lab"></div>',
    css=style("controls", "network", "window_panel"),
    js=script(*WINDOW_SCRIPTS, "network", "network_view"),
)


def network_view(
    stages: Sequence[Stage],
    *,
    key: str,
    shown: str,
    classes: Sequence[str],
    truth: int | None,
    picked: Callable[[str], None],
) -> None:
    """Draw ``stages``. shown: names what is drawn, for whoever waits for it. classes: names of the outputs.

    picked: called with a stage's name before the rerun that a click on one of its maps causes.
    """

    def told() -> None:
        name = st.session_state.get(key, {}).get("picked")
        if isinstance(name, str) and any(stage.name == name for stage in stages):
            picked(name)

    _network(
        key=key,
        data={
            "stages": [_plain(stage, place, classes) for place, stage in enumerate(stages)],
            "colours": colours(), "words": said({**WINDOW_WORDS, **WORDS}), "truth": truth, "shown": shown,
        },
        on_picked_change=told,
    )  # fmt: skip


def _plain(stage: Stage, place: int, classes: Sequence[str]) -> dict[str, Any]:
    sliding = stage.sliding
    found: dict[str, Any] = {
        "name": stage.name, "title": " · ".join(stage.titles[:2]), "kind": stage.kind, "input": place == 0,
        "shape": list(stage.values.shape), "values": packed(stage.values), "flat": stage.flattened,
    }  # fmt: skip
    if stage.kind == "outputs":
        found["names"] = list(classes)
    if sliding is not None:
        found["detail"] = {
            "kind": sliding.kind, "size": sliding.size[0], "stride": sliding.stride[0], "padding": sliding.padding[0],
            "dilation": sliding.dilation[0], "activation": stage.activation,
        }  # fmt: skip
    if stage.weight is not None and stage.bias is not None and stage.before is not None:
        found |= {"kernel": packed(stage.weight), "bias": packed(stage.bias), "before": packed(stage.before)}
    return found
