"""Reading a person's text file safely: size, encoding, emptiness. One clear DataError for each thing that can be wrong.

What the text means is not known here; see ``bikes.py`` and ``reviews.py``.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from models.errors import N_, DataError

FOLDER = Path(__file__).parent
MOST_BYTES = 64 * 2**20
LONGEST_SAMPLE = 2**18  # bytes or characters from which encoding and separator are recognised


def read_text(path: Path, encodings: Sequence[str] = ("utf-8-sig",), most_bytes: int = MOST_BYTES) -> str:
    """The whole text of ``path`` in the first of ``encodings`` that fits.

    Raises DataError where the file is missing, a folder, unreadable, empty, longer than ``most_bytes`` or in another
    encoding.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise DataError(N_("There is no file {name}."), name=repr(str(path))) from None
    except OSError as error:
        raise DataError(N_("The file {name} cannot be read: {reason}."), name=repr(path.name), reason=error) from None
    if len(raw) > most_bytes:
        raise DataError(
            N_("The file {name} is larger than {limit} MB, the most that is read."),
            name=repr(path.name),
            limit=most_bytes // 2**20,
        )
    text = _decoded(raw, encodings, path)
    if not text.strip():
        raise DataError(N_("The file {name} is empty."), name=repr(path.name))
    return text


def _decoded(raw: bytes, encodings: Sequence[str], path: Path) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)  # Excel's "Unicode text"
    first: UnicodeDecodeError | None = None
    for encoding in _likely(raw, encodings):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            first = first or error
    names = " / ".join(encoding.removesuffix("-sig").upper() for encoding in encodings)
    line = raw[: first.start].count(b"\n") + 1 if first else 1
    raise DataError(
        N_("The file {name} is not text in {encodings}: line {line} holds bytes that do not fit."),
        name=repr(path.name),
        encodings=names,
        line=line,
    )


def _likely(raw: bytes, encodings: Sequence[str]) -> list[str]:
    """Which of ``encodings`` to try: the first one, else the one that the text looks like.

    Nearly any bytes are characters of some Chinese encoding: another one than the text's gives rare characters, not
    errors. Where none looks likely, no other is tried.
    """
    first, *others = encodings
    if len(others) < 2:
        return list(encodings)
    with suppress(UnicodeDecodeError):
        raw.decode(first)
        return [first]
    from charset_normalizer import from_bytes  # a quarter of a second, and most files are UTF-8

    best = from_bytes(raw[:LONGEST_SAMPLE], cp_isolation=others).best()
    return [first] if best is None else [first, best.encoding]


def lines_of(text: str) -> list[str]:
    """The lines of ``text``: what a person's editor shows as one. Other separators, such as U+2028, end none.

    >>> lines_of("a\\x85b\\r\\nc")
    ['a\\x85b', 'c']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


def csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of every record; row 1 is the header, as a spreadsheet counts. Blank rows are passed over.

    Cells are separated by what separates those of the header: tabs, semicolons or commas. Raises DataError where a
    row's number of cells differs from the header's, or the quoting is broken.
    """
    header = lines_of(text[:LONGEST_SAMPLE])[0]
    separator = next((each for each in "\t;" if each in header and "," not in header), ",")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    columns = 0
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            columns = columns or len(cells)
            if len(cells) != columns:
                raise DataError(
                    N_("The file {name} has {found} cells in row {row} instead of {wanted}."),
                    name=repr(name),
                    row=row,
                    found=len(cells),
                    wanted=columns,
                )
            yield row, cells
    except csv.Error as error:
        raise DataError(
            N_("The file {name} is not a readable CSV after row {row}: {reason}."),
            name=repr(name),
            row=row,
            reason=error,
        ) from None
