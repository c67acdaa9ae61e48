"""Sliders for a model's settings, drawn from its config's fields, and the Train button."""

from pathlib import Path
from typing import Any, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from explorer.runs.folder import create_run
from explorer.runs.training import checked_config
from explorer.ui.frame import selection
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.store import runs, settings
from explorer.ui.frame.training_progress import announce_end
from explorer.ui.training.setting_texts import value_text
from models.base import BookModel, Config
from models.catalogue import model
from models.errors import UserError

FINE = 200  # a range with more whole numbers than this gets a slider over round numbers


def settings_form(name: str, source: Path | None, *, wide: bool = False) -> None:
    """The form for model ``name``; Train starts a run on ``source`` (None: the embedded data) and selects it.

    wide: how it is trained and what the network is like stand side by side, below what is to be expected of it.
    """
    st.fragment(_form)(name, source, wide)


def _form(name: str, source: Path | None, wide: bool) -> None:
    _ = gettext()
    book = model(name)
    above = st.container(key="train-block")  # the button stands where it is seen; what it does is known below
    with above:
        st.markdown(f"**{_('Settings of the next training')}**")
        st.caption(_("They take effect when you press Train; the run on the screen stays as it is."))
    with st.container(key="settings-block"):
        between = st.container()
        training, network = st.columns(2, gap="medium") if wide else (st.container(), st.container())
    values = {}
    for field, info in book.config.model_fields.items():
        with training if field in Config.model_fields or _extra(info).get("about") == "training" else network:
            values[field] = _widget(book, field, info)
    with above:
        config = _checked(book, values)
        buttons = st.container(horizontal=True)
    if buttons.button(_("Train"), type="primary", key="train", disabled=config is None, width="stretch") and config:
        _start(name, config, source)
    buttons.button(
        _("Reset"),
        key="train.reset",
        on_click=_reset,
        args=(book,),
        width="stretch",
        help=_("Back to the book's values."),
    )

    if wide and config is not None:
        with between:
            _expected(book, config, source)


def _expected(book: BookModel, config: Config, source: Path | None) -> None:
    from explorer.ui.training.estimate_view import expected  # torch: only where it is shown

    try:
        expected(book, config, source)
    except UserError as error:
        st.error(error_text(error))


def _key(book: BookModel, field: str) -> str:
    return f"setting.{book.name}.{field}"


def _widget(book: BookModel, field: str, info: FieldInfo) -> Any:
    """The fitting widget for one setting; its value outlives a change of page."""
    _ = gettext()
    key = _key(book, field)
    st.session_state.setdefault(key, info.default)
    text: dict[str, Any] = {
        "label": _(info.title or field),
        "help": _(info.description or ""),
        "key": key,
        "disabled": not _matters(book, info),
    }
    choices = get_args(info.annotation)
    if choices:
        return st.segmented_control(
            options=choices, required=True, persist_state="session", format_func=value_text, **text
        )
    low, high = _limits(info)
    extra = _extra(info)
    if field == "seed":
        return st.number_input(min_value=int(low), max_value=int(high), step=1, persist_state="session", **text)
    if extra.get("scale") == "log" or (isinstance(info.default, int) and high - low > FINE):
        options = sorted({*_round_numbers(low, high, type(info.default)), st.session_state[key]})
        return st.select_slider(options=options, format_func="{:g}".format, persist_state="session", **text)
    step = extra.get("step", 1 if isinstance(info.default, int) else 0.05)
    return st.slider(min_value=low, max_value=high, step=step, persist_state="session", **text)


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _matters(book: BookModel, info: FieldInfo) -> bool:
    """Whether a setting changes anything beside what is chosen for the others."""
    only: dict[str, list[Any]] = _extra(info).get("only", {})
    chosen = {other: st.session_state.get(_key(book, other), book.config.model_fields[other].default) for other in only}
    return all(chosen[other] in allowed for other, allowed in only.items())


def _limits(info: FieldInfo) -> tuple[Any, Any]:
    """The least and largest value that the config allows."""
    bounds = {kind: getattr(rule, kind) for rule in info.metadata for kind in ("ge", "le") if hasattr(rule, kind)}
    return bounds["ge"], bounds["le"]


def _round_numbers(low: float, high: float, kind: type) -> list[Any]:
    """1, 2, 5, 10, 20, … and their fractions between the limits, both limits included."""
    series = [float(f"{digit}e{power}") for power in range(-6, 10) for digit in (1, 2, 5)]
    return [kind(low), *(kind(value) for value in series if low < value < high), kind(high)]


def _checked(book: BookModel, values: dict[str, Any]) -> Config | None:
    """The config, or None with the reason on the page: what cannot work stays visible."""
    try:
        return checked_config(book, values)
    except UserError as error:
        st.error(error_text(error))
        return None


def _reset(book: BookModel) -> None:
    for field, info in book.config.model_fields.items():
        st.session_state[_key(book, field)] = info.default


def _start(name: str, config: Config, source: Path | None) -> None:
    """Create the run, hand it to the scheduler and look at it."""
    from explorer.runs.training_cluster import submit

    try:
        run = create_run(settings().store, name, config.model_dump(), source)
        submit(settings().scheduler, run)
    except UserError as error:
        st.error(error_text(error))
        return
    announce_end(run.id)
    models = {each.id: each.model for each in runs()}
    selection.choose_run(run.id, same_model=models.get(selection.current().run, name) == name)
    st.rerun(scope="app")
