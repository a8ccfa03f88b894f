"""What is kept, and in which tables?

Facts are kept (agreements, tokens, feeds, the audit trail); milestones are worked out from
them in the same transaction and can be rebuilt at any time. Days are DATE, moments UTC.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.records.base import Base, Counter, Instant


class Register(Base):
    """The one row about the register as a whole."""

    __tablename__ = "register"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    installation_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int] = mapped_column(Counter)
    milestones_from: Mapped[date]
    milestones_until: Mapped[date]


class Agreement(Base):
    """An agreement: its facts, and its terms as the document the heart reads."""

    __tablename__ = "agreements"
    __table_args__ = (UniqueConstraint("reference", "counterparty"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int]
    reference: Mapped[str] = mapped_column(Text)
    counterparty: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    vendor_reference: Mapped[str | None] = mapped_column(Text)
    reseller: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("agreements.id", ondelete="RESTRICT"), index=True
    )
    co_terminous: Mapped[bool]
    owner: Mapped[str | None] = mapped_column(Text)
    procurement_contact: Mapped[str | None] = mapped_column(Text)
    cost_centre: Mapped[str | None] = mapped_column(Text)
    criticality: Mapped[str | None] = mapped_column(Text)
    spend_class: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str | None] = mapped_column(Text)
    annual_value: Mapped[str | None] = mapped_column(Text)
    total_value: Mapped[str | None] = mapped_column(Text)
    signed_date: Mapped[date | None]
    notice_method: Mapped[str | None] = mapped_column(Text)
    notice_address: Mapped[str | None] = mapped_column(Text)
    governing_law: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    document_link: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text, doc="a JSON list of words")
    notes: Mapped[str | None] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text, doc="the terms document, as JSON")
    search_text: Mapped[str] = mapped_column(Text, doc="title, counterparty, reference; folded")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class TermRow(Base):
    """One term of an agreement that has a milestone in the days covered, with all of them."""

    __tablename__ = "terms"
    __table_args__ = (
        Index(None, "act_by", "agreement_id", "number"),
        Index(None, "agreement_id", "act_by"),
    )

    agreement_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("agreements.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    first_on: Mapped[date] = mapped_column(doc="the day of its first milestone")
    last_on: Mapped[date] = mapped_column(doc="the day of its last milestone")
    act_by: Mapped[date | None] = mapped_column(doc="the day by which somebody must decide")
    assumed: Mapped[bool]
    told: Mapped[str] = mapped_column(
        Text, doc="a JSON object: start, end, the milestones by kind, and why each is what it is"
    )


class Token(Base):
    """A token of the API; its secret is kept as a hash."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Feed(Base):
    """A feed: what it shows, and since when its bytes are what they are."""

    __tablename__ = "feeds"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text)
    kinds: Mapped[str] = mapped_column(Text, doc="the milestone kinds it shows, a JSON list")
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    rendered_for: Mapped[str | None] = mapped_column(
        Text, doc="the revision, window, version and address the kept hash belongs to"
    )
    body_hash: Mapped[str | None] = mapped_column(Text)
    body_since: Mapped[datetime | None] = mapped_column(Instant)


class FeedAddress(Base):
    """A secret address of a feed."""

    __tablename__ = "feed_addresses"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    feed_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("feeds.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class PublishedEvent(Base):
    """What has been published of one milestone; kept when it goes, so a return climbs on."""

    __tablename__ = "published_events"

    uid: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class AuditEntry(Base):
    """Who changed what, when; before and after. It outlives what it speaks of."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject_id", "id"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class RepeatableAnswer(Base):
    """The first answer to a request with an Idempotency-Key, to be given again."""

    __tablename__ = "repeatable_answers"
    __table_args__ = (Index(None, "created_at"),)

    token_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    headers: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
