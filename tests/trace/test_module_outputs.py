"""The tensors in a module's output, whatever it returns."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from explorer.trace.layers import layers
from explorer.trace.module_outputs import named_outputs
from explorer.trace.probe import Probe


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_recurrent_module_gives_all_steps_and_its_last_states(
    kind: Callable[..., nn.RNNBase], batch_first: bool
) -> None:
    module = kind(3, 4, num_layers=2, batch_first=batch_first)
    steps = torch.rand(5, 6, 3)  # (B, L, 3)
    with torch.no_grad():
        found = dict(named_outputs(module, "rnn", module(steps if batch_first else steps.transpose(0, 1))))
    assert list(found) == ["rnn", "rnn.h", "rnn.c"][: 3 if kind is nn.LSTM else 2]
    assert found["rnn"].shape == (5, 6, 4)
    assert found["rnn.h"].shape == (5, 2, 4)
    torch.testing.assert_close(found["rnn.h"][:, 1], found["rnn"][:, -1])  # the upper layer after the last step


class Pair(nn.Module):
    """Gives a tuple with a tuple and something that is no tensor."""

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, int]]:
        return x + 1, (x * 2, 3)


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        first, (second, _) = self.pair(x)
        result: Tensor = first + second + y
        return result


def test_nested_tuples_are_numbered() -> None:
    x = torch.rand(2, 3)
    shown = layers(Outer(), (x, torch.zeros(2, 3)), ("x", "y"))
    assert [layer.name for layer in shown] == ["x", "y", "pair[0]", "pair[1][0]"]
    torch.testing.assert_close(torch.from_numpy(shown[-1].output), x[0] * 2)


def test_a_probe_takes_the_first_tensor_of_several() -> None:
    x = torch.rand(2, 3)
    found = Probe(Outer(), ["pair"])((x, torch.zeros(2, 3)))
    torch.testing.assert_close(found["pair"], x + 1)
