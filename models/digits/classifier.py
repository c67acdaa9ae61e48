"""Handwritten digits (chapter 5): a small convolutional network on MNIST.

conv-relu-pool-conv-relu-pool-512-dropout-10, 207,258 parameters at the book's settings; ``digits_network.py`` has the
network. As in the book the test file's first 5,000 images are the validation part and its last 5,000 the test part, and
pixels are only scaled to 0..1. One thing differs: the book takes ``log_softmax`` over the batch by mistake, we take it
over the ten classes.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from models.base import BookModel, Config, Data, Facts, Part, Sample
from models.data import mnist
from models.digits.changes import changed, parsed_change
from models.digits.convolution_sizes import output_size, pooled_size
from models.digits.network import CLASSES, SIDE, DigitsNetwork, border
from models.digits.own_digit import OWN, own_pixels
from models.errors import N_, DataError, SettingError, UserError

__all__ = ["CLASSES", "MODEL", "SIDE", "VALIDATION_ROWS", "DigitsConfig", "DigitsModel", "DigitsNetwork"]

VALIDATION_ROWS = 5_000


class DigitsConfig(Config):
    """The book's settings: SGD with momentum 0.9, learning rate 0.001, 20 passes in batches of 64."""

    epochs: int = Field(20, ge=1, le=200, title=N_("Epochs"), description=N_("Passes over the training data."))
    learning_rate: float = Field(
        0.001,
        ge=1e-5,
        le=1.0,
        title=N_("Learning rate"),
        description=N_("Size of one optimiser step."),
        json_schema_extra={"scale": "log"},
    )
    momentum: float = Field(
        0.9,
        ge=0.0,
        le=0.99,
        title=N_("Momentum"),
        description=N_("Share of the last step kept (SGD only)."),
        json_schema_extra={"step": 0.01, "only": {"optimizer": ["sgd"]}},
    )
    training_images: int = Field(
        60_000,
        ge=1_000,
        le=60_000,
        title=N_("Training images"),
        description=N_("How many images the network learns from, taken from the beginning of the training file."),
        json_schema_extra={"about": "training"},
    )
    layers: int = Field(
        2,
        ge=1,
        le=3,
        title=N_("Convolution layers"),
        description=N_("Convolutions one after another, each with its activation and pooling."),
    )
    kernels1: int = Field(
        4, ge=1, le=64, title=N_("Kernels, first layer"), description=N_("Feature maps of the first convolution.")
    )
    kernels2: int = Field(
        8,
        ge=1,
        le=128,
        title=N_("Kernels, second layer"),
        description=N_("Feature maps of the second convolution, where there is one."),
        json_schema_extra={"only": {"layers": [2, 3]}},
    )
    kernels3: int = Field(
        16,
        ge=1,
        le=128,
        title=N_("Kernels, third layer"),
        description=N_("Feature maps of the third convolution, where there is one."),
        json_schema_extra={"only": {"layers": [3]}},
    )
    kernel_size: int = Field(
        5,
        ge=1,
        le=28,
        title=N_("Kernel size"),
        description=N_("Side of the square kernels of every convolution, in pixels."),
    )
    stride: int = Field(
        1,
        ge=1,
        le=4,
        title=N_("Stride"),
        description=N_("Pixels that the kernel moves at each step, in every convolution."),
    )
    padding: Literal["same", "none"] = Field(
        "same",
        title=N_("Padding"),
        description=N_("Same: zeros around a map, half a kernel wide, keep its size. None: maps shrink at the edge."),
    )
    pooling: Literal["max", "average", "none"] = Field(
        "max",
        title=N_("Pooling"),
        description=N_("What stands for each window of a map: its largest value, its mean, or no pooling at all."),
    )
    pool_size: int = Field(
        2,
        ge=1,
        le=7,
        title=N_("Pooling size"),
        description=N_("Side of the square pooling windows, in pixels."),
        json_schema_extra={"only": {"pooling": ["max", "average"]}},
    )
    activation: Literal["relu", "tanh", "sigmoid", "leaky_relu"] = Field(
        "relu", title=N_("Activation"), description=N_("The function after every convolution and the dense layer.")
    )
    hidden_units: int = Field(
        512, ge=1, le=4096, title=N_("Hidden units"), description=N_("Neurons of the dense layer before the output.")
    )
    dropout: float = Field(
        0.5,
        ge=0.0,
        le=0.95,
        title=N_("Dropout"),
        description=N_("Share of the hidden units that are switched off at random in each training step."),
        json_schema_extra={"step": 0.05},
    )


class DigitsModel(BookModel):
    """MNIST, its network and its measures.

    A sample's key is a part and a place in it, ``test/17``, or a person's own digit, ``own/…``. The end of a key may
    change the picture, ``test/17~x3~r-15``: see ``digit_changes.py``.
    """

    name = "digits"
    config = DigitsConfig
    network_class = DigitsNetwork

    def load(self, config: Config, source: Path | None = None) -> Data:
        """60,000 training, 5,000 validation and 5,000 test images as (N, 1, 28, 28) uint8; ``source``: a folder.

        Of the training images, the first ``training_images``.
        """
        whole, count = _data(source), _checked(config).training_images
        return replace(whole, train=Part(whole.train.inputs[:count], whole.train.targets[:count]))

    def network_arguments(self, config: Config, facts: Facts) -> dict[str, int | float | str]:
        c = _checked(config)
        return {
            "kernels1": c.kernels1,
            "kernels2": c.kernels2,
            "kernels3": c.kernels3,
            "kernel_size": c.kernel_size,
            "hidden_units": c.hidden_units,
            "dropout": c.dropout,
            "layers": c.layers,
            "stride": c.stride,
            "padding": c.padding,
            "pooling": c.pooling,
            "pool_size": c.pool_size,
            "activation": c.activation,
        }

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
        """A digit of a part (all 60,000 training images, whatever was learned from) or of a person's own.

        target: None and caption '' for an own one; a change leaves both as they are. Raises DataError.
        """
        key = key or "test/0"
        name, tilde, rest = key.partition("~")
        change = parsed_change(tilde + rest)
        if name.startswith(OWN):
            pixels, digit = torch.from_numpy(own_pixels(name)).view(1, 1, SIDE, SIDE), None
        else:
            part, place = self._located(name, _data(source))
            pixels, digit = part.inputs[place : place + 1], int(part.targets[place])
        inputs = changed(self.prepare(pixels), change)  # (1, 1, 28, 28)
        return Sample(key, inputs, None if digit is None else float(digit), "" if digit is None else str(digit))

    def _located(self, key: str, data: Data) -> tuple[Part, int]:
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
                key=repr(key),
                last=len(parts[name]) - 1,
            )
        return parts[name], int(number)

    def check(self, config: Config, facts: Facts) -> UserError | None:
        """What torch would refuse, and a kernel larger than the map it slides over, which would mostly see padding."""
        c = _checked(config)
        side, added = SIDE, border(c.kernel_size, c.padding)
        for layer in range(1, c.layers + 1):
            if c.kernel_size > side:
                return SettingError(
                    N_("A kernel of {size}×{size} is larger than the {side}×{side} maps before convolution {layer}."),
                    size=c.kernel_size,
                    side=side,
                    layer=layer,
                )
            side = output_size(side, c.kernel_size, c.stride, added)
            if c.pooling == "none":
                continue
            if c.pool_size > side:
                return SettingError(
                    N_("A pooling of {size}×{size} is larger than the {side}×{side} maps of convolution {layer}."),
                    size=c.pool_size,
                    side=side,
                    layer=layer,
                )
            side = pooled_size(side, c.pool_size)
        return None


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
