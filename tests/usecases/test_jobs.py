"""An import that nobody waits for: how far it is, and what became of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

import pytest

from app.clock import StoppedClock
from app.records import jobs as records
from app.records.engine import Database, DatabaseAway
from app.usecases.answers import Answer
from app.usecases.gathering import Progress
from app.usecases.jobs import Finish, Job, Jobs, Refused, began, ended, refused_rows
from app.usecases.refusals import NotFound
from tests.builders import NOW, OPERATOR, TODAY

WELL = Answer(200, '{"created": 1}')
BADLY = Answer(500, '{"title": "wrong"}')


class Ticking:
    """A clock on which ten seconds pass whenever somebody looks."""

    def __init__(self) -> None:
        self.looked = 0

    def today(self) -> date:
        return TODAY

    def now(self) -> datetime:
        self.looked += 1
        return NOW + timedelta(seconds=10 * self.looked)


@pytest.fixture
def jobs(database: Database) -> Iterator[Jobs]:
    """Give the jobs of a server."""
    found = Jobs(database, StoppedClock(TODAY))
    yield found
    found.close()


def a_job(database: Database) -> UUID:
    with database.writing() as session:
        return began(session, OPERATOR, NOW)


def told(database: Database, jobs: Jobs, job_id: UUID) -> Job:
    with database.reading() as session:
        return jobs.by_id(session, job_id)


def failed(_: Exception) -> Answer:
    return BADLY


def test_a_job_tells_how_far_it_is_and_then_what_it_came_to(database: Database, jobs: Jobs) -> None:
    job_id, reached, go_on = a_job(database), Event(), Event()

    def work(tell: Progress, finish: Finish) -> None:
        tell("checking", 250, 1_000)
        reached.set()
        go_on.wait(10)
        with database.writing() as session:
            finish(session, WELL, Refused(b"rows", "csv"))

    jobs.start(job_id, work, failed)
    assert reached.wait(10)
    running = told(database, jobs, job_id)
    assert (running.state, running.phase, running.done, running.total) == (
        "running",
        "checking",
        250,
        1_000,
    )
    assert running.answer is None
    go_on.set()
    jobs.close()
    over = told(database, jobs, job_id)
    assert (over.state, over.answer, over.has_refused) == ("done", WELL, True)
    with database.reading() as session:
        assert refused_rows(session, job_id) == Refused(b"rows", "csv")


def test_a_job_that_fails_says_what_a_request_would_have_been_told(
    database: Database, jobs: Jobs
) -> None:
    job_id = a_job(database)

    def work(_tell: Progress, finish: Finish) -> None:
        with database.writing() as session:
            finish(session, WELL, None)
            raise RuntimeError("in the middle of it")

    jobs.start(job_id, work, failed)
    jobs.close()
    over = told(database, jobs, job_id)
    assert (over.state, over.answer, over.has_refused) == ("refused", BADLY, False)


def test_a_job_that_cannot_even_say_that_it_failed_is_silent(
    database: Database, jobs: Jobs, tmp_path: Path
) -> None:
    job_id = a_job(database)
    nowhere = Jobs(Database(f"sqlite:///{tmp_path}"), StoppedClock(TODAY))  # a folder is no file

    def work(_tell: Progress, _finish: Finish) -> None:
        raise DatabaseAway

    nowhere.start(job_id, work, failed)
    nowhere.close()
    assert told(database, jobs, job_id).state == "running"


def test_silence_for_two_minutes_means_that_the_server_was_stopped(database: Database) -> None:
    job_id = a_job(database)
    with database.writing() as session:
        records.change(session, job_id, {"seen_at": NOW - timedelta(minutes=3), "done": 7})
    after_a_restart = Jobs(database, StoppedClock(TODAY))
    lost = told(database, after_a_restart, job_id)
    assert (lost.state, lost.done, lost.answer) == ("lost", 7, None)
    after_a_restart.close()


def test_a_job_notes_that_it_lives_while_it_reads(database: Database) -> None:
    clock = Ticking()
    jobs, job_id = Jobs(database, clock), a_job(database)

    def work(tell: Progress, _finish: Finish) -> None:
        tell("reading", 500, None)
        tell("storing", 1, 2)

    jobs.start(job_id, work, failed)
    jobs.close()
    with database.reading() as session:
        row = records.by_id(session, job_id)
    assert row is not None
    assert (row["phase"], row["done"]) == ("reading", 500)
    assert row["seen_at"] > NOW


def test_jobs_are_forgotten_after_a_month(database: Database, jobs: Jobs) -> None:
    with database.writing() as session:
        old = began(session, OPERATOR, NOW - timedelta(days=31))
        new = began(session, OPERATOR, NOW)
        ended(session, new, Answer(422, "{}"), None, now=NOW)
    with pytest.raises(NotFound, match="30 days"):
        told(database, jobs, old)
    assert told(database, jobs, new).state == "refused"
    with database.reading() as session, pytest.raises(NotFound, match="left rows out"):
        refused_rows(session, new)
    with pytest.raises(NotFound):
        told(database, jobs, uuid4())
