"""What would a file do, in detail? Told before anything is stored.

What would be created, with the dates that follow; what would change, field by field, and which
dates move; which known agreements the file does not have; and where another tool's dates are
not ours.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from app.records import agreements
from app.records.engine import Row, Session
from app.renewals.milestones import milestones
from app.renewals.position import Position, position
from app.renewals.terms import Terms
from app.usecases.agreements import row_of, snapshot
from app.usecases.dossiers import Dossiers
from app.usecases.imports import Entry, Plan, with_amounts_of
from app.usecases.refusals import Unreadable
from app.usecases.register import span_of


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An agreement that would be created, and its dates as of today; None where it has none."""

    row: int
    reference: str
    counterparty: str
    title: str
    term_end: date | None
    next_notice_deadline: date | None


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field by its dotted name, with what it held and would hold; None is not given."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of a term that would be another one, come or go."""

    term: int
    milestone: str
    old: date | None
    new: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """An agreement that would change: its fields, and the dates that move by that."""

    row: int
    id: UUID
    reference: str
    counterparty: str
    fields: list[ChangedField]
    dates: list[MovedDate]


@dataclass(frozen=True, slots=True)
class Missing:
    """A known agreement that the file does not have; it is left alone."""

    id: UUID
    reference: str
    counterparty: str
    title: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where another tool's date is not ours: of which row, its date, our date, and our reasons.

    `which` is `term_end` or `notice_deadline`, of the term that is current or comes next.
    """

    row: int
    reference: str
    counterparty: str
    which: str
    theirs: date
    ours: date | None
    why: list[str]


class Rehearsal:
    """Tells what a plan would do, in the transaction in which it was made."""

    def __init__(self, session: Session, planned: Plan, today: date) -> None:
        self._session = session
        self._planned = planned
        self._today = today
        self._span = span_of(session)

    def newcomers(self) -> Iterator[Newcomer]:
        """Go through what would be created, in the order it would be."""
        for entry in self._planned.created:
            form, stands = entry.form, self._position_of(entry)
            yield Newcomer(
                row=entry.row_number,
                reference=form.reference,
                counterparty=form.counterparty,
                title=form.title,
                term_end=stands.term_end,
                next_notice_deadline=stands.next_notice_deadline,
            )

    def changes(self) -> Iterator[Change]:
        """Go through what would change."""
        dossiers = Dossiers(self._session)
        for entry in self._planned.changed:
            old = agreements.by_ids(self._session, [entry.id])[entry.id]
            new = row_of(with_amounts_of(entry.form, old), entry.id, old["created_at"])
            try:
                before: Terms | None = dossiers.of(old).terms
            except Unreadable:
                before = None  # its dates were told to nobody
            yield Change(
                row=entry.row_number,
                id=entry.id,
                reference=new["reference"],
                counterparty=new["counterparty"],
                fields=list(_changed(_flat(old), _flat(new))),
                dates=list(_moved(self._dates(before), self._dates(self._terms_of(entry)))),
            )

    def missing(self) -> Iterator[Missing]:
        """Go through the known agreements that the file does not have, by reference."""
        there = {
            one.id for some in (self._planned.changed, self._planned.unchanged) for one in some
        }
        for found in agreements.keys(self._session):
            if found[0] not in there and (found[1], found[2]) not in self._planned.stated:
                yield Missing(*found)

    def differences(self) -> Iterator[Difference]:
        """Go through the dates of another tool that are not ours, in the order of the rows."""
        planned = self._planned
        for entry in sorted(
            (*planned.created, *planned.changed, *planned.unchanged),
            key=lambda one: one.row_number,
        ):
            theirs = entry.theirs
            if not theirs:
                continue
            form, stands = entry.form, self._position_of(entry)
            for name, day in theirs.items():
                which, ours = _nearest(_OURS[name](stands), day)
                if ours != day:
                    yield Difference(
                        row=entry.row_number,
                        reference=form.reference,
                        counterparty=form.counterparty,
                        which=name.removeprefix("their_").replace("end_date", "term_end"),
                        theirs=day,
                        ours=ours,
                        why=stands.why.get(which, []),
                    )

    def _terms_of(self, entry: Entry) -> Terms:
        known = self._planned.worked_out.get(entry.id)
        if known is not None:
            return known
        form = entry.form
        return self._planned.terms_of((form.reference, form.counterparty))

    def _position_of(self, entry: Entry) -> Position:
        return position(self._terms_of(entry), self._today)

    def _dates(self, terms: Terms | None) -> dict[tuple[int, str], date]:
        if terms is None:
            return {}
        return {(one.term_number, one.kind.value): one.on for one in milestones(terms, *self._span)}


def _ends_of(stands: Position) -> dict[str, date | None]:
    return {"term_end": stands.term_end}


def _deadlines_of(stands: Position) -> dict[str, date | None]:
    """Return the deadlines that a list may mean: of the term that runs, and of the next."""
    return {
        "notice_deadline": stands.notice_deadline,
        "next_notice_deadline": stands.next_notice_deadline,
    }


def _nearest(ours: Mapping[str, date | None], theirs: date) -> tuple[str, date | None]:
    """Return which of our dates is the nearest to theirs, and the date; None if we have none."""
    there = [(name, day) for name, day in ours.items() if day is not None]
    nearest = min(there, key=lambda one: abs(one[1] - theirs), default=None)
    return nearest or (next(iter(ours)), None)


_OURS: Mapping[str, Callable[[Position], dict[str, date | None]]] = {
    "their_end_date": _ends_of,
    "their_notice_deadline": _deadlines_of,
}


def _flat(row: Row) -> dict[str, object]:
    """Return the facts and terms of a row by dotted names, without what is not given."""
    return dict(_parts("", orjson.loads(snapshot(row))))


def _parts(prefix: str, value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for name, part in value.items():
            # Terms stand in a form beside the facts.
            path = name if prefix in ("", "terms") else f"{prefix}.{name}"
            yield from _parts(path, part)
    elif value not in (None, [], False):
        yield prefix, value


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[ChangedField]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield ChangedField(name, old.get(name), new.get(name))


def _moved(
    old: Mapping[tuple[int, str], date], new: Mapping[tuple[int, str], date]
) -> Iterator[MovedDate]:
    for term, milestone in sorted({*old, *new}):
        before, after = old.get((term, milestone)), new.get((term, milestone))
        if before != after:
            yield MovedDate(term, milestone, before, after)
