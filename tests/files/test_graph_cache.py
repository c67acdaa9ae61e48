"""Graphs that have been read are there at once, and never out of date."""

from pathlib import Path

import onnx
import pytest

from explorer.files import graph_cache
from explorer.files.graph_cache import FOLDER, cached_graph
from explorer.files.uploads import keep_upload
from explorer.graph.graph_json import graph_to_json
from explorer.graph.onnx_io.read import read_onnx
from models.errors import GraphError


def kept(store: Path) -> list[Path]:
    return sorted((store / FOLDER).glob("*.graph"))


def never(*_: object) -> bytes:
    raise AssertionError("read again")


def test_a_graph_is_read_once(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached_graph(tmp_path, small)
    assert graph_to_json(first) == graph_to_json(read_onnx(small))
    monkeypatch.setattr(graph_cache, "graph_bytes", never)
    assert graph_to_json(cached_graph(tmp_path, small)) == graph_to_json(first)


def test_a_changed_file_is_read_anew(small: Path, tmp_path: Path) -> None:
    cached_graph(tmp_path, small)
    model = onnx.load(small)
    model.graph.node[1].op_type = "Sigmoid"
    onnx.save(model, small)
    assert [node.op_type for node in cached_graph(tmp_path, small).nodes] == ["MatMul", "Sigmoid"]


def test_another_program_reads_anew(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached_graph(tmp_path, small)
    monkeypatch.setattr(graph_cache, "_code", lambda: "another version")
    cached_graph(tmp_path, small)
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"", b"no graph", b"\x81\xa4name\xa1x"])
def test_what_is_damaged_is_read_anew(small: Path, tmp_path: Path, damage: bytes) -> None:
    whole = cached_graph(tmp_path, small)
    kept(tmp_path)[0].write_bytes(damage)
    assert graph_to_json(cached_graph(tmp_path, small)) == graph_to_json(whole)
    assert kept(tmp_path)[0].read_bytes() != damage


def test_an_upload_is_not_read_a_second_time(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = keep_upload(tmp_path, small.read_bytes(), "mine.onnx")
    monkeypatch.setattr(graph_cache, "graph_bytes", never)
    assert cached_graph(tmp_path, upload.path, upload.name).name == "mine"


def test_the_cache_keeps_below_its_size(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cache, "LARGEST_TOTAL", 1)
    for name in ("one", "two", "three"):
        cached_graph(tmp_path, small, name)
    assert len(kept(tmp_path)) == 1


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"gone\.onnx"):
        cached_graph(tmp_path, tmp_path / "gone.onnx")
