"""Uploads: kept by content, named by their owner, removed when others need the room; what is no model is not kept."""

import hashlib
import os
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from explorer.files.uploads import UploadStream, keep_upload, upload_named, uploads
from models.errors import GraphError
from tests.files.conftest import Save


def variants(small: Path, count: int) -> list[bytes]:
    """Different files of one size: ONNX passes over a field that it does not know."""
    return [small.read_bytes() + b"\xfa\x3f\x08" + b"%08d" % number for number in range(count)]


def test_an_upload_is_kept_under_its_content(small: Path, store: Path) -> None:
    content = small.read_bytes()
    kept = keep_upload(store, content, "C:\\models\\my <b>model</b>.onnx")
    digest = hashlib.sha256(content).hexdigest()
    assert kept.id == f"file-{digest[:16]}"
    assert kept.name == "b>.onnx"  # a name ends at any kind of slash
    assert kept.path == store / "uploads" / f"{digest}.onnx"
    assert kept.path.read_bytes() == content
    assert kept.size == len(content)
    assert upload_named(store, kept.id) == kept or upload_named(store, kept.id).used >= kept.used
    again = keep_upload(store, content, "other name.onnx")
    assert (again.id, again.name) == (kept.id, "other name.onnx")
    assert [one.id for one in uploads(store)] == [kept.id]
    assert len(list((store / "uploads").iterdir())) == 2


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2000), max_size=4))
def test_a_file_may_arrive_in_any_pieces(small: Path, store: Path, cuts: list[int]) -> None:
    content = small.read_bytes()
    ends = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    with UploadStream(store, "pieces.onnx") as arriving:
        for begin, end in pairwise(ends):
            arriving.write(content[begin:end])
        kept = arriving.keep()
    assert kept.path.name == f"{hashlib.sha256(content).hexdigest()}.onnx"
    assert kept.path.read_bytes() == content


def test_what_breaks_off_or_grows_too_large_on_its_way_leaves_nothing(small: Path, store: Path) -> None:
    with UploadStream(store, "broken.onnx") as arriving:
        arriving.write(small.read_bytes()[:100])
    with UploadStream(store, "big.onnx", largest=2**20) as arriving:
        arriving.write(small.read_bytes())
        with pytest.raises(GraphError, match=r"big\.onnx'? is larger than 1 MB"):
            arriving.write(bytes(2**20))
    assert list((store / "uploads").iterdir()) == []


@pytest.mark.parametrize("name", ["../../../etc/passwd", "", "/", "..", "a\0b", "n" * 1000, "\udc80.onnx"])
def test_a_name_is_only_a_name(name: str, small: Path, store: Path) -> None:
    kept = keep_upload(store, small.read_bytes(), name)
    assert kept.path.parent == store / "uploads"
    assert kept.name
    assert "/" not in kept.name


def test_what_is_no_model_is_not_kept(store: Path, small: Path) -> None:
    for content in (b"", b"hello", small.read_bytes()[:-5]):
        with pytest.raises(GraphError, match=r"theirs\.onnx"):
            keep_upload(store, content, "theirs.onnx")
    assert uploads(store) == ()
    assert list((store / "uploads").iterdir()) == []


def test_too_large_is_refused_before_anything_is_written(small: Path, store: Path) -> None:
    content = small.read_bytes()
    with pytest.raises(GraphError, match=r"'?big\.onnx'? is larger than 8 MB"):
        keep_upload(store, content + bytes(8 * 2**20), "big.onnx", largest=8 * 2**20)
    with pytest.raises(GraphError, match=r"'?big\.onnx'? is larger than 8 MB"):
        keep_upload(store, content + bytes(8 * 2**20), "big.onnx", total=8 * 2**20)
    assert not (store / "uploads").exists()


def test_hundreds_of_megabytes_are_not_copied_in_memory(store: Path, small: Path) -> None:
    # A field of 100 MB that ONNX does not know.
    content = b"".join((small.read_bytes(), b"\xfa\x3f", b"\x80\x80\x80\x32", bytes(100 * 2**20)))
    tracemalloc.start()
    kept = keep_upload(store, content, "large.onnx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept.path.read_bytes() == content
    assert peak < 20 * 2**20


def test_a_second_upload_of_the_same_leaves_the_file_alone(small: Path, store: Path) -> None:
    kept = keep_upload(store, small.read_bytes(), "a.onnx")
    before = kept.path.stat()
    keep_upload(store, small.read_bytes(), "b.onnx")
    after = kept.path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_least_recently_used_one_is_evicted(small: Path, store: Path) -> None:
    contents = variants(small, 4)
    kept = [keep_upload(store, content, f"{i}.onnx") for i, content in enumerate(contents[:3])]
    for age, one in enumerate(kept):
        os.utime(one.path.with_suffix(".json"), (1000 + age, 1000 + age))
    upload_named(store, kept[0].id)  # used again
    total = 3 * len(contents[0])
    last = keep_upload(store, contents[3], "3.onnx", total=total)
    assert {one.name for one in uploads(store)} == {"0.onnx", "2.onnx", "3.onnx"}
    assert uploads(store)[0].id == last.id
    assert sum(path.stat().st_size for path in (store / "uploads").glob("*.onnx")) <= total
    with pytest.raises(GraphError, match="upload it again"):
        upload_named(store, kept[1].id)


UNKNOWN = ["", "file-", "file-0123", "file-../../etc", "file-" + "0" * 16, "zoo-resnet18", "*"]


@pytest.mark.parametrize("upload_id", UNKNOWN)
def test_an_unknown_id(upload_id: str, small: Path, store: Path) -> None:
    keep_upload(store, small.read_bytes(), "a.onnx")
    with pytest.raises(GraphError, match="no uploaded file"):
        upload_named(store, upload_id)


def test_a_damaged_note_costs_only_the_name(small: Path, store: Path) -> None:
    kept = keep_upload(store, small.read_bytes(), "a.onnx")
    for note in ("[]", "not json", '{"other": 1}'):
        kept.path.with_suffix(".json").write_text(note)
        assert uploads(store)[0].name == f"{kept.id.removeprefix('file-')}.onnx"


def test_a_place_that_cannot_be_written(small: Path, no_place: Path) -> None:
    with pytest.raises(GraphError, match="cannot be stored: Not a directory"):
        keep_upload(no_place, small.read_bytes(), "a.onnx")
    assert uploads(no_place) == ()


def test_unfinished_copies_are_removed(small: Path, store: Path, save: Save) -> None:
    folder = store / "uploads"
    folder.mkdir(parents=True)
    for name, age in (("partial-old", 1000), (".partial-old", 1000), (".partial-new", None)):
        (folder / name).write_bytes(b"half")
        if age:
            os.utime(folder / name, (age, age))
    keep_upload(store, small.read_bytes(), "a.onnx")
    assert [path.name for path in folder.glob("*partial-*")] == [".partial-new"]
