"""How do facts become terms, and terms become milestones that can be asked for?

Milestones are a function of the facts and a span of days: whole months, from twelve back
to twenty-seven ahead of the day the register was founded, and further when a read asks.
"""

import json
import logging
from collections.abc import Iterator, Mapping
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
from app.renewals.documents import terms_of
from app.renewals.milestones import milestones as milestones_of
from app.renewals.months import add_months
from app.renewals.terms import Terms
from app.usecases.refusals import Unreadable

log = logging.getLogger("noticeboard")

MONTHS_BACK = 12
MONTHS_AHEAD = 24
_MONTHS_TO_SPARE = 3


def month_span(
    today: date, back: int = MONTHS_BACK, ahead: int = MONTHS_AHEAD
) -> tuple[date, date]:
    """Return the first and last day of a span of whole months around the month of `today`."""
    month = today.replace(day=1)
    return add_months(month, -back), add_months(month, ahead + 1) - timedelta(days=1)


def found_register(session: Session, today: date) -> RegisterState:
    """Return the register's state; a new one gets its installation id and its first span."""
    state = register.state(session)
    if state is None:
        first, last = month_span(today, ahead=MONTHS_AHEAD + _MONTHS_TO_SPARE)
        state = RegisterState(uuid4(), 0, first, last)
        register.found(session, state)
    return state


def terms_of_row(session: Session, row: Mapping[str, Any]) -> Terms:
    """Return the terms of a stored agreement, its parent's with it where they end together.

    Raises `Unreadable` when what is stored is no terms document.
    """
    try:
        document = orjson.loads(row["terms"])
        parent = _parent_terms(session, row) if row["co_terminous"] else None
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
    milestones.add(session, milestone_rows(agreement_id, terms, *span_of(session)))


def place_milestones(session: Session, agreement_id: UUID, terms: Terms) -> None:
    """Work out an agreement's milestones anew, and those of agreements that end with it."""
    milestones.remove(session, [agreement_id])
    add_milestones(session, agreement_id, terms)
    for child in agreements.co_terminous_children(session, agreement_id):
        place_milestones(session, child["id"], terms_of_row(session, child))


def milestone_rows(
    agreement_id: UUID, terms: Terms, first: date, last: date
) -> list[dict[str, Any]]:
    """Return the rows of an agreement's milestones from `first` to `last`."""
    return [
        {
            "agreement_id": agreement_id,
            "term_number": milestone.term_number,
            "kind": milestone.kind.value,
            "falls_on": milestone.on,
            "term_start": milestone.term_start,
            "term_end": milestone.term_end,
            "assumed": milestone.assumed,
            "act_by": milestone.act_by,
            "why": json.dumps(milestone.why, ensure_ascii=False),
        }
        for milestone in milestones_of(terms, first, last)
    ]


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
    state = _state(session)
    spare_first, _ = month_span(first, back=0)
    _, spare_last = month_span(last, ahead=_MONTHS_TO_SPARE)
    day = timedelta(days=1)
    if first < state.milestones_from:
        _fill(session, spare_first, state.milestones_from - day)
        register.set_span(session, spare_first, state.milestones_until)
        state = _state(session)
    if last > state.milestones_until:
        _fill(session, state.milestones_until + day, spare_last)
        register.set_span(session, state.milestones_from, spare_last)


def rebuild(session: Session) -> None:
    """Work out all milestones anew from the facts, for the days that are covered."""
    state = _state(session)
    for row, _ in readable(session, agreements.every(session)):
        milestones.remove(session, [row["id"]])
    _fill(session, state.milestones_from, state.milestones_until)


def _fill(session: Session, first: date, last: date) -> None:
    for row, terms in readable(session, agreements.every(session)):
        if terms is not None:
            milestones.add(session, milestone_rows(row["id"], terms, first, last))


def _parent_terms(session: Session, row: Mapping[str, Any]) -> Terms:
    parent = agreements.by_id(session, row["parent_id"])
    if parent is None:
        sentence = f"The parent of agreement {row['id']} is gone: name another."
        raise Unreadable(sentence)
    return terms_of_row(session, parent)


def _state(session: Session) -> RegisterState:
    state = register.state(session)
    if state is None:
        message = "the register was not founded: serve, or run a command, to prepare the database"
        raise RuntimeError(message)
    return state
