"""A film's frames are the checkpoints, and its pixels the colours of their weights and maps."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence
from torch.nn import functional as F

from explorer.chapters.digits.kernel_film import film_frames, frame_seconds, paint_frames, save_kernel_film
from explorer.chapters.exports import export_run
from explorer.chapters.film import LINE, MARGIN, film_palette
from explorer.figures.palette import Colours, theme
from explorer.runs.checkpoint import open_run, weights_at
from explorer.runs.folder import Run, create_run, read_metrics, read_run
from models.errors import DataError, RunError, SettingError, UserError

LIGHT = theme(False)
STEP = 255 / 50  # of a colour channel: between two of the film's colours, where the scale is steepest


@pytest.fixture(scope="module")
def run(trained_store: Path) -> Run:
    return read_run(next((trained_store / "runs").glob("digits-*")))


@pytest.fixture(scope="module")
def pictures(run: Run, tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """(H, W, 3) of each frame as another program reads the file."""
    path = tmp_path_factory.mktemp("film") / "run.gif"
    save_kernel_film(run, "test/3", path, seconds_per_frame=0.2)
    with Image.open(path) as image:
        assert image.format == "GIF"
        result, milliseconds = [], []
        for frame in ImageSequence.Iterator(image):
            result.append(np.asarray(frame.convert("RGB")).astype(int))
            milliseconds.append(frame.info["duration"])
        expected = frame_seconds(film_frames(run, "test/3"), 0.2)
        assert milliseconds == [10 * round(100 * each) for each in expected] + [2000]
        assert sum(milliseconds[:-1]) == pytest.approx(200 * (len(result) - 1), abs=5 * len(result))
        assert min(milliseconds) == 100 < max(milliseconds[:-1]) <= 1000
        assert image.info["loop"] == 0
    assert [p.name for p in path.parent.iterdir()] == ["run.gif"]
    return result


def colour(value: float, stops: Colours) -> np.ndarray:
    """The colour of a share of the scale, by the palette's own stops."""
    channels = [[int(text[i : i + 2], 16) for i in (1, 3, 5)] for _, text in stops]
    return np.array([np.interp(value, [at for at, _ in stops], [c[i] for c in channels]) for i in range(3)])


def test_a_frame_for_each_checkpoint(run: Run, pictures: list[np.ndarray]) -> None:
    assert len(pictures) == len(run.checkpoints)
    assert all(picture.shape == pictures[0].shape for picture in pictures)
    assert pictures[0].shape[1] <= 900
    heading = [picture[: 84 + 2 * MARGIN].tobytes() for picture in pictures]
    assert len(set(heading)) == len(pictures)  # each tells its step


def test_a_frame_stays_the_longer_the_more_changes_until_the_next(run: Run) -> None:
    frames = film_frames(run, "test/3")
    changes = []
    for before, after in pairwise(frames):
        distances = []
        for i in range(2):
            for part in ("kernels", "maps"):
                largest = max(np.linalg.norm(getattr(frame.layers[i], part)) for frame in frames)
                gap = getattr(after.layers[i], part) - getattr(before.layers[i], part)
                distances.append(np.linalg.norm(gap) / largest)
        changes.append(np.mean(distances))
    seconds = frame_seconds(frames, 0.25)
    order = np.argsort(changes)
    assert (np.diff(seconds[order]) >= -1e-6).all()
    assert seconds[order[-1]] > seconds[order[0]]


def kernels_top(maps: int, heading: int = 84 + 2 * MARGIN) -> int:
    """The first row of the first layer's kernels, below its maps of ``maps`` pixels."""
    return heading + LINE + maps + 4


def test_pixels_are_the_weights(run: Run, pictures: list[np.ndarray]) -> None:
    weights = [weights_at(run, step)["conv1.weight"].numpy() for step in run.checkpoints]
    largest = max(np.abs(each).max() for each in weights)  # one scale over the film
    top, cell, column = kernels_top(112), 56 // 3, 112 + 4
    for picture, weight in zip(pictures, weights, strict=True):
        for o in range(2):
            for y in range(3):
                for x in range(3):
                    row, place = top + y * cell + cell // 2, MARGIN + o * column + x * cell + cell // 2
                    expected = colour((weight[o, 0, y, x] / largest + 1) / 2, LIGHT.diverging)
                    assert np.abs(picture[row, place] - expected).max() <= STEP, (o, y, x)


def test_pixels_are_the_maps(run: Run, pictures: list[np.ndarray]) -> None:
    maps = []
    for step in run.checkpoints:
        opened = open_run(run, step)
        with torch.no_grad():
            weights = weights_at(run, step)
            inputs = opened.sample("test/3").inputs
            convolved = F.conv2d(inputs, weights["conv1.weight"], weights["conv1.bias"], padding=1)
            maps.append(convolved.relu()[0].numpy())
    largest = max(each.max() for each in maps)
    top, cell = 84 + 2 * MARGIN + LINE, 4
    for picture, values in zip(pictures, maps, strict=True):
        for o, y, x in ((0, 14, 14), (1, 9, 16), (1, 20, 12), (0, 0, 0)):
            expected = colour(values[o, y, x] / largest, LIGHT.sequential)
            result = picture[top + y * cell + 1, MARGIN + o * 116 + x * cell + 1]
            assert np.abs(result - expected).max() <= STEP


def test_frames_tell_step_loss_and_verdict(run: Run) -> None:
    result = film_frames(run, "test/3")
    losses = {record["step"]: record["loss"] for record in read_metrics(run) if record["part"] == "train"}
    assert [(frame.step, frame.loss) for frame in result] == [(step, losses[step]) for step in run.checkpoints]
    with torch.no_grad():
        scores = open_run(run).network(open_run(run).sample("test/3").inputs)[0]
    said, share = result[-1].answer
    assert said == int(scores.argmax())
    assert share == pytest.approx(float(scores.max().exp()), abs=1e-6)


def test_zero_has_a_colour_of_its_own_and_all_fit_a_gif() -> None:
    palette = film_palette(LIGHT, "#ffffff")
    assert len(palette) <= 256
    assert palette[59].tolist() == [0xF4, 0xF4, 0xF4]  # the middle of the signed ones
    assert palette[119].tolist() == [0xEE, 0xF2, 0xF8]  # no magnitude


def test_many_channels_are_shown_in_part_and_broken_numbers_as_zero(run: Run) -> None:
    frame = film_frames(run, "")[0]
    wide = replace(frame.layers[0], kernels=np.full((128, 64, 3, 3), np.nan), maps=np.full((128, 28, 28), np.inf))
    (picture,) = paint_frames([replace(frame, layers=(wide,))], "a run")
    assert picture.shape[1] == 880
    assert picture.max() < 235


def test_what_cannot_be_filmed(run: Run, bike_run: Run, store: Path, tmp_path: Path, no_place: Path) -> None:
    with pytest.raises(RunError, match="has no convolutions"):
        save_kernel_film(bike_run, "", tmp_path / "a.gif")
    with pytest.raises(RunError, match="no checkpoint yet"):
        save_kernel_film(create_run(store, "digits", {}), "", tmp_path / "a.gif")
    with pytest.raises(DataError, match="no digit 'test/9999'"):
        save_kernel_film(run, "test/9999", tmp_path / "a.gif")
    (tmp_path / "folder.gif").mkdir()
    for to in (tmp_path / "folder.gif", no_place / "a.gif", tmp_path / "missing" / "a.gif"):
        with pytest.raises(UserError, match=r"cannot be written: (Is a|Not a|No such)"):
            export_run(run, None, to)
    assert not list(tmp_path.glob("*a.gif*"))


def test_a_film_is_an_export(run: Run, tmp_path: Path) -> None:
    export_run(run, None, tmp_path / "a.gif", sample="test/5")
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF89a")
    with pytest.raises(UserError, match=r"'b\.png'; the endings are .*\.zip, \.gif\.$"):
        export_run(run, None, tmp_path / "b.png")
    with pytest.raises(SettingError, match="leave out checkpoint 0"):
        export_run(run, 0, tmp_path / "b.gif")
    with pytest.raises(SettingError, match=r"'b\.csv' is none"):
        export_run(run, None, tmp_path / "b.csv", sample="test/5")
