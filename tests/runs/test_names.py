"""Names and notes of runs: kept, bounded, and harmless whatever is typed."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from explorer.runs.folder import create_run, read_run
from explorer.runs.names import LONGEST_NOTE, LONGEST_RUN_NAME, checked_name, write_name
from explorer.runs.report import one_line, run_record


def test_a_name_and_a_note_are_part_of_the_run(store: Path) -> None:
    run = create_run(store, "bike", {})
    assert (run.name, run.note) == ("", "")
    write_name(run.path, "宽网络", "第一行\nsecond line")
    named = read_run(run.path)
    assert (named.name, named.note) == ("宽网络", "第一行\nsecond line")
    assert "“宽网络”" in one_line(named)
    assert (run_record(named)["name"], run_record(named)["note"]) == (named.name, named.note)


def test_a_broken_file_is_no_name(store: Path) -> None:
    run = create_run(store, "bike", {})
    for text in ("{", '{"name": 3}', "[]"):
        (run.path / "name.json").write_text(text)
        assert read_run(run.path) == run


@given(st.text(max_size=300), st.text(max_size=2000))
def test_any_text_becomes_short_and_printable(name: str, note: str) -> None:
    kept = checked_name(name, note)
    assert len(kept.name) <= LONGEST_RUN_NAME
    assert len(kept.note) <= LONGEST_NOTE
    assert kept.name.isprintable()
    assert all(line.isprintable() for line in kept.note.split("\n"))
    assert checked_name(kept.name, kept.note) == kept
