"""What did people do about agreements? Acts, which are only ever added to."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert, select

from app.records.engine import Row, Session, rows
from app.records.tables import Act

_COLUMNS = tuple(Act.__table__.columns)
_CHUNK = 250
_INSERT = insert(Act)  # built once: building costs more than storing a row


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep acts."""
    session.execute(_INSERT, list(new))


def of(session: Session, agreement_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """Return the acts about these agreements in the order they were recorded, by agreement."""
    wanted = sorted(set(agreement_ids))
    found: dict[UUID, list[Row]] = {one: [] for one in wanted}
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(*_COLUMNS)
            .where(Act.agreement_id.in_(wanted[start : start + _CHUNK]))
            .order_by(Act.agreement_id, Act.number)
        )
        for act in rows(session.execute(query)):
            found[act["agreement_id"]].append(act)
    return found
