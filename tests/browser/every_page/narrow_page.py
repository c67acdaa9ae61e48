"""What does not fit a phone: what is wider than the screen, lies over something else, or is too small for a finger."""

from typing import Any

from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
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
    && !each.closest(".st-key-view-choice, [role=tablist], pre, [data-testid=stDataFrame], [data-testid=stTable]"));
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


def faults(page: Page) -> list[str]:
    """What is wrong with a page that a phone shows; it must have targets at all."""
    measured: dict[str, Any] = page.evaluate(MEASURE)
    assert len(measured["targets"]) >= 2, "nothing to press has been found"
    small = [
        f"small: {target['name']} {target['width']:.0f}×{target['height']:.0f}"
        for target in measured["targets"]
        if min(target["width"], target["height"]) < (43.5 if target["streamlit"] else 23.5)
    ]
    wide = [f"wide: {measured[what]}" for what in ("width", "main") if measured[what] > PHONE["width"]]
    return [
        *wide,
        *small,
        *(f"over: {pair}" for pair in overlapping(measured["targets"])),
        *(f"scrolls: {name}" for name in measured["scrolling"]),
        *(f"outside: {name}" for name in measured["outside"]),
    ]
