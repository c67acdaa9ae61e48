"""Updates the Chinese catalogue from the source: ``make catalogue`` runs this file. A tool for developers.

It extracts every ``_("…")``, ``N_("…")`` and ``ngettext("…", "…", n)`` of the source, updates ``toushi.po``, compiles
``toushi.mo``, and prints the texts without a translation. It needs babel, which the product itself does not.
"""

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from explorer.project import PROJECT

SOURCES = ("models", "explorer", "pages")
PO = Path(__file__).parent / "zh_CN" / "LC_MESSAGES" / "toushi.po"
MO = PO.with_suffix(".mo")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MARKERS = {"_": 1, "N_": 1, "gettext": 1, "ngettext": 2}  # function → number of its arguments that are texts


def texts(source: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, text or singular and plural) of every marked text, also inside f-strings.

    Babel's own extractor works on tokens, and before Python 3.12 an f-string is a single token.

    >>> list(texts('f"**{_(\\'Train\\')}**"'))
    [(1, ('Train',))]
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        arguments = node.args[: MARKERS.get(name, 0)]
        constants = (argument.value for argument in arguments if isinstance(argument, ast.Constant))
        marked = tuple(value for value in constants if isinstance(value, str))
        if marked and len(marked) == len(arguments):
            yield node.lineno, marked


def source_catalogue() -> Catalog:
    """Every marked text of the project, with the lines where it stands."""
    catalogue = Catalog()
    for path in sorted(file for top in SOURCES for file in (PROJECT / top).rglob("*.py")):
        name = path.relative_to(PROJECT).as_posix()
        for line, marked in sorted(texts(path.read_text(encoding="utf-8"))):
            catalogue.add(marked[0] if len(marked) == 1 else marked, locations=[(name, line)])
    return catalogue


def chinese() -> Catalog:
    """The Chinese catalogue as it is stored; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale="zh_CN", domain="toushi", project="Toushi", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN", domain="toushi", charset="utf-8")


def compiled(catalogue: Catalog) -> bytes:
    """The content of the .mo file; untranslated and fuzzy texts are left out and appear in English."""
    catalogue.creation_date = catalogue.revision_date = EPOCH  # a fixed date, so that equal texts give equal bytes
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def unfinished(catalogue: Catalog) -> list[Message]:
    """The messages without a translation, or with a fuzzy one."""
    return [message for message in catalogue if message.id and (message.fuzzy or not _translated(message))]


def _translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _po_content(catalogue: Catalog) -> bytes:
    """The content of the .po file: sorted, without locations and dates, so that a diff shows changed texts only."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, no_location=True, sort_output=True, ignore_obsolete=True)
    dated = (b'"POT-Creation-Date:', b'"PO-Revision-Date:')
    return b"".join(line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(dated))


def main() -> int:
    """Extract, update, compile; print the texts without a translation. Returns the exit status: 1 if there are any."""
    catalogue = chinese()
    catalogue.update(source_catalogue(), no_fuzzy_matching=True, update_header_comment=False)
    PO.write_bytes(_po_content(catalogue))
    catalogue = chinese()
    MO.write_bytes(compiled(catalogue))
    untranslated = unfinished(catalogue)
    for message in untranslated:
        print(message.id)
    print(f"{len(catalogue)} texts, {len(untranslated)} to translate", file=sys.stderr)
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
