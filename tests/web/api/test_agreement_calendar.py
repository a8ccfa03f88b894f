"""GET /api/v1/agreements/{id}.ics: one agreement's dates, as the feeds have them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.records.engine import Database

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]


def path_of(agreement: dict[str, Any]) -> str:
    return f"/api/v1/agreements/{agreement['id']}.ics"


def events_in(calendar: httpx.Response) -> dict[str, str]:
    """Return the events of a calendar as they were sent, by their UIDs."""
    events = calendar.text.split("BEGIN:VEVENT\r\n")[1:]
    return {
        event.split("UID:")[1].split("\r\n")[0]: event.split("END:VEVENT")[0] for event in events
    }


async def test_it_has_the_same_events_as_the_feed(
    client: httpx.AsyncClient, enter: Enter, as_admin: Headers, feed_secret: str
) -> None:
    one = await enter(reference="A-1", title="Sound; title, with \\ and ü")
    await enter(reference="A-2", title="Other title")
    answer = await client.get(path_of(one), headers=as_admin)
    feed = await client.get(f"/feeds/{feed_secret}/it.ics")
    assert answer.status_code == 200
    own, shown = events_in(answer), events_in(feed)
    common = own.keys() & shown.keys()
    assert len(common) == len(shown) / 2
    assert all(own[uid] == shown[uid] for uid in common)
    assert "Other title" not in answer.text


async def test_it_is_a_whole_calendar_with_what_programs_look_at(
    client: httpx.AsyncClient, enter: Enter, as_admin: Headers
) -> None:
    one = await enter()
    got = await client.get(path_of(one), headers=as_admin)
    assert got.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert got.content.endswith(b"END:VCALENDAR\r\n")
    assert got.headers["content-type"] == "text/calendar; charset=utf-8"
    assert got.headers["content-length"] == str(len(got.content))
    assert got.headers["content-disposition"] == f'inline; filename="{one["id"]}.ics"'
    assert got.headers["cache-control"] == "private, no-cache"
    assert got.headers["etag"].startswith('W/"')
    assert "set-cookie" not in got.headers
    head = await client.head(path_of(one), headers=as_admin)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "content-disposition"):
        assert head.headers[name] == got.headers[name]


async def test_whoever_has_it_is_told_304_until_it_changes(
    client: httpx.AsyncClient, enter: Enter, as_admin: Headers
) -> None:
    one = await enter()
    first = await client.get(path_of(one), headers=as_admin)
    etag = first.headers["etag"]
    for sent in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        headers = as_admin | {"If-None-Match": sent}
        for method in ("GET", "HEAD"):
            same = await client.request(method, path_of(one), headers=headers)
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    await enter(reference="A-2")
    assert (await client.get(path_of(one), headers=as_admin)).content == first.content
    changes = as_admin | {"If-Match": "*"}
    address = f"/api/v1/agreements/{one['id']}"
    await client.patch(address, json={"title": "Renamed"}, headers=changes)
    changed = await client.get(path_of(one), headers=as_admin | {"If-None-Match": etag})
    assert (changed.status_code, "Renamed" in changed.text) == (200, True)
    assert changed.headers["etag"] != etag
    assert events_in(changed).keys() == events_in(first).keys()


@pytest.mark.parametrize("role", ["viewer", "it", "procurement", "admin"])
async def test_every_role_reads_it_and_nobody_else_does(
    client: httpx.AsyncClient,
    enter: Enter,
    signed_in: Callable[[str], Headers],
    feed_secret: str,
    role: str,
) -> None:
    one = await enter()
    assert (await client.get(path_of(one), headers=signed_in(role))).status_code == 200
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {feed_secret}"}):
        answer = await client.get(path_of(one), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert b"VCALENDAR" not in answer.content


async def test_what_is_no_agreement_is_not_found(
    client: httpx.AsyncClient, enter: Enter, as_admin: Headers
) -> None:
    removed = await enter()
    address = f"/api/v1/agreements/{removed['id']}"
    headers = as_admin | {"If-Match": "*"}
    assert (await client.delete(address, headers=headers)).status_code == 204
    for nothing in (removed, {"id": uuid4()}):
        answer = await client.get(path_of(nothing), headers=as_admin)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(path_of({"id": "x"}), headers=as_admin)).status_code == 422


async def test_an_agreement_without_dates_to_show_is_no_empty_calendar(
    client: httpx.AsyncClient, enter: Enter, as_admin: Headers
) -> None:
    long_over = {"start_date": "1990-01-01", "renewal": {"kind": "none"}, "notice": None}
    answer = await client.get(path_of(await enter(**long_over)), headers=as_admin)
    assert (answer.status_code, answer.text.count("BEGIN:VEVENT")) == (200, 1)


@pytest.mark.parametrize("spoilt", ["terms SET told = '{'", "agreements SET terms = '{'"])
async def test_one_that_cannot_be_told_is_no_fault_of_the_server(
    client: httpx.AsyncClient,
    enter: Enter,
    as_admin: Headers,
    feed_secret: str,
    database: Database,
    spoilt: str,
) -> None:
    one = await enter()
    with database.writing() as session:
        session.exec_driver_sql(f"UPDATE {spoilt}")
    answer = await client.get(path_of(one), headers=as_admin)
    assert answer.status_code == 200
    feed = await client.get(f"/feeds/{feed_secret}/it.ics")
    if "told" in spoilt:
        assert "Northwind" not in feed.text + answer.text.split("BEGIN:VEVENT")[1]
    else:
        assert events_in(feed).keys() <= events_in(answer).keys()
