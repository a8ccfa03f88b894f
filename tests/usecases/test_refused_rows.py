"""Refused rows go back in the form they came in, with the reasons beside them."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from app.usecases.files import Format, RowFault
from app.usecases.foreign.synonyms import IGNORED
from app.usecases.refused_rows import refused_file
from app.usecases.sheets import read

FAULTS = [RowFault(3, "notice", "is too long"), RowFault(3, "start_date", "is no day")]
ROWS = [["reference", "title"], ["A", "Café"], ["B", "100 € Größe"], ["C", "last"]]


def written(delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(ROWS)
    return text.getvalue()


def back(content: bytes) -> list[list[str]]:
    sheet = read(content, max_rows=10)
    return [sheet.header, *(cells for _, cells in sheet.rows())]


EXPECTED = [
    ["reference", "title", IGNORED],
    ["B", "100 € Größe", "notice: is too long; start_date: is no day"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_keeps_its_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    content = written(delimiter).encode(encoding)
    read_as = read(content, max_rows=10).format
    refused = refused_file(content, FAULTS, read_as, 10)
    assert read(refused, max_rows=10).format == read_as
    assert back(refused) == EXPECTED


def test_letters_that_an_old_encoding_lacks_are_marked_in_reasons() -> None:
    content = written().encode("cp1252")
    faults = [RowFault(2, "Ω", "is no day")]
    refused = refused_file(content, faults, read(content, max_rows=10).format, 10)
    assert back(refused)[1][-1] == "?: is no day"


def test_a_workbook_stays_one_and_its_cells_stay_texts() -> None:
    file = io.BytesIO()
    with Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("Register")
        for place, row in enumerate([ROWS[0], ["=1+1", "https://x.example"]]):
            page.write_row(place, 0, row)
    faults = [RowFault(2, "notice", "=is too long")]
    refused = refused_file(file.getvalue(), faults, Format("xlsx", worksheet="Register"), 10)
    book = CalamineWorkbook.from_filelike(io.BytesIO(refused))
    assert book.sheet_names == ["Refused"]
    assert book.get_sheet_by_name("Refused").to_python() == [
        [*ROWS[0], IGNORED],
        ["=1+1", "https://x.example", "notice: =is too long"],
    ]


def test_reasons_of_an_earlier_time_are_replaced() -> None:
    content = f"reference,{IGNORED},title\nA,old,x\nB,older,y\n".encode()
    faults = [RowFault(3, "title", "is new")]
    refused = refused_file(content, faults, read(content, max_rows=10).format, 10)
    assert back(refused) == [["reference", "title", IGNORED], ["B", "y", "title: is new"]]


def test_a_column_named_like_a_formula_calls_nothing_up() -> None:
    content = b"reference,title\nA,x\n"
    faults = [RowFault(2, "=cmd()", "is no day")]
    refused = refused_file(content, faults, read(content, max_rows=10).format, 10)
    assert refused.decode("utf-8-sig").splitlines()[1] == "A,x,'=cmd(): is no day"
