"""Messages hold no folder of this machine: real errors of libraries and of the system, and texts that are no paths."""

import csv
import io
import shutil
import site
import sys
import tempfile
from pathlib import Path

import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from explorer.graph.onnx_io.read import read_onnx
from explorer.runs.checkpoint import open_run
from explorer.runs.folder import Run, read_run
from explorer.storage import unwritable_store
from explorer.trace.onnx_trace import run_error
from explorer.translations.language_words import sentence
from models.errors import GraphError, RunError, UserError
from models.reasons import reason_text, without_folders

FOLDERS = (
    tempfile.gettempdir(),
    sys.prefix,
    str(Path(torch.__file__).parent),
    *site.getsitepackages(),
    str(Path.home()),
)


def said(error: UserError) -> str:
    """What a person reads; fails where it names a folder."""
    text = sentence(error, str)
    assert not [folder for folder in FOLDERS if folder in text], text
    assert not [folder for folder in FOLDERS if folder in error.values.get("reason", "")], error.values
    return text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no /tmp/toushi-7/net.onnx here", "no net.onnx here"),
        ("'/tmp/lib/x/' is a folder", "'x' is a folder"),
        ("[Errno 2] No such file: '/etc/a b'", "[Errno 2] No such file: 'a b'"),
        ("see file:///usr/share/doc.txt", "see doc.txt"),
        (r"C:\Users\me\net.onnx: bad", "net.onnx: bad"),
        ("path:/tmp/lib/x.pt, line 3", "path:x.pt, line 3"),
        ("/features/0/Conv has 3/4 of http://127.0.0.1/usr/x", "/features/0/Conv has 3/4 of http://127.0.0.1/usr/x"),
        ("net.onnx and data/train.csv stay", "net.onnx and data/train.csv stay"),
    ],
)
def test_paths_are_cut_to_their_names(text: str, shown: str) -> None:
    assert without_folders(text) == shown
    assert without_folders(shown) == shown


def test_folders_with_blanks_that_the_process_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = tmp_path / "my own store"
    monkeypatch.setenv("TOUSHI_STORE", str(store))
    assert without_folders(f"cannot open {store}/runs/a/model.onnx now") == "cannot open model.onnx now"
    assert said(unwritable_store(store, PermissionError(13, "Permission denied", str(store)))) == (
        "The store folder my own store cannot be written: Permission denied."
    )


def test_what_libraries_say_of_real_files(tmp_path: Path) -> None:
    bad = tmp_path / "model.onnx"
    bad.write_bytes(b"no model" * 100)
    failures: list[Exception] = []
    for attempt in (
        lambda: onnxruntime.InferenceSession(str(bad), providers=["CPUExecutionProvider"]),
        lambda: onnxruntime.InferenceSession(str(tmp_path / "absent.onnx"), providers=["CPUExecutionProvider"]),
        lambda: torch.load(bad, weights_only=True),
        lambda: torch.jit.load(str(tmp_path / "absent.pt")),
        lambda: (tmp_path / "absent").read_bytes(),
        lambda: tmp_path.read_bytes(),
        lambda: list(csv.reader(io.StringIO('"' + "x" * 200_000), strict=True)),
    ):
        with pytest.raises(Exception) as raised:
            attempt()
        failures.append(raised.value)
    assert sum(str(tmp_path) in str(failure) for failure in failures) >= 4  # else this shows nothing
    for failure in failures:
        assert said(GraphError("Broken: {reason}.", reason=failure)) != "Broken: ."
        assert said(run_error(failure))
    assert reason_text(OSError(28, "No space left on device", str(bad))) == "No space left on device"


def test_weights_in_a_missing_file_of_their_own(tmp_path: Path) -> None:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 3], data_location=TensorProto.EXTERNAL)
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "absent.bin"
    value = helper.make_tensor_value_info
    ends = (value("x", TensorProto.FLOAT, [2, 3]), value("y", TensorProto.FLOAT, [2, 3]))
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [ends[0]], [ends[1]], [weight])
    path = tmp_path / "net.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    try:
        read_onnx(path)
        session: object = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        raise AssertionError(session)
    except UserError as error:
        said(error)
    except Exception as error:
        assert "absent.bin" in said(run_error(error))


def test_a_damaged_store(tmp_path: Path, bike_run: Run) -> None:
    copy = tmp_path / "runs" / bike_run.id
    shutil.copytree(bike_run.path, copy)
    for content in (b"", b"garbage" * 100):
        for file in (copy / "checkpoints").iterdir():
            file.write_bytes(content)
        with pytest.raises(UserError) as raised:
            open_run(read_run(copy))
        said(raised.value)
    (copy / "run.json").write_text("{")
    damage = read_run(copy).damage
    assert isinstance(damage, RunError)
    said(damage)
