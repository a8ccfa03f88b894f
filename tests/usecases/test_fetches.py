"""A fetch is on record soon, and costs the database next to nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app import credentials
from app.records import register
from app.records.engine import Database, Row
from app.records.polls import Polled, polls_of
from app.usecases.fetches import APART, Fetches
from app.usecases.subscriptions import by_secret
from tests.builders import NOW, subscribed

MINUTE = timedelta(minutes=1)
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
AWAY = "postgresql://nobody@127.0.0.1:1/nothing"


@dataclass
class Server:
    """A server that notes the fetches from one address."""

    database: Database
    secret: str
    fetches: Fetches = field(init=False)

    def __post_init__(self) -> None:
        self.fetches = Fetches(self.database)

    @property
    def polled(self) -> Polled:
        """What a poll of the address finds."""

        async def find() -> Polled | None:
            polls = polls_of(self.database)
            found = await polls.find(credentials.digest(self.secret))
            await polls.close()
            return found

        found = asyncio.run(find())
        assert found is not None
        return found

    def fetch(self, now: datetime, user_agent: str | None = THUNDERBIRD) -> bool:
        """Fetch the calendar as it now is, and tell whether that was news."""
        polled = self.polled
        return self.fetches.note(polled, user_agent, polled.revision, now)

    def row(self) -> Row:
        with self.database.reading() as session:
            return by_secret(session, self.secret)

    def on_record(self) -> tuple[object, ...]:
        row = self.row()
        return row["last_fetched_at"], row["last_program"], row["last_revision"]

    def change_the_register(self) -> None:
        with self.database.writing() as session:
            register.raise_revision(session)


@pytest.fixture
def server(database: Database) -> Server:
    with database.writing() as session:
        return Server(database, subscribed(session, "procurement").secret)


@pytest.fixture
def another_server(server: Server, database_url: str) -> Iterator[Server]:
    opened = Database(database_url)
    yield Server(opened, server.secret)
    opened.close()


def test_a_first_fetch_is_stored_with_the_next_storing(server: Server) -> None:
    assert server.on_record() == (None, None, None)
    assert server.fetch(NOW)
    assert server.on_record() == (None, None, None), "noting alone writes nothing"
    assert not server.fetches.store(NOW + MINUTE)
    assert server.on_record() == (NOW, "Thunderbird", 0)


def test_without_fetches_nothing_is_stored(server: Server) -> None:
    assert not server.fetches.store(NOW)
    assert server.on_record() == (None, None, None)


@pytest.mark.parametrize(
    ("after", "is_news"),
    [
        pytest.param(timedelta(0), False, id="at once"),
        pytest.param(APART - MINUTE, False, id="within the quarter"),
        pytest.param(APART, True, id="on the quarter"),
        pytest.param(timedelta(days=9), True, id="days later"),
    ],
)
def test_the_same_again_is_no_news_for_a_quarter_of_an_hour(
    server: Server, after: timedelta, *, is_news: bool
) -> None:
    server.fetch(NOW)
    server.fetches.store(NOW)
    assert server.fetch(NOW + after, "curl/8.5.0") is is_news
    assert not server.fetches.store(NOW + after)
    later = (NOW + after, "a script", 0)
    assert server.on_record() == (later if is_news else (NOW, "Thunderbird", 0))


def test_a_later_revision_is_stored_once_the_quarter_is_over(server: Server) -> None:
    server.fetch(NOW)
    server.fetches.store(NOW)
    server.change_the_register()
    assert server.fetch(NOW + MINUTE)
    for minute in range(1, 15):
        assert server.fetches.store(NOW + minute * MINUTE), "it waits, and is not lost"
        assert server.on_record() == (NOW, "Thunderbird", 0)
    assert not server.fetches.store(NOW + APART)
    assert server.on_record() == (NOW + MINUTE, "Thunderbird", 1)


def test_of_the_fetches_that_wait_the_last_one_counts(server: Server) -> None:
    server.fetch(NOW)
    server.fetches.store(NOW)
    for minute in range(1, 15):
        server.change_the_register()
        assert server.fetch(NOW + minute * MINUTE)
    assert not server.fetches.store(NOW + APART)
    assert server.on_record() == (NOW + 14 * MINUTE, "Thunderbird", 14)


@pytest.mark.parametrize("servers", [1, 2])
def test_a_program_that_polls_each_minute_is_written_down_once_in_a_quarter(
    server: Server, another_server: Server, servers: int
) -> None:
    records: list[tuple[object, ...]] = []
    for minute in range(60):
        now = NOW + minute * MINUTE
        server.change_the_register()
        (server, another_server)[minute % servers].fetch(now)
        for one in (server, another_server):
            one.fetches.store(now)
        if server.on_record() not in records:
            records.append(server.on_record())
    assert len(records) == 4


def test_a_fetch_that_waited_begins_a_quarter_of_its_own(server: Server) -> None:
    server.fetch(NOW)
    server.fetches.store(NOW)
    server.change_the_register()
    server.fetch(NOW + 5 * MINUTE)
    server.fetches.store(NOW + APART)
    server.change_the_register()
    server.fetch(NOW + 21 * MINUTE)
    assert server.fetches.store(NOW + 29 * MINUTE)
    assert server.on_record() == (NOW + 5 * MINUTE, "Thunderbird", 1)
    assert not server.fetches.store(NOW + 2 * APART)
    assert server.on_record() == (NOW + 21 * MINUTE, "Thunderbird", 2)


def test_two_servers_write_it_down_once(server: Server, another_server: Server) -> None:
    seen = server.polled
    for one, user_agent in ((server, THUNDERBIRD), (another_server, "curl/8.5.0")):
        assert one.fetches.note(seen, user_agent, seen.revision, NOW)
    assert not server.fetches.store(NOW)
    assert not another_server.fetches.store(NOW + MINUTE)
    assert server.on_record() == (NOW, "Thunderbird", 0)


def test_each_address_is_noted_for_itself(server: Server) -> None:
    with server.database.writing() as session:
        other = Server(server.database, subscribed(session, "it").secret)
    other.fetches = server.fetches
    server.fetch(NOW)
    other.fetch(NOW + MINUTE, "curl/8.5.0")
    assert not server.fetches.store(NOW + MINUTE)
    assert server.on_record() == (NOW, "Thunderbird", 0)
    assert other.on_record() == (NOW + MINUTE, "a script", 0)


@pytest.mark.parametrize(
    ("user_agent", "program"),
    [
        pytest.param(None, "an unnamed program", id="none"),
        pytest.param(" ", "an unnamed program", id="blank"),
        pytest.param("Quux/1.0 <secret@example>", "another program", id="unheard of"),
        pytest.param("x" * 100_000, "another program", id="endless"),
        pytest.param("Microsoft Exchange/1.0", "Outlook (Microsoft 365)", id="Outlook"),
    ],
)
def test_nothing_of_what_a_program_says_of_itself_is_kept(
    server: Server, user_agent: str | None, program: str
) -> None:
    server.fetch(NOW, user_agent)
    server.fetches.store(NOW)
    assert server.on_record() == (NOW, program, 0)


def test_an_address_that_was_closed_meanwhile_still_tells_when_it_was_used(
    server: Server,
) -> None:
    server.fetch(NOW)
    before = server.row()
    server.fetches.store(NOW)
    fetched = {"last_fetched_at": NOW, "last_program": "Thunderbird", "last_revision": 0}
    assert server.row() == {**before, **fetched}


def test_while_the_database_is_away_nothing_is_lost_but_the_note(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database(AWAY)
    fetches, polled = Fetches(away), server.polled
    assert fetches.note(polled, THUNDERBIRD, polled.revision, NOW)
    waits = polled._replace(subscription_id=UUID(int=7), last_fetched_at=NOW, last_revision=9)
    assert fetches.note(waits, THUNDERBIRD, polled.revision, NOW)
    assert fetches.store(NOW), "what is not due yet is not lost"
    assert "1 fetches are not on record: the database is away" in caplog.text
    caplog.clear()
    assert not fetches.store(NOW + APART)
    assert not fetches.store(NOW + APART)
    assert caplog.text.count("the database is away") == 1
    away.close()
    assert server.fetch(NOW + APART), "the next fetch is news again"
    server.fetches.store(NOW + APART)
    assert server.on_record() == (NOW + APART, "Thunderbird", 0)
