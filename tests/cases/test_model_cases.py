"""Model files that once fell short (``../shared/cases``), on the command line and in the inspector."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.cli.main import main
from explorer.graph.graph import Graph, Node, TensorKey
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.project import PROJECT

pytestmark = pytest.mark.slow
CASES = PROJECT.parent / "shared" / "cases"
MODELS = (
    *("ar_add_f16", "ar_avg_ceil_nan", "ar_mm_f16", "ar_mul_u8", "ar_neg_i8", "bf16_matmul", "c_body_a", "c_body_b"),
    *("c_str_a", "c_str_b", "fn_attr", "fn_clash", "fn_two_const", "fp16_conv", "fp8", "if_same_init"),
    *("inp_i32_from_i64", "inp_num_from_str", "lstm_dynamo", "qdq_conv", "qlinear", "reduce_empty", "seq"),
    *("shadow_loop", "str_init1", "str_init2"),
)


def case(name: str) -> Path:
    path = CASES / name
    if not path.is_file():
        pytest.fail(f"The recorded cases are needed for this test: {path} beside the checkout.")
    return path


def page(store: str, path: str, node_id: str, tab: str) -> None:
    import os
    from pathlib import Path

    import streamlit as st

    os.environ["TOUSHI_STORE"] = store
    from explorer.ui.frame import store as run_store
    from explorer.ui.inspector.file_subject import FileSubject
    from explorer.ui.inspector.panel import inspector

    run_store.settings.clear()
    st.session_state.setdefault("inspector.tabs.en", tab)
    subject = FileSubject("upload-case", Path(path), Path(path).name)
    node = subject.graph.find(node_id)
    if node is not None:
        inspector(subject, node)


@pytest.fixture(autouse=True)
def no_settings_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``page`` sets the store for this process: it must not stay set."""
    monkeypatch.setenv("TOUSHI_STORE", "")
    yield
    from explorer.ui.frame import store

    store.settings.clear()


def shown(store: Path, name: str, node: str, tab: str) -> AppTest:
    """The inspector of a node of the file, with ``tab`` open."""
    app = AppTest.from_function(page, args=(str(store), str(case(f"{name}.onnx")), node, tab), default_timeout=60).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    shown_texts = [str(each.value) for each in (*app.markdown, *app.caption, *app.error, *app.warning)]
    return "\n".join([*shown_texts, *(each.value.to_string() for each in app.dataframe)])


def statistics(app: AppTest) -> dict[str, str]:
    """Of the first array that the open tab shows."""
    table = app.table[0].value
    return dict(zip(table["Name"], table["Value"], strict=True))


def graph(name: str) -> Graph:
    return read_onnx(case(f"{name}.onnx"))


def node(name: str, node_id: str) -> Node:
    found = graph(name).find(node_id)
    assert found is not None
    return found


@pytest.mark.parametrize("name", MODELS)
def test_each_is_drawn(name: str, tmp_path: Path) -> None:
    for ending in ("svg", "json"):
        assert main(["graph", str(case(f"{name}.onnx")), "--to", str(tmp_path / f"a.{ending}")]) == 0
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()


def test_an_attribute_of_the_call(store: Path, tmp_path: Path) -> None:
    """Scale(alpha, must) is 3·a + 1 by default and 10·a + 2 in the second call: the constants are the calls' values."""
    assert node("fn_attr", "n0.b0.n0.b0.n0").attributes == {"value_float": "@alpha"}
    for body, value in (("n0.b0.n0.b0", 3.0), ("n0.b0.n1.b0", 10.0)):
        to = tmp_path / "body.npz"
        assert main(["trace", str(case("fn_attr.onnx")), "--body", body, "--to", str(to)]) == 0
        with np.load(to) as values:
            assert values["k"] == value
            np.testing.assert_allclose(values["m"], values["a"] * value, rtol=1e-6)
    assert statistics(shown(store, "fn_attr", "n0.b0.n1.b0.n0", "Activation"))["Maximum"] == "10"


@pytest.mark.parametrize(("name", "words"), [("str_init1", ["好评"]), ("str_init2", ["差评", "好评"])])
def test_text_weights(store: Path, tmp_path: Path, name: str, words: list[str]) -> None:
    weight = node(name, "n0").weights[0]
    value = np.asarray(weight.value if weight.value is not None else read_weight(case(f"{name}.onnx"), weight.key))
    assert [each.decode() if isinstance(each, bytes) else each for each in value.reshape(-1).tolist()] == words
    assert all(word in texts(shown(store, name, "n0", "Weights")) for word in words)
    assert any(word in texts(shown(store, name, "n0", "Activation")) for word in words)
    assert main(["trace", str(case(f"{name}.onnx")), "--to", str(tmp_path / "a.npz")]) == 0
    with np.load(tmp_path / "a.npz") as values:
        assert set(values["y"].reshape(-1).tolist()) <= set(words)


@pytest.mark.parametrize(("name", "least", "most"), [("fn_clash", "-1.281", "0.2642"), ("shadow_loop", None, None)])
def test_a_node_in_a_body_has_its_own_values(store: Path, tmp_path: Path, name: str, least: str, most: str) -> None:
    app = shown(store, name, "n1.b0.n0", "Activation")
    to = tmp_path / "body.npz"
    assert main(["trace", str(case(f"{name}.onnx")), "--body", "n1.b0", "--to", str(to)]) == 0
    output = node(name, "n1.b0.n0").outputs[0]
    with np.load(to) as values:
        expected = values[output]
    numbers = {
        key: float(text.replace("−", "-")) for key, text in statistics(app).items() if key in ("Minimum", "Maximum")
    }
    assert numbers["Minimum"] == pytest.approx(expected.min(), rel=1e-3)
    assert numbers["Maximum"] == pytest.approx(expected.max(), rel=1e-3)
    if least is not None:
        assert statistics(app)["Minimum"] == least
        assert statistics(app)["Maximum"] == most


def test_an_iteration_is_chosen(store: Path) -> None:
    app = shown(store, "shadow_loop", "n1.b0.n0", "Activation")
    assert app.slider[0].label == "Iteration of Loop (0–2)"
    first = statistics(app)["Maximum"]
    app.slider[0].set_value(2).run()
    assert not app.exception
    assert float(statistics(app)["Maximum"]) > float(first)


@pytest.mark.parametrize(
    ("name", "node_id", "weight", "value"),
    [
        ("fn_two_const", "n1.b0.n1", "tmp", [7, 8]),
        ("fn_two_const", "n0.b0.n1", "tmp", [100, 200]),
        ("if_same_init", "n0.b0.n0", "w", [30, 40]),
        ("if_same_init", "n0.b1.n0", "w", [1, 2]),
    ],
)
def test_a_weight_is_that_of_its_own_body(store: Path, name: str, node_id: str, weight: str, value: list[int]) -> None:
    (found,) = node(name, node_id).weights
    assert (found.name, found.key) == (weight, TensorKey(node_id.rpartition(".")[0], weight))
    np.testing.assert_array_equal(read_weight(case(f"{name}.onnx"), found.key), value)
    numbers = statistics(shown(store, name, node_id, "Weights"))
    assert [float(numbers[each]) for each in ("Minimum", "Maximum")] == value
    assert sum(each.params for each in graph(name).all_nodes()) == 4


@pytest.mark.parametrize("pair", ["c_body", "c_str"])
def test_what_differs_is_reported(pair: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(case(f"{pair}_a.onnx")), str(case(f"{pair}_b.onnx")), "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    moved = [entry for entry in result["weights"] if entry["difference"]]
    assert not result["same"]
    assert result["unread"] == []
    assert len(moved) == 1
    assert moved[0]["node"].startswith("n0.b" if pair == "c_body" else "n0")


def test_the_sum_of_nothing(store: Path) -> None:
    app = shown(store, "reduce_empty", "n0", "Arithmetic")
    assert app.dataframe[0].value["Value"].iloc[-1] == 0
    assert "no elements" in texts(app)
    assert not app.warning


@pytest.mark.parametrize("name", ["fp16_conv", "ar_add_f16", "ar_mm_f16", "bf16_matmul"])
def test_worked_numbers_agree_within_their_type(store: Path, name: str) -> None:
    for each in graph(name).nodes:
        app = shown(store, name, each.id, "Arithmetic")
        assert not app.warning, each.op_type


@pytest.mark.parametrize(("name", "value"), [("ar_mul_u8", 206), ("ar_neg_i8", None)])
def test_whole_numbers_wrap_around(store: Path, tmp_path: Path, name: str, value: int | None) -> None:
    app = shown(store, name, "n0", "Arithmetic")
    assert not app.warning
    if value is not None:
        assert main(["trace", str(case(f"{name}.onnx")), "--to", str(tmp_path / "a.npz")]) == 0


@pytest.mark.parametrize("name", ["bf16_matmul", "fp8"])
def test_types_that_numpy_lacks_survive_a_file(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    path = case(f"{name}.onnx")
    assert main(["trace", str(path), "--to", str(first)]) == 0
    with np.load(first) as values:
        np.savez(tmp_path / "in.npz", **{each: values[each] for each in graph(name).inputs})
    assert main(["trace", str(path), "--input", str(tmp_path / "in.npz"), "--to", str(second)]) == 0
    with np.load(first) as one, np.load(second) as other:
        assert one.files == other.files
        for each in one.files:
            np.testing.assert_array_equal(one[each], other[each])


def test_the_parts_of_a_sequence(store: Path) -> None:
    assert r"s\[0\]" in texts(shown(store, "seq", "n0", "Activation"))


@pytest.mark.parametrize("name", ["qdq_conv", "qlinear"])
def test_quantised_weights_are_counted_and_scales_are_apart(store: Path, name: str) -> None:
    nodes = graph(name).nodes
    assert sum(each.params for each in nodes) == 112
    kinds = {weight.kind for each in nodes for weight in each.weights}
    assert kinds == {"parameter", "quantization"}
    holder = next(each for each in nodes if len({weight.kind for weight in each.weights}) == 2)
    assert {"Learned", "Scale and zero point"} <= set(texts(shown(store, name, holder.id, "Weights")).split("\n"))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of an error, of a command that ends with status 2."""
    assert main(list(arguments)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_inputs_that_would_lose_their_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = str(tmp_path / "out.npz")
    text = str(case("inp_num_from_str.npz"))
    assert "text" in refused(capsys, "trace", str(case("inp_num_from_str.onnx")), "--input", text, "--to", to)
    (name,) = graph("inp_i32_from_i64").inputs
    np.savez(tmp_path / "large.npz", allow_pickle=False, **{name: np.full(_shape("inp_i32_from_i64"), 2**40)})
    line = refused(
        capsys, "trace", str(case("inp_i32_from_i64.onnx")), "--input", str(tmp_path / "large.npz"), "--to", to
    )
    assert "1099511627776" in line
    assert "int32" in line


def _shape(name: str) -> tuple[int, ...]:
    """Of the first input, symbolic dimensions as 1."""
    opened = graph(name)
    return tuple(size if isinstance(size, int) else 1 for size in opened.tensors[opened.inputs[0]].shape or ())


def test_the_runtimes_reason_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "trace", str(case("ar_avg_ceil_nan.onnx")), "--to", str(tmp_path / "out.npz"))
    assert line.rstrip().endswith("Pad should be smaller than kernel.")
    assert "OpKernelInfo" not in line


def test_weights_in_a_file_that_is_not_given(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "trace", str(case("lstm_dynamo.onnx")), "--to", str(tmp_path / "out.npz"))
    app = shown(store, "lstm_dynamo", "n0", "Activation")
    for text in (line, app.error[0].value.replace("\\", "")):
        assert "lstm_dynamo.onnx.data" in text
        assert "external_data=False" in text
