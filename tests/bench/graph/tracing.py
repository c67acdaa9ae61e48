"""What it costs to keep every value of a network: our trace against torch's plain pass, with equal threads."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import nn

from explorer.files.zoo import zoo_id, zoo_path
from explorer.files.zoo_export import network_of
from explorer.runs.torch_threads import torch_threads
from explorer.trace.engines import session
from explorer.trace.onnx_trace import Tracer
from models.torchvision_ops import allow_import
from tests.bench.graph.netron_race import bench_store
from tests.bench.ratios import Measure, Row, interleaved

TIMES = 20  # passes in one measurement


def seconds_of(act: Callable[[], object], times: int = TIMES) -> float:
    """Wall seconds of one ``act``, the mean of ``times``."""
    begin = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - begin) / times


def traced(path: Path, picture: npt.NDArray[np.float32], times: int = TIMES) -> Measure:
    """Seconds of one trace of every node's value with a tracer that stays open. picture: (B, 3, H, W)."""
    tracer = Tracer(path)
    name = next(iter(tracer.inputs))
    return lambda: seconds_of(lambda: tracer.trace({name: picture}), times)


def forward(network: nn.Module, picture: npt.NDArray[np.float32], times: int = TIMES) -> Measure:
    """Seconds of torch's forward pass that keeps nothing but the result. picture: (B, 3, H, W)."""
    inputs = torch.from_numpy(picture)

    def act() -> None:
        with torch.inference_mode():
            network(inputs)

    return lambda: seconds_of(act, times)


def run_only(path: Path, picture: npt.NDArray[np.float32], times: int = TIMES) -> Measure:
    """Seconds of onnxruntime's pass with our settings that keeps nothing but the result. picture: (B, 3, H, W)."""
    opened: onnxruntime.InferenceSession = session(path.read_bytes())
    feed = {opened.get_inputs()[0].name: picture}
    return lambda: seconds_of(lambda: opened.run(None, feed), times)


def tracing(pairs: int, accuracy: bool) -> list[Row]:
    """Every value of resnet18."""
    picture = np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32)
    allow_import()
    network = network_of("resnet18")
    with bench_store(("resnet18",)) as store:
        path = zoo_path(store, zoo_id("resnet18"))
        ours, plain = traced(path, picture), run_only(path, picture)
        with torch_threads(os.cpu_count() or 1):  # as onnxruntime does
            return [
                Row(
                    "resnet18: tracing every value against torch's forward pass",
                    "s",
                    interleaved(ours, forward(network, picture), pairs),
                    1.5,
                    "≤",
                ),
                Row(
                    "resnet18: tracing every value against onnxruntime's plain pass",
                    "s",
                    interleaved(ours, plain, pairs),
                ),
            ]
