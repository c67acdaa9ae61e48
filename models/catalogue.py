"""Every chapter and model of the product, declared once: what needs neither torch nor a screen.

Whatever lists chapters or models (command line, launcher, labels, data, runs list, pages) reads it here; no other file
knows their names. The other half of a chapter, which a person sees, is the record beside its laboratory
(``explorer/ui/labs``). Nothing heavy is imported: a model's own module is loaded by ``model`` when it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
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
class Metric:
    """A number that says how good a network is on a part of the data.

    name: as the model's ``metrics`` returns it and run folders hold it. title: a catalogue text. style: "percent" for a
    share between 0 and 1, "number" otherwise.
    """

    name: str
    title: str
    style: Literal["number", "percent"] = "number"
    higher_is_better: bool = True

    def format(self, value: float) -> str:
        """``value`` as a person reads it: a share in per cent, another number with four significant digits.

        >>> ACCURACY.format(0.9753), LOSS.format(0.012345)
        ('97.53 %', '0.01235')
        """
        return f"{100 * value:.2f} %" if self.style == "percent" else f"{value:.4g}"


@dataclass(frozen=True)
class Headline:
    """The metric that sums up a run of a model.

    metric: its name among the model's metrics. part: of the data. sentence: the result in words for somebody who does
    not know the metric, with ``{share}`` for its value in per cent or ``{value}``; a catalogue text.
    """

    metric: str
    part: PartName
    sentence: str


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
    metrics: all that the model's ``metrics`` returns. data: which other data it reads, None where it reads none.
    first_start: settings of the run that the very first start trains, None where it trains none.
    first_rank: place in the order of the very first start, the quickest first.
    """

    name: str
    title: str
    module: str
    headline: Headline
    metrics: tuple[Metric, ...]
    data: OtherData | None = None
    first_start: Mapping[str, Any] | None = None
    first_rank: int = 0

    def metric(self, name: str) -> Metric:
        """The metric called ``name``; one without a title of its own where a run of another version recorded it."""
        return next((metric for metric in self.metrics if metric.name == name), Metric(name, name))


@dataclass(frozen=True)
class Chapter:
    """A chapter of the book.

    name: of its page in the address, and of its folders. title: a catalogue text. record: the module whose
    ``LABORATORY`` is what a person sees, ``explorer.ui.labs.<name>.record`` where it is empty.
    """

    number: int
    name: str
    title: str
    models: tuple[ModelEntry, ...] = field(default=())
    record: str = ""
    computations: str = ""  # "module" with tables for explorer/chapters/tables.py; explorer.chapters.<name> if empty


LOSS = Metric("loss", N_("Loss"), higher_is_better=False)
ACCURACY = Metric("accuracy", N_("Accuracy"), "percent")
R2 = Metric("r2", N_("R²"))
TEST_ACCURACY = Headline("accuracy", "test", N_("Right for {share} of samples that it has never seen."))

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
                (LOSS, R2),
                OtherData(
                    N_("UCI hour.csv"),
                    ("csv",),
                    download="models.data.bikes_download:download",
                    download_label=N_("Download UCI's hour.csv (2011 and 2012)"),
                ),
                # The book's 1000 passes of SGD take a quarter of a minute; 60 of Adam fit as well (test r2 0.77 against
                # 0.78) in a second, so a newcomer sees a demand curve at once. Train begins with the book's settings.
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
                TEST_ACCURACY,
                (LOSS, ACCURACY),
                OtherData(
                    N_("good.txt and bad.txt, or a CSV with the columns text and label"),
                    ("txt", "csv", "tsv"),
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
                TEST_ACCURACY,
                (LOSS, ACCURACY),
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
    """The book's chapters and those that ``TOUSHI_CHAPTERS`` adds, by number.

    Raises SettingError where one of its modules cannot be loaded, or a name is taken twice.
    """
    return _chapters(os.environ.get(EXTRA, ""))


@lru_cache(maxsize=8)
def _chapters(extra: str) -> tuple[Chapter, ...]:
    modules = [name.strip() for name in extra.split(",") if name.strip()]
    together = sorted((*BOOK, *map(_added_chapter, modules)), key=lambda chapter: chapter.number)
    for names in ([chapter.name for chapter in together], [each.name for c in together for each in c.models]):
        for name in names:
            if names.count(name) > 1:
                raise SettingError(N_("Two chapters or two models are called {name}."), name=repr(name))
    return tuple(together)


def _added_chapter(module: str) -> Chapter:
    try:
        chapter = import_module(module).CHAPTER
    except (ImportError, AttributeError) as error:
        raise SettingError(
            N_("{variable} names the module {module}, which cannot be loaded: {reason}."),
            variable=EXTRA,
            module=repr(module),
            reason=error,
        ) from None
    if not isinstance(chapter, Chapter):
        raise SettingError(
            N_("{variable} names the module {module}, whose CHAPTER is none."), variable=EXTRA, module=repr(module)
        )
    return chapter


def model_entries() -> dict[str, ModelEntry]:
    """Every model by name, in the book's order."""
    return {entry.name: entry for chapter in chapters() for entry in chapter.models}


def first_starts() -> tuple[ModelEntry, ...]:
    """The models that the very first start trains, in its order."""
    declared = [each for each in model_entries().values() if each.first_start is not None]
    return tuple(sorted(declared, key=lambda each: each.first_rank))


def title_of(model_name: str) -> str:
    """The title of the model called ``model_name``, a catalogue text; the name itself for an unknown one."""
    known = model_entries().get(model_name)
    return known.title if known else model_name


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


def model(model_name: str) -> BookModel[Any]:
    """The model called ``model_name``; imports torch. Raises SettingError for an unknown one."""
    book: BookModel[Any] = import_module(entry(model_name).module).MODEL
    return book
