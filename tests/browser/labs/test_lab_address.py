"""A link restores what the laboratory shows: the map and the pixel, the colours, the drawn digit on its sheet."""

import pytest
from playwright.sync_api import Browser

from tests.browser.labs.test_lab import SEVEN, choose, follow, opened, own, reach
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

CHOSEN = """host => ({layer: host.view.stages[host.view.picked.stage].name, map: host.view.picked.map + 1,
  scale: host.view.scale, pixel: host.view.detail.panels.window.place})"""
# How dark the sheet is, in sum over its pixels.
DARKNESS = """pad => { const { width, height } = pad.view.sheet;
  const pixels = pad.view.sheet.getContext("2d").getImageData(0, 0, width, height).data;
  return pixels.reduce((sum, value, at) => at % 4 === 3 ? sum + value : sum, 0) / (255 * width * height); }"""


def shows(tab: Screen, layer: str, number: int, scale: str, pixel: list[int]) -> None:
    """Wait until the network shows this map's window at this pixel, in these colours."""
    wanted = {"layer": layer, "map": number, "scale": scale, "pixel": pixel}
    wait_until(lambda: tab.lab().evaluate(CHOSEN) == wanted, 30, str(wanted))


def test_map_pixel_and_colours_are_in_the_address(browser: Browser, tab: Screen, server: Server) -> None:
    opened(tab, server)
    tab.page.get_by_role("button", name="conv2 · relu2, map 3 of 8").click(position={"x": 4, "y": 4})
    wait_until(lambda: tab.query().get("map") == "conv2.3", 20, "the map in the address")
    choose(tab, "whole network")
    wait_until(lambda: tab.query().get("scale") == "network", 20, "the colours in the address")
    outputs = tab.lab().locator(".window-panel .outputs")
    outputs.press("Control+Home")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        outputs.press(key)
    wait_until(lambda: tab.query().get("pixel") == "2.1", 20, "the pixel in the address")
    shows(tab, "conv2", 3, "network", [2, 1])
    tab.page.reload()
    shows(tab, "conv2", 3, "network", [2, 1])
    with screen(browser, server.url) as other:
        other.page.goto(tab.page.evaluate("location.href"))
        shows(other, "conv2", 3, "network", [2, 1])


def test_the_chosen_map_outlives_a_change_of_view_and_a_reload(tab: Screen, server: Server) -> None:
    tab.open("digits", run=server.run("digits").id, view="maps", map="conv1.2", scale="map")
    number = tab.page.get_by_role("spinbutton", name="Map, 1 to 4")
    wait_until(lambda: number.input_value() == "2", 30, "the second map")
    number.press("ArrowUp")
    number.press("Enter")
    wait_until(lambda: tab.query().get("map") == "conv1.3", 20, "the map in the address")
    choose(tab, "Network")
    tab.lab()
    wait_until(lambda: tab.lab().evaluate(CHOSEN)["map"] == 3, 30, "the same map in the network")
    choose(tab, "Kernels and maps")
    wait_until(lambda: number.input_value() == "3", 30, "the third map")
    tab.page.reload()
    wait_until(lambda: number.input_value() == "3", 30, "the third map after a reload")
    assert tab.page.get_by_role("radio", name="per map", exact=True).is_checked()


@pytest.mark.parametrize("query", [{"map": "conv9.1"}, {"map": "conv2.999"}, {"map": ".", "pixel": "x.y"}])
def test_a_map_that_is_none_gives_the_first(tab: Screen, server: Server, query: dict[str, str]) -> None:
    tab.open("digits", run=server.run("digits").id, **query)
    wait_until(lambda: tab.lab().evaluate(CHOSEN)["map"] == 1, 30, "the first map")
    tab.sound()


def test_a_drawn_digit_is_on_its_sheet_after_a_reload(tab: Screen, server: Server) -> None:
    run, _one = opened(tab, server)
    choose(tab, "Draw")
    follow(tab, SEVEN)
    key = own(tab, run)
    pad = tab.part("lab_pad").locator(".pad")
    drawn = pad.evaluate(DARKNESS)
    tab.page.reload()
    reach(tab, run, key)
    wait_until(lambda: pad.evaluate(DARKNESS) > 0.5 * drawn, 20, "the digit on the sheet")
    assert tab.query()["sample"] == key  # showing it changes nothing
    choose(tab, "Clear")
    assert pad.evaluate(DARKNESS) == 0
