"""An empty page in a real browser that can import the product's JavaScript modules; no server is needed."""

from playwright.sync_api import Page, Route

from explorer.web.modules import served_files

ORIGIN = "http://modules.test"


def open_blank(page: Page, html: str = "", css: str = "") -> None:
    """Open a page of ``html`` and ``css`` whose scripts import modules from ``/``, such as ``/graph/viewport.js``."""
    page.route(f"{ORIGIN}/**", _answer)
    page.goto(f"{ORIGIN}/")
    page.set_content(html)
    if css:
        page.add_style_tag(content=css)


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(f"{ORIGIN}/")
    if not path:
        route.fulfill(body="<!DOCTYPE html>", content_type="text/html")
    elif path in served_files():
        route.fulfill(body=served_files()[path], content_type="text/javascript")
    else:
        route.fulfill(status=404)
