"""How a layer and its units are named on the pages of the laboratories; units are counted from 1."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.figures.vectors import VectorWords
from explorer.trace.layers import Array, Layer
from explorer.ui.frame.language import gettext
from models.errors import N_
from models.text import shape_text

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


@dataclass(frozen=True)
class UnitWords(VectorWords):
    """Texts of a figure of a layer's units."""

    position: str = N_("Unit")


def units_table(values: Array) -> pd.DataFrame:
    """A row a unit of (N,): its number and its value."""
    _ = gettext()
    return pd.DataFrame({_("Unit"): np.arange(1, values.size + 1), _("Value"): values.ravel()})
