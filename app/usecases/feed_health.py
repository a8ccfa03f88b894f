"""Do the calendars reach people? When each program last fetched, and what it has not seen.

A calendar that stopped fetching looks like one without news. Here it is said who has not
fetched for longer than that program takes, and how many agreements changed since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.feeds.programs import Program, every_program, recognise
from app.records import agreements, feeds, subscriptions
from app.records.engine import Row, Session
from app.usecases.publishing import filters_of
from app.usecases.register import state_of_register

_FIRST_FETCH = timedelta(days=2)
_WHOSE = {"it": "IT's", "procurement": "procurement's", "both": "both teams'"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class SubscriptionHealth:
    """How one address is used.

    `state` is `current`, `behind` (changes it has not fetched yet), `late` (not fetched for
    longer than its program takes), `never_fetched` or `closed`.
    """

    row: Row
    program: Program | None
    state: str
    changed_since: int
    sentence: str | None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How one feed is: what it holds, what it leaves out, and who reads it."""

    row: Row
    left_out: list[UUID]
    subscriptions: list[SubscriptionHealth]

    @property
    def sentences(self) -> Iterator[str]:
        """What a person should look at."""
        name = self.row["name"]
        if self.row["cut"]:
            yield (
                f"{name} has no room for {self.row['cut']} dates: narrow its filters or kinds,"
                " or split it."
            )
        if self.left_out:
            ids = ", ".join(str(one) for one in self.left_out[:5])
            yield (
                f"{name} leaves out {_counted(len(self.left_out), 'agreement')} that cannot be"
                f" rendered: correct {ids}."
            )
        yield from (one.sentence for one in self.subscriptions if one.sentence)


@dataclass(frozen=True, slots=True)
class Health:
    """How all feeds are, at a revision of the register."""

    revision: int
    feeds: list[FeedHealth]

    @property
    def sentences(self) -> list[str]:
        """What a person should look at, over all feeds."""
        return [sentence for feed in self.feeds for sentence in feed.sentences]

    def of_team(self, team: str) -> list[SubscriptionHealth]:
        """Return the open subscriptions of a team's feeds."""
        return [
            one
            for feed in self.feeds
            if feed.row["team"] == team
            for one in feed.subscriptions
            if one.state != "closed"
        ]


def health(session: Session, *, today: date, now: datetime) -> Health:
    """Return how the feeds and their subscriptions are at this moment."""
    revision = state_of_register(session).revision
    rows = feeds.every(session)
    found: dict[UUID, list[Row]] = {row["id"]: [] for row in rows}
    for one in subscriptions.of_feeds(session, list(found)):
        found[one["feed_id"]].append(one)
    return Health(
        revision,
        [
            FeedHealth(
                row,
                [UUID(one) for one in orjson.loads(row["left_out"])],
                _each(session, row, found[row["id"]], revision, today=today, now=now),
            )
            for row in rows
        ],
    )


def _each(
    session: Session,
    feed: Row,
    rows: Sequence[Row],
    revision: int,
    *,
    today: date,
    now: datetime,
) -> list[SubscriptionHealth]:
    filters = filters_of(feed)
    told = []
    for row in rows:
        program = None if row["last_program"] is None else _program_named(row["last_program"])
        changed = 0
        if row["last_fetched_at"] is not None and row["last_revision"] != revision:
            changed = agreements.changed_since(session, filters, row["last_fetched_at"])
        state = _state_of(row, program, changed, today=today, now=now)
        sentence = _sentence(feed, row, program, state, changed, now)
        told.append(SubscriptionHealth(row, program, state, changed, sentence))
    return told


def _program_named(name: str) -> Program:
    found = {program.name: program for program in every_program()}
    return found.get(name) or recognise(name)  # by another release, under another name


def _state_of(
    row: Row, program: Program | None, changed: int, *, today: date, now: datetime
) -> str:
    expires_on = row["expires_on"]
    if row["revoked_at"] is not None or (expires_on is not None and expires_on < today):
        return "closed"
    if program is None:
        return "never_fetched"
    if now - row["last_fetched_at"] > program.late_after:
        return "late"
    return "behind" if changed else "current"


def _sentence(
    feed: Row, row: Row, program: Program | None, state: str, changed: int, now: datetime
) -> str | None:
    whose = _WHOSE[feed["team"]]
    if state == "late" and program is not None:
        days = (now - row["last_fetched_at"]).days
        return (
            f"{whose} {_bare(program.name)} ({row['label']}) has not fetched for {days} days;"
            f" {_counted(changed, 'agreement')} changed since."
        )
    if state == "never_fetched" and now - row["created_at"] > _FIRST_FETCH:
        days = (now - row["created_at"]).days
        return (
            f"{whose} address for {row['label']} was handed out {days} days ago"
            " and no program has fetched from it."
        )
    return None


def _bare(name: str) -> str:
    """Return a program's name without its article: somebody's comes in the place of it."""
    first, _, rest = name.partition(" ")
    return rest if first in {"a", "an", "another", "the"} else name


def _counted(count: int, what: str) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
    return f"{number} {what}{'' if count == 1 else 's'}"


def told(health: Health) -> dict[str, Any]:
    """Return the findings by team, for whoever reads them at a glance."""
    return {
        team: {
            "subscriptions": len(open_ones),
            "late": sum(one.state == "late" for one in open_ones),
            "never_fetched": sum(one.state == "never_fetched" for one in open_ones),
            "last_fetched_at": max(
                (one.row["last_fetched_at"] for one in open_ones if one.program), default=None
            ),
        }
        for team in _WHOSE
        for open_ones in [health.of_team(team)]
    }
