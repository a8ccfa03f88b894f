"""What stands in a file? A header and numbered rows of cells, whatever the format.

The bytes decide, not the name of the file. Rows count as in a spreadsheet, blank ones too:
the first line of a file is row 1. The header is the first row with anything in it. An OCDS
file has no lines that mean anything: its contracts are counted, and its header is row 0.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol

from app.usecases import delimited, ocds, worksheets
from app.usecases.delimited import DELIMITERS
from app.usecases.files import BadFile, Format, RowFault, bad_file, bad_row, letters
from app.usecases.refusals import TooLarge

MOST_COLUMNS = 200

Row = tuple[int, list[str]]

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {
    b"%PDF": "is a PDF; send the spreadsheet that it was made from",
    b"<": "is a web page or XML; save it as XLSX or CSV",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header with the number of its row, the rows below it, and how they were read.

    Each row has one cell per name of the header; blank rows are left out. Each call of `rows`
    reads them anew, while they are asked for: that raises `BadFile` where one is broken or has
    more cells than the header has names. `faults` are of rows that stand in it and could not
    become cells.
    """

    format: Format
    header: list[str]
    header_row: int
    rows: Callable[[], Iterator[Row]]
    faults: Sequence[RowFault] = ()


class _Source(Protocol):
    """A file that was recognised."""

    def most_rows(self) -> int:
        """Return a number of rows that it hardly exceeds, quickly."""
        ...

    def rows(self) -> Iterator[Row]:
        """Yield its rows with their numbers, anew with every call."""
        ...


def read(content: bytes, *, max_rows: int, worksheet: str | None = None) -> Sheet:
    """Return what stands in a CSV, XLSX or OCDS file, in the named worksheet if there are more.

    Raises `BadFile` for what is no table and for a header that is none, `TooLarge` for more
    columns than `MOST_COLUMNS` or more rows than `max_rows`.
    """
    source, read_as = _opened(content, worksheet)
    header_row, names = next(_filled(source), (0, []))
    if not names:
        raise bad_file("is empty; the first row must name the columns")
    _check_header(header_row, names)
    _check_length(source, max_rows)
    return Sheet(
        format=read_as,
        header=[name for name in names if name],
        header_row=header_row,
        rows=partial(_below, source, names, read_as),
        faults=source.faults if isinstance(source, ocds.Package) else (),
    )


def _filled(source: _Source) -> Iterator[Row]:
    """Yield the rows with anything in them, without the blank cells at their ends."""
    rows = ((number, _shortened(cells)) for number, cells in source.rows())
    return (row for row in rows if row[1])


def _opened(content: bytes, worksheet: str | None) -> tuple[_Source, Format]:
    if content.startswith(_OLD_OFFICE):
        raise bad_file(
            "is protected by a password; save a copy without one"
            if _LOCKED in content
            else "is an old Excel workbook (XLS); save it as XLSX or CSV"
        )
    start = content[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, rule in _OTHERS.items():
        if start.startswith(mark):
            raise bad_file(rule)
    if content.startswith(worksheets.ZIPS):
        found = worksheets.opened(content, worksheet)
        return found, Format("xlsx", worksheet=found.name)
    if worksheet is not None:
        raise bad_file("is no workbook, so it has no worksheets; name none")
    if start.startswith(b"{"):
        return ocds.opened(content), Format("ocds")
    text = delimited.opened(content)
    return text, Format("csv", text.encoding.label, DELIMITERS[text.delimiter])


def _shortened(cells: list[str]) -> list[str]:
    """Return cells without the blank ones at the end."""
    length = len(cells)
    while length and not cells[length - 1].strip():
        length -= 1
    return cells[:length]


def _check_header(row: int, names: list[str]) -> None:
    names[:] = [name.strip() for name in names]
    if len(names) > MOST_COLUMNS:
        raise TooLarge(
            f"More than {MOST_COLUMNS} columns were sent: leave out those that are not needed."
        )
    if not any(letter.isalpha() for name in names for letter in name):
        raise bad_row(row, "names no columns; put their names above the rows")
    twice = {name: None for name in names if name and names.count(name) > 1}
    if twice:
        rule = "this column stands there twice"
        raise BadFile([RowFault(row, name[:60], rule) for name in twice])


def _check_length(source: _Source, max_rows: int) -> None:
    """Refuse too many rows before anything is made of the first one."""
    if source.most_rows() > max_rows:
        filled = (number for number, cells in source.rows() if any(map(str.strip, cells)))
        if next(islice(filled, max_rows + 1, None), None) is not None:
            raise TooLarge(f"More than {max_rows} rows were sent: split the file.")


def _below(source: _Source, names: list[str], read_as: Format) -> Iterator[Row]:
    """Yield the rows below the header, with a cell for each named column."""
    rows = _filled(source)
    next(rows)
    unnamed = [place for place, name in enumerate(names) if not name]
    try:
        for number, cells in rows:
            if len(cells) > len(names):
                raise bad_row(number, "has more cells than the header has columns")
            whole = cells + [""] * (len(names) - len(cells))
            for place in reversed(unnamed):
                if whole.pop(place).strip():
                    rule = "stands in a column without a name; name it in the header"
                    raise bad_row(number, rule, f"(column {letters(place)})")
            yield number, whole
    except BadFile as bad:
        raise BadFile(bad.faults, read_as) from bad
