"""Views for the window that slides, as its JavaScript takes them from a test, and 200 generated ones of all kinds."""

from typing import Any

import numpy as np

from explorer.chapters.digits.sliding_window import activated, convolved, pooled
from explorer.figures.palette import DARK, browser_scales

COLOURS = browser_scales(DARK)
VIEWED = """view => {
  const arrays = ["input", "kernel", "output", "activated"].filter(name => view[name]);
  const made = arrays.map(name => [name, {...view[name], values: Float32Array.from(view[name].values)}]);
  return {...view, ...Object.fromEntries(made)};
}"""
SHOW = f"""async ([view, words, colours]) => {{
  const {{ WindowPanel }} = await import("/lab/window_panel.js");
  window.computePixel = (await import("/lab/window_arithmetic.js")).computePixel;
  const viewed = {VIEWED};
  window.panel ??= new WindowPanel(document.getElementById("host"), words, colours);
  window.panel.show(viewed(view));
}}"""


def array(values: Any) -> dict[str, Any]:
    found = np.asarray(values, dtype=np.float32)
    return {"shape": list(found.shape), "values": found.ravel().tolist()}


def convolution(
    channels: int = 1,
    side: int = 6,
    kernel: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    activation: str = "",
    seed: int = 0,
) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(channels, side, side)), rng.normal(size=(channels, kernel, kernel))
    bias = float(np.float32(rng.normal()))
    output = convolved(x, w, bias, stride, padding, dilation)
    return {
        "kind": "convolution",
        "title": "A layer",
        "input": array(x),
        "kernel": array(w),
        "bias": bias,
        "output": array(output),
        "activated": array(activated(output, activation)) if activation else None,
        "activation": activation,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }


def pooling(
    kind: Any, side: int = 6, size: int = 2, stride: int = 2, padding: int = 0, seed: int = 0
) -> dict[str, Any]:
    x = np.random.default_rng(seed).normal(size=(1, side, side))
    return {
        "kind": kind,
        "title": "",
        "input": array(x),
        "kernel": None,
        "bias": 0,
        "activated": None,
        "activation": "",
        "output": array(pooled(x, kind, size, stride, padding)[0]),
        "stride": stride,
        "padding": padding,
        "size": size,
    }


def generated() -> list[dict[str, Any]]:
    """About 200 views of all kinds that torch accepts, with a place in each."""
    rng = np.random.default_rng(5)
    found: list[dict[str, Any]] = []
    while len(found) < 200:
        kind = ("convolution", "max", "average")[len(found) % 3]
        side, size, stride, padding = (int(rng.integers(*ends)) for ends in ((3, 14), (1, 6), (1, 5), (0, 5)))
        dilation, channels = int(rng.integers(1, 4)), int(rng.integers(1, 6))
        seed = int(rng.integers(2**16))
        if kind == "convolution":
            if dilation * (size - 1) + 1 > side + 2 * padding:
                continue
            name = ("", "ReLU", "Tanh", "Sigmoid", "LeakyReLU")[int(rng.integers(5))]
            view = convolution(channels, side, size, stride, padding, dilation, name, seed)
        else:
            if padding > size // 2 or size > side + 2 * padding:
                continue
            view = pooling(kind, side, size, stride, padding, seed)
        rows, columns = view["output"]["shape"]
        found.append({**view, "place": [int(rng.integers(rows)), int(rng.integers(columns))]})
    return found
