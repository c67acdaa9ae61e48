"""The source code around the line that a node was exported from, and the nodes of a line.

A path comes from a model file of any origin: only Python files of this project's ``models/``, of torch and of
torchvision are ever opened. Nothing is run.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path, PurePosixPath

from explorer.graph.graph import Graph, Node, SourceLine
from explorer.project import PROJECT

OPENED = ("models", "torch", "torchvision")  # first folders of the paths that are opened
LONGEST_FILE = 2**21  # bytes
AROUND = 6  # lines before and after


def lines_around(source: SourceLine, around: int = AROUND) -> tuple[tuple[int, str], ...]:
    """(number, text) of the line and ``around`` lines on each side; empty if the file is missing or has changed."""
    lines = _lines(source.path)
    index = source.line - 1
    if not 0 <= index < len(lines) or lines[index].strip() != source.code.strip():
        return ()
    first = max(0, index - around)
    return tuple(enumerate(lines[first : index + around + 1], start=first + 1))


def nodes_by_line(graph: Graph, path: str) -> dict[int, list[Node]]:
    """By line number, ascending, the nodes that were exported from this line of the file ``path``."""
    nodes: dict[int, list[Node]] = {}
    for node in graph.all_nodes():
        if node.source is not None and node.source.path == path and not node.folded:
            nodes.setdefault(node.source.line, []).append(node)
    return dict(sorted(nodes.items()))


@lru_cache(maxsize=64)
def _lines(path: str) -> tuple[str, ...]:
    file = _file(path)
    if file is None:
        return ()
    try:
        if file.stat().st_size > LONGEST_FILE:
            return ()
        return tuple(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError, ValueError):
        return ()


# Paths in runs that were exported before the chapters had folders of their own.
_FORMER_PATHS = {
    "models/bike.py": "models/bike/demand.py",
    "models/sentiment.py": "models/sentiment/bag_of_words.py",
    "models/digits.py": "models/digits/classifier.py",
    "models/digits_network.py": "models/digits/network.py",
}


def _file(path: str) -> Path | None:
    """The file at a relative path; None outside the folders in ``OPENED``, whatever ``..`` or links the path has."""
    path = _FORMER_PATHS.get(path, path)
    parts = PurePosixPath(path).parts
    if not parts or parts[0] not in OPENED or not path.endswith(".py") or len(path) > 400 or "\0" in path:
        return None
    root = PROJECT / "models" if parts[0] == "models" else _package(parts[0])
    if root is None:
        return None
    file = root.joinpath(*parts[1:]).resolve()
    return file if file.is_relative_to(root.resolve()) and file.is_file() else None


def _package(name: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None
