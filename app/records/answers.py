"""Was this request answered before? First answers, kept so that a retry repeats them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.records.engine import Row, Session, row
from app.records.tables import RepeatableAnswer


def claim(session: Session, row: Row) -> bool:
    """Take a key for this request; False when another request has it.

    On PostgreSQL this waits for the other request to end before it says so.
    """
    dialect = sqlite if session.dialect.name == "sqlite" else postgresql
    # RETURNING tells on both databases; PostgreSQL's driver counts no inserted rows.
    claimed = session.execute(
        dialect.insert(RepeatableAnswer)
        .values(**row)
        .on_conflict_do_nothing()
        .returning(RepeatableAnswer.key)
    )
    return claimed.first() is not None


def keep(session: Session, token_id: UUID, key: str, values: Row) -> None:
    """Keep the answer under a claimed key."""
    session.execute(
        update(RepeatableAnswer)
        .where(RepeatableAnswer.token_id == token_id, RepeatableAnswer.key == key)
        .values(**values)
    )


def find(session: Session, token_id: UUID, key: str) -> Row | None:
    """Return the answer kept under a key."""
    found = session.execute(
        select(*RepeatableAnswer.__table__.columns).where(
            RepeatableAnswer.token_id == token_id, RepeatableAnswer.key == key
        )
    )
    return row(found)


def forget_before(session: Session, token_id: UUID, key: str, moment: datetime) -> None:
    """Forget the answer under a key when it is older than `moment`."""
    session.execute(
        delete(RepeatableAnswer).where(
            RepeatableAnswer.token_id == token_id,
            RepeatableAnswer.key == key,
            RepeatableAnswer.created_at < moment,
        )
    )
