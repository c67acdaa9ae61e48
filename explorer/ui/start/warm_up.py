"""Imports the heavy libraries in the background once the first page has been sent, so that the next page is quick."""

import gc
import threading
from collections.abc import Iterator
from importlib import import_module

import streamlit as st

from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapters

HEAVY = ("torch", "plotly.graph_objects", "explorer.ui.graph_page.page", "explorer.ui.labs.page")


def warm_up() -> None:
    """Start the imports; the first call in a process does, the others return at once."""
    _started()


@st.cache_resource(show_spinner=False)
def _started() -> bool:
    # A second and a half lets the first page reach the browser before the imports take the processor.
    threading.Timer(1.5, _load).start()
    return True


def heavy_modules() -> Iterator[str]:
    """The libraries, then every chapter's models and views."""
    yield from HEAVY
    for chapter in chapters():
        yield from (entry.module for entry in chapter.models)
        yield from laboratory(chapter).modules()


def _load() -> None:
    for name in heavy_modules():
        import_module(name)
    # Streamlit collects garbage after each run of the script, with everybody waiting: what has just been imported
    # stays for good and need not be looked through each time (0.17 s).
    gc.collect()
    gc.freeze()
    import_module("explorer.files.model_files").warm_up()
