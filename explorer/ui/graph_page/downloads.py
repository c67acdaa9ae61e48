"""Taking the graph away as a file: pictures as on the screen, every node's data, the model, numbers for Netron."""

import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer.drawing.dot import to_dot
from explorer.drawing.layout import draw
from explorer.graph.graph_json import graph_to_json
from explorer.offline_page.node_records import Details
from explorer.offline_page.page import graph_html
from explorer.trace.netron_attachment import attachment
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from explorer.translations.language_words import translation
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import onnx_bytes
from explorer.ui.graph_page.drawing import current_options
from explorer.ui.graph_page.page_state import open_boxes
from explorer.ui.graph_page.rendering import DrawingOptions, render
from explorer.ui.inspector.run_subject import RunSubject
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_

# Ending, type, what it is: a picture of what is seen, or everything.
PICTURES = {
    "svg": ("image/svg+xml", N_("Picture to scale")),
    "png": ("image/png", N_("Picture of pixels")),
    "pdf": ("application/pdf", N_("Picture to print")),
    "dot": ("text/vnd.graphviz", N_("Graphviz's source of the picture")),
}
WHOLE = {
    "html": ("text/html", N_("A page of its own: pans, zooms and opens nodes without a server")),
    "json": ("application/json", N_("Every node with shapes, attributes and source lines")),
    "onnx": ("application/octet-stream", N_("The model with its weights")),
    "netron.json": ("application/json", N_("The numbers for Netron: open the model there, then this file")),
}


def downloads(subject: GraphSubject) -> None:
    """The tab: a button for each format; a file is made when its button is pressed."""
    _ = gettext()
    look = current_options()
    makers: dict[str, Callable[[], bytes]] = {
        **{ending: partial(_picture, subject, look, ending) for ending in PICTURES},
        "html": partial(_page, subject, look.language),
        "json": partial(_json, subject),
        "onnx": partial(_onnx, subject),
        "netron.json": partial(_netron, subject),
    }
    groups = ((_("As on the screen"), PICTURES), (_("The whole graph"), WHOLE))
    for column, (title, formats) in zip(st.columns(2, gap="large"), groups, strict=True):
        with column:
            st.markdown(f"**{title}**")
            for ending, (kind, text) in formats.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.download_button(
                        "Netron" if ending == "netron.json" else ending.upper(),
                        makers[ending],
                        f"{subject.id}.{ending}",
                        kind,
                        on_click="ignore",
                        key=f"graph.take.{ending}",
                        width=96,
                    )
                    st.caption(_(text))
    if isinstance(subject, RunSubject) and subject.opened_run.run.status.onnx_max_difference is not None:
        difference = f"{subject.opened_run.run.status.onnx_max_difference:.1e}"
        st.caption(_("Largest difference from PyTorch on real samples: {value}").format(value=difference))


def _picture(subject: GraphSubject, look: DrawingOptions, ending: str) -> bytes:
    view, drawing = render(subject, look, open_boxes(subject))
    if ending == "svg":
        return drawing.svg.encode()
    words = translation(look.language).gettext
    dot = to_dot(view, dark=look.dark, book_order=look.book_order, direction=look.direction, translate=words)
    return dot.encode("utf-8", "replace") if ending == "dot" else draw(dot, "png" if ending == "png" else "pdf")


def _json(subject: GraphSubject) -> bytes:
    text = json.dumps(graph_to_json(subject.graph), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace")


def _onnx(subject: GraphSubject) -> bytes:
    if isinstance(subject, RunSubject):
        return onnx_bytes(subject.opened_run.run.id, subject.opened_run.step, subject.path.stat().st_mtime_ns)
    return subject.path.read_bytes()


def _netron(subject: GraphSubject) -> bytes:
    found = attachment(subject.graph, subject.statistics(), _weight_statistics(subject), subject.seconds())
    return json.dumps(found, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _page(subject: GraphSubject, speech: str) -> bytes:
    words = translation(speech).gettext
    details = Details(subject.tensors(), _weight_statistics(subject), subject.seconds(), subject.generated)
    return graph_html(subject.graph, details, language="zh" if speech == "zh" else "en", words=words).encode()


def _weight_statistics(subject: GraphSubject) -> dict[str, TensorStatistics]:
    named = {weight.name for node in subject.graph.all_nodes() for weight in node.weights if weight.value is None}
    values = ((name, subject.weight(name)) for name in named)
    return {name: tensor_statistics(value) for name, value in values if value is not None}
