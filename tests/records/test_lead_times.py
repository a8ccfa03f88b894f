"""The lead-time policy: one row, which is founded once and then replaced."""

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from app.records import lead_times
from app.records.engine import Database
from app.records.tables import LeadTimePolicy


def test_a_policy_is_founded_once(database: Database) -> None:
    with database.writing() as session:
        founded = lead_times.current(session)
        lead_times.found(session, "[]")
        assert lead_times.current(session) == founded
        session.execute(delete(LeadTimePolicy))
        assert lead_times.current(session) is None
        lead_times.found(session, "[]")
        assert lead_times.current(session) == {"version": 1, "rows": "[]"}


def test_a_replaced_policy_has_its_own_version(database: Database) -> None:
    with database.writing() as session:
        lead_times.replace(session, 7, "[1]")
    with database.reading() as session:
        assert lead_times.current(session) == {"version": 7, "rows": "[1]"}


def test_there_is_no_second_policy(database: Database) -> None:
    with database.writing() as session, pytest.raises(IntegrityError):
        session.execute(insert(LeadTimePolicy).values(id=2, version=1, rows="[]"))
