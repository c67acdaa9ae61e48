"""What chosen layers of a network give for a batch, with or without gradients, on a copy that nobody else holds.

``layers.py`` shows all layers for one sample; here a few layers are watched for many.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from torch import Tensor, nn

from explorer.trace.module_outputs import named_outputs
from models.errors import N_, GraphError
from models.inputs import Inputs, apply


class Probe:
    """A copy of a network in evaluation mode that returns the outputs of some of its modules.

    The copy's weights have no gradients; those of the inputs flow. Calling it is not safe from two threads at once.
    """

    def __init__(self, network: nn.Module, names: Sequence[str]) -> None:
        """names: modules as torch names them (``conv1``). Raises GraphError for one that is not there."""
        self.network = deepcopy(network).eval().requires_grad_(False)
        self._outputs: dict[str, Tensor] = {}
        modules = dict(self.network.named_modules())
        for name in dict.fromkeys(names):
            if not name or name not in modules:
                known = ", ".join(known for known in modules if known)
                raise GraphError(N_("There is no layer {layer}; there are: {known}."), layer=repr(name), known=known)
            modules[name].register_forward_hook(self._keep(name))

    def __call__(self, inputs: Inputs) -> dict[str, Tensor]:
        """inputs: (B, …). Each watched module's output (B, …) by its name, of several calls the last.

        Of a module that gives several tensors it is the first.
        """
        self._outputs = {}
        apply(self.network, inputs)
        outputs, self._outputs = self._outputs, {}
        return outputs

    def _keep(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            self._outputs[name] = next(tensor for _, tensor in named_outputs(module, name, output))

        return hook
