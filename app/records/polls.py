"""Which feed does this secret open, and are its bytes still current? One question a poll.

Almost every poll finds nothing new, so the question is asked without the layers above:
on SQLite in place, over a connection of the event loop's own (a look-up takes less than
the way to a thread); on PostgreSQL over one connection that polls share: who asks while a
question is under way goes along with the next one. No pool that threads use is touched.
"""

import asyncio
import sqlite3
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, cast
from urllib.parse import quote
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from pysqlite3 import dbapi2
from sqlalchemy import any_, bindparam, select, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import Select

from app.records.engine import Database, DatabaseAway
from app.records.tables import Feed, Register, Subscription

_WAIT_MS = 200  # readers of a write-ahead log wait for nobody but a recovery
_LONGEST_QUESTION = 5.0


class Polled(NamedTuple):
    """What is known of an address that exists, whether or not it is still open."""

    subscription_id: UUID
    expires_on: date | None
    revoked_at: datetime | None
    replaced_by: UUID | None
    last_fetched_at: datetime | None
    last_revision: int | None
    feed_id: UUID
    version: int
    months_back: int
    months_ahead: int
    removed_at: datetime | None
    rendered_for: str | None
    body_hash: str | None
    body_since: datetime | None
    revision: int


class Polls(Protocol):
    """Finds what a poll needs to know."""

    async def find(self, secret_hash: str) -> Polled | None:
        """Return what is known of an address; raises `DatabaseAway`."""

    async def close(self) -> None:
        """Let go of the connection."""


def polls_of(database: Database) -> Polls:
    """Return who answers the polls' question over this database."""
    return _SQLitePolls(database) if database.is_sqlite else _PostgreSQLPolls(database)


_QUESTION = (
    select(
        Subscription.id,
        Subscription.expires_on,
        Subscription.revoked_at,
        Subscription.replaced_by,
        Subscription.last_fetched_at,
        Subscription.last_revision,
        Feed.id,
        Feed.version,
        Feed.months_back,
        Feed.months_ahead,
        Feed.removed_at,
        Feed.rendered_for,
        Feed.body_hash,
        Feed.body_since,
        Register.revision,
    )
    .join(Feed, Feed.id == Subscription.feed_id)
    .join(Register, true())
)


class _SQLitePolls:
    """Asks in place."""

    def __init__(self, database: Database) -> None:
        self._path = str(database.url.database)
        one = _QUESTION.where(Subscription.secret_hash == bindparam("secret_hash"))
        self._question = _text(one, database)
        self._connection: sqlite3.Connection | None = None

    async def find(self, secret_hash: str) -> Polled | None:
        try:
            if self._connection is None:
                self._connection = _open(self._path)
            found = self._connection.execute(self._question, (secret_hash,)).fetchone()
        except dbapi2.OperationalError as error:
            await self.close()
            raise DatabaseAway from error
        return None if found is None else _from_sqlite(found)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open(path: str) -> sqlite3.Connection:
    # Never made here: an empty file would be taken for a register without addresses.
    connection: sqlite3.Connection = dbapi2.connect(
        f"file:{quote(path)}?mode=rw", uri=True, isolation_level=None, timeout=_WAIT_MS / 1000
    )
    connection.execute("PRAGMA query_only=ON")
    return connection


@lru_cache(maxsize=10_000)  # most polls find what the one before found
def _from_sqlite(found: tuple[Any, ...]) -> Polled:
    one = Polled(*found)
    return one._replace(
        subscription_id=UUID(found[0]),
        feed_id=UUID(found[6]),
        expires_on=None if one.expires_on is None else date.fromisoformat(found[1]),
        revoked_at=_instant(found[2]),
        replaced_by=None if one.replaced_by is None else UUID(found[3]),
        last_fetched_at=_instant(found[4]),
        removed_at=_instant(found[10]),
        body_since=_instant(found[13]),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


class _PostgreSQLPolls:
    """Asks for all who wait, one question at a time."""

    def __init__(self, database: Database) -> None:
        url = database.url.set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        hashes = bindparam("hashes", type_=postgresql.ARRAY(Subscription.secret_hash.type))
        many = _QUESTION.add_columns(Subscription.secret_hash).where(
            Subscription.secret_hash == any_(hashes)
        )
        self._question = _text(many, database)
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None
        self._waiting: dict[str, asyncio.Future[Polled | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, secret_hash: str) -> Polled | None:
        answer = self._waiting.get(secret_hash)
        if answer is None:
            answer = asyncio.get_running_loop().create_future()
            self._waiting[secret_hash] = answer
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all())
        return await asyncio.shield(answer)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ask_for_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                async with asyncio.timeout(_LONGEST_QUESTION):
                    found = await self._ask(list(asked))
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait hear of it
                await self.close()
                for answer in asked.values():
                    answer.set_exception(_away(error) if isinstance(error, _AWAY) else error)
                continue
            for secret_hash, answer in asked.items():
                answer.set_result(found.get(secret_hash))
        self._asking = None

    async def _ask(self, hashes: list[str]) -> dict[str, Polled]:
        if self._connection is not None:
            # Left from before the server restarted, it only says so when it is used.
            with suppress(psycopg.OperationalError):
                return await self._answers(self._connection, hashes)
            await self.close()
        self._connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, options="-c timezone=UTC", prepare_threshold=1
        )
        return await self._answers(self._connection, hashes)

    async def _answers(
        self, connection: psycopg.AsyncConnection[TupleRow], hashes: list[str]
    ) -> dict[str, Polled]:
        cursor = await connection.execute(self._question, {"hashes": hashes})
        return {found[-1]: Polled(*found[:-1]) for found in await cursor.fetchall()}


_AWAY = (psycopg.Error, OSError, TimeoutError)


def _away(error: Exception) -> DatabaseAway:
    away = DatabaseAway()
    away.__cause__ = error
    return away


def _text(question: Select[*tuple[Any, ...]], database: Database) -> str:
    return str(question.compile(dialect=cast("Any", database.engine.dialect)))
