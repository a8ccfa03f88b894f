"""What has been published of each milestone, and how often did it change?

A ledger with a row for each event that was ever in a feed, by UID and by the details it
was published with; rows outlive their milestones, so that one that returns climbs on.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from app.records.engine import Row, Session, rows
from app.records.tables import PublishedEvent

_COLUMNS = tuple(PublishedEvent.__table__.columns)
_CHUNK = 500
_CHANGING = ("fingerprint", "on_day", "moved_from", "sequence", "changed_at")
_CHANGE = (
    update(PublishedEvent)
    .where(PublishedEvent.uid == bindparam("of_uid"), PublishedEvent.details == bindparam("so"))
    .values({name: bindparam(name) for name in _CHANGING})
)
"""Built once, for many rows at a time: building costs more than storing a row."""


def of_uids(session: Session, uids: Sequence[str], details: str) -> dict[str, Row]:
    """Return what was published under these UIDs with these details, by UID."""
    found: dict[str, Row] = {}
    for start in range(0, len(uids), _CHUNK):
        some = list(uids[start : start + _CHUNK])
        matching = session.execute(
            select(*_COLUMNS).where(PublishedEvent.uid.in_(some), PublishedEvent.details == details)
        )
        found |= {event["uid"]: event for event in rows(matching)}
    return found


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep events that are published for the first time."""
    for start in range(0, len(new), _CHUNK):
        session.execute(insert(PublishedEvent), list(new[start : start + _CHUNK]))


def change(session: Session, changes: Sequence[Row]) -> None:
    """Keep events that are published again with another content."""
    values = [
        {**{name: one[name] for name in _CHANGING}, "of_uid": one["uid"], "so": one["details"]}
        for one in changes
    ]
    if values:
        session.execute(_CHANGE, values)


def highest_sequence(session: Session) -> int:
    """Return the highest SEQUENCE that any event was published with; 0 without any."""
    highest: int | None = session.execute(select(func.max(PublishedEvent.sequence))).scalar()
    return highest or 0


def last_change(session: Session) -> datetime | None:
    """Return the last moment at which any event changed; None without any."""
    changed_at: datetime | None = session.execute(
        select(func.max(PublishedEvent.changed_at))
    ).scalar()
    return changed_at


def raise_all(session: Session, by: int, at: datetime) -> None:
    """Count every event as changed: its SEQUENCE grows, and it changed at this moment."""
    session.execute(
        update(PublishedEvent).values(sequence=PublishedEvent.sequence + by, changed_at=at)
    )
