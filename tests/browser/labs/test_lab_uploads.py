"""Photographs, files that are none, hostile addresses and narrow windows: the page says a sentence and goes on."""

import base64
import io
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser

from explorer.runs.checkpoint import OpenRun
from explorer.runs.folder import Run
from models.data import mnist
from models.digits.own_digit import OWN
from tests.browser.labs.test_lab import agrees, choose, drawn, opened, reach
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until
from tests.browser.test_address import MARKUP

Greys = NDArray[np.uint8]


def png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def photographed(digit: Greys, light: bool) -> bytes:
    """A digit of MNIST's as a camera sees it: large, out of the middle, on uneven paper with grain; a JPEG."""
    large = np.asarray(Image.fromarray(digit).resize((420, 420), Image.Resampling.BICUBIC), np.float32) / 255
    ink = np.zeros((640, 800), np.float32)
    ink[60:480, 300:720] = large
    down, across = np.mgrid[0:1:640j, 0:1:800j]
    paper = 0.85 - 0.12 * down - 0.08 * across
    grey = paper * (1 - 0.8 * ink) if not light else (1 - paper) + (0.75 * ink)
    grey += np.random.default_rng(0).normal(0, 0.015, grey.shape)
    content = io.BytesIO()
    Image.fromarray((grey.clip(0, 1) * 255).astype(np.uint8)).convert("RGB").save(content, "JPEG", quality=85)
    return content.getvalue()


def landscape() -> bytes:
    """Sky, sun, hills and a meadow: nobody's digit."""
    down, across = np.mgrid[0:480, 0:640]
    picture = np.stack([120 + down // 4, 160 + down // 6, 235 - down // 8], axis=-1)
    picture[(down - 90) ** 2 + (across - 480) ** 2 < 45**2] = (255, 240, 150)
    picture[down > 300 + 50 * np.sin(across / 70)] = (60, 100, 50)
    picture[down > 400 + 15 * np.sin(across / 31)] = (40, 130, 40)
    picture = picture + np.random.default_rng(1).normal(0, 6, picture.shape)
    return png(Image.fromarray(picture.clip(0, 255).astype(np.uint8)))


def give(tab: Screen, name: str, content: bytes) -> None:
    field = tab.part("lab-photo").locator("input[type=file]").first
    field.wait_for(state="attached")
    tab.settle()
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def pictured(tab: Screen, run: Run, but: str) -> str:
    """The photograph's key, another one than ``but``, once its network is drawn."""

    def found() -> str:
        key = tab.query().get("sample", "")
        return key if key.startswith(OWN) and key != but else ""

    key = wait_until(found, 30, "the digit of a photograph")
    reach(tab, run, key)
    tab.settle()
    return key


def surest(one: OpenRun, digit: int) -> Greys:
    """The image (28, 28) of this class of which the network is surest, among the first of the test part."""
    images, labels = mnist.embedded().test_images[5000:5400], mnist.embedded().test_labels[5000:5400]
    keys = [f"test/{place}" for place in np.flatnonzero(labels == digit)]
    shares = [float(one.network(one.sample(key).inputs)[0, digit].detach()) for key in keys]
    found: Greys = images[int(keys[int(np.argmax(shares))].partition("/")[2])].reshape(28, 28)
    return found


def test_photographs_and_files_that_are_none(tab: Screen, server: Server) -> None:
    run, one = opened(tab, server)
    choose(tab, "Photo")
    key = ""
    for digit, light in ((2, False), (0, True)):
        give(tab, "photo.jpg", photographed(surest(one, digit), light))
        key = pictured(tab, run, key)
        assert agrees(tab, one, drawn(key)).argmax() == digit
        assert tab.part("digits-number").locator("input").input_value() == ""  # no test digit any more
        steps = tab.part("lab-steps")
        assert steps.locator("img").count() == 5
        assert steps.inner_text().split("\n")[-1] == "centred"

    whole = photographed(surest(one, 2), False)
    vast = png(Image.new("L", (8500, 6000), 128))  # 51 million pixels in 50 kB
    empty = png(Image.new("RGB", (300, 300), "white"))
    for name, content, sentence in (
        ("vast.png", vast, "The picture has 8500×6000 pixels; at most 50 million are read."),
        # No sentence follows itself: the old one, still there, would be taken for the new one.
        ("half.png", landscape()[:9000], "The picture is damaged"),
        ("text.png", b"This is no picture. " * 50, "This is not a PNG, JPEG, WebP or HEIC picture."),
        ("half.jpg", whole[: len(whole) // 3], "The picture is damaged"),
        ("none.png", b"", "This is not a PNG, JPEG, WebP or HEIC picture."),
        ("empty.png", empty, "The picture shows no ink"),
    ):
        give(tab, name, content)
        tab.shown(sentence)
        tab.settle()
        tab.sound()
        assert tab.page.locator("[data-testid=stAlert]").count() == 1, name
        assert tab.query()["sample"] == key  # the last digit stays
        agrees(tab, one, drawn(key))

    give(tab, "landscape.png", landscape())  # no digit: what it takes for ink is shown, and the network's guess
    odd = pictured(tab, run, key)
    agrees(tab, one, drawn(odd))
    assert tab.page.locator("[data-testid=stAlert]").count() == 0
    choose(tab, "MNIST")
    choose(tab, "4")
    wait_until(lambda: tab.query()["sample"].startswith("test/"), 20, "a digit of MNIST again")


def bomb() -> str:
    """A key that says it is a picture and unpacks to 64 MB."""
    return OWN + base64.urlsafe_b64encode(zlib.compress(bytes(2**26), 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        (f"{OWN}garbage", "There is no own digit 'own/garbage'"),
        (OWN + "A" * 1500, "There is no own digit 'own/AAA"),
        (bomb()[:1900], "There is no own digit"),
        (OWN + base64.urlsafe_b64encode(zlib.compress(bytes(2**19), 9)).decode().rstrip("="), "There is no own digit"),
        ("test/0~x9999", "cannot be read"),
        ("test/0~x999", "goes too far"),
        ("test/0~s99", "goes too far"),
        (f"test/0~{MARKUP}", "cannot be read"),
        (f"{OWN}{MARKUP}", "There is no own digit"),
        (MARKUP, "There is no digit"),
    ],
    ids=["garbage", "long", "bomb", "small bomb", "shift", "far", "scale", "markup change", "markup own", "markup"],
)
def test_a_hostile_sample_gets_a_sentence(tab: Screen, server: Server, sample: str, sentence: str) -> None:
    run, _one = opened(tab, server, sample=sample)
    tab.shown(sentence)
    assert tab.page.locator("[data-testid=stAlert]").count() == 1
    reach(tab, run, "test/0")  # and the first digit is shown
    tab.settle()
    assert "sample" not in tab.query()
    assert tab.part("digits-number").locator("input").input_value() == "0"
    tab.shown(sentence)  # still
    assert tab.page.evaluate("window.hacked") is None
    assert tab.page.locator("[data-testid=stMain] img[src=x], a[href^='javascript']").count() == 0
    assert "Traceback" not in tab.text()


def test_the_view_stands_in_the_address(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    for view, title in (("sandbox", "Sandbox"), ("softmax", "Softmax"), ("nonsense'<b>", "Network")):
        tab.open("digits", run=run.id, view=view)
        tab.page.get_by_role("radio", name=title, exact=True, checked=True).wait_for()
        tab.settle()
        tab.sound()
    tab.open("digits", run=run.id)
    tab.lab()
    choose(tab, "Softmax")
    wait_until(lambda: tab.query().get("view") == "softmax", 10, "the view in the address")
    tab.settle()
    tab.page.get_by_role("link", name="Graph explorer").click()
    tab.page.locator(".stage g.node").first.wait_for()
    tab.page.get_by_role("link", name="Digits").click()
    tab.page.get_by_role("radio", name="Softmax", exact=True, checked=True).wait_for()
    assert tab.query()["view"] == "softmax"
    choose(tab, "Network")
    tab.lab()
    wait_until(lambda: "view" not in tab.query(), 10, "the first view, which needs no word in the address")


@pytest.mark.parametrize("width", [800, 1400])
def test_in_chinese_nothing_is_wider_than_the_window(browser: Browser, server: Server, width: int) -> None:
    run = server.run("digits")
    with screen(browser, server.url, locale="zh-CN", viewport={"width": width, "height": 900}) as tab:
        tab.open("digits", run=run.id)
        tab.lab()
        tab.settle()
        for place in ("[data-testid=stMain]", "html"):
            inside, outside = tab.page.locator(place).evaluate("one => [one.scrollWidth, one.clientWidth]")
            assert inside <= outside, place
        assert "卷积核" in tab.text() or "特征图" in tab.text()
