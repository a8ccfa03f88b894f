"""Does the database fit this release, and how is it brought there?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.records.engine import Database, Session

_FOLDER = Path(__file__).parents[2] / "migrations"
_LOCK = 7_061_602_026
"""A number of our own, by which servers that start together take turns on PostgreSQL."""


class NewerSchema(Exception):
    """The database was written by a newer release; upgrade this one, or restore a backup."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"{self.__doc__} (its schema is {revision})")


class OlderSchema(Exception):
    """The database was written by an older release; start once without --no-migrate."""


def check(database: Database) -> None:
    """Raise `NewerSchema` or `OlderSchema` unless the schema is this release's."""
    with database.reading() as session:
        if pending(session):
            raise OlderSchema(OlderSchema.__doc__)


def migrate(database: Database, to: str = "head") -> None:
    """Bring the schema to `to`, alone; raises `NewerSchema` when it is unknown here."""
    with alone(database) as session:
        if pending(session):
            command.upgrade(_config(session), to)


def downgrade(database: Database, to: str) -> None:
    """Take the schema back to `to`, alone."""
    with alone(database) as session:
        command.downgrade(_config(session), to)


def pending(session: Session) -> bool:
    """Tell whether migrations are still to be run; raises `NewerSchema`."""
    scripts = ScriptDirectory(str(_FOLDER))
    current = MigrationContext.configure(session).get_current_revision()
    if current is not None and current not in {
        script.revision for script in scripts.walk_revisions()
    }:
        raise NewerSchema(current)
    return current != scripts.get_current_head()


@contextmanager
def alone(database: Database) -> Iterator[Session]:
    """Open the transaction of a migration, while no other server runs one."""
    with database.altering() as session:
        if not database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield session


def _config(session: Session) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = session
    return config
