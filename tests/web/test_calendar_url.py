"""The calendar's address as calendar programs use it: RFC 9110, and what they were seen to do."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import httpx
import pytest

from app import credentials
from app.clock import StoppedClock
from app.credentials import Opens
from app.main import create_app
from app.records.engine import Database
from app.settings import Settings
from app.usecases import subscriptions
from tests.builders import TODAY

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def address(feed_secret: str) -> str:
    return f"/feeds/{feed_secret}/it.ics"


async def test_a_calendar_is_served_whole_with_what_programs_look_at(
    client: httpx.AsyncClient, address: str, enter: Enter
) -> None:
    await enter()
    answer = await client.get(address, headers=PLAIN)
    assert answer.status_code == 200
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.content.endswith(b"END:VCALENDAR\r\n")
    assert b"Northwind Software" in answer.content
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["etag"].startswith('W/"')
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert parsedate_to_datetime(answer.headers["last-modified"]).tzinfo == UTC
    for absent in ("set-cookie", "content-encoding", "content-disposition", "location"):
        assert absent not in answer.headers


@pytest.mark.parametrize(
    "asked", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5", "x-gzip", "GZIP"]
)
async def test_whoever_asks_for_gzip_gets_the_same_calendar_compressed(
    client: httpx.AsyncClient, address: str, enter: Enter, asked: str
) -> None:
    await enter()
    plain = await client.get(address, headers=PLAIN)
    packed = await client.get(address, headers={"Accept-Encoding": asked})
    again = await client.head(address, headers={"Accept-Encoding": asked})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]
    assert without_id(again) == without_id(packed)


@pytest.mark.parametrize("asked", ["", "identity", "*", "br", "gzip;q=0", "gzip; q=0.000, *", "é"])
async def test_nobody_else_gets_it_compressed(
    client: httpx.AsyncClient, address: str, asked: str
) -> None:
    headers = [(b"Accept-Encoding", asked.encode("latin-1"))]
    assert "content-encoding" not in (await client.get(address, headers=headers)).headers


async def test_head_tells_what_get_would(client: httpx.AsyncClient, address: str) -> None:
    got, head = await client.get(address), await client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert without_id(head) == without_id(got)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html"},
        {"Accept": "application/json"},
        {"Accept": ""},
        {"Accept-Language": "de"},
        {"User-Agent": "Google-Calendar-Importer"},
        {"Cookie": "session=x"},
        {"Range": "bytes=0-10"},
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Negotiate"},
        {"Authorization": "Bearer nbapi_x"},
        {"Authorization": 'Digest username="x"'},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Accept-Charset": "iso-8859-1"},
    ],
    ids=str,
)
async def test_everybody_gets_the_same_bytes(
    client: httpx.AsyncClient, address: str, enter: Enter, headers: Headers
) -> None:
    await enter()
    plain, asked = await client.get(address), await client.get(address, headers=headers)
    assert (asked.status_code, asked.content) == (200, plain.content)
    assert without_id(asked) == without_id(plain)


async def test_the_name_is_for_people_the_secret_opens(
    client: httpx.AsyncClient, feed_secret: str
) -> None:
    assert (await client.get(f"/feeds/{feed_secret}/renewals.ics")).status_code == 200


class TestConditionalRequests:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize(
        "tags", ["{etag}", "{strong}", "*", '"other", {etag}', '"a,b" , {strong},', " {etag} "]
    )
    async def test_whoever_has_the_bytes_is_told_304(
        self, client: httpx.AsyncClient, address: str, method: str, tags: str
    ) -> None:
        whole = await client.get(address)
        etag = whole.headers["etag"]
        sent = tags.format(etag=etag, strong=etag.removeprefix("W/"))
        answer = await client.request(method, address, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        for repeated in ("etag", "last-modified", "cache-control", "vary"):
            assert answer.headers[repeated] == whole.headers[repeated]

    @pytest.mark.parametrize("tags", ['"other"', "", "junk", '"unclosed', 'W/"x"', "é", "**"])
    async def test_whoever_has_others_gets_them(
        self, client: httpx.AsyncClient, address: str, tags: str
    ) -> None:
        headers = [(b"If-None-Match", tags.encode("latin-1"))]
        assert (await client.get(address, headers=headers)).status_code == 200

    async def test_a_date_is_believed_unless_a_tag_is_sent(
        self, client: httpx.AsyncClient, address: str
    ) -> None:
        since = (await client.get(address)).headers["last-modified"]
        unchanged = await client.get(address, headers={"If-Modified-Since": since})
        assert unchanged.status_code == 304
        earlier = parsedate_to_datetime(since) - timedelta(seconds=1)
        changed = {"If-Modified-Since": format_datetime(earlier, usegmt=True)}
        assert (await client.get(address, headers=changed)).status_code == 200
        both = {"If-Modified-Since": since, "If-None-Match": '"other"'}
        assert (await client.get(address, headers=both)).status_code == 200

    @pytest.mark.parametrize(
        "junk",
        ["", "yesterday", "0", "2026-11-23", "Mon, 99 Nov 2026 12:00:00 GMT", "é", "9" * 5_000],
    )
    async def test_a_date_that_is_none_counts_for_nothing(
        self, client: httpx.AsyncClient, address: str, junk: str
    ) -> None:
        headers = [(b"If-Modified-Since", junk.encode("latin-1"))]
        assert (await client.get(address, headers=headers)).status_code == 200

    async def test_a_change_is_seen_by_tag_and_by_date_at_once(
        self, client: httpx.AsyncClient, address: str, enter: Enter
    ) -> None:
        before = (await client.get(address)).headers
        await enter()
        for headers in (
            {"If-None-Match": before["etag"]},
            {"If-Modified-Since": before["last-modified"]},
        ):
            assert (await client.get(address, headers=headers)).status_code == 200


async def test_an_address_that_opens_nothing_is_answered_in_plain_words(
    client: httpx.AsyncClient, feed_secret: str, as_admin: Headers
) -> None:
    api_token = as_admin["Authorization"].removeprefix("Bearer ")
    for secret in (
        "x",
        "%00",
        "é",
        "..",
        "nbfeed_",
        feed_secret[:-1],
        feed_secret + "0",
        feed_secret.lower(),
        feed_secret[:-1] + ("0" if feed_secret[-1] != "0" else "1"),
        credentials.mint(Opens.FEED),
        credentials.digest(feed_secret),
        api_token,
        api_token.replace("nbapi", "nbfeed"),
        "x" * 10_000,
    ):
        for headers in ({}, as_admin, {"Accept": "text/calendar"}):
            answer = await client.get(f"/feeds/{secret}/it.ics", headers=headers)
            assert answer.status_code == 404, secret
            assert "calendar" not in answer.headers["content-type"]
            assert "www-authenticate" not in answer.headers
            assert "location" not in answer.headers
            assert secret not in answer.text or len(secret) < 3
            assert len(answer.content) < 500
    assert (await client.get(f"/feeds/{credentials.mint(Opens.FEED)}/it.ics")).text == (
        "No calendar is at this address; check that it is whole.\n"
    )


@pytest.mark.parametrize(
    ("closing", "sentence"),
    [
        ("revoked_at = '2026-11-23 12:00:00'", "was revoked: subscribe anew"),
        (
            "revoked_at = '2026-11-23 12:00:00', replaced_by = feed_id",
            "was replaced: use the new one",
        ),
        ("expires_on = '2026-11-22'", "has expired: subscribe anew"),
    ],
)
async def test_a_closed_address_says_so_from_the_next_request_on(
    client: httpx.AsyncClient, address: str, database: Database, closing: str, sentence: str
) -> None:
    etag = (await client.get(address)).headers["etag"]
    with database.writing() as session:
        session.exec_driver_sql(f"UPDATE subscriptions SET {closing}")  # noqa: S608 - ours
    for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}):
        answer = await client.get(address, headers=headers)
        assert answer.status_code == 410
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert sentence in answer.text


async def test_an_address_is_good_through_its_last_day(
    client: httpx.AsyncClient, address: str, database: Database
) -> None:
    with database.writing() as session:
        session.exec_driver_sql("UPDATE subscriptions SET expires_on = '2026-11-23'")
    assert (await client.get(address)).status_code == 200


async def test_the_addresses_of_a_removed_feed_say_that_it_is_gone(
    client: httpx.AsyncClient, address: str, database: Database
) -> None:
    await client.get(address)
    with database.writing() as session:
        session.exec_driver_sql("UPDATE feeds SET removed_at = '2026-11-23 12:00:00'")
    answer = await client.get(address)
    assert (answer.status_code, "not published any more" in answer.text) == (410, True)


async def test_paths_beside_it_lead_nowhere_and_repeat_nothing(
    client: httpx.AsyncClient, feed_secret: str
) -> None:
    for path in (
        f"/feeds/{feed_secret}/it.ics/",
        f"/feeds/{feed_secret}/it",
        f"/feeds/{feed_secret}/",
        f"/feeds/{feed_secret}",
        f"/feeds/{feed_secret}/a/b.ics",
        f"/feeds/{feed_secret}/.ics",
        f"/feeds/{feed_secret}//it.ics",
        f"/feeds/{feed_secret}/it.ICS",
        f"/feeds/{feed_secret}/it.ics%00",
        f"/feeds/{feed_secret}/it.ics%0a",
        f"/feeds/{feed_secret}%2fit.ics%2f",
        f"/feeds/{feed_secret}/it%2f..%2fit.ics",
        f"/feeds/./{feed_secret}/./it.icsx",
        f"/feeds/%20{feed_secret}/it.ics",
        f"/feeds/{feed_secret}%00/it.ics",
        f"/feeds/{feed_secret};x/it.ics",
        f"/feeds//{feed_secret}/it.ics",
        f"/api/v1/feeds/{feed_secret}/it.ics",
        f"/FEEDS/{feed_secret}/it.ics",
        f"//feeds/{feed_secret}/it.ics",
        "/feeds/",
    ):
        answer = await client.get(httpx.URL(f"https://noticeboard.example{path}"))
        assert answer.status_code == 404
        assert feed_secret not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "TRACE", "QUERY"]
)
async def test_other_methods_are_refused_without_asking_who_it_is(
    client: httpx.AsyncClient, address: str, method: str
) -> None:
    unknown = f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
    for path in (address, unknown, "/feeds/nonsense/it.ics"):
        answer = await client.request(method, path, content=b"<propfind/>")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert not {"www-authenticate", "set-cookie", "location"} & set(answer.headers)


@pytest.mark.parametrize("closing", ["", "UPDATE subscriptions SET revoked_at = created_at"])
async def test_head_tells_what_get_would_of_an_address_that_opens_nothing(
    client: httpx.AsyncClient, address: str, database: Database, closing: str
) -> None:
    path = address if closing else f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
    if closing:
        with database.writing() as session:
            session.exec_driver_sql(closing)
    got, head = await client.get(path), await client.head(path)
    assert (got.status_code, head.status_code) == ((410, 410) if closing else (404, 404))
    assert got.text
    assert head.content == b""
    assert without_id(head) == without_id(got)


async def test_without_a_database_no_calendar_is_served_rather_than_an_empty_one(
    away: Database, feed_secret: str
) -> None:
    application = create_app(Settings(), away, StoppedClock(TODAY))
    transport = httpx.ASGITransport(application)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="https://noticeboard.example") as client,
    ):
        for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"If-None-Match": "*"})):
            answer = await client.request(method, f"/feeds/{feed_secret}/it.ics", headers=headers)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "300"
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert b"VCALENDAR" not in answer.content


async def test_one_row_that_cannot_be_told_leaves_the_others_there(
    client: httpx.AsyncClient, address: str, enter: Enter, database: Database
) -> None:
    await enter(reference="A", title="Broken thing")
    await enter(reference="B", title="Sound thing")
    with database.writing() as session:
        session.exec_driver_sql(
            "UPDATE terms SET told = '{' WHERE agreement_id ="
            " (SELECT id FROM agreements WHERE reference = 'A')"
        )
    answer = await client.get(address)
    assert answer.status_code == 200
    assert b"Sound thing" in answer.content
    assert b"Broken thing" not in answer.content
    assert answer.content.endswith(b"END:VCALENDAR\r\n")


async def test_no_log_holds_a_secret(
    client: httpx.AsyncClient, address: str, feed_secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = credentials.mint(Opens.FEED)
    with caplog.at_level(logging.DEBUG):
        for path in (address, f"/feeds/{unknown}/it.ics", f"/feeds/{feed_secret}/", f"{address}/"):
            await client.get(path)
            await client.post(path)
            await client.get(f"/{feed_secret}?token={feed_secret}")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("notice")]
    assert any("/feeds/{secret}/{name}.ics 200" in line for line in lines)
    assert any("/feeds/{secret}/{name}.ics 404" in line for line in lines)
    assert any("(no route) 404" in line for line in lines)
    assert not any(secret in line for line in lines for secret in (feed_secret, unknown))


async def test_a_line_in_the_log_tells_all_but_the_secret(
    client: httpx.AsyncClient,
    address: str,
    feed_secret: str,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.reading() as session:
        subscription = str(subscriptions.by_secret(session, feed_secret)["id"])
    asked = [("GET", address, {}), ("HEAD", address, {}), ("GET", address, {"If-None-Match": "*"})]
    asked += [("POST", address, {}), ("GET", "/feeds/nonsense/it.ics", {})]
    with caplog.at_level(logging.INFO, "noticeboard"):
        answers = await asyncio.gather(
            *(client.request(method, path, headers=sent) for method, path, sent in asked)
        )
        await asyncio.sleep(0)  # lines are written when the loop comes round
    records = [one for one in caplog.records if one.name == "noticeboard.access"]
    assert len({record.levelname for record in records}) == 1
    lines = sorted(line for one in records for line in one.getMessage().split("\n"))
    expected = [
        (method, answer.status_code, answer.headers["x-request-id"], subscription)
        if answer.status_code in (200, 304)
        else (method, answer.status_code, answer.headers["x-request-id"], "-")
        for (method, _, _), answer in zip(asked, answers, strict=True)
    ]
    line = r"(\w+) /feeds/\{secret\}/\{name\}\.ics (\d+) \d+\.\d ms ([0-9a-f]{32}) ([0-9a-f-]+)"
    told = [re.fullmatch(line, each) for each in lines]
    found = [(one[1], int(one[2]), one[3], one[4]) for one in told if one is not None]
    assert sorted(found) == sorted(expected)
    assert len(lines) == len(asked)


async def test_the_log_tells_who_still_polls_a_closed_address(
    client: httpx.AsyncClient,
    address: str,
    feed_secret: str,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.writing() as session:
        subscription = subscriptions.by_secret(session, feed_secret)["id"]
        session.exec_driver_sql("UPDATE subscriptions SET revoked_at = '2026-11-23 12:00:00'")
    with caplog.at_level(logging.INFO, "noticeboard.access"):
        assert (await client.get(address)).status_code == 410
        await asyncio.sleep(0)
    assert caplog.messages[-1].endswith(f" {subscription}")


def without_id(answer: httpx.Response) -> Headers:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}
