"""The choice of a digit in the selection bar: an image of the test part by its number, and how it looks."""

import streamlit as st

from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.bar import step_of
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import opened
from models.digits.classifier import VALIDATION_ROWS
from models.errors import UserError

KEY = "digits.number"


def digit_choice(run: Run) -> None:
    """Choose a digit of the test part by its number; live."""
    _ = gettext()
    base = selection.current().sample.partition("~")[0]
    part, _slash, number = base.partition("/")
    known = part == "test" and number.isascii() and number.isdigit() and int(number) < VALIDATION_ROWS
    # A digit of one's own, or of another part, has no number here.
    selection.steer(KEY, int(number) if known else (None if base else 0))

    def chosen() -> None:
        if st.session_state[KEY] is not None and not selection.is_stale(KEY):
            selection.change(sample=f"test/{st.session_state[KEY]}")

    number_column, picture = st.columns([4, 1], vertical_alignment="bottom")
    number_column.number_input(
        _("Test digit"),
        0,
        VALIDATION_ROWS - 1,
        value=None,
        step=1,
        key=KEY,
        on_change=chosen,
        placeholder=_("another picture"),
        help=_(
            "Index of an image in the test part, from 0 as PyTorch counts. The network has never seen it. Takes effect"
            " at once."
        ),
    )
    with picture:
        _thumbnail(run)


def _thumbnail(run: Run) -> None:
    """The selected digit, small; nothing while the run cannot be opened: the view says why."""
    try:
        sample = opened(run, step_of(run)).sample(selection.current().sample)
    except UserError:
        return
    pixels = sample.inputs[0, 0].numpy()
    st.image(pixels if is_dark() else 1 - pixels, width=40, alt=sample.key)
