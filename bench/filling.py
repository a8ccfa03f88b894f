"""How does a register get its agreements, quickly? As an import stores them, without a file."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson

from app import calendars
from app.clock import WallClock
from app.records.engine import Database
from app.renewals.documents import terms_of
from app.usecases import imports, tokens
from app.usecases.agreements import Actor, row_of
from app.usecases.files import Format
from app.usecases.forms import AgreementForm
from app.usecases.operation import prepare

_OPERATOR = Actor(None, "bench", "admin")


def fill(url: str, entered: Iterable[Mapping[str, Any]]) -> str:
    """Make a register of agreements, as the API takes them, and return a token to it."""
    database, clock = Database(url), WallClock(ZoneInfo("UTC"))
    prepare(database, clock)
    now = clock.now()
    planned = imports.Plan(
        Format("csv", "UTF-8", "comma"),
        created=[_entry(number, one, clock) for number, one in enumerate(entered)],
    )
    with database.writing() as session:
        imports.carry_out(session, planned, actor=_OPERATOR, now=now)
        _, token = tokens.mint(session, "bench", "admin", actor=_OPERATOR, now=now)
    database.close()
    return token


def _entry(number: int, one: Mapping[str, Any], clock: WallClock) -> imports.Entry:
    form = AgreementForm.model_validate(one)
    row = row_of(form, uuid4(), clock.now())
    terms = terms_of(orjson.loads(row["terms"]), calendars.named)
    return imports.Entry(number, form, row["id"], terms, version=0, before=None)
