"""What stays the same about an event, and about a body, from one fetch to the next?

A UID is made of what never changes: not of a title, a date, a feed or a reader. Nothing
else in the application makes one.
"""

from hashlib import sha256
from uuid import UUID, uuid5

from app.renewals.milestones import MilestoneKind


def event_uid(
    installation_id: UUID, agreement_id: UUID, term_number: int, kind: MilestoneKind
) -> str:
    """Return the UID of one milestone, the same in every feed (RFC 7986, section 5.3).

    A later term has UIDs of its own; the earlier one keeps those it had.
    """
    return str(uuid5(installation_id, f"milestone/{agreement_id}/{term_number}/{kind.value}"))


def placeholder_uid(installation_id: UUID, feed_key: str) -> str:
    """Return the UID of the event that stands in a feed with nothing else to show.

    `feed_key` names the feed for good: it outlives a new title and a new address.
    """
    return str(uuid5(installation_id, f"feed/{feed_key}"))


def body_hash(body: bytes) -> str:
    """Return 64 hexadecimal digits that stand for exactly these bytes."""
    return sha256(body).hexdigest()


def weak_etag(body_hash: str) -> str:
    """Return the entity tag of a body with this hash (RFC 9110, section 8.8.3).

    Weak, because a compressed body has the same tag as the plain one.
    """
    return f'W/"{body_hash}"'
