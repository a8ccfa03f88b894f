"""What do the calendars show, and since when? Two feeds, the same terms, two lenses.

A feed's bytes follow from the register's revision and a window of whole months. What was
published of each milestone is kept, so that SEQUENCE and the stamps grow with every change
of what is rendered and with nothing else.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from app import credentials
from app.credentials import Opens
from app.feeds.events import EventText, Moment, Progress, Subject, fingerprint, tell
from app.feeds.ical import Feed, Stamp, render
from app.feeds.identity import body_hash, event_uid, placeholder_uid, weak_etag
from app.records import agreements, feeds, milestones, register
from app.records.engine import Database, Row, Session
from app.records.register import RegisterState
from app.renewals.acts import standing_of
from app.renewals.milestones import MilestoneKind
from app.renewals.months import add_months
from app.renewals.reasons import say_day
from app.usecases.refusals import NotFound
from app.usecases.register import extend, month_span
from app.usecases.told import said_in

log = logging.getLogger("noticeboard")

_ONE_SECOND = timedelta(seconds=1)
_FOUNDED = (
    {
        "key": "it",
        "name": "IT renewals",
        "description": "What IT has to look at: when to prepare, decide, and what ends or renews.",
        "colour": "steelblue",
        "kinds": ["negotiation_start", "notice_deadline", "term_end", "renewal"],
    },
    {
        "key": "procurement",
        "name": "Procurement renewals",
        "description": "What procurement has to do: when to negotiate, send and deliver notice.",
        "colour": "darkorange",
        "kinds": [kind.value for kind in MilestoneKind],
    },
)


@dataclass(frozen=True, slots=True)
class Published:
    """A feed's bytes and since when they are what they are."""

    body: bytes
    etag: str
    since: datetime


class Bodies:
    """The last bytes of each feed, kept in the process: rendered once, sent often."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[str, Published]] = {}

    def find(self, feed_id: UUID, rendered_for: str) -> Published | None:
        """Return a feed's bytes if they are those of this state."""
        kept_for, published = self._kept.get(feed_id, ("", None))
        return published if kept_for == rendered_for else None

    def keep(self, feed_id: UUID, rendered_for: str, published: Published) -> None:
        """Keep a feed's bytes in the place of its older ones."""
        self._kept[feed_id] = rendered_for, published


def found_feeds(session: Session, now: datetime) -> None:
    """Define the two feeds of a new register."""
    if feeds.every(session):
        return
    rows = [
        {**feed, "kinds": json.dumps(feed["kinds"]), "id": uuid4(), "version": 1, "created_at": now}
        for feed in _FOUNDED
    ]
    feeds.add(session, rows)


def new_address(session: Session, key: str, label: str, *, now: datetime) -> str:
    """Hand out a new secret address of a feed; returns its secret, shown this once.

    Raises `NotFound`.
    """
    feed = feeds.by_key(session, key)
    if feed is None:
        raise NotFound("There is no feed of this name.")
    secret = credentials.mint(Opens.FEED)
    row = {
        "id": uuid4(),
        "feed_id": feed["id"],
        "label": label,
        "secret_hash": credentials.digest(secret),
        "created_at": now,
        "revoked_at": None,
    }
    feeds.add_address(session, row)
    return secret


def revoke_address(session: Session, secret: str, *, now: datetime) -> None:
    """Make an address open nothing from the next fetch on. Raises `NotFound`."""
    if not feeds.revoke_address(session, credentials.digest(secret), now):
        raise _no_feed()


def address(base_url: str, key: str, secret: str) -> str:
    """Return the address to subscribe to."""
    return f"{base_url}/feeds/{secret}/{key}.ics"


def publish(
    database: Database,
    bodies: Bodies,
    secret: str,
    *,
    base_url: str,
    good_for: int,
    today: date,
    now: datetime,
) -> Published:
    """Return the feed that a secret opens, rendered anew only if the register changed.

    `good_for` is how many months a clause counts as checked.

    Raises `NotFound` for a secret that opens nothing.
    """
    if not credentials.is_well_formed(secret, Opens.FEED):
        raise _no_feed()
    with database.reading() as session:
        feed = _opened_by(session, secret)
        state = _state_of(feed, _register(session), today, base_url, good_for)
    published = bodies.find(feed["id"], state)
    if published is None:
        with database.writing() as session:
            register.lock(session)
            feed = _opened_by(session, secret)
            state, published = _render(session, feed, today, now, base_url, good_for)
        bodies.keep(feed["id"], state, published)
    return published


def _opened_by(session: Session, secret: str) -> Row:
    feed = feeds.by_secret_hash(session, credentials.digest(secret))
    if feed is None:
        raise _no_feed()
    return feed


def _register(session: Session) -> RegisterState:
    state = register.state(session)
    if state is None:
        raise _no_feed()
    return state


def _state_of(feed: Row, state: RegisterState, today: date, base_url: str, good_for: int) -> str:
    """Return what a feed's bytes depend on; the same text, the same bytes."""
    first, last = month_span(today)
    return f"{state.revision} {first} {last} {feed['version']} {base_url} {good_for}"


def _render(
    session: Session, feed: Row, today: date, now: datetime, base_url: str, good_for: int
) -> tuple[str, Published]:
    extend(session, *month_span(today))
    state = _register(session)
    rendered_for = _state_of(feed, state, today, base_url, good_for)
    told = list(_told(session, feed, today, base_url, state.installation_id, good_for))
    texts, stamps = _published(session, told, now)
    body = render(
        Feed(
            name=feed["name"],
            description=feed["description"],
            colour=feed["colour"],
            placeholder_uid=placeholder_uid(state.installation_id, feed["key"]),
            created_at=feed["created_at"],
            events=[(text, stamps[uid]) for uid, text in texts.items()],
        )
    )
    digest, since = body_hash(body), feed["body_since"]
    if digest != feed["body_hash"]:
        # Clients that compare dates must see a later second whenever the bytes are others.
        since = now if since is None else max(now, since + _ONE_SECOND)
    if (digest, rendered_for) != (feed["body_hash"], feed["rendered_for"]):
        feeds.set_rendered(session, feed["id"], rendered_for, digest, since)
    return rendered_for, Published(body, weak_etag(digest), since)


def _told(
    session: Session, feed: Row, today: date, base_url: str, installation_id: UUID, good_for: int
) -> Iterator[tuple[str, Subject, Moment]]:
    """Yield the UID and content of each event; what cannot be read is left out and logged."""
    first, last = month_span(today)
    kinds = [MilestoneKind(kind) for kind in json.loads(feed["kinds"])]
    rows = milestones.between(session, first, last)
    subjects = agreements.by_ids(session, {row["agreement_id"] for row in rows})
    for row in rows:
        agreement, number = subjects[row["agreement_id"]], row["number"]
        try:
            subject = _subject(agreement, base_url)
            for moment in _moments(row, kinds, good_for):
                if first <= moment.on <= last:
                    uid = event_uid(installation_id, agreement["id"], number, moment.kind)
                    yield uid, subject, moment
        except (ValueError, KeyError, TypeError, AttributeError):
            log.exception("agreement %s is left out of a feed", agreement["id"])


def _moments(row: Row, kinds: Iterable[MilestoneKind], good_for: int) -> Iterator[Moment]:
    """Yield the milestones of a term that are of these kinds, but for those nobody needs."""
    told = orjson.loads(row["told"])
    dates = {MilestoneKind(name): date.fromisoformat(on) for name, on in told["dates"].items()}
    chain = tuple(sorted(dates.items(), key=lambda dated: (dated[1], dated[0])))
    progress = _progress(told, row["number"])
    for kind in kinds:
        if kind not in dates or _is_said_by_the_deadline(kind, dates) or _is_done(kind, progress):
            continue
        yield Moment(
            kind=kind,
            on=dates[kind],
            assumed=row["assumed"],
            why=tuple(told["why"][kind]),
            term_number=row["number"],
            term_start=date.fromisoformat(told["term_start"]),
            term_end=date.fromisoformat(told["term_end"]),
            chain=chain,
            goes_on=told["if_nobody_acts"] != "ends",
            notice=told["notice"],
            checked=_say_checked(told["checked"], good_for),
            renews_for=told.get("renews_for"),
            progress=progress,
        )


def _progress(told: Mapping[str, Any], number: int) -> Progress:
    start = date.fromisoformat(told["term_start"])
    standing = standing_of(said_in(told, number, date.max), number, start)
    letter_on = told.get("letter_on")
    return Progress(
        state=standing.state,
        settled_on=standing.settled_on,
        is_handled="handled_on" in told,
        letter_on=None if letter_on is None else date.fromisoformat(letter_on),
    )


_STEPS_BEFORE = frozenset({MilestoneKind.NOTICE_WINDOW_OPENS, MilestoneKind.SEND_BY})


def _is_done(kind: MilestoneKind, progress: Progress) -> bool:
    """Tell whether a date asks for something that was done: negotiating, or sending."""
    if kind is MilestoneKind.NEGOTIATION_START:
        return progress.is_handled or progress.settled_on is not None
    return kind in _STEPS_BEFORE and progress.is_handled


def _say_checked(checked: Mapping[str, str | None], good_for: int) -> str:
    """Return how far the clauses were checked; it says until when, so that no day changes it."""
    missing = [clause for clause, on in checked.items() if on is None]
    if missing:
        return f"not yet, against the contract: {', '.join(missing)}"
    oldest = min(date.fromisoformat(on) for on in checked.values() if on is not None)
    again = add_months(oldest, good_for)
    return f"against the contract on {say_day(oldest)}, good until {say_day(again)}"


def _is_said_by_the_deadline(kind: MilestoneKind, dates: dict[MilestoneKind, date]) -> bool:
    """Tell whether an event of its own would repeat the deadline's, on the same day."""
    deadline = dates.get(MilestoneKind.NOTICE_DEADLINE)
    return kind is MilestoneKind.SEND_BY and dates[kind] == deadline


def _subject(agreement: Row, base_url: str) -> Subject:
    return Subject(
        agreement_id=agreement["id"],
        reference=agreement["reference"],
        title=agreement["title"],
        counterparty=agreement["counterparty"],
        owner=agreement["owner"],
        procurement_contact=agreement["procurement_contact"],
        url=f"{base_url}/agreements/{agreement['id']}",
    )


def _published(
    session: Session, told: list[tuple[str, Subject, Moment]], now: datetime
) -> tuple[dict[str, EventText], dict[str, Stamp]]:
    """Return each event's text and stamps, and keep those of events that are new or changed.

    What cannot be rendered is left out and logged.
    """
    known = feeds.published(session, [uid for uid, _, _ in told])
    texts: dict[str, EventText] = {}
    stamps: dict[str, Stamp] = {}
    new, changed = [], []
    for uid, subject, moment in told:
        before = known.get(uid)
        moved_from = _moved_from(before, moment.on)
        try:
            text = tell(subject, replace(moment, moved_from=moved_from))
        except ValueError:
            log.exception("agreement %s is left out of a feed", subject.agreement_id)
            continue
        mark = fingerprint(text)
        content: Row = {"fingerprint": mark, "on_day": moment.on, "moved_from": moved_from}
        if before is None:
            row: Row = {**content, "uid": uid, "sequence": 0, "created_at": now, "changed_at": now}
            new.append(row)
        elif before["fingerprint"] != mark:
            sequence, changed_at = before["sequence"] + 1, max(now, before["changed_at"])
            row = {**before, **content, "sequence": sequence, "changed_at": changed_at}
            changed.append(row)
        else:
            row = before
        texts[uid] = text
        stamps[uid] = Stamp(uid, row["sequence"], row["created_at"], row["changed_at"])
    feeds.publish_new(session, new)
    feeds.publish_changed(session, changed)
    return texts, stamps


def _moved_from(before: Row | None, on: date) -> date | None:
    """Return the day an event was published for before the one it is for now, if any."""
    if before is None:
        return None
    last: date | None = before["on_day"]
    moved_from: date | None = before["moved_from"]
    return moved_from if last in (None, on) else last


def _no_feed() -> NotFound:
    return NotFound("No calendar is at this address; it may have been revoked.")
