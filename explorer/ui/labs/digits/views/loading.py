"""How 70,000 pictures become batches: the split, and dataset, sampler and loader one after another."""

import streamlit as st

from explorer.chapters.batches import batch_of, split
from explorer.figures.digits.split_bars import ClassWords, SplitPart, SplitWords, class_counts, split_bar
from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.tiles_view import Sheet, tiles_view
from explorer.ui.frame import selection
from explorer.ui.frame.charts import chart, in_language, is_dark, live_chart
from explorer.ui.frame.labels import PARTS
from explorer.ui.frame.language import gettext
from explorer.ui.labs.digits.batch import BatchPictures, batch, split_table

INDEX, SHUFFLE, EPOCH, NUMBER = (f"lab.loading.{name}" for name in ("index", "shuffle", "epoch", "batch"))
MOST_PICTURES = 64  # of a batch; all of the book's


def loading(opened_run: OpenRun) -> None:
    """The split above; below it the three steps, from a number to a tensor."""
    rows = _split(opened_run)
    st.fragment(_steps)(opened_run, rows)  # its sliders must not draw the split anew


def _steps(opened_run: OpenRun, rows: int) -> None:
    """Dataset and sampler side by side, the loader's batch below."""
    dataset, sampler = st.columns([2, 5], gap="large")
    with dataset:
        _dataset(opened_run, rows)
    with sampler:
        chosen = _sampler(opened_run, rows)
    _loader(opened_run, chosen)


def _split(opened_run: OpenRun) -> int:
    """Draws the split; gives the number of training pictures."""
    _ = gettext()
    cut = split(opened_run.book, opened_run.config, opened_run.run.source)
    parts = [SplitPart(_(PARTS[name]), name, first, rows) for name, first, rows in cut]  # type: ignore[arg-type]
    title = _("The pictures and what each part of them is for")
    chart(
        split_bar(parts, title=title, words=in_language(SplitWords), dark=is_dark()),
        "lab-split",
        lambda: split_table(cut),
    )
    st.caption(
        _(
            "The network learns from the training part. The first half of the test file is for"
            " validation while settings are chosen; the second half is used once, at the end."
        )
    )
    return cut[0][2]


def _dataset(opened_run: OpenRun, rows: int) -> None:
    _ = gettext()
    st.header(_("Dataset: a number gives a picture"))
    st.session_state.setdefault(INDEX, 0)
    index = st.number_input(
        _("Index"), 0, rows - 1, step=1, key=INDEX, help=_("Of a training picture, from 0 as PyTorch counts.")
    )
    example = batch(opened_run, [index])
    tiles_view(
        [Sheet("", example.pictures, example.captions, side=140, paper=True)], key="lab_dataset", shown=str(index)
    )
    st.code(f"dataset[{index}]\n→ tensor {example.shape[1:]}, {example.labels[0]}", language=None, wrap_lines=True)


def _sampler(opened_run: OpenRun, rows: int) -> BatchPictures:
    _ = gettext()
    st.header(_("Sampler: numbers in an order"))
    effect = _("Takes effect at once.")
    with st.container(horizontal=True, vertical_alignment="center"):
        shuffle = st.toggle(_("Shuffle"), value=True, key=SHUFFLE, help=effect, persist_state="session")
        st.caption(_("Seed {seed}, as this run was trained.").format(seed=opened_run.config.seed))
    epoch = _slider(_("Epoch"), 1, opened_run.config.epochs, EPOCH)
    number = _slider(_("Batch"), 1, -(-rows // opened_run.config.batch_size), NUMBER)
    places = batch_of(opened_run.config, rows, epoch, number - 1, shuffle)
    numbers = ", ".join(str(place) for place in places[:MOST_PICTURES])
    more = ", …" if len(places) > MOST_PICTURES else ""
    st.code(f"[{numbers}{more}]", language=None, wrap_lines=True)
    return batch(opened_run, places.tolist())


def _slider(title: str, least: int, most: int, key: str) -> int:
    """A slider that acts at once; nothing to choose where there is one value only."""
    if least == most:
        st.caption(gettext()("{title}: only {n}").format(title=title, n=least))
        return least
    # Another run may have fewer.
    st.session_state[key] = min(max(int(st.session_state.get(key, least)), least), most)
    return st.slider(title, least, most, key=key, help=gettext()("Takes effect at once."))


def _loader(opened_run: OpenRun, chosen: BatchPictures) -> None:
    _ = gettext()
    st.header(_("Loader: a batch is one tensor"))
    shown = min(MOST_PICTURES, len(chosen.places))
    pictures, facts = st.columns([5, 3], gap="large")
    with pictures:
        title = _("The batch with its labels")
        if shown < len(chosen.places):
            title += " · " + _("the first {n} of {all}").format(n=shown, all=len(chosen.places))
        sheet = Sheet(title, chosen.pictures[:shown], chosen.captions[:shown], side=52, paper=True)
        tiles_view(
            [sheet],
            key="lab_batch",
            picked=lambda _sheet, tile: _select(chosen.places[tile]),
            shown=" ".join(str(place) for place in chosen.places[:shown]),
        )
    with facts:
        st.code(f"images: tensor {chosen.shape}\nlabels: tensor ({chosen.shape[0]},)", language=None, wrap_lines=True)
        figure = class_counts(
            chosen.counts,
            opened_run.facts["classes"],
            title=_("Digits in the batch"),
            words=in_language(ClassWords),
            dark=is_dark(),
        )
        live_chart(figure, "lab-batch-classes", chosen.table)


def _select(place: int) -> None:
    selection.change(sample=f"train/{place}")
