"""Who changed what, when? The trail, which is only ever added to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select

from app.records.engine import Row, Session, rows
from app.records.tables import AuditEntry

_COLUMNS = tuple(AuditEntry.__table__.columns)
_CHUNK = 250
_INSERT = insert(AuditEntry)  # built once: building costs more than storing a row


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep entries, in chunks."""
    for start in range(0, len(new), _CHUNK):
        session.execute(_INSERT, list(new[start : start + _CHUNK]))


def about(session: Session, subject_id: UUID, after: int, limit: int) -> list[Row]:
    """Return the entries about one subject, oldest first, from after an entry's id."""
    found = session.execute(
        select(*_COLUMNS)
        .where(AuditEntry.subject_id == subject_id, AuditEntry.id > after)
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    return rows(found)
