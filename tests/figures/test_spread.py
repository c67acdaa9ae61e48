"""The scatter of probabilities: every number stands in the figure, and in its text alternative."""

import numpy as np
import pytest

from explorer.figures.palette import description
from explorer.figures.spread import MOST_POINTS, spread


def test_every_probability_under_its_class() -> None:
    probabilities = np.array([[0.1, 0.9], [0.3, 0.7], [0.25, 0.75]])
    made = spread(probabilities, np.array([0.2, 0.8]), ["no", "yes"], title="Answers")
    boxes, marks = made.data
    found = {name: [y for x, y in zip(boxes.x, boxes.y, strict=True) if x == name] for name in ("no", "yes")}
    assert found == {"no": [0.1, 0.3, 0.25], "yes": [0.9, 0.7, 0.75]}
    assert dict(zip(marks.x, marks.y, strict=True)) == {"no": 0.2, "yes": 0.8}
    # The likeliest class comes first.
    assert description(made) == (
        "Answers: 3 passes. yes: 0.7 to 0.9, without dropout 0.8; no: 0.1 to 0.3, without dropout 0.2."
    )


@pytest.mark.parametrize(("count", "points"), [(MOST_POINTS, "all"), (MOST_POINTS + 1, False)])
def test_many_passes_are_boxes_alone(count: int, points: object) -> None:
    made = spread(np.full((count, 2), 0.5), np.array([0.5, 0.5]), ["0", "1"], title="Answers")
    assert made.data[0].boxpoints == points
