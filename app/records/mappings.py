"""Which mappings of imports are kept? Each under its name."""

from sqlalchemy import delete, insert, select, update

from app.records.engine import Row, Session, row, rows
from app.records.tables import ImportMapping

_ALL = select(*ImportMapping.__table__.columns).order_by(ImportMapping.name)


def every(session: Session) -> list[Row]:
    """Return all mappings, by name."""
    return rows(session.execute(_ALL))


def by_name(session: Session, name: str) -> Row | None:
    """Return one mapping."""
    return row(session.execute(_ALL.where(ImportMapping.name == name)))


def keep(session: Session, kept: Row) -> None:
    """Keep a mapping in the place of the one that has its name."""
    done = session.execute(
        update(ImportMapping).where(ImportMapping.name == kept["name"]).values(**kept)
    )
    if done.rowcount == 0:
        session.execute(insert(ImportMapping), [kept])


def remove(session: Session, name: str) -> None:
    """Forget a mapping."""
    session.execute(delete(ImportMapping).where(ImportMapping.name == name))
