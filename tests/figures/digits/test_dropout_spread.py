"""The scatter of probabilities: every number stands in the figure's tables, and nothing that changes in its form."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.figures.digits.dropout_spread import spread


def test_every_probability_under_its_class() -> None:
    probabilities = np.array([[0.1, 0.9], [0.3, 0.7], [0.25, 0.75]])
    made = spread(probabilities, np.array([0.2, 0.8]), ["no", "yes"], title="Answers")
    points, classes = made.tables["passes"], made.tables["classes"]
    names, masks, values = (np.asarray(points[name]).tolist() for name in ("class", "mask", "probability"))
    result = {(name, mask): value for name, mask, value in zip(names, masks, values, strict=True)}
    assert result == {
        (name, mask + 1): probabilities[mask, place] for mask in range(3) for place, name in enumerate(("no", "yes"))
    }
    assert list(np.asarray(classes["even"])) == [0.2, 0.8]
    assert list(np.asarray(classes["middle"])) == [0.25, 0.75]
    assert made.alt.startswith("Answers:")


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 200), st.just(10)), elements=st.floats(0, 1)),
    arrays.arrays(np.float64, st.tuples(st.integers(1, 200), st.just(10)), elements=st.floats(0, 1)),
)
def test_other_masks_change_the_tables_alone(one: np.ndarray, other: np.ndarray) -> None:
    """Else the browser builds the whole chart anew for each step of a slider."""
    names = [str(place) for place in range(10)]
    made, next_one = (spread(values, values[0], names, title="T") for values in (one, other))
    assert json.dumps(made.spec) == json.dumps(next_one.spec)
    assert made.alt == next_one.alt
    aside = np.asarray(made.tables["passes"]["aside"], dtype=float)
    assert aside.min() >= -0.5
    assert aside.max() <= 0.5
