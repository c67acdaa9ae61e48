"""The JavaScript modules: their order and addresses, and what the server gives of them."""

import asyncio
import base64
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from explorer.web.modules import (
    FOLDER,
    OFFLINE_PREFIX,
    address,
    component_script,
    import_map,
    needed_modules,
    served_files,
    version,
)
from explorer.web.page_script import HEAD, MODULE, PageScript
from explorer.web.serving import PreloadModules, modules_route

COMPONENTS = sorted(path for path in served_files() if path.startswith("components/") and "shared" not in path)
IMPORTED = re.compile(r'^(?:import|export)\b.*\bfrom "([^"]+)"|^import "([^"]+)"', re.MULTILINE)


@pytest.mark.parametrize("entry", [*COMPONENTS, "offline/page.js"])
def test_a_module_stands_after_all_that_it_imports(entry: str) -> None:
    order = needed_modules(entry)
    assert order[-1] == entry
    assert len(set(order)) == len(order)
    for place, path in enumerate(order):
        text = (FOLDER / path).read_text("utf-8")
        names = [a or b for a, b in IMPORTED.findall(text)]
        for name in names:
            target = ((FOLDER / path).parent / name).resolve().relative_to(FOLDER.resolve()).as_posix()
            assert target in order[:place], (path, name)


def test_every_module_is_needed_by_a_component_or_the_offline_page() -> None:
    needed = {path for entry in (*COMPONENTS, "offline/page.js") for path in needed_modules(entry)}
    assert needed | {MODULE} == set(served_files())  # MODULE stands inside the page's HTML


@pytest.mark.parametrize("base", ["", "lens", "/a/b/"])
def test_the_server_gives_modules_and_nothing_else(base: str) -> None:
    home = address(base)
    assert home.startswith(f"/{base.strip('/')}/modules/" if base else "/modules/")
    status, headers, content = asked(f"{home}graph/viewport.js", base)
    assert status == 200
    assert content == (FOLDER / "graph/viewport.js").read_bytes()
    assert headers["content-type"].split(";")[0] == "text/javascript"
    assert "immutable" in headers["cache-control"]
    for path in ("modules.py", "graph/../modules.py", "graph/../../app.py", "/etc/passwd", "graph", "", "x.js"):
        assert asked(f"{home}{path}", base)[0] == 404, path
    assert asked(home.replace(version(), "0" * 16) + "graph/viewport.js", base)[0] == 404
    assert asked(f"{home}graph/viewport.js", base, "POST")[0] == 405


def test_the_graph_page_preloads_the_modules_of_the_graph() -> None:
    needed = {f"<{address('lens')}{path}>; rel=modulepreload" for path in needed_modules("components/graph.js")}
    _status, headers, _body = asked("/lens/graph", "lens")
    assert set(headers["link"].split(", ")) == needed
    for path in ("/lens/runs", "/lens/text/graph"):
        assert "link" not in asked(path, "lens")[1]


def test_a_page_holds_the_script_that_must_run_first() -> None:
    status, headers, body = asked("/lens/graph", "lens", accept="text/html,*/*")
    assert status == 200
    assert int(headers["content-length"]) == len(body)
    assert "etag" not in headers  # the browser would keep the script of an older version
    script = body.decode().partition('<script type="module">')[2].partition("</script>")[0]
    assert script.lstrip().startswith((FOLDER / MODULE).read_text("utf-8"))
    assert "import" not in re.sub(r"//.*|/\*[\s\S]*?\*/", "", script)  # it stands alone
    assert body.index(HEAD) < body.index(b"<script") < body.index(b"<title")
    for path, accept in (("/lens/graph", "*/*"), ("/lens/text/graph", "text/html")):
        assert b"<script" not in asked(path, "lens", accept=accept)[2]


async def page(_request: Any) -> Response:
    return HTMLResponse("<!DOCTYPE html><html><head><title>Page</title></head></html>", headers={"etag": "1"})


async def text(_request: Any) -> Response:
    return Response("graph", media_type="text/plain")


def asked(path: str, base: str, method: str = "GET", accept: str = "*/*") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer of a server with modules and their preloading, and with three pages."""
    sent: list[Any] = []
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "query_string": b""}
    scope["headers"] = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip")]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    pages = [Route("/lens/graph", page), Route("/lens/runs", page), Route("/lens/text/graph", text)]
    preload = Middleware(PreloadModules, entries={"graph": "components/graph.js"}, base=base)
    server = Starlette(routes=[modules_route(base), *pages], middleware=[preload, Middleware(PageScript)])
    # In a thread of its own: a browser's tests keep an event loop in this one.
    with ThreadPoolExecutor() as pool:
        pool.submit(lambda: asyncio.run(server(scope, receive, send))).result()
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("entry", COMPONENTS)
def test_a_component_requests_each_module_once_and_by_several_lines(entry: str) -> None:
    script = component_script(entry, "lens")
    assert script.count("\n") > 3  # Streamlit takes a single line for a path
    assert f"/lens/modules/{version()}/" in script
    assert all(script.count(f"{path!r}".replace("'", '"')) == 1 for path in needed_modules(entry)), script


def test_modules_of_the_offline_page_import_each_other_by_name() -> None:
    modules = import_map("offline/page.js")
    assert f"{OFFLINE_PREFIX}offline/page.js" in modules
    for name, source in modules.items():
        text = base64.b64decode(source.removeprefix("data:text/javascript;base64,")).decode()
        imported = [a or b for a, b in IMPORTED.findall(text)]
        assert all(other in modules for other in imported), (name, imported)
