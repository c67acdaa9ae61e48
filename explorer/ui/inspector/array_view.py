"""An array of any shape on the page, as tiles or bars, with statistics, histogram and table: activations, weights,
gradients.

Tiles and charts change in place when another node is selected; a figure that zooms is drawn only on demand.
"""

from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.histogram import HistogramWords, histogram
from explorer.figures.maps import KernelWords, MapWords, feature_maps
from explorer.figures.maps import kernels as kernel_figure
from explorer.figures.matrix import MatrixWords, matrix
from explorer.figures.palette import digits
from explorer.figures.vectors import MAX_BARS, VectorWords, live_vector, vector
from explorer.trace.tensor_statistics import standard_deviation, tensor_statistics
from explorer.ui.components.tiles_view import tiles_view
from explorer.ui.frame.array_table import values_table
from explorer.ui.frame.charts import chart, data_button, in_language, is_dark, live_chart
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.frame.language import gettext
from explorer.ui.inspector.array_tiles import arranged, array_tiles
from explorer.workers.arrays import storable
from models.text import shape_text, shortened

LONGEST_TITLE = 48  # characters in a third of the page
PAGE, LARGE = 1180, 300  # pixels of an enlarged figure, and of a map on it
FEWEST_IN_HISTOGRAM = 9  # values; a shorter list is read number by number


def show_array(
    values: NDArray[Any], title: str, key: str, *, signed: bool | None = None, kernels: bool = False
) -> None:
    """Draw any array by its shape: maps, kernels, a matrix, bars or a number; with statistics and its histogram.

    Text is a table.

    key: the same for every node, so that the browser changes what it shows instead of building it anew. signed: colours
    centred at zero; None: where any value is negative. kernels: an array of four axes (O, I, h, w) holds kernels.
    """
    _ = gettext()
    values = storable(values)
    shape, title = shape_text(values.shape), shortened(title, LONGEST_TITLE)
    st.markdown(f"**{plain(title)}**" + (f" · {shape}" if shape else ""))
    key = f"inspector-{key}"
    if values.dtype.kind in "SU":
        st.dataframe(values_table(values), hide_index=True, key=f"{key}-texts")
        return
    if max(values.shape, default=1) == values.size <= MAX_BARS:
        live_chart(live_vector(values, words=in_language(VectorWords), dark=is_dark()), f"{key}-bars")
    else:
        tiles_view([array_tiles(values, title, signed=signed, kernels=kernels)], key=key, shown=f"{title} · {shape}")
    with st.container(horizontal=True, gap="small"):
        data_button(key, lambda: values_table(values))
        if st.button(_("Enlarge"), key=f"{key}-large", type="tertiary", help=_("A figure that zooms and can be saved")):
            st.dialog(_("Enlarged"), width="large")(_enlarged)(values, f"{title} · {shape}", signed, kernels)
    _statistics(values, _)
    if values.size >= FEWEST_IN_HISTOGRAM:
        title = _("Distribution of its values")
        live_chart(
            histogram(values, title=title, words=in_language(HistogramWords), dark=is_dark()), f"{key}-histogram"
        )


def _enlarged(values: NDArray[Any], title: str, signed: bool | None, kernels: bool) -> None:
    """The array as a figure of the page's width."""
    # Plotly renders a little HTML, links to other hosts included: a name from a file is escaped.
    title, dark, page = escape(title, quote=False), is_dark(), PAGE
    shown = arranged(values, kernels)
    if shown.ndim == 4:
        figure = kernel_figure(shown, title=title, words=in_language(KernelWords), page=page, dark=dark)
    elif shown.ndim == 3 and min(shown.shape[-2:]) > 1:
        words = in_language(MapWords)
        figure = feature_maps(shown, title=title, words=words, signed=signed, side=LARGE, page=page, dark=dark)
    elif shown.ndim == 2 and min(shown.shape) > 1:
        figure = matrix(shown, title=title, words=in_language(MatrixWords), page=page, dark=dark)
    else:
        figure = vector(shown, title=title, words=in_language(VectorWords), page=page, dark=dark)
    chart(figure, "inspector-large", lambda: values_table(values))


def without_batch(values: NDArray[Any]) -> NDArray[Any]:
    """A batch of one sample, (1, …) → (…); any other array as it is."""
    return values[0] if values.ndim > 1 and values.shape[0] == 1 else values


def _statistics(values: NDArray[Any], _: Translate) -> None:
    numbers = tensor_statistics(values)
    rows = {
        _("Minimum"): numbers.minimum,
        _("Maximum"): numbers.maximum,
        _("Mean"): numbers.mean,
        _("Standard deviation"): standard_deviation(values),
    }
    texts = {name: "–" if value is None else digits(value) for name, value in rows.items()}
    if numbers.zeros is not None:
        texts[_("Share of zeros")] = f"{numbers.zeros:.1%}"
    if numbers.nans or numbers.infinities:
        st.warning(
            _("{nans} NaN and {infinities} infinite values.").format(nans=numbers.nans, infinities=numbers.infinities)
        )
    # A plain table: a grid to scroll and to sort takes the browser ten times as long.
    table = pd.DataFrame({_("Name"): list(texts), _("Value"): list(texts.values())})
    st.table(table, border="horizontal", hide_index=True, hide_header=True)


def npy_bytes(values: NDArray[Any]) -> bytes:
    """An array as the content of an .npy file."""
    content = BytesIO()
    np.save(content, storable(values), allow_pickle=False)
    return content.getvalue()
