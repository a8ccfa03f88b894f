"""How does Alembic reach the database? Through the connection it is handed.

`app.records.migrations` opens the connection, under a lock; running `alembic` by hand
opens the database that the settings name.
"""

from contextlib import closing

from alembic import context
from sqlalchemy import Connection

from app.records import tables  # noqa: F401 - fills the metadata
from app.records.base import Base
from app.records.engine import Database
from app.records.migrations import alone
from app.settings import Settings


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_handed = context.config.attributes.get("connection")
if _handed is not None:
    _run(_handed)
else:
    with closing(Database(Settings().database_url)) as _database, alone(_database) as _session:
        _run(_session)
