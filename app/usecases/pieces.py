"""What does one agreement put into calendars? Its events, rendered once for each change.

A piece holds the events of all kinds; a feed takes those it shows. In a transaction the
texts and their revisions are settled; the bytes, which take longest, are made after it.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from app.feeds.ical import Stamp, event_bytes
from app.feeds.identity import event_uid
from app.records import milestones
from app.records.engine import Row, Session
from app.renewals.milestones import MilestoneKind
from app.usecases.dossiers import Dossiers
from app.usecases.feed_events import BROKEN, moments_of, subject_of
from app.usecases.ledger import Announced, Revision, revisions

log = logging.getLogger("noticeboard")

_OVERHEAD = 250
"""About what keeping an event costs beside its bytes."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the events of a feed say, beside the facts: for which days, and which details.

    `sequence_base` and `reworded_at` count and date what changed all of them at once.
    """

    first: date
    last: date
    amounts: bool = False
    notes: bool = False
    alarm_days_before: int | None = None
    sequence_base: int = 0
    reworded_at: datetime | None = None

    @property
    def details(self) -> str:
        """What is published beyond the dates, as the ledger names it."""
        return " ".join(name for name in ("amounts", "notes") if getattr(self, name))


class Event(NamedTuple):
    """An event with its bytes; they sort as they stand in a calendar, by day and UID."""

    on: date
    uid: str
    kind: MilestoneKind
    block: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """An agreement's events; `is_whole` unless some of them could not be told."""

    events: tuple[Event, ...]
    is_whole: bool

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        return _OVERHEAD + sum(len(event.block) + _OVERHEAD for event in self.events)


@dataclass(frozen=True, slots=True)
class Script:
    """What will be a piece: the revisions that its events are at."""

    revisions: tuple[Revision, ...]
    is_whole: bool


class Writer:
    """Settles what events say, for one installation, within one transaction."""

    def __init__(
        self, session: Session, installation_id: UUID, base_url: str, good_for: int
    ) -> None:
        self._session = session
        self._installation_id = installation_id
        self._base_url = base_url
        self._good_for = good_for
        self._dossiers = Dossiers(session)

    def scripts(self, rows: Sequence[Row], wording: Wording, now: datetime) -> dict[UUID, Script]:
        """Return what each of these agreements puts into calendars, by its id."""
        terms: defaultdict[UUID, list[Row]] = defaultdict(list)
        ids = [row["id"] for row in rows]
        for term in milestones.of_agreements(self._session, ids, wording.first, wording.last):
            terms[term["agreement_id"]].append(term)
        told = {row["id"]: self._told(row, terms[row["id"]], wording) for row in rows}
        announced = [one for of_agreement in told.values() for one in of_agreement.announced]
        settled: defaultdict[UUID, list[Revision]] = defaultdict(list)
        for revision in revisions(self._session, announced, wording.details, now):
            settled[revision.agreement_id].append(revision)
        return {
            agreement_id: Script(
                tuple(settled[agreement_id]),
                of_agreement.is_whole and len(settled[agreement_id]) == len(of_agreement.announced),
            )
            for agreement_id, of_agreement in told.items()
        }

    def _told(self, row: Row, terms: Sequence[Row], wording: Wording) -> "_Told":
        """Return the events of an agreement; what cannot be read is left out and logged."""
        told = _Told([], is_whole=True)
        subject = subject_of(row, self._base_url, notes=wording.notes)
        with told.as_far_as_it_reads(row["id"]):
            priced = self._dossiers.of(row) if wording.amounts else None
            for term in terms:
                with told.as_far_as_it_reads(row["id"]):
                    for moment in moments_of(
                        term, wording.first, wording.last, self._good_for, priced
                    ):
                        uid = event_uid(
                            self._installation_id, row["id"], term["number"], moment.kind
                        )
                        told.announced.append(Announced(uid, subject, moment))
        return told


@dataclass(slots=True)
class _Told:
    """The events that could be told of an agreement, and whether those are all."""

    announced: list[Announced]
    is_whole: bool

    @contextmanager
    def as_far_as_it_reads(self, agreement_id: UUID) -> Iterator[None]:
        """Note, and log, that what follows cannot be read."""
        try:
            yield
        except BROKEN:
            log.exception("agreement %s is left out of a feed", agreement_id)
            self.is_whole = False


def piece_of(script: Script, wording: Wording) -> Piece:
    """Return an agreement's events with their bytes; no transaction need be open.

    What no calendar can hold is left out and logged.
    """
    events: list[Event] = []
    is_whole = script.is_whole
    for one in script.revisions:
        try:
            block = event_bytes(one.text, _stamped(one.stamp, wording), wording.alarm_days_before)
        except (ValueError, OverflowError):
            log.exception("agreement %s is left out of a feed", one.agreement_id)
            is_whole = False
        else:
            events.append(Event(one.text.on, one.stamp.uid, one.announced.moment.kind, block))
    return Piece(tuple(events), is_whole)


def _stamped(stamp: Stamp, wording: Wording) -> Stamp:
    """Return a stamp as later than all that a feed published when its events said other things."""
    if wording.reworded_at is None:
        return stamp
    return replace(
        stamp,
        sequence=stamp.sequence + wording.sequence_base,
        changed_at=max(stamp.changed_at, wording.reworded_at),
    )
