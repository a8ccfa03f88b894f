"""Who has an address of which feed, and when did a program last fetch from it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, or_, select, update

from app.records.engine import Row, Session, row, rows
from app.records.tables import Subscription

_SHOWN = tuple(one for one in Subscription.__table__.columns if one.name != "secret_hash")


@dataclass(frozen=True, slots=True)
class Fetch:
    """When a program fetched from an address, and the revision of the register it then had."""

    subscription_id: UUID
    at: datetime
    program: str
    revision: int


def add(session: Session, new: Row) -> None:
    """Keep a new address."""
    session.execute(insert(Subscription).values(**new))


def of_feeds(session: Session, feed_ids: Sequence[UUID]) -> list[Row]:
    """Return the addresses of these feeds without their hashes, oldest first."""
    found = session.execute(
        select(*_SHOWN)
        .where(Subscription.feed_id.in_(feed_ids))
        .order_by(Subscription.created_at, Subscription.id)
    )
    return rows(found)


def by_id(session: Session, subscription_id: UUID) -> Row | None:
    """Return one address, without its hash."""
    return row(session.execute(select(*_SHOWN).where(Subscription.id == subscription_id)))


def by_secret_hash(session: Session, secret_hash: str) -> Row | None:
    """Return the address with this hash, also one that is closed."""
    return row(session.execute(select(*_SHOWN).where(Subscription.secret_hash == secret_hash)))


def close(
    session: Session, subscription_id: UUID, at: datetime, replaced_by: UUID | None = None
) -> None:
    """Make an address open nothing from now on; another one may stand in its place."""
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(revoked_at=at, replaced_by=replaced_by)
    )


def note_fetches(session: Session, fetches: Sequence[Fetch], none_after: datetime) -> None:
    """Keep when programs fetched, where no fetch after a moment is on record already."""
    # In one order, so that no two servers wait for each other.
    for fetch in sorted(fetches, key=lambda one: one.subscription_id):
        last = Subscription.last_fetched_at
        session.execute(
            update(Subscription)
            .where(
                Subscription.id == fetch.subscription_id,
                or_(last.is_(None), last <= none_after),
            )
            .values(
                last_fetched_at=fetch.at,
                last_program=fetch.program,
                last_revision=fetch.revision,
            )
        )
