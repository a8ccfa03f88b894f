"""One history for both databases: up, down, alone, and equal to the models."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from app.clock import StoppedClock
from app.records import agreements, feeds, migrations, milestones, register
from app.records.base import Base
from app.records.engine import Database, DatabaseAway
from app.records.migrations import NewerSchema
from app.usecases.operation import is_ready, prepare
from app.usecases.trail import verify
from app.usecases.usual_leads import current
from tests.builders import TODAY, entered

ROOT = Path(__file__).parents[2]
SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
CLOCK = StoppedClock(TODAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server = Database(request.getfixturevalue("postgresql"))
    by_hand, name = server.engine.execution_options(isolation_level="AUTOCOMMIT"), uuid4().hex
    with by_hand.connect() as session:
        session.execute(text(f'CREATE DATABASE "{name}"'))
    server.close()
    yield server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    opened = Database(empty_url)
    yield opened
    opened.close()


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def populate(database: Database) -> None:
    prepare(database, CLOCK, migrate=False)
    with database.writing() as session:
        parent = entered(session, reference="P", currency="EUR", annual_value="10.50")
        entered(session, reference="C", parent_id=parent.id)


def rows_in(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table: int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 - our own names
            for table in Base.metadata.tables
        }


def test_there_is_one_head_and_one_root() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1


def test_files_are_named_by_date_time_and_subject_in_the_order_of_history() -> None:
    names = [Path(script.path).name for script in SCRIPTS.walk_revisions()][::-1]
    for name in names:
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d-[0-2]\d[0-5]\d_[a-z0-9_]+\.py", name)
    assert names == sorted(names)


def test_every_migration_says_what_changes_and_can_be_taken_back() -> None:
    for script in SCRIPTS.walk_revisions():
        assert (script.doc or "").strip()
        assert callable(script.module.downgrade)


def test_models_and_migrations_agree(empty: Database) -> None:
    migrations.migrate(empty)
    with empty.reading() as session:
        context = MigrationContext.configure(session, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert not migrations.pending(session)


def test_an_empty_database_goes_up_and_down_step_by_step(empty: Database) -> None:
    for revision in REVISIONS:
        migrations.migrate(empty, revision)
        migrations.downgrade(empty, "-1")
        migrations.migrate(empty, revision)
    assert tables_of(empty) == {*Base.metadata.tables, "alembic_version"}
    migrations.downgrade(empty, "base")
    assert tables_of(empty) == {"alembic_version"}
    migrations.migrate(empty)
    assert tables_of(empty) == {*Base.metadata.tables, "alembic_version"}


def test_a_populated_database_goes_down_to_nothing_and_starts_anew(empty: Database) -> None:
    migrations.migrate(empty)
    populate(empty)
    assert rows_in(empty)["agreements"] == 2
    migrations.downgrade(empty, "base")
    assert tables_of(empty) == {"alembic_version"}
    migrations.migrate(empty)
    assert set(rows_in(empty).values()) == {0}
    populate(empty)
    assert rows_in(empty)["agreements"] == 2


def test_a_register_from_before_the_lead_time_policy_gets_it_with_its_dates(
    empty: Database,
) -> None:
    prepare(empty, CLOCK)
    with empty.writing() as session:
        circuit = entered(session, lead_days=None, kind="telecom_circuit")
        by_policy = milestones.of_agreement(session, circuit.id)
    migrations.downgrade(empty, "0002")
    with empty.writing() as session:
        session.execute(text("UPDATE terms SET told = '{}'"))  # stands for the older dates
    prepare(empty, CLOCK)
    with empty.reading() as session:
        assert current(session).version == 1
        assert milestones.of_agreement(session, circuit.id) == by_policy
    assert "(telecom circuit): 120 days" in str(by_policy)


def write_entries_before_the_chain(database: Database, ids: range) -> None:
    entry = text(
        "INSERT INTO audit (id, at, actor_id, actor_name, action, subject_id, before, after)"
        " VALUES (:id, '2026-11-23 12:00:00.123456', :actor, 'Zoë', 'token minted', :subject,"
        " NULL, 'Ω')"
    )
    rows = [
        {"id": number, "actor": uuid4().hex if number % 3 else None, "subject": uuid4().hex}
        for number in ids
    ]
    with database.writing() as session:
        session.execute(entry, rows)


def test_a_trail_from_before_the_chain_is_chained_as_it_stands(empty: Database) -> None:
    migrations.migrate(empty, "0001")
    with empty.writing() as session:
        session.execute(
            text(
                "INSERT INTO register (id, installation_id, revision, milestones_from,"
                " milestones_until) VALUES (1, :id, 7, '2026-01-01', '2027-12-31')"
            ),
            {"id": uuid4().hex},
        )
    write_entries_before_the_chain(empty, range(3, 1_500, 2))
    for _ in range(2):
        prepare(empty, CLOCK)
        with empty.reading() as session:
            verdict = verify(session)
        assert (verdict.entries, verdict.head.id, verdict.findings) == (749, 1_499, [])
        migrations.downgrade(empty, "0001")
    prepare(empty, CLOCK)
    populate(empty)
    with empty.reading() as session:
        later = verify(session, verdict.head)
        assert (later.entries, later.findings) == (751, [])
    migrations.downgrade(empty, "0001")
    with empty.writing() as session:  # whose database numbers entries itself again
        session.execute(
            text(
                "INSERT INTO audit (at, actor_name, action, subject_id)"
                " SELECT at, actor_name, action, subject_id FROM audit WHERE id = 3"
            )
        )
        assert session.scalar(text("SELECT max(id) FROM audit")) == 1_502


def test_the_database_refuses_to_change_the_trail(database: Database) -> None:
    populate(database)
    deeds = ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"]
    for deed in deeds if database.is_sqlite else [*deeds, "TRUNCATE audit"]:
        with database.reading() as session, pytest.raises(DBAPIError, match="only ever added to"):
            session.execute(text(deed))
    with database.reading() as session:
        verdict = verify(session)
    assert (verdict.entries, verdict.findings) == (2, [])


def test_migrating_again_changes_nothing(empty: Database) -> None:
    prepare(empty, CLOCK)
    populate(empty)
    before = rows_in(empty)
    prepare(empty, CLOCK)
    migrations.migrate(empty)
    assert rows_in(empty) == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Database) -> None:
    with empty.writing() as session:
        session.execute(text("CREATE TABLE tokens (id INTEGER)"))
    with pytest.raises((OperationalError, ProgrammingError, DatabaseAway)):
        migrations.migrate(empty)
    assert tables_of(empty) - {"alembic_version"} == {"tokens"}


def test_a_newer_schema_is_refused_and_left_alone(empty: Database) -> None:
    prepare(empty, CLOCK)
    with empty.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = rows_in(empty)
    with pytest.raises(NewerSchema, match=r"written by a newer release.* 9999"):
        prepare(empty, CLOCK)
    with pytest.raises(NewerSchema), empty.reading() as session:
        migrations.pending(session)
    assert not is_ready(empty)
    assert rows_in(empty) == before


def test_a_database_without_a_schema_is_pending(empty: Database) -> None:
    with empty.reading() as session:
        assert migrations.pending(session)
    assert not is_ready(empty)


def check_well_prepared(database: Database) -> None:
    assert is_ready(database)
    with database.reading() as session:
        assert register.state(session) is not None
        assert [feed["key"] for feed in feeds.every(session)] == ["it", "procurement"]
        assert list(agreements.every(session)) == []


def test_servers_that_start_at_the_same_time_take_turns(empty_url: str) -> None:
    servers = [Database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(len(servers)) as threads:
        list(threads.map(lambda server: prepare(server, CLOCK), servers))
    check_well_prepared(servers[0])
    for server in servers:
        server.close()


MIGRATE = """
import sys
from app.records.engine import Database
from app.records.migrations import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(Database(sys.argv[1]))
"""


def test_processes_that_start_at_the_same_time_take_turns(empty: Database, empty_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, empty_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor() as threads:
        told = list(threads.map(lambda process: process.communicate("go\n", timeout=60), started))
    assert [process.returncode for process in started] == [0, 0], told
    prepare(empty, CLOCK, migrate=False)
    check_well_prepared(empty)


def test_alembic_by_hand_works_on_the_database_of_the_settings(
    empty: Database, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTICEBOARD_DATABASE_URL", empty_url)
    command.upgrade(Config(str(ROOT / "alembic.ini")), "head")
    prepare(empty, CLOCK, migrate=False)
    check_well_prepared(empty)
