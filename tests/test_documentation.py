"""What the documents say of the code is true: every file and function that they name is there."""

import ast
import re

import pytest

from explorer.project import PROJECT

DOCUMENTS = ("docs/architecture.md", "README.md", "tests/README.md", "models/data/README.md")
TOPS = ("explorer/", "models/", "pages/", "tests/", "docs/")
QUOTED = re.compile(r"`([\w./-]+/[\w./-]*)`")
FUNCTION = re.compile(r"`(\w+)`(?: and `(\w+)`)?\s+(?:in|of)\s+`([\w/]+\.py)`")


def paths(text: str) -> list[str]:
    """Files and folders of the project that ``text`` quotes; patterns with <…> or … are left out."""
    return [path for path in QUOTED.findall(text) if path.startswith(TOPS)]


def functions(text: str) -> list[tuple[str, str]]:
    """(name, file) wherever ``text`` says "`name` in `file`"."""
    return [(name, file) for *names, file in FUNCTION.findall(text) for name in names if name]


def definitions(source: str) -> set[str]:
    """The names that a module defines at its top."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_exists(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    assert [path for path in paths(text) if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_function_is_where_it_is_said_to_be(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    missing = [
        (name, file)
        for name, file in functions(text)
        if name not in definitions((PROJECT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_the_tour_names_much_of_the_house() -> None:
    text = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    assert len(set(paths(text))) > 40
    assert len(functions(text)) > 10


def test_what_is_missing_is_noticed() -> None:
    text = "See `explorer/gone.py` and `made_up` in `explorer/project.py`, `PROJECT` in `explorer/project.py`."
    assert [path for path in paths(text) if not (PROJECT / path).exists()] == ["explorer/gone.py"]
    assert [name for name, _ in functions(text)] == ["made_up", "PROJECT"]
    assert "made_up" not in definitions((PROJECT / "explorer/project.py").read_text(encoding="utf-8"))
