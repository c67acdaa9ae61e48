"""An array of any shape as a figure with statistics, histogram and table: activations, weights, gradients."""

from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.bars import VectorWords, vector
from explorer.figures.histogram import HistogramWords, histogram
from explorer.figures.maps import KernelWords, MapWords, feature_maps, kernels
from explorer.figures.matrix import MatrixWords, matrix
from explorer.figures.palette import digits
from explorer.figures.summary import statistics
from explorer.ui.charts import chart, in_language, is_dark, live_chart
from explorer.ui.labels import Translate, shortened
from explorer.ui.language import gettext
from explorer.ui.layer_text import values_table

LONGEST_TITLE = 48  # characters in a third of the page
WIDTH = 320  # pixels: the inspector is a third of the page


def array(values: NDArray[Any], title: str, key: str, *, signed: bool | None = None) -> None:
    """Any array by its shape: maps, kernels, bars or a number; with statistics and its histogram.

    key: the same for whatever node is looked at, so that the browser changes what stands there instead of building it
    anew. signed: colours of maps centred at zero; by default where any value is negative.
    """
    _ = gettext()
    shape = "×".join(map(str, values.shape))
    # Plotly takes a little HTML, links to other hosts included: a name from a file is text.
    title = escape(shortened(title, LONGEST_TITLE), quote=False) + (f" · {shape}" if shape else "")
    dark = is_dark()
    if values.ndim == 4:
        figure = kernels(values, title=title, words=in_language(KernelWords), page=WIDTH, dark=dark)
    elif values.ndim == 3 and min(values.shape[-2:]) > 1:
        words = in_language(MapWords)
        figure = feature_maps(values, title=title, words=words, signed=signed, page=WIDTH, dark=dark)
    elif values.ndim == 2 and min(values.shape) > 1:
        figure = matrix(values, title=title, words=in_language(MatrixWords), page=WIDTH, dark=dark)
    else:
        figure = vector(values, title=title, words=in_language(VectorWords), page=WIDTH, dark=dark)
    chart(figure, f"inspector.{key}", lambda: values_table(values))
    _statistics(values, _)
    if values.size > 8:
        spread = histogram(
            values, title=_("Distribution of its values"), words=in_language(HistogramWords), dark=dark
        )  # fmt: skip
        live_chart(spread, f"inspector.{key}.histogram", lambda: values_table(values))


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
