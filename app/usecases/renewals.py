"""What needs somebody, soonest first? The work list of both teams."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.records import milestones
from app.records.agreements import Filters
from app.records.engine import Row, Session
from app.renewals.acts import DecisionState, standing_of
from app.renewals.alarms import Alarm, Watch, alarms_on
from app.usecases.dossiers import Dossier
from app.usecases.past import PastDossiers
from app.usecases.told import said_in, told_terms
from app.usecases.verifications import Verification, Verified, verification_on

log = logging.getLogger("noticeboard")

Place = tuple[date, UUID, int]
"""Where a page ends: the day to act by, the agreement, the term."""

_SCAN = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which terms are looked for; None wants all. `days_left` is the most days to act."""

    decision: DecisionState | None = None
    alarm: Alarm | None = None
    days_left: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether it looks for all of them."""
        return (self.decision, self.alarm, self.days_left) == (None, None, None)

    def takes(self, due: "Due") -> bool:
        """Tell whether a term is looked for."""
        return (
            self.decision in (None, due.decision)
            and (self.alarm is None or self.alarm in due.alarms)
            and (self.days_left is None or due.days_left <= self.days_left)
        )


@dataclass(frozen=True, slots=True)
class Look:
    """How the list is looked at: on which day, over which days, and for what.

    With `only_next` each agreement stands there once, with the first decision that can still
    be met, and before that with every deadline that was missed and not acknowledged; else
    with every term whose day falls into the range. A check is good for `good_for` months.
    """

    day: date
    first: date
    last: date
    only_next: bool
    good_for: int
    wanted: Wanted = Wanted()


@dataclass(frozen=True, slots=True)
class Due:
    """One term that somebody has to decide about, as it stands on a day."""

    row: Row
    told: Mapping[str, Any]
    decision: DecisionState
    settled_on: date | None
    days_left: int
    alarms: list[Alarm]
    verification: Verification


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of the work list; `after` is where the next one goes on.

    `left_out` counts the terms on it that cannot be read.
    """

    items: list[Due]
    after: Place | None
    left_out: int


Fetch = Callable[[Place | None, int], list[Row]]
"""Returns the rows after a place, in order, at most so many."""


def work_list(
    session: Session, filters: Filters, look: Look, *, after: Place | None, limit: int, today: date
) -> WorkList:
    """Return what must be acted on, soonest first, a page at a time; what was missed first.

    `today` is the day up to which people have acted.
    """

    def fetch(after: Place | None, most: int) -> list[Row]:
        rows: list[Row] = []
        if look.only_next and (after is None or after[0] < look.first):
            is_now = look.day >= today
            rows = milestones.missed(
                session, filters, look.first, is_now=is_now, after=after, limit=most
            )
        if len(rows) < most:
            rows = rows + milestones.to_act_on(
                session,
                filters,
                look.first,
                look.last,
                only_next=look.only_next,
                after=after,
                limit=most - len(rows),
            )
        return rows

    return _page(fetch, look, after, limit)


def work_list_known(
    session: Session,
    filters: Filters,
    look: Look,
    known_at: datetime,
    *,
    after: Place | None,
    limit: int,
) -> WorkList:
    """Return the work list as it was on record at a moment.

    Nothing of that is kept, so all of it is worked out anew: a large register takes its time.
    """
    rows = [
        row
        for facts, dossier in PastDossiers(session, known_at).every()
        if dossier is not None and filters.take(facts)
        for row in _rows_of(dossier, look)
    ]
    rows.sort(key=_place)

    def fetch(after: Place | None, most: int) -> list[Row]:
        return [row for row in rows if after is None or _place(row) > after][:most]

    return _page(fetch, look, after, limit)


def _page(fetch: Fetch, look: Look, after: Place | None, limit: int) -> WorkList:
    """Return the next page; decisions and alarms are worked out for the day, not stored.

    So a list of some of them looks through the rows until the page is full.
    """
    items: list[Due] = []
    left_out = 0
    while True:
        most = limit - len(items) + 1 if look.wanted.is_all else _SCAN
        rows = fetch(after, most)
        for row in rows:
            if len(items) == limit:
                return WorkList(items, after, left_out)
            after = _place(row)
            due = _read(row, look)
            if due is None:
                left_out += 1
            elif look.wanted.takes(due):
                items.append(due)
        if len(rows) < most:
            return WorkList(items, None, left_out)


def _place(row: Row) -> Place:
    return row["act_by"], row["agreement_id"], row["number"]


def _rows_of(dossier: Dossier, look: Look) -> Iterator[Row]:
    """Yield the terms of one agreement that belong on the list."""
    # What is still open on the day ends on it or later, or after the agreement was entered.
    first = min(look.first, look.day, dossier.row["created_at"].date())
    facts = {name: dossier.row[name] for name in milestones.FACTS}
    is_next = False
    for told in told_terms(dossier, first, look.last):
        act_by = told["act_by"]
        if act_by is None or act_by > look.last:
            continue
        row = {**facts, **told, "agreement_id": dossier.id}
        if act_by < look.first:
            if look.only_next and told["open_until"] > look.day:
                yield row
        elif not (look.only_next and is_next):
            is_next = True
            yield row


def _read(row: Row, look: Look) -> Due | None:
    """Return a term as it stands on the day; None, and a line in the log, if it cannot be read."""
    try:
        told, day, number = orjson.loads(row["told"]), look.day, row["number"]
        start = date.fromisoformat(told["term_start"])
        standing = standing_of(said_in(told, number, day), number, start)
        checked = {clause: _day(on) for clause, on in told["checked"].items()}
        verification = verification_on(checked, day, look.good_for)
        dates, why = told["dates"], told["why"]
        why["act_by"] = why["notice_deadline" if "notice_deadline" in dates else "term_end"]
        watch = Watch(
            act_by=row["act_by"],
            send_by=_day(dates.get("send_by")),
            negotiation_start=_day(dates.get("negotiation_start")),
            state=standing.state,
            open_until=row["open_until"],
            acknowledged_on=_day(told.get("acknowledged_on")),
            letter_on=_day(told.get("letter_on")),
            silence_renews=told["if_nobody_acts"] != "ends",
            is_verified=verification.state is Verified.VERIFIED,
        )
        return Due(
            row={**row, "tags": orjson.loads(row["tags"])},
            told=told,
            decision=standing.state,
            settled_on=standing.settled_on,
            days_left=(row["act_by"] - day).days,
            alarms=alarms_on(watch, day),
            verification=verification,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        log.exception("agreement %s is left out of the work list", row["agreement_id"])
        return None


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
