"""A request that is sent twice is done once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.records.engine import Database
from app.usecases import tokens
from app.usecases.answers import Answer, once
from app.usecases.refusals import KeyReused
from tests.builders import NOW, OPERATOR


class Work:
    """Something to do that counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(201, f'{{"done": {self.done}}}', {"Location": "https://example/1"})


@pytest.fixture
def token_id(database: Database) -> UUID:
    with database.writing() as session:
        found, _ = tokens.mint(session, "a token", "admin", actor=OPERATOR, now=NOW)
    return found


def ask(
    database: Database,
    token_id: UUID,
    work: Work,
    request_hash: str = "a hash",
    now: datetime = NOW,
) -> Answer:
    with database.writing() as session:
        return once(session, token_id, "a key", request_hash, work, now=now)


def test_the_same_request_gets_the_first_answer_again(database: Database, token_id: UUID) -> None:
    work = Work()
    first = ask(database, token_id, work)
    assert ask(database, token_id, work) == first
    assert first.headers == {"Location": "https://example/1"}
    assert work.done == 1


def test_another_request_under_the_same_key_is_refused(database: Database, token_id: UUID) -> None:
    work = Work()
    ask(database, token_id, work)
    with pytest.raises(KeyReused):
        ask(database, token_id, work, "another hash")
    assert work.done == 1


def test_another_token_may_use_the_same_key(database: Database, token_id: UUID) -> None:
    work = Work()
    with database.writing() as session:
        other, _ = tokens.mint(session, "another", "admin", actor=OPERATOR, now=NOW)
    ask(database, token_id, work)
    ask(database, other, work, "another hash")
    assert work.done == 2


@pytest.mark.parametrize(("hours", "times"), [(0, 1), (24, 1), (25, 2)])
def test_a_key_is_kept_for_a_day(
    database: Database, token_id: UUID, hours: int, times: int
) -> None:
    work = Work()
    ask(database, token_id, work)
    ask(database, token_id, work, now=NOW + timedelta(hours=hours))
    assert work.done == times


def test_after_a_day_a_key_may_stand_for_another_request(
    database: Database, token_id: UUID
) -> None:
    work, later = Work(), NOW + timedelta(days=2)
    ask(database, token_id, work)
    second = ask(database, token_id, work, "another hash", later)
    assert ask(database, token_id, work, "another hash", later) == second
    assert work.done == 2


def test_work_that_fails_gives_its_key_back(database: Database, token_id: UUID) -> None:
    def fail() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.writing() as session:
        once(session, token_id, "a key", "a hash", fail, now=NOW)
    assert ask(database, token_id, Work(), "another hash").status == 201
