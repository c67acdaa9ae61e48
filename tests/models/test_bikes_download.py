"""The download of UCI's hours against a real server on this machine that behaves well, and badly."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from models.data import bikes_download as download
from models.data.bikes_download import download_bikes
from models.errors import DataError

HOURS = b"instant,dteday,cnt\n" + b"".join(b"%d,2011-01-01,%d\n" % (i, i * i) for i in range(20_000))
SUM = hashlib.sha256(HOURS).hexdigest()


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


GOOD = archive({"Readme.txt": b"hello", "day.csv": b"x", "hour.csv": HOURS})


def packed_as(method: int) -> bytes:
    """GOOD with every member said to be packed by ``method``; offsets are those of APPNOTE.TXT, 4.3.7 and 4.3.12."""
    changed = bytearray(GOOD)
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + offset : at + offset + 2] = method.to_bytes(2, "little")
            at = changed.find(signature, at + 4)
    return bytes(changed)


@dataclass
class Server:
    """What the next request gets. announced: the Content-Length, None for none."""

    address: str
    content: bytes = GOOD
    status: int = 200
    announced: int | None = len(GOOD)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(told.status)
            if told.announced is not None:
                self.send_header("Content-Length", str(told.announced))
            self.end_headers()
            self.wfile.write(told.content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    told = Server(f"http://127.0.0.1:{listening.server_port}/bikes.zip")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.mark.parametrize("announced", [len(GOOD), None])
def test_download_with_progress(server: Server, tmp_path: Path, announced: int | None) -> None:
    server.announced = announced
    told: list[tuple[int, int]] = []
    target = tmp_path / "new" / "hour.csv"
    assert download_bikes(target, lambda done, total: told.append((done, total)), server.address, SUM) == target
    assert target.read_bytes() == HOURS
    assert [path.name for path in target.parent.iterdir()] == ["hour.csv"], "no temporary file stays"
    assert told[0] == (0, announced or 0) and told[-1] == (len(GOOD), announced or 0)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>sorry</html>", "is not a zip archive with hour.csv in it"),
        (archive({"day.csv": b"x"}), "is not a zip archive with hour.csv in it"),
        (GOOD[:200] + bytes(50) + GOOD[250:], "is not a zip archive with hour.csv in it"),
        (packed_as(97), "is not a zip archive with hour.csv in it"),  # WavPack
        (archive({"hour.csv": HOURS + b"1"}), "its checksum differs"),
        (archive({"hour.csv": bytes(download.MOST_UNPACKED + 1)}), r"hour.csv from .* is larger than 4 MB"),
        (bytes(download.MOST_PACKED + 1), "is larger than 8 MB and was not downloaded"),
    ],
    ids=["page", "other archive", "damaged", "unknown packing", "other file", "bomb", "endless"],
)
def test_wrong_content_leaves_the_old_file(server: Server, tmp_path: Path, content: bytes, sentence: str) -> None:
    server.content, server.announced = content, len(content)
    target = tmp_path / "hour.csv"
    target.write_bytes(b"old")
    with pytest.raises(DataError, match=sentence) as caught:
        download_bikes(target, None, server.address, SUM)
    assert server.address in str(caught.value)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["hour.csv"]


def test_server_that_says_no(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(DataError, match=r"Nothing could be downloaded from .*: Service Unavailable\. Check the connec"):
        download_bikes(tmp_path / "hour.csv", None, server.address, SUM)


def test_connection_that_is_cut(server: Server, tmp_path: Path) -> None:
    server.content, server.announced = GOOD[:1000], len(GOOD)
    with pytest.raises(DataError, match=f"Nothing could be downloaded from .*: 1000 / {len(GOOD)} B"):
        download_bikes(tmp_path / "hour.csv", None, server.address, SUM)


def test_offline(server: Server, tmp_path: Path) -> None:
    """A port that nobody listens on, as on a machine without network."""
    with pytest.raises(DataError, match=r"Nothing could be downloaded from http://127.0.0.1:9/: .*refused.*upload"):
        download_bikes(tmp_path / "hour.csv", None, "http://127.0.0.1:9/", SUM)


def test_cancel_through_the_progress(server: Server, tmp_path: Path) -> None:
    def cancel(done: int, total: int) -> None:
        if done:
            raise DataError("cancelled")

    with pytest.raises(DataError, match=r"^cancelled$"):
        download_bikes(tmp_path / "hour.csv", cancel, server.address, SUM)
    assert not list(tmp_path.iterdir())


def test_target_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"The file '.*hour.csv' cannot be written"):
        download_bikes(tmp_path / "file" / "hour.csv", None, server.address, SUM)


def test_only_http() -> None:
    with pytest.raises(ValueError, match="only http"):
        download_bikes(Path("never"), None, "file:///etc/hostname")
