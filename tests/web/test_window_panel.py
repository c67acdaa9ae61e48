"""The window that slides, in a real Chromium: arithmetic against torch, what lights up, keys, play and sweeps."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Page
from torch.nn import functional as F

from explorer.ui.components.window_view import WORDS
from explorer.web.modules import stylesheet
from tests.browser.screen import context_in
from tests.web.module_page import open_blank
from tests.web.window_views import COLOURS, SHOW, VIEWED, convolution, generated, pooling

# No infinity passes from the page to the test but as text.
WORKED = f"""async views => {{
  const {{ computePixel }} = await import("/lab/window_arithmetic.js");
  return views.map(view => {{
    const result = computePixel(({VIEWED})(view), ...view.place);
    const patches = result.patches.map(patch => [...patch].map(String));
    return {{...result, inside: [...result.inside], patches, products: null}};
  }});
}}"""
# What the panel writes in the frame after the pointer came to each of 56 places, two of every row.
SWEEP = """async () => {
  const map = document.querySelector(".map.output"), box = map.getBoundingClientRect(), written = [];
  for (let row = 0; row < 28; row++) for (const column of [row, 27 - row]) {
    map.dispatchEvent(new PointerEvent("pointermove", {bubbles: true,
      clientX: box.left + (column + 0.5) / 28 * box.width, clientY: box.top + (row + 0.5) / 28 * box.height}));
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    written.push(document.querySelector(".where").textContent);
  }
  return written;
}"""


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    with context_in(browser, viewport={"width": 1100, "height": 1000}) as opened:
        yield opened


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    tab = window.new_page()
    problems: list[str] = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    open_blank(tab, '<div id="host"></div>', stylesheet("lab/window_panel"))
    yield tab
    tab.close()
    assert problems == []


def show(page: Page, view: dict[str, Any]) -> None:
    page.evaluate(SHOW, [view, WORDS, COLOURS])


def where(page: Page) -> tuple[int, int]:
    """The place of the output pixel, from 0; the panel counts from 1."""
    numbers = re.findall(r"\d+", page.locator(".where").inner_text())
    return int(numbers[0]) - 1, int(numbers[1]) - 1


def lit(page: Page, frame: str) -> list[list[float]]:
    """Left, top, width and height of every frame, in cells of its map, the padding counted."""
    found: list[list[float]] = page.eval_on_selector_all(
        frame,
        """(frames, side) => frames.map(frame => {
          const map = frame.parentElement.getBoundingClientRect(), own = frame.getBoundingClientRect();
          const cell = Number(frame.parentElement.querySelector(":scope > canvas").style.width.replace("px", ""))
            / frame.parentElement.querySelector(":scope > canvas").width;
          return [own.left - map.left, own.top - map.top, own.width, own.height].map(size => size / cell);
        })""",
    )
    return found


def hover(page: Page, row: float, column: float) -> None:
    """Point at the middle of an output pixel with the real mouse."""
    shape = page.evaluate("panel.view.output.shape")
    box = page.locator(".map.output").first.bounding_box()
    assert box is not None
    page.mouse.move(
        box["x"] + (column + 0.5) / shape[1] * box["width"], box["y"] + (row + 0.5) / shape[0] * box["height"]
    )


def test_the_worked_sums_are_torchs(page: Page) -> None:
    views = generated()
    worked = page.evaluate(WORKED, views)
    assert len(worked) == 200
    for view, made in zip(views, worked, strict=True):
        row, column = view["place"]
        x = torch.tensor(view["input"]["values"]).reshape(1, *view["input"]["shape"])
        stored = np.reshape(view["output"]["values"], view["output"]["shape"])[row, column]
        assert made["before"] == pytest.approx(stored, rel=1e-5, abs=1e-5)
        after = view["activated"] or view["output"]
        stored = np.reshape(after["values"], after["shape"])[row, column]
        assert made["after"] == pytest.approx(stored, rel=1e-5, abs=1e-5)
        size = view["kernel"]["shape"][1] if view["kernel"] else view["size"]
        outside = float("-inf") if view["kind"] == "max" else 0.0
        padded = F.pad(x, [view["padding"]] * 4, value=outside)
        steps = view.get("dilation", 1)
        ends = [view["stride"] * at + steps * (size - 1) + 1 for at in (row, column)]
        cut = padded[0, :, view["stride"] * row : ends[0] : steps, view["stride"] * column : ends[1] : steps]
        patches = np.array([[float(value.replace("Infinity", "inf")) for value in one] for one in made["patches"]])
        np.testing.assert_array_equal(patches, cut.reshape(len(patches), -1).numpy())
        there = F.pad(torch.ones_like(x[:, :1]), [view["padding"]] * 4)
        there = there[0, 0, view["stride"] * row : ends[0] : steps, view["stride"] * column : ends[1] : steps]
        np.testing.assert_array_equal(made["inside"], there.reshape(-1).numpy())
        if view["kind"] == "max":
            assert made["winner"] == int(cut.reshape(-1).argmax())
        if view["kind"] == "convolution":
            w = torch.tensor(view["kernel"]["values"]).reshape(cut.shape)
            np.testing.assert_allclose(made["sums"], (cut * w).sum(dim=(1, 2)).numpy(), rtol=1e-4, atol=1e-5)
            assert made["bias"] == pytest.approx(view["bias"])


def test_hovering_lights_patch_kernel_pixel_and_sum_together(page: Page) -> None:
    view = convolution(channels=3, side=7, kernel=3, stride=2, padding=1, activation="ReLU")
    show(page, view)
    hover(page, 2, 3)
    page.wait_for_function("document.querySelector('.where').textContent === 'Row 3, column 4'")
    assert lit(page, ".map.input .frame") == [pytest.approx([6, 4, 3, 3])] * 3  # column · stride, row · stride
    assert lit(page, ".map.output .frame") == [pytest.approx([3, 2, 1, 1])] * 2
    made = page.evaluate("(({sums, before, after}) => ({sums, before, after}))(computePixel(panel.view, 2, 3))")
    shown = [text.replace("−", "-") for text in page.locator(".chip b").all_inner_texts()]
    np.testing.assert_allclose([float(text) for text in shown], made["sums"], rtol=1e-3)
    equation = page.locator(".sum").inner_text().replace("−", "-")
    before = f"{made['before']:.4g}"
    assert f"= {float(before):g} → ReLU →" in equation
    assert float(page.locator(".result").inner_text()) == pytest.approx(made["after"], rel=1e-3)
    page.wait_for_timeout(700)
    assert page.locator("[aria-live]").inner_text().startswith("Row 3, column 4: ")


def test_gaps_of_a_dilated_kernel_are_shaded(page: Page) -> None:
    show(page, convolution(side=9, kernel=3, dilation=2))
    assert lit(page, ".map.input .frame")[0][2:] == pytest.approx([5, 5])
    assert page.evaluate(
        """() => { const shade = document.querySelector(".map.input .frame canvas");
        const alpha = shade.getContext("2d").getImageData(0, 0, 5, 5).data.filter((_v, at) => at % 4 === 3);
        return [...alpha].map((value, at) => value ? -1 : at).filter(at => at >= 0); }"""
    ) == [0, 2, 4, 10, 12, 14, 20, 22, 24]


def test_a_chip_chooses_the_channel_that_is_written_out(page: Page) -> None:
    show(page, convolution(channels=4))
    page.locator(".chip").nth(2).click()
    page.locator(".chip[aria-pressed=true]", has_text="Channel 3").wait_for()
    assert "chosen" in (page.locator(".inputs .tile").nth(2).get_attribute("class") or "")
    sums = page.evaluate("computePixel(panel.view, ...panel.place).sums")
    number = re.search(r"−?\d[\d.]*", page.locator(".note").inner_text().split("add up to")[1])
    assert number is not None
    assert float(number.group().rstrip(".").replace("−", "-")) == pytest.approx(sums[2], rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (["ArrowDown", "ArrowRight", "ArrowRight"], (1, 2)),
        (["End"], (0, 3)),
        (["Control+End"], (3, 3)),
        (["Control+End", "ArrowDown", "ArrowRight", "Home"], (3, 0)),
        (["ArrowUp", "ArrowLeft"], (0, 0)),
    ],
)
def test_keys_move_the_window(page: Page, keys: list[str], at: tuple[int, int]) -> None:
    show(page, {**convolution(), "place": [0, 0]})
    page.locator(".outputs").focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    assert where(page) == at


def test_play_goes_on_row_by_row_and_a_step_stops_it(page: Page) -> None:
    show(page, {**convolution(), "place": [0, 3]})
    page.get_by_label("One pixel on").click()
    page.wait_for_function("document.querySelector('.where').textContent === 'Row 2, column 1'")
    page.get_by_label("One pixel back").click()
    page.wait_for_function("document.querySelector('.where').textContent === 'Row 1, column 4'")
    page.get_by_label("Speed").fill("20")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.where').textContent.startsWith('Row 3')")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(100)
    before = where(page)
    page.wait_for_timeout(300)
    assert where(page) == before
    page.get_by_label("One pixel on").click()
    page.get_by_role("button", name="Play").wait_for()


def test_the_window_is_dragged_over_its_input(page: Page) -> None:
    show(page, {**convolution(side=9, kernel=3, stride=2, padding=1), "place": [0, 0]})
    box = page.locator(".map.input").bounding_box()
    assert box is not None
    cell = box["width"] / 11
    page.mouse.move(box["x"] + 1.5 * cell, box["y"] + 1.5 * cell)
    page.mouse.down()
    page.mouse.move(box["x"] + 7.5 * cell, box["y"] + 3.5 * cell, steps=4)  # the middle of row 1, column 3
    page.mouse.up()
    page.wait_for_timeout(100)
    assert where(page) == (1, 3)


def test_pooling_crowns_the_winner_and_greys_the_others(page: Page) -> None:
    view = pooling("max", side=8, size=3, stride=2)
    show(page, {**view, "place": [1, 2]})
    x = np.reshape(view["input"]["values"], (8, 8))
    patch = x[2:5, 4:7]
    row, column = np.unravel_index(patch.argmax(), patch.shape)
    frame, crown = lit(page, ".map.input .frame")[0], page.locator(".map.input .crown")
    assert crown.is_visible()
    moved = page.evaluate(
        """() => { const crown = document.querySelector(".map.input .crown").getBoundingClientRect();
        const map = document.querySelector(".map.input").getBoundingClientRect();
        return [crown.left - map.left, crown.top - map.top, crown.width]; }"""
    )
    assert [moved[0] / moved[2], moved[1] / moved[2]] == pytest.approx([frame[0] + column, frame[1] + row])
    assert float(page.locator(".result").inner_text().replace("−", "-")) == pytest.approx(patch.max(), rel=1e-3)
    assert page.locator("canvas.cells").count() == 1


def test_a_mean_is_written_out(page: Page) -> None:
    view = pooling("average")
    show(page, {**view, "place": [0, 1]})
    numbers = page.locator(".line").inner_text().replace("−", "-")
    values = [float(text) for text in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", numbers)]
    np.testing.assert_allclose(values[:4], np.reshape(view["input"]["values"], (6, 6))[0:2, 2:4].ravel(), rtol=1e-3)
    assert values[4] == 4
    assert float(page.locator(".result").inner_text().replace("−", "-")) == pytest.approx(sum(values[:4]) / 4, rel=1e-2)


def test_a_new_view_of_the_same_form_keeps_place_channel_and_nodes(page: Page) -> None:
    show(page, {**convolution(channels=3), "place": [2, 1]})
    page.locator(".chip").nth(1).click()
    page.evaluate("window.kept = document.querySelector('.map.output')")
    show(page, convolution(channels=3, seed=9))
    assert where(page) == (2, 1)
    assert page.locator(".chip").nth(1).get_attribute("aria-pressed") == "true"
    assert page.evaluate("kept === document.querySelector('.map.output')")
    show(page, convolution(channels=1, side=4))
    assert max(where(page)) <= 1
    assert page.locator(".chip").count() == 0


@pytest.mark.parametrize("width", [320, 700, 1200])
def test_nothing_is_wider_than_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for view in (
        convolution(channels=8, side=28, kernel=5, padding=2, activation="ReLU"),
        convolution(side=28, kernel=9),
        pooling("max", side=28, size=4),
        convolution(channels=64, side=14, kernel=5, padding=2),
    ):
        show(page, view)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for part in (".inputs", ".outputs"):
            assert page.eval_on_selector(part, "each => each.scrollWidth <= each.clientWidth")


def test_words_are_no_markup(page: Page) -> None:
    bad = "<img src=x onerror='window.ran=1'>"
    page.evaluate(SHOW, [{**convolution(channels=2), "title": bad}, dict.fromkeys(WORDS, bad), COLOURS])
    assert page.locator("img").count() == 0
    assert page.locator(".title").inner_text() == bad


def test_a_sweep_over_a_map_writes_each_place_with_its_frame(page: Page) -> None:
    show(page, convolution(channels=8, side=28, kernel=5, padding=2, activation="ReLU"))
    expected = [f"Row {row + 1}, column {column + 1}" for row in range(28) for column in (row, 27 - row)]
    assert page.evaluate(SWEEP) == expected
