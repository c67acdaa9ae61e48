"""The outputs of some layers of a network for a batch of samples, with or without gradients, on a private copy.

``layers.py`` has all layers for one sample.
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

    Gradients flow to the inputs, not to the weights. Two threads must not call it at once.
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
            modules[name].register_forward_hook(self._record(name))

    def __call__(self, inputs: Inputs) -> dict[str, Tensor]:
        """The output (B, …) of each module by its name, for ``inputs`` (B, …).

        Of a module that is called several times it is the last, of one with several outputs the first.
        """
        self._outputs = {}
        apply(self.network, inputs)
        outputs, self._outputs = self._outputs, {}
        return outputs

    def _record(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            self._outputs[name] = next(tensor for _, tensor in named_outputs(module, name, output))

        return hook
