"""What must not come in through the routes of feeds and their addresses: a table of bad inputs.

As for agreements: each is refused with a 4xx that names the fault and repeats no value, and
afterwards feeds, addresses and calendars are what they were.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.records.base import Base
from app.records.engine import Database
from tests.web.test_bad_input import (
    BROKEN_CHARACTERS,
    MARK,
    NOT_DAYS,
    NOT_TEXT,
    NOT_WHOLE,
    SERVERS_OWN,
    as_json,
    bad_bodies,
    check,
)

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
Fields = tuple[str, dict[str, Any]]
FEEDS = "/api/v1/feeds"
NO_IDS = ["1", "-1", str(2**63), "%00", "..%2f", "x", "*", "null", "%F0%9F%98%80", "a" * 5_000]
FEED = {"name": "Mine"}
ADDRESS = {"label": "Anna"}
NOT_KEYS = ["", " ", "A", "a b", "a_b", "-a", "a-", "a--b", "a/b", "..", "a.ics", "ä", "a%20b"]
NOT_COLOURS = ["", "#fff", "#4682b4", "rgb(1,2,3)", "Red", "red ", "red;", "transparent", "url(x)"]


def bad_lines(field: str) -> Iterator[Fields]:
    yield from ((f"{field} {value!r:.20}", {field: value}) for value in NOT_TEXT)
    yield f"{field} too long", {field: MARK * 30}
    yield f"{field} grows too long in NFC", {field: "\u0958" * 200}
    yield f"{field} empty", {field: ""}
    yield f"{field} blank", {field: " \u00a0 "}
    yield f"{field} line break", {field: f"{MARK}\r\nBEGIN:VEVENT"}
    for character in BROKEN_CHARACTERS:
        yield f"{field} with {character!a}", {field: f"{MARK}{character}x"}


def bad_filters() -> Iterator[Fields]:
    for field in ("q", "counterparty", "owner", "criticality", "spend_class", "tag"):
        yield from bad_lines(field)
    for value in (*NOT_TEXT, "SaaS", "shoes", "saas\x00"):
        yield f"kind {value!r:.20}", {"kind": value}
    for field in ("criticality", "spend_class", "tag"):
        yield from ((f"{field} {value}", {field: value}) for value in ('a"b', "a%b", "a\\b"))
    yield from ((f"unknown {name!a:.20}", {name: value}) for name, value in SERVERS_OWN.items())


def bad_feeds() -> Iterator[Fields]:
    yield from bad_lines("name")
    yield "name of 900 kB", {"name": MARK[0] * 900_000}
    yield from bad_lines("description")
    for name, filters in bad_filters():
        yield f"filters: {name}", {"filters": filters}
    for field in ("months_back", "months_ahead", "alarm_days_before"):
        for value in (*NOT_WHOLE, 61, float("nan"), float("inf")):
            yield f"{field} {value!r:.20}", {field: value}
    tables: dict[str, list[object]] = {
        "key": [*NOT_TEXT, *NOT_KEYS, *(f"a{one}b" for one in BROKEN_CHARACTERS), "x" * 41],
        "colour": [*NOT_TEXT, *NOT_COLOURS, None],
        "team": [*NOT_TEXT, "", "IT", "legal", "it\x00", None],
        "kinds": [*NOT_TEXT[:6], {}, [], [None], [1], ["x"], ["renewal"] * 2, ["renewal"] * 7],
        "filters": [*NOT_TEXT[:6], "x", None, [{}]],
        "amounts": [0, 1, "true", "", [], {}, None],
        "notes": [0, 1, "true", "", [], {}, None],
    }
    for field, values in tables.items():
        yield from ((f"{field} {value!a:.40}", {field: value}) for value in values)
    for name, value in {
        **SERVERS_OWN,
        "owner_id": None,
        "removed_at": None,
        "left_out": [],
    }.items():
        yield f"server's own or unknown: {name!a:.20}", {name: value}


def bad_addresses() -> Iterator[Fields]:
    yield from bad_lines("label")
    for day in (*NOT_DAYS, "2026-11-22"):
        yield f"expires_on {day!r:.30}", {"expires_on": day}
    for name, value in {
        **SERVERS_OWN,
        "secret": MARK,
        "secret_hash": MARK,
        "feed_id": MARK,
    }.items():
        yield f"server's own or unknown: {name!a:.20}", {name: value}


@pytest.fixture
async def feed(client: httpx.AsyncClient, as_admin: Headers) -> str:
    """Return the path of a feed that has an address."""
    path = f"{FEEDS}/{(await client.post(FEEDS, json=FEED, headers=as_admin)).json()['id']}"
    await client.post(f"{path}/subscriptions", json=ADDRESS, headers=as_admin)
    return path


async def test_a_bad_field_of_a_feed_is_refused_by_its_name(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, database: Database
) -> None:
    before = stored(database)
    cases = [(name, "POST", FEEDS, as_json(FEED | fields)) for name, fields in bad_feeds()]
    await check(client, as_admin, feed_secret, cases)
    assert stored(database) == before


async def test_a_bad_change_of_a_feed_is_refused_and_leaves_what_was(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, feed: str, database: Database
) -> None:
    before = stored(database)
    headers = as_admin | {"If-Match": "*"}
    cases = [(name, "PATCH", feed, as_json(fields)) for name, fields in bad_feeds()]
    await check(client, headers, feed_secret, cases)
    assert stored(database) == before


async def test_a_bad_field_of_an_address_is_refused_by_its_name(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, feed: str, database: Database
) -> None:
    before, path = stored(database), f"{feed}/subscriptions"
    cases = [(name, "POST", path, as_json(ADDRESS | fields)) for name, fields in bad_addresses()]
    await check(client, as_admin, feed_secret, cases)
    assert stored(database) == before


@pytest.mark.parametrize(
    ("method", "part"), [("POST", ""), ("PATCH", "/{id}"), ("POST", "/{id}/subscriptions")]
)
async def test_a_body_that_is_no_form_of_ours_is_refused(
    client: httpx.AsyncClient,
    as_admin: Headers,
    feed_secret: str,
    feed: str,
    database: Database,
    method: str,
    part: str,
) -> None:
    before = stored(database)
    path = FEEDS + part.replace("{id}", feed.removeprefix(f"{FEEDS}/"))
    cases = [
        (name, method, path, (body, content_type))
        for name, body, content_type in bad_bodies()
        if (method, body) != ("PATCH", b"{}")  # which changes nothing, and may
    ]
    await check(client, as_admin | {"If-Match": "*"}, feed_secret, cases)
    assert stored(database) == before


async def test_a_path_that_names_nothing_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, feed: str, database: Database
) -> None:
    before = stored(database)
    cases = [
        (f"{method} {path}", method, path, as_json(form) if form else (b"", ""))
        for name in NO_IDS
        for method, path, form in (
            ("GET", f"{FEEDS}/{name}", None),
            ("PATCH", f"{FEEDS}/{name}", FEED),
            ("DELETE", f"{FEEDS}/{name}", None),
            ("GET", f"{FEEDS}/{name}/subscriptions", None),
            ("POST", f"{FEEDS}/{name}/subscriptions", ADDRESS),
            ("DELETE", f"{FEEDS}/{name}/subscriptions/{name}", None),
            ("DELETE", f"{feed}/subscriptions/{name}", None),
            ("POST", f"{feed}/subscriptions/{name}/replacement", None),
            ("GET", f"/api/v1/agreements/{name}.ics", None),
        )
    ]
    await check(client, as_admin | {"If-Match": "*"}, feed_secret, cases)
    assert stored(database) == before


@pytest.mark.parametrize(
    "tag",
    ["", " ", ",", '"', '"1', "1", 'W/"1"', '"-1"', '"1e0"', '"\xb2"', "é", '"' + "9" * 5_000],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_version_that_is_none_matches_nothing(
    client: httpx.AsyncClient, as_admin: Headers, feed: str, method: str, tag: str
) -> None:
    headers = [(b"If-Match", tag.encode("latin-1")), (b"Content-Type", b"application/json")]
    headers += [(name.encode(), value.encode()) for name, value in as_admin.items()]
    answer = await client.request(method, feed, content=b'{"name": "x"}', headers=headers)
    assert answer.status_code == 412
    assert (await client.get(feed, headers=as_admin)).json()["version"] == 1


@pytest.mark.parametrize("query", ["limit=1", "q=x", "key=it", "token=x", "%00=1"])
@pytest.mark.parametrize("path", ["", "/health"])
async def test_a_parameter_that_there_is_not_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, feed_secret: str, path: str, query: str
) -> None:
    cases = [(query, "GET", f"{FEEDS}{path}?{query}", (b"", ""))]
    await check(client, as_admin, feed_secret, cases)


def stored(database: Database) -> list[str]:
    """Return every row of every table, without what serving notes down by itself."""
    by_itself = {"feeds": "id, key, name, version", "subscriptions": "id, label, revoked_at"}
    with database.reading() as session:
        return [
            f"{table}: {row}"
            for table in sorted(Base.metadata.tables)
            for row in session.exec_driver_sql(
                f"SELECT {by_itself.get(table, '*')} FROM {table} ORDER BY 1"  # noqa: S608 - ours
            )
        ]
