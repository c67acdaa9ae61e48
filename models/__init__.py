"""The book's models. ``model("digits")`` gives one; names are listed without importing torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from models.errors import N_, SettingError

if TYPE_CHECKING:
    from models.base import BookModel

# In the book's order. Titles stand here so that a page can list the models before torch is imported (about 2 s).
TITLES = {
    "bike": N_("Bike demand"),
    "sentiment": N_("Review sentiment"),
    "digits": N_("Handwritten digits"),
}

_MODULES = {
    "bike": "models.bike.demand",
    "sentiment": "models.sentiment.bag_of_words",
    "digits": "models.digits.classifier",
}


def model(name: str) -> BookModel:
    """The model called ``name``; raises SettingError for an unknown one."""
    if name not in TITLES:
        raise SettingError(
            N_("There is no model {name}; there are: {known}."), name=repr(name), known=", ".join(TITLES)
        )
    found: BookModel = import_module(_MODULES[name]).MODEL
    return found
