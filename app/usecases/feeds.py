"""Which calendars are there to subscribe to? Definitions, by anybody for anybody.

Two feeds are there from the start: the same terms, seen by IT and by procurement.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import ValidationError

from app.records import agreements, feeds, published, register
from app.records.engine import Row, Session
from app.usecases.agreements import Actor, note_change
from app.usecases.feed_forms import KINDS_OF_TEAM, LONGEST_KEY, FeedForm
from app.usecases.forms import faults_of
from app.usecases.refusals import AlreadyThere, Fault, Invalid, NotFound, NotYours, Stale

_BEYOND = 1_000
"""More changes of an event than can have been published since a backup."""
_REWORDED_SINCE = 100
"""More rewordings of a feed than there can have been since a backup."""
FOUNDED = ("it", "procurement")
"""The feeds of the two teams; they stay."""

_FOUNDED_FEEDS = (
    FeedForm(
        key="it",
        name="IT renewals",
        description="What IT has to look at: when to prepare, decide, and what ends or renews.",
        colour="steelblue",
        team="it",
    ),
    FeedForm(
        key="procurement",
        name="Procurement renewals",
        description="What procurement has to do: when to negotiate, send and deliver notice.",
        colour="darkorange",
        team="procurement",
    ),
)
_REWORDING = ("amounts", "notes", "alarm_days_before")
"""What of a definition changes the bytes of every event."""


def found_feeds(session: Session, now: datetime) -> None:
    """Define the two feeds of a new register."""
    if not feeds.every(session):
        feeds.add(session, [_row_of(form, form.key, None, now) for form in _FOUNDED_FEEDS])


def every(session: Session) -> list[Row]:
    """Return all feeds, by their keys."""
    return feeds.every(session)


def found(session: Session, feed_id: UUID) -> Row:
    """Return a feed. Raises `NotFound`, also for one that was removed."""
    row = feeds.by_id(session, feed_id)
    if row is None or row["removed_at"] is not None:
        raise NotFound("There is no feed with this id; it may have been removed.")
    return row


def by_key(session: Session, key: str) -> Row:
    """Return a feed by the last part of its addresses. Raises `NotFound`."""
    row = feeds.by_key(session, key)
    if row is None:
        names = ", ".join(feed["key"] for feed in feeds.every(session))
        raise NotFound(f"There is no feed of this name; there are {names}.")
    return row


def define(session: Session, form: FeedForm, *, actor: Actor, now: datetime) -> Row:
    """Keep a new feed and return it. Raises `AlreadyThere` when its key is taken."""
    register.lock(session)
    row = _row_of(form, form.key or _free_key(session, form.name), actor.id, now)
    if feeds.by_key(session, row["key"]) is not None:
        raise _taken()
    feeds.add(session, [row])
    note_change(session, actor, now, "feed defined", row["id"], None, _snapshot(row))
    return row


def change(
    session: Session,
    feed_id: UUID,
    versions: frozenset[int],
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Row:
    """Change a feed that is at one of `versions`, and return it as it then is.

    Raises `NotFound`, `NotYours`, `Stale`, `Invalid` and `AlreadyThere`. The same values
    again keep the version. A key stays as it is: it stands in everybody's addresses.
    """
    register.lock(session)
    old = _own_at(session, feed_id, versions, actor)
    form = _form_with(old, changes)
    new = _row_of(form, old["key"], old["owner_id"], old["created_at"])
    if "key" in changes and changes["key"] != old["key"]:
        raise Invalid([Fault("key", "stands in addresses people use, so it stays as it is.")])
    told = {name: new[name] for name in _DEFINITION if new[name] != old[name]}
    if not told:
        return old
    if any(name in told for name in _REWORDING):
        # Programs must take all events anew: each has to say that it is a later one.
        told["sequence_base"] = old["sequence_base"] + published.highest_sequence(session) + 1
        told["reworded_at"] = _not_before(now, old["reworded_at"], published.last_change(session))
    told["version"] = old["version"] + 1
    feeds.replace(session, feed_id, told)
    row = {**old, **told}
    note_change(session, actor, now, "feed changed", feed_id, _snapshot(old), _snapshot(row))
    return row


def remove(
    session: Session, feed_id: UUID, versions: frozenset[int], *, actor: Actor, now: datetime
) -> None:
    """Take a feed away; from then on its addresses say that it is gone.

    Raises `NotFound`, `NotYours`, `Stale`, and `AlreadyThere` for the feeds of the teams.
    """
    register.lock(session)
    old = _own_at(session, feed_id, versions, actor)
    if old["key"] in FOUNDED:
        raise NotYours("The feeds of the two teams stay: change them, or define others.")
    feeds.replace(session, feed_id, {"removed_at": now, "version": old["version"] + 1})
    note_change(session, actor, now, "feed removed", feed_id, _snapshot(old), None)


def outrun(session: Session, *, actor: Actor, now: datetime) -> None:
    """Have every event count as changed, by more than programs can have seen before.

    For a restored backup: its events are at earlier revisions than programs hold, and its
    feeds were last changed before programs last looked.
    """
    register.lock(session)
    # A rewording since the backup added no more than this.
    by_a_rewording = published.highest_sequence(session) + _BEYOND
    changed_at = _not_before(now, published.last_change(session))
    published.raise_all(session, _BEYOND, changed_at)
    for row in feeds.every(session):
        values = {
            "sequence_base": row["sequence_base"] + _REWORDED_SINCE * by_a_rewording,
            "reworded_at": _not_before(changed_at, row["reworded_at"]),
            "body_hash": None,
            "body_since": _not_before(now, row["body_since"]),
        }
        feeds.replace(session, row["id"], values)
        note_change(session, actor, now, "feed outrun", row["id"], None, None)
    agreements.date_anew(session)
    register.raise_revision(session)


def definition_of(row: Row) -> dict[str, Any]:
    """Return what a feed shows, as it was entered."""
    told = {name: row[name] for name in _DEFINITION}
    return told | {"kinds": orjson.loads(row["kinds"]), "filters": orjson.loads(row["filters"])}


def may_change(actor: Actor, owner_id: UUID | None) -> bool:
    """Tell whether somebody may change what belongs to a token: its owner and administrators."""
    return actor.role == "admin" or (actor.id is not None and actor.id == owner_id)


_DEFINITION = tuple(name for name in FeedForm.model_fields if name != "key")


def _not_before(now: datetime, *published_at: datetime | None) -> datetime:
    """Return this moment, unless something is dated later, by a clock that was ahead."""
    return max([now, *(one for one in published_at if one is not None)])


def _own_at(session: Session, feed_id: UUID, versions: frozenset[int], actor: Actor) -> Row:
    row = found(session, feed_id)
    if not may_change(actor, row["owner_id"]):
        raise NotYours("Whoever defined this feed changes it, or an administrator.")
    if row["version"] not in versions:
        raise Stale("Somebody else changed this feed since you read it: read it again.")
    return row


def _form_with(old: Row, changes: Mapping[str, Any]) -> FeedForm:
    try:
        return FeedForm.model_validate({**definition_of(old), **changes})
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error


def _row_of(
    form: FeedForm, key: str | None, owner_id: UUID | None, now: datetime
) -> dict[str, Any]:
    kinds = form.kinds or [kind.value for kind in KINDS_OF_TEAM[form.team]]
    return {
        **form.model_dump(include=set(_DEFINITION)),
        "key": key,
        "description": form.description or _about(form),
        "kinds": json.dumps(kinds),
        "filters": form.filters.model_dump_json(exclude_none=True),
        "id": uuid4(),
        "owner_id": owner_id,
        "version": 1,
        "created_at": now,
        "removed_at": None,
        "sequence_base": 0,
        "reworded_at": None,
        "rendered_for": None,
        "body_hash": None,
        "body_since": None,
        "shown": 0,
        "cut": 0,
        "left_out": "[]",
    }


def _about(form: FeedForm) -> str:
    whose = {"it": "IT's view", "procurement": "Procurement's view", "both": "Both teams' view"}
    return f"{whose[form.team]} of renewal dates and deadlines."


def _free_key(session: Session, name: str) -> str:
    """Return a key made from a name, with a number where others have the same one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[: LONGEST_KEY - 5].strip("-") or "feed"
    taken = {feed["key"] for feed in feeds.every(session)}
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (stem, *numbered) if key not in taken)


def _snapshot(row: Row) -> str:
    told = {"key": row["key"], **definition_of(row)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _taken() -> AlreadyThere:
    return AlreadyThere("There is already a feed with this key: choose another one.")
