"""What a model of the book is: its config, data, network, loss, metrics and samples.

A ``BookModel`` brings these together for one chapter; ``models/digits/classifier.py`` and its neighbours implement it.
This file does not train: the loop lives in ``explorer/runs``. Nothing here knows of ``explorer/``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from models.errors import N_, SettingError, UserError
from models.inputs import InputsT, NetworkInput, batched, has_rows, mapped

Facts = dict[str, Any]
"""JSON-able facts about the data that a network needs to be rebuilt and read: vocabulary, means, column names."""


class Config(BaseModel):
    """The settings that every model has; a model's own config adds its architecture.

    Each field's ``title`` and ``description`` are English catalogue entries; ``json_schema_extra`` may hold ``step``
    (slider step), ``scale`` ("log"), ``about`` ("training": not the network) and ``only`` (other settings and those of
    their values with which this one matters), read by the page that draws the sliders.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    epochs: int = Field(10, ge=1, le=5000, title=N_("Epochs"), description=N_("Passes over the training data."))
    learning_rate: float = Field(
        0.01,
        ge=1e-5,
        le=1.0,
        title=N_("Learning rate"),
        description=N_("Size of one optimiser step."),
        json_schema_extra={"scale": "log"},
    )
    batch_size: int = Field(64, ge=1, le=4096, title=N_("Batch size"), description=N_("Samples in one step."))
    optimizer: Literal["sgd", "adam"] = Field(
        "sgd", title=N_("Optimiser"), description=N_("How a gradient moves the weights.")
    )
    momentum: float = Field(
        0.0,
        ge=0.0,
        le=0.99,
        title=N_("Momentum"),
        description=N_("Share of the last step kept (SGD only)."),
        json_schema_extra={"step": 0.01, "only": {"optimizer": ["sgd"]}},
    )
    weight_decay: float = Field(
        0.0,
        ge=0.0,
        le=0.1,
        title=N_("Weight decay"),
        description=N_("Share of each weight that is added to its gradient, which keeps the weights small."),
        json_schema_extra={"scale": "log"},
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title=N_("Seed"), description=N_("The same seed gives the same numbers."))
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        title=N_("Device"),
        description=N_("Where the training runs; auto measures both for a moment and takes the faster one."),
    )


@dataclass(frozen=True)
class Part(Generic[InputsT]):
    """Training, validation or test part of a dataset.

    inputs: one tensor or several, each (N, …), or (N, V) in torch's sparse CSR layout; a model that makes its own
    batches may store them otherwise. targets: (N, …).
    """

    inputs: InputsT
    targets: Tensor

    def __len__(self) -> int:
        return int(self.targets.shape[0])

    def first(self, count: int) -> "Part[InputsT]":
        """The first ``count`` samples where a sample is a row; else the whole part, of which nothing is copied."""
        if not has_rows(self.inputs, len(self)):
            return self
        return Part(mapped(self.inputs, lambda tensor: tensor[:count]), self.targets[:count])


@dataclass(frozen=True)
class Data(Generic[InputsT]):
    """The three parts of a dataset and the facts needed to read them."""

    train: Part[InputsT]
    validation: Part[InputsT]
    test: Part[InputsT]
    facts: Facts


@dataclass(frozen=True)
class Sample(Generic[InputsT]):
    """One input that a person looks at.

    key: names it in an address (``test/17``, or a sentence). inputs: as the network takes them, each (1, …).
    target: the true answer, None where it is unknown. caption: what it is, in words of the data (not translated).
    targets: the true answer as ``BookModel.loss`` takes it, (1, …), where it is not a single number.
    """

    key: str
    inputs: InputsT
    target: float | None
    caption: str
    targets: Tensor | None = None


class BookModel(ABC, Generic[InputsT]):
    """One model of the book. Implementations hold no state: everything comes in as an argument.

    ``BookModel[tuple[Tensor, Tensor]]`` has a network of two arguments. A network gives one tensor (B, …); modules
    within it may give tuples. It runs on torch's meta device in evaluation mode (its sizes are estimated there), and
    its exported form serves any size of the axes that ``network_inputs`` calls dynamic.
    What is known of it without torch (title, headline metric, first start) stands in ``models/catalogue.py``.
    """

    name: str  # as in the catalogue
    config: type[Config]
    network_class: Callable[..., nn.Module]
    network_inputs: tuple[NetworkInput, ...] = (NetworkInput(),)  # the arguments of the network, in their order
    shuffle: bool = True  # the book shuffles digits and reviews, and reads the bike hours in order

    @abstractmethod
    def load(self, config: Config, source: Path | None = None) -> Data[InputsT]:
        """Read the embedded data, or ``source`` (``--data``). Raises DataError."""

    @abstractmethod
    def network_arguments(self, config: Config, facts: Facts) -> Mapping[str, int | float | str]:
        """What the network's class is constructed with: also written into the script that a run is exported as."""

    def network(self, config: Config, facts: Facts) -> nn.Module:
        """A fresh network; its initial weights come from torch's global generator, which the caller seeds."""
        return type(self).network_class(**self.network_arguments(config, facts))

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Scalar mean loss of a batch, as the book has it."""

    @abstractmethod
    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Metrics of a whole part, ``loss`` among them."""

    @abstractmethod
    def sample(self, key: str, config: Config, facts: Facts, source: Path | None = None) -> Sample[InputsT]:
        """The sample named ``key``; '' is the first one shown to a newcomer. Raises DataError for an unknown key."""

    def prepare(self, inputs: InputsT) -> InputsT:
        """A batch of stored inputs to network inputs: uint8 pixels to floats, sequences cut to the longest of them.

        Identity by default.
        """
        return inputs

    def batches(
        self, part: Part[InputsT], batch_size: int, generator: torch.Generator | None
    ) -> Iterator[tuple[InputsT, Tensor]]:
        """One epoch of (inputs, targets), shuffled by ``generator`` or in order where it is None.

        However a model makes them, they are ceil(N / batch_size) with all N samples.
        """
        inputs, targets = part.inputs, part.targets
        if generator is not None:
            order = torch.randperm(len(part), generator=generator).to(targets.device)
            inputs, targets = mapped(inputs, lambda tensor: tensor[order]), targets[order]
        for x, y in zip(batched(inputs, batch_size), torch.split(targets, batch_size), strict=True):
            yield self.prepare(x), y

    def check(self, config: Config, facts: Facts) -> UserError | None:
        """Why this config cannot work (a kernel larger than its input), or None. Known before training."""
        return None


def class_probabilities(log_probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities (…, K), as the classifiers give them, to probabilities (…, K)."""
    shares: NDArray[np.float32] = np.exp(log_probabilities)
    return shares


def parsed_config(kind: type[Config], settings: Mapping[str, Any]) -> Config:
    """``settings`` as a validated config; raises SettingError that names the first setting that is wrong.

    Values may be strings, as ``--set key=value`` gives them.
    """
    for key in settings:
        if key not in kind.model_fields:
            raise SettingError(
                N_("There is no setting {key}; there are: {known}."), key=repr(key), known=", ".join(kind.model_fields)
            )
    try:
        return kind.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "?"
        raise SettingError(
            N_("Setting {key} cannot be {value}: {reason}."), key=key, value=repr(first["input"]), reason=_reason(first)
        ) from None


def _reason(error: Any) -> str:
    """Pydantic's message, as the end of our sentence."""
    message = str(error["msg"])
    return message[0].lower() + message[1:]
