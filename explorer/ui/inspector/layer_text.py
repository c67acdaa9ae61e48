"""How a layer is named, and its values as a table."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.trace.layers import Layer
from explorer.ui.frame.language import gettext
from models.errors import N_
from models.text import shape_text

MOST_ROWS = 50_000  # a table that a browser can still scroll

KINDS = {
    "Input": N_("Input"),
    "Conv2d": N_("Convolution"),
    "ReLU": N_("Activation (ReLU)"),
    "MaxPool2d": N_("Max pooling"),
    "Flatten": N_("Flatten"),
    "Linear": N_("Dense"),
    "BagLinear": N_("Dense"),
    "Dropout": N_("Dropout"),
    "LogSoftmax": N_("Log-softmax"),
    "Sigmoid": N_("Activation (sigmoid)"),
}


def layer_text(layer: Layer) -> str:
    """Kind, name and shape of a layer's output: ``Convolution · conv1 · 4×28×28``."""
    _ = gettext()
    return " · ".join((_(KINDS.get(layer.kind, layer.kind)), layer.name, shape_text(layer.output.shape)))


def values_table(values: NDArray[Any]) -> pd.DataFrame:
    """An array of any shape as rows of indices and value; at most ``MOST_ROWS``."""
    _ = gettext()
    shown = values.ravel()[:MOST_ROWS]
    places = np.unravel_index(np.arange(shown.size), values.shape) if values.ndim else ()
    columns: dict[str, Any] = {_("Index {n}").format(n=axis): place for axis, place in enumerate(places)}
    return pd.DataFrame({**columns, _("Value"): shown})
