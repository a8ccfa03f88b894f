"""What must not come in: a table of bad inputs, each refused by name and stored nowhere.

Every case is sent to the running application: the answer is a 4xx problem that points at
the fault without repeating the value, and afterwards lists and calendars are what they were.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.builders import an_agreement, length

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
MARK = "echo-me-not"
AGREEMENTS = "/api/v1/agreements"

# U+0000 and friends break PostgreSQL, a log line, a calendar or a page.
BROKEN_CHARACTERS = [
    *(chr(code) for code in range(0x20)),
    "\x7f",
    "\x80",
    "\x85",
    "\x9f",
    "\u2028",
    "\u2029",
    "\ud800",
    "\udfff",
    "\udc00\ud800",
    "\ufdd0",
    "\ufdef",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\U0010ffff",
    "\u202e",
    "\u2066",
]
LINES = [
    "reference",
    "title",
    "counterparty",
    "vendor_reference",
    "reseller",
    "owner",
    "procurement_contact",
    "cost_centre",
    "notice_method",
    "governing_law",
    "time_zone",
]
WORDS = ["criticality", "spend_class", "handling"]
DAYS = ["start_date", "notice_received_on", "signed_date"]
NOT_TEXT: list[object] = [0, 1, 1.5, True, False, [], {}, [MARK], {"text": MARK}]
NOT_DAYS: list[object] = [
    0,
    86400,
    -1,
    1.5,
    1e308,
    True,
    False,
    [],
    {},
    "",
    " ",
    "0",
    "86400",
    "-1",
    "1e999",
    "now",
    "today",
    "2026-02-30",
    "2025-02-29",
    "2100-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-1-1",
    "26-01-01",
    "20260101",
    "2026/01/01",
    "01.01.2026",
    "01/02/2026",
    "2026-01",
    "2026",
    "2026-W01-1",
    "2026-W01",
    "2026-001",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00Z",
    "2026-01-01 00:00",
    "2026-01-01Z",
    "2026-01-01\n",
    " 2026-01-01",
    "2026-01-01 ",
    "+2026-01-01",
    "-2026-01-01",
    "12026-01-01",
    "0000-01-01",
    "0001-01-01",
    "1969-12-31",
    "2200-01-01",
    "9999-12-31",
    "\uff12\uff10\uff12\uff16-01-01",
    "\u0662\u0660\u0662\u0666-01-01",
    "2026\u201001\u201001",
    "2026-01-01\x00",
]
NOT_WHOLE: list[object] = [
    True,
    False,
    1.0,
    1.5,
    -1,
    2**31,
    2**63,
    2**64,
    10**30,
    1e308,
    "",
    "1",
    "1_000",
    " 1",
    "0x10",
    "\u0661",
    "twelve",
    [],
    [1],
    {},
]
NOT_LENGTHS: list[object] = [
    0,
    12,
    "12 months",
    [],
    {},
    {"value": 1},
    {"unit": "months"},
    {"value": 0, "unit": "months"},
    {"value": -1, "unit": "months"},
    {"value": None, "unit": "months"},
    {"value": "12", "unit": "months"},
    {"value": True, "unit": "months"},
    {"value": 12.0, "unit": "months"},
    {"value": 36_501, "unit": "days"},
    {"value": 1_201, "unit": "months"},
    {"value": 10**20, "unit": "days"},
    {"value": 1, "unit": "month"},
    {"value": 1, "unit": "MONTHS"},
    {"value": 1, "unit": "seconds"},
    {"value": 1, "unit": None},
    {"value": 1, "unit": ["months"]},
    {"value": 1, "unit": "business_days"},
    {"value": 1, "unit": "months", "more": MARK},
]
NOT_NOTICES: list[object] = [
    {},
    {"value": 45},
    {"unit": "days"},
    {"value": -1, "unit": "days"},
    {"value": 3_651, "unit": "days"},
    {"value": 521, "unit": "weeks"},
    {"value": 121, "unit": "months"},
    {"value": 11, "unit": "years"},
    {"value": True, "unit": "days"},
    {"value": 45, "unit": "days", "by_month_day": "10-01"},
    {"by_month_day": "13-01"},
    {"by_month_day": "02-30"},
    {"by_month_day": "10-1"},
    {"by_month_day": "1001"},
    {"by_month_day": 1001},
    {"value": 15, "unit": "business_days"},
    {"value": 15, "unit": "business_days", "calendar": "XX"},
    {"value": 15, "unit": "business_days", "calendar": "US-XX"},
    {"value": 15, "unit": "business_days", "calendar": "gb"},
    {"value": 15, "unit": "business_days", "calendar": ""},
    {"value": 15, "unit": "business_days", "calendar": "../../etc/passwd"},
    {"value": 15, "unit": "business_days", "calendar": "GB-ENG\x00"},
    {"value": 15, "unit": "business_days", "calendar": MARK * 3},
    {"value": 15, "unit": "business_days", "calendar": 7},
    {"value": 45, "unit": "days", "counted_from": "today"},
    {"value": 45, "unit": "days", "month_rule": "guess"},
    {"value": 45, "unit": "days", "clear_days": 1},
    {"value": 45, "unit": "days", "clear_days": "true"},
    {"value": 45, "unit": "days", "roll": "sideways"},
    {"value": 45, "unit": "days", "roll": "preceding"},
    {"value": 45, "unit": "days", "opens": length("30 days")},
    {"value": 45, "unit": "days", "opens": {"value": 1}},
    {"value": 45, "unit": "days", "delivery": length("2 months")},
    {"value": 45, "unit": "days", "delivery": {"value": -1, "unit": "days"}},
    {"value": 45, "unit": "days", "more": MARK},
]
NOT_RENEWALS: list[object] = [
    {},
    {"kind": "always"},
    {"kind": None},
    {"kind": "auto"},
    {"kind": "auto", "term": length("12 months"), "terms": [length("12 months")]},
    {"kind": "auto", "terms": []},
    {"kind": "auto", "terms": [length("1 year")] * 51},
    {"kind": "auto", "terms": [None]},
    {"kind": "auto", "terms": "12 months"},
    {"kind": "auto", "term": length("12 months"), "max": -1},
    {"kind": "auto", "term": length("12 months"), "max": 1_001},
    {"kind": "auto", "term": length("12 months"), "max": True},
    {"kind": "option", "term": length("12 months"), "exercised": -1},
    {"kind": "option", "term": length("12 months"), "max": 1, "exercised": 2},
    {"kind": "auto", "term": length("12 months"), "more": MARK},
]
NOT_LINKS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://x.example/y",
    "//x.example/y",
    "/relative",
    "x.example",
    "http:",
    "https://",
    "https:// x.example",
    "https://x.example/a b",
    "https://x.example/\njavascript:alert(1)",
    'https://x.example/"onmouseover="alert(1)',
    "https://x.example/<script>",
    "https://x.example/" + "a" * 1_000,
]
NOT_MONEY: list[object] = [
    1,
    1.5,
    True,
    "",
    "1,5",
    "1.000,00",
    "-1",
    "+1",
    "1e3",
    "NaN",
    "Infinity",
    ".5",
    "5.",
    " 5",
    "5 ",
    "5\n",
    "1" * 16,
    "1.00001",
    "\u0663",
    "0x10",
    "EUR 5",
]
NOT_CURRENCIES: list[object] = ["eur", "EU", "EURO", "€", "E1R", "", 978, None, "EUR\n", "\u0415UR"]
SERVERS_OWN = {
    "id": str(uuid4()),
    "version": 7,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2020-01-01T00:00:00Z",
    "position": {},
    "search_text": MARK,
    "role": "admin",
    "unknown": MARK,
    "Title": MARK,
    "__proto__": {"admin": True},
    "": MARK,
    MARK + "/~.": 1,
    "x" * 10_000: 1,
    "title\ud800": 1,
}


Fields = tuple[str, dict[str, Any]]
"""A name, and the fields that spoil a sound agreement."""


def bad_texts() -> Iterator[Fields]:
    for field in LINES:
        yield from ((f"{field} {value!r:.20}", {field: value}) for value in NOT_TEXT)
        yield f"{field} too long", {field: MARK * 30}
        yield f"{field} empty", {field: ""}
        yield f"{field} blank", {field: " \u00a0 "}
        yield f"{field} line break", {field: f"{MARK}\nBEGIN:VEVENT"}
    for character in BROKEN_CHARACTERS:
        yield f"title with {character!a}", {"title": f"{MARK}{character}x"}
        yield f"tag with {character!a}", {"tags": [f"x{character}x"]}
        if character != "\n":
            yield f"notes with {character!a}", {"notes": f"x{character}x"}
    yield "title grows too long in NFC", {"title": "\u0958" * 300}
    yield "title of 900 kB", {"title": MARK[0] * 900_000}
    yield "notes too long", {"notes": "x" * 5_001}
    for field in WORDS:
        for value in (*NOT_TEXT, "", "a\nb", 'a"b', "a%b", "a\\b", "x" * 61):
            yield f"{field} {value!r:.20}", {field: value}


def bad_terms() -> Iterator[Fields]:
    for value in NOT_LENGTHS:
        yield f"initial_term {value!r:.50}", {"initial_term": value}
        yield f"holdover {value!r:.50}", {"holdover": value, "renewal": {"kind": "none"}}
    for value in NOT_NOTICES:
        yield f"notice {value!r:.70}", {"notice": value}
        yield f"renewal_notice {value!r:.70}", {"renewal_notice": value}
    for day in NOT_DAYS:
        yield f"end_date {day!r:.30}", {"end_date": day, "initial_term": None}
    yield "co-terminous without a parent", {"co_terminous": True, "initial_term": None}
    yield "no term at all", {"initial_term": None}
    yield "two terms", {"end_date": "2025-04-14"}
    yield "end before start", {"initial_term": None, "end_date": "2024-04-14"}
    yield "no start", {"start_date": None}


def bad_fields() -> Iterator[Fields]:
    """Yield all that an agreement must not hold."""
    yield from bad_texts()
    yield from bad_terms()
    tables: dict[str, Iterable[object]] = {
        **dict.fromkeys(DAYS, NOT_DAYS),
        "lead_days": NOT_WHOLE,
        "renewal": NOT_RENEWALS,
        "document_link": NOT_LINKS,
        "tags": (*NOT_TEXT[:5], {}, None, MARK, [1], [None], [[]], [""], ["x"] * 21, ['a"b']),
        "co_terminous": (0, "yes", "true", None, []),
        "parent_id": (0, "", "1", str(uuid4()), "{}", "00000000-0000-0000-0000-00000000000g", []),
        "kind": (0, "", "Saas", "unknown", None, []),
        "termination_right": ({}, {"notice": None}, {"notice": length("1 month"), "fee": 5}, "now"),
    }
    for field, values in tables.items():
        yield from ((f"{field} {value!r:.50}", {field: value}) for value in values)
    for value in NOT_MONEY:
        yield f"annual_value {value!r:.20}", {"annual_value": value, "currency": "EUR"}
        yield f"total_value {value!r:.20}", {"total_value": value, "currency": "EUR"}
    for value in NOT_CURRENCIES:
        yield f"currency {value!r}", {"currency": value, "annual_value": "1"}
    for name, value in SERVERS_OWN.items():
        yield f"server's own or unknown: {name!a:.20}", {name: value}


def bad_bodies() -> Iterator[tuple[str, bytes, str]]:
    """Yield a name, a body that is no JSON object of ours, and its content type."""
    sound = json.dumps(an_agreement()).encode()
    yield "nothing", b"", "application/json"
    for body in (
        b" ",
        b"{",
        b"}",
        b"[]",
        b"[{}]",
        b"null",
        b"true",
        b"0",
        b'""',
        b'"text"',
        b"{}",
        b"{'title': 1}",
        b'{"title": undefined}',
        b'{"title": "x",}',
        b"{} {}",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf" + sound,
        sound.decode().encode("utf-16"),
        b'{"title": "\xff"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\xc0\x80"}',
        b"<agreement/>",
        b"title=x",
        b"[" * 100_000,
        b'{"title": ' * 50_000,
        b'{"tags": ' + b"[" * 900 + b"]" * 900 + b"}",
        sound[:-1] + b', "title": "again"}',
        sound[:-1] + b', "lead_days": NaN}',
        sound[:-1] + b', "lead_days": Infinity}',
        sound[:-1] + b', "lead_days": -Infinity}',
        sound[:-1] + b', "lead_days": 1e400}',
        sound[:-1] + b', "lead_days": -1e400}',
        sound[:-1] + b', "lead_days": 1e999999999}',
        sound[:-1] + b', "lead_days": ' + b"9" * 5_000 + b"}",
        sound[:-1] + b', "lead_days": 1' + b"0" * 400 + b"}",
        sound[:-1] + b', "notes": "\\ud800"}',
        sound[:-1] + b', "\\ud800": 1}',
        sound[:-1] + b', "notice": {"value": 1, "value": 2, "unit": "days"}}',
        sound[:-1] + b', "lead_days": 0090}',
        json.dumps({f"field_{n}": n for n in range(30_000)}).encode(),
    ):
        yield f"body {body[:40]!r}", body, "application/json"
    for content_type in (
        "text/plain",
        "text/json",
        "application/xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "json",
        "",
        "é",
    ):
        yield f"content type {content_type!r}", sound, content_type


BAD_QUERIES = [
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1.0",
    "limit=1_0",
    "limit=%201",
    "limit=+1",
    "limit=NaN",
    "limit=99999999999999999999",
    "limit=",
    "limit=1&limit=2",
    "sort=id",
    "sort=title",
    "sort=--value",
    "sort=value,counterparty",
    "sort=",
    "phase=alive",
    "kind=SaaS",
    "as_of=0",
    "as_of=86400",
    "as_of=2026-02-30",
    "as_of=2026-W01-1",
    "as_of=1969-12-31",
    "as_of=2200-01-01",
    "as_of=2026-01-01T00:00:00Z",
    "as_of=",
    "q=%00",
    "q=a%0Ab",
    "q=%E2%80%A8",
    "q=" + "x" * 201,
    "q=",
    "owner=%00",
    "counterparty=%07",
    "tag=%22",
    "tag=%00",
    "tag=" + "x" * 61,
    "criticality=%5C",
    "criticallity=high",
    "filter=x",
    "token=x",
    "Limit=5",
    "cursor=",
    "cursor=x",
    "cursor=%00",
    "cursor=é",
    "cursor=W10=",
    "cursor=bnVsbA==",
    "cursor=e30=",
    "cursor=WzEsMl0=",
    "cursor=WyIyMDI2LTAxLTAxIl0=",
    "cursor=WyJ4IiwieCJd",
    "cursor=WyIyMDI2LTAxLTAxIiwiMSJd",
    "cursor=WyIyMDI2LTAxLTAxIixbXV0=",
    "cursor=WyJOYU4iLCJhIl0=&sort=value",
    "cursor=WyJJbmZpbml0eSIsImEiXQ==&sort=value",
    "cursor=" + "A" * 1_001,
]


def amount_cursors() -> Iterator[str]:
    """Yield well-formed cursors whose places are poison for a database."""
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - for this table only

    for sort, key in (
        ("value", "NaN"),
        ("value", "sNaN"),
        ("value", "Infinity"),
        ("value", "1e999999"),
        ("value", "9" * 40),
        ("value", "1_000"),
        ("counterparty", "\x00"),
        ("next_deadline", "0000-00-00"),
        ("next_deadline", "20260101T"),
    ):
        cursor = urlsafe_b64encode(json.dumps([key, str(uuid4())]).encode()).decode()
        yield f"sort={sort}&cursor={cursor}"


async def test_a_bad_field_is_refused_by_its_name(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    await check(
        client,
        as_admin,
        feed_secret,
        [
            (name, "POST", AGREEMENTS, as_json(an_agreement(**changes)))
            for name, changes in bad_fields()
        ],
    )


async def test_a_bad_field_is_refused_in_a_preview_too(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    may_be_left_out = {"reference": None, "title": None, "counterparty": None}
    more = [
        *(({"as_of": day}) for day in NOT_DAYS),
        *(({"terms": number}) for number in (*NOT_WHOLE, 61)),
    ]
    await check(
        client,
        as_admin,
        feed_secret,
        [
            *(
                (
                    name,
                    "POST",
                    "/api/v1/preview",
                    as_json(an_agreement(**may_be_left_out | changes)),
                )
                for name, changes in bad_fields()
            ),
            *((str(one), "POST", "/api/v1/preview", as_json(an_agreement(**one))) for one in more),
        ],
    )


async def test_a_bad_change_is_refused_and_leaves_what_was(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    sound = await client.post(AGREEMENTS, json=an_agreement(), headers=as_admin)
    address = f"{AGREEMENTS}/{sound.json()['id']}"
    empties = ("currency None", "tags None")  # these may be emptied, where nothing else is given
    await check(
        client,
        as_admin | {"If-Match": "*"},
        feed_secret,
        [
            (name, "PATCH", address, as_json(changes))
            for name, changes in bad_fields()
            if name not in empties or "annual_value" in changes
        ],
    )
    assert (await client.get(address, headers=as_admin)).json() == sound.json()


@pytest.mark.parametrize("address", [AGREEMENTS, "/api/v1/preview", "/api/v1/tokens"])
async def test_a_body_that_is_no_form_of_ours_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, address: str
) -> None:
    await check(
        client,
        as_admin,
        feed_secret,
        [
            (name, "POST", address, (body, content_type))
            for name, body, content_type in bad_bodies()
        ],
    )


async def test_a_body_that_is_no_policy_is_refused_and_leaves_the_old_one(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    await check(
        client,
        as_admin | {"If-Match": "*"},
        feed_secret,
        [
            (name, "PUT", "/api/v1/lead-times", (body, content_type))
            for name, body, content_type in bad_bodies()
        ],
    )


async def test_a_bad_parameter_is_refused_by_its_name(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    await check(
        client,
        as_admin,
        feed_secret,
        [
            (query, "GET", f"{AGREEMENTS}?{query}", (b"", ""))
            for query in (*BAD_QUERIES, *amount_cursors())
        ],
    )


async def test_a_path_that_names_nothing_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str
) -> None:
    await check(
        client,
        as_admin,
        feed_secret,
        [
            (repr(name), "GET", f"{AGREEMENTS}/{name}{part}", (b"", ""))
            for name in (
                "1",
                "-1",
                str(2**63),
                "%00",
                "..%2f",
                "x",
                "*",
                "null",
                "%F0%9F%98%80",
                "a" * 5_000,
            )
            for part in ("", "/terms", "/history", "/nothing")
        ],
    )


@pytest.mark.parametrize("size", [1_000_001, 10_000_000])
async def test_too_large_a_body_is_refused_early(
    client: httpx.AsyncClient, as_admin: Headers, size: int
) -> None:
    body = b'{"title": "' + b"x" * size + b'"}'
    for content in (body, pieces(body)):
        answer = await client.post(
            AGREEMENTS, content=content, headers=as_admin | {"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 1_000


async def pieces(body: bytes) -> Any:  # noqa: ANN401 - a stream without a declared length
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def as_json(document: object) -> tuple[bytes, str]:
    return json.dumps(document).encode(), "application/json"


async def check(
    client: httpx.AsyncClient,
    headers: Headers,
    feed_secret: str,
    cases: list[tuple[str, str, str, tuple[bytes, str]]],
) -> None:
    """Send each case; tell all that were not refused as they should be, and what was left."""
    before = await everything(client, headers, feed_secret)
    wrong = []
    for name, method, address, (body, content_type) in cases:
        sent = [(key.encode(), value.encode()) for key, value in headers.items()]
        if content_type:
            sent.append((b"Content-Type", content_type.encode("latin-1")))
        answer = await client.request(method, address, content=body, headers=sent)
        if fault := what_is_wrong(answer):
            wrong.append(f"{name}: {fault}: {answer.text[:300]}")
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:40])
    assert await everything(client, headers, feed_secret) == before


def what_is_wrong(answer: httpx.Response) -> str:
    if not 400 <= answer.status_code < 500:
        return f"status {answer.status_code}"
    if answer.headers["content-type"] != "application/problem+json":
        return "no problem+json"
    told = answer.json()
    if told["request_id"] != answer.headers["x-request-id"] or told["status"] != answer.status_code:
        return "another id or status"
    located = ("pointer", "parameter", "header")
    if answer.status_code == 422 and not (
        told["errors"] and all(any(place in error for place in located) for error in told["errors"])
    ):
        return "no pointer"
    if MARK in answer.text or len(answer.content) > 20_000:
        return "the value is repeated"
    return ""


async def everything(client: httpx.AsyncClient, headers: Headers, feed_secret: str) -> list[bytes]:
    """Return all that is served of the register."""
    found = []
    for address in (
        AGREEMENTS,
        "/api/v1/renewals",
        "/api/v1/lead-times",
        "/api/v1/tokens",
        f"/feeds/{feed_secret}/it.ics",
    ):
        answer = await client.get(address, headers=headers)
        assert answer.status_code == 200
        found.append(answer.content)
    return found
