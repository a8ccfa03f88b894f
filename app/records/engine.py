"""How is the database reached? Connections of SQLite and PostgreSQL, and transactions.

A `Session` is one transaction: it commits when its block ends and rolls back when the
block raises. SQLite has one writer at a time, so writers of this process queue on a lock
of our own, which is fair and fast, instead of in SQLite's busy handler, which is neither.
"""

import sqlite3
import threading
import time
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
_SQLITE_READERS = 48  # more than there are threads for requests, so that nobody waits
_POSTGRESQL_POOL = 20
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
        self._writers: AbstractContextManager[Any]
        if self.is_sqlite:
            self.engine = _sqlite(self.url, "BEGIN", _SQLITE_READERS)
            # The one writer keeps its own connection: what another connection writes would
            # make it forget the pages it has read.
            self._writing = _sqlite(self.url, "BEGIN IMMEDIATE", 1)
            self._writers = threading.Lock()
        else:
            self.engine = self._writing = _postgresql(self.url)
            self._writers = nullcontext()

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

    @contextmanager
    def altering(self) -> Iterator[Session]:
        """Open a transaction that changes tables; what refers to what is judged at its end."""
        if not self.is_sqlite:
            with self.writing() as session:
                yield session
            return
        # Else SQLite empties a table before it drops it, and what refers to its rows with it.
        with _told_as_away(), self._writers, self._writing.connect() as session:
            connection: sqlite3.Connection = cast("Any", session.connection.driver_connection)
            connection.execute("PRAGMA foreign_keys=OFF")
            try:
                with session.begin():
                    yield session
                    if session.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                        raise RuntimeError("rows would be left that refer to nothing")
            finally:
                connection.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._writing.dispose()


def _with_driver(url: URL) -> URL:
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("NOTICEBOARD_DATABASE_URL must name a file: sqlite:///path")
        return url.set(drivername="sqlite+pysqlite")
    raise ValueError("NOTICEBOARD_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _sqlite(url: URL, begin: str, connections: int) -> Engine:
    if sqlite_with_wal_fix.sqlite_version_info < _FIRST_SOUND_SQLITE:
        message = f"SQLite {sqlite_with_wal_fix.sqlite_version} can corrupt its write-ahead log"
        raise RuntimeError(message)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite_with_wal_fix,
        hide_parameters=True,  # what people enter does not belong into a log
        pool_size=connections,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last has the most pages at hand
        pool_reset_on_return=None,  # a session has always ended its transaction itself
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not the driver
    for setting in (f"busy_timeout={_BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file keep a write-ahead log; of two that begin it at once, one waits for it.

    SQLite refuses the second one at once, whatever the busy timeout says.
    """
    until = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite_with_wal_fix.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=_POSTGRESQL_POOL,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c timezone=UTC"},
    )
