"""The trail is read in the order in which it was written."""

from typing import Any
from uuid import UUID, uuid4

from app.records import audit
from app.records.engine import Database
from tests.builders import NOW


def an_entry(subject_id: UUID, action: str = "changed") -> dict[str, Any]:
    return {
        "at": NOW,
        "actor_id": None,
        "actor_name": "somebody",
        "action": action,
        "subject_id": subject_id,
        "before": None,
        "after": "{}",
    }


def test_entries_about_a_subject_come_oldest_first_and_page_by_page(database: Database) -> None:
    one, other = uuid4(), uuid4()
    entries = [an_entry((one, other)[number % 2], f"deed {number}") for number in range(600)]
    with database.writing() as session:
        audit.add(session, entries)
        whole = audit.about(session, one, 0, 1_000)
        assert [entry["action"] for entry in whole] == [f"deed {n}" for n in range(0, 600, 2)]
        ids = [entry["id"] for entry in whole]
        assert ids == sorted(set(ids))
        assert audit.about(session, one, ids[9], 5) == whole[10:15]
        assert audit.about(session, one, ids[-1], 5) == []
        assert audit.about(session, uuid4(), 0, 5) == []


def test_an_entry_is_read_back_as_it_was_written(database: Database) -> None:
    subject = uuid4()
    entry = an_entry(subject) | {"actor_id": uuid4(), "before": '{"title": "Ω"}', "after": None}
    with database.writing() as session:
        audit.add(session, [entry])
        (found,) = audit.about(session, subject, 0, 1)
    assert {name: found[name] for name in entry} == entry
