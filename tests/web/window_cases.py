"""Cases of a sliding window for the JavaScript tests, with torch's results: ``window_cases.json``.

``python -m tests.web.window_cases`` writes the file; a test says when it is out of date.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.web.window_views import convolution, pooling

FILE = Path(__file__).with_name("window_cases.json")
COUNT = 48


def window_cases() -> list[dict[str, Any]]:
    """Views of all kinds that torch accepts, with small arrays; the same at every call."""
    rng = np.random.default_rng(18)
    cases: list[dict[str, Any]] = []
    while len(cases) < COUNT:
        kind = ("convolution", "max", "average")[len(cases) % 3]
        side, size, stride, padding = (int(rng.integers(*ends)) for ends in ((2, 7), (1, 4), (1, 4), (0, 3)))
        dilation, channels, seed = int(rng.integers(1, 4)), int(rng.integers(1, 3)), int(rng.integers(2**16))
        if kind == "convolution" and dilation * (size - 1) + 1 <= side + 2 * padding:
            activation = ("", "ReLU", "Tanh")[int(rng.integers(3))]
            cases.append(convolution(channels, side, size, stride, padding, dilation, activation, seed))
        elif kind != "convolution" and padding <= size // 2 and size <= side + 2 * padding:
            cases.append(pooling(kind, side, size, stride, padding, seed))
    return cases


def file_text() -> str:
    """What the file has to hold."""
    return json.dumps({"cases": window_cases()}, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    FILE.write_text(file_text(), encoding="utf-8")
