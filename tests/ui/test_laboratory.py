"""The records beside the laboratories: what they name exists, and nothing heavy is loaded to read them."""

import subprocess
import sys

import pytest

from explorer.project import PROJECT
from explorer.ui.labs.laboratory import Laboratory, function, laboratory, laboratory_of
from explorer.ui.start.warm_up import heavy_modules
from models.catalogue import Chapter, chapters

LIGHT = """
import sys
from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapters
views = [view for chapter in chapters() for view in laboratory(chapter).views]
print(len(views), *sorted({"torch", "plotly", "pandas", "streamlit"} & set(sys.modules)))
"""


def references(record: Laboratory) -> list[str]:
    named = [record.sample, record.cover, *(name for view in record.views for name in (view.draws, view.precompute))]
    return [name for name in named if name]


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.name)
def test_everything_that_a_record_names_exists(chapter: Chapter) -> None:
    record = laboratory(chapter)
    assert all(callable(function(reference)) for reference in references(record))
    models = {entry.name for entry in chapter.models}
    assert all(set(view.models) <= models for view in record.views)


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.name)
def test_a_view_is_named_by_its_key(chapter: Chapter) -> None:
    record = laboratory(chapter)
    keys = [view.key for view in record.views]
    assert len(set(keys)) == len(keys)
    assert [record.view(key).key for key in keys] == keys
    assert record.view("no such view") is record.views[0]


def test_a_record_missing_a_function_is_noticed() -> None:
    with pytest.raises(AttributeError):
        function("explorer.ui.labs.laboratory:no_such_function")


def test_reading_all_records_loads_neither_torch_nor_figures() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=PROJECT, capture_output=True, text=True, check=True)
    count, *heavy = done.stdout.split()
    assert int(count) == sum(len(laboratory(chapter).views) for chapter in chapters())
    assert heavy == []


def test_a_model_belongs_to_its_chapters_laboratory() -> None:
    for chapter in chapters():
        for entry in chapter.models:
            assert laboratory_of(entry.name) is laboratory(chapter)
    assert laboratory_of("no such model") is None


def test_warm_up_imports_every_view() -> None:
    modules = set(heavy_modules())
    for chapter in chapters():
        assert {view.draws.partition(":")[0] for view in laboratory(chapter).views} <= modules
        assert {entry.module for entry in chapter.models} <= modules
