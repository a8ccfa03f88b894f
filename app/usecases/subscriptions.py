"""Who may read which feed, by which secret address? One address a person and feed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from app import credentials
from app.credentials import Opens
from app.records import register, subscriptions
from app.records.engine import Row, Session
from app.usecases.agreements import Actor, note_change
from app.usecases.feed_forms import SubscriptionForm
from app.usecases.feeds import found, may_change
from app.usecases.refusals import Fault, Invalid, NotFound, NotYours, Over


@dataclass(frozen=True, slots=True)
class NewAddress:
    """A new subscription of a feed; its secret is shown this once."""

    feed: Row
    subscription: Row
    secret: str


def subscribe(
    session: Session,
    feed_id: UUID,
    form: SubscriptionForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> NewAddress:
    """Hand out a new secret address of a feed. Raises `NotFound` and `Invalid`."""
    feed = found(session, feed_id)
    expires_on = None if form.expires_on is None else date.fromisoformat(form.expires_on)
    if expires_on is not None and expires_on < today:
        raise Invalid([Fault("expires_on", "is over already; give a day to come.")])
    return _handed_out(session, feed, form.label, expires_on, actor=actor, now=now)


def of_feed(session: Session, feed_id: UUID) -> list[Row]:
    """Return all addresses of a feed without their secrets, oldest first. Raises `NotFound`."""
    return subscriptions.of_feeds(session, [found(session, feed_id)["id"]])


def revoke(
    session: Session, feed_id: UUID, subscription_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """Make an address open nothing from the next fetch on; again changes nothing.

    Raises `NotFound` and `NotYours`.
    """
    register.lock(session)
    old = _own(session, feed_id, subscription_id, actor)
    if old["revoked_at"] is None:
        subscriptions.close(session, old["id"], now)
        note_change(session, actor, now, "address revoked", old["id"], old["label"], None)


def replace(
    session: Session,
    feed_id: UUID,
    subscription_id: UUID,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> NewAddress:
    """Put a new address in the place of one that leaked or was lost; the old one closes.

    Raises `NotFound`, `NotYours`, and `Over` for an address that is closed already.
    """
    register.lock(session)
    old = _own(session, feed_id, subscription_id, actor)
    is_over = old["expires_on"] is not None and old["expires_on"] < today
    if old["revoked_at"] is not None or is_over:
        raise Over("This address is closed already: subscribe anew.")
    feed = found(session, feed_id)
    new = _handed_out(session, feed, old["label"], old["expires_on"], actor=actor, now=now)
    subscriptions.close(session, old["id"], now, new.subscription["id"])
    note_change(session, actor, now, "address replaced", old["id"], old["label"], None)
    return new


def by_secret(session: Session, secret: str) -> Row:
    """Return the subscription that a secret belongs to, also a closed one. Raises `NotFound`."""
    row = subscriptions.by_secret_hash(session, credentials.digest(secret))
    if row is None:
        raise NotFound("No calendar is at this address; check that it is whole.")
    return row


def address_of(base_url: str, key: str, secret: str) -> str:
    """Return the address to subscribe to."""
    return f"{base_url}/feeds/{secret}/{key}.ics"


def _own(session: Session, feed_id: UUID, subscription_id: UUID, actor: Actor) -> Row:
    row = subscriptions.by_id(session, subscription_id)
    if row is None or row["feed_id"] != feed_id:
        raise NotFound("There is no subscription of this feed with this id.")
    if not may_change(actor, row["owner_id"]):
        raise NotYours("Whoever asked for this address closes it, or an administrator.")
    return row


def _handed_out(
    session: Session,
    feed: Row,
    label: str,
    expires_on: date | None,
    *,
    actor: Actor,
    now: datetime,
) -> NewAddress:
    secret = credentials.mint(Opens.FEED)
    row: dict[str, Any] = {
        "id": uuid4(),
        "feed_id": feed["id"],
        "label": label,
        "owner_id": actor.id,
        "created_at": now,
        "expires_on": expires_on,
        "revoked_at": None,
        "replaced_by": None,
        "last_fetched_at": None,
        "last_program": None,
        "last_revision": None,
    }
    subscriptions.add(session, {**row, "secret_hash": credentials.digest(secret)})
    told = f"{feed['key']}: {label}"
    note_change(session, actor, now, "address handed out", row["id"], None, told)
    return NewAddress(feed, row, secret)
