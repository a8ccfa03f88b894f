"""Which feeds are defined, and since when are their bytes what they are?

Removed feeds are kept, and found by none of the questions but by their id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from app.records.engine import Row, Session, row, rows
from app.records.tables import Feed

_COLUMNS = tuple(Feed.__table__.columns)
_IS_THERE = select(*_COLUMNS).where(Feed.removed_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a feed's bytes are: for which state, their hash, since when, and what they hold.

    `shown` counts the events, `cut` those for which there was no room; `left_out` is a JSON
    list of the agreements that could not be told.
    """

    rendered_for: str
    body_hash: str
    body_since: datetime
    shown: int
    cut: int
    left_out: str


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep new feeds."""
    session.execute(insert(Feed), list(new))


def every(session: Session) -> list[Row]:
    """Return all feeds, by their keys."""
    return rows(session.execute(_IS_THERE.order_by(Feed.key)))


def by_key(session: Session, key: str) -> Row | None:
    """Return the feed of this key."""
    return row(session.execute(_IS_THERE.where(Feed.key == key)))


def by_id(session: Session, feed_id: UUID) -> Row | None:
    """Return one feed, also one that was removed."""
    return row(session.execute(select(*_COLUMNS).where(Feed.id == feed_id)))


def replace(session: Session, feed_id: UUID, values: Row) -> None:
    """Change what is kept of a feed."""
    session.execute(update(Feed).where(Feed.id == feed_id).values(**values))


def set_rendered(session: Session, feed_id: UUID, rendered: Rendered) -> None:
    """Keep what a feed's bytes are."""
    values = {name: getattr(rendered, name) for name in Rendered.__slots__}
    session.execute(update(Feed).where(Feed.id == feed_id).values(**values))
