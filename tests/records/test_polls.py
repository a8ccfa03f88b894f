"""The question of every poll, on both databases, whatever happens to the connection."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.clock import StoppedClock
from app.records import feeds, polls, register, subscriptions
from app.records.engine import Database, DatabaseAway, Session
from app.records.feeds import Rendered
from app.records.polls import Polled, Polls, polls_of
from app.records.subscriptions import Fetch
from app.usecases.operation import prepare
from tests.builders import NOW, TODAY

pytestmark = pytest.mark.anyio

AWAY = "postgresql://nobody@127.0.0.1:1/nothing"


def handed_out(session: Session, secret_hash: str, key: str = "it") -> UUID:
    """Keep an address of a feed under this hash."""
    feed = feeds.by_key(session, key)
    assert feed is not None
    found = uuid4()
    new = {"id": found, "feed_id": feed["id"], "label": "Anna", "created_at": NOW}
    subscriptions.add(session, new | {"secret_hash": secret_hash, "expires_on": TODAY})
    return found


def the_feed(session: Session, key: str = "it") -> UUID:
    feed = feeds.by_key(session, key)
    assert feed is not None
    return cast("UUID", feed["id"])


def expected(session: Session, subscription_id: UUID) -> Polled:
    """Return what a poll must find, by the questions that everybody else asks."""
    one = subscriptions.by_id(session, subscription_id)
    assert one is not None
    feed = feeds.by_id(session, one["feed_id"])
    state = register.state(session)
    assert feed is not None
    assert state is not None
    known = {**feed, **one, "subscription_id": one["id"], "feed_id": feed["id"]}
    return Polled(**{name: known.get(name, state.revision) for name in Polled._fields})


@pytest.fixture
async def asked(database: Database) -> AsyncIterator[Polls]:
    """Answer polls over the test's register."""
    opened = polls_of(database)
    yield opened
    await opened.close()


@pytest.fixture
def polled_server(database_url: str) -> Iterator[Database]:
    """Open the register of `database` under a name by which its connections can be told."""
    url = make_url(database_url).update_query_dict({"application_name": "polls"})
    opened = Database(url.render_as_string(hide_password=False))
    yield opened
    opened.close()


def connections(database: Database) -> list[int]:
    """Return the process ids behind the polls' connections."""
    with database.reading() as session:
        found = session.execute(
            text("SELECT pid FROM pg_stat_activity WHERE application_name = 'polls'")
        )
        return list(found.scalars())


async def test_a_poll_finds_the_address_its_feed_and_the_revision(
    database: Database, asked: Polls
) -> None:
    with database.writing() as session:
        one = handed_out(session, "ab")
        handed_out(session, "cd", "procurement")
        first = expected(session, one)
    assert await asked.find("ab") == first
    assert (first.expires_on, first.months_back, first.months_ahead) == (TODAY, 12, 24)
    assert (first.last_fetched_at, first.rendered_for, first.revoked_at) == (None, None, None)


@pytest.mark.parametrize("unknown", ["", "a", "AB", "ab ", "%", "'; --", "é"])
async def test_a_hash_that_nobody_has_opens_nothing(
    database: Database, asked: Polls, unknown: str
) -> None:
    with database.writing() as session:
        handed_out(session, "ab")
    assert await asked.find(unknown) is None
    assert await asked.find("ab") is not None


async def test_what_others_store_shows_in_the_next_poll(database: Database, asked: Polls) -> None:
    with database.writing() as session:
        one, feed_id = handed_out(session, "ab"), the_feed(session)
    before = await asked.find("ab")
    rendered = Rendered(
        rendered_for="a state",
        body_hash="b" * 64,
        body_since=NOW,
        shown=0,
        cut=0,
        left_out="[]",
    )
    at = datetime(2026, 11, 23, 8, 0, 0, 123_456, tzinfo=UTC)
    with database.writing() as session:
        register.raise_revision(session)
        feeds.set_rendered(session, feed_id, rendered)
        feeds.replace(session, feed_id, {"version": 2, "months_back": 0, "months_ahead": 60})
        subscriptions.note_fetches(session, [Fetch(one, at, "a script", 7)], at)
        now_expected = expected(session, one)
    found = await asked.find("ab")
    assert found == now_expected
    assert before is not None
    assert found is not None
    assert found.revision == before.revision + 1
    assert (found.last_fetched_at, found.body_since) == (at, NOW)


async def test_a_poll_tells_what_closed_the_address(database: Database, asked: Polls) -> None:
    with database.writing() as session:
        one, two = handed_out(session, "ab"), handed_out(session, "cd")
        subscriptions.close(session, one, NOW, two)
        feeds.replace(session, the_feed(session), {"removed_at": NOW + timedelta(hours=1)})
        closed = expected(session, one)
    assert await asked.find("ab") == closed
    assert (closed.revoked_at, closed.replaced_by) == (NOW, two)
    assert closed.removed_at == NOW + timedelta(hours=1)


async def test_many_polls_at_once_get_each_its_own_answer(database: Database, asked: Polls) -> None:
    with database.writing() as session:
        ids = {f"hash {number}": handed_out(session, f"hash {number}") for number in range(40)}
    wanted = [*ids, *(f"unknown {number}" for number in range(10))] * 3
    found = await asyncio.gather(*map(asked.find, wanted))
    assert [None if one is None else one.subscription_id for one in found] == [
        ids.get(secret_hash) for secret_hash in wanted
    ]


async def test_polls_go_on_after_the_connection_was_let_go(
    database: Database, asked: Polls
) -> None:
    with database.writing() as session:
        handed_out(session, "ab")
    await asked.close()
    assert await asked.find("ab") is not None
    await asked.close()
    await asked.close()
    assert await asked.find("ab") is not None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestOverPostgreSQL:
    async def test_who_asks_while_a_question_is_under_way_goes_along_with_the_next(
        self, polled_server: Database, database: Database
    ) -> None:
        with database.writing() as session:
            for number in range(50):
                handed_out(session, f"hash {number}")
        counted = Counting(polled_server)
        with database.writing() as session:
            session.execute(text("LOCK TABLE subscriptions IN ACCESS EXCLUSIVE MODE"))
            first = asyncio.create_task(counted.find("hash 0"))
            await counted.is_asking.wait()
            names = [f"hash {number}" for number in range(50)] * 2
            others = [asyncio.create_task(counted.find(name)) for name in names]
            await asyncio.sleep(0.05)
            assert [len(some) for some in counted.asked] == [1]
        assert await first is not None
        assert None not in await asyncio.gather(*others)
        assert [len(some) for some in counted.asked] == [1, 50]
        assert len(connections(database)) == 1
        await counted.close()

    async def test_a_server_that_restarted_is_asked_again_at_once(
        self, polled_server: Database, database: Database
    ) -> None:
        with database.writing() as session:
            handed_out(session, "ab")
        opened = polls_of(polled_server)
        assert await opened.find("ab") is not None
        for _ in range(2):
            (process,) = connections(database)
            with database.writing() as session:
                session.execute(text(f"SELECT pg_terminate_backend({process}, 5000)"))
            assert connections(database) == []
            assert await opened.find("ab") is not None
        await opened.close()

    async def test_a_question_that_takes_too_long_is_given_up(
        self, polled_server: Database, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with database.writing() as session:
            handed_out(session, "ab")
        opened = polls_of(polled_server)
        assert await opened.find("ab") is not None
        monkeypatch.setattr(polls, "_LONGEST_QUESTION", 0.1)
        with database.writing() as session:
            session.execute(text("LOCK TABLE subscriptions IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(DatabaseAway):
                await opened.find("ab")
        monkeypatch.undo()
        assert await opened.find("ab") is not None
        await opened.close()

    async def test_who_gives_up_waiting_leaves_the_others_their_answer(
        self, polled_server: Database, database: Database
    ) -> None:
        with database.writing() as session:
            handed_out(session, "ab")
        opened = polls_of(polled_server)
        waiting = [asyncio.create_task(opened.find("ab")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        assert None not in await asyncio.gather(*waiting[1:])
        assert waiting[0].cancelled()
        assert await opened.find("ab") is not None
        await opened.close()

    async def test_what_no_database_can_be_asked_is_no_reason_to_call_it_away(
        self, polled_server: Database
    ) -> None:
        opened = polls_of(polled_server)
        with pytest.raises(UnicodeEncodeError):
            await opened.find("\udc80")
        assert await opened.find("ab") is None
        await opened.close()


async def test_all_who_wait_hear_that_the_server_is_away() -> None:
    away = Database(AWAY)
    opened = polls_of(away)
    for _ in range(2):
        waiting = (opened.find(f"hash {number}") for number in range(5))
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(answer) for answer in answers] == [DatabaseAway] * 5
    await opened.close()
    away.close()


class Counting(polls._PostgreSQLPolls):  # noqa: SLF001 - counts the questions it really asks
    """Remembers which hashes each question was about."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked: list[list[str]] = []
        self.is_asking = asyncio.Event()

    async def _ask(self, hashes: list[str]) -> dict[str, Polled]:
        self.asked.append(hashes)
        self.is_asking.set()
        return await super()._ask(hashes)


class TestOverSQLite:
    async def test_a_file_that_is_not_there_is_never_made(self, tmp_path: Path) -> None:
        path = tmp_path / "register.db"
        opened = Database(f"sqlite:///{path}")
        asked = polls_of(opened)
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                await asked.find("ab")
            assert not path.exists()
        prepare(opened, StoppedClock(TODAY))
        with opened.writing() as session:
            handed_out(session, "ab")
        assert await asked.find("ab") is not None
        await asked.close()
        opened.close()

    async def test_a_file_without_a_register_is_away_and_stays_as_it_is(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "register.db"
        path.touch()
        opened = Database(f"sqlite:///{path}")
        asked = polls_of(opened)
        with pytest.raises(DatabaseAway):
            await asked.find("ab")
        assert path.read_bytes() == b""
        await asked.close()
        opened.close()

    @pytest.mark.parametrize("folder", ["a b", "50%41", "#1", "what?", "é&=", "mode=ro?x"])
    async def test_a_file_is_found_whatever_its_folder_is_called(
        self, tmp_path: Path, folder: str, prepared_sqlite: Path
    ) -> None:
        (tmp_path / folder).mkdir()
        path = shutil.copy(prepared_sqlite, tmp_path / folder)
        url = make_url("sqlite://").set(database=str(path))
        opened = Database(url.render_as_string())
        with opened.writing() as session:
            handed_out(session, "ab")
        asked = polls_of(opened)
        assert await asked.find("ab") is not None
        await asked.close()
        opened.close()
