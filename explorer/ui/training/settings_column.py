"""All that decides about the next training of a chapter: model, data and settings, with the Train button."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame.language import gettext
from explorer.ui.training.data_choice import data_choice
from explorer.ui.training.settings_form import settings_form
from models.catalogue import title_of


def settings_column(models: tuple[str, ...], run: Run | None, *, wide: bool = False) -> None:
    """Draw it for a training of one of ``models`` (names).

    run: the selected one. wide: the settings stand in two columns.
    """
    name = _model_choice(models, run)
    source = data_choice(name)
    settings_form(name, source, wide=wide)


def _model_choice(models: tuple[str, ...], run: Run | None) -> str:
    """The name of the model to train; a control where there are several, which follows the selected run."""
    if len(models) == 1:
        return models[0]
    _ = gettext()
    key = f"training.model.{models[0]}"
    followed = f"{key}.run"
    if run is not None and run.model in models and st.session_state.get(followed) != run.id:
        st.session_state[followed] = run.id
        st.session_state[key] = run.model
    if st.session_state.get(key) not in models:
        st.session_state[key] = models[0]
    st.segmented_control(
        _("Model"),
        models,
        key=key,
        format_func=lambda name: _(title_of(name)),
        required=True,
        persist_state="session",
        help=_("Which model the next training trains; the run on the screen stays as it is."),
    )
    return str(st.session_state[key])
