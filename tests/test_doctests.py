"""The examples in docstrings are run; a module that gets an example is run from then on."""

import doctest
import importlib
from pathlib import Path

import pytest

from explorer.project import PROJECT

WITH_EXAMPLES = [
    path
    for top in ("models", "explorer")
    for path in sorted((PROJECT / top).rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


def module_name(path: Path) -> str:
    """``explorer/graph/cost.py`` → ``explorer.graph.cost``."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@pytest.mark.parametrize("name", [module_name(path) for path in WITH_EXAMPLES])
def test_examples_give_what_they_say(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
