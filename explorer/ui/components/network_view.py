"""The network on a page: every volume with its live maps, and below it the arithmetic of the map that was clicked."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

import msgspec
import streamlit as st

from explorer.chapters.digits.volumes import Stage
from explorer.ui.components.component import colour_scales, packed, register, translated
from explorer.ui.components.window_view import WORDS as WINDOW_WORDS
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
    "unit": N_("{layer}, unit {n} of {of}"),
    "class": N_("{layer}, class {name}"),
    "unit_opens": N_("click: its weights"),
    "unit_sum": N_("Sum of {n} products {sum} + bias {bias} = {before}"),
    "unit_inputs": N_("Inputs"),
    "unit_weights": N_("Weights of this unit"),
    "unit_products": N_("Products, and their sum in each map"),
    "unit_hint": N_("Point at a pixel: its product stands here."),
    "unit_term": N_("Input {n}: {input} × weight {weight} = {product}"),
}


MapScale = Literal["map", "layer", "network"]


class ChosenMap(msgspec.Struct, frozen=True):
    """The map or unit whose arithmetic is shown. layer: '' for the first that has any. number: from 1.

    pixel: (row, column) of the output that the window shows, from 0; None for the one that stands out.
    """

    layer: str = ""
    number: int = 1
    scale: MapScale = "layer"
    pixel: tuple[int, int] | None = None


_network = register(
    "network",
    html='<div class="lab"></div>',
    styles=("lab/controls", "lab/network_view", "lab/window_panel", "lab/dense_panel"),
)


def network_view(
    stages: Sequence[Stage],
    *,
    key: str,
    shown: str,
    classes: Sequence[str],
    truth: int | None,
    chosen: ChosenMap,
    choose: Callable[[ChosenMap], None],
) -> None:
    """Draw ``stages``. shown: names what is drawn, for whoever waits for it. classes: names of the outputs.

    chosen: whose arithmetic is shown. choose: called with another choice before the rerun that a click causes. The
    weights of a dense layer's unit are sent when it is chosen: all of them would be most of the network.
    """
    sizes = {stage.name: len(stage.values) for stage in stages}

    def receive() -> None:
        with suppress(msgspec.ValidationError):
            asked = msgspec.convert(st.session_state.get(key, {}).get("chosen"), ChosenMap)
            if 0 < asked.number <= sizes.get(asked.layer, 0):
                choose(asked)

    _network(
        key=key,
        data={
            "stages": [_plain(stage, place, classes) for place, stage in enumerate(stages)],
            "chosen": msgspec.to_builtins(chosen),
            "unit": _unit(stages, chosen),
            "truth": truth,
            "shown": shown,
            "colours": colour_scales(),
            "words": translated({**WINDOW_WORDS, **WORDS}),
        },
        on_chosen_change=receive,
    )


def _plain(stage: Stage, place: int, classes: Sequence[str]) -> dict[str, Any]:
    sliding = stage.window
    data: dict[str, Any] = {
        "name": stage.name,
        "title": " · ".join(stage.titles[:2]),
        "kind": stage.kind,
        "input": place == 0,
        "shape": list(stage.values.shape),
        "values": packed(stage.values),
        "flat": stage.flattened,
        "activation": stage.activation,
    }
    if stage.kind == "outputs":
        data["names"] = list(classes)
    if sliding is not None:
        data["detail"] = {
            "kind": sliding.kind,
            "size": sliding.size[0],
            "stride": sliding.stride[0],
            "padding": sliding.padding[0],
            "dilation": sliding.dilation[0],
            "activation": stage.activation,
        }
    if stage.weight is not None and stage.bias is not None and stage.before is not None:
        data["dense"] = sliding is None
    if sliding is not None and stage.weight is not None and stage.bias is not None and stage.before is not None:
        data |= {"kernel": packed(stage.weight), "bias": packed(stage.bias), "before": packed(stage.before)}
    return data


def _unit(stages: Sequence[Stage], chosen: ChosenMap) -> dict[str, Any] | None:
    """Weights and bias of the chosen unit of a dense layer; None for what is no such unit."""
    stage = next((stage for stage in stages if stage.name == chosen.layer and stage.window is None), None)
    if stage is None or stage.weight is None or stage.bias is None or not 0 < chosen.number <= len(stage.weight):
        return None
    place = chosen.number - 1
    return {
        "layer": chosen.layer,
        "unit": place,
        "weights": packed(stage.weight[place]),
        "bias": float(stage.bias[place]),
    }
