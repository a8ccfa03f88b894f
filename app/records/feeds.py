"""Which feeds are there, who may read them, and what has been published in them?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from app.records.engine import Row, Session, row, rows
from app.records.tables import Feed, FeedAddress, PublishedEvent

_FEED = tuple(Feed.__table__.columns)
_CHUNK = 500
_CHANGING = ("fingerprint", "on_day", "moved_from", "sequence", "changed_at")


def add(session: Session, new: Sequence[Row]) -> None:
    """Keep new feeds."""
    session.execute(insert(Feed), list(new))


def every(session: Session) -> list[Row]:
    """Return all feeds, by their keys."""
    return rows(session.execute(select(*_FEED).order_by(Feed.key)))


def by_key(session: Session, key: str) -> Row | None:
    """Return one feed."""
    return row(session.execute(select(*_FEED).where(Feed.key == key)))


def by_secret_hash(session: Session, secret_hash: str) -> Row | None:
    """Return the feed that a secret address opens, unless the address was revoked."""
    found = session.execute(
        select(*_FEED)
        .join(FeedAddress, FeedAddress.feed_id == Feed.id)
        .where(FeedAddress.secret_hash == secret_hash, FeedAddress.revoked_at.is_(None))
    )
    return row(found)


def add_address(session: Session, row: Row) -> None:
    """Keep a new secret address of a feed."""
    session.execute(insert(FeedAddress).values(**row))


def revoke_address(session: Session, secret_hash: str, at: datetime) -> bool:
    """Make an address invalid from now on; tell whether there was a valid one."""
    done = session.execute(
        update(FeedAddress)
        .where(FeedAddress.secret_hash == secret_hash, FeedAddress.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return bool(done.rowcount == 1)


def set_rendered(
    session: Session, feed_id: UUID, rendered_for: str, body_hash: str, body_since: datetime
) -> None:
    """Keep what a feed's bytes are, for which state, and since when."""
    session.execute(
        update(Feed)
        .where(Feed.id == feed_id)
        .values(rendered_for=rendered_for, body_hash=body_hash, body_since=body_since)
    )


def published(session: Session, uids: Sequence[str]) -> dict[str, Row]:
    """Return what was published under these UIDs, by UID."""
    found: dict[str, Row] = {}
    columns = tuple(PublishedEvent.__table__.columns)
    for start in range(0, len(uids), _CHUNK):
        some = list(uids[start : start + _CHUNK])
        matching = session.execute(select(*columns).where(PublishedEvent.uid.in_(some)))
        found |= {event["uid"]: event for event in rows(matching)}
    return found


def publish_new(session: Session, new: Sequence[Row]) -> None:
    """Keep events that are published for the first time."""
    for start in range(0, len(new), _CHUNK):
        session.execute(insert(PublishedEvent), list(new[start : start + _CHUNK]))


def publish_changed(session: Session, changes: Sequence[Row]) -> None:
    """Keep events that are published again with another content."""
    for change in changes:
        values = {name: change[name] for name in _CHANGING}
        session.execute(
            update(PublishedEvent).where(PublishedEvent.uid == change["uid"]).values(**values)
        )
