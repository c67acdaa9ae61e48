"""The source code around the line that made a node, and the way back from a line to its nodes.

A path comes from a model file, and so from anybody: only Python files of this project's ``models/``, of torch and of
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
    """(number, text) of the line and ``around`` lines on each side; empty where the file is not here or has changed."""
    lines = _lines(source.path)
    here = source.line - 1
    if not 0 <= here < len(lines) or lines[here].strip() != source.code.strip():
        return ()
    first = max(0, here - around)
    return tuple((first + i + 1, text) for i, text in enumerate(lines[first : here + around + 1]))


def nodes_by_line(graph: Graph, path: str) -> dict[int, list[Node]]:
    """The nodes that each line of the file ``path`` made, by line, ascending."""
    found: dict[int, list[Node]] = {}
    for node in graph.all_nodes():
        if node.source is not None and node.source.path == path and not node.folded:
            found.setdefault(node.source.line, []).append(node)
    return dict(sorted(found.items()))


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


# Where the models' files lay when runs were exported before the chapters had folders of their own.
_FORMER = {
    "models/bike.py": "models/bike/demand.py",
    "models/sentiment.py": "models/sentiment/bag_of_words.py",
    "models/digits.py": "models/digits/classifier.py",
    "models/digits_network.py": "models/digits/network.py",
}


def _file(path: str) -> Path | None:
    """The file that a relative path names; None outside the folders in ``OPENED``, however the path is written."""
    path = _FORMER.get(path, path)
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
