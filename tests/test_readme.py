"""The README is true: its commands parse and run, its files exist, and it names every command and option."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.chapters.tables import all_export_endings
from explorer.cli.arguments import COMMANDS, parser
from explorer.ui.labs.digits.record import LABORATORY
from models.catalogue import chapters

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) for line in block.splitlines() if line.strip()]
COMMAND_LINES = [line for line in SHELL if "-m explorer" in line]
HIDDEN = {"-h", "--help"}


def arguments_of(line: str) -> list[str]:
    """What stands behind ``-m explorer``; a bare one serves."""
    words = shlex.split(line)
    return words[words.index("explorer") + 1 :] or ["serve"]


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_each_command_is_understood(line: str) -> None:
    assert parser().parse_args(arguments_of(line)).command


def test_every_command_is_shown() -> None:
    assert {arguments_of(line)[0] for line in COMMAND_LINES} == set(COMMANDS)


@pytest.mark.slow
def test_every_option_of_the_program_is_told() -> None:
    shown: set[str] = set()
    for name in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "explorer", name, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        shown |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout))
    assert shown - HIDDEN - set(re.findall(r"--[a-z][a-z-]*", TEXT)) == set()


def test_every_export_format_is_told() -> None:
    assert all(f"`{ending}`" in TEXT for ending in all_export_endings())


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z]+)\b", TEXT, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_files_and_pictures_exist() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", TEXT) if not link.startswith("http")]
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_named_functions_exist() -> None:
    for name in re.findall(r"`(explorer\.[a-z_.]+)`", TEXT):
        module, _, function = name.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[function]), function)), name


def test_pages_are_those_of_the_app() -> None:
    script = (ROOT / "pages" / "navigation.py").read_text("utf-8")
    start, *others = re.findall(r'title=_\("([^"]+)"\)', script)
    titles = [start, *(chapter.title for chapter in chapters()), *others]
    assert named_in("What each page does") == titles


def test_views_are_those_of_the_laboratory() -> None:
    assert named_in("The convolution laboratory") == [view.title for view in LABORATORY.views]


def named_in(section: str) -> list[str]:
    """What the table of a section names in its first column."""
    text = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| \*\*([^*]+)\*\*", text, re.M)
