"""The web application: Streamlit's pages (``pages/navigation.py`` is their script), and the addresses beside them.

Run by ``explorer/launcher.py``: ``streamlit run`` looks in the file for a call of ``st.App``.

Nothing heavy is imported before such an address is asked for: the first page comes first.
"""

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.web.page_script import PageScript
from explorer.web.serving import PreloadModules, modules_route

NO_STORE = {"Cache-Control": "no-store"}


async def drawing(request: Request) -> Response:
    """A graph's next drawing, before the page's own run brings it; status 204 where it cannot be prefetched."""
    from explorer.ui.graph_page.prefetch import LARGEST_REQUEST, prefetched_drawing

    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_REQUEST:
            return Response(status_code=413)
    drawn = await run_in_threadpool(prefetched_drawing, body)
    return Response(drawn or b"", 200 if drawn else 204, NO_STORE, "application/json")


async def upload(request: Request) -> Response:
    """Takes a model file; answers with its id, or with nothing where it is refused, which the page then says."""
    from explorer.ui.graph_page.sources.upload_field import receive_upload

    query = request.query_params
    try:
        file_id = await receive_upload(
            query.get("page", ""), query.get("name", ""), request.stream(), query.get("parts", "")
        )
    except ClientDisconnect:
        return Response(status_code=400)
    return Response(file_id or "", 404 if file_id is None else 200, NO_STORE, "text/plain")


_base = (st.get_option("server.baseUrlPath") or "").strip("/")
_own = {"drawing": drawing, "upload": upload}
_posts = [Route(f"{'/' if _base else ''}{_base}/{name}", answer, methods=["POST"]) for name, answer in _own.items()]
_middleware = [
    Middleware(PreloadModules, entries={"graph": "components/graph.js"}, base=_base),
    Middleware(PageScript, base=_base),
]
app = st.App(
    "../pages/navigation.py",
    routes=[*_posts, modules_route(_base)],
    middleware=_middleware,
)
