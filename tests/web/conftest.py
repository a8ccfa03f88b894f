"""What the tests at the door share: somebody of every role, and a calendar's address."""

from collections.abc import Callable

import pytest

from app.clock import StoppedClock
from app.records.engine import Database
from app.usecases import feeds, tokens
from tests.builders import OPERATOR, TODAY

Headers = dict[str, str]


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
        return feeds.new_address(session, "it", "the tests", now=StoppedClock(TODAY).now())
