"""Reading idx files: torchvision as the oracle, and each way a folder can be wrong."""

import contextlib
import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.data import mnist
from models.errors import DataError
from models.torchvision_ops import allow_import

NAMES = {
    "train-images-idx3-ubyte": "train_images",
    "train-labels-idx1-ubyte": "train_labels",
    "t10k-images-idx3-ubyte": "test_images",
    "t10k-labels-idx1-ubyte": "test_labels",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as torchvision's download leaves it, with other numbers than MNIST's own."""
    root = tmp_path_factory.mktemp("root")
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(5)
    for name in NAMES:
        rows = 60_000 if name.startswith("train") else 10_000
        shape, top = ((rows, 28, 28), 256) if "images" in name else ((rows,), 10)
        header = bytes([0, 0, 8, len(shape)]) + b"".join(length.to_bytes(4, "big") for length in shape)
        (raw / name).write_bytes(header + random.integers(0, top, shape, dtype=np.uint8).tobytes())
    return root


@contextlib.contextmanager
def changed(path: Path, content: bytes) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def test_equals_torchvision(root: Path) -> None:
    allow_import()
    from torchvision.datasets import MNIST

    ours = mnist.idx_folder(root)
    for train, images, labels in (
        (True, ours.train_images, ours.train_labels),
        (False, ours.test_images, ours.test_labels),
    ):
        theirs = MNIST(str(root), train=train)
        assert (theirs.data.numpy() == images).all()
        assert (theirs.targets.numpy() == labels).all()


@pytest.mark.parametrize("inner", ["MNIST", "MNIST/raw"])
def test_inner_folders_are_taken_too(root: Path, inner: str) -> None:
    assert (mnist.idx_folder(root / inner).test_labels == mnist.idx_folder(root).test_labels).all()


@pytest.mark.slow
def test_packed_files(root: Path, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((root / "MNIST/raw" / name).read_bytes(), 1))
    assert (mnist.idx_folder(tmp_path).train_images == mnist.idx_folder(root).train_images).all()


def test_missing_folder_and_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no folder '.*nowhere'"):
        mnist.idx_folder(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"has no file train-images-idx3-ubyte \(or train-images-idx3-ubyte.gz\)"):
        mnist.idx_folder(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x01\0\0\x27\x10", b"x" * 10_008, b"\0" * 20_000])
def test_broken_file(root: Path, content: bytes) -> None:
    name = "t10k-labels-idx1-ubyte"
    with changed(root / "MNIST/raw" / name, content), pytest.raises(DataError, match=f"{name}' is not MNIST's.* 10000"):
        mnist.idx_folder(root)


def test_label_that_is_no_digit(root: Path) -> None:
    path = root / "MNIST/raw/t10k-labels-idx1-ubyte"
    content = bytearray(path.read_bytes())
    content[8 + 41] = 10
    with changed(path, bytes(content)), pytest.raises(DataError, match="has the label 10 at place 41"):
        mnist.idx_folder(root)


def test_broken_packed_file(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"not gzip")
    with pytest.raises(DataError, match="'train-images-idx3-ubyte' cannot be read: Not a gzipped file"):
        mnist.idx_folder(tmp_path)


def test_a_compressed_bomb_is_read_no_further_than_mnist(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(200 * 2**20), 1))
    with pytest.raises(DataError, match="is not MNIST's"):
        mnist.idx_folder(tmp_path)


def test_download_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mirror is sent to a closed port, which is how a machine without network looks."""
    allow_import()
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(DataError, match=r"MNIST could not be downloaded: .*Check the connection"):
        mnist.download(tmp_path)
