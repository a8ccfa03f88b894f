"""Requests made up from our own OpenAPI document, good and bad: the answers keep its word."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis import Case
from schemathesis.auths import AuthContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from app.clock import StoppedClock
from app.main import create_app
from app.records.engine import Database
from app.settings import Settings
from app.usecases import tokens
from tests.builders import OPERATOR, TODAY, subscribed

_CLOCK = StoppedClock(TODAY)
_EXAMPLES = 25
"""For each operation, in each way of making requests up; 100 find nothing either."""


@pytest.fixture
def register(prepared_sqlite: Path, tmp_path: Path) -> Database:
    path = tmp_path / "noticeboard.db"
    shutil.copy(prepared_sqlite, path)
    return Database(f"sqlite:///{path}")


class Administrator:
    """Signs requests with a valid token: a made-up request may well revoke the last one."""

    def __init__(self, register: Database) -> None:
        self._register = register
        self._secret = ""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        with self._register.writing() as session:
            if tokens.holder(session, self._secret) is None:
                now = _CLOCK.now()
                _, self._secret = tokens.mint(session, "x", "admin", actor=OPERATOR, now=now)
        return self._secret

    def set(self, case: Case[Any], secret: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {secret}"


def test_every_answer_is_as_documented(register: Database) -> None:
    app = create_app(Settings(base_url="https://noticeboard.example"), register, _CLOCK)
    with register.writing() as session:
        feed_secret = subscribed(session, "it", "the tests").secret
    api = schemathesis.openapi.from_asgi("/openapi.json", app, config=_config(feed_secret))
    api.auth.providers.append(Administrator(register))

    found, seen = [], Counter[str]()
    for event in from_schema(api).execute():
        match event:
            case events.ScenarioFinished():
                seen[event.phase.name] += sum(map(len, event.recorder.checks.values()))
                found += [
                    str(check.failure_info)
                    for checks in event.recorder.checks.values()
                    for check in checks
                    if check.status is Status.FAILURE
                ]
            case events.NonFatalError():
                found.append(f"{event.label}: {event.value!r}")
            case events.FatalError():
                raise event.exception
    assert not found, "\n\n".join(found[:10])
    assert {"EXAMPLES", "COVERAGE", "FUZZING", "STATEFUL_TESTING"} <= seen.keys()


def _config(feed_secret: str) -> SchemathesisConfig:
    settings: dict[str, Any] = {
        "generation": {"max-examples": _EXAMPLES, "deterministic": True, "database": "none"},
        # A rule about two fields stands in no schema, so good fields can make bad terms.
        "checks": {"positive_data_acceptance": {"enabled": False}},
        "operations": [
            {"include-tag": "feeds", "parameters": {"path.secret": feed_secret}},
            # The trail outlives what it tells of: who removed an agreement is read there.
            {
                "include-operation-id": "agreements_history",
                "checks": {"use_after_free": {"enabled": False}},
            },
        ],
    }
    return SchemathesisConfig.from_dict(settings)
