"""Which of the letters a and b came last in a word? An LSTM on words of different lengths, all made up here.

The network takes two tensors, word indices padded at the end and the words' lengths, and holds a module whose output is
a tuple of tensors and a tuple.
"""

from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from models.base import BookModel, Config, Data, Facts, Part, Sample
from models.errors import DataError
from models.inputs import NetworkInput

LETTERS = "abcdef"  # letter i of it has index i + 1; index 0 fills up a short word
ROWS, LONGEST = 2_400, 12
DEFAULT_WORD = "cabacd"
Word = tuple[Tensor, Tensor]
"""indices (B, L) int64 and lengths (B,) int64."""


class LettersConfig(Config):
    """Adam, which learns the task within a few passes."""

    epochs: int = Field(6, ge=1, le=100, title="Epochs", description="Passes over the training data.")
    learning_rate: float = Field(
        0.02,
        ge=1e-5,
        le=1.0,
        title="Learning rate",
        description="Size of one step.",
        json_schema_extra={"scale": "log"},
    )
    optimizer: Literal["sgd", "adam"] = Field(
        "adam", title="Optimiser", description="How a gradient moves the weights."
    )
    hidden_units: int = Field(12, ge=1, le=64, title="Hidden units", description="Size of the state.")


class LettersNetwork(nn.Module):
    """(B, L) indices and (B,) lengths → (B, 2) log-probabilities that the last of a and b is a, or b."""

    def __init__(self, letters: int, hidden_units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(letters + 1, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, hidden_units, batch_first=True)
        self.fc = nn.Linear(hidden_units, 2)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, indices: Tensor, lengths: Tensor) -> Tensor:
        states, _ = self.lstm(self.embedding(indices))  # (B, L, H)
        at = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.shape[2])  # (B, 1, H)
        last = states.gather(1, at).squeeze(1)  # (B, H): what comes after a word's end is left out
        scores: Tensor = self.log_softmax(self.fc(last))
        return scores


class LettersModel(BookModel[Word]):
    """The words, their network and measures. A sample's key is the word itself."""

    name = "letters"
    config = LettersConfig
    network_class = LettersNetwork
    network_inputs = (NetworkInput("indices", {0: "batch", 1: "length"}), NetworkInput("lengths", {0: "batch"}))

    def load(self, config: Config, source: Path | None = None) -> Data[Word]:
        """2,400 words, always the same; there is no other data."""
        generator = torch.Generator().manual_seed(1)
        lengths = torch.randint(1, LONGEST + 1, (ROWS,), generator=generator)
        indices = torch.randint(1, len(LETTERS) + 1, (ROWS, LONGEST), generator=generator)
        indices[:, 0] = torch.randint(1, 3, (ROWS,), generator=generator)  # each word has an a or a b
        indices[torch.arange(LONGEST) >= lengths.unsqueeze(1)] = 0
        targets = torch.tensor([_answer(row) for row in indices.tolist()])
        cuts = (slice(0, 2_000), slice(2_000, 2_200), slice(2_200, ROWS))
        train, validation, test = (Part((indices[cut], lengths[cut]), targets[cut]) for cut in cuts)
        return Data(train, validation, test, {"letters": list(LETTERS)})

    def network_arguments(self, config: Config, facts: Facts) -> dict[str, int | float | str]:
        hidden_units = config.model_dump()["hidden_units"]
        return {"letters": len(LETTERS), "hidden_units": hidden_units}

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.nll_loss(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        wrong = (outputs.argmax(dim=1) != targets).double().mean()
        return {"loss": float(self.loss(outputs, targets)), "mistakes": float(wrong)}

    def prepare(self, inputs: Word) -> Word:
        """The batch without the columns that only fill up."""
        indices, lengths = inputs
        return indices[:, : int(lengths.max())], lengths

    def sample(self, key: str, config: Config, facts: Facts, source: Path | None = None) -> Sample[Word]:
        """Any word of the letters a to f, '' for the first; raises DataError for others."""
        key = key or DEFAULT_WORD
        if set(key) - set(LETTERS):
            raise DataError("The word {key} has letters other than a to f.", key=repr(key))
        indices = [LETTERS.index(letter) + 1 for letter in key]
        known = {"a", "b"} & set(key)
        inputs = torch.tensor([indices]), torch.tensor([len(indices)])
        return Sample(key, inputs, float(_answer(indices)) if known else None, key)


def _answer(indices: list[int]) -> int:
    """0 where the last of a and b is a, 1 where it is b."""
    return next(index for index in reversed(indices) if index in (1, 2)) - 1


MODEL = LettersModel()
