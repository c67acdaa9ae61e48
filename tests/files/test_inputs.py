"""A person's own file as a graph's input: arrays by name, pictures scaled and normalised; hostile ones refused."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2  # the import is made possible by tests/files/conftest.py

from explorer.files.inputs import read_input
from explorer.files.model_files import declared_inputs, open_graph
from explorer.files.model_files import read_input as read_in_worker
from explorer.graph.graph import TensorType
from models.errors import DataError

CHANNELS_FIRST = TensorType("x", "float32", ("batch", 3, 8, 6))


def picture(pixels: object, kind: str = "png", **more: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(buffer, kind, **more)
    return buffer.getvalue()


def npy(value: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(value))
    return buffer.getvalue()


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, value in arrays.items():
            archive.writestr(f"{name}.npy", npy(value))
    return buffer.getvalue()


def test_arrays(small: Path) -> None:
    declared = declared_inputs(open_graph(small))
    assert [each.name for each in declared] == ["x"]
    for content in (npy(np.ones((1, 3))), npy(np.ones(3))):  # the batch dimension may be left out
        found = read_in_worker(content, ".NPY", declared)
        assert list(found) == ["x"]
        assert found["x"].tolist() == [[1, 1, 1]]
    assert read_in_worker(npz(a=[1], b=[2.5]), "npz", declared).keys() == {"a", "b"}


def test_a_file_by_its_path(small: Path, tmp_path: Path) -> None:
    declared = declared_inputs(open_graph(small))
    path = tmp_path / "x.npy"
    path.write_bytes(npy(np.ones((2, 3))))
    assert read_in_worker(path, path.suffix, declared)["x"].shape == (2, 3)
    with pytest.raises(DataError, match=r"gone\.npy cannot be read"):
        read_in_worker(tmp_path / "gone.npy", "npy", declared)


def test_a_picture_is_prepared_as_torchvision_does() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)
    (found,) = read_in_worker(picture(pixels), "png", (CHANNELS_FIRST,)).values()
    normalised = v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    expected = normalised(torch.from_numpy(pixels).permute(2, 0, 1) / 255)
    np.testing.assert_allclose(found, expected[None].numpy(), atol=1e-5)
    assert found.dtype == np.float32


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.booleans())
def test_any_size_fits(height: int, width: int, channels: int, last: bool) -> None:
    shape = ("b", 8, 6, channels) if last else (1, channels, 8, 6)
    found = read_input(picture(np.full((height, width, 3), 255)), "png", [TensorType("x", "float32", shape)])["x"]
    assert found.shape == (1, *shape[1:])
    white = 1.0 if channels == 1 else [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    colours = found if last else np.moveaxis(found, 1, -1)
    np.testing.assert_allclose(colours, np.broadcast_to(white, (1, 8, 6, channels)), atol=1e-5)


def test_the_centre_is_kept() -> None:
    pixels = np.zeros((4, 12, 3))
    pixels[:, 4:8] = 255
    found = read_input(picture(pixels), "png", [TensorType("x", "uint8", (1, 1, 4, 4))])["x"]
    assert found.dtype == np.uint8
    assert (found == 255).all()


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_other_kinds_of_pictures(kind: str) -> None:
    found = read_input(picture(np.full((9, 9, 3), 128), kind), kind, [TensorType("x", "float16", (1, 1, 4, 4))])["x"]
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, 128 / 255, atol=0.01)


def test_transparent_parts_are_white_and_16_bits_are_read() -> None:
    clear = np.zeros((4, 4, 4))
    grey = [TensorType("x", "float32", (1, 1, 4, 4))]
    assert (read_input(picture(clear), "png", grey)["x"] == 1).all()
    buffer = io.BytesIO()
    Image.fromarray(np.full((4, 4), 32768, np.uint16)).save(buffer, "png")
    np.testing.assert_allclose(read_input(buffer.getvalue(), "png", grey)["x"], 0.5, atol=0.01)


def test_unknown_sizes_are_224() -> None:
    declared = [TensorType("x", "float32", ("b", 3, None, "w"))]
    assert read_input(picture(np.zeros((3, 3, 3))), "png", declared)["x"].shape == (1, 3, 224, 224)


def bomb() -> bytes:
    """A PNG that says it has 10^5 × 10^5 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 10**5, 10**5, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


TWO = (TensorType("a", "float32", (1,)), TensorType("b", "float32", (1,)))
VECTOR = (TensorType("v", "float32", (1, 3)),)
WRONG = {
    "ending": (b"a,b", "csv", VECTOR, r"'\.csv' cannot be an input"),
    "no ending": (b"a,b", "", VECTOR, "cannot be an input"),
    "two inputs": (npy([1]), "npy", TWO, "2 inputs: 'a', 'b'"),
    "no input": (npy([1]), "npy", (), "0 inputs"),
    "not npy": (b"hello", "npy", VECTOR, "not an .npy file"),
    "objects": (npy(np.array([{}], object)), "npy", VECTOR, "Python objects"),
    "not npz": (npy([1]), "npz", VECTOR, "not an .npz"),
    "objects in npz": (npz(x=np.array([{}], object)), "npz", VECTOR, "not an .npz"),
    "picture for a vector": (picture(np.zeros((3, 3, 3))), "png", VECTOR, "shape 1×3 and type float32 cannot be"),
    "picture for four channels": (
        picture(np.zeros((3, 3, 3))),
        "png",
        (TensorType("x", "float32", (1, 4, 5, 5)),),
        "1 or 3 channels",
    ),
    "picture for a batch": (
        picture(np.zeros((3, 3, 3))),
        "png",
        (TensorType("x", "float32", (2, 3, 5, 5)),),
        "cannot be a picture",
    ),
    "absurd picture": (
        picture(np.zeros((3, 3, 3))),
        "png",
        (TensorType("x", "float32", (1, 3, 2**30, 9)),),
        "cannot be a picture",
    ),
    "no picture": (b"hello", "png", (CHANNELS_FIRST,), "not a PNG"),
    "svg": (b"<svg xmlns='x'/>", "png", (CHANNELS_FIRST,), "not a PNG"),
    "truncated picture": (
        picture(np.random.default_rng(0).integers(0, 255, (99, 99, 3)))[:900],
        "png",
        (CHANNELS_FIRST,),
        "damaged",
    ),
    "bomb": (bomb(), "png", (CHANNELS_FIRST,), "100000×100000 pixels; at most 50 million"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_an_input_is_told(name: str) -> None:
    content, kind, declared, told = WRONG[name]
    with pytest.raises(DataError, match=told) as caught:
        read_in_worker(content, kind, declared)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_archive_that_unpacks_to_too_much() -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.zeros(2**27 + 1, np.float32))
    assert len(buffer.getvalue()) < 2**20
    with pytest.raises(DataError, match="512 MB; at most 512"):
        read_in_worker(buffer.getvalue(), "npz", VECTOR)


def test_an_array_that_says_it_is_huge() -> None:
    content = npy(np.zeros(4)).replace(b"(4,), }        ", b"(99999999999,)}")
    assert b"99999999999" in content
    with pytest.raises(DataError, match="too much memory"):
        read_in_worker(content, "npy", VECTOR)
