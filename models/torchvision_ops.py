"""Make torchvision importable where torch is a CPU-only build.

The published torchvision wheel cannot load its compiled operators beside a CPU-only torch, and its import then fails
with ``operator torchvision::nms does not exist`` (pytorch/vision#9085). Declaring the schemas of the two operators that
the import looks at is enough for the rest (datasets, transforms, model zoo). The operators themselves stay unusable.
"""

import importlib.util
from pathlib import Path
from typing import Any

import torch

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_library: Any = torch.library.Library  # torch leaves these two untyped
_ops: Any = torch.ops
_declared: list[Any] = []  # a library that is garbage collected takes its schemas with it


def allow_import() -> None:
    """Call this before the first ``import torchvision``; again, or beside a whole torchvision, it does nothing."""
    _load_compiled()
    for name, schema in _SCHEMAS.items():
        if not hasattr(_ops.torchvision, name):
            library = _library("torchvision", "FRAGMENT")
            library.define(schema)
            _declared.append(library)


def _load_compiled() -> None:
    """Load torchvision's own operators if they fit this torch: declaring them first would stop them from loading."""
    spec = importlib.util.find_spec("torchvision")  # finds the package without importing it
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for library in Path(folder).glob("_C.*"):
            try:
                _ops.load_library(str(library))
            except OSError:
                continue  # made for a torch with CUDA: its operators are the missing ones
