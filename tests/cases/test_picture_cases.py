"""Pictures of digits that once fell short (``../shared/cases``): what a trained network says of each."""

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.chapters.digits.digit_picture import read_digit_safely
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import list_runs
from tests.cases.test_model_cases import case


@pytest.mark.parametrize(("name", "digit"), [("alpha_white_ink.png", 2), ("i16_12bit.png", 3), ("desk_edge.jpg", 3)])
def test_the_network_reads_it(first_store: Path, name: str, digit: int) -> None:
    run = next(run for run in list_runs(first_store) if run.model == "digits")
    picture = read_digit_safely(case(name).read_bytes(), name.rpartition(".")[2])
    pixels = torch.from_numpy(picture.centred.astype(np.float32) / 255)[None, None]
    with torch.no_grad():
        answer = open_run(run).network.eval()(pixels)
    assert int(answer.argmax()) == digit


def test_the_desks_edge_is_another_piece() -> None:
    picture = read_digit_safely(case("desk_edge.jpg").read_bytes(), "jpg")
    assert len(picture.boxes) == 2
    assert picture.boxes[1][2] == picture.grey.shape[0], "it reaches the picture's lower edge"
