"""Chain the audit trail, so that any changed, removed or reordered entry is found.

The database refuses to change or remove entries from now on, and numbers none itself. A
later revision that rebuilds the table on SQLite has to create its triggers again.
Revision: 0002, after 0001.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_START = "0" * 64
_CHUNK = 1_000
_REFUSAL = "The audit trail is only ever added to."
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_AUDIT = sa.table(
    "audit",
    sa.column("id", _COUNTER),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor_id", sa.Uuid()),
    sa.column("actor_name", sa.Text()),
    sa.column("action", sa.Text()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("before", sa.Text()),
    sa.column("after", sa.Text()),
    sa.column("previous_hash", sa.Text()),
    sa.column("hash", sa.Text()),
)
_REGISTER = sa.table(
    "register", sa.column("audit_id", _COUNTER), sa.column("audit_hash", sa.Text())
)


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("register", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("audit_id", _COUNTER, nullable=False, server_default=sa.text("0"))
        )
        batch_op.add_column(
            sa.Column("audit_hash", sa.Text(), nullable=False, server_default=_START)
        )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous_hash", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.Text(), nullable=True))
    _chain()
    with op.batch_alter_table("register", table_args=(_one_row(),)) as batch_op:
        batch_op.alter_column("audit_id", server_default=None)
        batch_op.alter_column("audit_hash", server_default=None)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.alter_column("previous_hash", nullable=False)
        batch_op.alter_column("hash", nullable=False)
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{deed} BEFORE {deed} ON audit"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute("ALTER TABLE audit ALTER COLUMN id DROP DEFAULT")
    op.execute("DROP SEQUENCE audit_id_seq")
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )


def downgrade() -> None:
    """Take them back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_refuses_update")
        op.execute("DROP TRIGGER audit_refuses_delete")
    else:
        op.execute("DROP TRIGGER audit_refuses ON audit")
        op.execute("DROP FUNCTION audit_refuses()")
        op.execute("CREATE SEQUENCE audit_id_seq OWNED BY audit.id")
        op.execute("SELECT setval('audit_id_seq', audit_id + 1, false) FROM register")
        op.execute("ALTER TABLE audit ALTER COLUMN id SET DEFAULT nextval('audit_id_seq')")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("hash")
        batch_op.drop_column("previous_hash")
    with op.batch_alter_table("register", table_args=(_one_row(),)) as batch_op:
        batch_op.drop_column("audit_hash")
        batch_op.drop_column("audit_id")


def _one_row() -> sa.CheckConstraint:
    # SQLite does not say which checks a table has, so one that is rebuilt has to be told.
    return sa.CheckConstraint("id = 1", name=op.f("ck_register_one_row"))


def _chain() -> None:
    """Hash the entries that are there in the order of their ids, and note the last one."""
    session = op.get_bind()
    query = sa.select(_AUDIT).order_by(_AUDIT.c.id).limit(_CHUNK)
    link = (
        sa.update(_AUDIT)
        .where(_AUDIT.c.id == sa.bindparam("entry"))
        .values(previous_hash=sa.bindparam("link"), hash=sa.bindparam("seal"))
    )
    last_id, last_hash = 0, _START
    entries = session.execute(query).all()
    while entries:
        links = []
        for entry in entries:
            sealed = _hash(entry, last_hash)
            links.append({"entry": entry.id, "link": last_hash, "seal": sealed})
            last_id, last_hash = entry.id, sealed
        session.execute(link, links)
        entries = session.execute(query.where(_AUDIT.c.id > last_id)).all()
    session.execute(sa.update(_REGISTER).values(audit_id=last_id, audit_hash=last_hash))


def _hash(entry: sa.Row[Any], previous_hash: str) -> str:
    # As app.records.audit has it, but not from there: what this revision writes stays the
    # same even if a later one hashes otherwise.
    said = [
        entry.id,
        _utc(entry.at).isoformat(timespec="microseconds"),
        None if entry.actor_id is None else str(entry.actor_id),
        entry.actor_name,
        entry.action,
        str(entry.subject_id),
        entry.before,
        entry.after,
        previous_hash,
    ]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
