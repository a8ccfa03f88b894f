"""Connections are safe, transactions whole, and writers take turns."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.records import agreements, engine, register
from app.records.engine import Database, DatabaseAway, Session
from tests.builders import a_row

SOON, AT_ONCE = 5.0, 0.15


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Open an SQLite file with one table of numbers."""
    opened = Database(f"sqlite:///{tmp_path}/numbers.db")
    with opened.writing() as session:
        session.execute(text("CREATE TABLE numbers (number INTEGER)"))
    yield opened
    opened.close()


@pytest.fixture
def another_server(database_url: str) -> Iterator[Database]:
    """Open the register of `database` once more, as a second server would."""
    opened = Database(database_url)
    yield opened
    opened.close()


def numbers(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT number FROM numbers ORDER BY number")))


def put(session: Session, number: int) -> None:
    session.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})


def revision(database: Database) -> int:
    with database.reading() as session:
        state = register.state(session)
    assert state is not None
    return state.revision


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_every_sqlite_connection_is_safe(sqlite: Database, pragma: str, value: object) -> None:
    with sqlite.reading() as one, sqlite.reading() as two, sqlite.writing() as three:
        for session in (one, two, three):
            assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_the_sqlite_library_cannot_corrupt_its_log(sqlite: Database) -> None:
    with sqlite.reading() as session:
        version = session.scalar(text("SELECT sqlite_version()"))
    assert tuple(map(int, str(version).split("."))) >= (3, 51, 3)


def test_an_unsound_sqlite_library_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "_FIRST_SOUND_SQLITE", (99,))
    with pytest.raises(RuntimeError, match="can corrupt its write-ahead log"):
        Database(f"sqlite:///{tmp_path}/numbers.db")


def test_postgresql_speaks_utc_and_does_not_wait_forever(postgresql: str) -> None:
    opened = Database(postgresql)
    with opened.reading() as session:
        assert session.scalar(text("SHOW timezone")) == "UTC"
        assert session.scalar(text("SHOW lock_timeout")) == "10s"
        assert session.scalar(text("SHOW synchronous_commit")) == "on"
    opened.close()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://it@db.example/register", "postgresql+psycopg"),
        ("postgresql+psycopg2://it@db.example/register", "postgresql+psycopg"),
        ("sqlite:///register.db", "sqlite+pysqlite"),
    ],
)
def test_the_driver_is_ours_whatever_the_address_says(
    given: str, driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = Database(given)
    assert opened.url.drivername == driver
    opened.close()


def test_another_kind_of_database_is_refused_without_its_password() -> None:
    with pytest.raises(ValueError, match="must begin with sqlite:/// or postgresql://") as refused:
        Database("mysql://it:hunter2@db.example/register")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_register_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must name a file"):
        Database(url)


def test_the_folder_of_an_sqlite_file_is_made(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path}/var/deep/register.db")
    with opened.writing():
        assert (tmp_path / "var/deep/register.db").exists()
    opened.close()


def test_what_was_written_is_there_when_the_block_has_ended(
    database: Database, another_server: Database
) -> None:
    before = revision(database)
    with database.writing() as session:
        register.raise_revision(session)
        assert revision(another_server) == before
    assert revision(another_server) == before + 1


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    before = revision(database)

    def fail() -> None:
        with database.writing() as session:
            register.raise_revision(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert revision(database) == before
    with database.writing() as session:
        register.raise_revision(session)
    assert revision(database) == before + 1


def test_many_writers_take_turns(database: Database, another_server: Database) -> None:
    before = revision(database)

    def write(number: int) -> None:
        with (database, another_server)[number % 2].writing() as session:
            found = register.state(session)
            assert found is not None
            agreements.insert_rows(session, [a_row()])
            register.raise_revision(session)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(write, range(96)))
    assert revision(database) == before + 96
    with database.reading() as session:
        assert len(list(agreements.every(session))) == 96


def test_a_second_sqlite_writer_waits_from_its_beginning_and_a_reader_does_not(
    sqlite: Database,
) -> None:
    elsewhere, inside = Database(str(sqlite.url)), threading.Event()

    def write() -> None:
        with elsewhere.writing() as session:
            inside.set()
            put(session, 2)

    with ThreadPoolExecutor() as threads:
        with sqlite.writing() as session:
            put(session, 1)
            second = threads.submit(write)
            assert not inside.wait(AT_ONCE), "BEGIN IMMEDIATE waits for the other writer"
            with elsewhere.reading() as reader:
                assert numbers(reader) == []
        assert inside.wait(SOON)
        second.result()
    with sqlite.reading() as reader:
        assert numbers(reader) == [1, 2]
    elsewhere.close()


def test_a_reader_sees_one_moment_while_others_write(sqlite: Database) -> None:
    with sqlite.reading() as reader:
        assert numbers(reader) == []
        with sqlite.writing() as session:
            put(session, 1)
        assert numbers(reader) == []
    with sqlite.reading() as reader:
        assert numbers(reader) == [1]


def test_waiting_too_long_is_told_as_away_and_heals(sqlite: Database) -> None:
    impatient = Database(str(sqlite.url))
    with impatient.writing() as session:
        session.execute(text("PRAGMA busy_timeout=20"))
    with sqlite.writing(), pytest.raises(DatabaseAway), impatient.writing():
        pytest.fail("two writers at once")
    with impatient.writing() as session:
        put(session, 1)
    impatient.close()


@pytest.mark.parametrize("url", ["sqlite:///{folder}", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_is_not_there_is_told_as_away(url: str, tmp_path: Path) -> None:
    opened = Database(url.format(folder=tmp_path))
    with pytest.raises(DatabaseAway), opened.reading():
        pytest.fail("there is no database")
    with pytest.raises(DatabaseAway), opened.writing():
        pytest.fail("there is no database")
    opened.close()


def test_errors_do_not_repeat_what_was_entered(database: Database) -> None:
    row = a_row(title="not for the log")
    with pytest.raises(IntegrityError) as error, database.writing() as session:
        agreements.insert_rows(session, [row, a_row(id=row["id"])])
    assert "not for the log" not in str(error.value)


def test_what_changes_tables_may_drop_and_remake_them_without_losing_what_refers_to_them(
    sqlite: Database,
) -> None:
    with sqlite.writing() as session:
        session.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
        session.execute(text("CREATE TABLE children (id REFERENCES parents ON DELETE CASCADE)"))
        session.execute(text("INSERT INTO parents VALUES (1)"))
        session.execute(text("INSERT INTO children VALUES (1)"))
    with sqlite.altering() as session:
        session.execute(text("CREATE TABLE anew (id INTEGER PRIMARY KEY, name TEXT)"))
        session.execute(text("INSERT INTO anew (id) SELECT id FROM parents"))
        session.execute(text("DROP TABLE parents"))
        session.execute(text("ALTER TABLE anew RENAME TO parents"))
    with pytest.raises(RuntimeError, match="refer to nothing"), sqlite.altering() as session:
        session.execute(text("DELETE FROM parents"))
    with sqlite.writing() as session:
        assert session.scalar(text("SELECT count(*) FROM children")) == 1
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
