"""The numbers in the explanations of the chapter on handwritten digits."""

from explorer.ui.frame.explanation import Values
from models.base import Facts
from models.digits.classifier import CLASSES, DigitsConfig
from models.errors import N_

ACTIVATIONS = {
    "relu": N_("ReLU sets negative values to zero"),
    "leaky_relu": N_("Leaky ReLU makes negative values a hundred times smaller"),
    "tanh": N_("Tanh brings every value between −1 and 1"),
    "sigmoid": N_("The sigmoid brings every value between 0 and 1"),
}
POOLINGS = {
    "max": N_(
        "max pooling keeps the largest of {window} pixels: the maps become smaller and care less about exact places"
    ),
    "average": N_(
        "average pooling keeps the mean of {window} pixels: the maps become smaller and care less about exact places"
    ),
    "none": N_("there is no pooling in this network"),
}


def numbers(config: DigitsConfig, facts: Facts) -> Values:
    """Of a run with these settings and facts."""
    return {
        "kernels": ", ".join(map(str, (config.kernels1, config.kernels2, config.kernels3)[: config.layers])),
        "size": config.kernel_size,
        "activation": ACTIVATIONS[config.activation],
        "pooling": POOLINGS[config.pooling],
        "window": config.pool_size**2,
        "hidden": config.hidden_units,
        "classes": len(facts.get("classes", range(CLASSES))),
        "dropout": f"{config.dropout:g}",
        "batch": config.batch_size,
    }
