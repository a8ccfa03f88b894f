"""The trail is read in the order in which it was written, and each entry holds the last."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import audit
from app.records.audit import NO_ENTRY, Head
from app.records.engine import Database, Row, Session
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


def every_entry(session: Session) -> list[Row]:
    return [entry for _, entry in audit.every(session) if entry is not None]


def test_each_entry_holds_the_hash_of_the_one_before_and_the_register_that_of_the_last(
    database: Database,
) -> None:
    with database.writing() as session:
        assert audit.head(session) == NO_ENTRY
        audit.add(session, [])
        assert audit.head(session) == NO_ENTRY
    for count in (1, 600):
        with database.writing() as session:
            audit.add(session, [an_entry(uuid4()) for _ in range(count)])
    with database.reading() as session:
        entries, head = every_entry(session), audit.head(session)
    assert [entry["id"] for entry in entries] == list(range(1, 602))
    hashes = [audit.entry_hash(entry) for entry in entries]
    assert [entry["hash"] for entry in entries] == hashes
    assert [entry["previous_hash"] for entry in entries] == [NO_ENTRY.hash, *hashes[:-1]]
    assert head == Head(601, hashes[-1])


def test_writers_at_the_same_time_write_one_chain(database: Database) -> None:
    def write(_: int) -> None:
        with database.writing() as session:
            audit.add(session, [an_entry(uuid4())])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(20)))
    with database.reading() as session:
        entries = every_entry(session)
    assert [entry["id"] for entry in entries] == list(range(1, 21))
    assert [entry["previous_hash"] for entry in entries[1:]] == [
        entry["hash"] for entry in entries[:-1]
    ]


WRITTEN = {
    "id": 7,
    "at": datetime(2026, 11, 23, 12, tzinfo=UTC),
    "actor_id": UUID(int=1),
    "actor_name": "Zoë",
    "action": "created",
    "subject_id": UUID(int=2),
    "before": None,
    "after": '{"title": "Ω"}',
    "previous_hash": "previous",
}


def test_the_hash_is_made_as_it_was_when_older_entries_were_written() -> None:
    text = (
        r'[7,"2026-11-23T12:00:00.000000+00:00","00000000-0000-0000-0000-000000000001",'
        r'"Zo\u00eb","created","00000000-0000-0000-0000-000000000002",null,'
        r'"{\"title\": \"\u03a9\"}","previous"]'
    )
    assert audit.entry_hash(WRITTEN) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", WRITTEN)
def test_the_hash_is_over_all_that_an_entry_says(name: str) -> None:
    others = {
        "id": 8,
        "at": datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC),
        "actor_id": None,
        "subject_id": UUID(int=3),
    }
    changed = WRITTEN | {name: others.get(name, "other")}
    assert audit.entry_hash(changed) != audit.entry_hash(WRITTEN)
