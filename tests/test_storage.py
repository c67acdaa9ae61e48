"""Atomic writes leave the old content or the new one and nothing else; a folder keeps below its size."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.storage import EvictingFolder, atomic_path, partial_path, write_atomically

Tree = dict[str, bytes]  # relative path → content


def tree(folder: Path) -> Tree:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Crash(BaseException):
    """Like a KeyboardInterrupt: nobody expects it."""


pieces = st.lists(st.binary(max_size=30), max_size=5)


@given(old=st.none() | st.binary(max_size=20), pieces=pieces, crash=st.integers(0, 6))
def test_a_crash_at_any_point_leaves_the_old_file_or_none(
    tmp_path_factory: pytest.TempPathFactory, old: bytes | None, pieces: list[bytes], crash: int
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    path = folder / "file"
    if old is not None:
        path.write_bytes(old)
    before = tree(folder)
    crashes = crash <= len(pieces)
    try:
        with atomic_path(path) as partial, partial.open("wb", buffering=0) as file:
            for number, piece in enumerate(pieces):
                if number == crash:
                    raise Crash
                file.write(piece)
                assert tree(folder).get("file") == old, "a reader sees the old file until the end"
            if crashes:
                raise Crash
    except Crash:
        assert tree(folder) == before
    else:
        assert tree(folder) == {"file": b"".join(pieces)}
    assert len(list(folder.iterdir())) == len(tree(folder))


@given(pieces=pieces, crash=st.integers(0, 6))
def test_a_crash_at_any_point_leaves_no_part_of_a_folder(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], crash: int
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    try:
        with atomic_path(folder / "new") as partial:
            (partial / "inner").mkdir(parents=True)
            for number, piece in enumerate(pieces):
                if number == crash:
                    raise Crash
                (partial / "inner" / str(number)).write_bytes(piece)
    except Crash:
        assert list(folder.iterdir()) == []
    else:
        assert tree(folder) == {f"new/inner/{number}": piece for number, piece in enumerate(pieces)}
        assert [path.name for path in folder.iterdir()] == ["new"]


def test_a_folder_does_not_replace_one_with_content(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_bytes(b"old")
    with pytest.raises(OSError, match="not empty"), atomic_path(tmp_path / "kept") as partial:
        partial.mkdir()
        (partial / "file").write_bytes(b"new")
    assert tree(tmp_path) == {"kept/file": b"old"}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "kept", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_text_is_written_in_utf8(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "透视\n")
    assert (tmp_path / "a").read_bytes() == "透视\n".encode()


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from pathlib import Path; from explorer.storage import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as partial:\n"
        "    partial.write_bytes(b'new'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert path.read_bytes() == b"old"


def test_the_folder_of_a_write_is_not_created(tmp_path: Path) -> None:
    """A deleted run must not come back because its training writes its status once more."""
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "deleted" / "status.json", b"{}")
    assert list(tmp_path.iterdir()) == []


def test_what_was_moved_away_is_not_removed(tmp_path: Path) -> None:
    with partial_path(tmp_path) as partial:
        partial.write_bytes(b"content")
        partial.rename(tmp_path / "final")
    assert tree(tmp_path) == {"final": b"content"}


# (size, time of last use); equal times would leave the order open
entries = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 99)), max_size=8, unique_by=lambda entry: entry[1])


@pytest.mark.parametrize("record_suffix", ["", ".json"])
@given(entries=entries, limit=st.integers(0, 120), in_use=st.integers(0, 8))
def test_eviction_keeps_below_the_limit_and_spares_what_is_in_use(
    tmp_path_factory: pytest.TempPathFactory,
    record_suffix: str,
    entries: list[tuple[int, int]],
    limit: int,
    in_use: int,
) -> None:
    folder = EvictingFolder(tmp_path_factory.mktemp("folder"), limit, ".bin", record_suffix)
    for number, (size, used) in enumerate(entries):
        folder.file(str(number)).write_bytes(bytes(size))
        if record_suffix:
            folder.record(str(number)).write_bytes(b"{}")
        os.utime(folder.record(str(number)), (used, used))
    (folder.path / "other.txt").write_bytes(bytes(500))
    folder.evict(in_use=str(in_use))
    # The oracle removes one entry after the other until the sum is small enough.
    left = dict(enumerate(entries))
    for number in sorted(left, key=lambda number: entries[number][1]):
        if sum(size for size, _ in left.values()) <= limit:
            break
        if number != in_use:
            del left[number]
    assert {entry.name for entry in folder.entries()} == {str(number) for number in left}
    kept = sum(entry.size for entry in folder.entries() if entry.name != str(in_use))
    spared = entries[in_use][0] if in_use < len(entries) else 0
    assert kept + spared <= max(limit, spared)
    assert in_use >= len(entries) or folder.file(str(in_use)).exists()
    assert (folder.path / "other.txt").exists()
    if record_suffix:
        assert len(list(folder.path.glob("*.json"))) == len(list(folder.path.glob("*.bin")))


def test_use_protects_from_eviction(tmp_path: Path) -> None:
    folder = EvictingFolder(tmp_path, 20, ".bin")
    for age, name in enumerate(("a", "b", "c")):
        folder.file(name).write_bytes(bytes(10))
        os.utime(folder.file(name), (1000 + age, 1000 + age))
    folder.mark_used("a")
    folder.mark_used("not there")
    folder.evict()
    assert sorted(entry.name for entry in folder.entries()) == ["a", "c"]


@pytest.mark.parametrize("write", [lambda p: p.write_bytes(b"half"), lambda p: (p / "inner").mkdir(parents=True)])
def test_what_a_dead_writer_left_is_removed_after_an_hour(tmp_path: Path, write: Callable[[Path], object]) -> None:
    folder = EvictingFolder(tmp_path, 100, ".bin")
    for name, time in ((".partial-old", 1000), ("partial-old.bin", 1000), (".partial-new", None)):
        write(tmp_path / name)
        if time:
            os.utime(tmp_path / name, (time, time))
    folder.evict()
    assert [path.name for path in tmp_path.iterdir()] == [".partial-new"]
