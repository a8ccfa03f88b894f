"""What calendar programs get while something is wrong: never an empty calendar, never a wait.

Nothing is feigned: what cannot be reached is a real database that is not there, and what is
slow or broken is a real publisher that was told to be.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import httpx
import pytest

from app import credentials
from app.clock import Clock, StoppedClock
from app.credentials import Opens
from app.main import Application
from app.records.engine import Database
from app.records.polls import Polled, Polls, polls_of
from app.usecases import feeds, subscriptions
from app.usecases.fetches import Fetches
from app.usecases.jobs import Jobs
from app.usecases.publishing import Conditions, Published, Publisher
from app.web import calendar_url
from app.web.calendar_url import Calendars
from tests.builders import NOW, OPERATOR, TODAY, entered, subscribed

pytestmark = pytest.mark.anyio

HOST = "https://noticeboard.example"
PLAIN = {"Accept-Encoding": "identity"}
CONDITIONS = Conditions(HOST, 12, 1_000, 1_000_000)
ROOM = 10_000_000


@dataclass
class Switch:
    """Asks the database that is there, or the one that is away."""

    here: Polls
    away: Polls
    is_away: bool = False

    async def find(self, secret_hash: str) -> Polled | None:
        return await (self.away if self.is_away else self.here).find(secret_hash)

    async def close(self) -> None:
        await self.here.close()
        await self.away.close()


class SwitchedPublisher(Publisher):
    """Renders from the database that is there, or from the one that is away."""

    def __init__(self, here: Database, away: Database, room: int = ROOM) -> None:
        super().__init__(here, CONDITIONS, room)
        self._out_of_reach = Publisher(away, CONDITIONS, room)
        self.is_away = False

    def publish(self, feed_id: UUID, *, today: date, now: datetime) -> Published:
        if self.is_away:
            return self._out_of_reach.publish(feed_id, today=today, now=now)
        return super().publish(feed_id, today=today, now=now)


class TurnedClock:
    """Stands at noon of the day that it was turned to."""

    def __init__(self) -> None:
        self.day = TODAY

    def today(self) -> date:
        return self.day

    def now(self) -> datetime:
        return StoppedClock(self.day).now()


@dataclass
class Office:
    """A server whose database can be taken away, and who asks it."""

    client: httpx.AsyncClient
    database: Database
    clock: TurnedClock
    polls: Switch
    publisher: SwitchedPublisher

    def lose_database(self) -> None:
        self.polls.is_away = self.publisher.is_away = True

    def find_database(self) -> None:
        self.polls.is_away = self.publisher.is_away = False

    def new_address(self, key: str = "it", **more: str) -> str:
        with self.database.writing() as session:
            secret = subscribed(session, key, **more).secret
        return f"/feeds/{secret}/{key}.ics"

    def revoke(self, address: str) -> None:
        with self.database.writing() as session:
            old = subscriptions.by_secret(session, address.split("/")[2])
            subscriptions.revoke(session, old["feed_id"], old["id"], actor=OPERATOR, now=NOW)

    def enter(self, reference: str) -> None:
        with self.database.writing() as session:
            entered(session, reference=reference, title=f"Title of {reference}")


@asynccontextmanager
async def asking(
    database: Database,
    publisher: Publisher,
    polls: Polls | None = None,
    clock: Clock | None = None,
    fetches: Fetches | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve calendars by these parts, and ask for them."""
    calendars = Calendars(
        polls=polls or polls_of(database),
        publisher=publisher,
        fetches=fetches or Fetches(database),
        clock=clock or StoppedClock(TODAY),
    )
    application = Application(calendars, Jobs(database, StoppedClock(TODAY)), [])
    transport = httpx.ASGITransport(application)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url=HOST) as client,
    ):
        yield client


@asynccontextmanager
async def open_office(
    database: Database, away: Database, room: int = ROOM
) -> AsyncIterator[Office]:
    clock, polls = TurnedClock(), Switch(polls_of(database), polls_of(away))
    publisher = SwitchedPublisher(database, away, room)
    async with asking(database, publisher, polls, clock) as client:
        yield Office(client, database, clock, polls, publisher)


@pytest.fixture
async def office(database: Database, away: Database) -> AsyncIterator[Office]:
    async with open_office(database, away) as opened:
        opened.enter("A-1")
        yield opened


def without_id(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


def check_in_words(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert words in answer.text
    assert b"VCALENDAR" not in answer.content
    assert not {"etag", "last-modified", "set-cookie"} & set(answer.headers)


class TestWhileTheDatabaseIsAway:
    @pytest.mark.parametrize("sent", [PLAIN, {"Accept-Encoding": "gzip"}], ids=["plain", "gzip"])
    async def test_an_address_that_was_served_gets_the_same_again(
        self, office: Office, sent: dict[str, str]
    ) -> None:
        address = office.new_address()
        good = await office.client.get(address, headers=sent)
        assert b"Title of A-1" in good.content
        office.lose_database()
        for _ in range(2):
            again = await office.client.get(address, headers=sent)
            assert (again.status_code, again.content) == (200, good.content)
            assert without_id(again) == without_id(good)
        head = await office.client.head(address, headers=sent)
        assert (head.status_code, head.content) == (200, b"")
        assert without_id(head) == without_id(good)

    async def test_whoever_has_the_calendar_is_told_that_it_is_unchanged(
        self, office: Office
    ) -> None:
        address = office.new_address()
        good = (await office.client.get(address)).headers
        office.lose_database()
        for sent in (
            {"If-None-Match": good["etag"]},
            {"If-None-Match": "*"},
            {"If-Modified-Since": good["last-modified"]},
        ):
            for method in ("GET", "HEAD"):
                answer = await office.client.request(method, address, headers=sent)
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["etag"] == good["etag"]
                assert answer.headers["last-modified"] == good["last-modified"]

    async def test_an_address_that_was_never_seen_is_told_to_come_again(
        self, office: Office
    ) -> None:
        await office.client.get(office.new_address())
        never_asked = office.new_address()
        never_handed_out = f"/feeds/{credentials.mint(Opens.FEED)}/it.ics"
        office.lose_database()
        for address in (never_asked, never_handed_out):
            for method, sent in (("GET", {}), ("HEAD", {}), ("GET", {"If-None-Match": "*"})):
                answer = await office.client.request(method, address, headers=sent)
                check_in_words(answer, 503, "cannot be read now" if method == "GET" else "")
                assert answer.headers["retry-after"] == "300"
        nonsense = await office.client.get("/feeds/nonsense/it.ics")
        check_in_words(nonsense, 404, "No calendar is at this address")

    async def test_an_address_expires_all_the_same(self, office: Office) -> None:
        address = office.new_address(expires_on="2026-11-24")
        etag = (await office.client.get(address)).headers["etag"]
        office.lose_database()
        office.clock.day = date(2026, 11, 24)
        assert (await office.client.get(address)).status_code == 200
        office.clock.day = date(2026, 11, 25)
        for sent in ({}, {"If-None-Match": etag}):
            answer = await office.client.get(address, headers=sent)
            check_in_words(answer, 410, "has expired: subscribe anew")

    async def test_an_address_that_was_seen_to_be_closed_does_not_open_again(
        self, office: Office
    ) -> None:
        address = office.new_address()
        etag = (await office.client.get(address)).headers["etag"]
        office.revoke(address)
        check_in_words(await office.client.get(address), 410, "was revoked: subscribe anew")
        office.lose_database()
        for sent in ({}, {"If-None-Match": etag}):
            answer = await office.client.get(address, headers=sent)
            assert answer.status_code in (410, 503)
            assert b"VCALENDAR" not in answer.content

    async def test_a_later_calendar_that_another_address_was_given_is_given(
        self, office: Office
    ) -> None:
        first, second = office.new_address(), office.new_address()
        await office.client.get(first)
        office.enter("A-2")
        later = await office.client.get(second, headers=PLAIN)
        office.lose_database()
        answer = await office.client.get(first, headers=PLAIN)
        assert (answer.status_code, answer.content) == (200, later.content)
        assert answer.headers["etag"] == later.headers["etag"]
        assert answer.headers["last-modified"] == later.headers["last-modified"]

    async def test_nothing_earlier_is_given_than_what_it_was_told_of(
        self, office: Office, database: Database
    ) -> None:
        address = office.new_address()
        await office.client.get(address)
        office.enter("A-2")
        with database.reading() as session:
            feed_id = feeds.by_key(session, "it")["id"]
        other_server = Publisher(database, CONDITIONS, ROOM)
        later = other_server.publish(feed_id, today=TODAY, now=NOW)
        unchanged = {"If-None-Match": later.etag}
        assert (await office.client.get(address, headers=unchanged)).status_code == 304
        office.lose_database()
        assert (await office.client.get(address, headers=unchanged)).status_code == 304
        check_in_words(await office.client.get(address), 503, "cannot be read now")

    async def test_a_month_may_begin_meanwhile(self, office: Office) -> None:
        address = office.new_address()
        good = await office.client.get(address)
        office.lose_database()
        office.clock.day = date(2026, 12, 1)
        again = await office.client.get(address)
        assert (again.status_code, again.content) == (200, good.content)

    async def test_what_there_was_no_room_to_keep_is_not_made_up(
        self, database: Database, away: Database
    ) -> None:
        async with open_office(database, away, room=1) as office:
            address = office.new_address()
            etag = (await office.client.get(address)).headers["etag"]
            office.lose_database()
            check_in_words(await office.client.get(address), 503, "cannot be read now")
            unchanged = await office.client.get(address, headers={"If-None-Match": etag})
            assert unchanged.status_code == 304

    async def test_what_is_new_but_cannot_be_rendered_leaves_the_last_good_calendar(
        self, office: Office
    ) -> None:
        address = office.new_address()
        good = await office.client.get(address)
        office.enter("A-2")
        office.publisher.is_away = True  # between the poll's question and the rendering
        again = await office.client.get(address)
        assert (again.status_code, again.content) == (200, good.content)
        assert without_id(again) == without_id(good)

    async def test_all_is_current_when_it_is_back(self, office: Office) -> None:
        known, unknown = office.new_address(), office.new_address("procurement")
        leaked = office.new_address()
        good = await office.client.get(known)
        await office.client.get(leaked)
        office.lose_database()
        for address in (known, unknown, leaked):
            await office.client.get(address)
        office.revoke(leaked)
        office.enter("A-2")
        office.find_database()
        for sent in (
            {},
            {"If-None-Match": good.headers["etag"]},
            {"If-Modified-Since": good.headers["last-modified"]},
        ):
            answer = await office.client.get(known, headers=sent)
            assert answer.status_code == 200
            assert b"Title of A-2" in answer.content
            assert instant(answer) > instant(good)
        assert (await office.client.get(unknown)).status_code == 200
        check_in_words(await office.client.get(leaked), 410, "was revoked")


def instant(answer: httpx.Response) -> datetime:
    return parsedate_to_datetime(answer.headers["last-modified"])


class WatchedPublisher(Publisher):
    """Renders as ever, keeps count, and waits for a go with the feed it is told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CONDITIONS, ROOM)
        self.rendered: list[UUID] = []
        self.compressions = 0
        self.waits_with: UUID | None = None
        self.waits_after = False
        self.begun, self.go = threading.Event(), threading.Event()

    def publish(self, feed_id: UUID, *, today: date, now: datetime) -> Published:
        self.rendered.append(feed_id)
        if self.waits_after:
            published = super().publish(feed_id, today=today, now=now)
            self._wait(feed_id)
            return published
        self._wait(feed_id)
        return super().publish(feed_id, today=today, now=now)

    def _wait(self, feed_id: UUID) -> None:
        if feed_id == self.waits_with:
            self.begun.set()
            assert self.go.wait(20)

    def compressed(self, of: Published) -> bytes:
        self.compressions += self.kept_compressed(of) is None
        return super().compressed(of)


class TestRendering:
    @pytest.fixture
    def publisher(self, database: Database) -> WatchedPublisher:
        return WatchedPublisher(database)

    @pytest.fixture
    async def client(
        self, database: Database, publisher: WatchedPublisher
    ) -> AsyncIterator[httpx.AsyncClient]:
        async with asking(database, publisher) as opened:
            yield opened
            publisher.go.set()

    @pytest.fixture
    def addresses(self, database: Database) -> list[str]:
        """Return addresses of both feeds."""
        keys = ("it", "procurement")
        with database.writing() as session:
            return [f"/feeds/{subscribed(session, key).secret}/{key}.ics" for key in keys]

    async def test_many_polls_of_a_stale_feed_lead_to_one_rendering(
        self,
        database: Database,
        client: httpx.AsyncClient,
        publisher: WatchedPublisher,
        addresses: list[str],
    ) -> None:
        for number in (1, 2):
            with database.writing() as session:
                entered(session, reference=f"A-{number}")
            answers = await asyncio.gather(
                *(client.get(addresses[0], headers=PLAIN) for _ in range(30))
            )
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert len({answer.headers["etag"] for answer in answers}) == 1
            assert len(publisher.rendered) == number

    async def test_who_waited_takes_what_was_rendered_of_a_later_state(
        self,
        database: Database,
        client: httpx.AsyncClient,
        publisher: WatchedPublisher,
        addresses: list[str],
    ) -> None:
        with database.writing() as session:
            publisher.waits_with = feeds.by_key(session, "it")["id"]
            entered(session, reference="A-1", title="First title")
        waiting = [asyncio.create_task(client.get(addresses[0])) for _ in range(30)]
        assert await asyncio.to_thread(publisher.begun.wait, 20)
        await asyncio.sleep(0.1)  # all have put their question
        with database.writing() as session:
            entered(session, reference="A-2", title="Second title")
        publisher.go.set()
        answers = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} == {200}
        assert all("Second title" in answer.text for answer in answers)
        assert len(publisher.rendered) == 1

    async def test_who_asked_after_a_change_does_not_take_what_was_begun_before(
        self,
        database: Database,
        client: httpx.AsyncClient,
        publisher: WatchedPublisher,
        addresses: list[str],
    ) -> None:
        with database.writing() as session:
            publisher.waits_with = feeds.by_key(session, "it")["id"]
            entered(session, reference="A-1", title="First title")
        publisher.waits_after = True
        first = asyncio.create_task(client.get(addresses[0]))
        assert await asyncio.to_thread(publisher.begun.wait, 20)
        with database.writing() as session:
            entered(session, reference="A-2", title="Second title")
        later = [asyncio.create_task(client.get(addresses[0])) for _ in range(10)]
        await asyncio.sleep(0.1)
        publisher.go.set()
        assert "First title" in (await first).text
        assert all("Second title" in answer.text for answer in await asyncio.gather(*later))
        assert len(publisher.rendered) == 2

    async def test_many_who_ask_for_gzip_share_one_compression(
        self, client: httpx.AsyncClient, publisher: WatchedPublisher, addresses: list[str]
    ) -> None:
        gzip = {"Accept-Encoding": "gzip"}
        for _ in range(2):
            answers = await asyncio.gather(
                *(client.get(addresses[0], headers=gzip) for _ in range(30))
            )
            assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
            assert len({answer.content for answer in answers}) == 1
        assert publisher.compressions == 1

    async def test_others_are_answered_while_a_feed_takes_long(
        self,
        database: Database,
        client: httpx.AsyncClient,
        publisher: WatchedPublisher,
        addresses: list[str],
    ) -> None:
        slow, other = addresses
        etag = (await client.get(other)).headers["etag"]
        with database.reading() as session:
            publisher.waits_with = feeds.by_key(session, "it")["id"]
        first = asyncio.create_task(client.get(slow))
        assert await asyncio.to_thread(publisher.begun.wait, 20)
        async with asyncio.timeout(10):
            for sent, status in (
                ({"If-None-Match": etag}, 304),
                (PLAIN, 200),
                ({"Accept-Encoding": "gzip"}, 200),
            ):
                assert (await client.get(other, headers=sent)).status_code == status
            with database.writing() as session:
                entered(session)
            stale = await client.get(other, headers={"If-None-Match": etag})
            assert (stale.status_code, stale.headers["etag"] != etag) == (200, True)
            assert (await client.get("/feeds/nonsense/it.ics")).status_code == 404
            assert not first.done()
        publisher.go.set()
        assert (await first).status_code == 200

    async def test_who_hangs_up_takes_the_calendar_from_nobody(
        self,
        database: Database,
        client: httpx.AsyncClient,
        publisher: WatchedPublisher,
        addresses: list[str],
    ) -> None:
        with database.reading() as session:
            publisher.waits_with = feeds.by_key(session, "it")["id"]
        renders = asyncio.create_task(client.get(addresses[0]))
        assert await asyncio.to_thread(publisher.begun.wait, 20)
        waiting = [asyncio.create_task(client.get(addresses[0])) for _ in range(10)]
        waits = waiting.pop()
        await asyncio.sleep(0.05)
        renders.cancel()
        waits.cancel()
        publisher.go.set()
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*waiting)
        assert renders.cancelled()
        assert waits.cancelled()
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert len(publisher.rendered) <= 2  # that of the one who hung up, and one for the rest


class SurprisedPublisher(Publisher):
    """Has somebody remove the feed just before it is rendered."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CONDITIONS, ROOM)
        self._register = database

    def publish(self, feed_id: UUID, *, today: date, now: datetime) -> Published:
        with self._register.writing() as session:
            session.exec_driver_sql("UPDATE feeds SET removed_at = '2026-11-23 12:00:00'")
        return super().publish(feed_id, today=today, now=now)


async def test_a_feed_that_goes_just_before_it_is_rendered_is_gone(
    database: Database, feed_secret: str
) -> None:
    async with asking(database, SurprisedPublisher(database)) as client:
        for _ in range(2):
            answer = await client.get(f"/feeds/{feed_secret}/it.ics")
            check_in_words(answer, 410, "is not published any more")


class BrokenPublisher(Publisher):
    """Fails in a way that nobody foresaw, until it is mended."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CONDITIONS, ROOM)
        self.is_broken = True

    def publish(self, feed_id: UUID, *, today: date, now: datetime) -> Published:
        if self.is_broken:
            message = f"insides of {feed_id}"
            raise RuntimeError(message)
        return super().publish(feed_id, today=today, now=now)


async def test_what_nobody_foresaw_is_a_bare_500_without_insides(
    database: Database, feed_secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    publisher, address = BrokenPublisher(database), f"/feeds/{feed_secret}/it.ics"
    async with asking(database, publisher) as client:
        for method in ("GET", "HEAD"):
            answer = await client.request(method, address)
            words = "Something went wrong here" if method == "GET" else ""
            check_in_words(answer, 500, words)
            for inside in ("insides", "Error", "Traceback", feed_secret):
                assert inside not in answer.text + str(answer.headers)
        told = [record for record in caplog.records if record.exc_info is not None]
        assert "insides of" in caplog.text
        assert answer.headers["x-request-id"] in told[-1].getMessage()
        assert feed_secret not in caplog.text
        publisher.is_broken = False
        assert (await client.get(address)).status_code == 200


class BrokenPolls:
    """Fails in a way that nobody foresaw."""

    async def find(self, secret_hash: str) -> Polled | None:
        raise RuntimeError(secret_hash)

    async def close(self) -> None:
        pass


async def test_a_look_up_that_fails_is_a_bare_500_too(database: Database, feed_secret: str) -> None:
    publisher = WatchedPublisher(database)
    async with asking(database, publisher, BrokenPolls()) as client:
        answer = await client.get(f"/feeds/{feed_secret}/it.ics")
    check_in_words(answer, 500, "Something went wrong here")
    assert credentials.digest(feed_secret) not in answer.text


class ForgetfulFetches(Fetches):
    """Fails to store, in a way that nobody foresaw, until it is mended."""

    is_broken = True

    def store(self, now: datetime) -> bool:
        if self.is_broken:
            raise RuntimeError("no fetch is stored")
        return super().store(now)


async def test_fetches_that_cannot_be_stored_take_the_calendar_from_nobody(
    database: Database, away: Database, feed_secret: str
) -> None:
    address = f"/feeds/{feed_secret}/it.ics"
    async with asking(database, WatchedPublisher(database), fetches=Fetches(away)) as client:
        assert (await client.get(address)).status_code == 200
    with database.reading() as session:
        assert subscriptions.by_secret(session, feed_secret)["last_fetched_at"] is None


async def test_storing_goes_on_after_it_failed(
    database: Database, feed_secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_url, "_STORE_EVERY", 0.01)
    address, fetches = f"/feeds/{feed_secret}/it.ics", ForgetfulFetches(database)
    async with asking(database, WatchedPublisher(database), fetches=fetches) as client:
        await client.get(address)
        await asyncio.sleep(0.1)  # it has failed by now
        fetches.is_broken = False
        assert (await client.get(address)).status_code == 200
        await asyncio.sleep(0.5)
        with database.reading() as session:
            assert subscriptions.by_secret(session, feed_secret)["last_fetched_at"] == NOW
