"""Which imports go on, or went, while nobody waited for them?"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from app.records.engine import Row, Session, row
from app.records.tables import ImportJob

_TOLD = select(
    *(one for one in ImportJob.__table__.columns if one.name not in ("refused", "actor_id")),
    ImportJob.refused.is_not(None).label("has_refused"),
)


def add(session: Session, job: Row) -> None:
    """Keep a new job."""
    session.execute(insert(ImportJob), [job])


def by_id(session: Session, job_id: UUID) -> Row | None:
    """Return one job, without the rows that were refused."""
    return row(session.execute(_TOLD.where(ImportJob.id == job_id)))


def refused_of(session: Session, job_id: UUID) -> Row | None:
    """Return the rows that a job refused, as a file with its ending."""
    query = select(ImportJob.refused, ImportJob.refused_as)
    there = (ImportJob.id == job_id, ImportJob.refused.is_not(None))
    return row(session.execute(query.where(*there)))


def change(session: Session, job_id: UUID, values: Row) -> None:
    """Note how far a job is, or what became of it."""
    session.execute(update(ImportJob).where(ImportJob.id == job_id).values(**values))


def forget_before(session: Session, moment: datetime) -> None:
    """Forget the jobs that began before a moment."""
    session.execute(delete(ImportJob).where(ImportJob.created_at < moment))
