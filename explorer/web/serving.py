"""The route under which a server gives the browser its modules: the files of ``modules.served_files``, nothing else."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.web import modules

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""The address changes with the content."""


def modules_route(base: str = "") -> Route:
    """``GET /modules/<version>/<path>``. base: Streamlit's ``server.baseUrlPath``."""
    return Route(f"{modules.address(base)}{{path:path}}", _module, methods=["GET"])


async def _module(request: Request) -> Response:
    content = modules.served_files().get(request.path_params["path"])
    if content is None:
        return Response(status_code=404)
    return Response(content, 200, FOREVER, "text/javascript")
