"""A batch's probabilities as cells: each number in its row and column, legible on its colour."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.figures.digits.probability_table import probability_table
from tests.figures.test_charts import contrast

CLASSES = [str(place) for place in range(10)]


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 32), st.just(10)), elements=st.floats(0, 1)), st.booleans())
def test_each_number_has_its_place(values: np.ndarray, dark: bool) -> None:
    rows = [f"{place} (7)" for place in range(len(values))]
    made = probability_table(values, rows, CLASSES, title="T", dark=dark)
    cells = made.tables["cells"]
    result = zip(cells["row"], cells["column"], cells["value"], strict=True)  # type: ignore[arg-type]
    assert {(str(row), str(column)): value for row, column, value in result} == {
        (row, column): values[i, j] for i, row in enumerate(rows) for j, column in enumerate(CLASSES)
    }
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in zip(cells["fill"], cells["ink"], strict=True))  # type: ignore[arg-type]


def test_another_batch_changes_the_tables_alone() -> None:
    one, other = (
        probability_table(np.full((n, 10), 0.1), [str(i) for i in range(n)], CLASSES, title="T") for n in (3, 30)
    )
    assert json.dumps(one.spec) == json.dumps(other.spec)
