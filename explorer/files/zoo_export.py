"""One architecture of torchvision's zoo as an ONNX file: a program of its own, which tells its progress in a file.

    python -m explorer.files.zoo_export resnet18 --to FILE.onnx --record STATE.json [--as-written]

The weights are random, with a fixed seed, and nothing is downloaded; batch normalisation has seen two random pictures,
so that the values stay of ordinary size on their way through a deep network. The program ends when its standard input
does: it goes with the process that started it.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.files import zoo_state as states
from explorer.files.zoo import LARGEST_TOTAL
from explorer.files.zoo_list import ARCHITECTURES
from explorer.files.zoo_state import WORKING, Stage
from explorer.storage import EvictingFolder, atomic_path
from models.errors import N_, GraphError, UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

SEED = 0
CLOSE = 1e-3  # onnxruntime against torch, relative to the largest output
SECONDS_AN_OPERATION = 0.03  # measured on two cores: from 0.02 (shufflenet) to 0.04 (swin)
SECONDS_AT_LEAST = 4.0


class Progress:
    """Writes the stage to the record's file. Nobody to read it is no fault."""

    def __init__(self, record: Path) -> None:
        self.path, self.started = record, time.time()
        self.estimate: float | None = None

    def tell(self, stage: Stage, **more: Any) -> None:
        """Go over to ``stage``. Raises OSError where the file cannot be written."""
        seconds = time.time() - self.started
        states.write(self.path, states.mine(stage, self.started, seconds=seconds, estimate=self.estimate, **more))

    def wait_for_turn(self) -> None:
        """Until no export that was started before this one, into the same folder, is alive."""
        mine = (self.started, os.getpid())
        self.tell("waiting")
        while any(other < mine for other in self._others()):
            time.sleep(0.5)
        self.started = time.time()

    def _others(self) -> list[tuple[float, int]]:
        records = (states.read(path) for path in self.path.parent.glob("*.json") if path != self.path)
        return [(one.started, one.pid) for one in records if one and one.stage in WORKING and one.alive]


def network_of(name: str) -> "nn.Module":
    """The architecture with random weights, the same each time, in evaluation mode."""
    import torch
    from torchvision import models

    torch.manual_seed(SEED)
    # These two warn that their default will change, unless they are told.
    extra: Mapping[str, Any] = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    network: nn.Module = models.get_model(name, weights=None, **extra)
    return network.eval()


def calibrate(network: "nn.Module", pictures: "Tensor") -> int:
    """Let batch normalisation see ``pictures`` (B, 3, H, W); returns how many operations torch carried out."""
    import torch
    from torch import nn

    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0  # the statistics of these pictures, not a mixture with the initial ones
    counting: Any = _counting_mode()
    with torch.no_grad(), counting() as count:
        network(pictures)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
    return int(count.operations)


def _counting_mode() -> Any:
    """A context that counts what torch is asked to do."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counting(TorchDispatchMode):
        operations = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.operations += 1
            return func(*args, **(kwargs or {}))

    return Counting


def export(name: str, to: Path, progress: Progress, *, optimize: bool) -> None:
    """Write the architecture to ``to`` in one go. Raises GraphError where it cannot be expressed in ONNX."""
    progress.tell("importing")
    import torch

    from models.torchvision_ops import allow_import

    allow_import()
    from explorer.files.graph_cache import cached_graph
    from explorer.graph.onnx_io.export import export_onnx

    torch.set_num_threads(1)
    progress.tell("building")
    network, size = network_of(name), ARCHITECTURES[name].size
    example = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(SEED))
    operations = calibrate(network, example)
    built = time.time() - progress.started
    progress.estimate = built + max(SECONDS_AT_LEAST, operations * SECONDS_AN_OPERATION)
    progress.tell("exporting")
    with atomic_path(to) as partial:
        export_onnx(network, example, partial, optimize=optimize)
        progress.tell("checking")
        _check(name, partial, network, example[:1])
        progress.tell("saving")
    cached_graph(to.parent.parent, to, name)  # whoever waits for it sees it at once
    EvictingFolder(to.parent, LARGEST_TOTAL, ".onnx").evict(in_use=to.stem)


def _check(name: str, path: Path, network: "nn.Module", picture: "Tensor") -> None:
    """Raise GraphError unless onnxruntime gives torch's result. picture: (1, 3, H, W)."""
    import torch

    from explorer.graph.onnx_io.export import largest_difference

    difference = largest_difference(path, network, picture)
    with torch.no_grad():
        largest = float(network(picture).abs().max())
    if not difference <= CLOSE * max(largest, 1e-6):
        raise GraphError(
            N_("The exported {name} gives other results than torch: they differ by {difference}."),
            name=name,
            difference=f"{difference:.3g}",
        )


def _end_with_parent() -> None:
    """Wait for the end of standard input."""
    while sys.stdin.buffer.read(1):
        continue
    os._exit(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the file is there, 1 when it cannot be; the record says why."""
    parser = argparse.ArgumentParser(description="Export an architecture of torchvision's zoo to ONNX.")
    parser.add_argument("name", choices=tuple(ARCHITECTURES))
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--as-written", action="store_true")
    given = parser.parse_args(arguments)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    progress = Progress(given.record)
    try:
        progress.wait_for_turn()
        export(given.name, given.to, progress, optimize=not given.as_written)
    except UserError as error:
        progress.tell("failed", message=error.template, values=error.values)
    except Exception as error:  # torch and onnx raise many kinds; each is an architecture that cannot be exported
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        message = N_("The architecture {name} cannot be exported: {reason}.")
        progress.tell("failed", message=message, values={"name": given.name, "reason": reason})
    else:
        progress.tell("done")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
