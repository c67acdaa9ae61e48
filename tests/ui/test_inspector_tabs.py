"""The inspector's tabs as records: each in a file of its own, known to the panel alone, and clear where it is empty."""

from dataclasses import dataclass
from importlib import import_module

import pytest

from explorer.graph.graph import Graph, Node, TensorType
from explorer.project import PROJECT
from explorer.translations.language_words import translation
from explorer.ui.inspector import gradient_tab, source_tab, weights_tab
from explorer.ui.inspector.panel import TABS
from explorer.ui.inspector.tab import InspectorTab

FOLDER = PROJECT / "explorer" / "ui" / "inspector"
FILES = sorted(path.stem for path in FOLDER.glob("*_tab.py"))


@dataclass(frozen=True)
class GraphOnly:
    """As much of a subject as a tab asks before it computes anything."""

    graph: Graph
    has_loss: bool


def looking_at(node: Node, dtype: str = "float32", has_loss: bool = True) -> GraphOnly:
    tensors = {name: TensorType(name, dtype, (1, 4)) for name in node.outputs}
    return GraphOnly(Graph("g", node.inputs, node.outputs, (node,), tensors), has_loss)


def operation(name: str) -> Node:
    return Node("n0", name, "", "n0", (), "Tensor", ("x",), ("y",), {})


def reason(tab: InspectorTab, subject: GraphOnly) -> str:
    return tab.reason_missing(subject, subject.graph.nodes[0])  # type: ignore[arg-type]


def test_the_panel_lists_the_tab_of_every_file() -> None:
    of_files = [import_module(f"explorer.ui.inspector.{name}").TAB for name in FILES]
    assert len(FILES) >= 6
    assert sorted(tab.title for tab in TABS) == sorted(tab.title for tab in of_files)


def test_no_file_but_the_panel_knows_a_tab() -> None:
    users = {
        path.relative_to(PROJECT).as_posix()
        for folder in ("explorer", "models", "pages")
        for path in (PROJECT / folder).rglob("*.py")
        if any(name in path.read_text("utf-8") for name in FILES)
    }
    assert users == {"explorer/ui/inspector/panel.py"}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.title)
def test_every_title_has_its_chinese(tab: InspectorTab) -> None:
    assert translation("zh").gettext(tab.title) != tab.title


def test_a_gradient_needs_a_loss_and_real_numbers() -> None:
    assert reason(gradient_tab.TAB, looking_at(operation("Relu"))) == ""
    assert "no loss" in reason(gradient_tab.TAB, looking_at(operation("Relu"), has_loss=False))
    for dtype in ("int64", "bool"):
        assert "whole numbers" in reason(gradient_tab.TAB, looking_at(operation("Shape"), dtype))
    for dtype in ("float16", "bfloat16", "float64"):
        assert reason(gradient_tab.TAB, looking_at(operation("Relu"), dtype)) == ""


def test_an_operation_without_weights_and_source_says_so() -> None:
    assert reason(weights_tab.TAB, looking_at(operation("Relu"))) == "This operation has no weights."
    assert reason(source_tab.TAB, looking_at(operation("Relu"))) == "The exporter left no source line for this node."
