"""Tokens are found by the hash of their secret, until they are revoked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import tokens
from app.records.engine import Database
from tests.builders import NOW


def a_token(name: str, **changes: object) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "name": name,
        "role": "viewer",
        "secret_hash": uuid4().hex * 2,
        "created_at": NOW,
        "revoked_at": None,
        **changes,
    }


def test_a_token_is_found_by_its_hash_until_it_is_revoked(database: Database) -> None:
    one, other = a_token("one"), a_token("other", role="admin")
    with database.writing() as session:
        tokens.add(session, one)
        tokens.add(session, other)
        found = tokens.valid_by_hash(session, one["secret_hash"])
        assert found == {name: one[name] for name in ("id", "name", "role")}
        tokens.revoke(session, one["id"], NOW + timedelta(hours=1))
        tokens.revoke(session, one["id"], NOW + timedelta(hours=2))
        assert tokens.valid_by_hash(session, one["secret_hash"]) is None
        assert tokens.valid_by_hash(session, other["secret_hash"]) is not None
        assert tokens.valid_by_hash(session, "0" * 64) is None
        shown = tokens.by_id(session, one["id"])
        assert shown is not None
        assert shown["revoked_at"] == NOW + timedelta(hours=1)


def test_hashes_are_not_shown(database: Database) -> None:
    late, early = a_token("late", created_at=NOW + timedelta(days=1)), a_token("early")
    with database.writing() as session:
        tokens.add(session, late)
        tokens.add(session, early)
        listed = tokens.every(session)
        assert [token["name"] for token in listed] == ["early", "late"]
        assert tokens.by_id(session, early["id"]) == listed[0]
        assert "secret_hash" not in listed[0]
        assert tokens.by_id(session, uuid4()) is None


def test_two_tokens_have_two_secrets(database: Database) -> None:
    one = a_token("one")
    with database.writing() as session:
        tokens.add(session, one)
    with pytest.raises(IntegrityError), database.writing() as session:
        tokens.add(session, a_token("two", secret_hash=one["secret_hash"]))
