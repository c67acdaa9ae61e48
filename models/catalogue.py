"""Every chapter and model of the product, declared once: what needs neither torch nor a screen.

Whatever lists chapters or models (command line, launcher, labels, data, runs list, pages) reads it here; no other file
knows their names. The other half of a chapter, which a person sees, is the record beside its laboratory
(``explorer/ui/labs``). Nothing heavy is imported: a model's own module is loaded by ``model`` when it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from models.errors import N_, SettingError

if TYPE_CHECKING:
    from models.base import BookModel

PartName = Literal["train", "validation", "test"]
Download = Callable[[Path, Callable[[int, int], None]], object]
"""Fetches the original data into a folder; calls the second argument with (bytes done, bytes in all or 0)."""
EXTRA = "TOUSHI_CHAPTERS"
"""Environment variable: modules, separated by commas, each with a ``CHAPTER`` of its own to add (a ``Chapter``)."""


@dataclass(frozen=True)
class Headline:
    """The metric that sums up a run of a model.

    metric: its name among the model's metrics. part: of the data. sentence: the result in words for somebody who does
    not know the metric, with ``{share}`` for its value in per cent or ``{value}``; a catalogue text.
    higher_is_better: which of two runs is the better one.
    """

    metric: str
    part: PartName
    sentence: str
    higher_is_better: bool = True


@dataclass(frozen=True)
class OtherData:
    """Data that a model reads instead of the embedded ones.

    label: what to upload, a catalogue text. endings: of the files that the file dialog offers, all where empty.
    names: of the files that must come together, each named for what it holds; empty for one file of any name.
    download, download_label: "module:function" that fetches the original (see ``Download``), and its button's text;
    empty where there is none.
    """

    label: str
    endings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    download: str = ""
    download_label: str = ""


@dataclass(frozen=True)
class ModelEntry:
    """A model by name.

    name: on the command line, in run folders and addresses. title: a catalogue text. module: where its ``MODEL`` is.
    first_start: settings of the run that the very first start trains, None where it trains none.
    first_rank: place in the order of the very first start, the quickest first.
    """

    name: str
    title: str
    module: str
    headline: Headline
    data: OtherData | None = None
    first_start: Mapping[str, Any] | None = None
    first_rank: int = 0


@dataclass(frozen=True)
class Chapter:
    """A chapter of the book. name: of its page in the address, and of its folders. title: a catalogue text."""

    number: int
    name: str
    title: str
    models: tuple[ModelEntry, ...] = field(default=())
    record: str = ""  # "module" whose ``LABORATORY`` is what a person sees; explorer/ui/labs/<name>/record.py if empty


ACCURACY = Headline("accuracy", "test", N_("Right for {share} of samples that it has never seen."))

BOOK: tuple[Chapter, ...] = (
    Chapter(
        3,
        "bike",
        N_("Bike"),
        (
            ModelEntry(
                "bike",
                N_("Bike demand"),
                "models.bike.demand",
                Headline("r2", "test", N_("Explains {share} of the ups and downs of days that it has never seen.")),
                OtherData(
                    N_("UCI hour.csv"),
                    ("csv",),
                    download="models.data.bikes_download:download_bikes",
                    download_label=N_("Download UCI's hour.csv (2011 and 2012)"),
                ),
                first_start={"epochs": 60, "optimizer": "adam", "learning_rate": 0.003},
                first_rank=2,
            ),
        ),
    ),
    Chapter(
        4,
        "sentiment",
        N_("Sentiment"),
        (
            ModelEntry(
                "sentiment",
                N_("Review sentiment"),
                "models.sentiment.bag_of_words",
                ACCURACY,
                OtherData(
                    N_("good.txt and bad.txt, or a CSV with the columns text and label"),
                    ("txt", "csv"),
                    ("good.txt", "bad.txt"),
                ),
                first_start={},
                first_rank=1,
            ),
        ),
    ),
    Chapter(
        5,
        "digits",
        N_("Digits"),
        (
            ModelEntry(
                "digits",
                N_("Handwritten digits"),
                "models.digits.classifier",
                ACCURACY,
                OtherData(
                    N_("The four MNIST files"),
                    (),
                    (
                        "train-images-idx3-ubyte",
                        "train-labels-idx1-ubyte",
                        "t10k-images-idx3-ubyte",
                        "t10k-labels-idx1-ubyte",
                    ),
                    download="models.data.mnist:download",
                    download_label=N_("Download MNIST"),
                ),
                first_start={"epochs": 2},
                first_rank=3,
            ),
        ),
    ),
)
"""The book's chapters that have a laboratory, in its order."""


def chapters() -> tuple[Chapter, ...]:
    """The book's chapters and those that ``TOUSHI_CHAPTERS`` adds, by number."""
    names = [name.strip() for name in os.environ.get(EXTRA, "").split(",") if name.strip()]
    added: tuple[Chapter, ...] = tuple(import_module(name).CHAPTER for name in names)
    return tuple(sorted((*BOOK, *added), key=lambda chapter: chapter.number))


def model_entries() -> dict[str, ModelEntry]:
    """Every model by name, in the book's order."""
    return {entry.name: entry for chapter in chapters() for entry in chapter.models}


def chapter_of(model_name: str) -> Chapter:
    """The chapter that the model called ``model_name`` belongs to. Raises SettingError for an unknown one."""
    entry(model_name)
    return next(chapter for chapter in chapters() if any(each.name == model_name for each in chapter.models))


def entry(model_name: str) -> ModelEntry:
    """What is known of the model called ``model_name`` without loading it. Raises SettingError for an unknown one."""
    known = model_entries()
    if model_name not in known:
        raise SettingError(
            N_("There is no model {name}; there are: {known}."), name=repr(model_name), known=", ".join(known)
        )
    return known[model_name]


def model(model_name: str) -> BookModel:
    """The model called ``model_name``; imports torch. Raises SettingError for an unknown one."""
    found: BookModel = import_module(entry(model_name).module).MODEL
    return found
