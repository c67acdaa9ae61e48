"""The split and the classes of a batch as bars."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.figures import description
from explorer.figures.digits.split_bars import SplitPart, class_counts, split_bar


def test_the_parts_lie_end_to_end() -> None:
    parts = [
        SplitPart("Training", "train", 0, 60_000),
        SplitPart("Validation", "validation", 60_000, 5_000),
        SplitPart("Test", "test", 65_000, 5_000),
    ]
    figure = split_bar(parts, title="T")
    assert [(bar.base[0], bar.x[0]) for bar in figure.data] == [(0, 60_000), (60_000, 5_000), (65_000, 5_000)]
    assert len({(bar.marker.color, bar.marker.pattern.shape) for bar in figure.data}) == 3
    assert "Validation: 5,000 pictures, 60,001 to 65,000" in description(figure)


@given(st.lists(st.integers(0, 4096), min_size=1, max_size=12))
def test_the_line_is_the_even_mixture(counts: list[int]) -> None:
    made = class_counts(counts, [str(i) for i in range(len(counts))], title="T")
    assert made.tables["classes"]["count"] == counts
    assert made.tables["even"]["even"] == [sum(counts) / len(counts)]
