"""The window that slides over maps, as a part of a page: arrays in, a panel in the browser out.

``window_panel.js`` draws it and works the sums out; hovering asks nothing of the server. What flows through a network
is not read here.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from explorer.ui.components.component import colour_scales, packed, register, translated
from models.errors import N_

Map = npt.NDArray[np.float32]

WORDS: dict[str, str] = {
    "input": N_("Input"),
    "channel": N_("Input channel {n}"),
    "chip": N_("Channel {n}"),
    "kernel": N_("Kernel"),
    "output": N_("Output map"),
    "before": N_("Output map before the activation"),
    "after": N_("Output map after {activation}"),
    "patch": N_("Patch of the input"),
    "products": N_("Products"),
    "sums": N_("Sum of the products in each input channel; choose one to see its products:"),
    "total": N_("The products of channel {n} add up to {sum}."),
    "sum": N_("Sum of the products {sum}"),
    "bias": N_("bias {bias}"),
    "largest": N_("The largest of {n} values"),
    "zero": N_("The window lies partly on the padding, which counts as zero."),
    "never": N_("The window lies partly on the padding, which never wins."),
    "where": N_("Row {row}, column {column}"),
    "spoken": N_("Row {row}, column {column}: {sum}"),
    "hover": N_("Point at a pixel of the output map, or drag the window over the input."),
    "move": N_("Output map: arrow keys, Home and End move the window, the space bar plays"),
    "play": N_("Play"),
    "pause": N_("Pause"),
    "back": N_("One pixel back"),
    "on": N_("One pixel on"),
    "speed": N_("Speed"),
}
"""The panel's words in English. ``WindowPanel`` of ``window_panel.js`` takes them translated, with ``translated``."""

_component = register("window", html='<div class="window-host"></div>', styles=("lab/window_panel",))


@dataclass(frozen=True, eq=False)
class WindowView:
    """One output map and what it was made of.

    kind: what happens under the window. picture: (C, H, W), for pooling (1, H, W). output: (H2, W2), before the
    activation. kernel: (C, kh, kw), None for pooling. size: of pooling's window. activation: torch's name of the
    module, '' for none; activated: (H2, W2) after it. place: (row, column) to show first, else the place that stays
    from the last view, else the output farthest from zero.
    """

    kind: Literal["convolution", "max", "average"]
    title: str
    picture: Map
    output: Map
    kernel: Map | None = None
    bias: float = 0.0
    activated: Map | None = None
    activation: str = ""
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    size: int = 2
    place: tuple[int, int] | None = None


def window_view(view: WindowView, *, key: str) -> None:
    """Show ``view`` in the page; the place that a person chose outlives a new view with a map of the same size."""
    _component(key=key, data={"view": plain(view), "words": translated(WORDS), "colours": colour_scales()})


def plain(view: WindowView) -> dict[str, Any]:
    """``view`` as ``components/window.js`` takes it: arrays packed, the rest as it is."""
    arrays = {"input": view.picture, "kernel": view.kernel, "output": view.output, "activated": view.activated}
    return {
        "kind": view.kind,
        "title": view.title,
        "bias": view.bias,
        "activation": view.activation,
        "stride": view.stride,
        "padding": view.padding,
        "dilation": view.dilation,
        "size": view.size,
        "place": None if view.place is None else list(view.place),
        **{name: None if array is None else packed(array) for name, array in arrays.items()},
    }
