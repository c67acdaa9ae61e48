"""The house's rules, read off the source: who may import whom, names, sizes, and nothing from other hosts.

Each rule is a function from a file's path and text to complaints. It is applied to every file of the project, and to
a snippet that breaks it, which shows that the rule can fail.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from explorer.project import PROJECT
from models.catalogue import BOOK

ROOMS = ("models", "explorer", "pages", "tests")

# The house from the ground up: a room may import those before it, and itself. Rooms of one line stand side by side.
STOREYS: tuple[tuple[str, ...], ...] = (
    ("models",),
    ("explorer.project",),
    ("explorer.settings", "explorer.storage", "explorer.translations", "explorer.web"),
    ("explorer.workers",),
    ("explorer.graph",),
    ("explorer.drawing",),
    ("explorer.trace",),
    ("explorer.runs", "explorer.figures"),
    ("explorer.chapters",),
    ("explorer.files",),
    ("explorer.offline_page",),
    ("explorer.cli", "explorer.launcher", "explorer.ui"),
    ("explorer.app", "explorer.__main__", "pages"),
)
SIDE_BY_SIDE = {("explorer.cli", "explorer.launcher")}  # (importer, imported) within one storey
FIGURES_MAY_IMPORT = {"models", "explorer.figures"}
SHOWS_PAGES = ("explorer.ui", "explorer.app", "pages")
OF_FIGURES = {"numpy", "plotly", "models", "explorer"}
GRAB_BAGS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "tools", "base_utils"}
LINES = {".py": 320, ".js": 300, ".css": 320, ".html": 320}


def part(module: str) -> str:
    """``explorer.graph.dot`` → ``explorer.graph``; ``models.base`` → ``models``."""
    names = module.split(".")
    return ".".join(names[:2]) if names[0] == "explorer" else names[0]


def imported(source: str) -> Iterator[str]:
    """The full name of everything that a module imports, at whatever depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def storey(name: str) -> int | None:
    return next((number for number, rooms in enumerate(STOREYS) if name in rooms), None)


def may_import(mine: str, other: str) -> bool:
    """Whether the room ``mine`` may import the room ``other``."""
    here, there = storey(mine), storey(other)
    if mine == other or here is None or (mine, other) in SIDE_BY_SIDE:
        return True
    if mine == "explorer.figures":
        return other in FIGURES_MAY_IMPORT
    return there is not None and there < here


def imports_upwards(path: str, source: str) -> list[str]:
    mine = part(".".join(PurePosixPath(path).with_suffix("").parts))
    ours = ("explorer", "models", "pages", "tests")
    parts = {part(name) for name in imported(source) if name.split(".")[0] in ours}
    return [f"{mine} imports {other}" for other in sorted(parts) if not may_import(mine, other)]


def imports_relatively(path: str, source: str) -> list[str]:
    return [name for name in imported(source) if name.startswith(".")]


def streamlit_below_the_pages(path: str, source: str) -> list[str]:
    mine = part(".".join(PurePosixPath(path).with_suffix("").parts))
    found = [name for name in imported(source) if name.split(".")[0] == "streamlit"]
    return found if path.startswith(("explorer/", "models/")) and mine not in SHOWS_PAGES else []


def figures_know_more_than_arrays(path: str, source: str) -> list[str]:
    if not path.startswith("explorer/figures/"):
        return []
    known = OF_FIGURES | set(sys.stdlib_module_names)
    return [name for name in imported(source) if name.split(".")[0] not in known]


def standard_module_name(path: str, source: str) -> list[str]:
    name = PurePosixPath(path).stem
    return [name] if path.startswith("explorer/") and path.endswith(".py") and name in sys.stdlib_module_names else []


# The chapters and models of the book. Only the catalogue, the model's own folder, and its chapter's rooms name them.
BOOK_NAMES = {name for chapter in BOOK for name in (chapter.name, *(model.name for model in chapter.models))}
MAY_NAME = tuple(
    f"{room}/{chapter.name}/" for chapter in BOOK for room in ("models", "explorer/chapters", "explorer/ui/labs")
)


def names_a_model(path: str, source: str) -> list[str]:
    """Texts that are a model's name, its page or its module, where everything should come from the catalogue."""
    if not path.startswith(("explorer/", "models/", "pages/")) or path == "models/catalogue.py":
        return []
    if path.startswith((*MAY_NAME, "models/data/")):
        return []
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and _is_model(text)]


def _is_model(text: str) -> bool:
    parts = set(text.removesuffix(".py").split(".")) if re.fullmatch(r"[\w.-]+", text) else set()
    return bool(parts & BOOK_NAMES)


def grab_bag_name(path: str, source: str) -> list[str]:
    return [name for name in PurePosixPath(path).with_suffix("").parts if name in GRAB_BAGS]


def too_long(path: str, source: str) -> list[str]:
    count, limit = len(source.splitlines()), LINES.get(PurePosixPath(path).suffix, sys.maxsize)
    return [f"{count} lines, at most {limit}"] if count > limit else []


def no_docstring(path: str, source: str) -> list[str]:
    return [] if not path.endswith(".py") or ast.get_docstring(ast.parse(source)) else ["no module docstring"]


# Folders that exist on a person's machine only, at the beginning of a text.
MACHINE = re.compile(r"""(?<![\w.}~/:])/(?:home|root|Users|work|usr|opt|var|mnt|srv)/\w""")


def absolute_path(path: str, source: str) -> list[str]:
    return MACHINE.findall(source)


HOST = re.compile(r"""(?:https?:|wss?:)?//(?!www\.w3\.org/)[\w-]+(?:\.[\w-]+)+/?""")


def other_host(path: str, source: str) -> list[str]:
    """Anything that a browser would load: names of XML namespaces are not loaded."""
    return HOST.findall(source) if path.endswith((".js", ".css", ".html")) else []


def dangerous_words(path: str, source: str) -> list[str]:
    words = (
        r"unsafe_allow_html\s*=\s*True",
        r"\.innerHTML\s*=",
        r"\bpickle\.load",
        r"weights_only\s*=\s*False",
        r"allow_pickle\s*=\s*True",
        r"gettext\.install\(",
        r"\bTODO\b",
        r"pytest\.(?:mark\.)?(?:skip|xfail)\b",
    )
    return [word for word in words if re.search(word, source)]


def script_without_modules(path: str, source: str) -> list[str]:
    """JavaScript that neither imports nor exports shares one scope with everything that is on its page."""
    is_module = re.search(r"^(?:import|export)\b", source, re.MULTILINE)
    return ["no import or export"] if path.endswith(".js") and not is_module else []


JOINED_SCRIPTS = re.compile(r"""\.js["'][^\n]*\bread_(?:text|bytes)\(|\.join\([^\n]*\.js\b""")
MODULES = "explorer/web/modules.py"  # the only reader of JavaScript files


def joins_scripts(path: str, source: str) -> list[str]:
    """JavaScript that Python reads or joins as text, where modules are to be imported."""
    product = path.endswith(".py") and not path.startswith("tests/") and path != MODULES
    return JOINED_SCRIPTS.findall(source) if product else []


TEXT_MODULE = "models/text.py"  # the only definition of printable and shortened text, and of a shape as text
COPIED_TEXT = re.compile(r"""\.isprintable\(|["']×["']\.join|(?:\]|\)|\b\w) ?\+ ?"…"|\]\}…\{""")


def copied_text(path: str, source: str) -> list[str]:
    """A second definition of what ``models/text.py`` does."""
    product = path.endswith(".py") and not path.startswith("tests/") and path != TEXT_MODULE
    return COPIED_TEXT.findall(source) if product else []


Rule = Callable[[str, str], list[str]]
OF_PYTHON: list[Rule] = [
    imports_upwards,
    imports_relatively,
    streamlit_below_the_pages,
    figures_know_more_than_arrays,
    names_a_model,
    no_docstring,
]
OF_ALL: list[Rule] = [
    standard_module_name,
    grab_bag_name,
    too_long,
    absolute_path,
    other_host,
    dangerous_words,
    copied_text,
    script_without_modules,
    joins_scripts,
]
# What breaks each rule: (path, source).
BROKEN: dict[Rule, list[tuple[str, str]]] = {
    imports_upwards: [
        ("models/bike/demand.py", "from explorer.drawing import dot"),
        ("explorer/drawing/dot.py", "def f():\n    from explorer.runs.folder import Run"),
        ("explorer/trace/layers.py", "import explorer.runs.folder"),
        ("explorer/figures/maps.py", "from explorer.graph.graph import Graph"),
        ("explorer/runs/loop.py", "from explorer.figures.maps import kernels"),
        ("explorer/ui/frame/bar.py", "from explorer.cli import main"),
        ("explorer/cli/graph.py", "from explorer.ui.frame.labels import METRICS"),
        ("explorer/offline_page/page.py", "from explorer.ui.frame.labels import METRICS"),
    ],
    imports_relatively: [("models/bike.py", "from .base import Config"), ("models/bike.py", "from . import base")],
    streamlit_below_the_pages: [
        ("models/bike.py", "import streamlit as st"),
        ("explorer/runs/loop.py", "from streamlit.runtime import get_instance"),
        ("explorer/cli/main.py", "def f():\n    import streamlit"),
    ],
    figures_know_more_than_arrays: [("explorer/figures/maps.py", "import torch")],
    names_a_model: [
        ("explorer/launcher.py", 'ORDER = ["sentiment"]'),
        ("explorer/ui/frame/bar.py", 'HEAVY = ("models.digits.classifier",)'),
        ("explorer/app.py", 'PAGES = {"bike.py": 3}'),
        ("explorer/chapters/evaluation.py", 'MODEL = "digits"'),
    ],
    no_docstring: [("models/bike.py", "X = 1")],
    standard_module_name: [("explorer/trace/statistics.py", ""), ("explorer/select.py", "")],
    grab_bag_name: [("explorer/ui/helpers.py", ""), ("explorer/utils/graph.py", "")],
    too_long: [("models/bike.py", "x = 1\n" * 321), ("explorer/ui/a.js", "x;\n" * 301)],
    absolute_path: [("models/bike.py", "open('/ho" + "me/me/a.csv')"), ("Makefile", "PYTHON = /us" + "r/bin/python3")],
    other_host: [
        ("explorer/ui/a.js", 'import d3 from "https://cdn.example.com/d3.js"'),
        ("explorer/ui/a.html", '<script src="//cdn.example.com/a.js">'),
        ("explorer/ui/a.css", "@import url(https://fonts.example.com/a.css)"),
    ],
    script_without_modules: [("explorer/web/lab/a.js", "class A {}\nconst importance = 1;")],
    joins_scripts: [
        ("explorer/ui/a.py", 'js = (FOLDER / f"{name}.js").read_text(encoding="utf-8")'),
        ("explorer/ui/a.py", 'js = "".join(path.read_text() for path in folder.glob("*.js"))'),
    ],
    dangerous_words: [
        ("explorer/ui/a.js", "el.inner" + "HTML = text"),
        ("pages/bike.py", "st.markdown(x, unsafe_allow_" + "html=True)"),
        ("tests/test_a.py", "@pytest.mark." + "skip"),
    ],
    copied_text: [
        ("explorer/drawing/dot.py", '"".join(c if c.isprintable() else " " for c in name)'),
        ("explorer/ui/frame/bar.py", '"×".join(map(str, values.shape))'),
        ("models/bike/demand.py", "f\"{'×'.join(sizes)}\""),
        ("models/errors.py", 'text[: LONGEST - 1] + "…"'),
        ("explorer/ui/frame/labels.py", 'f"{text[:100]}…{text[-50:]}"'),
    ],
}


def files() -> list[str]:
    """Every source file of the project, relative to it."""
    kinds = (".py", ".js", ".css", ".html")
    found = (path for room in ROOMS for path in (PROJECT / room).rglob("*") if path.suffix in kinds)
    return sorted(path.relative_to(PROJECT).as_posix() for path in found)


@pytest.mark.parametrize("rule", [*OF_PYTHON, *OF_ALL], ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    complaints = [
        f"{path}: {complaint}"
        for path in files()
        if rule in OF_ALL or path.endswith(".py")
        for complaint in rule(path, (PROJECT / path).read_text(encoding="utf-8"))
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("rule", [*OF_PYTHON, *OF_ALL], ids=lambda rule: rule.__name__)
def test_the_rule_can_fail(rule: Rule) -> None:
    assert BROKEN[rule]
    for path, source in BROKEN[rule]:
        assert rule(path, source), (path, source)


def test_rules_let_good_source_pass() -> None:
    good = '"""Draws."""\nimport numpy as np\nfrom models.errors import N_\nfrom explorer.figures.palette import DARK\n'
    for rule in [*OF_PYTHON, *OF_ALL]:
        assert rule("explorer/figures/maps.py", good) == []
    assert other_host("explorer/ui/a.js", 'const SVG = "http://www.w3.org/2000/svg"; // a comment') == []


def test_all_rooms_were_read() -> None:
    assert {path.split("/")[0] for path in files()} == set(ROOMS)
    assert len(files()) > 60
