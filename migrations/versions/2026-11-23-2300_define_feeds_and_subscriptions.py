"""Feeds become definitions, and their addresses subscriptions that can expire and be replaced.

The two feeds of the teams, all addresses and all UIDs stay as they are. Revision: 0005,
after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_IS_THERE = sa.text("removed_at IS NULL")
_FEED_COLUMNS = (
    ("team", sa.Text(), "'both'"),
    ("filters", sa.Text(), "'{}'"),
    ("months_back", sa.Integer(), "12"),
    ("months_ahead", sa.Integer(), "24"),
    ("amounts", sa.Boolean(), "false"),
    ("notes", sa.Boolean(), "false"),
    ("sequence_base", sa.Integer(), "0"),
    ("shown", sa.Integer(), "0"),
    ("cut", sa.Integer(), "0"),
    ("left_out", sa.Text(), "'[]'"),
)
_LATER_COLUMNS = (
    ("alarm_days_before", sa.Integer()),
    ("owner_id", sa.Uuid()),
    ("removed_at", _INSTANT),
    ("reworded_at", _INSTANT),
)
_ADDRESS_COLUMNS = "id, feed_id, label, secret_hash, created_at, revoked_at"


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("dates_version", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.alter_column("dates_version", server_default=None)
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        for name, kind, default in _FEED_COLUMNS:
            batch_op.add_column(
                sa.Column(name, kind, nullable=False, server_default=sa.text(default))
            )
        for name, later in _LATER_COLUMNS:
            batch_op.add_column(sa.Column(name, later, nullable=True))
        batch_op.drop_constraint(op.f("uq_feeds_key"), type_="unique")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        for name, _, _ in _FEED_COLUMNS:
            batch_op.alter_column(name, server_default=None)
    op.create_index(
        op.f("uq_feeds_key"),
        "feeds",
        ["key"],
        unique=True,
        sqlite_where=_IS_THERE,
        postgresql_where=_IS_THERE,
    )
    op.execute("UPDATE feeds SET team = key WHERE key IN ('it', 'procurement')")
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("last_fetched_at", _INSTANT, nullable=True),
        sa.Column("last_program", sa.Text(), nullable=True),
        sa.Column(
            "last_revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_subscriptions_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_subscriptions_secret_hash")),
    )
    op.create_index(op.f("ix_subscriptions_feed_id"), "subscriptions", ["feed_id"])
    _copy("feed_addresses", "subscriptions")
    op.drop_table("feed_addresses")
    with op.batch_alter_table("published_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("details", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("published_events", schema=None) as batch_op:
        batch_op.alter_column("details", server_default=None)
        batch_op.drop_constraint(op.f("pk_published_events"), type_="primary")
        batch_op.create_primary_key(op.f("pk_published_events"), ["uid", "details"])


def downgrade() -> None:
    """Take them back. Feeds that people defined go for good, with all of their addresses."""
    op.execute("DELETE FROM published_events WHERE details <> ''")
    with op.batch_alter_table("published_events", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("pk_published_events"), type_="primary")
        batch_op.create_primary_key(op.f("pk_published_events"), ["uid"])
        batch_op.drop_column("details")
    op.execute(
        "DELETE FROM subscriptions WHERE feed_id IN (SELECT id FROM feeds WHERE"
        " key NOT IN ('it', 'procurement') OR removed_at IS NOT NULL)"
    )
    op.execute("DELETE FROM feeds WHERE key NOT IN ('it', 'procurement') OR removed_at IS NOT NULL")
    op.create_table(
        "feed_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_feed_addresses_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_addresses")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_feed_addresses_secret_hash")),
    )
    op.create_index(op.f("ix_feed_addresses_feed_id"), "feed_addresses", ["feed_id"])
    # An address that has expired since would open its feed again.
    op.execute("DELETE FROM subscriptions WHERE expires_on IS NOT NULL")
    _copy("subscriptions", "feed_addresses")
    op.drop_table("subscriptions")
    op.drop_index(op.f("uq_feeds_key"), table_name="feeds")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        for name in [
            *(name for name, _, _ in _FEED_COLUMNS),
            *(name for name, _ in _LATER_COLUMNS),
        ]:
            batch_op.drop_column(name)
        batch_op.create_unique_constraint(op.f("uq_feeds_key"), ["key"])
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_column("dates_version")


def _copy(old: str, new: str) -> None:
    columns = _ADDRESS_COLUMNS
    op.execute(f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}")  # noqa: S608 - ours
