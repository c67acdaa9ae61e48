"""What a person sees of a chapter, declared once: the record beside each laboratory.

A record is light: whatever draws is named as "module:function" and imported when it is needed, so that listing the
chapters loads neither torch nor a figure. The other half of a chapter is its entry in ``models/catalogue.py``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import resolve_name
from typing import Any, Literal

from models.catalogue import Chapter, chapter_of, model_entries

Takes = Literal["checkpoint", "run", "nothing"]


@dataclass(frozen=True)
class LaboratoryView:
    """One view of a laboratory: a question, and what draws the answer.

    key: names it in the address. title: on its button. question: what it answers. sentences: its explanation. All but
    the key are catalogue texts. numbers: "module:function" from a run's config and facts to what the braces in the
    sentences stand for (``explorer/ui/frame/explanation.py``); '' where there are none.

    draws: "module:function". takes: what the function is called with. "checkpoint": an ``OpenRun``, whose sample the
    selection names; "run": the selected run (None where there is none) and the names of the view's models; "nothing":
    no argument, and the page shows no selection bar.

    models: whose runs it shows, all of the chapter where empty. settings: whether the settings of the next training
    and the learning curve stand at its left. redraws: whether it redraws itself by a timer, so that the frame must not
    make it a fragment (fragments with timers cannot be nested). precompute: "module:function", called with the
    ``OpenRun`` and the sample's key before anything is drawn; '' for none. pace: "module:function" with the seconds
    that each checkpoint stays while they are played, see ``explorer/ui/frame/play.py``; '' for equal ones. section: the
    book's chapter where it is not the laboratory's own, else 0.
    """

    key: str
    title: str
    question: str
    sentences: tuple[str, ...]
    draws: str
    takes: Takes = "checkpoint"
    models: tuple[str, ...] = ()
    settings: bool = False
    redraws: bool = False
    precompute: str = ""
    pace: str = ""
    numbers: str = ""
    section: int = 0


@dataclass(frozen=True)
class Laboratory:
    """A chapter's page.

    title: its heading. question: what the chapter asks, on the start page. views: in the order of their buttons, the
    first is shown at first. sample: "module:function" that draws the choice of a sample of a run, which it is called
    with; '' for none. cover: "module:function" that draws a picture of a run on the start page, which it is called
    with; '' for none. invitation: a sentence on the start page that says to begin here, '' for none. Which formats a
    run is exported as: see ``explorer/chapters/exports.py``.
    """

    title: str
    question: str
    views: tuple[LaboratoryView, ...]
    sample: str = ""
    cover: str = ""
    invitation: str = ""

    def view(self, key: str) -> LaboratoryView:
        """The view called ``key``, the first one where there is no such view."""
        return next((view for view in self.views if view.key == key), self.views[0])

    def modules(self) -> Iterator[str]:
        """Every module that its page may need, without importing one."""
        for view in self.views:
            yield view.draws.partition(":")[0]
        for reference in (self.sample, self.cover):
            if reference:
                yield reference.partition(":")[0]


def laboratory(chapter: Chapter) -> Laboratory:
    """The record of ``chapter``. Raises ImportError or AttributeError for a chapter that has none."""
    record = import_module(chapter.record or f"explorer.ui.labs.{chapter.name}.record").LABORATORY  # imported once
    if not isinstance(record, Laboratory):
        raise TypeError(f"the LABORATORY of chapter {chapter.name!r} is a {type(record).__name__}")
    return record


def laboratory_of(model_name: str) -> Laboratory | None:
    """The laboratory that shows runs of the model called ``model_name``; None for an unknown model."""
    return laboratory(chapter_of(model_name)) if model_name in model_entries() else None


def function(reference: str) -> Callable[..., Any]:
    """The function that "module:function" names; imports its module."""
    named: Callable[..., Any] = resolve_name(reference)
    return named
