"""A job is a row that says how far it is; what it refused stays apart."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.records import jobs
from app.records.engine import Database, Session
from tests.builders import NOW


def added(session: Session, **changes: object) -> UUID:
    job: dict[str, Any] = {
        "id": uuid4(),
        "actor_id": None,
        "state": "running",
        "phase": "waiting",
        "done": 0,
        "created_at": NOW,
        "seen_at": NOW,
        **changes,
    }
    jobs.add(session, job)
    job_id: UUID = job["id"]
    return job_id


def test_a_new_job_is_read_back(database: Database) -> None:
    with database.writing() as session:
        job_id = added(session)
    with database.reading() as session:
        assert jobs.by_id(session, uuid4()) is None
        assert jobs.by_id(session, job_id) == {
            "id": job_id,
            "state": "running",
            "phase": "waiting",
            "done": 0,
            "total": None,
            "status": None,
            "answer": None,
            "refused_as": None,
            "created_at": NOW,
            "seen_at": NOW,
            "has_refused": False,
        }


def test_one_job_changes_and_no_other(database: Database) -> None:
    with database.writing() as session:
        job_id, other = added(session), added(session)
        jobs.change(session, job_id, {"phase": "reading", "done": 250, "total": 1_000})
    with database.reading() as session:
        told = [jobs.by_id(session, one) for one in (job_id, other)]
    assert [one and (one["phase"], one["done"], one["total"]) for one in told] == [
        ("reading", 250, 1_000),
        ("waiting", 0, None),
    ]


def test_refused_rows_are_read_only_when_they_are_asked_for(database: Database) -> None:
    with database.writing() as session:
        job_id = added(session, refused=b"\x00rows", refused_as="xlsx")
        without = added(session)
    with database.reading() as session:
        job = jobs.by_id(session, job_id)
        assert job is not None
        assert "refused" not in job
        assert job["has_refused"]
        found = jobs.refused_of(session, job_id)
        assert found == {"refused": b"\x00rows", "refused_as": "xlsx"}
        assert jobs.refused_of(session, without) is None
        assert jobs.refused_of(session, uuid4()) is None


def test_jobs_of_long_ago_are_forgotten(database: Database) -> None:
    with database.writing() as session:
        old, young = (added(session, created_at=NOW - timedelta(days=days)) for days in (2, 1))
        jobs.forget_before(session, NOW - timedelta(days=1))
        assert jobs.by_id(session, old) is None
        assert jobs.by_id(session, young) is not None
