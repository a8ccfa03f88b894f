"""Who tries addresses at random is told to wait; who has a valid one is served all the same."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from app import credentials
from app.credentials import Opens
from app.records.engine import Database
from app.usecases import subscriptions
from app.web.guesses import MOST_MISSES, WAIT_SECONDS, Guesses
from tests.builders import NOW, OPERATOR, subscribed

pytestmark = pytest.mark.anyio

HOST = "https://noticeboard.example"
STRANGER = "203.0.113.9"
Ask = Callable[[str, str], Awaitable[httpx.Response]]


class Timer:
    """Shows the seconds it was set to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def ask(application: FastAPI) -> AsyncIterator[Ask]:
    """Return who asks for a path from an address."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(application.router.lifespan_context(application))

        async def asked(address: str, path: str) -> httpx.Response:
            transport = httpx.ASGITransport(application, client=(address, 50_000))
            client = httpx.AsyncClient(transport=transport, base_url=HOST)
            return await (await stack.enter_async_context(client)).get(path)

        yield asked


async def guess(ask: Ask, address: str, times: int = MOST_MISSES) -> list[int]:
    """Try so many addresses that nobody was given, of every sort; return the statuses."""
    found = []
    for number in range(times):
        secret = credentials.mint(Opens.FEED) if number % 4 == 0 else f"nbfeed_{number}"
        found.append((await ask(address, f"/feeds/{secret}/it.ics")).status_code)
    return found


async def test_who_misses_too_often_is_told_to_wait(ask: Ask, feed_secret: str) -> None:
    assert await guess(ask, STRANGER) == [404] * 100
    answer = await ask(STRANGER, f"/feeds/{credentials.mint(Opens.FEED)}/it.ics")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "600"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "wait a while" in answer.text
    assert await guess(ask, STRANGER, 3) == [429] * 3
    assert (await ask(STRANGER, f"/feeds/{feed_secret}/it.ics")).status_code == 200


async def test_from_there_an_address_that_was_given_out_is_answered_as_ever(
    ask: Ask, feed_secret: str, database: Database
) -> None:
    with database.writing() as session:
        closed = subscribed(session, "it")
        subscriptions.revoke(
            session, closed.feed["id"], closed.subscription["id"], actor=OPERATOR, now=NOW
        )
    await guess(ask, STRANGER, 101)
    for _ in range(3):
        assert (await ask(STRANGER, f"/feeds/{feed_secret}/it.ics")).status_code == 200
        revoked = await ask(STRANGER, f"/feeds/{closed.secret}/it.ics")
        assert (revoked.status_code, "was revoked" in revoked.text) == (410, True)


async def test_what_is_no_guess_does_not_count(ask: Ask, feed_secret: str) -> None:
    for _ in range(MOST_MISSES + 1):
        assert (await ask(STRANGER, f"/feeds/{feed_secret}/it.ics")).status_code == 200
        assert (await ask(STRANGER, "/feeds/nothing")).status_code == 404
    assert await guess(ask, STRANGER, 1) == [404]


@pytest.mark.parametrize(
    ("guesser", "other", "status"),
    [
        (STRANGER, "203.0.113.10", 404),
        (STRANGER, "::ffff:203.0.113.9", 429),
        (STRANGER, "::ffff:203.0.113.10", 404),
        (STRANGER, "2001:db8:1:2::1", 404),
        (STRANGER, "unix:", 404),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", 429),
        ("2001:db8:1:2::1", "2001:DB8:1:2:0:0:0:7", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 404),
        ("2001:db8:1:2::1", "2001:db8:1:1:ffff:ffff:ffff:ffff", 404),
        ("fe80::1%eth0", "fe80::2%eth0", 429),
        ("testclient", "another name", 429),
    ],
)
async def test_neighbours_in_a_network_of_64_bits_are_one_and_others_are_not(
    ask: Ask, guesser: str, other: str, status: int
) -> None:
    await guess(ask, guesser)
    assert await guess(ask, other, 1) == [status]


async def test_no_guess_is_logged(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    unknown = credentials.mint(Opens.FEED)
    with caplog.at_level(logging.DEBUG, "noticeboard"):
        for _ in range(MOST_MISSES + 1):
            await ask(STRANGER, f"/feeds/{unknown}/it.ics")
        await asyncio.sleep(0)  # lines are written when the loop comes round
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("noticeboard")]
    lines = "\n".join(ours).splitlines()
    assert len(lines) == MOST_MISSES + 1
    assert lines[-1].startswith("GET /feeds/{secret}/{name}.ics 429 ")
    assert not any(unknown in line for line in lines)


def test_misses_are_forgotten_when_an_address_kept_still() -> None:
    timer = Timer()
    guesses = Guesses(timer)
    assert not any(guesses.miss(STRANGER) for _ in range(MOST_MISSES))
    timer.seconds += WAIT_SECONDS - 1
    assert guesses.miss(STRANGER)
    timer.seconds += WAIT_SECONDS - 1
    assert guesses.miss(STRANGER), "it went on meanwhile"
    timer.seconds += WAIT_SECONDS
    assert not any(guesses.miss(STRANGER) for _ in range(MOST_MISSES))
    assert guesses.miss(STRANGER)


def test_a_request_of_unknown_origin_counts_with_its_like() -> None:
    guesses = Guesses(Timer())
    for _ in range(MOST_MISSES):
        guesses.miss(None)
    assert guesses.miss("")
    assert not guesses.miss(STRANGER)


def test_no_more_addresses_are_remembered_than_there_is_room_for() -> None:
    guesses = Guesses(Timer())
    for _ in range(MOST_MISSES):
        guesses.miss("192.0.2.1")
    for number in range(50_000):
        guesses.miss(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert not guesses.miss("192.0.2.1")
