"""Which dates are coming? Terms and their milestones, worked out from all agreements."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, exists, insert, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.records.agreements import Filters
from app.records.engine import Row, Session, rows
from app.records.tables import Agreement, TermRow

_CHUNK = 1_000
_INSERT = insert(TermRow)  # built once: building costs more than storing a row
_OF_AGREEMENT = (
    Agreement.id.label("agreement_id"),
    Agreement.reference,
    Agreement.title,
    Agreement.counterparty,
    Agreement.kind,
    Agreement.owner,
    Agreement.procurement_contact,
    Agreement.criticality,
    Agreement.spend_class,
    Agreement.currency,
    Agreement.annual_value,
    Agreement.total_value,
    Agreement.tags,
)
_OF_TERM = (TermRow.number, TermRow.act_by, TermRow.assumed, TermRow.told)
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


def between(session: Session, first: date, last: date) -> list[Row]:
    """Return the terms whose milestones may fall into the days from `first` to `last`.

    In a total order, so that what is made of them is the same on every database.
    """
    found = session.execute(
        select(TermRow.agreement_id, *_OF_TERM)
        .where(TermRow.last_on >= first, TermRow.first_on <= last)
        .order_by(TermRow.agreement_id, TermRow.number)
    )
    return rows(found)


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
