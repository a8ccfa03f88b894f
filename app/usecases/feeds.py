"""What do the calendars show, and since when? Two feeds, the same terms, two lenses.

A feed's bytes follow from the register's revision and a window of whole months. What was
published of each milestone is kept, so that SEQUENCE and the stamps grow with every change
of what is rendered and with nothing else.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import orjson

from app import credentials
from app.credentials import Opens
from app.feeds.events import EventText, Moment, Subject, fingerprint, tell
from app.feeds.ical import Feed, Stamp, render
from app.feeds.identity import body_hash, event_uid, placeholder_uid, weak_etag
from app.records import agreements, feeds, milestones, register
from app.records.engine import Database, Row, Session
from app.records.register import RegisterState
from app.renewals.clauses import CountedFrom, MonthDay
from app.renewals.milestones import MilestoneKind
from app.renewals.notice import ASSUMED
from app.renewals.reasons import say_month_day
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from app.usecases.refusals import NotFound, Unreadable
from app.usecases.register import extend, month_span, terms_of_row

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
    database: Database, bodies: Bodies, secret: str, *, base_url: str, today: date, now: datetime
) -> Published:
    """Return the feed that a secret opens, rendered anew only if the register changed.

    Raises `NotFound` for a secret that opens nothing.
    """
    if not credentials.is_well_formed(secret, Opens.FEED):
        raise _no_feed()
    with database.reading() as session:
        feed = _opened_by(session, secret)
        state = _state_of(feed, _register(session), today, base_url)
    published = bodies.find(feed["id"], state)
    if published is None:
        with database.writing() as session:
            register.lock(session)
            feed = _opened_by(session, secret)
            state, published = _render(session, feed, today, now, base_url)
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


def _state_of(feed: Row, state: RegisterState, today: date, base_url: str) -> str:
    """Return what a feed's bytes depend on; the same text, the same bytes."""
    first, last = month_span(today)
    return f"{state.revision} {first} {last} {feed['version']} {base_url}"


def _render(
    session: Session, feed: Row, today: date, now: datetime, base_url: str
) -> tuple[str, Published]:
    extend(session, *month_span(today))
    state = _register(session)
    rendered_for = _state_of(feed, state, today, base_url)
    texts = dict(_texts(session, feed, today, base_url, state.installation_id))
    stamps = _stamp(session, texts, now)
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


def _texts(
    session: Session, feed: Row, today: date, base_url: str, installation_id: UUID
) -> Iterable[tuple[str, EventText]]:
    """Yield the UID and text of each event; what cannot be told is left out and logged."""
    first, last = month_span(today)
    kinds = [MilestoneKind(kind) for kind in json.loads(feed["kinds"])]
    rows = milestones.between(session, first, last)
    subjects = agreements.by_ids(session, {row["agreement_id"] for row in rows})
    for row in rows:
        agreement, number = subjects[row["agreement_id"]], row["number"]
        try:
            subject = _subject(session, agreement, number, base_url)
            for moment in _moments(row, kinds):
                if first <= moment.on <= last:
                    uid = event_uid(installation_id, agreement["id"], number, moment.kind)
                    yield uid, tell(subject, moment)
        except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
            log.exception("agreement %s is left out of a feed", agreement["id"])


def _moments(row: Row, kinds: Iterable[MilestoneKind]) -> Iterator[Moment]:
    """Yield the milestones of a term that are of these kinds."""
    told = orjson.loads(row["told"])
    dates = {MilestoneKind(name): date.fromisoformat(on) for name, on in told["dates"].items()}
    chain = tuple(sorted(dates.items(), key=lambda dated: (dated[1], dated[0])))
    for kind in kinds:
        if kind not in dates or _is_said_by_the_deadline(kind, dates):
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
        )


def _is_said_by_the_deadline(kind: MilestoneKind, dates: dict[MilestoneKind, date]) -> bool:
    """Tell whether an event of its own would repeat the deadline's, on the same day."""
    deadline = dates.get(MilestoneKind.NOTICE_DEADLINE)
    return kind is MilestoneKind.SEND_BY and dates[kind] == deadline


def _subject(session: Session, agreement: Row, term_number: int, base_url: str) -> Subject:
    return Subject(
        agreement_id=agreement["id"],
        reference=agreement["reference"],
        title=agreement["title"],
        counterparty=agreement["counterparty"],
        owner=agreement["owner"],
        procurement_contact=agreement["procurement_contact"],
        notice=_say_notice(terms_of_row(session, agreement), term_number),
        url=f"{base_url}/agreements/{agreement['id']}",
    )


def _say_notice(terms: Terms, term_number: int) -> str:
    notice = schedule_of(terms).notice_for(term_number)
    if notice is None:
        return f"not known; {ASSUMED.period} are assumed until it is entered"
    if isinstance(notice.period, MonthDay):
        return f"on or before {say_month_day(notice.period.month, notice.period.day)}"
    origin = "the last day of the term"
    if notice.counted_from is CountedFrom.RENEWAL_DATE:
        origin = "the renewal date"
    return f"{notice.period} before {origin}"


def _stamp(session: Session, texts: dict[str, EventText], now: datetime) -> dict[str, Stamp]:
    """Return each event's stamps, and keep those of events that are new or were changed."""
    known = feeds.published(session, list(texts))
    new, changed, stamps = [], [], {}
    for uid, text in texts.items():
        mark, before = fingerprint(text), known.get(uid)
        if before is None:
            row: Row = {
                "uid": uid,
                "fingerprint": mark,
                "sequence": 0,
                "created_at": now,
                "changed_at": now,
            }
            new.append(row)
        elif before["fingerprint"] != mark:
            row = {
                **before,
                "fingerprint": mark,
                "sequence": before["sequence"] + 1,
                "changed_at": max(now, before["changed_at"]),
            }
            changed.append(row)
        else:
            row = before
        stamps[uid] = Stamp(uid, row["sequence"], row["created_at"], row["changed_at"])
    feeds.publish_new(session, new)
    feeds.publish_changed(session, changed)
    return stamps


def _no_feed() -> NotFound:
    return NotFound("No calendar is at this address; it may have been revoked.")
