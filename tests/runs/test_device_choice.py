"""Which device a training takes, and the measurement that it is chosen by."""

import logging
from typing import Any

import pytest
import torch

from explorer.runs import device_choice
from explorer.runs.device_choice import chosen_device, samples_per_second
from models.base import BookModel, Config, Data, parsed_config
from models.catalogue import model


def bike(**settings: object) -> tuple[BookModel[Any], Config, torch.nn.Module, Data[Any]]:
    book = model("bike")
    config = parsed_config(book.config, {"epochs": 2000, **settings})
    data = book.load(config)
    return book, config, book.network(config, data.facts), data


def rates(monkeypatch: pytest.MonkeyPatch, **measured: float | Exception) -> list[str]:
    """Pretend that there is a CUDA device, and what is measured; the devices that were measured, as they come."""
    asked: list[str] = []

    def rate(book: object, config: object, network: object, data: object, device: torch.device) -> float:
        asked.append(device.type)
        found = measured[device.type]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device_choice, "samples_per_second", rate)
    return asked


@pytest.mark.parametrize(("cpu", "cuda", "faster"), [(5e5, 2e6, "cuda"), (5e5, 1.4e5, "cpu")])
def test_auto_takes_the_faster_one(monkeypatch: pytest.MonkeyPatch, cpu: float, cuda: float, faster: str) -> None:
    rates(monkeypatch, cpu=cpu, cuda=cuda)
    choice = chosen_device(*bike())
    assert choice.device.type == faster
    assert choice.rates == {"cpu": cpu, "cuda": cuda}


def test_a_quick_training_does_not_start_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rates(monkeypatch, cpu=5e5, cuda=9e9)
    assert chosen_device(*bike(epochs=10)).device.type == "cpu"
    assert asked == ["cpu"]


def test_a_gpu_that_cannot_be_used_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rates(monkeypatch, cpu=5e5, cuda=RuntimeError("CUDA error: out of memory\nCompile with …"))
    with caplog.at_level(logging.WARNING):
        assert chosen_device(*bike()).device.type == "cpu"
    assert "The cuda device cannot be used: CUDA error: out of memory" in caplog.messages


@pytest.mark.parametrize("wish", ["cpu", "cuda"])
def test_a_wish_is_not_measured(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    asked = rates(monkeypatch)
    choice = chosen_device(*bike(device=wish))
    assert (choice.device.type, choice.rates, asked) == (wish, {}, [])


def test_the_measurement_leaves_the_network_as_it_is() -> None:
    book, config, network, data = bike()
    before = [parameter.clone() for parameter in network.parameters()]
    assert samples_per_second(book, config, network, data, torch.device("cpu")) > 1000
    assert all(torch.equal(found, expected) for found, expected in zip(network.parameters(), before, strict=True))


def test_a_training_that_ends_during_the_measurement_has_a_rate() -> None:
    book, config, network, data = bike(epochs=1)
    assert samples_per_second(book, config, network, data, torch.device("cpu")) > 1000
