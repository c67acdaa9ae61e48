"""The sentiment laboratory's view: a sentence's words, its bag of words and the verdict."""

from functools import partial

import pandas as pd
import streamlit as st

from explorer.figures.bars import ProbabilityWords, probabilities
from explorer.figures.sentiment.word_bars import CountWords, EffectWords, word_counts, word_effects
from explorer.figures.vectors import vector
from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from explorer.ui.frame import selection
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.language import gettext
from explorer.ui.frame.results import result_row
from explorer.ui.frame.run_caches import layers_of
from explorer.ui.labs.layer_text import UnitWords, layer_text, units_table
from explorer.ui.labs.sentiment.coloured_sentence import coloured_sentence
from models.base import Sample, class_probabilities
from models.sentiment.bag_of_words import DEFAULT_SENTENCE, Word, effects, words

KEY = "sentiment.sentence"


def sentence_choice(run: Run) -> None:
    """Type a sentence; live."""
    _ = gettext()
    selection.steer(KEY, selection.current().sample or DEFAULT_SENTENCE)

    def typed() -> None:
        selection.change(sample=st.session_state[KEY].strip())

    st.text_input(
        _("Chinese sentence"),
        key=KEY,
        on_change=typed,
        max_chars=500,
        help=_("Takes effect at once, when you press Enter."),
    )


def show_verdict(opened_run: OpenRun) -> None:
    """Results, verdict, words and what the hidden layer makes of them."""
    _ = gettext()
    result_row(opened_run)
    sample = opened_run.sample(selection.current().sample)
    bag = words(sample.key, opened_run.facts)
    layers = layers_of(opened_run, sample.key)
    known = [(word.text, word.count) for word in bag if word.index is not None]
    coloured_sentence(opened_run, sample.key)
    verdict, counted = st.columns(2)
    with verdict:
        shares = class_probabilities(layers[-1].output)
        labels = [_("complaint"), _("praise")]
        figure = probabilities(shares, labels, title=_("Verdict"), words=in_language(ProbabilityWords), dark=is_dark())
        chart(figure, "sentiment.verdict", lambda: pd.DataFrame({_("Answer"): labels, _("Probability"): shares}))
    with counted:
        title = _("{known} of {size} words of the bag").format(
            known=len(known), size=f"{len(opened_run.facts['vocabulary']):,}"
        )
        chart(
            word_counts(known, title=title, words=in_language(CountWords), dark=is_dark()),
            "sentiment.bag",
            lambda: pd.DataFrame(known, columns=[_("Word"), _("Times")]),
        )
    table, pull = st.columns(2)
    with table:
        _word_table(bag, sample)
    with pull:
        _pull(opened_run, bag)
    for column, layer in zip(st.columns(2), layers[1:3], strict=True):
        with column:
            title = layer_text(layer)
            figure = vector(layer.output, title=title, words=in_language(UnitWords), first=1, dark=is_dark())
            chart(figure, f"sentiment.{layer.name}", partial(units_table, layer.output))


def _pull(opened_run: OpenRun, bag: list[Word]) -> None:
    """Which words decide: each word's pull on the verdict, in the order of the sentence."""
    _ = gettext()
    pairs = [
        (word.text, effect)
        for word, effect in zip(bag, effects(opened_run.network, bag, opened_run.facts), strict=True)
        if effect is not None
    ]
    figure = word_effects(
        pairs, title=_("What each word does to the verdict"), words=in_language(EffectWords), dark=is_dark()
    )
    chart(figure, "sentiment.effects", lambda: pd.DataFrame(pairs, columns=[_("Word"), _("Change of the log-odds")]))


def _word_table(bag: list[Word], sample: Sample) -> None:
    """Every word of the sentence and its place in the bag; words the network does not know stay visible."""
    _ = gettext()
    st.markdown(f"**{_('Words of the sentence')}**")
    st.dataframe(
        pd.DataFrame(
            {
                _("Word"): [word.text for word in bag],
                _("Times"): [word.count for word in bag],
                _("Place in the bag"): ["–" if word.index is None else f"{word.index + 1}" for word in bag],
                _("Network's input there"): [
                    _("none: not in the training reviews, or too rare there")
                    if word.index is None
                    else f"{sample.inputs[0, word.index]:.3g}"
                    for word in bag
                ],
            }
        ),
        hide_index=True,
        height="content",
    )
