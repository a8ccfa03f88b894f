"""The register as a whole: one row, on which writers queue."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from app.records import register
from app.records.engine import Database, Session
from app.records.register import RegisterState
from app.records.tables import Register


def state(session: Session) -> RegisterState:
    found = register.state(session)
    assert found is not None
    return found


def test_a_register_is_founded_once(database: Database) -> None:
    new = RegisterState(uuid4(), 7, date(2026, 1, 1), date(2027, 12, 31))
    with database.writing() as session:
        founded = state(session)
        register.found(session, new)
        assert state(session) == founded
        session.execute(delete(Register))
        assert register.state(session) is None
        register.found(session, new)
        assert state(session) == new


def test_there_is_no_second_register(database: Database) -> None:
    with database.writing() as session:
        row = {
            "id": 2,
            "installation_id": uuid4(),
            "revision": 0,
            "milestones_from": date(2026, 1, 1),
            "milestones_until": date(2026, 1, 1),
            "audit_id": 0,
            "audit_hash": "",
        }
        with pytest.raises(IntegrityError, match="one_row"):
            session.execute(insert(Register).values(**row))


def test_revision_and_span_are_kept(database: Database) -> None:
    first, last = date(2020, 1, 1), date(2040, 12, 31)
    with database.writing() as session:
        before = state(session)
        register.raise_revision(session)
        register.set_span(session, first, last)
        changed = replace(
            before, revision=before.revision + 1, milestones_from=first, milestones_until=last
        )
        assert state(session) == changed


def test_whoever_locks_the_register_keeps_other_writers_waiting(database: Database) -> None:
    inside = threading.Event()

    def write() -> None:
        with database.writing() as session:
            register.lock(session)
            inside.set()

    with ThreadPoolExecutor() as threads:
        with database.writing() as session:
            register.lock(session)
            second = threads.submit(write)
            assert not inside.wait(0.15)
        assert inside.wait(5)
        second.result()


def test_whoever_stands_still_sees_nothing_of_what_others_store(database: Database) -> None:
    with database.reading() as session:
        register.stand_still(session)
        before = state(session)
        with database.writing() as other:
            register.raise_revision(other)
        assert state(session) == before
    with database.reading() as session:
        assert state(session) == replace(before, revision=before.revision + 1)
