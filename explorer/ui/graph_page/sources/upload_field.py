"""The field for an ONNX file: the browser sends it with a request of its own (``/upload``), see ``receive_upload``.

Streamlit's own uploader holds a whole file in memory before the page gets it; here the bytes are written, hashed and
checked while they arrive, and the drawing need not wait for the page's script run.
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

CHUNK = 2**20  # bytes that are written at once
MOST_PARTS = 64  # files of one upload

_field = register("upload_field", html=markup("fields/upload_field"), styles=("fields/field", "fields/upload_field"))


def upload_field(uploaded: Callable[[str], None], *, key: str) -> None:
    """Draw the field.

    uploaded: called with the upload's id, '' for a refused one, before the rerun that follows.
    """
    _ = gettext()
    page = page_state()
    register_page(page)

    def pass_on() -> None:
        try:
            action = msgspec.convert(st.session_state.get(key, {}).get("arrived"), DrawingAction)
        except msgspec.ValidationError:
            return  # a browser can send anything
        page.turn = max(page.turn, action.turn)
        uploaded(action.value)

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
        on_arrived_change=pass_on,
    )


async def receive_upload(page_name: str, file_name: str, chunks: AsyncIterator[bytes], parts: str = "") -> str | None:
    """Store a file while it arrives: its id, '' where it is refused, None where no session has a page of that name.

    parts: JSON of [name, bytes] of the model and of the files with weights that follow it, '' for a model alone. The
    reason of a refusal is in the page's ``upload_error``.
    """
    page = registered_page(page_name)
    if page is None:
        return None
    page.upload_error, held = None, bytearray()
    try:
        with UploadStream(settings().store, file_name, largest=_largest(), parts=_parts(parts)) as file:
            async for chunk in chunks:
                held += chunk
                if len(held) >= CHUNK:
                    file.write(bytes(held))
                    held.clear()
            file.write(bytes(held))
            return (await run_in_threadpool(file.keep)).id
    except UserError as error:
        page.upload_error = error
        async for _ in chunks:
            pass  # a browser reads no answer before it has sent the whole file
        return ""


def _parts(text: str) -> tuple[tuple[str, int], ...]:
    """The files of one upload; only the model for a text that is no list of them."""
    try:
        parts = msgspec.json.decode(text, type=tuple[tuple[str, int], ...]) if text else ()
    except msgspec.MsgspecError:
        return ()
    return parts if len(parts) <= MOST_PARTS else ()


def _largest() -> int:
    """Most bytes of one upload, by Streamlit's setting."""
    return int(st.get_option("server.maxUploadSize")) << 20
