"""A header and numbered rows, whatever the format; what is no table is refused at once."""

import csv
import io
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from xlsxwriter import Workbook

from app.usecases.files import BadFile, Format
from app.usecases.refusals import TooLarge
from app.usecases.sheets import Row, Sheet, read

EXAMPLE = (Path(__file__).parents[2] / "examples/register.csv").read_bytes()
TABLE = [["reference", "title"], ["R-1", "Backup"], ["R-2", "Café"]]
ROWS = [(2, ["R-1", "Backup"]), (3, ["R-2", "Café"])]


def workbook(rows: Iterable[Iterable[object]], name: str = "Register") -> bytes:
    written = io.BytesIO()
    with Workbook(written) as book:
        page = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            page.write_row(number, 0, cells)
    return written.getvalue()


def text(delimiter: str = ",", end: str = "\n") -> str:
    return "".join(delimiter.join(cells) + end for cells in TABLE)


def sheet(content: bytes, *, max_rows: int = 1_000, worksheet: str | None = None) -> Sheet:
    return read(content, max_rows=max_rows, worksheet=worksheet)


def rows(content: bytes) -> list[Row]:
    return list(sheet(content).rows())


def refusal(content: bytes, worksheet: str | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(BadFile) as bad:
        list(sheet(content, worksheet=worksheet).rows())
    return [(fault.row, fault.column, fault.rule) for fault in bad.value.faults]


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        pytest.param(text().encode(), Format("csv", "UTF-8", "comma"), id="CSV"),
        pytest.param(
            text(";", "\r\n").encode("cp1252"),
            Format("csv", "Windows-1252", "semicolon"),
            id="European Excel",
        ),
        pytest.param(
            text("\t", "\r\n").encode("utf-16"),
            Format("csv", "UTF-16 LE", "tab"),
            id="Unicode text",
        ),
        pytest.param(workbook(TABLE), Format("xlsx", worksheet="Register"), id="XLSX"),
    ],
)
def test_the_same_sheet_comes_out_of_every_format(content: bytes, read_as: Format) -> None:
    found = sheet(content)
    assert (found.header, found.header_row, list(found.rows())) == (TABLE[0], 1, ROWS)
    assert found.format == read_as


@pytest.mark.parametrize(
    ("read_as", "sentence"),
    [
        (Format("csv", "UTF-8", "tab"), "Read as CSV in UTF-8, with a tab between cells."),
        (Format("xlsx", worksheet="2026"), "Read as XLSX, worksheet 2026."),
        (Format("ocds"), "Read as OCDS."),
    ],
)
def test_how_a_file_was_read_can_be_told(read_as: Format, sentence: str) -> None:
    assert read_as.sentence == sentence


@pytest.mark.parametrize(
    ("content", "header_row", "expected"),
    [
        pytest.param(b"a,b\n1,2\n", 1, [(2, ["1", "2"])], id="as expected"),
        pytest.param(b"\n , \na,b\n1,2\n", 3, [(4, ["1", "2"])], id="a header further down"),
        pytest.param(b"a,b,,\n1,2,,\n3,4, \n", 1, [(2, ["1", "2"]), (3, ["3", "4"])], id="tail"),
        pytest.param(b"a,b\n1\n", 1, [(2, ["1", ""])], id="a short row"),
        pytest.param(b"a,b\n\n,\n1,2\n,,\n", 1, [(4, ["1", "2"])], id="blank rows"),
        pytest.param(b"a,,b\n1,,2\n3\n", 1, [(2, ["1", "2"]), (3, ["3", ""])], id="a blank column"),
        pytest.param(b" a , b \n 1 ,2\n", 1, [(2, [" 1 ", "2"])], id="spaces"),
        pytest.param(b"a,b\n", 1, [], id="a header alone"),
        pytest.param(b'a,b\n"1\n2","3, 4"\n', 1, [(2, ["1\n2", "3, 4"])], id="quoted line break"),
        pytest.param(
            workbook([[], ["", "a", "b"], ["", 1.0, True]]), 2, [(3, ["1", "true"])], id="in B2"
        ),
    ],
)
def test_a_sheet_is_what_is_filled(content: bytes, header_row: int, expected: list[Row]) -> None:
    found = sheet(content)
    assert (found.header, found.header_row) == (["a", "b"], header_row)
    assert list(found.rows()) == expected


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        pytest.param(b"", [(1, "(whole file)", "is empty; the first row")], id="empty"),
        pytest.param(b"\xef\xbb\xbf", [(1, "(whole file)", "is empty; the")], id="a mark alone"),
        pytest.param(b"\n,,\n", [(1, "(whole file)", "is empty; the first row")], id="blank"),
        pytest.param(workbook([]), [(1, "(whole file)", "no visible worksheet")], id="blank sheet"),
        pytest.param(b"1,2\n3,4\n", [(1, "(whole row)", "names no columns")], id="no header"),
        pytest.param(
            b"\na,b,a,c,b\n",
            [(2, "a", "this column stands there twice"), (2, "b", "this column stands")],
            id="twice",
        ),
        pytest.param(b"a,,c\n1,2,3\n", [(2, "(column B)", "without a name")], id="no name"),
        pytest.param(b"a,b\n1,2\n1,2,3\n", [(3, "(whole row)", "more cells")], id="too wide"),
        pytest.param(b"a,b\n1,\xe9\n" + "ü,ü\n".encode(), [(2, "(whole row)", "UTF-8")], id="mix"),
        pytest.param(b"%PDF-1.7\n", [(1, "(whole file)", "is a PDF")], id="PDF"),
        pytest.param(b"\n <html>\n", [(1, "(whole file)", "web page")], id="HTML"),
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0"?>', [(1, "(whole file)", "XML")], id="XML"),
        pytest.param(b'{"a": 1}', [(1, "(whole file)", "is JSON")], id="JSON"),
        pytest.param(
            bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook",
            [(1, "(whole file)", "old Excel workbook")],
            id="XLS",
        ),
        pytest.param(
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            [(1, "(whole file)", "password")],
            id="with a password",
        ),
        pytest.param(bytes(range(256)), [(1, "(whole file)", "is no text")], id="binary"),
        pytest.param(workbook(TABLE)[:-50], [(1, "(whole file)", "cut off")], id="truncated"),
    ],
)
def test_what_is_no_table_is_refused_with_a_way_out(
    content: bytes, faults: list[tuple[int, str, str]]
) -> None:
    found = refusal(content)
    assert [fault[:2] for fault in found] == [fault[:2] for fault in faults]
    for told, expected in zip(found, faults, strict=True):
        assert expected[2] in told[2]


def test_a_name_that_begins_as_a_zip_is_a_name() -> None:
    assert sheet(b"PK,title\n1,2\n").header == ["PK", "title"]


def test_a_refusal_of_rows_says_how_the_file_was_read() -> None:
    with pytest.raises(BadFile) as bad:
        rows(b"a;b\n1;2;3\n")
    assert bad.value.read_as == Format("csv", "UTF-8", "semicolon")
    with pytest.raises(BadFile) as bad:
        rows(b"1;2\n")
    assert bad.value.read_as is None


def test_worksheets_are_named_for_workbooks_only() -> None:
    assert sheet(workbook(TABLE, "2026"), worksheet="2026").format.worksheet == "2026"
    assert "has no worksheet of that name" in refusal(workbook(TABLE), "2026")[0][2]
    assert "is no workbook" in refusal(text().encode(), "2026")[0][2]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_there_are_at_most_200_columns(kind: str) -> None:
    names = [f"c{number}" for number in range(201)]

    def made(columns: int) -> bytes:
        return workbook([names[:columns]]) if kind == "xlsx" else ",".join(names[:columns]).encode()

    assert len(sheet(made(200)).header) == 200
    with pytest.raises(TooLarge, match="More than 200 columns"):
        sheet(made(201))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a\n1\n\n2\n3\n", id="CSV"),
        pytest.param(workbook([["a"], [1], [], [2], [3]]), id="XLSX"),
    ],
)
def test_too_many_rows_are_refused_before_the_first_one_is_given(content: bytes) -> None:
    assert len(list(sheet(content, max_rows=3).rows())) == 3
    with pytest.raises(TooLarge, match="More than 2 rows"):
        sheet(content, max_rows=2)


def test_a_million_commas_are_not_made_into_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []

    def noting(lines: Iterable[str], *, delimiter: str, strict: bool) -> Iterator[list[str]]:
        for cells in csv_reader(lines, delimiter=delimiter, strict=strict):
            made.append(cells)
            yield cells

    csv_reader = csv.reader
    monkeypatch.setattr(csv, "reader", noting)
    for content in (b"," * 1_000_000, b"a" + b"," * 19_999_999):
        with pytest.raises(TooLarge, match="Row 1 has more than"):
            sheet(content)
    assert made == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_more_rows_take_no_more_memory(kind: str) -> None:
    def peak(count: int) -> int:
        # The few texts of a workbook are kept; numbers stand in the rows.
        table: list[list[object]] = [
            ["number", "word"],
            *([number, "x" * 100] for number in range(count)),
        ]
        lines = (",".join(map(str, cells)) for cells in table)
        content = workbook(table) if kind == "xlsx" else "\n".join(lines).encode()
        tracemalloc.start()
        try:
            assert sum(1 for _ in sheet(content, max_rows=count).rows()) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(20_000) < peak(4_000) + 500_000


def test_the_example_register_is_the_same_as_a_workbook() -> None:
    found = sheet(EXAMPLE)
    kept = list(found.rows())
    assert list(sheet(workbook([found.header, *(cells for _, cells in kept)])).rows()) == [
        (number, cells) for number, (_, cells) in enumerate(kept, start=2)
    ]


def test_an_opendocument_spreadsheet_says_what_to_do() -> None:
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert "save it as XLSX or CSV" in refusal(written.getvalue())[0][2]
