"""What each chapter adds to the commands and pages that all chapters share: kinds of measurement, export formats.

The package of a chapter (``explorer.chapters.<name>``, or the module that its entry in ``models.catalogue`` names) may
hold two tables:

    MEASUREMENTS: Mapping[str, str]   name on the command line → "module:object", a ``MeasurementKind``
    EXPORTS: Mapping[str, str]        ending of the file, as in ".gif" → "module:object", an ``ExportFormat``

Only the names are read here, so that ``--help`` needs no torch; ``measurement_kinds.py`` and ``exports.py`` import the
object when it is used.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

from models.catalogue import Chapter, chapter_of, chapters

Table = Literal["MEASUREMENTS", "EXPORTS"]
COMMON_EXPORTS: Mapping[str, str] = {
    ".onnx": "explorer.chapters.exports:ONNX",
    ".safetensors": "explorer.chapters.exports:SAFETENSORS",
    ".py": "explorer.chapters.exports:SCRIPT",
    ".csv": "explorer.chapters.exports:CSV",
    ".zip": "explorer.chapters.exports:ZIP",
}
"""The formats that a run of any model can be exported as, as in a chapter's table ``EXPORTS``."""


def chapter_table(chapter: Chapter, table: Table) -> Mapping[str, str]:
    """One table of a chapter, name → "module:object"; empty where the chapter has no package or no such table."""
    module = chapter.computations or f"explorer.chapters.{chapter.name}"
    if find_spec(module) is None:
        return {}
    declared: Mapping[str, str] = getattr(import_module(module), table, {})
    return declared


def all_names(table: Table) -> tuple[str, ...]:
    """The names that any chapter declares in ``table``, in the book's order, each once.

    >>> all_names("EXPORTS")
    ('.gif',)
    """
    return tuple(dict.fromkeys(name for chapter in chapters() for name in chapter_table(chapter, table)))


def export_endings(model_name: str) -> tuple[str, ...]:
    """The endings of the files that a run of the model can be exported as. Raises SettingError for an unknown model.

    >>> export_endings("bike")
    ('.onnx', '.safetensors', '.py', '.csv', '.zip')
    """
    return (*COMMON_EXPORTS, *chapter_table(chapter_of(model_name), "EXPORTS"))


def all_export_endings() -> tuple[str, ...]:
    """The endings of every model's formats."""
    return (*COMMON_EXPORTS, *all_names("EXPORTS"))
