"""Keep what people did about agreements: amendments, choices, notices, checks, removals.

A removed agreement stays from now on; its reference can be used again. Revision: 0004,
after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAME = "uq_agreements_reference_counterparty"
_NEVER = sa.text("'9999-12-31'")


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_because", sa.Text(), nullable=True))
        batch_op.drop_constraint(op.f(_NAME), type_="unique")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.alter_column("acts", server_default=None)
    is_there = sa.text("removed_at IS NULL")
    op.create_index(
        op.f(_NAME),
        "agreements",
        ["reference", "counterparty"],
        unique=True,
        sqlite_where=is_there,
        postgresql_where=is_there,
    )
    op.create_table(
        "acts",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_acts_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("agreement_id", "number", name=op.f("pk_acts")),
    )
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("open_until", sa.Date(), nullable=False, server_default=_NEVER)
        )
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.alter_column("open_until", server_default=None)
        batch_op.create_index(
            batch_op.f("ix_terms_open_until_act_by_agreement_id_number"),
            ["open_until", "act_by", "agreement_id", "number"],
            unique=False,
        )
    with op.batch_alter_table("published_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("on_day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("moved_from", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take them back. What was removed goes for good, and so does what people did."""
    with op.batch_alter_table("published_events", schema=None) as batch_op:
        batch_op.drop_column("moved_from")
        batch_op.drop_column("on_day")
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_terms_open_until_act_by_agreement_id_number"))
        batch_op.drop_column("open_until")
    op.drop_table("acts")
    gone = "SELECT id FROM agreements WHERE removed_at IS NOT NULL"
    op.execute(f"UPDATE agreements SET parent_id = NULL WHERE parent_id IN ({gone})")  # noqa: S608
    op.execute("DELETE FROM agreements WHERE removed_at IS NOT NULL")
    op.drop_index(op.f(_NAME), table_name="agreements")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_column("removed_because")
        batch_op.drop_column("removed_at")
        batch_op.drop_column("acts")
        batch_op.create_unique_constraint(op.f(_NAME), ["reference", "counterparty"])
