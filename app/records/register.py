"""Which revision is the register at, and for which days are milestones worked out?"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.records.audit import NO_ENTRY
from app.records.engine import Session
from app.records.tables import Register


@dataclass(frozen=True, slots=True)
class RegisterState:
    """The register as a whole; milestones are worked out for both days and all between."""

    installation_id: UUID
    revision: int
    milestones_from: date
    milestones_until: date


_STATE = select(
    Register.installation_id,
    Register.revision,
    Register.milestones_from,
    Register.milestones_until,
)


_RAISE_REVISION = update(Register).values(revision=Register.revision + 1)


def state(session: Session) -> RegisterState | None:
    """Return the register's state, None when nothing was ever kept."""
    row = session.execute(_STATE).one_or_none()
    return None if row is None else RegisterState(*row)


def found(session: Session, new: RegisterState) -> None:
    """Keep the state of a register that is new, unless somebody else has just founded it."""
    dialect = sqlite if session.dialect.name == "sqlite" else postgresql
    founding = dialect.insert(Register).values(
        id=1,
        installation_id=new.installation_id,
        revision=new.revision,
        milestones_from=new.milestones_from,
        milestones_until=new.milestones_until,
        audit_id=NO_ENTRY.id,
        audit_hash=NO_ENTRY.hash,
    )
    session.execute(founding.on_conflict_do_nothing())


def lock(session: Session) -> None:
    """Wait for whoever changes the register or publishes from it, and keep others waiting.

    Ask what a change rests on after this: parents, children and the days covered.
    """
    if session.dialect.name != "sqlite":  # whose writers are alone anyway
        session.execute(select(Register.id).with_for_update())


def stand_still(session: Session) -> None:
    """See nothing of what others store until the transaction ends. Ask this before all else."""
    if session.dialect.name != "sqlite":  # whose readers never do
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def raise_revision(session: Session) -> None:
    """Say that something changed which can show in a feed. Writers queue on this row."""
    session.execute(_RAISE_REVISION)


def set_span(session: Session, first: date, last: date) -> None:
    """Keep the days for which milestones are worked out."""
    session.execute(update(Register).values(milestones_from=first, milestones_until=last))
