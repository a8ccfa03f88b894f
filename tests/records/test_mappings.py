"""Mappings are kept under their names."""

from typing import Any

from app.records import mappings
from app.records.engine import Database
from tests.builders import NOW


def a_mapping(name: str, **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "version": 1,
        "document": "{}",
        "actor_name": "the tests",
        "updated_at": NOW,
        **changes,
    }


def test_they_are_listed_by_name(database: Database) -> None:
    with database.writing() as session:
        for name in ("b", "c", "a"):
            mappings.keep(session, a_mapping(name))
    with database.reading() as session:
        assert [one["name"] for one in mappings.every(session)] == ["a", "b", "c"]
        assert mappings.by_name(session, "b") == a_mapping("b")
        assert mappings.by_name(session, "d") is None


def test_the_one_of_the_same_name_is_replaced(database: Database) -> None:
    with database.writing() as session:
        for name in ("a", "b"):
            mappings.keep(session, a_mapping(name))
        new = a_mapping("a", version=2, document='{"no_end": "evergreen"}')
        mappings.keep(session, new)
        assert mappings.every(session) == [new, a_mapping("b")]


def test_one_is_forgotten_once(database: Database) -> None:
    with database.writing() as session:
        for name in ("a", "b"):
            mappings.keep(session, a_mapping(name))
        mappings.remove(session, "a")
        mappings.remove(session, "a")
        assert [one["name"] for one in mappings.every(session)] == ["b"]
