"""The page of any chapter: title, selection bar, the choice of a view with its question, and the view."""

from contextlib import suppress
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.bar import selection_bar, step_of
from explorer.ui.frame.explanation import explanation_button
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.opened_run import open_or_explain
from explorer.ui.frame.run_caches import opened
from explorer.ui.frame.store import run_named
from explorer.ui.labs.explained import explained_by
from explorer.ui.labs.laboratory import Laboratory, LaboratoryView, function, laboratory
from explorer.ui.labs.sample_choice import sample_choice
from explorer.ui.training.live_curve import learning_curve
from explorer.ui.training.settings_column import settings_column
from explorer.ui.training.training_view import training_view
from models.catalogue import Chapter
from models.errors import UserError

LOW_CURVE = 175  # pixels, so that the view below it is seen, too
REFUSED = "laboratory.refused"  # what is wrong with the sample in the address, until the page has said it


def laboratory_page(chapter: Chapter) -> None:
    """The whole page of ``chapter``."""
    _ = gettext()
    record = laboratory(chapter)
    view = record.view(selection.current().view)
    models = view.models or tuple(entry.name for entry in chapter.models)
    if view.precompute:
        _precompute(view, selection.current().run)
    st.title(_(record.title))
    above = st.container() if len(record.views) == 1 else None  # the question, which a bar selects the run of
    places: list[DeltaGenerator] = []
    run = None
    if view.takes != "nothing":
        # The view fills the sample's place: it runs alone when its own controls change, and each can change the other.
        run = selection_bar(
            models,
            (lambda _run: places.append(st.container())) if record.sample else None,
            function(view.pace) if view.pace else None,
        )
    if len(record.views) > 1:
        _view_choice(chapter, record)
    with above or st.container():
        _question(chapter, view, run, models)
    if view.settings:
        with st.container(key="lens"):
            form, shown = st.columns([2, 5], gap="large")
        with form:
            settings_column(models, run)
        with shown:
            if run is not None and not run.damage:
                learning_curve(run, LOW_CURVE)  # beside Train: what a press does is seen without scrolling
            _view(view, run, models, places)
    else:
        _view(view, run, models, places)


def _question(chapter: Chapter, view: LaboratoryView, run: Run | None, models: tuple[str, ...]) -> None:
    """What the view answers, and the button that explains it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(gettext()(view.question), width="content")
        key, section = f"{chapter.name}.{view.key}", view.section or chapter.number
        explanation_button(key, section, view.sentences, partial(explained_by, view, run, models))


def _view(view: LaboratoryView, run: Run | None, models: tuple[str, ...], places: list[DeltaGenerator]) -> None:
    """The view itself, or what there is to do where no run can be shown."""
    _ = gettext()
    if view.takes == "nothing":
        st.fragment(function(view.draws))()
        return
    if run is None:
        st.info(_("No run yet: press Train."))
        if not view.settings:
            training_view(None, models)
        return
    place = places[0] if places else None
    if view.takes == "run":
        _sample(run, place)
        function(view.draws)(run, models)
        return
    # As a fragment, a view's own controls run it alone, and with it only the bar's sample. A checkpoint draws the whole
    # page, whose runs give way to the next checkpoint, as a fragment's do not.
    (_checkpoint_view if view.redraws else st.fragment(_checkpoint_view))(view, run, place)


def _sample(run: Run, place: DeltaGenerator | None) -> None:
    """The choice of a sample in its place in the bar."""
    if place is not None:
        with place:
            sample_choice(run)


def _checkpoint_view(view: LaboratoryView, run: Run, place: DeltaGenerator | None) -> None:
    """A view of the selected checkpoint and sample, and in the bar the sample."""
    if view.precompute:
        _precompute(view, run.id)
    _sample(run, place)
    opened_run = open_or_explain(run)
    if opened_run is None:
        return
    refused = st.session_state.pop(REFUSED, None)
    if refused is not None:
        st.error(error_text(refused))
    try:
        opened_run.sample(selection.current().sample)
    except UserError as error:
        if not selection.current().sample:
            st.error(error_text(error))
            return
        # The first sample instead, which the bar must show, too.
        st.session_state[REFUSED] = error
        selection.change(sample="")
        st.rerun(scope="app")
    try:
        function(view.draws)(opened_run)
    except UserError as error:
        st.error(error_text(error))


def _precompute(view: LaboratoryView, run_id: str) -> None:
    """What the view will ask for, cached before anything is drawn.

    The browser draws its whole page anew with each delivery, some 10 ms; pauses between the parts make more of them.
    """
    with suppress(UserError):  # the page says it
        run = run_named(run_id)
        opened_run = opened(run, step_of(run))
        function(view.precompute)(opened_run, opened_run.sample(selection.current().sample).key)


def _view_choice(chapter: Chapter, record: Laboratory) -> None:
    """The buttons of the views; the chosen one stands in the address."""
    _ = gettext()
    key = f"{chapter.name}.view"
    first = record.views[0].key
    selection.steer(key, record.view(selection.current().view).key)

    def chosen() -> None:
        selection.change(view="" if st.session_state[key] == first else st.session_state[key])

    with st.container(key="view-choice"):
        st.segmented_control(
            _("View"),
            [view.key for view in record.views],
            key=key,
            on_change=chosen,
            format_func=lambda each: _(record.view(each).title),
            required=True,
            label_visibility="collapsed",
        )
