"""The web application: Streamlit's pages (``explorer/app.py``), and the one address beside them. Run by the launcher.

Nothing heavy is imported before the address is asked for: the first page comes first.
"""

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

NO_STORE = {"Cache-Control": "no-store"}


async def drawing(request: Request) -> Response:
    """A graph's drawing ahead of its page's run; without content where there is none."""
    from explorer.ui.graph_page.ahead import LARGEST, drawing_ahead

    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return Response(status_code=413)
    found = await run_in_threadpool(drawing_ahead, body)
    return Response(found or b"", 200 if found else 204, NO_STORE, "application/json")


_base = (st.get_option("server.baseUrlPath") or "").strip("/")
app = st.App("app.py", routes=[Route(f"{'/' if _base else ''}{_base}/drawing", drawing, methods=["POST"])])
