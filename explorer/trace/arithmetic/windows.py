"""Where a window (a kernel, a pooling) looks for one output place: strides, dilations and padding of every kind."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.trace.arithmetic.calculation import Places
from explorer.trace.arithmetic.operation_call import OperationCall


@dataclass(frozen=True)
class Window:
    """One window over ``size``; all tuples have one number for each spatial dimension.

    before, after: padding at the start and at the end.
    """

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    def places(self, taps: Places, place: tuple[int, ...]) -> Places:
        """Input places of the kernel's ``taps`` (n, spatial) for the output ``place``; may lie outside the input."""
        first = np.asarray(place) * np.asarray(self.strides) - np.asarray(self.before)
        found: Places = first + taps * np.asarray(self.dilations)
        return found

    def inside(self, places: Places) -> npt.NDArray[np.bool_]:
        """(n,) whether each of ``places`` (n, spatial) is an element of the input."""
        return self._between(places, np.zeros(len(self.size), np.int64), np.asarray(self.size))

    def padded(self, places: Places) -> npt.NDArray[np.bool_]:
        """(n,) whether each lies in the input or its declared padding: a last window in ceil mode may reach beyond."""
        least, most = -np.asarray(self.before), np.asarray(self.size) + np.asarray(self.after)
        return self._between(places, least, most)

    @staticmethod
    def _between(places: Places, least: Places, most: Places) -> npt.NDArray[np.bool_]:
        within: npt.NDArray[np.bool_] = np.logical_and(places >= least, places < most)
        return np.asarray(within.all(axis=1))


def window_of(call: OperationCall, size: tuple[int, ...], kernel: tuple[int, ...]) -> Window:
    """The window of a Conv or pooling with input ``size`` from its attributes, auto_pad included."""
    ones, count = [1] * len(size), len(size)
    strides, dilations = call.integers("strides", ones), call.integers("dilations", ones)
    pads = call.integers("pads", [0] * (2 * count))
    before, after = pads[:count], pads[count:]
    automatic = call.text("auto_pad", "NOTSET")
    if automatic == "VALID":
        before = after = (0,) * count
    elif automatic.startswith("SAME"):
        # As much padding as makes the output ceil(size / stride); an odd one is larger at the end, or at the start.
        total = [
            max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            for n, k, s, d in zip(size, kernel, strides, dilations, strict=True)
        ]
        small, large = tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
        before, after = (small, large) if automatic == "SAME_UPPER" else (large, small)
    return Window(tuple(size), tuple(kernel), strides, dilations, before, after)
