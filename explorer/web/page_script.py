"""The script that stands inside the HTML of every page: it must run before Streamlit's own changes the address.

It also tells Streamlit where its server is: else Streamlit asks below the page's own path first, and gets a 404. The
style of our own stands beside it: as an element of the page it would arrive after what it moves.
"""

import json
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.web.modules import served_files

MODULE = "base/history_entries.js"
HEAD = b"<head>"
STYLE = Path(__file__).parent / "page" / "style.css"


class PageScript:
    """Middleware that puts the script at the beginning of each page's ``<head>``. base: ``server.baseUrlPath``."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app = app
        server = f"window.__streamlit = {{ BACKEND_BASE_URL: location.origin + {json.dumps(f'/{base}')} }};\n"
        calls = server.encode() + b"keepHistory(window);\n"
        self.script = b'<script type="module">\n' + served_files()[MODULE] + calls + b"</script>"
        self.style = b"<style>\nhtml {\n" + STYLE.read_bytes() + b"}\n</style>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None  # of an HTML response, until its body is complete
        body = b""

        async def send_with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    body = body.replace(HEAD, HEAD + self.script + self.style, 1)
                    headers = MutableHeaders(scope=start)
                    headers["content-length"] = str(len(body))
                    # They stand for Streamlit's file: a browser that has it would not ask for a newer script.
                    del headers["etag"], headers["last-modified"]
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        if _asks_for_page(scope):
            # A compressed page could not be changed; it has 8 KB.
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self.app({**scope, "headers": plain}, receive, send_with_script)
        else:
            await self.app(scope, receive, send)


def _asks_for_page(scope: Scope) -> bool:
    """Whether a browser opens an address: what scripts fetch accepts anything."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_page(start: Message) -> bool:
    """Whether a response is a whole HTML page."""
    return bool(start["status"] == 200 and MutableHeaders(scope=start).get("content-type", "").startswith("text/html"))
