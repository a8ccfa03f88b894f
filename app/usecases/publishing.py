"""What are a feed's bytes, and since when? Rendered once for a state, sent often.

Bytes follow from the register's revision, the feed's version, a window of whole months and
a few settings: the same state, the same bytes, on every server. The events of an agreement
are rendered when it changes, kept, and joined.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import orjson

from app.feeds.events import RENDERING
from app.feeds.ical import Cover, bind
from app.feeds.identity import body_hash, placeholder_uid, weak_etag
from app.records import agreements, feeds, register
from app.records.agreements import Filters, Mark
from app.records.engine import Database, Row, Session
from app.records.feeds import Rendered
from app.renewals.reasons import say_day
from app.usecases.agreements import found
from app.usecases.kept_bytes import KeptBytes
from app.usecases.pieces import Event, Piece, Script, Wording, Writer, piece_of
from app.usecases.refusals import NotFound
from app.usecases.register import extend, month_span, state_of_register

_ONE_SECOND = timedelta(seconds=1)
_ROOM_FOR_HEAD = 12_000
"""More bytes than the calendar's own properties can take."""
_MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Conditions:
    """What of an installation shows in its feeds.

    `good_for` is how many months a check of a clause counts; a feed stays under `most_events`
    and `most_bytes`, for some programs leave out what goes beyond.
    """

    base_url: str
    good_for: int
    most_events: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Published:
    """A feed's bytes, the state they were rendered for, and since when they are what they are.

    `revision` is the register's in that state.
    """

    feed_id: UUID
    state: str
    revision: int
    body_hash: str
    since: datetime
    body: bytes

    @property
    def etag(self) -> str:
        """The entity tag of the bytes, whether they are sent compressed or not."""
        return weak_etag(self.body_hash)


@dataclass(frozen=True, slots=True)
class _Compressed:
    """The bytes of a body with this hash, compressed."""

    body_hash: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a feed will be made of: pieces that are kept, and scripts of those that are not."""

    feed: Row
    wording: Wording
    today: date
    installation_id: UUID
    revision: int
    state: str
    kept: Mapping[Mark, Piece]
    scripts: Mapping[Mark, Script]


@dataclass(frozen=True, slots=True)
class _Selection:
    """The events a feed shows, in their order, and how many it has no room for."""

    events: Sequence[Event]
    cut: int


class Publisher:
    """Renders the feeds of an installation, and keeps their bytes. Any thread may ask."""

    def __init__(self, database: Database, conditions: Conditions, most_kept_bytes: int) -> None:
        self._database = database
        self._conditions = conditions
        self._kept = KeptBytes(most_kept_bytes)
        self._tail = (
            f"{conditions.base_url} {conditions.good_for} {conditions.most_events}"
            f" {conditions.most_bytes} {RENDERING}"
        )

    def state(
        self, *, revision: int, version: int, months_back: int, months_ahead: int, today: date
    ) -> str:
        """Return what a feed's bytes depend on; the same text, the same bytes."""
        window = _window_text(today, months_back, months_ahead)
        return f"{revision} {version} {window} {self._tail}"

    def last_of(self, feed_id: UUID) -> Published | None:
        """Return what was last rendered here of a feed, for whatever state, while it is kept."""
        return self._kept.get(feed_id, Published)

    def kept_compressed(self, of: Published) -> bytes | None:
        """Return a feed's bytes compressed with gzip if that was done before."""
        kept = self._kept.get((of.feed_id, "gzip"), _Compressed)
        return kept.content if kept is not None and kept.body_hash == of.body_hash else None

    def compressed(self, of: Published) -> bytes:
        """Return a feed's bytes compressed with gzip, once for each body."""
        content = self.kept_compressed(of)
        if content is None:
            content = gzip.compress(of.body, mtime=0)
            kept = _Compressed(of.body_hash, content)
            self._kept.keep((of.feed_id, "gzip"), kept, len(content))
        return content

    def publish(self, feed_id: UUID, *, today: date, now: datetime) -> Published:
        """Return a feed as the register now is, rendered as far as it is not kept.

        Raises `NotFound` when the feed is gone.
        """
        while True:
            with self._database.writing() as session:
                draft = self._draft(session, feed_id, today, now)
            # Making the bytes takes longest: nobody waits for it with a transaction.
            published = self._settle(draft, self._pieces(draft), now)
            if published is not None:
                self._kept.keep(feed_id, published, len(published.body))
                return published

    def one_agreement(self, agreement_id: UUID, *, today: date, now: datetime) -> bytes:
        """Return a calendar of one agreement: the events that it has in the feeds.

        Raises `NotFound`.
        """
        wording = Wording(*month_span(today))
        with self._database.writing() as session:
            register.lock(session)
            row = found(session, agreement_id)
            extend(session, wording.first, wording.last)
            installation_id = state_of_register(session).installation_id
            writer = self._writer(session, installation_id)
            script = writer.scripts([row], wording, now)[agreement_id]
        cover = Cover(
            name=f"{row['counterparty']} \N{EN DASH} {row['title']}",
            description=f"The renewal dates of {row['reference']}.",
            colour=None,
            placeholder_uid=placeholder_uid(installation_id, str(agreement_id)),
            created_at=row["created_at"],
        )
        return bind(cover, [event.block for event in sorted(piece_of(script, wording).events)])

    def _writer(self, session: Session, installation_id: UUID) -> Writer:
        conditions = self._conditions
        return Writer(session, installation_id, conditions.base_url, conditions.good_for)

    def _draft(self, session: Session, feed_id: UUID, today: date, now: datetime) -> _Draft:
        register.lock(session)
        feed = feeds.by_id(session, feed_id)
        if feed is None or feed["removed_at"] is not None:
            raise NotFound("There is no feed with this id; it may have been removed.")
        wording = _wording_of(feed, today)
        extend(session, wording.first, wording.last)
        known = state_of_register(session)
        marks = agreements.marks(session, filters_of(feed))
        pieces = {mark: self._kept.get((mark, wording), Piece) for mark in marks}
        missing = {mark.id: mark for mark, piece in pieces.items() if piece is None}
        rows = list(agreements.by_ids(session, missing).values())
        scripts = self._writer(session, known.installation_id).scripts(rows, wording, now)
        return _Draft(
            feed=feed,
            wording=wording,
            today=today,
            installation_id=known.installation_id,
            revision=known.revision,
            state=self.state(
                revision=known.revision,
                version=feed["version"],
                months_back=feed["months_back"],
                months_ahead=feed["months_ahead"],
                today=today,
            ),
            kept={mark: piece for mark, piece in pieces.items() if piece is not None},
            scripts={missing[agreement_id]: script for agreement_id, script in scripts.items()},
        )

    def _pieces(self, draft: _Draft) -> dict[Mark, Piece]:
        """Return the pieces of all agreements, and keep those that are new."""
        pieces = dict(draft.kept)
        for mark, script in draft.scripts.items():
            piece = pieces[mark] = piece_of(script, draft.wording)
            self._kept.keep((mark, draft.wording), piece, piece.size)
        return pieces

    def _settle(
        self, draft: _Draft, pieces: Mapping[Mark, Piece], now: datetime
    ) -> Published | None:
        """Return the feed made of these pieces, and keep since when its bytes are these.

        None when another server has settled a later state meanwhile.
        """
        feed = draft.feed
        shows = set(orjson.loads(feed["kinds"]))
        events = [one for piece in pieces.values() for one in piece.events if one.kind in shows]
        selection = _nearest(events, draft.today.replace(day=1), self._conditions)
        body = bind(_cover_of(draft, selection), [event.block for event in selection.events])
        digest, since = body_hash(body), feed["body_since"]
        if digest != feed["body_hash"]:
            # Clients that compare dates must see a later second whenever the bytes are others.
            since = now if since is None else max(now, since + _ONE_SECOND)
        left_out = sorted(str(mark.id) for mark, piece in pieces.items() if not piece.is_whole)
        rendered = Rendered(
            rendered_for=draft.state,
            body_hash=digest,
            body_since=since,
            shown=len(selection.events),
            cut=selection.cut,
            left_out=json.dumps(left_out[:_MOST_NAMED]),
        )
        if any(feed[name] != getattr(rendered, name) for name in Rendered.__slots__):
            with self._database.writing() as session:
                register.lock(session)
                current = feeds.by_id(session, feed["id"])
                if current is None or current["rendered_for"] != feed["rendered_for"]:
                    return None
                feeds.set_rendered(session, feed["id"], rendered)
        return Published(feed["id"], draft.state, draft.revision, digest, since, body)


def filters_of(feed: Row) -> Filters:
    """Return which agreements a feed shows."""
    told = orjson.loads(feed["filters"])
    return Filters(text=told.pop("q", None), **told)


def _wording_of(feed: Row, today: date) -> Wording:
    first, last = month_span(today, feed["months_back"], feed["months_ahead"])
    return Wording(
        first=first,
        last=last,
        amounts=feed["amounts"],
        notes=feed["notes"],
        alarm_days_before=feed["alarm_days_before"],
        sequence_base=feed["sequence_base"],
        reworded_at=feed["reworded_at"],
    )


@lru_cache(maxsize=100)
def _window_text(today: date, months_back: int, months_ahead: int) -> str:
    first, last = month_span(today, months_back, months_ahead)
    return f"{first} {last}"


def _nearest(events: Iterable[Event], month: date, conditions: Conditions) -> _Selection:
    """Return the events there is room for: dates from this month on, soonest first, then past.

    Which month it is counts, not which day, so that midnight changes nothing.
    """
    in_order = sorted(events)
    ahead = [event for event in in_order if event.on >= month]
    past = [event for event in reversed(in_order) if event.on < month]
    chosen: list[Event] = []
    room = conditions.most_bytes - _ROOM_FOR_HEAD
    for event in (*ahead, *past)[: conditions.most_events - 1]:
        room -= len(event.block)
        if room < 0:
            break
        chosen.append(event)
    return _Selection(sorted(chosen), len(in_order) - len(chosen))


def _cover_of(draft: _Draft, selection: _Selection) -> Cover:
    feed = draft.feed
    return Cover(
        name=feed["name"],
        description=f"{feed['description']}{_say_cut(selection)}",
        colour=feed["colour"],
        placeholder_uid=placeholder_uid(draft.installation_id, feed["key"]),
        created_at=feed["created_at"],
    )


def _say_cut(selection: _Selection) -> str:
    if not selection.cut:
        return ""
    shown, whole = selection.events, len(selection.events) + selection.cut
    if not shown:
        return f" Shortened: none of {whole} dates fits into it."
    return (
        f" Shortened to the nearest {len(shown)} of {whole} dates, from {say_day(shown[0].on)}"
        f" to {say_day(shown[-1].on)}, for some calendar programs take no more;"
        " a calendar of fewer agreements or kinds shows them all."
    )
