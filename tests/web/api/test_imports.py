import csv
import io
import re
import struct
from collections.abc import Iterator
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
from xlsxwriter import Workbook

from app.clock import StoppedClock
from app.main import create_app
from app.records.engine import Database
from app.settings import Settings
from tests.builders import TODAY

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
ADDRESS = "/api/v1/imports"
HEADER = "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice"
ROW = "{reference},Backup,Northwind,2024-04-15,12 months,auto,12 months,45 days"


def rows(*references: str) -> str:
    return "\n".join([HEADER, *(ROW.format(reference=reference) for reference in references)])


async def sent(
    client: httpx.AsyncClient, headers: Headers, content: str | bytes, **fields: str
) -> httpx.Response:
    file = content.encode() if isinstance(content, str) else content
    return await client.post(
        ADDRESS, files={"file": ("register.csv", file)}, data=fields, headers=headers
    )


async def stored(client: httpx.AsyncClient, headers: Headers) -> list[str]:
    items = (await client.get("/api/v1/agreements", headers=headers)).json()["items"]
    return sorted(item["reference"] for item in items)


async def test_a_file_is_taken_in_and_taken_in_again_without_a_change(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    first = await sent(client, as_admin, rows("A", "B"))
    assert first.status_code == 200, first.text
    assert told(first) == report(created=2)
    assert told(await sent(client, as_admin, rows("A", "B"))) == report(unchanged=2)
    changed = rows("A", "B", "C").replace("Backup", "Restore", 1)
    assert told(await sent(client, as_admin, changed)) == report(created=1, changed=1, unchanged=1)
    assert await stored(client, as_admin) == ["A", "B", "C"]
    due = (await client.get("/api/v1/renewals", headers=as_admin)).json()["items"]
    assert [item["act_by"] for item in due] == ["2027-02-28"] * 3


async def test_one_bad_cell_and_nothing_is_stored(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    content = rows("A", "B").replace("12 months,auto", "soon,auto", 1)
    answer = await sent(client, as_admin, content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(error["row"], error["column"]) for error in answer.json()["errors"]] == [
        (2, "initial_term")
    ]
    assert await stored(client, as_admin) == []


async def test_a_dry_run_tells_and_stores_nothing(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    tried = await sent(client, as_admin, rows("A"), dry_run="true")
    assert told(tried) == report(created=1, dry_run=True)
    bad = rows(*map(str, range(150))).replace("45 days", "45")
    tried = await sent(client, as_admin, bad, dry_run="true")
    assert tried.status_code == 200
    assert tried.json()["errors_in_all"] == 150
    assert len(tried.json()["errors"]) == 150
    assert tried.json()["errors"][0]["row"] == 2
    assert await stored(client, as_admin) == []


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"", 1),
        (b"\xff\xfe\x00", 1),
        (b"reference\nA", 1),
        (HEADER.encode() + b",id\n", 1),
        (HEADER.encode() + b",version,created_at\n", 1),
        (HEADER.encode() + b",title\n", 1),
        (rows("A").encode() + b",extra cell", 2),
        (rows("A\x00").encode(), 2),
        (rows('"A\x01"').encode(), 2),
        (rows("A", "A").encode(), 3),
        (rows("A").replace("45 days", "-1 days").encode(), 2),
        (rows("A").replace("2024-04-15", "31.04.2024").encode(), 2),
        (rows("A").replace("2024-04-15", "2024-02-30").encode(), 2),
        (rows("A").replace("2024-04-15", "1969-12-31").encode(), 2),
        (rows("A").replace("12 months,auto", "0 months,auto").encode(), 2),
        (rows("A").replace("45 days", "99999 days").encode(), 2),
        (rows("A").replace("auto", "'auto'").encode(), 2),
        (rows('"A\u2028B"').encode(), 2),
        (rows("x" * 201).encode(), 2),
        (rows("x" * 200_000).encode(), 2),
        (b'reference,title\n"unclosed', 2),
    ],
)
async def test_what_is_wrong_is_told_by_its_row(
    client: httpx.AsyncClient, as_admin: Headers, content: bytes, row: int
) -> None:
    answer = await sent(client, as_admin, content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["row"] == row
    assert answer.json()["request_id"]
    assert len(answer.content) < 10_000
    assert await stored(client, as_admin) == []


async def test_what_is_no_import_file_is_refused_even_if_only_tried(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    for content in (b"null", b"", b"\xff"):
        answer = await sent(client, as_admin, content, dry_run="true")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["row"] == 1


async def test_a_repeated_import_is_done_once(client: httpx.AsyncClient, as_admin: Headers) -> None:
    keyed = as_admin | {"Idempotency-Key": "nightly-2026-11-23"}
    first = await sent(client, keyed, rows("A"))
    again = await sent(client, keyed, rows("A"))
    assert again.json() == first.json()
    assert told(again) == report(created=1)
    other = await sent(client, keyed, rows("B"))
    assert other.status_code == 422
    assert other.json()["type"] == "urn:noticeboard:key-reused"


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"dry_run": "true"}},
        {"files": {"file": b"x"}, "data": {"dry_run": "perhaps"}},
        {"files": {"file": b"x"}, "data": {"force": "true"}},
        {"files": {"other": b"x"}},
        {"data": {"file": "no file, but text"}, "files": {"x": b""}},
    ],
    ids=["no file", "bad truth", "unknown field", "other name", "text for a file"],
)
async def test_another_form_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, form: dict[str, Any]
) -> None:
    answer = await client.post(ADDRESS, headers=as_admin, **form)
    assert answer.status_code in {415, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/csv", b"reference", 415),
        ("application/x-www-form-urlencoded", b"file=x", 415),
        ("multipart/form-data", b"x", 422),
        ("multipart/form-data; boundary=", b"x", 422),
        ("multipart/form-data; boundary=x", b"", 422),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 422),
        ("multipart/form-data; boundary=x", b"no boundary at all", 422),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: y\r\n\r\nz\r\n--x--",
            422,
        ),
        ("", b"", 415),
    ],
)
async def test_what_is_no_form_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, content_type: str, content: bytes, status: int
) -> None:
    headers = as_admin | ({"Content-Type": content_type} if content_type else {})
    answer = await client.post(ADDRESS, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_too_large_a_file_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, database: Database
) -> None:
    small = Settings(
        base_url="https://noticeboard.example", max_import_bytes=1_000, max_import_rows=2
    )
    app = create_app(small, database, StoppedClock(TODAY))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.example") as limited:
        for content in (rows("A", "B", "C"), "x" * 2_000):
            answer = await sent(limited, as_admin, content)
            assert answer.status_code == 413
            assert answer.json()["type"] == "urn:noticeboard:too-large"
    assert await stored(client, as_admin) == []


def workbook(content: str, name: str = "Register") -> bytes:
    """Return a CSV text as a workbook, days and all."""
    written = io.BytesIO()
    with Workbook(written, {"default_date_format": "dd/mm/yyyy"}) as book:
        book.add_worksheet("Cover")
        page = book.add_worksheet(name)
        for number, cells in enumerate(csv.reader(content.splitlines())):
            for place, cell in enumerate(cells):
                if re.fullmatch("[0-9-]{10}", cell):
                    page.write_datetime(number, place, date.fromisoformat(cell))
                else:
                    page.write_string(number, place, cell)
    return written.getvalue()


def csv_as(encoding: str, delimiter: str) -> dict[str, str | None]:
    return {"name": "csv", "encoding": encoding, "delimiter": delimiter, "worksheet": None}


TABLE = rows("Café", "B")
SHEET = {"name": "xlsx", "encoding": None, "delimiter": None, "worksheet": "Register"}


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        (TABLE.encode(), csv_as("UTF-8", "comma")),
        (TABLE.encode("utf-8-sig"), csv_as("UTF-8", "comma")),
        (TABLE.replace(",", ";").encode("cp1252"), csv_as("Windows-1252", "semicolon")),
        (TABLE.replace(",", "\t").encode("utf-16"), csv_as("UTF-16 LE", "tab")),
        (TABLE.replace("\n", "\r\n").encode("utf-16-be"), csv_as("UTF-16 BE", "comma")),
        (workbook(TABLE), SHEET),
    ],
    ids=["UTF-8", "with a mark", "Windows-1252", "UTF-16", "unmarked UTF-16", "XLSX"],
)
async def test_the_same_register_comes_in_from_every_format(
    client: httpx.AsyncClient, as_admin: Headers, content: bytes, read_as: dict[str, str | None]
) -> None:
    first = await sent(client, as_admin, content)
    assert told(first) == report(created=2, format=read_as)
    assert await stored(client, as_admin) == ["B", "Café"]
    assert told(await sent(client, as_admin, TABLE)) == report(unchanged=2)


@pytest.mark.parametrize("content_type", ["text/csv", "application/pdf", "x/y; charset=utf-7", ""])
async def test_the_content_decides_and_no_name_or_type(
    client: httpx.AsyncClient, as_admin: Headers, content_type: str
) -> None:
    for name, content in (("a.csv", workbook(TABLE)), ("a.xlsx", TABLE.encode()), ("a", b"\xff")):
        answer = await client.post(
            ADDRESS, files={"file": (name, content, content_type)}, headers=as_admin
        )
        assert answer.status_code == (200 if len(content) > 1 else 422), answer.text


async def test_a_worksheet_can_be_named(client: httpx.AsyncClient, as_admin: Headers) -> None:
    content = workbook(TABLE, "2026")
    keyed = as_admin | {"Idempotency-Key": "once"}
    named = await sent(client, keyed, content, worksheet="2026")
    assert told(named) == report(created=2, format=SHEET | {"worksheet": "2026"})
    # What was asked for includes the worksheet.
    assert (await sent(client, keyed, content)).json()["type"] == "urn:noticeboard:key-reused"
    for file, other in ((content, "Cover"), (content, "2025"), (TABLE, "2026")):
        assert (await sent(client, as_admin, file, worksheet=other)).status_code == 422
    assert (await sent(client, as_admin, content, worksheet="x" * 32)).status_code == 422


async def test_a_dry_run_says_how_the_faulty_file_was_read(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    bad = TABLE.replace("45 days", "45").replace(",", ";").encode("cp1252")
    told = (await sent(client, as_admin, bad, dry_run="true")).json()
    assert told["format"] == csv_as("Windows-1252", "semicolon")
    assert told["errors_in_all"] == 2


def bombs() -> Iterator[Any]:
    """Yield files that look like a register and are none."""
    bomb = io.BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 10_000_000)
    claimed = bytearray(workbook(TABLE))
    place = claimed.rindex(b"xl/worksheets/sheet2.xml") - 46
    struct.pack_into("<L", claimed, place + 24, 0xFFFFFFF0)
    wide = ",".join(f"c{number}" for number in range(201))
    yield pytest.param(b"", 422, id="empty")
    yield pytest.param(bytes(range(256)) * 100, 422, id="binary")
    yield pytest.param(workbook(TABLE)[:-100], 422, id="truncated")
    yield pytest.param(bomb.getvalue(), 413, id="zip bomb")
    yield pytest.param(bytes(claimed), 413, id="gigabytes claimed")
    yield pytest.param(wide.encode(), 413, id="201 columns")
    yield pytest.param(f"{TABLE},title".encode(), 422, id="a cell too many")
    yield pytest.param(f"title,{TABLE}".encode(), 422, id="title twice")
    yield pytest.param(TABLE.replace("Backup", '"Back\nup"').encode(), 422, id="a broken line")
    yield pytest.param(TABLE.encode() + b"\nCaf\xe9" + b"," * 7, 422, id="mixed encodings")
    yield pytest.param(b"," * 1_000_000, 413, id="a million commas")
    yield pytest.param(TABLE.encode() + b"\n" + b"," * 1_000_000, 413, id="and below a header")


@pytest.mark.parametrize(("content", "status"), list(bombs()))
async def test_bad_files_are_refused_and_leave_nothing_behind(
    client: httpx.AsyncClient, as_admin: Headers, content: bytes, status: int
) -> None:
    for dry_run in ("true", "false"):
        answer = await sent(client, as_admin, content, dry_run=dry_run)
        if answer.status_code == 200:
            assert answer.json()["errors"], "a dry run lists what is wrong with rows"
        else:
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 10_000
    assert answer.status_code == status
    assert await stored(client, as_admin) == []


def report(**counts: object) -> dict[str, object]:
    return {
        "dry_run": False,
        "format": {"name": "csv", "encoding": "UTF-8", "delimiter": "comma", "worksheet": None},
        "created": 0,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "errors": [],
        "errors_in_all": 0,
        **counts,
    }


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return a report without the parts that tell row by row, and the columns."""
    return {name: value for name, value in answer.json().items() if name in report()}
