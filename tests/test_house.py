"""The house as a whole: class names that stand for one thing, folders of a size to look through, no circle of imports.

What a single file may do is in ``test_structure.py``.
"""

import ast
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

import pytest

from explorer.project import PROJECT
from tests.test_structure import files, imported

MOST_FILES = 15  # of a folder's own


def sources(*tops: str) -> dict[str, str]:
    """The text of every Python file below ``tops``, by its path."""
    return {
        path: (PROJECT / path).read_text(encoding="utf-8")
        for path in files()
        if path.endswith(".py") and path.startswith(tops)
    }


def shared_class_names(texts: Mapping[str, str]) -> list[str]:
    """Names that more than one class bears, nested ones and private ones included."""
    counts = Counter(
        node.name for text in texts.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)
    )
    return sorted(name for name, count in counts.items() if count > 1)


def test_no_two_classes_share_a_name() -> None:
    assert shared_class_names({"a.py": "class A: ...", "b.py": "class A: ..."}) == ["A"]
    assert shared_class_names(sources("explorer/", "models/")) == []


def crowded_folders(paths: Iterable[str]) -> dict[str, int]:
    """Folders with more files of their own than ``MOST_FILES``; a package's ``__init__.py`` does not count."""
    counts = Counter(str(PurePosixPath(path).parent) for path in paths if not path.endswith("__init__.py"))
    return {folder: count for folder, count in counts.items() if count > MOST_FILES}


def test_no_folder_is_a_shelf() -> None:
    assert crowded_folders(f"a/{number}.py" for number in range(MOST_FILES + 1)) == {"a": MOST_FILES + 1}
    code = [path for path in files() if path.endswith((".py", ".js"))]
    assert crowded_folders(code) == {}


def import_order(texts: Mapping[str, str]) -> list[str]:
    """The modules in an order in which each stands behind all that it imports. Raises graphlib.CycleError.

    Only what a module imports while it is being loaded counts, not the imports within functions.
    """
    modules = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): text for path, text in texts.items()
    }
    wanted = {
        name: {target for full in imported_at_load(text) if (target := known_module(full, modules)) and target != name}
        for name, text in modules.items()
    }
    return list(TopologicalSorter(wanted).static_order())


def module_name(path: str) -> str:
    """``explorer/graph/graph.py`` → ``explorer.graph.graph``; a package's ``__init__.py`` → the package."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported_at_load(source: str) -> Iterator[str]:
    """The full names that a module imports outside functions and outside ``if TYPE_CHECKING``."""
    waiting: list[ast.AST] = list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(ast.unparse(node))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def known_module(name: str, modules: Container[str]) -> str | None:
    """The module that ``name`` (of a module, or of something in one) belongs to; None for somebody else's."""
    return next((each for each in (name, name.rpartition(".")[0]) if each in modules), None)


def test_no_import_goes_in_a_circle() -> None:
    circle = {"a.py": "import b", "b.py": "from a import x"}
    with pytest.raises(CycleError):
        import_order(circle)
    assert import_order({"a.py": "def f():\n    import b", "b.py": "import a"}) == ["a", "b"]
    assert len(import_order(sources("explorer/", "models/", "pages/"))) > 100


# Everyday words that once stood for many things: a name says what it holds.
EMPTY_WORDS = {
    "found",
    "told",
    "one",
    "matter",
    "acts",
    "making",
    "written",
    "against",
    "meeting",
    "ahead",
    "taking_away",
}


def names_defined(source: str) -> Iterator[str]:
    """Functions, classes, parameters and variables that a module defines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def empty_names(path: str, source: str) -> list[str]:
    """The names in a module, its own among them, that are one of ``EMPTY_WORDS``."""
    names = {name.strip("_").lower() for name in names_defined(source)} | {PurePosixPath(path).stem}
    return sorted(names & EMPTY_WORDS)


def test_names_say_what_they_hold() -> None:
    assert empty_names("explorer/runs/ahead.py", "found = 1\ndef f(told: str) -> str: ...") == [
        "ahead",
        "found",
        "told",
    ]
    complaints = {
        path: names for path, text in sources("explorer/", "models/").items() if (names := empty_names(path, text))
    }
    assert complaints == {}
