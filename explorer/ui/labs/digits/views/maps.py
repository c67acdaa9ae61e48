"""Kernels and maps: all of a digit's maps to choose from, and what the chosen one looks for."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from explorer.chapters.digits.attribution import target_of
from explorer.chapters.digits.top_images import has_top_images
from explorer.chapters.digits.volumes import Stage
from explorer.runs.checkpoint import OpenRun
from explorer.trace.layers import Array
from explorer.ui.components.tiles_view import Sheet, kernel_tiles, tiles_view, units_tile
from explorer.ui.frame import selection
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.language import gettext
from explorer.ui.labs.digits.computed import stages_of
from explorer.ui.labs.digits.views.chosen_map import ascent, dead, exciting, name_of, pixels, title_of
from models.errors import N_
from models.text import shape_text

LAYER, NUMBER, CLASS, SCALE = "lab.maps.layer", "lab.maps.number", "lab.maps.class", "lab.maps.scale"
SCALES = {"tile": N_("per map"), "sheet": N_("per layer"), "network": N_("whole network")}
ADDRESSED_SCALES = {"map": "tile", "": "sheet", "network": "network"}  # of the selection
TileScale = Literal["tile", "sheet"] | tuple[float, float]


def maps(opened_run: OpenRun) -> None:
    """Left all maps, right the chosen one; what takes longest is drawn last."""
    sample = opened_run.sample(selection.current().sample)
    volumes = stages_of(opened_run, sample.key)
    with st.container(key="lab-maps"):
        left, right = st.columns([5, 6], gap="large")
    with right:
        chosen = _choice(volumes, opened_run.facts["classes"])
        slots = [st.container() for _slot in range(3)]
    stage, number = chosen
    with left:
        _overview(volumes, stage, number, f"{opened_run.run.id} {opened_run.step} {sample.key}")
        below = st.container()
    deliver()  # what follows takes long
    target = target_of(stage, number)
    name = name_of(stage, number, opened_run.facts["classes"])
    with slots[0]:
        pixels(opened_run, sample, target, name)
    with slots[2]:
        ascent(opened_run, target, name)
    with slots[1]:
        exciting(opened_run, stage, number, name)
    with below:
        dead(opened_run, volumes)


def _choice(volumes: Sequence[Stage], classes: Sequence[str]) -> tuple[Stage, int]:
    """The layer and the map, unit or class in it, as the selection names them; the tiles at the left set the same."""
    _ = gettext()
    known = {stage.name: stage for stage in volumes if has_top_images(stage)}
    layer, number = selection.current().layer_and_number
    if layer not in known:
        # The last convolution looks for more than edges, and its maps are still pictures.
        layer, number = [name for name, stage in known.items() if stage.window][-1], 1
    stage = known[layer]
    selection.steer(LAYER, layer)

    def chosen_layer() -> None:
        chosen = known[st.session_state[LAYER]]
        # Of the classes first the one that the network says.
        first = int(chosen.values.argmax()) if chosen.kind == "outputs" else 0
        selection.change(map=f"{chosen.name}.{first + 1}")

    st.segmented_control(
        _("Layer"),
        list(known),
        key=LAYER,
        required=True,
        format_func=lambda name: _("Classes") if known[name].kind == "outputs" else title_of(known[name]),
        on_change=chosen_layer,
    )
    place = min(max(1, number), len(stage.values)) - 1
    key = CLASS if stage.kind == "outputs" else NUMBER
    selection.steer(key, place if stage.kind == "outputs" else place + 1)

    def chosen_place() -> None:
        number = int(st.session_state[key]) + (stage.kind == "outputs")
        selection.change(map=f"{stage.name}.{number}")

    if stage.kind == "outputs":
        st.segmented_control(
            _("Class"),
            list(range(len(stage.values))),
            key=key,
            required=True,
            format_func=lambda place: classes[place],
            on_change=chosen_place,
        )
    else:
        last = len(stage.values)
        label = _("Map, 1 to {last}") if stage.kind == "maps" else _("Unit, 1 to {last}")
        st.number_input(label.format(last=last), 1, last, step=1, key=key, width=220, on_change=chosen_place)
    return stage, place


# ---- all maps


def _overview(volumes: Sequence[Stage], chosen: Stage, number: int, shown: str) -> None:
    """Kernels and maps of every layer; a click chooses a map. shown: names what is drawn."""
    _ = gettext()
    selection.steer(SCALE, ADDRESSED_SCALES.get(selection.current().scale, "sheet"))

    def chosen_scale() -> None:
        selection.change(scale=next(key for key, scale in ADDRESSED_SCALES.items() if scale == st.session_state[SCALE]))

    scale = st.segmented_control(
        _("Colours"),
        list(SCALES),
        key=SCALE,
        format_func=lambda name: _(SCALES[name]),
        required=True,
        on_change=chosen_scale,
        help=_("Which maps share a colour scale. Takes effect at once."),
    )
    drawn = [stage for stage in volumes[1:] if stage.kind == "maps" or (stage.kind == "vector" and stage.activation)]
    sheets, places = _sheets(drawn, chosen, number, str(scale))

    def picked(sheet: int, tile: int) -> None:
        name, count = places[sheet]
        selection.change(map=f"{name}.{tile % count + 1 if count else 1}")

    tiles_view(sheets, key="lab_maps", picked=picked, shown=shown, data=lambda: _values(drawn))
    st.caption(_("A column of kernels makes one map. A crossed-out map is zero everywhere for this digit."))


def _sheets(
    drawn: Sequence[Stage], chosen: Stage, number: int, scale: str
) -> tuple[list[Sheet], list[tuple[str, int]]]:
    """All kernels and maps; and for each sheet the stage that a click chooses, and its maps in a row (0: none)."""
    _ = gettext()
    least, most = _range([stage.values for stage in drawn])
    # A whole network with a value below zero has colours centred at zero everywhere.
    signed = least < 0 if scale == "network" else None
    limits: TileScale = (least, most) if scale == "network" else "tile" if scale == "tile" else "sheet"
    sheets: list[Sheet] = []
    places: list[tuple[str, int]] = []
    source = ""
    for stage in drawn:
        source = stage.name if has_top_images(stage) else source  # a pooled map is chosen as the map that it pools
        framed = number if stage.name == chosen.name and stage.kind == "maps" else None
        if stage.window is not None and stage.weight is not None:
            kernels, columns = kernel_tiles(stage.weight)
            title = f"{stage.titles[0]} · {_('kernels')} {shape_text(stage.weight.shape)}"
            side = 44 if columns <= 8 else 24
            own: TileScale = "tile" if scale == "tile" else "sheet"
            sheets.append(Sheet(title, kernels, scale=own, signed=True, side=side, columns=columns, chosen=framed))
            places.append((source, columns))
        title = f"{title_of(stage)} · {shape_text(stage.values.shape)}"
        if stage.kind == "maps":
            silent = frozenset(np.flatnonzero(~stage.values.any(axis=(1, 2))).tolist())
            sheet = Sheet(title, stage.values, scale=limits, signed=signed, marks=silent, side=48, chosen=framed)
        else:
            sheet = Sheet(title, units_tile(stage.values)[None], scale=limits, signed=signed, side=224)
        sheets.append(sheet)
        places.append((source, len(stage.values) if stage.kind == "maps" else 0))
    return sheets, places


def _range(values: Sequence[Array]) -> tuple[float, float]:
    least = min((float(np.nanmin(each)) for each in values), default=0.0)
    return min(0.0, least), max((float(np.nanmax(each)) for each in values), default=1.0)


def _values(drawn: Sequence[Stage]) -> pd.DataFrame:
    """Every value of every map as a table."""
    _ = gettext()
    frames = []
    for stage in drawn:
        values = stage.values if stage.values.ndim == 3 else stage.values[:, None, None]
        number, row, column = (axis.ravel() for axis in np.indices(values.shape))
        frames.append(
            pd.DataFrame(
                {
                    _("Layer"): title_of(stage),
                    _("Map"): number + 1,
                    _("Row"): row + 1,
                    _("Column"): column + 1,
                    _("Value"): values.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
