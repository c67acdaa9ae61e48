"""On a phone: nothing is wider than the screen, nothing lies over anything else, and a finger meets everything."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from explorer.translations.language_words import LANGUAGES
from tests.browser.every_page.visits import every_page
from tests.browser.screen import screen
from tests.browser.server import Server

WIDTH = 390
PHONE = {"viewport": {"width": WIDTH, "height": 844}, "has_touch": True}
# What is pressed, with the box in which it is seen; and what scrolls sideways. A graph's nodes are left out: they lie
# on a sheet that moves below the tools, as a map does.
MEASURE = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const parent = each => each.parentElement ?? each.getRootNode().host ?? null;
  const all = [];
  const walk = root => root.querySelectorAll("*").forEach(each => {
    all.push(each);
    if (each.shadowRoot) walk(each.shadowRoot);
  });
  walk(main);
  const name = each => `${each.tagName} ${each.getAttribute("aria-label") ?? each.textContent.trim().slice(0, 40)}`
    + ` ${each.className.baseVal ?? each.className}`;
  const shows = each => each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const seen = each => {
    let { left, top, right, bottom } = each.getBoundingClientRect();
    for (let up = parent(each); up && up !== main; up = parent(up)) {
      const { overflowX, overflowY } = getComputedStyle(up);
      if (overflowX === "visible" && overflowY === "visible") continue;
      const box = up.getBoundingClientRect();
      left = Math.max(left, box.left); right = Math.min(right, box.right);
      top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
    }
    return { left, top, right, bottom };
  };
  const pressed = "button, a[href], input:not([type=hidden]), select, textarea, summary,"
    + "[role=button], [role=tab], [role=radio]";
  const nodes = all.filter(each => each.matches(pressed) && shows(each) && !each.closest("g.node, g.frame"));
  const targets = nodes.map((each, place) => {
    const { width, height } = each.getBoundingClientRect();
    const holders = [];
    for (let up = parent(each); up; up = parent(up)) holders.push(nodes.indexOf(up));
    const streamlit = each.matches("[data-testid^=stBaseButton]");
    return { place, name: name(each), width, height, box: seen(each), holders, streamlit };
  }).filter(({ box }) => box.right - box.left > 2 && box.bottom - box.top > 2);
  const scrolling = all.filter(each => shows(each) && each.scrollWidth > each.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(each).overflowX)
    && !each.closest(".st-key-view-choice, [role=tablist], [data-testid=stDataFrame], [data-testid=stTable]"));
  const outside = all.filter(each => shows(each) && each.getClientRects().length).filter(each => {
    const { left, right, top, bottom } = seen(each);
    return right > left && bottom > top && (left < -1 || right > innerWidth + 1);
  });
  return { width: document.documentElement.scrollWidth, main: main.scrollWidth, targets,
           scrolling: scrolling.map(name), outside: outside.map(name) };
}"""


def overlapping(targets: list[dict[str, Any]]) -> list[str]:
    """Pairs of targets that lie over each other by more than a border."""
    pairs = []
    for number, one in enumerate(targets):
        for other in targets[number + 1 :]:
            if one["place"] in other["holders"] or other["place"] in one["holders"]:
                continue
            a, b = one["box"], other["box"]
            across = min(a["right"], b["right"]) - max(a["left"], b["left"])
            down = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
            if across > 1.5 and down > 1.5:
                pairs.append(f"{one['name']} × {other['name']}: {across:.0f}×{down:.0f}")
    return pairs


def faults(measured: dict[str, Any]) -> list[str]:
    """What is wrong with a narrow page, by what ``MEASURE`` says of it."""
    small = [
        f"small: {target['name']} {target['width']:.0f}×{target['height']:.0f}"
        for target in measured["targets"]
        if min(target["width"], target["height"]) < (43.5 if target["streamlit"] else 23.5)
    ]
    wide = [f"wide: {measured[what]}" for what in ("width", "main") if measured[what] > WIDTH]
    return [
        *wide,
        *small,
        *(f"over: {pair}" for pair in overlapping(measured["targets"])),
        *(f"scrolls: {name}" for name in measured["scrolling"]),
        *(f"outside: {name}" for name in measured["outside"]),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_phone(browser: Browser, server: Server, language: str) -> None:
    wrong: dict[str, list[str]] = {}
    targets: dict[str, int] = {}
    with screen(browser, server.url, **PHONE) as tab:
        for name, _tab in every_page(tab, server, language):
            measured = tab.page.evaluate(MEASURE)
            targets[name] = len(measured["targets"])
            wrong[name] = faults(measured)
    assert len(targets) >= 15 and min(targets.values()) >= 2, targets
    assert not {name: found for name, found in wrong.items() if found}


def test_a_page_that_does_not_fit_is_noticed(browser: Browser, server: Server) -> None:
    with screen(browser, server.url, **PHONE) as tab:
        tab.open("runs")
        tab.settle()
        tab.page.evaluate(
            """() => document.querySelector("h1").insertAdjacentHTML("afterend", `<div style="height: 60px">
            <button style="position: absolute; width: 60px; height: 60px">one</button>
            <i role="button" style="position: absolute; width: 60px; height: 10px">two</i>
            <div style="overflow-x: auto"><p style="width: 900px">long</p></div></div>
            <div style="width: 500px">wide</div>`)"""
        )
        kinds = {fault.split(":")[0] for fault in faults(tab.page.evaluate(MEASURE))}
    assert kinds == {"small", "over", "scrolls", "outside", "wide"}
