"""How does the import form look in a spreadsheet program? Typed cells, and no formula.

Equal rows make equal files, byte for byte: nothing of the machine, the moment or the person
stands in them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range

from app.usecases.columns import COLUMNS
from app.usecases.refusals import TooManyForASheet

_MOST_ROWS = 1_048_576  # what the format has room for, the header with them
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - the format asks for a moment; ours means none

_DAYS = frozenset(
    {
        "signed_date",
        "start_date",
        "end_date",
        "notice_received_on",
        "termination_right_earliest_on",
    }
)
_AMOUNTS = frozenset({"annual_value", "total_value"})
_WHOLES = frozenset(name for name, (_, reading) in COLUMNS.items() if reading == "whole")
_PROSE = frozenset({"notes", "notice_address"})
_WIDTHS = {"title": 40, "counterparty": 28, "document_link": 36, "tags": 24, "notes": 60}
_LEAST_WIDTH = 12
_MOST_DIGITS = 15
"""How many digits of a number a sheet keeps; an amount with more stays text."""
_MOST_PLACES = 4


def write_workbook(rows: Iterable[Mapping[str, str]], file: IO[bytes]) -> None:
    """Write rows of the import form into a file as XLSX, a row at a time.

    Raises `TooManyForASheet`, and OSError when there is no room for what is written.
    """
    # The library keeps what it writes in files of its own, leaves them when it is interrupted,
    # and finishes the book even so: the folder goes in any case, and only a whole book leaves.
    with TemporaryDirectory(prefix="noticeboard-") as folder:
        whole = Path(folder) / "whole.xlsx"
        try:
            with Workbook(str(whole), {"constant_memory": True, "tmpdir": folder}) as book:
                book.set_properties({"created": _MADE_AT})
                _Sheet(book).write(rows)
        except FileCreateError as error:
            raise OSError(str(error)) from error
        with whole.open("rb") as opened:
            copyfileobj(opened, file)


class _Sheet:
    """The one sheet of a book."""

    def __init__(self, book: Workbook) -> None:
        self._sheet = book.add_worksheet("Agreements")
        self._header = book.add_format({"bold": True, "bottom": 1})
        # Text is marked as text, so that a reference such as 1-2 survives being edited.
        self._text = book.add_format({"num_format": "@"})
        # Excel shows long texts that are marked so as a row of hashes: those get what stands
        # for an apostrophe in front, which keeps them text as well.
        self._prose = book.add_format({"quote_prefix": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._whole = book.add_format({"num_format": "0"})
        self._amounts = [
            book.add_format({"num_format": f"#,##0.{'0' * places}".rstrip(".")})
            for places in range(_MOST_PLACES + 1)
        ]

    def write(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Write the header and the rows."""
        for place, column in enumerate(COLUMNS):
            width = _WIDTHS.get(column, max(len(column) + 4, _LEAST_WIDTH))
            self._sheet.set_column(place, place, width, self._usual(column))
            self._sheet.write_string(0, place, column, self._header)
        self._sheet.freeze_panes(1, 0)
        number = 0
        for number, cells in enumerate(rows, start=1):
            if number == _MOST_ROWS:
                raise TooManyForASheet
            for place, (column, text) in enumerate(cells.items()):
                if text:
                    self._put(number, place, column, text)
        self._sheet.autofilter(0, 0, number, len(COLUMNS) - 1)
        # A reference may well be all digits: no warning is needed at each of them.
        every = xl_range(0, 0, number, len(COLUMNS) - 1)
        self._sheet.ignore_errors({"number_stored_as_text": every})

    def _usual(self, column: str) -> Format | None:
        """Return how cells of a column look that people fill in later."""
        if column in _DAYS:
            return self._day
        return None if column in _AMOUNTS | _WHOLES | _PROSE else self._text

    def _put(self, number: int, place: int, column: str, text: str) -> None:
        if column in _DAYS:
            self._sheet.write_datetime(number, place, datetime.fromisoformat(text), self._day)
        elif column in _WHOLES:
            self._sheet.write_number(number, place, int(text), self._whole)
        elif column in _AMOUNTS and (places := _places(text)) is not None:
            self._sheet.write_number(number, place, float(text), self._amounts[places])
        else:
            usual = self._prose if column in _PROSE else self._text
            self._sheet.write_string(number, place, _plain(text), usual)


def _places(amount: str) -> int | None:
    """Return how many decimals an amount has, None for one that no number keeps exactly."""
    whole, _, part = amount.partition(".")
    return len(part) if len(whole.lstrip("0") + part) <= _MOST_DIGITS else None


def _plain(text: str) -> str:
    """Return a text so that the library writes it as it stands.

    What begins and ends as its own markup for several fonts it would write without escaping,
    and somebody's title could bring a formula of its own.
    """
    if text.startswith("<r>") and text.endswith("</r>"):
        return f'<r><t xml:space="preserve">{escape(text, quote=False)}</t></r>'
    return text
