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
    LargeBinary,
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
    audit_id: Mapped[int] = mapped_column(Counter, doc="the id of the trail's last entry")
    audit_hash: Mapped[str] = mapped_column(Text, doc="the hash of the trail's last entry")


class Agreement(Base):
    """An agreement: its facts, and its terms as the document the heart reads.

    A removed one stays, with its acts: it only leaves the lists, the calendar and the names.
    """

    __tablename__ = "agreements"

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
    handling: Mapped[str | None] = mapped_column(Text)
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
    custom: Mapped[str | None] = mapped_column(
        Text, doc="what has no column of its own, a JSON object of names and texts"
    )
    terms: Mapped[str] = mapped_column(Text, doc="the first terms as a document, JSON")
    acts: Mapped[int] = mapped_column(default=0, doc="how many acts about it there are")
    dates_version: Mapped[int] = mapped_column(
        default=0, doc="grows when its dates are worked out anew for the sake of something else"
    )
    search_text: Mapped[str] = mapped_column(Text, doc="title, counterparty, reference; folded")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_because: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(
            "uq_agreements_reference_counterparty",
            "reference",
            "counterparty",
            unique=True,
            sqlite_where=removed_at.is_(None),
            postgresql_where=removed_at.is_(None),
        ),
    )


class Act(Base):
    """One thing that people did about an agreement: an amendment, a choice, a notice, a check.

    Acts are added and never changed: who errs withdraws one, who thinks again adds another.
    """

    __tablename__ = "acts"

    agreement_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("agreements.id", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, doc="counted within the agreement")
    kind: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text, doc="what was done, as JSON")
    done_on: Mapped[date] = mapped_column(doc="the day on which it was recorded")
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor_name: Mapped[str] = mapped_column(Text)


class LeadTimePolicy(Base):
    """The one row about how early to prepare where an agreement does not say."""

    __tablename__ = "lead_time_policy"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    rows: Mapped[str] = mapped_column(Text, doc="a JSON list of rows, the first that matches wins")


class TermRow(Base):
    """One term of an agreement that has a milestone in the days covered, with all of them."""

    __tablename__ = "terms"
    __table_args__ = (
        Index(None, "act_by", "agreement_id", "number"),
        Index(None, "agreement_id", "act_by"),
        Index(None, "open_until", "act_by", "agreement_id", "number"),
    )

    agreement_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("agreements.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    first_on: Mapped[date] = mapped_column(doc="the day of its first milestone")
    last_on: Mapped[date] = mapped_column(doc="the day of its last milestone")
    act_by: Mapped[date | None] = mapped_column(doc="the day by which somebody must decide")
    open_until: Mapped[date] = mapped_column(
        doc="the day from which on it is taken care of, or its miss acknowledged"
    )
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
    """A feed: what it shows, and since when its bytes are what they are.

    A removed one stays, so that its addresses can say that it is gone.
    """

    __tablename__ = "feeds"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text)
    team: Mapped[str] = mapped_column(Text)
    kinds: Mapped[str] = mapped_column(Text, doc="the milestone kinds it shows, a JSON list")
    filters: Mapped[str] = mapped_column(Text, doc="which agreements, a JSON object; {} is all")
    months_back: Mapped[int]
    months_ahead: Mapped[int]
    amounts: Mapped[bool]
    notes: Mapped[bool]
    alarm_days_before: Mapped[int | None]
    owner_id: Mapped[UUID | None] = mapped_column(Uuid, doc="the token that defined it")
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    sequence_base: Mapped[int] = mapped_column(
        default=0, doc="added to SEQUENCE: it grew when all events began to say other things"
    )
    reworded_at: Mapped[datetime | None] = mapped_column(Instant, doc="when it last grew")
    rendered_for: Mapped[str | None] = mapped_column(
        Text, doc="the state of register, feed and installation that the kept hash belongs to"
    )
    body_hash: Mapped[str | None] = mapped_column(Text)
    body_since: Mapped[datetime | None] = mapped_column(Instant)
    shown: Mapped[int] = mapped_column(default=0, doc="the events of that body")
    cut: Mapped[int] = mapped_column(default=0, doc="the events for which it had no room")
    left_out: Mapped[str] = mapped_column(
        Text, default="[]", doc="the ids of agreements that could not be told, a JSON list"
    )

    __table_args__ = (
        Index(
            "uq_feeds_key",
            "key",
            unique=True,
            sqlite_where=removed_at.is_(None),
            postgresql_where=removed_at.is_(None),
        ),
    )


class Subscription(Base):
    """Somebody's secret address of a feed, and when a program last fetched from it."""

    __tablename__ = "subscriptions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    feed_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("feeds.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text, unique=True)
    owner_id: Mapped[UUID | None] = mapped_column(Uuid, doc="the token that asked for it")
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_on: Mapped[date | None] = mapped_column(doc="the last day on which it opens the feed")
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    replaced_by: Mapped[UUID | None] = mapped_column(Uuid)
    last_fetched_at: Mapped[datetime | None] = mapped_column(Instant)
    last_program: Mapped[str | None] = mapped_column(Text)
    last_revision: Mapped[int | None] = mapped_column(Counter)


class PublishedEvent(Base):
    """What has been published of one milestone; kept when it goes, so a return climbs on.

    A milestone is published with or without details that a feed may ask for; each way has
    its own row, so that a change of an amount is none for those who do not see amounts.
    """

    __tablename__ = "published_events"

    uid: Mapped[str] = mapped_column(Text, primary_key=True)
    details: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    on_day: Mapped[date | None] = mapped_column(doc="the day it was last published for")
    moved_from: Mapped[date | None] = mapped_column(doc="the other day it was published for")
    sequence: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class AuditEntry(Base):
    """Who changed what, when; before and after. It outlives what it speaks of.

    Entries are numbered and hashed as they are written; triggers refuse to change them.
    """

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject_id", "id"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(Text, doc="the hash of the entry before it")
    hash: Mapped[str] = mapped_column(Text, doc="of all of the above")


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


class ImportMapping(Base):
    """How the columns of somebody's files are to be read, kept under a name."""

    __tablename__ = "import_mappings"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    document: Mapped[str] = mapped_column(Text, doc="the mapping as it was entered, JSON")
    actor_name: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ImportJob(Base):
    """An import that goes on while nobody waits for it, and what became of it."""

    __tablename__ = "import_jobs"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(Text)
    phase: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(doc="how many rows the phase has behind it")
    total: Mapped[int | None] = mapped_column(doc="how many rows there are, once that is known")
    status: Mapped[int | None] = mapped_column(doc="what the request would have been answered with")
    answer: Mapped[str | None] = mapped_column(Text, doc="the body of that answer, JSON")
    refused: Mapped[bytes | None] = mapped_column(
        LargeBinary, doc="the rows that were refused, in the form they came in"
    )
    refused_as: Mapped[str | None] = mapped_column(Text, doc="the ending of that file")
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(
        Instant, doc="when its server last said it works on it"
    )
