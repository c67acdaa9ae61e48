"""An array of any shape as pictures or bars, with statistics, histogram and table: activations, weights, gradients.

The pictures are the laboratory's tiles and the charts change in place: a click on another node shows it at once. The
figure that zooms comes on demand.
"""

from html import escape
from io import BytesIO
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.bars import MOST_BARS, VectorWords, live_vector, vector
from explorer.figures.histogram import HistogramWords, histogram
from explorer.figures.maps import KernelWords, MapWords, feature_maps, kernels, means
from explorer.figures.matrix import MOST, MatrixWords, blocks, matrix
from explorer.figures.palette import digits
from explorer.figures.tiles import limits_of
from explorer.trace.array_summary import statistics
from explorer.ui.components.tiles_view import Sheet, kernel_tiles, tiles_view, units_tile
from explorer.ui.frame.charts import chart, data_button, in_language, is_dark, live_chart
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.frame.language import gettext
from explorer.ui.inspector.layer_text import values_table
from models.text import shape_text, shortened

LONGEST_TITLE = 48  # characters in a third of the page
WIDTH = 320  # pixels: the inspector is a third of the page
GAP = 7  # pixels between two tiles
PAGE, LARGE = 1180, 300  # pixels of an enlarged figure, and of a map on it
SIDES = ((2, 140), (4, 84), (24, 64), (inf, 46))  # up to so many maps, pixels of each
MOST_UNITS = 8192  # of a long vector


def array(values: NDArray[Any], title: str, key: str, *, signed: bool | None = None) -> None:
    """Any array by its shape: maps, kernels, a matrix, bars or a number; with statistics and its histogram.

    key: the same for whatever node is looked at, so that the browser changes what stands there instead of building it
    anew. signed: colours of maps centred at zero; by default where any value is negative.
    """
    _ = gettext()
    shape, title = shape_text(values.shape), shortened(title, LONGEST_TITLE)
    st.markdown(f"**{plain(title)}**" + (f" · {shape}" if shape else ""))
    key = f"inspector-{key}"
    if max(values.shape, default=1) == values.size <= MOST_BARS:
        live_chart(live_vector(values, words=in_language(VectorWords), dark=is_dark()), f"{key}-bars")
    else:
        tiles_view([sheet_of(values, title, signed)], key=key, shown=f"{title} · {shape}")
    with st.container(horizontal=True, gap="small"):
        data_button(key, lambda: values_table(values))
        if st.button(_("Enlarge"), key=f"{key}-large", type="tertiary", help=_("A figure that zooms and can be saved")):
            st.dialog(_("Enlarged"), width="large")(_enlarged)(values, f"{title} · {shape}", signed)
    _statistics(values, _)
    if values.size > 8:
        spread = histogram(
            values, title=_("Distribution of its values"), words=in_language(HistogramWords), dark=is_dark()
        )
        live_chart(spread, f"{key}-histogram")


def sheet_of(values: NDArray[Any], title: str, signed: bool | None = None) -> Sheet:
    """The picture of an array of any shape: a tile for each kernel (O, I, H, W) or map (C, H, W), one for all else.

    At most as many kernels as ``kernel_tiles`` gives, and ``MOST_UNITS`` values of a vector; large maps and matrices
    are made smaller.
    """
    _ = gettext()
    if values.ndim == 4:
        return _kernels(values, _)
    if values.ndim == 3 and min(values.shape[-2:]) > 1:
        return _maps(values, title, signed, _)
    if values.ndim == 2 and min(values.shape) > 1:
        return _matrix(values, title, _)
    told = _("The first {n} values.").format(n=f"{MOST_UNITS:,}") if values.size > MOST_UNITS else ""
    tile = units_tile(values.ravel()[:MOST_UNITS])[np.newaxis]
    return Sheet("", tile, side=WIDTH, columns=1, names=(title,), flat=True, note=told)


def _maps(values: NDArray[Any], title: str, signed: bool | None, _: Translate) -> Sheet:
    count, height, width = values.shape
    names = [f"{_(MapWords.map)} {number}" for number in range(count)] if count > 1 else [title]
    dead = frozenset(np.flatnonzero(~values.any(axis=(1, 2))).tolist())
    side = next(side for most, side in SIDES if count <= most)
    # More numbers than pixels would only make the page heavy: each square of them becomes its mean.
    square = max(1, round(max(height, width) / side))
    return Sheet(
        "",
        means(values, square) if square > 1 else values,
        [str(number) for number in range(count)],
        signed=signed,
        side=side,
        step=(square, square),
        marks=dead,
        names=names,
        note=_(MapWords.mean).format(n=square) if square > 1 else "",
    )


def _kernels(values: NDArray[Any], _: Translate) -> Sheet:
    tiles, outputs = kernel_tiles(values)
    places = [divmod(number, outputs) for number in range(len(tiles))] if outputs else []
    return Sheet(
        "",
        tiles,
        scale=limits_of(values, signed=True),
        signed=True,
        side=max(16, min(44, WIDTH // max(1, outputs) - GAP)),
        columns=outputs,
        names=[f"{_(KernelWords.output)} {made}, {_(KernelWords.input)} {taken}" for taken, made in places],
    )


def _matrix(values: NDArray[Any], title: str, _: Translate) -> Sheet:
    rows, columns = values.shape
    step = -(-rows // MOST), -(-columns // MOST)
    words = _(MatrixWords.largest) + " · " + _(MatrixWords.blocks).format(height=step[0], width=step[1])
    cells = blocks(np.asarray(values, np.float64), step)
    return Sheet(
        "",
        cells[np.newaxis],
        side=WIDTH,
        columns=1,
        least=48,
        names=(title,),
        step=step,
        note=words if step != (1, 1) else "",
    )


def _enlarged(values: NDArray[Any], title: str, signed: bool | None) -> None:
    """The array as a figure of the page's width."""
    # Plotly takes a little HTML, links to other hosts included: a name from a file is text.
    title, dark, page = escape(title, quote=False), is_dark(), PAGE
    if values.ndim == 4:
        figure = kernels(values, title=title, words=in_language(KernelWords), page=page, dark=dark)
    elif values.ndim == 3 and min(values.shape[-2:]) > 1:
        words = in_language(MapWords)
        figure = feature_maps(values, title=title, words=words, signed=signed, side=LARGE, page=page, dark=dark)
    elif values.ndim == 2 and min(values.shape) > 1:
        figure = matrix(values, title=title, words=in_language(MatrixWords), page=page, dark=dark)
    else:
        figure = vector(values, title=title, words=in_language(VectorWords), page=page, dark=dark)
    chart(figure, "inspector-large", lambda: values_table(values))


def of_sample(values: NDArray[Any]) -> NDArray[Any]:
    """A batch of one without its first dimension."""
    return values[0] if values.ndim > 1 and values.shape[0] == 1 else values


def _statistics(values: NDArray[Any], _: Translate) -> None:
    found = statistics(values)
    rows = {
        _("Minimum"): found.least,
        _("Maximum"): found.largest,
        _("Mean"): found.mean,
        _("Standard deviation"): found.spread,
    }
    shown = {name: "–" if value is None else digits(value) for name, value in rows.items()}
    if found.zeros is not None:
        shown[_("Share of zeros")] = f"{found.zeros:.1%}"
    if found.nans or found.infinities:
        st.warning(
            _("{nans} NaN and {infinities} infinite values.").format(nans=found.nans, infinities=found.infinities)
        )
    # A plain table: a grid to scroll and to sort takes the browser ten times as long.
    table = pd.DataFrame({_("Name"): list(shown), _("Value"): list(shown.values())})
    st.table(table, border="horizontal", hide_index=True, hide_header=True)


def npy_bytes(values: NDArray[Any]) -> bytes:
    """An array as the content of an .npy file."""
    content = BytesIO()
    np.save(content, values, allow_pickle=False)
    return content.getvalue()
