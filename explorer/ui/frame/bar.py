"""The selection bar at the top of every page: run, checkpoint, sample and node."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explorer.runs.folder import Run, read_metrics
from explorer.runs.report import best_run
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, plain, run_label
from explorer.ui.frame.language import error_text, gettext
from explorer.ui.frame.play import Pace, play_button
from explorer.ui.frame.selection import is_model_file
from explorer.ui.frame.store import run_named, runs
from explorer.ui.frame.training_progress import follow, training_now
from models.errors import UserError

if TYPE_CHECKING:
    from explorer.graph.graph import Graph


def selection_bar(
    models: tuple[str, ...] = (), sample: Callable[[Run], None] | None = None, pace: Pace | None = None
) -> Run | None:
    """Draw the bar for runs of ``models`` (empty: any) and return the selected run, or None where there is none.

    ``sample`` draws the page's own way to choose a sample into the bar. pace: how long each checkpoint stays while they
    are played, see ``play_button``.
    """
    _ = gettext()
    every = runs()
    training_now(every)
    choice = tuple(run for run in every if not models or run.model in models)
    run = _select_run(choice, every)
    if run is None:
        return None
    follow(run)
    widths = [5, 4, 4] if sample else [5, 4]
    with st.container(key="selection-bar"):
        columns = st.columns(widths, vertical_alignment="bottom", gap="medium")
        with columns[0]:
            _run_choice(choice, run, _, named=len(models) != 1)
        with columns[1]:
            _checkpoint_choice(run, _, pace)
        if sample:
            with columns[2]:
                sample(run)
        if models and selection.current().node and run.onnx_path.is_file():
            from explorer.ui.frame.run_caches import graph_of  # torch: only where a node is selected

            node_place(graph_of(run))
    return run


def node_place(graph: "Graph") -> None:
    """Where the selected node lies in the network, with a way out of it; nothing where none is selected."""
    _ = gettext()
    node = graph.find(selection.current().node)
    if node is not None:
        last, (number, total) = node.op_type, graph.place_among_equals(node)
        if total > 1:
            last = _("{operation} {n} of {total}").format(operation=node.op_type, n=number, total=total)
        place = " › ".join((*node.scope, last))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("Node: {place}").format(place=plain(place)))
            st.button(_("Clear"), key="bar.node.clear", type="tertiary", on_click=selection.change, kwargs={"node": ""})


def _select_run(choice: tuple[Run, ...], every: tuple[Run, ...]) -> Run | None:
    """The selected run if it is in ``choice``, else the best there that can be looked at, which gets selected.

    every: all runs of the store.
    """
    wanted = selection.current().run
    if is_model_file(wanted):
        wanted = ""  # the graph page's; runs are shown here
    selected = next((run for run in choice if run.id == wanted), None)
    if selected is not None:
        return selected
    if wanted and not any(run.id == wanted for run in every):
        try:
            run_named(wanted)
        except UserError as error:
            st.warning(error_text(error))
    best = best_run(choice)
    if best is not None:
        # An address may name a sample and leave the run to us.
        selection.choose_run(best.id, same_model=not wanted)
    return best


def _run_choice(choice: tuple[Run, ...], run: Run, _: Translate, named: bool) -> None:
    labels = {each.id: run_label(each, _, named) for each in choice}
    models = {each.id: each.model for each in choice}
    # The browser keeps the label that it shows, also where the run has another one since: a new field for new labels.
    key = f"bar.run.{hashlib.sha256(repr(labels).encode()).hexdigest()[:8]}"
    selection.steer(key, run.id)

    def chosen() -> None:
        picked = st.session_state[key]
        selection.choose_run(picked, models[picked] == run.model)

    with st.container(key="bar-run"):
        st.selectbox(_("Run"), list(labels), format_func=labels.__getitem__, key=key, on_change=chosen)


def _checkpoint_choice(run: Run, _: Translate, pace: Pace | None) -> None:
    """A slider over the checkpoints with the loss at each; nothing to choose with fewer than two."""
    if run.damage or len(run.checkpoints) < 2:
        return
    losses = {record["step"]: record["loss"] for record in read_metrics(run)}

    def label(step: int) -> str:
        loss = losses.get(step)
        return _("step {step}").format(step=f"{step:,}") + (f" · {_('loss')} {loss:.3g}" if loss is not None else "")

    key = "bar.checkpoint"
    wanted = selection.current().checkpoint
    selection.steer(key, wanted if wanted in run.checkpoints else run.checkpoints[-1])

    def chosen() -> None:
        if selection.is_stale(key):
            return  # while a film plays, any click brings along the step that the browser shows
        step = st.session_state[key]
        # The last one is not fixed to a step: a training that goes on takes it along.
        selection.change(checkpoint=None if step == run.checkpoints[-1] else step)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.select_slider(_("Checkpoint"), run.checkpoints, format_func=label, key=key, on_change=chosen)
        play_button(run, pace)


def step_of(run: Run) -> int | None:
    """The selected checkpoint of ``run``; None for its last."""
    wanted = selection.current().checkpoint
    return wanted if wanted in run.checkpoints else None
