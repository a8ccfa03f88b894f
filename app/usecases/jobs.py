"""What becomes of an import that nobody waits for? Its progress, and its end.

A job is a row that says how far it is. Its end is stored in the transaction that stores the
agreements, so that a job that ended well has stored all of them and any other has stored
none. A server that stops leaves its jobs silent, and silence is told: nothing was stored.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID, uuid4

from app.clock import Clock
from app.records import jobs
from app.records.engine import Database, DatabaseAway, Row, Session
from app.usecases.agreements import Actor
from app.usecases.answers import Answer
from app.usecases.gathering import Progress
from app.usecases.refusals import NotFound

_KEPT_FOR = timedelta(days=30)
_SILENT_AFTER = timedelta(minutes=2)
_NOTED_EVERY = timedelta(seconds=5)
_AT_ONCE = 1
"""One writer writes at a time anyway, and polls of calendars need the other core."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The rows that were left out, as a file in the form they came in."""

    content: bytes
    ending: str


@dataclass(frozen=True, slots=True)
class Job:
    """An import that goes on or is over: `running`, `done`, `refused` or `lost`.

    `done` rows of `total` are behind its phase. `answer` is what the request would have been
    answered with, once it is over.
    """

    id: UUID
    state: str
    phase: str
    done: int
    total: int | None
    answer: Answer | None
    has_refused: bool
    created_at: datetime


Finish = Callable[[Session, Answer, Refused | None], None]
"""Stores what a job came to, in the transaction of its work."""

Work = Callable[[Progress, Finish], None]
"""Does a job: tells how far it is, and finishes it."""


def began(session: Session, actor: Actor, now: datetime) -> UUID:
    """Keep a new job, and forget old ones; return its id."""
    jobs.forget_before(session, now - _KEPT_FOR)
    job_id = uuid4()
    jobs.add(
        session,
        {
            "id": job_id,
            "actor_id": actor.id,
            "state": "running",
            "phase": "waiting",
            "done": 0,
            "created_at": now,
            "seen_at": now,
        },
    )
    return job_id


def ended(
    session: Session, job_id: UUID, answer: Answer, refused: Refused | None, *, now: datetime
) -> None:
    """Keep what became of a job."""
    jobs.change(
        session,
        job_id,
        {
            "state": "done" if answer.status < 400 else "refused",  # noqa: PLR2004 - as HTTP has it
            "phase": "over",
            "status": answer.status,
            "answer": answer.body,
            "refused": None if refused is None else refused.content,
            "refused_as": None if refused is None else refused.ending,
            "seen_at": now,
        },
    )


def refused_rows(session: Session, job_id: UUID) -> Refused:
    """Return the rows that an import left out. Raises `NotFound`."""
    row = jobs.refused_of(session, job_id)
    if row is None:
        raise NotFound("No import with this id left rows out; they are kept for 30 days.")
    return Refused(row["refused"], row["refused_as"])


class Jobs:
    """The jobs of one server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._threads = ThreadPoolExecutor(_AT_ONCE, "imports")
        self._lock = Lock()
        self._running: dict[UUID, tuple[str, int, int | None]] = {}

    def start(self, job_id: UUID, work: Work, failed: Callable[[Exception], Answer]) -> None:
        """Have a job done that is kept already; `failed` says what an error is answered with."""
        with self._lock:
            self._running[job_id] = ("waiting", 0, None)
        self._threads.submit(self._do, job_id, work, failed)

    def by_id(self, session: Session, job_id: UUID) -> Job:
        """Return how far a job is, or what became of it. Raises `NotFound`."""
        row = jobs.by_id(session, job_id)
        if row is None:
            raise NotFound("There is no import with this id; they are kept for 30 days.")
        with self._lock:
            live = self._running.get(job_id)
        return self._told(row, live)

    def close(self) -> None:
        """Wait until the job that runs is over; those that wait are not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _told(self, row: Row, live: tuple[str, int, int | None] | None) -> Job:
        state, phase, done, total = row["state"], row["phase"], row["done"], row["total"]
        if state == "running" and live is not None:
            phase, done, total = live
        elif state == "running" and row["seen_at"] < self._clock.now() - _SILENT_AFTER:
            state = "lost"
        over = row["status"] is not None
        return Job(
            id=row["id"],
            state=state,
            phase=phase,
            done=done,
            total=total,
            answer=Answer(row["status"], row["answer"]) if over else None,
            has_refused=row["has_refused"],
            created_at=row["created_at"],
        )

    def _do(self, job_id: UUID, work: Work, failed: Callable[[Exception], Answer]) -> None:
        noted = self._clock.now()

        def tell(phase: str, done: int, total: int | None) -> None:
            nonlocal noted
            with self._lock:
                self._running[job_id] = (phase, done, total)
            # While it stores, it holds what another transaction would wait for.
            if phase in _BEFORE_STORING and self._clock.now() - noted > _NOTED_EVERY:
                noted = self._clock.now()
                with self._database.writing() as session:
                    told = {"phase": phase, "done": done, "total": total, "seen_at": noted}
                    jobs.change(session, job_id, told)

        def finish(session: Session, answer: Answer, refused: Refused | None) -> None:
            ended(session, job_id, answer, refused, now=self._clock.now())

        try:
            work(tell, finish)
        except Exception as error:  # noqa: BLE001 - told as the answer, as a request's would be
            self._tell_failure(job_id, failed(error))
        finally:
            with self._lock:
                self._running.pop(job_id, None)

    def _tell_failure(self, job_id: UUID, answer: Answer) -> None:
        try:
            with self._database.writing() as session:
                ended(session, job_id, answer, None, now=self._clock.now())
        except DatabaseAway:
            return  # its silence will tell


_BEFORE_STORING = frozenset({"looking", "reading"})
