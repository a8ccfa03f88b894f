"""How do refused rows go back? As a file in the form they came in, with the reason beside.

Contracts of an OCDS package, which has no place for reasons, go back as CSV.

Mended, it can be imported as it is: the column of reasons is known and left out.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from xlsxwriter import Workbook

from app.usecases.delimited import DELIMITERS
from app.usecases.files import Format, RowFault
from app.usecases.foreign.synonyms import IGNORED
from app.usecases.formulas import disarmed
from app.usecases.sheets import Sheet, read

_CODECS = {"UTF-8": "utf-8-sig", "UTF-16 LE": "utf-16-le", "UTF-16 BE": "utf-16-be"}
_MARKS = {"UTF-16 LE": "\ufeff", "UTF-16 BE": "\ufeff"}
_MARKS_BETWEEN = {name: mark for mark, name in DELIMITERS.items()}


def refused_file(
    content: bytes, faults: Iterable[RowFault], read_as: Format, max_rows: int
) -> bytes:
    """Return the rows of a file that have faults, with the header and a column of reasons."""
    why: dict[int, list[str]] = {}
    for fault in faults:
        why.setdefault(fault.row, []).append(f"{fault.column}: {fault.rule}")
    sheet = read(content, max_rows=max_rows, worksheet=read_as.worksheet)
    rows = _with_reasons(sheet, why)
    return _as_xlsx(rows) if read_as.name == "xlsx" else _as_csv(rows, read_as)


def _with_reasons(sheet: Sheet, why: dict[int, list[str]]) -> Iterator[list[str]]:
    # Reasons of an earlier time would stand beside those of now.
    places = [place for place, name in enumerate(sheet.header) if name != IGNORED]
    yield [*(sheet.header[place] for place in places), IGNORED]
    for number, cells in sheet.rows():
        if number in why:
            yield [*(cells[place] for place in places), "; ".join(why.pop(number))]
    for reasons in why.values():  # of what could not even become cells
        yield [*("" for _ in places), "; ".join(reasons)]


def _as_csv(rows: Iterable[Sequence[str]], read_as: Format) -> bytes:
    encoding = read_as.encoding or "UTF-8"
    text = io.StringIO(_MARKS.get(encoding, ""), newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=_MARKS_BETWEEN[read_as.delimiter or "comma"])
    for *cells, reason in rows:
        writer.writerow([*cells, disarmed(reason)])
    codec = _CODECS.get(encoding, "cp1252")
    return text.getvalue().encode(codec, "replace" if codec == "cp1252" else "strict")


def _as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet("Refused")
        sheet.freeze_panes(1, 0)
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return file.getvalue()
