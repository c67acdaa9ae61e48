"""Handwritten digits (chapter 5): a small convolutional network on MNIST.

conv-relu-pool-conv-relu-pool-512-dropout-10, 207,258 parameters at the book's settings. As in the book the test file's
first 5,000 images are the validation part and its last 5,000 the test part, and pixels are only scaled to 0..1. One
thing differs: the book takes ``log_softmax`` over the batch by mistake, we take it over the ten classes.
"""

from functools import lru_cache
from pathlib import Path

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from models.base import BookModel, Config, Data, Facts, Part, Sample
from models.data import mnist
from models.errors import N_, DataError, SettingError, UserError

SIDE = 28  # MNIST's pictures are 28 × 28
CLASSES = 10
VALIDATION_ROWS = 5_000


class DigitsConfig(Config):
    """The book's settings: SGD with momentum 0.9, learning rate 0.001, 20 passes in batches of 64."""

    epochs: int = Field(20, ge=1, le=200, title=N_("Epochs"), description=N_("Passes over the training data."))
    learning_rate: float = Field(
        0.001, ge=1e-5, le=1.0, title=N_("Learning rate"), description=N_("Size of one optimiser step."),
        json_schema_extra={"scale": "log"},
    )
    momentum: float = Field(
        0.9, ge=0.0, le=0.99, title=N_("Momentum"), description=N_("Share of the last step kept (SGD only)."),
        json_schema_extra={"step": 0.01},
    )
    kernels1: int = Field(
        4, ge=1, le=64, title=N_("Kernels, first layer"), description=N_("Feature maps of the first convolution.")
    )
    kernels2: int = Field(
        8, ge=1, le=128, title=N_("Kernels, second layer"), description=N_("Feature maps of the second convolution.")
    )
    kernel_size: int = Field(
        5, ge=1, le=28, title=N_("Kernel size"),
        description=N_("Side of the square kernels of both convolutions, in pixels."),
    )
    hidden_units: int = Field(
        512, ge=1, le=4096, title=N_("Hidden units"), description=N_("Neurons of the dense layer before the output.")
    )
    dropout: float = Field(
        0.5, ge=0.0, le=0.95, title=N_("Dropout"),
        description=N_("Share of the hidden units that are switched off at random in each training step."),
        json_schema_extra={"step": 0.05},
    )


class DigitsNetwork(nn.Module):
    """(B, 1, 28, 28) pixels in 0..1 → (B, 10) log-probabilities. Every step is a module, so that a hook sees it.

    kernel_size k, padded by k // 2: an odd k keeps the picture's side, an even k adds one row and one column, which the
    pooling drops again. So the dense layer sees 7 × 7 maps with every k.
    """

    def __init__(self, kernels1: int, kernels2: int, kernel_size: int, hidden_units: int, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, kernels1, kernel_size, padding=kernel_size // 2)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(kernels1, kernels2, kernel_size, padding=kernel_size // 2)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(kernels2 * (SIDE // 4) ** 2, hidden_units)
        self.relu3 = nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_units, CLASSES)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.conv1(x))  # (B, 4, 28, 28)
        x = self.pool1(x)  # (B, 4, 14, 14)
        x = self.relu2(self.conv2(x))  # (B, 8, 14, 14)
        x = self.pool2(x)  # (B, 8, 7, 7)
        x = self.flatten(x)  # (B, 392)
        x = self.dropout(self.relu3(self.fc1(x)))  # (B, 512)
        scores: Tensor = self.log_softmax(self.fc2(x))  # (B, 10)
        return scores


class DigitsModel(BookModel):
    """MNIST, its network and its measures. A sample's key is a part and a place in it: ``test/17``."""

    name = "digits"
    title = N_("Handwritten digits")
    section = "5"
    config = DigitsConfig
    network_class = DigitsNetwork
    first_start = {"epochs": 2}
    headline = ("accuracy", "test")

    def load(self, config: Config, source: Path | None = None) -> Data:
        """60,000 training, 5,000 validation and 5,000 test images as (N, 1, 28, 28) uint8; ``source``: a folder."""
        return _data(source)

    def network_arguments(self, config: Config, facts: Facts) -> dict[str, int | float]:
        c = _checked(config)
        return {
            "kernels1": c.kernels1, "kernels2": c.kernels2, "kernel_size": c.kernel_size,
            "hidden_units": c.hidden_units, "dropout": c.dropout,
        }  # fmt: skip

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean negative log-likelihood. outputs: (B, 10); targets: (B,)."""
        return F.nll_loss(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        right = (outputs.argmax(dim=1) == targets).double().mean()
        return {"loss": float(self.loss(outputs, targets)), "accuracy": float(right)}

    def prepare(self, inputs: Tensor) -> Tensor:
        """(B, 1, 28, 28) uint8 → float in 0..1, the book's only preparation."""
        return inputs.float().div_(255)

    def sample(self, key: str, config: Config, facts: Facts, source: Path | None = None) -> Sample:
        key = key or "test/0"
        part, place = self._found(key, self.load(config, source))
        digit = int(part.targets[place])
        return Sample(key, self.prepare(part.inputs[place : place + 1]), float(digit), str(digit))

    def _found(self, key: str, data: Data) -> tuple[Part, int]:
        parts = {"train": data.train, "validation": data.validation, "test": data.test}
        name, _, number = key.partition("/")
        # isascii too: "²".isdigit() is true and int("²") is not a number.
        if name not in parts or not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise DataError(
                N_("There is no digit {key}: write train/5, validation/3 or test/17, for instance."), key=repr(key)
            )
        if int(number) >= len(parts[name]):
            raise DataError(
                N_("There is no digit {key}: that part has the numbers 0 to {last}."),
                key=repr(key), last=len(parts[name]) - 1,
            )
        return parts[name], int(number)

    def check(self, config: Config, facts: Facts) -> UserError | None:
        size, inner = _checked(config).kernel_size, SIDE // 2
        if size <= inner:
            return None
        return SettingError(
            N_("A kernel of {size}×{size} is larger than the {inner}×{inner} maps before the second convolution."),
            size=size, inner=inner,
        )


def _checked(config: Config) -> DigitsConfig:
    if not isinstance(config, DigitsConfig):
        raise TypeError(f"digits needs a DigitsConfig, not a {type(config).__name__}")
    return config


@lru_cache(maxsize=2)
def _data(source: Path | None) -> Data:
    images = mnist.embedded() if source is None else mnist.idx_folder(source)
    cut = VALIDATION_ROWS
    return Data(
        train=_part(images.train_images, images.train_labels),
        validation=_part(images.test_images[:cut], images.test_labels[:cut]),
        test=_part(images.test_images[cut:], images.test_labels[cut:]),
        facts={"input_shape": [1, SIDE, SIDE], "classes": [str(digit) for digit in range(CLASSES)]},
    )


def _part(images: mnist.Bytes, labels: mnist.Bytes) -> Part:
    # torch.tensor copies: arrays read from a file's bytes are read-only, which torch does not know of.
    return Part(torch.tensor(images).unsqueeze(1), torch.tensor(labels).long())


MODEL = DigitsModel()
