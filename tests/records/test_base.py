"""Tables, constraints and moments are the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import IntegrityError

from app.records import tokens
from app.records.base import NAMES, Base
from app.records.engine import Database
from app.records.tables import Token

TOKYO = timezone(timedelta(hours=9))


def names_of(inspector: Inspector) -> dict[str, set[str]]:
    return {
        table: {
            str(inspector.get_pk_constraint(table)["name"]),
            *(str(key["name"]) for key in inspector.get_foreign_keys(table)),
            *(str(key["name"]) for key in inspector.get_unique_constraints(table)),
            *(str(check["name"]) for check in inspector.get_check_constraints(table)),
            *(
                str(index["name"])
                for index in inspector.get_indexes(table)
                if not index.get("duplicates_constraint")
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_constraints_have_the_same_names_on_both_databases(
    prepared_sqlite: Path, postgresql: str
) -> None:
    found = []
    for url in (f"sqlite:///{prepared_sqlite}", postgresql):
        opened = Database(url)
        found.append(names_of(inspect(opened.engine)))
        opened.close()
    assert found[0] == found[1]
    assert found[0]["agreements"] == {
        "pk_agreements",
        "fk_agreements_parent_id",
        "uq_agreements_reference_counterparty",
        "ix_agreements_parent_id",
    }
    kinds = {name.partition("_")[0] for names in found[0].values() for name in names}
    assert kinds == set(NAMES)


def test_every_table_of_the_models_is_there(database: Database) -> None:
    found = set(inspect(database.engine).get_table_names())
    assert found - {"alembic_version"} == set(Base.metadata.tables)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 12, 0, 0, 250, tzinfo=UTC),
        datetime(2026, 11, 23, 3, 30, tzinfo=TOKYO),
    ],
    ids=["in UTC", "elsewhere"],
)
def test_a_moment_is_read_back_in_utc(database: Database, moment: datetime) -> None:
    token = {
        "id": uuid4(),
        "name": "a token",
        "role": "viewer",
        "secret_hash": "0" * 64,
        "created_at": moment,
        "revoked_at": None,
    }
    with database.writing() as session:
        tokens.add(session, token)
    with database.reading() as session:
        created_at, revoked_at = session.execute(select(Token.created_at, Token.revoked_at)).one()
        kept = session.scalar(text("SELECT CAST(created_at AS TEXT) FROM tokens"))
    assert created_at == moment
    assert created_at.utcoffset() == timedelta(0)
    assert revoked_at is None
    assert str(kept).startswith(str(moment.astimezone(UTC))[:19]), "kept in UTC, readable by hand"


def test_foreign_keys_are_kept(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(
            text(
                "INSERT INTO terms (agreement_id, number, first_on, last_on, assumed, told)"
                " VALUES (:nobody, 1, '2026-01-01', '2026-01-01', false, '{}')"
            ),
            {"nobody": uuid4().hex},
        )
