"""One architecture of torchvision's zoo exported to an ONNX file, in a background job of ``zoo.py``.

The weights are random, with a fixed seed, and nothing is downloaded; batch normalisation has seen two random pictures,
so that the values stay of ordinary size on their way through a deep network. torch is imported where it is used: the
web process imports this file, too.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.files.zoo_list import ARCHITECTURES
from explorer.storage import EvictingFolder, atomic_path
from explorer.workers.job import Progress
from models.errors import N_, GraphError, UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

LARGEST_TOTAL = 16 * 2**30  # bytes of all exported files
SEED = 0
CLOSE = 1e-3  # onnxruntime against torch, relative to the largest output
SECONDS_AN_OPERATION = 0.03  # measured on two cores: from 0.02 (shufflenet) to 0.04 (swin)
SECONDS_AT_LEAST = 4.0


def export_in_background(progress: Progress, name: str, to: str, optimize: bool) -> None:
    """Write the architecture ``name`` to the file ``to`` once it is its turn. Raises GraphError."""
    progress.wait_for_turn()
    try:
        export(name, Path(to), progress, optimize=optimize)
    except UserError:
        raise
    except Exception as error:  # torch and onnx raise many kinds; each is an architecture that cannot be exported
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise GraphError(
            N_("The architecture {name} cannot be exported: {reason}."), name=name, reason=reason
        ) from error


def network_of(name: str) -> "nn.Module":
    """The architecture with random weights, the same each time, in evaluation mode."""
    import torch
    from torchvision import models

    torch.manual_seed(SEED)
    # These two warn that their default will change, unless it is given.
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
    """Write the architecture to ``to``. Raises GraphError where it cannot be expressed in ONNX."""
    progress.stage("importing")
    import torch

    from models.torchvision_ops import allow_import

    allow_import()
    from explorer.files.graph_cache import cache_graph
    from explorer.graph.onnx_io.export import export_onnx

    torch.set_num_threads(1)
    progress.stage("building")
    network, size = network_of(name), ARCHITECTURES[name].size
    example = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(SEED))
    operations = calibrate(network, example)
    built = progress.seconds
    progress.estimate = built + max(SECONDS_AT_LEAST, operations * SECONDS_AN_OPERATION)
    progress.stage("exporting")
    with atomic_path(to) as partial:
        export_onnx(network, example, partial, optimize=optimize)
        progress.stage("checking")
        _check(name, partial, network, example[:1])
        progress.stage("saving")
    cache_graph(to.parent.parent, to, name)  # the page that waits for it shows it at once
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
