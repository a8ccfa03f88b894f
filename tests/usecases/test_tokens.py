"""Tokens open the API until they are taken back, and their secret is shown once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from app import credentials
from app.credentials import Opens
from app.records import audit
from app.records.engine import Database
from app.usecases import tokens
from app.usecases.agreements import Actor
from app.usecases.refusals import NotFound
from tests.builders import NOW, OPERATOR


@pytest.mark.parametrize("role", tokens.ROLES)
def test_the_secret_says_whose_it_is_and_what_they_may_do(database: Database, role: str) -> None:
    with database.writing() as session:
        token_id, secret = tokens.mint(session, "Ada", role, actor=OPERATOR, now=NOW)
    with database.reading() as session:
        assert tokens.holder(session, secret) == Actor(token_id, "Ada", role)


def test_what_is_no_token_of_ours_opens_nothing(database: Database) -> None:
    with database.reading() as session:
        for secret in (
            "",
            "nbapi_",
            "nbapi_" + "0" * 36,
            credentials.mint(Opens.API),
            credentials.mint(Opens.FEED),
        ):
            assert tokens.holder(session, secret) is None


def test_a_token_taken_back_opens_nothing_at_once(database: Database) -> None:
    with database.writing() as session:
        token_id, secret = tokens.mint(session, "Ada", "it", actor=OPERATOR, now=NOW)
        tokens.revoke(session, token_id, actor=OPERATOR, now=NOW)
        assert tokens.holder(session, secret) is None
        (listed,) = tokens.every(session)
        assert listed["revoked_at"] == NOW


def test_taking_back_twice_is_taking_back_once(database: Database) -> None:
    with database.writing() as session:
        token_id, _ = tokens.mint(session, "Ada", "it", actor=OPERATOR, now=NOW)
        tokens.revoke(session, token_id, actor=OPERATOR, now=NOW)
        tokens.revoke(session, token_id, actor=OPERATOR, now=NOW + timedelta(days=1))
        (listed,) = tokens.every(session)
        actions = [entry["action"] for entry in audit.about(session, token_id, 0, 9)]
    assert listed["revoked_at"] == NOW
    assert actions == ["token minted", "token revoked"]


def test_two_who_take_it_back_at_once_are_written_down_as_one(database: Database) -> None:
    with database.writing() as session:
        token_id, _ = tokens.mint(session, "Ada", "it", actor=OPERATOR, now=NOW)

    def revoke(_: int) -> None:
        with database.writing() as session:
            tokens.revoke(session, token_id, actor=OPERATOR, now=NOW)
            time.sleep(0.05)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(revoke, range(2)))
    with database.reading() as session:
        assert len(audit.about(session, token_id, 0, 9)) == 2


def test_a_token_that_is_not_there_cannot_be_taken_back(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        tokens.revoke(session, uuid4(), actor=OPERATOR, now=NOW)


def test_neither_list_nor_trail_tells_the_secret(database: Database) -> None:
    with database.writing() as session:
        token_id, secret = tokens.mint(session, "Ada", "it", actor=OPERATOR, now=NOW)
        told = str(tokens.every(session)) + str(audit.about(session, token_id, 0, 9))
    assert "Ada" in told
    assert secret not in told
    assert credentials.digest(secret) not in told
