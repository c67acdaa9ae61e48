"""What gets into the page of an SVG, in a real Chromium: shapes and text, and nothing that runs or leads elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.component_page import HOSTILE
from tests.web.module_page import open_blank

# All elements and attributes that are left, after the drawing has been on the page for a moment.
LEFT = """async (text) => {
  const { safeSvg } = await import("/graph/safe_svg.js");
  const svg = safeSvg(text);
  if (!svg) return null;
  document.body.append(svg);
  await new Promise((next) => setTimeout(next, 200));
  const all = [svg, ...svg.querySelectorAll("*")];
  return { names: all.map((element) => element.localName), ran: window.hacked ?? null,
    attributes: all.flatMap((each) => each.getAttributeNames().map((name) => [name, each.getAttribute(name)])) };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page()
    open_blank(tab)
    yield tab
    tab.close()


def svg(content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{content}</svg>'


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        svg('<g onclick="window.hacked=1" style="background:url(//x)"><path d="M0,0" onload="window.hacked=1"/></g>'),
        svg('<text onmouseover="window.hacked=1" tabindex="0" autofocus onfocus="window.hacked=1">a</text>'),
        svg("<style>*{fill:url(#a)}</style><use href='#a'/><set onbegin='window.hacked=1' attributeName='x'/>"),
        svg("<title><img src=x onerror='window.hacked=1'></title>"),
        svg("<foreignObject><iframe srcdoc='<script>parent.hacked=1</script>'></iframe></foreignObject>"),
        svg('<path fill="url(https://www.w3.org/x)" stroke="URL (#x)"/><!-- a comment --><?php ?>'),
    ],
)
def test_nothing_that_runs_or_leads_elsewhere_is_left(page: Page, text: str) -> None:
    left = page.evaluate(LEFT, text)
    if left is None:
        return
    assert left["ran"] is None
    assert set(left["names"]) <= {"svg", "g", "path", "text", "title"}
    for name, value in left["attributes"]:
        assert not name.startswith("on")
        assert name not in ("style", "href", "xlink:href", "tabindex", "autofocus")
        assert "url" not in value.lower()


def test_shapes_text_and_places_are_kept(page: Page) -> None:
    text = svg(
        '<g id="node-n0" class="node" data-box="1 2 3 4"><path d="M0,0H9" fill="#123456"/><text x="1">a b</text></g>'
    )
    left = page.evaluate(LEFT, text)
    assert left["names"] == ["svg", "g", "path", "text"]
    kept = dict(map(tuple, left["attributes"]))
    assert kept.items() >= {"id": "node-n0", "data-box": "1 2 3 4", "d": "M0,0H9", "fill": "#123456"}.items()


@pytest.mark.parametrize("text", ["", "<svg><g", "<html></html>", "<div><svg></svg></div>", "text", svg("a")[:-1]])
def test_what_is_no_whole_drawing_is_refused(page: Page, text: str) -> None:
    assert page.evaluate(LEFT, text) is None
