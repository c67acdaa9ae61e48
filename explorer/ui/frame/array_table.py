"""The values of an array as a table: what stands behind the button "Data" of a figure of an array."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.ui.frame.language import gettext

MOST_ROWS = 50_000  # a table that a browser can still scroll


def values_table(values: NDArray[Any]) -> pd.DataFrame:
    """An array of any shape as rows of one index for each axis and the value; the first ``MOST_ROWS``."""
    _ = gettext()
    first = values.ravel()[:MOST_ROWS]
    indices = np.unravel_index(np.arange(first.size), values.shape) if values.ndim else ()
    columns: dict[str, Any] = {_("Index {n}").format(n=axis): index for axis, index in enumerate(indices)}
    return pd.DataFrame({**columns, _("Value"): first})
