"""torchvision can be imported beside a CPU-only torch, in a process of its own, and a second call does nothing."""

import subprocess
import sys

import pytest

from models.data.files import FOLDER

pytestmark = pytest.mark.slow  # each imports torchvision in a process of its own


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER.parent.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_datasets_and_zoo() -> None:
    code = (
        "from models.torchvision_ops import allow_import; allow_import(); allow_import()\n"
        "import torchvision, torch; allow_import()\n"
        "from torchvision import datasets, transforms\n"
        "print(torchvision.models.squeezenet1_1(weights=None).eval()(torch.zeros(1, 3, 64, 64)).shape)"
    )
    assert run(code) == "torch.Size([1, 1000])\n"


def test_both_operators_are_declared() -> None:
    code = (
        "from models.torchvision_ops import allow_import; allow_import()\n"
        "import torch; print(torch.ops.torchvision.nms.default._schema)\n"
        "print(torch.ops.torchvision.qnms.default._schema)"
    )
    assert run(code) == "".join(
        f"torchvision::{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor\n" for name in ("nms", "qnms")
    )
