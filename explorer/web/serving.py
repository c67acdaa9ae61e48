"""The route under which a server gives the browser its modules: the files of ``modules.served_files``, nothing else."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class PreloadModules:
    """Middleware that lets the browser request a component's modules together with the page itself.

    Else they would be requested when the component arrives, which is after Streamlit's own scripts and the page's run.
    entries: the component's module by the last part of the page's path.
    """

    def __init__(self, app: ASGIApp, entries: dict[str, str], base: str = "") -> None:
        self.app = app
        self.links = {
            page: ", ".join(
                f"<{modules.address(base)}{path}>; rel=modulepreload" for path in modules.needed_modules(entry)
            )
            for page, entry in entries.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        links = self.links.get(scope["path"].rpartition("/")[2]) if scope["type"] == "http" else None

        async def send_with_links(message: Message) -> None:
            if links and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", links)
            await send(message)

        await self.app(scope, receive, send_with_links)
