"""What was published of each milestone: a row for each event and each way to tell it."""

from datetime import timedelta
from typing import Any

from app.records import published
from app.records.engine import Database
from tests.builders import NOW, TODAY

LATER = NOW + timedelta(hours=1)


def an_event(uid: str, **changes: object) -> dict[str, Any]:
    return {
        "uid": uid,
        "details": "",
        "fingerprint": "f" * 64,
        "on_day": TODAY,
        "moved_from": None,
        "sequence": 0,
        "created_at": NOW,
        "changed_at": NOW,
        **changes,
    }


def test_published_events_are_found_by_their_uids_in_chunks(database: Database) -> None:
    events = [an_event(f"event {number}") for number in range(1_200)]
    with database.writing() as session:
        published.add(session, events)
        uids = [event["uid"] for event in events]
        found = published.of_uids(session, [*uids, "unknown"], "")
        assert found == {event["uid"]: event for event in events}
        assert published.of_uids(session, [], "") == {}


def test_each_way_to_tell_an_event_has_a_row_of_its_own(database: Database) -> None:
    plain, with_amounts = an_event("one"), an_event("one", details="amounts", sequence=4)
    with database.writing() as session:
        published.add(session, [plain, with_amounts])
        assert published.of_uids(session, ["one"], "") == {"one": plain}
        assert published.of_uids(session, ["one"], "amounts") == {"one": with_amounts}
        assert published.of_uids(session, ["one"], "notes") == {}
        assert published.highest_sequence(session) == 4
        published.change(session, [plain | {"sequence": 9}])
        assert published.of_uids(session, ["one"], "amounts") == {"one": with_amounts}
        assert published.highest_sequence(session) == 9


def test_an_event_published_anew_keeps_when_it_was_first(database: Database) -> None:
    changed = an_event("one", fingerprint="e" * 64, sequence=7, changed_at=LATER)
    with database.writing() as session:
        published.add(session, [an_event("one"), an_event("two")])
        published.change(session, [changed | {"created_at": LATER}])
        found = published.of_uids(session, ["one", "two"], "")
        assert found == {"one": changed, "two": an_event("two")}


def test_all_can_be_counted_as_changed(database: Database) -> None:
    with database.writing() as session:
        assert published.highest_sequence(session) == 0
        assert published.last_change(session) is None
        published.add(session, [an_event("one", sequence=2), an_event("two")])
        assert published.last_change(session) == NOW
        published.raise_all(session, 1_000, LATER)
        found = published.of_uids(session, ["one", "two"], "")
        assert {uid: (row["sequence"], row["changed_at"]) for uid, row in found.items()} == {
            "one": (1_002, LATER),
            "two": (1_000, LATER),
        }
