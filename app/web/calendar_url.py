"""GET /feeds/<secret>/<name>.ics: the calendar that people subscribe to.

Thousands of programs poll, and almost all are told "unchanged": so this is plain ASGI in
front of the router. A poll costs one look-up of address and revision in the database, and
touches a thread only when bytes have to be made.

The secret in the path is the only key: calendar programs can send no other. An
`Authorization` header is ignored (classic Outlook sends an empty one to every calendar).
RFC 9110 rules the validators, RFC 5545 the body.
"""

import asyncio
import logging
import re
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from os import urandom
from typing import TypeVar
from uuid import UUID

from starlette.types import Scope, Send

from app import credentials
from app.clock import Clock
from app.credentials import Opens
from app.feeds.ical import CONTENT_TYPE
from app.feeds.identity import weak_etag
from app.feeds.validators import accepts_gzip, not_modified
from app.records.engine import DatabaseAway
from app.records.polls import Polled, Polls
from app.usecases.fetches import Fetches
from app.usecases.publishing import Published, Publisher
from app.usecases.refusals import NotFound
from app.web.frame import SAFE_HEADERS, access_log, answer_line, http_date
from app.web.guesses import WAIT_SECONDS, Guesses

log = logging.getLogger("noticeboard")

TEMPLATE = "/feeds/{secret}/{name}.ics"
_PATH = re.compile(r"/feeds/([^/]+)/[^/]+\.ics")
_METHODS = ("GET", "HEAD")
_STORE_EVERY = 2.0
_RETRY = (b"retry-after", b"300")
_MOST_SEEN = 50_000
_RENDERERS = 2

_Made = TypeVar("_Made")
_Header = tuple[bytes, bytes]


class Closed(Exception):
    """An address that opens nothing: the status, and a sentence for a person.

    `subscription` is whose address it was, where it was anybody's.
    """

    def __init__(self, status: int, sentence: str, *headers: _Header) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers
        self.subscription: UUID | None = None


_UNKNOWN = "No calendar is at this address; check that it is whole."
_REVOKED = "This calendar address was revoked: subscribe anew to go on."
_REPLACED = "This calendar address was replaced: use the new one in its place."
_EXPIRED = "This calendar address has expired: subscribe anew to go on."
_REMOVED = "This calendar is not published any more: choose another one."
_AWAY = "The calendar cannot be read now; what was fetched before is still right."
_FAILED = "Something went wrong here; what was fetched before is still right."
_TOO_MANY = "Too many addresses without a calendar were tried from here: wait a while."


@dataclass(frozen=True, slots=True)
class _Current:
    """A feed as it is on a day: its validators, and the headers that tell them.

    What was `polled` may be found again by the next poll: then all this still holds.
    """

    polled: Polled
    today: date
    etag: str
    since: datetime
    revision: int
    headers: tuple[_Header, ...]


def secret_in(scope: Scope) -> str | None:
    """Return the secret that a request for a calendar names; None for any other request."""
    if scope["type"] != "http":
        return None
    found = _PATH.fullmatch(scope["path"])
    return None if found is None else found[1]


class Calendars:
    """The calendars behind the secret addresses, as one server has them."""

    def __init__(
        self, *, polls: Polls, publisher: Publisher, fetches: Fetches, clock: Clock
    ) -> None:
        self._polls = polls
        self._publisher = publisher
        self._fetches = fetches
        self._clock = clock
        self._guesses = Guesses()
        self._seen: dict[str, _Current] = {}
        self._threads = ThreadPoolExecutor(_RENDERERS, "feeds")
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._storing: asyncio.Task[None] | None = None
        self._lines: list[str] = []

    async def answer(self, secret: str, scope: Scope, send: Send) -> None:
        """Answer a request for the calendar that a secret opens."""
        started, method = time.perf_counter(), scope["method"]
        request_id, subscription = urandom(16).hex(), "-"
        try:
            _check_method(method)
            current, sent = await self._look_up(secret, scope), _Sent.of(scope)
            subscription = _said(current.polled.subscription_id)
            status, headers, body = await self._found(current, sent)
            self._note(current, sent.user_agent)
        except DatabaseAway:
            log.exception("request %s: the database is away", request_id)
            status, headers, body = _in_words(Closed(503, _AWAY, _RETRY))
        except Closed as closed:
            subscription = _said(closed.subscription or "-")
            status, headers, body = _in_words(closed)
        except Exception:
            log.exception("request %s failed", request_id)
            status, headers, body = _in_words(Closed(500, _FAILED))
        date = (b"date", http_date(self._clock.now()))
        headers += (date, (b"x-request-id", request_id.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
        self._log(answer_line(method, TEMPLATE, status, started, request_id, subscription))

    async def close(self) -> None:
        """Store what is due of the fetches, and let go of threads and connection."""
        if self._storing is not None:
            self._storing.cancel()
        await self._store_due()
        self._threads.shutdown()
        await self._polls.close()

    def _log(self, line: str) -> None:
        """Write a line in the access log, together with those of the same turn of the loop.

        One by one, writing them would take as long as answering.
        """
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._log_lines)
        self._lines.append(line)

    def _log_lines(self) -> None:
        access_log.info("%s", "\n".join(self._lines))
        self._lines.clear()

    async def _look_up(self, secret: str, scope: Scope) -> _Current:
        """Return the feed at an address as it now is; as it was, while the database is away.

        Raises `Closed`, and `DatabaseAway` for an address that was not seen before.
        """
        if not secret.isascii():
            raise self._missed(scope)
        secret_hash, today = credentials.digest(secret), self._clock.today()
        seen = self._seen.get(secret_hash)
        if seen is None and not credentials.is_well_formed(secret, Opens.FEED):
            raise self._missed(scope)
        try:
            polled = await self._polls.find(secret_hash)
            if polled is None:
                raise self._missed(scope)
            if seen is None or seen.polled != polled or seen.today != today:
                _check_open(polled, today)
                seen = await self._current(polled, today)
                self._remember(secret_hash, seen)
        except Closed:
            # Remembered, it would open again while the database is away.
            self._seen.pop(secret_hash, None)
            raise
        except DatabaseAway:
            if seen is None:
                raise
            log.warning("a calendar is served from memory: the database is away")
            _check_open(seen.polled, today)
        return seen

    def _remember(self, secret_hash: str, seen: _Current) -> None:
        if len(self._seen) >= _MOST_SEEN and secret_hash not in self._seen:
            del self._seen[next(iter(self._seen))]
        self._seen[secret_hash] = seen

    def _missed(self, scope: Scope) -> Closed:
        client = scope.get("client")
        if self._guesses.miss(client[0] if client else None):
            return Closed(429, _TOO_MANY, (b"retry-after", b"%d" % WAIT_SECONDS))
        return Closed(404, _UNKNOWN)

    async def _current(self, polled: Polled, today: date) -> _Current:
        """Return a feed as it now is, rendered if it was not yet; raises `Closed`."""
        state = self._publisher.state(
            revision=polled.revision,
            version=polled.version,
            months_back=polled.months_back,
            months_ahead=polled.months_ahead,
            today=today,
        )
        if polled.rendered_for == state and polled.body_hash and polled.body_since:
            etag, since, revision = weak_etag(polled.body_hash), polled.body_since, polled.revision
        else:
            before = self._publisher.last_of(polled.feed_id)
            made = await self._published(
                polled.feed_id,
                # Who waited while a later revision was rendered takes that, not one more.
                lambda last: (
                    last.state == state or (last is not before and last.revision > polled.revision)
                ),
            )
            etag, since, revision = made.etag, made.since, made.revision
        return _Current(polled, today, etag, since, revision, _validators(etag, since))

    async def _found(self, current: _Current, sent: "_Sent") -> tuple[int, list[_Header], bytes]:
        """Return status, headers and body for whoever may have the calendar.

        Raises `Closed`, and `DatabaseAway` when bytes are needed that are not kept.
        """
        if not_modified(
            if_none_match=sent.if_none_match,
            if_modified_since=sent.if_modified_since,
            etag=current.etag,
            last_modified=current.since,
        ):
            return 304, list(current.headers), b""
        feed_id = current.polled.feed_id
        try:
            published = await self._published(feed_id, lambda last: last.etag == current.etag)
        except DatabaseAway:
            last = self._publisher.last_of(feed_id)
            # Made for another address meanwhile it will do; an earlier one would go back.
            if last is None or last.since < current.since:
                raise
            published = last
        headers = [*_validators(published.etag, published.since), *_CALENDAR]
        body = published.body
        if accepts_gzip(sent.accept_encoding):
            body = await self._compressed(published)
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(body)))
        return 200, headers, body

    async def _published(self, feed_id: UUID, fits: Callable[[Published], bool]) -> Published:
        """Return a feed's bytes: those that were made last if they fit, else new ones.

        One rendering at a time for each feed: who waits for it takes its bytes. Raises
        `Closed`.
        """
        last = self._publisher.last_of(feed_id)
        if last is not None and fits(last):
            return last
        async with self._turns[feed_id]:
            last = self._publisher.last_of(feed_id)
            if last is not None and fits(last):
                return last
            today, now = self._clock.today(), self._clock.now()
            render = partial(self._publisher.publish, feed_id, today=today, now=now)
            try:
                return await self._in_thread(render)
            except NotFound:
                raise Closed(410, _REMOVED) from None

    async def _compressed(self, published: Published) -> bytes:
        content = self._publisher.kept_compressed(published)
        if content is None:
            async with self._turns[published.feed_id]:
                content = await self._in_thread(partial(self._publisher.compressed, published))
        return content

    async def _in_thread(self, make: Callable[[], _Made]) -> _Made:
        return await asyncio.get_running_loop().run_in_executor(self._threads, make)

    def _note(self, current: _Current, user_agent: str | None) -> None:
        now = self._clock.now()
        is_news = self._fetches.note(current.polled, user_agent, current.revision, now)
        if is_news and self._storing is None:
            self._storing = asyncio.create_task(self._store())

    async def _store(self) -> None:
        """Store the fetches when they are due, in a thread, until none is left."""
        is_left = True
        while is_left:
            await asyncio.sleep(_STORE_EVERY)
            is_left = await self._store_due()
        self._storing = None

    async def _store_due(self) -> bool:
        """Store what is due; tell whether anything is left. What fails here is only logged."""
        try:
            return await self._in_thread(partial(self._fetches.store, self._clock.now()))
        except Exception:
            log.exception("fetches are not on record")
            return False


def _check_method(method: str) -> None:
    if method not in _METHODS:
        raise Closed(405, "This address takes GET and HEAD.", (b"allow", b"GET, HEAD"))


def _check_open(polled: Polled, today: date) -> None:
    for is_so, sentence in (
        (polled.replaced_by is not None, _REPLACED),
        (polled.revoked_at is not None, _REVOKED),
        (polled.expires_on is not None and polled.expires_on < today, _EXPIRED),
        (polled.removed_at is not None, _REMOVED),
    ):
        if is_so:
            closed = Closed(410, sentence)
            closed.subscription = polled.subscription_id
            raise closed


def _in_words(closed: Closed) -> tuple[int, list[_Header], bytes]:
    """Return status, headers and body of an answer that is no calendar."""
    body = f"{closed.sentence}\n".encode()
    length = (b"content-length", b"%d" % len(body))
    return closed.status, [*closed.headers, *_PLAIN_TEXT, length], body


@dataclass(slots=True)
class _Sent:
    """The request's headers that count here; RFC 9110, section 5.3, joins repeated ones."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    user_agent: str | None = None

    @classmethod
    def of(cls, scope: Scope) -> "_Sent":
        """Return them as they were sent."""
        sent = cls()
        for name, value in scope["headers"]:
            field = _COUNTING.get(name)
            if field is not None:
                before, text = getattr(sent, field), value.decode("latin-1")
                setattr(sent, field, text if before is None else f"{before}, {text}")
        return sent


_COUNTING = {field.replace("_", "-").encode(): field for field in _Sent.__slots__}
_SAFE = {name.encode(): value.encode() for name, value in SAFE_HEADERS.items()}
_PLAIN_TEXT: tuple[_Header, ...] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-robots-tag", b"noindex"),
    *_SAFE.items(),
)
# No policy for scripts, for no program runs any in it: each header costs every answer.
_CALENDAR: tuple[_Header, ...] = (
    (b"content-type", CONTENT_TYPE.encode()),
    (b"x-robots-tag", b"noindex"),
    *((name, _SAFE[name]) for name in (b"x-content-type-options", b"referrer-policy")),
)


@lru_cache(maxsize=1_000)
def _validators(etag: str, since: datetime) -> tuple[_Header, ...]:
    """Return the headers that a 200 and its 304 have in common (RFC 9110, section 15.4.5)."""
    return (
        (b"etag", etag.encode()),
        (b"last-modified", format_datetime(since, usegmt=True).encode()),
        (b"cache-control", b"private, max-age=300"),
        (b"vary", b"Accept-Encoding"),
    )


_said = lru_cache(maxsize=10_000)(str)
