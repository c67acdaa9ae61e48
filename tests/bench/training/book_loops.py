"""The training loops as a reader types them from the book, for comparison only: nothing here is used by the product.

Written anew from the book's description. Where the book's loop also validates every hundred batches, that is left out:
it would double its time. The networks, data and settings are the product's, so that both sides compute the same thing.
Each function returns its wall seconds.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from models.base import Part
from models.torchvision_ops import allow_import


class Pictures(Dataset[tuple[Tensor, int]]):
    """MNIST as torchvision hands it out: item i becomes a PIL image, then a (1, 28, 28) float tensor in 0..1.

    part: uint8 (N, 1, 28, 28).
    """

    def __init__(self, part: Part) -> None:
        allow_import()
        from torchvision.transforms import ToTensor  # costs a second, only this comparison needs it

        self.pixels = part.inputs.squeeze(1)
        self.targets = part.targets
        self.to_tensor: Callable[[Any], Tensor] = ToTensor()

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        return self.to_tensor(Image.fromarray(self.pixels[place].numpy())), int(self.targets[place])


def digits_loop(network: nn.Module, part: Part, epochs: int, batch_size: int = 64, bare: bool = False) -> float:
    """Chapter 5: a DataLoader that shuffles, SGD with learning rate 0.001 and momentum 0.9.

    The book clones each batch with a gradient of its own and counts the right answers of each step; ``bare`` leaves
    both out, which is stricter for us.
    """
    loader = DataLoader(Pictures(part), batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.NLLLoss()  # the network already ends in log_softmax
    rights = []
    network.train()
    begin = time.perf_counter()
    for _ in range(epochs):
        for data, target in loader:  # (B, 1, 28, 28), (B,)
            if not bare:
                data, target = data.clone().requires_grad_(True), target.clone()
                network.train()
            output = network(data)
            loss = criterion(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if not bare:
                rights.append((torch.max(output.data, 1)[1].eq(target).sum(), len(target)))
    return time.perf_counter() - begin


def sentiment_loop(network: nn.Module, bags: NDArray[np.float64], labels: list[int], optimizer: Any = None) -> float:
    """Chapter 4: one review a step, its dense bag made into a (1, V) tensor, Adam with learning rate 0.01.

    bags: (N, V). optimizer: to go on with one from an earlier call.
    """
    optimizer = optimizer or torch.optim.Adam(network.parameters(), lr=0.01)
    criterion = nn.NLLLoss()
    losses = []
    network.train()
    begin = time.perf_counter()
    for bag, label in zip(bags, labels, strict=True):
        x = torch.tensor(bag, dtype=torch.float).view(1, -1)
        y = torch.tensor([label], dtype=torch.long)
        optimizer.zero_grad()
        loss = criterion(network(x), y)
        losses.append(loss.data.numpy())
        loss.backward()
        optimizer.step()
    return time.perf_counter() - begin


def bike_loop(
    network: nn.Module, inputs: NDArray[np.float64], targets: NDArray[np.float64], epochs: int, batch_size: int = 128
) -> float:
    """Chapter 3: slices of numpy arrays in order, made into tensors at each step, plain SGD with learning rate 0.01.

    inputs: (N, 56); targets: (N, 1).
    """
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    cost = nn.MSELoss()
    begin = time.perf_counter()
    for _ in range(epochs):
        losses = []
        for start in range(0, len(inputs), batch_size):
            xx = torch.tensor(inputs[start : start + batch_size], dtype=torch.float)
            yy = torch.tensor(targets[start : start + batch_size], dtype=torch.float)
            loss = cost(network(xx), yy)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.data.numpy())
        np.mean(losses)
    return time.perf_counter() - begin
