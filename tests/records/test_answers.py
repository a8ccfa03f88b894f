"""A key is claimed once, whoever else tries at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import answers
from app.records.engine import Database, Row
from app.usecases import tokens
from tests.builders import NOW, OPERATOR


@pytest.fixture
def token_id(database: Database) -> UUID:
    with database.writing() as session:
        found, _ = tokens.mint(session, "a token", "admin", actor=OPERATOR, now=NOW)
    return found


def a_claim(token_id: UUID, **changes: object) -> dict[str, Any]:
    return {
        "token_id": token_id,
        "key": "a key",
        "request_hash": "a hash",
        "status": 0,
        "headers": "{}",
        "body": "",
        "created_at": NOW,
        **changes,
    }


def test_a_key_is_claimed_once(database: Database, token_id: UUID) -> None:
    with database.writing() as session:
        assert answers.claim(session, a_claim(token_id))
        assert not answers.claim(session, a_claim(token_id))
        assert answers.claim(session, a_claim(token_id, key="another key"))
    with database.writing() as session:
        assert not answers.claim(session, a_claim(token_id, request_hash="another hash"))


def test_keys_belong_to_a_token(database: Database, token_id: UUID) -> None:
    with database.writing() as session:
        other, _ = tokens.mint(session, "another", "admin", actor=OPERATOR, now=NOW)
        assert answers.claim(session, a_claim(token_id))
        assert answers.claim(session, a_claim(other))


def test_the_answer_is_kept_under_the_claimed_key(database: Database, token_id: UUID) -> None:
    with database.writing() as session:
        for key in ("a key", "another key"):
            answers.claim(session, a_claim(token_id, key=key))
        answers.keep(session, token_id, "a key", {"status": 201, "body": "{}"})
    with database.reading() as session:
        kept = answers.find(session, token_id, "a key")
        assert kept == a_claim(token_id, status=201, body="{}")
        assert answers.find(session, token_id, "another key") == a_claim(
            token_id, key="another key"
        )
        assert answers.find(session, token_id, "unknown key") is None


@pytest.mark.parametrize(("seconds", "forgotten"), [(-1, False), (0, False), (1, True)])
def test_old_answers_are_forgotten(
    database: Database, token_id: UUID, seconds: int, *, forgotten: bool
) -> None:
    moment = NOW + timedelta(seconds=seconds)
    with database.writing() as session:
        answers.claim(session, a_claim(token_id))
        answers.forget_before(session, token_id, "a key", moment)
        assert (answers.find(session, token_id, "a key") is None) is forgotten


def test_of_two_at_the_same_time_one_does_the_work_and_the_other_finds_its_answer(
    database: Database, token_id: UUID
) -> None:
    start, working = threading.Barrier(2), threading.Event()

    def ask(_: int) -> tuple[bool, Row | None]:
        start.wait()
        with database.writing() as session:
            claimed = answers.claim(session, a_claim(token_id))
            if claimed:
                working.wait(0.1)
                answers.keep(session, token_id, "a key", {"status": 201, "body": "done"})
            return claimed, answers.find(session, token_id, "a key")

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(ask, range(2)))
    assert sorted(claimed for claimed, _ in found) == [False, True]
    assert [answer["body"] for _, answer in found if answer] == ["done", "done"]


def test_when_the_first_gives_up_the_second_takes_over(database: Database, token_id: UUID) -> None:
    claimed = threading.Event()

    def give_up() -> None:
        with database.writing() as session:
            answers.claim(session, a_claim(token_id))
            claimed.set()
            raise ZeroDivisionError

    def ask() -> bool:
        claimed.wait()
        with database.writing() as session:
            return answers.claim(session, a_claim(token_id))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(give_up), threads.submit(ask)
        assert second.result()
        assert isinstance(first.exception(), ZeroDivisionError)


def test_nobody_claims_for_a_token_that_is_not_there(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.writing() as session:
        answers.claim(session, a_claim(uuid4()))
