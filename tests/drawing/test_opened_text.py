"""What is open, as a text of an address: it comes back the same, stays short, and harms nobody."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.drawing.opened_text import LARGEST, LONGEST, opened_from_text, opened_text


@given(
    st.frozensets(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1), max_size=9)
)
def test_it_comes_back_the_same(ids: frozenset[str]) -> None:
    assert opened_from_text(opened_text(ids)) == ids


def test_everything_and_nothing_are_two_texts() -> None:
    assert opened_from_text(opened_text("all")) == "all"
    assert opened_text(frozenset())
    assert opened_from_text(opened_text(frozenset())) == frozenset()


def test_a_deep_network_fits_into_an_address() -> None:
    blocks = frozenset(
        f"features.denseblock{n}.denselayer{m}.norm{k}" for n in range(4) for m in range(40) for k in (1, 2)
    )
    assert 0 < len(opened_text(blocks)) <= LONGEST
    assert opened_from_text(opened_text(blocks)) == blocks


def test_what_is_too_long_is_left_out() -> None:
    assert opened_text(frozenset(str(hash((n, "x"))) for n in range(2000))) == ""


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "0",
        "é",
        "<b>",
        "AAAA",
        packed(b"a" * (LARGEST + 1)),
        packed(b"\xff"),
        packed(b"layer1")[:-4],
        "A" * 9999,
    ],
)
def test_another_text_means_nothing(text: str) -> None:
    assert opened_from_text(text) is None
