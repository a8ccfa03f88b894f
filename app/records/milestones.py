"""Which dates are coming? The milestones worked out from all agreements."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, tuple_
from sqlalchemy.orm import aliased

from app.records.agreements import Filters
from app.records.engine import Row, Session, rows
from app.records.tables import Agreement, MilestoneRow

_COLUMNS = tuple(MilestoneRow.__table__.columns)
_CHUNK = 1_000
_OF_AGREEMENT = (
    Agreement.id,
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


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep milestones, in chunks."""
    for start in range(0, len(new), _CHUNK):
        session.execute(insert(MilestoneRow), list(new[start : start + _CHUNK]))


def remove(session: Session, agreement_ids: Iterable[UUID]) -> None:
    """Forget the milestones of these agreements."""
    session.execute(delete(MilestoneRow).where(MilestoneRow.agreement_id.in_(list(agreement_ids))))


def of_agreement(session: Session, agreement_id: UUID) -> list[Row]:
    """Return the milestones of one agreement, by term and date."""
    found = session.execute(
        select(*_COLUMNS)
        .where(MilestoneRow.agreement_id == agreement_id)
        .order_by(MilestoneRow.term_number, MilestoneRow.falls_on, MilestoneRow.kind)
    )
    return rows(found)


def between(session: Session, kinds: Iterable[str], first: date, last: date) -> list[Row]:
    """Return the milestones of these kinds from `first` to `last`, in a total order."""
    found = session.execute(
        select(*_COLUMNS)
        .where(MilestoneRow.kind.in_(list(kinds)), MilestoneRow.falls_on.between(first, last))
        .order_by(
            MilestoneRow.falls_on,
            MilestoneRow.agreement_id,
            MilestoneRow.term_number,
            MilestoneRow.kind,
        )
    )
    return rows(found)


def of_terms_between(session: Session, first: date, last: date) -> list[Row]:
    """Return all milestones of the terms that have one from `first` to `last`."""
    within = aliased(MilestoneRow)
    found = session.execute(
        select(*_COLUMNS).where(
            exists().where(
                within.agreement_id == MilestoneRow.agreement_id,
                within.term_number == MilestoneRow.term_number,
                within.falls_on.between(first, last),
            )
        )
    )
    return rows(found)


def of_terms(session: Session, terms: Sequence[tuple[UUID, int]]) -> list[Row]:
    """Return all milestones of these terms (agreement id and term number)."""
    found = session.execute(
        select(*_COLUMNS).where(
            tuple_(MilestoneRow.agreement_id, MilestoneRow.term_number).in_(terms)
        )
    )
    return rows(found)


def to_act_on(  # noqa: PLR0913 - one named question, asked in one place
    session: Session,
    filters: Filters,
    first: date,
    last: date,
    *,
    only_next: bool,
    after: tuple[date, UUID, int] | None,
    limit: int,
) -> list[Row]:
    """Return the days from `first` to `last` by which somebody must have acted, soonest first.

    With `only_next`, one for each agreement: its first from `first` on.
    """
    query = (
        select(
            *_OF_AGREEMENT,
            MilestoneRow.term_number,
            MilestoneRow.term_start,
            MilestoneRow.term_end,
            MilestoneRow.kind.label("act_by_kind"),
            MilestoneRow.falls_on,
            MilestoneRow.assumed,
        )
        .join(Agreement, Agreement.id == MilestoneRow.agreement_id)
        .where(MilestoneRow.act_by, MilestoneRow.falls_on.between(first, last))
        .where(*filters.conditions())
        .order_by(MilestoneRow.falls_on, MilestoneRow.agreement_id, MilestoneRow.term_number)
        .limit(limit)
    )
    if only_next:
        sooner = aliased(MilestoneRow)
        query = query.where(
            ~exists().where(
                sooner.agreement_id == MilestoneRow.agreement_id,
                sooner.act_by,
                sooner.falls_on >= first,
                sooner.falls_on < MilestoneRow.falls_on,
            )
        )
    if after is not None:
        place = (MilestoneRow.falls_on, MilestoneRow.agreement_id, MilestoneRow.term_number)
        query = query.where(tuple_(*place) > after)
    return rows(session.execute(query))
