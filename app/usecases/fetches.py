"""When did which program last fetch a feed? Noted in memory, stored now and then.

Noting costs a poll nothing to speak of. What is stored is at most a quarter of an hour
behind, and written at most once in that time for each subscription, however many servers
there are.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from app.feeds.programs import recognise
from app.records import subscriptions
from app.records.engine import Database, DatabaseAway
from app.records.polls import Polled
from app.records.subscriptions import Fetch

log = logging.getLogger("noticeboard")

APART = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Noted:
    fetch: Fetch
    due_at: datetime


class Fetches:
    """The fetches that are not stored yet, the last one of each subscription."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[UUID, _Noted] = {}
        self._written_at: dict[UUID, datetime] = {}
        self._lock = Lock()

    def note(self, polled: Polled, user_agent: str | None, revision: int, now: datetime) -> bool:
        """Note that a program now has the calendar of this revision; tell if that is news.

        It is none while the record says the same and is less than a quarter of an hour old.
        """
        last = polled.last_fetched_at
        is_recent = last is not None and now - last < APART
        if is_recent and polled.last_revision == revision:
            return False
        fetch = Fetch(polled.subscription_id, now, recognise(user_agent).name, revision)
        due_at = last + APART if last is not None and is_recent else now
        with self._lock:
            # What waited was written later than it was fetched: the quarter begins there.
            if (written_at := self._written_at.get(polled.subscription_id)) is not None:
                due_at = max(due_at, written_at + APART)
            self._noted[polled.subscription_id] = _Noted(fetch, due_at)
        return True

    def store(self, now: datetime) -> bool:
        """Store what is due; tell whether anything is left for later.

        While the database is away nothing is stored: programs fetch again.
        """
        with self._lock:
            due = [noted.fetch for noted in self._noted.values() if noted.due_at <= now]
            for fetch in due:
                del self._noted[fetch.subscription_id]
                self._written_at[fetch.subscription_id] = now
            is_left = bool(self._noted)
        if due:
            try:
                with self._database.writing() as session:
                    subscriptions.note_fetches(session, due, now - APART)
            except DatabaseAway:
                log.warning("%d fetches are not on record: the database is away", len(due))
        return is_left
