"""Who changed what, when? The trail, which is only ever added to.

Each entry holds the hash of the one before it, and the register that of the last one: who
changes, removes or reorders an entry leaves a link that does not fit.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from app.records.engine import Row, Session, row, rows
from app.records.tables import AuditEntry, Register

_COLUMNS = tuple(AuditEntry.__table__.columns)
_CHUNK = 250
_INSERT = insert(AuditEntry)  # built once: building costs more than storing a row
_HEAD = select(Register.audit_id, Register.audit_hash)
_HEAD_HELD = _HEAD.with_for_update()
_SET_HEAD = update(Register)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a trail, which vouches for all that stand before it."""

    id: int
    hash: str


NO_ENTRY = Head(0, "0" * 64)
"""The head of an empty trail."""


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep entries, in chunks, as the next ones of the chain. Other writers wait."""
    # Locked, so that no two entries follow the same one.
    last = Head(*session.execute(_HEAD_HELD).one())
    linked: list[Row] = []
    for entry in new:
        link = {**entry, "id": last.id + 1, "previous_hash": last.hash}
        last = Head(last.id + 1, entry_hash(link))
        linked.append({**link, "hash": last.hash})
    for start in range(0, len(linked), _CHUNK):
        session.execute(_INSERT, linked[start : start + _CHUNK])
    session.execute(_SET_HEAD, {"audit_id": last.id, "audit_hash": last.hash})


def entry_hash(entry: Row) -> str:
    """Return the hash over all that an entry says, its place and the hash before it."""
    said = [
        entry["id"],
        entry["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        None if entry["actor_id"] is None else str(entry["actor_id"]),
        entry["actor_name"],
        entry["action"],
        str(entry["subject_id"]),
        entry["before"],
        entry["after"],
        entry["previous_hash"],
    ]
    # SQLite keeps bytes in a column of text if somebody puts them there.
    canonical = json.dumps(said, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def head(session: Session) -> Head:
    """Return the last entry as the register knows it."""
    return Head(*session.execute(_HEAD).one())


def subjects_until(session: Session, moment: datetime) -> list[UUID]:
    """Return what the entries up to a moment are about, in the order of the ids."""
    found = session.execute(
        select(AuditEntry.subject_id)
        .where(AuditEntry.at <= moment)
        .group_by(AuditEntry.subject_id)
        .order_by(AuditEntry.subject_id)
    )
    return list(found.scalars())


def about_until(
    session: Session, subject_ids: Iterable[UUID], moment: datetime
) -> dict[UUID, list[Row]]:
    """Return all entries about these subjects up to a moment, in their order, by subject."""
    wanted = list(subject_ids)
    found: dict[UUID, list[Row]] = {one: [] for one in wanted}
    query = (
        select(*_COLUMNS)
        .where(AuditEntry.subject_id.in_(wanted), AuditEntry.at <= moment)
        .order_by(AuditEntry.id)
    )
    for entry in rows(session.execute(query)):
        found[entry["subject_id"]].append(entry)
    return found


def first_after(session: Session, subject_id: UUID, moment: datetime) -> Row | None:
    """Return the first entry about one subject after a moment, None when there is none."""
    found = session.execute(
        select(*_COLUMNS)
        .where(AuditEntry.subject_id == subject_id, AuditEntry.at > moment)
        .order_by(AuditEntry.id)
        .limit(1)
    )
    return row(found)


def about(session: Session, subject_id: UUID, after: int, limit: int) -> list[Row]:
    """Return the entries about one subject, oldest first, from after an entry's id."""
    found = session.execute(
        select(*_COLUMNS)
        .where(AuditEntry.subject_id == subject_id, AuditEntry.id > after)
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    return rows(found)


def every(session: Session) -> Iterator[tuple[int, Row | None]]:
    """Go through the whole trail with the entries' ids; None stands for what cannot be read."""
    query = select(AuditEntry.id).order_by(AuditEntry.id).limit(_CHUNK)
    ids = session.scalars(query).all()
    while ids:
        yield from _read(session, ids)
        ids = session.scalars(query.where(AuditEntry.id > ids[-1])).all()


def _read(session: Session, ids: Sequence[int]) -> list[tuple[int, Row | None]]:
    query = select(*_COLUMNS).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.id)
    try:
        return [(found["id"], found) for found in rows(session.execute(query))]
    except _UNREADABLE:
        if len(ids) == 1:
            return [(ids[0], None)]
        return [one for entry_id in ids for one in _read(session, [entry_id])]


_UNREADABLE = (ValueError, TypeError, AttributeError, OperationalError)
"""What is no moment, no id or no text, which SQLite keeps all the same."""
