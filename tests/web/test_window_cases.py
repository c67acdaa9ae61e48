"""The file of cases that the JavaScript tests read is what torch computes today."""

import json

import numpy as np

from tests.web.window_cases import FILE, window_cases


def test_the_file_of_cases_is_up_to_date() -> None:
    stored = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    for old, new in zip(stored, window_cases(), strict=True):
        for name in ("input", "kernel", "output", "activated"):
            if new[name] is not None:
                np.testing.assert_allclose(old.pop(name)["values"], new.pop(name)["values"], rtol=1e-5, atol=1e-6)
        assert old == new
