"""Photographs: MNIST's own digits come back from paper of many kinds; what cannot be read costs one sentence."""

import io
import struct
import time
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from explorer.chapters.digits.digit_picture import LONGEST_SIDE, ink_of, read_digit, read_digit_safely
from models.data import mnist
from models.digits.own_digit import as_mnist
from models.errors import DataError

IMAGES = mnist.embedded().test_images[:12]


def file(pixels: np.ndarray, kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def photographed(digit: np.ndarray, paper: float, ink: float, shade: float = 0.0, noise: float = 0.0) -> np.ndarray:
    """``digit`` (28, 28) written with ``ink`` on ``paper``, in light that falls off by ``shade`` to one corner."""
    height, width = 300, 400
    mask = np.zeros((height, width))
    side = 28 * 8
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)) / 255
    mask[40 : 40 + side, 130 : 130 + side] = large
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = 1 - shade * (0.6 * x + 0.4 * y)
    grain = np.random.default_rng(0).normal(0, noise, mask.shape) if noise else 0
    seen: np.ndarray = (((1 - mask) * paper + mask * ink) * light + grain).clip(0, 1) * 255
    return seen


def likeness(result: np.ndarray, digit: np.ndarray) -> float:
    """The correlation of two pictures, 1 for the same; a centre of mass may be rounded to the next pixel."""
    moved = (np.roll(result, (y, x), axis=(0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1))
    return max(float(np.corrcoef(each.ravel(), digit.ravel())[0, 1]) for each in moved)


PAPERS = {
    "black on white": {"paper": 1.0, "ink": 0.0},
    "white on black": {"paper": 0.0, "ink": 1.0},
    "pencil": {"paper": 0.85, "ink": 0.6, "noise": 0.02},
    "in the shade": {"paper": 0.9, "ink": 0.3, "shade": 0.5, "noise": 0.03},
    "chalk in the shade": {"paper": 0.15, "ink": 0.8, "shade": 0.5, "noise": 0.03},
}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_mnists_digits_come_back_from_paper(paper: str, kind: str) -> None:
    for place, digit in enumerate(IMAGES):
        result = read_digit(file(photographed(digit, **PAPERS[paper]), kind), kind).centred
        alike = [likeness(result, other) for other in IMAGES]
        assert alike[place] > 0.9
        assert max(alike) == alike[place]


def test_a_telephones_heic_is_read() -> None:
    pillow_heif.register_heif_opener()
    for digit in IMAGES[:2]:
        result = read_digit(file(photographed(digit, **PAPERS["in the shade"]), "heif"), "heic")
        assert likeness(result.centred, digit) > 0.9


def test_white_ink_on_nothing_is_its_opacity() -> None:
    drawing = np.full((28, 28, 4), 255)
    drawing[..., 3] = IMAGES[0]
    assert likeness(read_digit(file(drawing), "png").centred, IMAGES[0]) > 0.9


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_a_scan_of_any_depth(bits: int) -> None:
    scan = photographed(IMAGES[0], 1.0, 0.0) / 255 * (2**bits - 1)
    content = io.BytesIO()
    Image.fromarray(scan.astype(np.uint16)).save(content, "png")
    assert likeness(read_digit(content.getvalue(), "png").centred, IMAGES[0]) > 0.9


def test_a_stamp_beside_the_digit_is_another_piece_that_can_be_chosen() -> None:
    paper = np.zeros((100, 100))
    paper[30:86, 30:86] = np.kron(IMAGES[1], np.ones((2, 2)))
    paper[3:9, 70:97] = 255
    content = file(255 - paper)
    first = read_digit(content, "png")
    assert len(first.boxes) == 2
    assert likeness(first.centred, IMAGES[1]) > 0.9
    stamp = read_digit(content, "png", 1)
    assert stamp.chosen == 1
    assert likeness(stamp.centred, IMAGES[1]) < 0.5


def test_the_steps_follow_from_each_other() -> None:
    result = read_digit_safely(file(photographed(IMAGES[0], 1.0, 0.0)), ".PNG")
    assert result.grey.shape == result.ink.shape == (LONGEST_SIDE * 3 // 4, LONGEST_SIDE)
    assert (result.grey[0, 0], result.ink[0, 0]) == (1, 0), "white paper is 1 as grey and 0 as ink"
    assert np.array_equal(ink_of(result.grey), result.ink)
    again = as_mnist(result.ink)
    for step in ("cut", "scaled", "centred"):
        assert np.array_equal(getattr(again, step), getattr(result, step))
    assert result.ink.max() == 1
    assert result.centred.dtype == np.uint8


def test_a_mnist_image_itself_and_its_negative() -> None:
    for digit in IMAGES:
        assert likeness(read_digit(file(digit), "png").centred, digit) > 0.9
        assert likeness(read_digit(file(255 - digit), "png").centred, digit) > 0.9


def test_a_transparent_drawing_lies_on_white() -> None:
    drawing = np.zeros((28, 28, 4))
    drawing[..., 3] = IMAGES[0]
    assert likeness(read_digit(file(drawing), "png").centred, IMAGES[0]) > 0.9


def test_a_picture_that_is_no_digit_is_read_all_the_same() -> None:
    """It has light and dark places; that no digit is among them is for the network to say."""
    y, x = np.mgrid[0:200, 0:300]
    scene = 120 + 80 * np.sin(x / 17) * np.cos(y / 23) + np.random.default_rng(0).normal(0, 8, x.shape)
    result = read_digit_safely(file(scene.clip(0, 255), "jpeg"), "jpeg")
    assert result.centred.shape == (28, 28)
    assert result.centred.max() > 100


def of_size(width: int, height: int) -> bytes:
    """A PNG whose header says that it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


WRONG = {
    "50 megapixels": (of_size(8_688, 5_792), "png", r"has 8688×5792 pixels; at most 50 million"),
    "a bomb": (of_size(10**5, 10**5), "png", r"at most 50 million are read"),
    "cut off": (file(photographed(IMAGES[0], 1, 0), "jpeg")[:900], "jpg", r"The picture is damaged: "),
    "a damaged png": (of_size(90, 90), "png", r"The picture is damaged: "),
    "text": (b"This is not a picture.", "png", r"This is not a PNG, JPEG, WebP or HEIC picture\."),
    "nothing": (b"", "png", r"This is not a PNG, JPEG, WebP or HEIC picture\."),
    "another kind": (b"GIF89a", "gif", r"'\.gif' cannot be a picture; it must be one of \.png, \.jpg"),
    "white": (file(np.full((300, 200), 255)), "png", r"The picture shows no ink: it is almost the same grey"),
    "one pixel": (file(np.full((1, 1), 7)), "png", r"The picture shows no ink"),
    "grainy paper": (
        file(np.random.default_rng(0).normal(180, 8, (300, 300)).clip(0, 255), "jpeg"),
        "jpeg",
        r"shows no ink",
    ),
    "paper in the shade": (file(np.linspace(250, 90, 300) * np.ones((300, 1))), "png", r"shows no ink"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_costs_one_sentence(case: str) -> None:
    content, kind, reason = WRONG[case]
    with pytest.raises(DataError, match=reason) as refused:
        read_digit_safely(content, kind)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_as_many_pixels_as_are_allowed_are_read_in_time() -> None:
    page = np.full((7_000, 7_000), 255, np.uint8)
    page[1_000:6_000, 3_300:3_700] = 0
    content = file(page)
    started = time.monotonic()
    result = read_digit_safely(content, "png")
    assert time.monotonic() - started < 10
    assert result.cut.shape == pytest.approx((200, 16), abs=2)
