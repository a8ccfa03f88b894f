"""How do facts become terms, and terms become milestones that can be asked for?

Milestones are a function of the facts and a span of days: whole months, from twelve back
to twenty-seven ahead of the day the register was founded, and further when a read asks.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from app import calendars
from app.records import agreements, milestones, register
from app.records.engine import Database, Row, Session
from app.records.register import RegisterState
from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import RenewalKind
from app.renewals.documents import terms_of
from app.renewals.milestones import Milestone, MilestoneKind, terms_with_milestones
from app.renewals.months import add_months
from app.renewals.terms import Terms
from app.usecases.refusals import StillNeeded, Unreadable

log = logging.getLogger("noticeboard")

MONTHS_BACK = 12
MONTHS_AHEAD = 24
LONGEST_LINE = 10
"""How many parents can stand above one another."""
_MONTHS_TO_SPARE = 3


def month_span(
    today: date, back: int = MONTHS_BACK, ahead: int = MONTHS_AHEAD
) -> tuple[date, date]:
    """Return the first and last day of a span of whole months around the month of `today`."""
    month = today.replace(day=1)
    return add_months(month, -back), add_months(month, ahead + 1) - timedelta(days=1)


def found_register(session: Session, today: date) -> RegisterState:
    """Return the register's state; a new one gets its installation id and its first span."""
    if register.state(session) is None:
        first, last = month_span(today, ahead=MONTHS_AHEAD + _MONTHS_TO_SPARE)
        register.found(session, RegisterState(uuid4(), 0, first, last))
    return _state(session)


def terms_of_row(session: Session, row: Mapping[str, Any], below: int = 0) -> Terms:
    """Return the terms of a stored agreement, its parent's with it where they end together.

    `below` counts the agreements that asked for it as their parent. Raises `Unreadable`
    when what is stored is no terms document.
    """
    try:
        document = orjson.loads(row["terms"])
        parent = _parent_terms(session, row, below + 1) if row["co_terminous"] else None
        return terms_of(document, calendars.named, parent)
    except (BadTerms, ValueError, TypeError, AttributeError) as error:
        sentence = f"The stored terms of agreement {row['id']} cannot be read: correct them."
        raise Unreadable(sentence) from error


def readable(session: Session, rows: Iterator[Row]) -> Iterator[tuple[Row, Terms | None]]:
    """Go through rows with their terms; None stands for terms that cannot be read, logged."""
    for row in rows:
        try:
            terms = terms_of_row(session, row)
        except Unreadable:
            log.exception("agreement %s is left out: its terms cannot be read", row["id"])
            yield row, None
        else:
            yield row, terms


def span_of(session: Session) -> tuple[date, date]:
    """Return the first and last day for which milestones are worked out."""
    state = _state(session)
    return state.milestones_from, state.milestones_until


def add_milestones(session: Session, agreement_id: UUID, terms: Terms) -> None:
    """Work out the milestones of an agreement that has none yet."""
    work_out(session, [(agreement_id, terms)], *span_of(session))


def place_milestones(session: Session, agreement_id: UUID, terms: Terms) -> None:
    """Work out an agreement's milestones anew, and those of agreements that end with it.

    Raises `StillNeeded` when one of those could not any more.
    """
    milestones.remove(session, [agreement_id])
    add_milestones(session, agreement_id, terms)
    for child in agreements.co_terminous_children(session, agreement_id):
        try:
            of_child = terms_of_row(session, child)
        except Unreadable as unreadable:
            sentence = (
                f"Agreement {child['id']} ends with this one, and its own terms would not fit:"
                " change it first."
            )
            raise StillNeeded(sentence) from unreadable
        place_milestones(session, child["id"], of_child)


def work_out(
    session: Session,
    terms_by_id: Iterable[tuple[UUID, Terms]],
    first: date,
    last: date,
    kept: tuple[date, date] | None = None,
) -> None:
    """Work out and keep the terms that have a date from `first` to `last`, with all of it.

    Terms that have a date in the days `kept` are there already.
    """
    rows = [
        _term_row(agreement_id, terms, of_term)
        for agreement_id, terms in terms_by_id
        for of_term in terms_with_milestones(terms, first, last)
        if kept is None or not any(kept[0] <= milestone.on <= kept[1] for milestone in of_term)
    ]
    milestones.add(session, rows)


def _term_row(agreement_id: UUID, terms: Terms, of_term: list[Milestone]) -> dict[str, Any]:
    any_of_them = of_term[0]
    dates = {milestone.kind.value: milestone.on for milestone in of_term}
    why = {milestone.kind.value: milestone.why for milestone in of_term}
    if MilestoneKind.RENEWAL in why:
        # A renewal is the day after the term's end: its last step alone says that.
        why["term_end"] = why[MilestoneKind.RENEWAL][:-1]
    told = {
        "term_start": any_of_them.term_start,
        "term_end": any_of_them.term_end,
        "if_nobody_acts": _if_nobody_acts(terms, dates),
        "dates": dates,
        "why": why,
    }
    return {
        "agreement_id": agreement_id,
        "number": any_of_them.term_number,
        "first_on": min(dates.values()),
        "last_on": max(dates.values()),
        "act_by": next((milestone.on for milestone in of_term if milestone.act_by), None),
        "assumed": any(milestone.assumed for milestone in of_term),
        "told": orjson.dumps(told).decode(),
    }


def _if_nobody_acts(terms: Terms, dates: Mapping[str, date]) -> str:
    if MilestoneKind.RENEWAL in dates:
        return "renews"
    minimum_term = terms.kind is RenewalKind.EVERGREEN and MilestoneKind.NOTICE_DEADLINE in dates
    return "goes_on" if minimum_term else "ends"


@contextmanager
def reading_milestones(database: Database, first: date, last: date) -> Iterator[Session]:
    """Open a reading transaction in which milestones are there from `first` to `last`."""
    with database.reading() as session:
        state = _state(session)
        if state.milestones_from <= first and last <= state.milestones_until:
            yield session
            return
    with database.writing() as session:
        extend(session, first, last)
        yield session


def extend(session: Session, first: date, last: date) -> None:
    """Work out the milestones of the days that are not covered yet, in whole months."""
    register.lock(session)
    kept = covered_from, covered_until = span_of(session)
    if covered_from <= first and last <= covered_until:
        return
    if first < covered_from:
        covered_from, _ = month_span(first, back=0)
    if last > covered_until:
        _, covered_until = month_span(last, ahead=_MONTHS_TO_SPARE)
    register.set_span(session, covered_from, covered_until)
    for row, terms in readable(session, agreements.every(session)):
        if terms is not None:
            work_out(session, [(row["id"], terms)], covered_from, covered_until, kept)


def rebuild(session: Session) -> None:
    """Work out all milestones anew from the facts, for the days that are covered.

    What cannot be read keeps the dates it had.
    """
    register.lock(session)
    first, last = span_of(session)
    for row, terms in readable(session, agreements.every(session)):
        if terms is not None:
            milestones.remove(session, [row["id"]])
            work_out(session, [(row["id"], terms)], first, last)


def _parent_terms(session: Session, row: Mapping[str, Any], below: int) -> Terms:
    parent = agreements.by_id(session, row["parent_id"])
    if parent is None or below > LONGEST_LINE:
        sentence = f"No parent of agreement {row['id']} has dates of its own: name another."
        raise Unreadable(sentence)
    return terms_of_row(session, parent, below)


def _state(session: Session) -> RegisterState:
    state = register.state(session)
    if state is None:
        message = "the register was not founded: serve, or run a command, to prepare the database"
        raise RuntimeError(message)
    return state
