"""How does a register get its agreements, quickly? As an import stores them, without a file."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.clock import WallClock
from app.records.engine import Database
from app.usecases import imports, tokens
from app.usecases.agreements import Actor
from app.usecases.files import Format
from app.usecases.forms import AgreementForm
from app.usecases.operation import prepare
from app.usecases.staging import Staged

_OPERATOR = Actor(None, "bench", "admin")


def fill(url: str, entered: Iterable[Mapping[str, Any]]) -> str:
    """Make a register of agreements, as the API takes them, and return a token to it."""
    database, clock = Database(url), WallClock(ZoneInfo("UTC"))
    prepare(database, clock)
    now = clock.now()
    staged = Staged()
    planned = imports.Plan(
        Format("csv", "UTF-8", "comma"),
        created=[
            imports.Entry(number, uuid4(), 0, None, _staged(staged, one), staged)
            for number, one in enumerate(entered)
        ],
    )
    with database.writing() as session:
        imports.carry_out(session, planned, actor=_OPERATOR, now=now)
        _, token = tokens.mint(session, "bench", "admin", actor=_OPERATOR, now=now)
    database.close()
    return token


def _staged(staged: Staged, one: Mapping[str, Any]) -> int:
    return staged.put(AgreementForm.model_validate(one), {})
