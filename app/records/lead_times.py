"""Which lead-time policy is kept? The one table of rows, as it was entered."""

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.records.engine import Row, Session, row
from app.records.tables import LeadTimePolicy

_CURRENT = select(LeadTimePolicy.version, LeadTimePolicy.rows)


def current(session: Session) -> Row | None:
    """Return the policy's version and its rows as text; None when none was ever kept."""
    return row(session.execute(_CURRENT))


def found(session: Session, rows: str) -> None:
    """Keep the first policy, unless somebody else has just done so."""
    dialect = sqlite if session.dialect.name == "sqlite" else postgresql
    founding = dialect.insert(LeadTimePolicy).values(id=1, version=1, rows=rows)
    session.execute(founding.on_conflict_do_nothing())


def replace(session: Session, version: int, rows: str) -> None:
    """Keep other rows, at another version."""
    session.execute(update(LeadTimePolicy).values(version=version, rows=rows))
