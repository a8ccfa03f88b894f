"""How is the database reached? Connections of SQLite and PostgreSQL, and transactions.

A `Session` is one transaction: it commits when its block ends and rolls back when the
block raises. SQLite has one writer at a time, so writers of this process queue on a lock
of our own, which is fair and fast, instead of in SQLite's busy handler, which is neither.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from pysqlite3 import dbapi2 as sqlite_with_wal_fix
from sqlalchemy import Connection, CursorResult, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

Session = Connection
"""One transaction; the name by which use cases ask for it."""

Row = Mapping[str, Any]
"""A row by its columns' names."""

_BUSY_TIMEOUT_MS = 10_000
_LOCK_TIMEOUT_MS = 10_000
_POOL_SIZE = 20
_FIRST_SOUND_SQLITE = (3, 51, 3)
"""The first version that cannot corrupt a write-ahead log when two connections reset it."""


def rows(found: CursorResult[*tuple[Any, ...]]) -> list[Row]:
    """Return all rows that a query found."""
    return cast("list[Row]", found.mappings().all())


def row(found: CursorResult[*tuple[Any, ...]]) -> Row | None:
    """Return the row that a query found, None when there is none."""
    return cast("Row | None", found.mappings().one_or_none())


class DatabaseAway(Exception):
    """The database cannot be reached, or cannot do it now: asking again may help."""


@contextmanager
def _told_as_away() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionLeft) as error:
        raise DatabaseAway from error


class Database:
    """The database of an installation."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        self._writers: AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else nullcontext()
        )
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads."""
        with _told_as_away(), self.engine.begin() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes; it is stored for good when the block has ended."""
        with _told_as_away(), self._writers, self._writing.begin() as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _with_driver(url: URL) -> URL:
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+pysqlite")
    raise ValueError("NOTICEBOARD_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _sqlite(url: URL) -> Engine:
    if sqlite_with_wal_fix.sqlite_version_info < _FIRST_SOUND_SQLITE:
        message = f"SQLite {sqlite_with_wal_fix.sqlite_version} can corrupt its write-ahead log"
        raise RuntimeError(message)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite_with_wal_fix,
        hide_parameters=True,  # what people enter does not belong into a log
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        pool_reset_on_return=None,  # a session has always ended its transaction itself
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not the driver
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c timezone=UTC"},
    )
