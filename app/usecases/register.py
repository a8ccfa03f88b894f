"""How do facts become terms, and terms become milestones that can be asked for?

Milestones are a function of the facts and a span of days: whole months, from twelve back
to twenty-seven ahead of the day the register was founded, and further when a read asks.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import uuid4

from app.records import agreements, milestones, register
from app.records.engine import Database, Session
from app.records.register import RegisterState
from app.renewals.months import add_months
from app.usecases.dossiers import Dossier, Dossiers
from app.usecases.refusals import StillNeeded, Unreadable
from app.usecases.told import told_terms

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
    if register.state(session) is None:
        first, last = month_span(today, ahead=MONTHS_AHEAD + _MONTHS_TO_SPARE)
        register.found(session, RegisterState(uuid4(), 0, first, last))
    return state_of_register(session)


def span_of(session: Session) -> tuple[date, date]:
    """Return the first and last day for which milestones are worked out."""
    state = state_of_register(session)
    return state.milestones_from, state.milestones_until


def add_milestones(session: Session, dossier: Dossier) -> None:
    """Work out the milestones of an agreement that has none yet."""
    work_out(session, [dossier], *span_of(session))


def place_milestones(session: Session, dossiers: Dossiers, dossier: Dossier) -> None:
    """Work out an agreement's milestones anew, and those of agreements that end with it.

    Raises `StillNeeded` when one of those could not any more.
    """
    milestones.remove(session, [dossier.id])
    add_milestones(session, dossier)
    for child in agreements.co_terminous_children(session, dossier.id):
        try:
            of_child = dossiers.of(child)
        except Unreadable as unreadable:
            sentence = (
                f"Agreement {child['id']} ends with this one, and its own terms would not fit:"
                " change it first."
            )
            raise StillNeeded(sentence) from unreadable
        agreements.date_anew(session, of_child.id)
        place_milestones(session, dossiers, of_child)


def work_out(
    session: Session,
    dossiers: Iterable[Dossier],
    first: date,
    last: date,
    kept: tuple[date, date] | None = None,
) -> None:
    """Work out and keep the terms that have a date from `first` to `last`, with all of it.

    Terms that have a date in the days `kept` are there already.
    """
    rows = [row for dossier in dossiers for row in told_terms(dossier, first, last, kept)]
    milestones.add(session, rows)


@contextmanager
def reading_milestones(database: Database, first: date, last: date) -> Iterator[Session]:
    """Open a reading transaction in which milestones are there from `first` to `last`."""
    with database.reading() as session:
        state = state_of_register(session)
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
    for _, dossier in Dossiers(session).each_of(agreements.every(session)):
        if dossier is not None:
            work_out(session, [dossier], covered_from, covered_until, kept)


def rebuild(session: Session) -> None:
    """Work out all milestones anew from the facts, for the days that are covered.

    What cannot be read keeps the dates it had.
    """
    register.lock(session)
    first, last = span_of(session)
    for _, dossier in Dossiers(session).each_of(agreements.every(session)):
        if dossier is not None:
            milestones.remove(session, [dossier.id])
            work_out(session, [dossier], first, last)
    agreements.date_anew(session)


def state_of_register(session: Session) -> RegisterState:
    """Return the register's state. Raises RuntimeError when nothing was prepared."""
    state = register.state(session)
    if state is None:
        message = "the register was not founded: serve, or run a command, to prepare the database"
        raise RuntimeError(message)
    return state
