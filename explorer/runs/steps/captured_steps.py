"""Steps whose tensors stay where they are, so that CUDA can capture one of them as a graph and replay it.

A small network's step on a GPU takes longer to launch than to compute: some forty kernels, each a call of Python. A
captured graph is one launch. Everything but the capture itself works on any device, which is how it is tested.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from explorer.runs.steps.losses import LossRing
from explorer.runs.steps.training_state import TrainingState
from models.inputs import apply, mapped

WARM_UP = 3  # steps before a capture, in which libraries choose their kernels and take their memory


class StaticStep:
    """One step whose tensors stay where they are, called again and again.

    It reads its place in the epoch's order from the device, gathers its batch, learns from it, puts the loss into the
    ring and moves the place on. order: (N,) the samples as this epoch takes them; place: (1,) of the next batch in it.
    """

    def __init__(self, state: TrainingState, optimizer: torch.optim.Optimizer) -> None:
        train, size = state.data.train, state.config.batch_size
        self._state, self._optimizer = state, optimizer
        self._parameters = list(state.network.parameters())
        device = train.targets.device
        self.order = torch.arange(len(train), device=device)
        self.place = torch.zeros(1, dtype=torch.int64, device=device)
        self.ring = LossRing(device)
        self._within = torch.arange(size, device=device)  # (B,)

    def __call__(self) -> None:
        self.learn(self.order[self.place + self._within])
        self.place.add_(len(self._within))

    def learn(self, chosen: Tensor) -> None:
        """A step on the samples ``chosen`` (B,)."""
        book, train = self._state.book, self._state.data.train
        x = book.prepare(mapped(train.inputs, lambda tensor: tensor.index_select(0, chosen)))
        loss = book.loss(apply(self._state.network, x), train.targets.index_select(0, chosen))
        for parameter in self._parameters:
            parameter.grad = None
        loss.backward()
        self._optimizer.step()
        self.ring.put(loss)

    def warm_up(self) -> None:
        """``WARM_UP`` steps on the first batch, to be taken back: an epoch may have no second whole one."""
        for _ in range(WARM_UP):
            self.place.zero_()
            self()

    def begin(self, generator: torch.Generator | None) -> None:
        """Start an epoch, in an order of its own where there is a generator."""
        if generator is not None:
            self.order.copy_(torch.randperm(len(self.order), generator=generator))
        self.place.zero_()

    def undone(self) -> Callable[[], None]:
        """What takes back all steps from now on: weights, buffers, the optimiser's averages, dropout's generator."""
        network, optimizer, seed = self._state.network, self._optimizer, self._state.config.seed
        kept = [(tensor, tensor.detach().clone()) for tensor in network.state_dict().values()]

        def undo() -> None:
            with torch.no_grad():
                for tensor, value in kept:
                    tensor.copy_(value)
            for entries in optimizer.state.values():
                for value in entries.values():
                    if isinstance(value, Tensor):
                        value.zero_()  # what a first step starts from
            self.ring.restart()
            self.place.zero_()
            torch.manual_seed(seed)

        return undo


class RepeatedSteps:
    """Steps of whole batches by ``step``, captured or as it is; the last, smaller batch of an epoch on its own."""

    def __init__(
        self, step: StaticStep, run: Callable[[], None], state: TrainingState, generator: torch.Generator | None
    ) -> None:
        self._step, self._run, self._generator = step, run, generator
        self._whole, rest = divmod(len(step.order), state.config.batch_size)
        self._parameters = list(state.network.parameters())
        self._rest = step.order[len(step.order) - rest :]  # a view: always the end of the order
        state.losses = step.ring

    def epoch(self) -> Iterator[None]:
        """One pass over the training data; gives way after each step."""
        self._step.begin(self._generator)
        run, ring = self._run, self._step.ring
        for _ in range(self._whole):
            run()
            ring.advanced()
            yield
        if len(self._rest):
            captured = [parameter.grad for parameter in self._parameters]
            self._step.learn(self._rest)
            for parameter, grad in zip(self._parameters, captured, strict=True):
                parameter.grad = grad  # the graph's own memory
            ring.advanced()
            yield


def captured(step: StaticStep, undo: Callable[[], None]) -> Callable[[], None]:
    """``step`` as a CUDA graph; no step has been taken afterwards. Raises RuntimeError where it cannot be captured."""
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        step.warm_up()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):  # dropout's generator is registered with it
        step()
    undo()
    replay: Callable[[], None] = graph.replay
    return replay
