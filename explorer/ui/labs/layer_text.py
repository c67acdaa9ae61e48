"""How a layer is named on the pages of the laboratories."""

from explorer.trace.layers import Layer
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
