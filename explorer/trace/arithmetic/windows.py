"""Which input elements a window (of a convolution or pooling) covers at one output position.

Strides, dilations and padding of every kind are taken from the node's attributes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.trace.arithmetic.calculation import Indices
from explorer.trace.arithmetic.operation_call import OperationCall


@dataclass(frozen=True)
class InputWindow:
    """A window over an input of ``size``; all tuples have one number for each spatial dimension.

    pads_before, pads_after: padding at the start and at the end.
    """

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads_before: tuple[int, ...]
    pads_after: tuple[int, ...]

    def input_indices(self, taps: Indices, position: tuple[int, ...]) -> Indices:
        """Input indices (n, spatial) of the kernel's ``taps`` (n, spatial) at the output ``position``.

        They may lie outside the input.
        """
        first = np.asarray(position) * np.asarray(self.strides) - np.asarray(self.pads_before)
        indices: Indices = first + taps * np.asarray(self.dilations)
        return indices

    def inside(self, indices: Indices) -> npt.NDArray[np.bool_]:
        """(n,) whether each of ``indices`` (n, spatial) is an element of the input."""
        return self._between(indices, np.zeros(len(self.size), np.int64), np.asarray(self.size))

    def inside_padded(self, indices: Indices) -> npt.NDArray[np.bool_]:
        """(n,) whether each lies in the input or its declared padding: a last window in ceil mode may reach beyond."""
        start, stop = -np.asarray(self.pads_before), np.asarray(self.size) + np.asarray(self.pads_after)
        return self._between(indices, start, stop)

    @staticmethod
    def _between(indices: Indices, start: Indices, stop: Indices) -> npt.NDArray[np.bool_]:
        within: npt.NDArray[np.bool_] = np.logical_and(indices >= start, indices < stop)
        return np.asarray(within.all(axis=1))


def window_of(call: OperationCall, size: tuple[int, ...], kernel: tuple[int, ...]) -> InputWindow:
    """The window of a Conv or pooling with an input of spatial ``size``, from its attributes, auto_pad included."""
    ones, count = [1] * len(size), len(size)
    strides, dilations = call.integers("strides", ones), call.integers("dilations", ones)
    pads = call.integers("pads", [0] * (2 * count))
    before, after = pads[:count], pads[count:]
    auto_pad = call.text("auto_pad", "NOTSET")
    if auto_pad == "VALID":
        before = after = (0,) * count
    elif auto_pad.startswith("SAME"):
        # As much padding as makes the output ceil(size / stride); an odd one is larger at the end, or at the start.
        total = [
            max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            for n, k, s, d in zip(size, kernel, strides, dilations, strict=True)
        ]
        small, large = tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
        before, after = (small, large) if auto_pad == "SAME_UPPER" else (large, small)
    return InputWindow(tuple(size), tuple(kernel), strides, dilations, before, after)
