"""A sentence with each word in the colour of what it does to the verdict."""

import streamlit as st

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui.frame.labels import plain
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import opened
from models.sentiment.bag_of_words import DEFAULT_SENTENCE, piece_effects

SLIGHT = 0.15  # of the largest effect: words below it decide nothing and stay uncoloured


def coloured_sentence(opened_run: OpenRun, sentence: str) -> None:
    """The sentence and what its colours mean. Raises DataError where there is no word in it."""
    _ = gettext()
    effects = piece_effects(opened_run.network, sentence, opened_run.facts)
    largest = max((abs(effect) for _piece, effect in effects if effect is not None), default=0.0)
    with st.container(key="coloured-sentence"):
        st.markdown("".join(_coloured(piece, effect, SLIGHT * largest) for piece, effect in effects))
    st.caption(
        _("{blue} speaks for praise, {orange} for a complaint; other words decide little or are unknown.").format(
            blue=f":blue-background[{_('Blue')}]", orange=f":orange-background[{_('orange')}]"
        )
    )


def _coloured(piece: str, effect: float | None, least: float) -> str:
    """The piece as Markdown that shows it as it is, on a coloured ground where its word decides something."""
    text = plain(piece)
    if effect is None or abs(effect) <= least:
        return text
    return f":{'blue' if effect > 0 else 'orange'}-background[{text}]"


def cover(run: Run) -> None:
    """The example sentence on the start page."""
    coloured_sentence(opened(run, None), DEFAULT_SENTENCE)
