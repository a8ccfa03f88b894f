"""A text is read in the encoding and with the delimiter that it has, or not at all."""

import codecs
import csv
import io
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.usecases import delimited
from app.usecases.delimited import opened
from app.usecases.files import BadFile
from app.usecases.refusals import TooLarge

Rows = list[list[str]]
CAFE = "name;note\nCafé;“Ж”\n"
WESTERN = "name;note\nCafé;\u2013 5 €\n"
TABLE = [["name", "note"], ["Café", "\u2013 5 €"]]


def found(content: bytes) -> tuple[str, str, Rows]:
    """Return encoding, delimiter and rows of a file."""
    file = opened(content)
    return file.encoding.label, file.delimiter, [cells for _, cells in file.rows()]


def numbers(content: bytes) -> list[int]:
    return [number for number, _ in opened(content).rows()]


def refusal(content: bytes) -> tuple[int, str, str]:
    with pytest.raises(BadFile) as bad:
        list(opened(content).rows())
    (fault,) = bad.value.faults
    return fault.row, fault.column, fault.rule


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(b"a;b\n1;2\n", "UTF-8", id="ASCII"),
        pytest.param(CAFE.encode(), "UTF-8", id="UTF-8"),
        pytest.param(CAFE.encode("utf-8-sig"), "UTF-8", id="UTF-8 with a mark"),
        pytest.param(CAFE.encode("utf-16"), "UTF-16 LE", id="UTF-16 as Python writes it"),
        pytest.param(codecs.BOM_UTF16_LE + CAFE.encode("utf-16-le"), "UTF-16 LE", id="LE, marked"),
        pytest.param(codecs.BOM_UTF16_BE + CAFE.encode("utf-16-be"), "UTF-16 BE", id="BE, marked"),
        pytest.param(CAFE.encode("utf-16-le"), "UTF-16 LE", id="LE, unmarked"),
        pytest.param(CAFE.encode("utf-16-be"), "UTF-16 BE", id="BE, unmarked"),
        pytest.param(WESTERN.encode("cp1252"), "Windows-1252", id="Windows-1252"),
        pytest.param(
            "a;b\nSOCIÉTÉ\xa0;é\n".encode("cp1252"), "Windows-1252", id="chance looks like UTF-8"
        ),
        pytest.param(b"a;b\n" + "é;2\n".encode() * 40_000, "UTF-8", id="over blocks"),
    ],
)
def test_an_encoding_is_told_by_the_bytes(content: bytes, encoding: str) -> None:
    label, delimiter, rows = found(content)
    assert (label, delimiter) == (encoding, ";")
    assert all(len(cells) == 2 for cells in rows)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_the_same_text_is_read_from_every_encoding(codec: str) -> None:
    assert found(WESTERN.encode(codec))[2] == TABLE


GOOD = "a;b\nü;1\nü;2\nü;3\n".encode()
MARKED = codecs.BOM_UTF16_LE + "a;b\n".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "row", "rule"),
    [
        pytest.param(GOOD + b"\xfc;4\n" + GOOD, 5, "no UTF-8, but", id="one row in Windows-1252"),
        pytest.param(
            b"a;b\n\xfc;1\n\xfc;2\n\xfc;3\n" + "ü;4\n".encode(), 2, "no UTF-8, but", id="and three"
        ),
        pytest.param(b'a;b\n"1\n\n2";\xe4\n' + GOOD, 2, "no UTF-8, but", id="below line breaks"),
        pytest.param(
            codecs.BOM_UTF8 + b"a;b\n\n\xe4;1\n", 3, "no UTF-8, but", id="marked, but is none"
        ),
        pytest.param(GOOD + "ü".encode()[:1], 5, "no UTF-8, but", id="cut off in a letter"),
        pytest.param(b"a;b\n\xe4;1\n\x81;2\n", 3, "Windows-1252 does not", id="no such byte"),
        pytest.param(MARKED + b"\x00\xd8;\x001\x00\n\x00", 2, "damaged", id="half a pair"),
        pytest.param(MARKED + b"a", 1, "cut off", id="half a letter"),
        pytest.param(b"a;b\n1;2\n3;\x004\n", 3, "NUL", id="NUL"),
        pytest.param(b"a;b\n1;2\n3;" + b"x" * 200_000, 3, "field larger", id="a huge cell"),
        pytest.param(b"a\x00\x00;b\n1;2\n", 1, "is no text", id="NUL in the header"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 1, "is no text", id="a picture"),
        pytest.param(b"\x1f\x8b\x08\x00\x11\x22\x33\x44\x00\x03", 1, "is no text", id="gzip"),
        pytest.param(b'a;b\n1;"2\n3;4\n', 2, "unexpected end", id="an open quotation mark"),
        pytest.param(b'a;b\n\n"1"x;2\n', 3, "expected after", id="text behind a quotation mark"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_row(content: bytes, row: int, rule: str) -> None:
    told = refusal(content)
    assert told[0] == row
    assert rule in told[2]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        pytest.param("a,b\n1,2\n", ",", id="commas"),
        pytest.param("a;b\n1;2\n", ";", id="semicolons"),
        pytest.param("a\tb\n1\t2\n", "\t", id="tabs"),
        pytest.param("a\nx;y\n", ",", id="one column"),
        pytest.param("reference,tags\n1,a;b;c\n", ",", id="a list in a cell"),
        pytest.param('"a;x",b\n1,2\n', ",", id="quoted, semicolon"),
        pytest.param('a;"b,x,y"\n1;2\n', ";", id="quoted, comma"),
        pytest.param('"a";"b, c"\n"1";"2, 3"\n', ";", id="all quoted"),
        pytest.param("net, total;b;c\n1,5;2;3\n1;2;3\n", ";", id="decimal commas"),
        pytest.param("net; total,b\n1,2\n3,4\n", ",", id="a semicolon in a name"),
        pytest.param("a, x;b;c;d\n", ";", id="far more columns"),
        pytest.param("\n\na;b,c;d\n1;2;3\n", ";", id="blank lines above"),
        pytest.param("a;b,c\n1;2,3\n1;2\n", ";", id="most rows fit"),
        pytest.param("sep=;\na;b,c\n1;2,3\n", ";", id="named as Excel does"),
        pytest.param("SEP=,\r\na;b,c\r\n1;2,3\r\n", ",", id="named in capitals"),
        pytest.param('a;b,c\n1;2\n"3;4\n', ";", id="broken further below"),
    ],
)
def test_a_delimiter_is_told_by_the_header_and_the_rows_below(text: str, delimiter: str) -> None:
    assert opened(text.encode()).delimiter == delimiter


@pytest.mark.parametrize(
    "text",
    ["a;b,c\n", "a;b,c;d,e\n1;2,3;4,5\n", "net, x;total, x\n1,5;2,5\n", "a\tb;c\n1\t2;3\n"],
)
def test_two_delimiters_that_fit_alike_are_refused(text: str) -> None:
    row, column, rule = refusal(text.encode())
    assert (row, column) == (1, "(whole file)")
    assert rule.startswith(("commas and semicolons", "semicolons and tabs"))


def test_a_line_that_names_the_delimiter_is_a_row_and_no_header() -> None:
    file = opened("sep=;\r\na;b\r\n1;2\r\n".encode("utf-16"))
    assert list(file.rows()) == [(2, ["a", "b"]), (3, ["1", "2"])]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", [1, 2]),
        (b"a,b\r\n1,2", [1, 2]),
        (b"a,b\r1,2\r", [1, 2]),
        (b"a,b\n\n1,2\n", [1, 2, 3]),
        (b'a,b\n"1\n2","3\r\n4"\n5,6\n', [1, 2, 3]),
    ],
    ids=["LF", "CRLF", "CR", "a blank row", "line breaks in cells"],
)
def test_rows_are_numbered_as_a_spreadsheet_numbers_them(
    content: bytes, expected: list[int]
) -> None:
    assert numbers(content) == expected
    assert opened(content).most_rows() >= len(expected)


def test_a_file_can_be_read_again() -> None:
    file = opened(CAFE.encode("utf-16"))
    assert list(file.rows()) == list(file.rows())


@pytest.mark.parametrize(
    "content",
    [
        b"," * 1_000_000,
        b"a,b\n" + b"," * 1_000_000,
        b"a,b\n" + b'"\n",' * 300_000,
        "a,b\n".encode("utf-16") + ("," * 1_000_000).encode("utf-16-le"),
    ],
    ids=["in the header", "in a row", "over many lines", "in UTF-16"],
)
def test_a_million_commas_are_refused_before_there_are_cells(content: bytes) -> None:
    with pytest.raises(TooLarge, match="more than 500,000 characters"):
        list(opened(content).rows())


def test_blank_lines_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MOST_ROWS", 50)
    assert numbers(b"a,b\n" * 50) == list(range(1, 51))
    with pytest.raises(TooLarge, match="More than 50 rows"):
        numbers(b"a,b\n" * 50 + b"\n")


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from('";,\t\n\r'),
    max_size=20,
)


@settings(deadline=None)
@given(
    header=st.lists(st.text("abcdefgh_", min_size=3, max_size=12), min_size=2, max_size=6),
    rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=8),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_was_written_in_any_dialect_is_read_again(
    header: list[str], rows: Rows, codec: str, delimiter: str, quoting: int, end: str
) -> None:
    written = io.StringIO(newline="")
    table = [header, *(cells[: len(header)] for cells in rows)]
    broken = any(mark in cell for cells in rows for cell in cells for mark in "\r\n")
    # The module's own quoting knows the line end it writes, and not those it reads.
    writer = csv.writer(
        written,
        delimiter=delimiter,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if broken else quoting,  # type: ignore[arg-type]
    )
    writer.writerows(table)
    content = written.getvalue().encode(codec, "replace")
    expected = [
        [cell.encode(codec.removesuffix("-sig"), "replace").decode(codec.removesuffix("-sig"))
         for cell in cells]
        for cells in table
    ]  # fmt: skip
    if codec == "cp1252":
        # By chance its bytes can be UTF-8 as well; that is told by the tables above.
        assume(content.isascii() or not is_like_utf_8(content))
    assert found(content)[1:] == (delimiter, expected)


def is_like_utf_8(content: bytes) -> bool:
    return bool(re.search(rb"[\xc2-\xf4][\x80-\xbf]", content))
