"""The browser's JavaScript modules: their files, their addresses on our server, and how a page takes them.

All modules stand below this folder and import each other by relative paths. There are two ways to load them:

- A page of the server: ``explorer/app.py`` serves them under ``/modules/<version>/`` (``explorer/web/serving.py``), and
  a Streamlit component's own script is ``component_script``, which imports a module of ``components/`` from there.
- A page without a server holds them itself: ``import_map`` gives each module as a ``data:`` address.

Nothing is bundled or compiled.
"""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent
OFFLINE_PREFIX = "toushi/"
"""Begins the names of modules in an import map: a module at a ``data:`` address cannot import by relative paths."""

_IMPORT = re.compile(r'((?:^|\n)(?:import|export)\b(?:[^;"]*\bfrom)?\s*")(\.{1,2}/[^"]+)(";)')


@cache
def served_files() -> dict[str, bytes]:
    """The content of every module by its path below this folder, such as ``graph/viewport.js``."""
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.js"))}


@cache
def version() -> str:
    """16 hexadecimal digits that change with the content of any module."""
    digest = hashlib.sha256()
    for path, content in served_files().items():
        digest.update(f"{path}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def address(base: str = "") -> str:
    """Path of the modules on our server, with a slash at both ends. base: Streamlit's ``server.baseUrlPath``."""
    prefix = base.strip("/")
    return f"{'/' if prefix else ''}{prefix}/modules/{version()}/"


def needed_modules(entry: str) -> tuple[str, ...]:
    """``entry`` and all modules that it imports, directly or not; each after those that it imports.

    Raises KeyError for a path that is no module.
    """
    order: dict[str, None] = {}
    visited: set[str] = set()

    def visit(path: str) -> None:
        if path not in visited:
            visited.add(path)
            for name in _imports(path):
                visit(name)
            order[path] = None

    visit(entry)
    return tuple(order)


def component_script(entry: str, base: str = "") -> str:
    """The script of a Streamlit component whose module is ``entry``, which exports the component by default.

    Streamlit awaits the import of this script before it calls the component, and so the component is called with the
    newest data only when all its modules are there. All of them are requested at once: the browser would otherwise ask
    for one level of imports after the other.
    """
    paths = [path for path in needed_modules(entry) if path != entry]
    return "\n".join(
        (
            f"const address = `${{location.origin}}{address(base)}`;",
            f"for (const path of {json.dumps(paths)}) {{",
            "  import(address + path);",
            "}",
            f'const component = await import(address + "{entry}");',
            "export default component.default;",
            "",
        )
    )


def import_map(entry: str) -> dict[str, str]:
    """``data:`` addresses of ``entry`` and all that it imports, by ``OFFLINE_PREFIX`` and path."""
    return {OFFLINE_PREFIX + path: _data_address(path) for path in needed_modules(entry)}


def stylesheet(*names: str) -> str:
    """The style sheets called ``names``, such as ``graph/panels``, one after the other."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in names)


def markup(name: str) -> str:
    """The HTML file called ``name``, such as ``graph/graph_view``."""
    return (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def _imports(path: str) -> list[str]:
    """Paths of the modules that the module ``path`` imports."""
    text = served_files()[path].decode("utf-8")
    return [_resolved(path, relative) for _start, relative, _end in _IMPORT.findall(text)]


def _resolved(path: str, relative: str) -> str:
    parts = list(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _data_address(path: str) -> str:
    text = served_files()[path].decode("utf-8")
    named = _IMPORT.sub(lambda match: f"{match[1]}{OFFLINE_PREFIX}{_resolved(path, match[2])}{match[3]}", text)
    return f"data:text/javascript;base64,{base64.b64encode(named.encode('utf-8')).decode('ascii')}"
