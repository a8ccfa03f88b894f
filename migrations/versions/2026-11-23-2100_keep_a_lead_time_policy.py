"""Keep the lead-time policy, which says how early to prepare where an agreement does not.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "lead_time_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_lead_time_policy_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time_policy")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handling", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_column("handling")
    op.drop_table("lead_time_policy")
