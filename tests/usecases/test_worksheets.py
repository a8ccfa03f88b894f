"""A worksheet is read as it is shown, row by row, and a hostile one does no harm."""

import io
import struct
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook
from xlsxwriter import Workbook

from app.usecases import worksheets
from app.usecases.files import BadFile
from app.usecases.refusals import TooLarge
from app.usecases.worksheets import opened

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REFERS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts>
<numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy;@"/>
<numFmt numFmtId="165" formatCode="[h]:mm"/>
<numFmt numFmtId="166" formatCode="0.00 &quot;days&quot;"/>
<numFmt numFmtId="167" formatCode="[$-409][Red]#,##0"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>
<xf numFmtId="166"/><xf numFmtId="167"/><xf/></cellXfs></styleSheet>"""
Rows = list[tuple[int, list[str]]]


def relations(targets: Mapping[str, str], *, mode: str = "Internal") -> str:
    """Return a list of relations: kind and target, numbered in order."""
    entries = "".join(
        f'<Relationship Id="r{number}" Type="{REFERS}/{kind.rstrip("0123456789")}"'
        f' Target="{target}" TargetMode="{mode}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData><pageMargins/></worksheet>'


def workbook(sheets: str = '<sheet name="One" sheetId="1" r:id="r1"/>', before: str = "") -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{REFERS}">{before}<sheets>{sheets}</sheets></workbook>'
    )


def members(rows: str = "", **changed: str) -> dict[str, str]:
    """Return the members of a workbook with one worksheet, some of them changed."""
    usual = {
        "_rels/.rels": relations({"officeDocument": "xl/workbook.xml"}),
        "xl/workbook.xml": workbook(),
        "xl/_rels/workbook.xml.rels": relations(
            {
                "worksheet": "worksheets/sheet1.xml",
                "sharedStrings": "sharedStrings.xml",
                "styles": "/xl/styles.xml",
            }
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>shared</t></si></sst>',
        "xl/styles.xml": STYLES,
        "xl/worksheets/sheet1.xml": sheet(rows),
    }
    names = {"main": "xl/workbook.xml", "relations": "xl/_rels/workbook.xml.rels"}
    names |= {"texts": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
    names |= {"sheet": "xl/worksheets/sheet1.xml", "package": "_rels/.rels"}
    return usual | {names[name]: text for name, text in changed.items()}


def packed(parts: Mapping[str, str | bytes], method: int = ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def book(rows: str = "", **changed: str) -> bytes:
    return packed(members(rows, **changed))


def row(*cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def found(content: bytes, name: str | None = None) -> Rows:
    return list(opened(content, name).rows())


def refusal(content: bytes, name: str | None = None) -> tuple[int, str, str]:
    with pytest.raises(BadFile) as bad:
        found(content, name)
    (fault,) = bad.value.faults
    return fault.row, fault.column, fault.rule


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<v>12</v>", "12"),
        ("<v>12.0</v>", "12"),
        ("<v>-7</v>", "-7"),
        ("<v>0</v>", "0"),
        ("<v>-0</v>", "0"),
        ("<v>007</v>", "7"),
        ("<v>0.30000000000000004</v>", "0.3"),
        ("<v>1200.5</v>", "1200.5"),
        ("<v>1E+20</v>", "100000000000000000000"),
        ("<v>1.5E-7</v>", "0.00000015"),
        ("<v>123456789012345</v>", "123456789012345"),
        ("<v>99999999.990000004</v>", "99999999.99"),
        ("t='n'><v>3</v>", "3"),
        ("t='b'><v>1</v>", "true"),
        ("t='b'><v>0</v>", "false"),
        ("t='s'><v>0</v>", "shared"),
        ("t='str'><f>A1</f><v>computed</v>", "computed"),
        ("<f>1+1</f><v>2</v>", "2"),
        ("t='inlineStr'><is><t>in line</t></is>", "in line"),
        ("t='inlineStr'><is><r><t>two </t></r><r><t>fonts</t></r></is>", "two fonts"),
        ("t='inlineStr'><is><t>kanji</t><rPh><t>spoken</t></rPh></is>", "kanji"),
        ("t='inlineStr'><is><t>a_x000A_b_x005F_x0041_ _xD800_</t></is>", "a\nb_x0041_ _xD800_"),
        ("t='inlineStr'><is><t>&lt;&amp;&#228;</t></is>", "<&ä"),
        ("t='d'><v>2024-03-31</v>", "2024-03-31"),
        ("t='d'><v>2024-03-31T00:00:00Z</v>", "2024-03-31"),
        ("t='d'><v>2024-03-31T10:30:00</v>", "2024-03-31T10:30:00"),
        ("s='1'><v>45382</v>", "2024-03-31"),
        ("s='2'><v>45382</v>", "2024-03-31"),
        ("s='2'><v>45382.0000000001</v>", "2024-03-31"),
        ("s='2'><v>45382.4375</v>", "2024-03-31 10:30:00"),
        ("s='2'><v>45382.99999</v>", "2024-03-31 23:59:59"),
        ("s='2'><v>45382.9999999</v>", "2024-04-01"),
        ("s='2'><v>0.5</v>", "12:00:00"),
        ("s='2'><v>1</v>", "1900-01-01"),
        ("s='2'><v>59</v>", "1900-02-28"),
        ("s='2'><v>60</v>", "1900-02-29"),
        ("s='2'><v>61</v>", "1900-03-01"),
        ("s='2'><v>2899999.9999999</v>", "9839-12-05"),
        ("s='2'><v>2900000</v>", "2900000"),
        ("s='2'><v>-1</v>", "-1"),
        ("s='2' t='s'><v>0</v>", "shared"),
        ("s='3'><v>1.25</v>", "1.25"),
        ("s='4'><v>45382</v>", "45382"),
        ("s='5'><v>45382</v>", "45382"),
        ("s='6'><v>45382</v>", "45382"),
        ("s='99'><v>45382</v>", "45382"),
    ],
)
def test_a_cell_is_read_as_the_text_it_stands_for(cell: str, text: str) -> None:
    written = f"<c {cell}</c>" if cell[0] != "<" else f"<c>{cell}</c>"
    assert found(book(row(written))) == [(1, [text])]


def test_days_count_from_1904_where_a_workbook_says_so() -> None:
    main = workbook(before='<workbookPr date1904="1"/>')
    rows = row('<c s="1"><v>43920</v></c>', '<c s="1"><v>60</v></c>')
    assert found(book(rows, main=main)) == [(1, ["2024-03-31", "1904-03-01"])]


def test_shared_texts_are_put_together_without_how_they_are_spoken() -> None:
    texts = (
        f'<sst xmlns="{MAIN}"><si/><si><r><t>two </t></r><r><t xml:space="preserve"> fonts</t></r>'
        "</si><si><t>kanji</t><rPh><t>spoken</t></rPh></si></sst>"
    )
    cells = [f'<c t="s"><v>{number}</v></c>' for number in range(3)]
    assert found(book(row(*cells), texts=texts)) == [(1, ["", "two  fonts", "kanji"])]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row>'
            '<row r="5"><c r="A5"><v>3</v></c></row>',
            [(2, ["", "1", "", "2"]), (5, ["3"])],
            id="gaps",
        ),
        pytest.param(
            "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>",
            [(1, ["1", "2"]), (3, ["3"])],
            id="without addresses",
        ),
        pytest.param(
            '<row r="4"><c r="C4"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>',
            [(4, ["", "", "1", "2"]), (5, ["3"])],
            id="with some addresses",
        ),
        pytest.param('<row r="1"><c r="AA1"><v>1</v></c></row>', [(1, [""] * 26 + ["1"])], id="AA"),
        pytest.param(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD9" s="1"/></row>',
            [(1, ["1"])],
            id="formatted, but empty",
        ),
    ],
)
def test_cells_stand_where_their_addresses_say(rows: str, expected: Rows) -> None:
    assert found(book(rows)) == expected


def test_other_namespaces_and_prefixes_are_read_alike() -> None:
    text = sheet(row("<c><v>1</v></c>")).replace(MAIN, "http://purl.oclc.org/ooxml/main")
    assert found(book(sheet=text)) == [(1, ["1"])]
    prefixed = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c>'
        "</x:row></x:sheetData></x:worksheet>"
    )
    assert found(book(sheet=prefixed)) == [(1, ["1"])]


def test_names_of_members_may_differ_in_capitals() -> None:
    parts = members(row('<c t="s"><v>0</v></c>'))
    parts["xl/SharedStrings.xml"] = parts.pop("xl/sharedStrings.xml")
    assert found(packed(parts)) == [(1, ["shared"])]


TWO = {
    "relations": relations(
        {"worksheet1": "worksheets/sheet1.xml", "worksheet2": "worksheets/sheet2.xml"}
    )
}


def two_sheets(first: str, second: str, *, hidden: str = "") -> bytes:
    main = workbook(
        f'<sheet name="One" sheetId="1" r:id="r1" {hidden}/><sheet name="Zwei" r:id="r2"/>'
    )
    parts = members(first, main=main, **TWO)
    return packed({**parts, "xl/worksheets/sheet2.xml": sheet(second)})


A, B = row("<c><v>1</v></c>"), row("<c><v>2</v></c>")


@pytest.mark.parametrize(
    ("content", "asked", "name"),
    [
        pytest.param(two_sheets(A, B), None, "One", id="the first"),
        pytest.param(two_sheets("", B), None, "Zwei", id="the first with cells"),
        pytest.param(two_sheets(A, B, hidden='state="hidden"'), None, "Zwei", id="visible"),
        pytest.param(two_sheets(A, B, hidden='state="veryHidden"'), None, "Zwei", id="very"),
        pytest.param(two_sheets(A, B), "Zwei", "Zwei", id="the named one"),
        pytest.param(two_sheets(A, B, hidden='state="hidden"'), "One", "One", id="hidden, named"),
    ],
)
def test_the_worksheet_is_the_named_one_or_the_first_that_people_see(
    content: bytes, asked: str | None, name: str
) -> None:
    worksheet = opened(content, asked)
    assert worksheet.name == name
    assert list(worksheet.rows()) == [(1, ["1" if name == "One" else "2"])]


def test_what_a_workbook_refers_to_outside_is_not_followed() -> None:
    outside = relations({"worksheet": "https://evil.example/sheet1.xml"}, mode="External")
    assert "no worksheet" in refusal(book(A, relations=outside))[2]


LOST = '<!DOCTYPE x [<!ENTITY y "z">]><worksheet/>'
BAD: list[tuple[bytes, int, str, str]] = [
    (two_sheets("", ""), 1, "(whole file)", "no visible worksheet with cells"),
    (book(), 1, "(whole file)", "no visible worksheet with cells"),
    (book(sheet="<worksheet/>"), 1, "(whole file)", "no visible worksheet with cells"),
    (book(main=workbook("")), 1, "(whole file)", "has no worksheet"),
    (packed({"x": "y"}), 1, "(whole file)", "is a zip, but no workbook"),
    (packed({"mimetype": "y", "content.xml": "z"}), 1, "(whole file)", "OpenDocument"),
    (packed({}), 1, "(whole file)", "is a zip, but no workbook"),
    (
        book(package=relations({"officeDocument": "xl/workbook.bin"})),
        *(1, "(whole file)", "binary workbook"),
    ),
    (book(package=relations({"x": "y"})), 1, "(whole file)", "but no workbook"),
    (
        book(relations=relations({"worksheet": "worksheets/sheet7.xml"})),
        *(1, "(whole file)", "damaged"),
    ),
    (book(row('<c r="?1"><v>1</v></c>')), 1, "(whole file)", "damaged"),
    (book(row('<c r="XFE1"><v>1</v></c>')), 1, "(whole file)", "damaged"),
    (book('<row r="0"/>'), 1, "(whole file)", "damaged"),
    (book(row('<c t="s"><v>1</v></c>')), 1, "(whole file)", "damaged"),
    (book(row('<c t="s"><v>-1</v></c>')), 1, "(whole file)", "damaged"),
    (book(sheet=sheet(A)[:-60]), 1, "(whole file)", "damaged"),
    (book(sheet=LOST), 1, "(whole file)", "document type"),
    (book(main=LOST), 1, "(whole file)", "document type"),
    (book(texts=LOST), 1, "(whole file)", "document type"),
    (
        book(row('<c r="C7" t="e"><v>#N/A</v></c>', number=7)),
        *(7, "(cell C7)", "an error instead of a value"),
    ),
    (book(row('<c r="C7"><f>1+1</f></c>', number=7)), 7, "(cell C7)", "formula without"),
    (book(row('<c r="C7"><v>abc</v></c>', number=7)), 7, "(cell C7)", "no number"),
    (book(row('<c r="C7"><v>1e999</v></c>', number=7)), 7, "(cell C7)", "no number"),
    (book(row('<c r="C7"><v>nan</v></c>', number=7)), 7, "(cell C7)", "no number"),
    (book(row('<c r="C7" s="1"><v>x</v></c>', number=7)), 7, "(cell C7)", "no number"),
    (packed(members(A), ZIP_BZIP2), 1, "(whole file)", "no spreadsheet program packs"),
    (
        book(A).replace(b"PK\5\6", b"PK\6\7" + b"\0" * 16 + b"PK\5\6"),
        *(1, "(whole file)", "only huge archives"),
    ),
    (book(A)[:-30], 1, "(whole file)", "cut off"),
    (book(A)[: len(book(A)) // 2], 1, "(whole file)", "cut off"),
    (book(A)[:10], 1, "(whole file)", "cut off"),
]


@pytest.mark.parametrize(("content", "number", "column", "rule"), BAD)
def test_what_cannot_be_read_says_where_and_the_way_out(
    content: bytes, number: int, column: str, rule: str
) -> None:
    told = refusal(content)
    assert told[:2] == (number, column)
    assert rule in told[2]


def test_a_result_that_is_an_empty_text_is_an_empty_cell() -> None:
    cells = ['<c t="str"><f>""</f><v></v></c>', "<c><v>1</v></c>"]
    assert found(book(row(*cells))) == [(1, ["", "1"])]


def test_a_worksheet_that_is_not_there_is_refused() -> None:
    assert "no worksheet of that name" in refusal(book(A), "one")[2]


def test_a_member_under_a_password_says_so() -> None:
    content = bytearray(book(A))
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert "password" in refusal(bytes(content))[2]


def test_members_before_the_beginning_of_the_file_are_damage() -> None:
    content = bytearray(book(A))
    end = content.rindex(b"PK\5\6")
    (start,) = struct.unpack_from("<L", content, end + 16)
    struct.pack_into("<L", content, end + 16, start + 100)
    assert "damaged" in refusal(bytes(content))[2]


def test_bytes_that_were_changed_on_the_way_are_noticed_behind_the_last_row() -> None:
    parts = members(row("<c><v>123456</v></c>"))
    parts["xl/worksheets/sheet1.xml"] += f"<!-- {'long ' * 20_000} -->"
    stored = packed(parts, method=0)
    changed = stored.replace(b"<pageMargins/>", b"<pageMarging/>")
    assert found(stored) == [(1, ["123456"])]
    assert "damaged" in refusal(changed)[2]


def claiming(content: bytes, name: bytes, size: int) -> bytes:
    """Return an archive whose directory claims another size for a member."""
    changed = bytearray(content)
    place = content.rindex(name) - 46
    struct.pack_into("<L", changed, place + 24, size)
    return bytes(changed)


def unpacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(zlib, "decompressobj", fail)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(claiming(book(A), b"xl/styles.xml", 0xFFFFFFF0), id="4 GB in one member"),
        pytest.param(
            packed({**members(A), "big.xml": b" " * 20_000_000}), id="1,000 times what it was"
        ),
        pytest.param(
            packed(members(A) | {f"{number}": "" for number in range(6_000)}), id="many members"
        ),
        pytest.param(
            packed(members(A) | {f"{number:0200}": "" for number in range(5_000)}),
            id="a long directory",
        ),
    ],
)
def test_a_bomb_is_told_by_its_directory_and_not_unpacked(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacks_nothing(monkeypatch)
    with pytest.raises(TooLarge, match="far larger than any register"):
        opened(content, None)


def test_ten_gigabytes_in_all_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed(members(A) | {f"part{number}": "x" * 500 for number in range(3)}, method=0)
    for number in range(3):
        content = claiming(content, f"part{number}".encode(), 0xFFFFFFF0)
    monkeypatch.setattr(worksheets, "_MOST_RATIO", 1 << 40)
    unpacks_nothing(monkeypatch)
    with pytest.raises(TooLarge):
        opened(content, None)


def test_a_member_that_claims_to_be_small_is_read_no_further_than_it_claims() -> None:
    rows = "".join(row("<c><v>1</v></c>", number=number) for number in range(1, 5_000))
    lying = claiming(book(rows), b"xl/worksheets/sheet1.xml", 1_000)
    assert "damaged" in refusal(lying)[2]


def test_two_cells_far_apart_take_no_room_between_them() -> None:
    corners = ('<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>2</v></c>')
    far = row(corners[0]) + row(corners[1], number=1_048_576)
    numbers = [(number, len(cells)) for number, cells in found(book(far))]
    assert numbers == [(1, 1), (1_048_576, 16_384)]


ENDLESS = "".join(f"{number} is no end; " for number in range(40_000))


@pytest.mark.parametrize(
    ("changed", "limit", "value"),
    [
        ({"sheet": sheet("<row>" + "<c>" * 60)}, None, 0),
        ({"texts": "<a>" * 60}, None, 0),
        ({"styles": f'<styleSheet a="{ENDLESS}"/>'}, "_LONGEST_TAG", 100_000),
        ({"sheet": f'<worksheet a="{ENDLESS}"/>'}, "_LONGEST_TAG", 100_000),
        ({"sheet": sheet(row("<c><v>" + "12" * 60 + "</v></c>"))}, "_LONGEST_ROW", 100),
        ({"styles": STYLES}, "_MOST_OVERHEAD", 100),
        ({"sheet": sheet("<row/>" * 60)}, "MOST_ROWS", 50),
        ({"texts": "<sst>" + "<si/>" * 60 + "</sst>"}, "_MOST_TEXTS", 50),
        ({"texts": "<sst><si><t>" + "12" * 60 + "</t></si></sst>"}, "_MOST_CHARACTERS", 100),
    ],
    ids=[
        *("deep cells", "deep texts", "endless tag", "endless root"),
        *("long row", "much of styles", "many rows", "many texts", "long texts"),
    ],
)
def test_what_would_fill_the_memory_is_refused(
    changed: dict[str, str], limit: str | None, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if limit is not None:
        monkeypatch.setattr(worksheets, limit, value)
    with pytest.raises(TooLarge):
        found(book(**({"rows": A} | changed)))


def test_rows_are_counted_without_being_read() -> None:
    rows = "".join(row("<c><v>1</v></c>", number=number) for number in range(1, 101))
    assert opened(book(rows), None).most_rows() == 100


def made(rows: Iterable[Iterable[object]]) -> bytes:
    """Return a workbook as a well-kept library writes it."""
    written = io.BytesIO()
    with Workbook(written, {"default_date_format": "dd/mm/yy"}) as one:
        page = one.add_worksheet("Register")
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    page.write_string(number, place, cell)
                else:
                    page.write(number, place, cell)
    return written.getvalue()


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"])
VALUES = (
    st.text(LETTERS, max_size=30)
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.decimals(-1_000_000, 1_000_000, places=4)
    | st.dates(date(1970, 1, 1), date(2199, 12, 31))
)


def shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value.normalize():f}" if value else "0"
        case _:
            return str(value)


@settings(deadline=None, max_examples=50)  # libraries write slowly at times
@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_was_written_is_read_again(rows: list[list[object]]) -> None:
    rows = [["title"], *rows]
    read = dict(found(made(rows)))
    for number, cells in enumerate(rows, start=1):
        expected = [shown(cell) for cell in cells]
        while expected and not expected[-1]:
            expected.pop()
        assert read.get(number, []) == expected


@settings(deadline=None, max_examples=50)  # libraries write slowly at times
@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_well_kept_reader_reads_the_same(rows: list[list[object]]) -> None:
    content = made([["title"], *rows])
    page = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    theirs = page.to_python(skip_empty_area=False)
    for number, cells in found(content):
        assert cells == [as_text(cell) for cell in theirs[number - 1]][: len(cells)]


def as_text(cell: object) -> str:
    match cell:
        case bool():
            return str(cell).lower()
        case float():
            return f"{Decimal(f'{cell:.15g}'):f}" if cell else "0"
        case datetime():
            return str(cell)
        case _:
            return str(cell)


WHOLE = book(A + row('<c t="s"><v>0</v></c>', '<c s="1"><v>45382</v></c>', number=2))


@settings(deadline=None, max_examples=50)  # libraries write slowly at times
@given(st.dictionaries(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), max_size=8))
def test_damage_of_any_kind_ends_in_a_refusal_or_in_rows(damage: dict[int, int]) -> None:
    content = bytearray(WHOLE)
    for place, byte in damage.items():
        content[place] = byte
    with suppress(BadFile, TooLarge):
        assert len(found(bytes(content))) <= 2
