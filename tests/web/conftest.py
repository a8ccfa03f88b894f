"""What the tests at the door share: somebody of every role, and a calendar's address."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.clock import StoppedClock
from app.records.engine import Database
from app.usecases import tokens
from tests.builders import OPERATOR, TODAY, an_agreement, subscribed

Headers = dict[str, str]
Enter = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def signed_in(database: Database) -> Callable[[str], Headers]:
    """Return who hands out headers of a new token with a role."""

    def headers(role: str) -> Headers:
        with database.writing() as session:
            now = StoppedClock(TODAY).now()
            _, secret = tokens.mint(session, f"a {role}", role, actor=OPERATOR, now=now)
        return {"Authorization": f"Bearer {secret}"}

    return headers


@pytest.fixture
def feed_secret(database: Database) -> str:
    """Return the secret of an address of IT's feed."""
    with database.writing() as session:
        return subscribed(session, "it", "the tests").secret


@pytest.fixture
def enter(client: httpx.AsyncClient, as_admin: Headers) -> Enter:
    """Return who enters an agreement over HTTP, and what was answered."""

    async def entered(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any type
        answer = await client.post(
            "/api/v1/agreements", json=an_agreement(**changes), headers=as_admin
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return entered


@pytest.fixture(params=["sqlite", "postgresql"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database that cannot be reached."""
    nowhere = {
        "sqlite": f"sqlite:///{tmp_path}",  # a folder is no file
        "postgresql": "postgresql://nobody@127.0.0.1:1/noticeboard",
    }
    database = Database(nowhere[request.param])
    yield database
    database.close()
