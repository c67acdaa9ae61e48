"""The graph as a file: pictures as on the screen, every node's data, the model, numbers for Netron."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import streamlit as st

from explorer.drawing.layout import draw
from explorer.graph.graph import TensorKey
from explorer.graph.graph_json import graph_to_json
from explorer.offline_page.node_records import Details
from explorer.offline_page.page import graph_html
from explorer.trace.bodies.visible_tensors import LazyTensors
from explorer.trace.netron_attachment import attachment
from explorer.trace.tensor_statistics import TensorStatistics, tensor_statistics
from explorer.translations.language_words import translation
from explorer.ui.frame.language import gettext
from explorer.ui.graph_page.drawing import current_options
from explorer.ui.graph_page.page_state import opened_boxes
from explorer.ui.graph_page.rendering import DrawingOptions, dot_source, render
from explorer.ui.inspector.subject import Array, GraphSubject
from models.errors import N_, GraphError

# By the ending of the file's name: media type, and what it is.
PICTURES = {
    "svg": ("image/svg+xml", N_("Picture to scale")),
    "png": ("image/png", N_("Picture of pixels")),
    "pdf": ("application/pdf", N_("Picture to print")),
    "dot": ("text/vnd.graphviz", N_("Graphviz's source of the picture")),
}
WHOLE_GRAPH = {
    "html": ("text/html", N_("A page of its own: pans, zooms and opens nodes without a server")),
    "json": ("application/json", N_("Every node with shapes, attributes and source lines")),
    "onnx": ("application/octet-stream", N_("The model with its weights")),
    "netron.json": ("application/json", N_("The numbers for Netron: open the model there, then this file")),
}


MOST_BODIES = 100  # whose values are on the offline page


def downloads(subject: GraphSubject) -> None:
    """Draw a button for each format; a file is written when its button is pressed."""
    _ = gettext()
    options = current_options()
    writers: dict[str, Callable[[], bytes]] = {
        **{ending: partial(_picture, subject, options, ending) for ending in PICTURES},
        "html": partial(_offline_page, subject, options.language),
        "json": partial(_json, subject),
        "onnx": subject.onnx,
        "netron.json": partial(_netron, subject),
    }
    groups = ((_("As on the screen"), PICTURES), (_("The whole graph"), WHOLE_GRAPH))
    for column, (title, formats) in zip(st.columns(2, gap="large"), groups, strict=True):
        with column:
            st.markdown(f"**{title}**")
            for ending, (media_type, text) in formats.items():
                _button(subject.id, ending, media_type, _(text), writers[ending])
    difference = subject.onnx_max_difference
    if difference is not None:
        st.caption(_("Largest difference from PyTorch on real samples: {value}").format(value=f"{difference:.1e}"))


def _button(name: str, ending: str, media_type: str, text: str, writer: Callable[[], bytes]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Netron" if ending == "netron.json" else ending.upper(),
            writer,
            f"{name}.{ending}",
            media_type,
            on_click="ignore",
            key=f"graph.download.{ending}",
            width=96,
        )
        st.caption(text)


def _picture(subject: GraphSubject, options: DrawingOptions, ending: str) -> bytes:
    diagram, drawing = render(subject, options, opened_boxes(subject))
    if ending == "svg":
        return drawing.svg.encode()
    dot = dot_source(diagram, options)
    return dot.encode("utf-8", "replace") if ending == "dot" else draw(dot, "png" if ending == "png" else "pdf")


def _json(subject: GraphSubject) -> bytes:
    text = json.dumps(graph_to_json(subject.graph), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace")


def _netron(subject: GraphSubject) -> bytes:
    numbers = attachment(subject.graph, subject.statistics(), _weight_statistics(subject), subject.seconds())
    return json.dumps(numbers, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _offline_page(subject: GraphSubject, language: str) -> bytes:
    words = translation(language).gettext
    details = Details(_values(subject), _weight_statistics(subject), subject.seconds(), subject.generated)
    return graph_html(subject.graph, details, language="zh" if language == "zh" else "en", words=words).encode()


def _values(subject: GraphSubject) -> Mapping[TensorKey, Array]:
    """The values of the main graph and of the first iteration of its bodies, as far as they are run."""
    tensors = {"": subject.tensors()}
    for body in list(dict.fromkeys(node.body for node in subject.graph.all_nodes() if node.body))[:MOST_BODIES]:
        with suppress(GraphError):
            tensors[body] = subject.tensors(body)
    keys = frozenset(TensorKey(body, name) for body, values in tensors.items() for name in values)
    return LazyTensors(keys, lambda key: tensors[key.body][key.name])


def _weight_statistics(subject: GraphSubject) -> dict[TensorKey, TensorStatistics]:
    keys = {weight.key for node in subject.graph.all_nodes() for weight in node.weights if weight.value is None}
    values = ((key, subject.weight(key)) for key in keys)
    return {key: tensor_statistics(value) for key, value in values if value is not None}
