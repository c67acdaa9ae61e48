"""Names from files as text: printable whatever they hold, never longer than allowed; shapes with unknown sizes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import printable, shape_text, shortened

UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # Unicode's categories


@given(st.text(), st.integers(8, 40), st.sampled_from(["start", "ends"]))
def test_a_shortened_text_is_printable_and_fits(text: str, longest: int, keep: str) -> None:
    line = shortened(text, longest, keep=keep)  # type: ignore[arg-type]
    assert len(line) <= longest
    assert not {unicodedata.category(c) for c in line} & UNPRINTABLE
    if len(text) <= longest:
        assert len(line) == len(text)  # only characters are exchanged
    else:
        assert "…" in line


def test_each_unprintable_character_is_replaced_by_one_blank_or_dropped() -> None:
    assert printable("a\x00\n\u202eb\ud800 书") == "a   b  书"
    assert printable("a\x00\n\u202eb", replacement="") == "ab"


def test_a_long_text_keeps_its_ends_or_its_start() -> None:
    text = "abcdefghij" * 100_000
    assert shortened(text, 12) == "abcdefgh…hij"
    assert shortened(text, 12, keep="start") == "abcdefghija…"
    assert shortened(f"  {text[:10]}  ", 10, strip=True) == "abcdefghij"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 4, 28, 28), "1×4×28×28"), (("batch", None), "batch×?"), ((), ""), (None, "?"), ((7,), "7")],
)
def test_shapes(shape: tuple[object, ...] | None, expected: str) -> None:
    assert shape_text(shape) == expected


def test_a_size_that_is_a_name_can_be_shortened() -> None:
    assert shape_text(("height" * 9, 2, None), lambda size: size[:6]) == "height×2×?"
