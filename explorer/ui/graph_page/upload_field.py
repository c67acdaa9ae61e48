"""The field that takes an ONNX file: the browser sends it by a request of its own, which ``receive_upload`` takes.

Streamlit's own uploader holds all bytes of a file in memory and hands them over when all have come; here they are
written, hashed and read on their way, and the drawing need not wait for a run of the page.
"""

from collections.abc import AsyncIterator, Callable

import msgspec
import streamlit as st
from starlette.concurrency import run_in_threadpool

from explorer.drawing.actions import DrawingAction
from explorer.files.uploads import UploadStream
from explorer.ui.components.component import register
from explorer.ui.frame.language import gettext
from explorer.ui.frame.store import settings
from explorer.ui.graph_page import GRAPH
from explorer.ui.graph_page.page_state import page_state
from explorer.ui.graph_page.prefetch import register_page, registered_page
from explorer.web.modules import markup
from models.errors import UserError

PIECE = 2**20  # bytes that are written at once

_field = register("upload_field", html=markup("fields/upload_field"), styles=("fields/field", "fields/upload_field"))


def upload_field(arrived: Callable[[str], None], *, key: str) -> None:
    """Show the field. arrived: called with the upload's id, '' for a refused one, before the rerun that follows."""
    _ = gettext()
    page = page_state()
    register_page(page)

    def act() -> None:
        try:
            found = msgspec.convert(st.session_state.get(key, {}).get("arrived"), DrawingAction)
        except msgspec.ValidationError:
            return  # anybody can send anything
        page.turn = max(page.turn, found.turn)
        arrived(found.value)

    _field(
        key=key,
        data={
            "graph": GRAPH,
            "page": page.name,
            "words": {
                "title": _("An ONNX file, read on this server and kept by its content"),
                "browse": _("Choose a file"),
                "limit": _("or drop it here · at most {most} MB").format(most=_largest() >> 20),
                "sending": _("Sending {file}: {percent} %"),
                "reading": _("Reading {file} …"),
                "failed": _("The file could not be sent."),
            },
        },
        on_arrived_change=act,
    )


async def receive_upload(page_name: str, name: str, pieces: AsyncIterator[bytes]) -> str | None:
    """Keep a file that arrives for a page; its id, '' where it is refused. None for a page that nobody has."""
    page = registered_page(page_name)
    if page is None:
        return None
    page.refused, held = None, bytearray()
    try:
        with UploadStream(settings().store, name, largest=_largest()) as file:
            async for piece in pieces:
                held += piece
                if len(held) >= PIECE:
                    file.write(bytes(held))
                    held.clear()
            file.write(bytes(held))
            return (await run_in_threadpool(file.keep)).id
    except UserError as error:
        page.refused = error
        async for _ in pieces:
            pass  # a browser that is cut short in its sending takes no answer
        return ""


def _largest() -> int:
    """Bytes of one upload."""
    return int(st.get_option("server.maxUploadSize")) << 20
