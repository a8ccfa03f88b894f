"""Which dates are coming? Terms and their milestones, worked out from all agreements."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, exists, insert, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.records.agreements import Filters
from app.records.engine import Row, Session, row, rows
from app.records.tables import Agreement, TermRow

_CHUNK = 1_000
_INSERT = insert(TermRow)  # built once: building costs more than storing a row
FACTS = (
    "reference",
    "title",
    "counterparty",
    "kind",
    "owner",
    "procurement_contact",
    "criticality",
    "spend_class",
    "currency",
    "annual_value",
    "total_value",
    "tags",
)
"""What the list of what is to be done tells of each agreement."""

_OF_AGREEMENT = (
    Agreement.id.label("agreement_id"),
    *(Agreement.__table__.columns[name] for name in FACTS),
)
_OF_TERM = (TermRow.number, TermRow.act_by, TermRow.open_until, TermRow.assumed, TermRow.told)
_PLACE = (TermRow.act_by, TermRow.agreement_id, TermRow.number)


def add(session: Session, terms: Sequence[Row]) -> None:
    """Keep terms with their milestones, in chunks."""
    for start in range(0, len(terms), _CHUNK):
        session.execute(_INSERT, list(terms[start : start + _CHUNK]))


def remove(session: Session, agreement_ids: Iterable[UUID]) -> None:
    """Forget the terms and milestones of these agreements."""
    gone = list(agreement_ids)
    session.execute(delete(TermRow).where(TermRow.agreement_id.in_(gone)))


def of_agreement(session: Session, agreement_id: UUID) -> list[Row]:
    """Return the terms of one agreement that are worked out, in their order."""
    found = session.execute(
        select(*TermRow.__table__.columns)
        .where(TermRow.agreement_id == agreement_id)
        .order_by(TermRow.number)
    )
    return rows(found)


def of_term(session: Session, agreement_id: UUID, number: int) -> Row | None:
    """Return one term of an agreement, None when it is not worked out."""
    found = session.execute(
        select(*TermRow.__table__.columns).where(
            TermRow.agreement_id == agreement_id, TermRow.number == number
        )
    )
    return row(found)


def of_agreements(
    session: Session, agreement_ids: Sequence[UUID], first: date, last: date
) -> Iterator[Row]:
    """Go through the terms of agreements that may have a date from `first` to `last`."""
    for start in range(0, len(agreement_ids), _CHUNK):
        some = list(agreement_ids[start : start + _CHUNK])
        found = session.execute(
            select(TermRow.agreement_id, *_OF_TERM)
            .where(
                TermRow.agreement_id.in_(some), TermRow.last_on >= first, TermRow.first_on <= last
            )
            .order_by(TermRow.agreement_id, TermRow.number)
        )
        yield from rows(found)


def to_act_on(
    session: Session,
    filters: Filters,
    first: date,
    last: date,
    *,
    only_next: bool,
    after: tuple[date, UUID, int] | None,
    limit: int,
) -> list[Row]:
    """Return the terms somebody must have decided about from `first` to `last`, soonest first.

    With `only_next`, one for each agreement: its first from `first` on.
    """
    query = _to_act_on(only_next=only_next)
    if conditions := filters.conditions():
        query = query.where(*conditions)
    if after is not None:
        query = query.where(tuple_(*_PLACE) > after)
    return rows(session.execute(query, {"first": first, "last": last, "most": limit}))


def missed(
    session: Session,
    filters: Filters,
    day: date,
    *,
    is_now: bool,
    after: tuple[date, UUID, int] | None,
    limit: int,
) -> list[Row]:
    """Return the terms whose day to act by passed before `day` and that were still open on it.

    With `is_now` nobody has acted after `day`: what is open then is open for ever, so far.
    """
    query = _missed(is_now=is_now)
    if conditions := filters.conditions():
        query = query.where(*conditions)
    if after is not None:
        query = query.where(tuple_(*_PLACE) > after)
    return rows(session.execute(query, {"day": day, "most": limit}))


@cache
def _missed(*, is_now: bool) -> Select[*tuple[object, ...]]:
    day = bindparam("day", type_=TermRow.act_by.type)
    # An index finds what is open for ever; what was closed later is looked for one by one.
    is_open = TermRow.open_until == _FOR_EVER if is_now else TermRow.open_until > day
    return (
        select(*_OF_AGREEMENT, *_OF_TERM)
        .join(TermRow, Agreement.id == TermRow.agreement_id)
        .where(is_open, TermRow.act_by < day)
        .order_by(*_PLACE)
        .limit(bindparam("most"))
    )


_FOR_EVER = date.max


@cache
def _to_act_on(*, only_next: bool) -> Select[*tuple[object, ...]]:
    """Return the question without its filters, built once: building costs more than asking."""
    first = bindparam("first", type_=TermRow.act_by.type)
    last = bindparam("last", type_=TermRow.act_by.type)
    query = (
        select(*_OF_AGREEMENT, *_OF_TERM)
        .join(TermRow, Agreement.id == TermRow.agreement_id)
        .where(TermRow.act_by.between(first, last))
        .order_by(*_PLACE)
        .limit(bindparam("most"))
    )
    if only_next:
        sooner = aliased(TermRow)
        query = query.where(
            ~exists().where(
                sooner.agreement_id == TermRow.agreement_id,
                sooner.act_by.between(first, TermRow.act_by),
                or_(sooner.act_by < TermRow.act_by, sooner.number < TermRow.number),
            )
        )
    return query
