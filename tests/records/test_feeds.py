"""What feeds there are, what opens them, and what was published in them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import feeds
from app.records.engine import Database
from tests.builders import NOW, TODAY

LATER = NOW + timedelta(hours=1)


def an_event(uid: str, **changes: object) -> dict[str, Any]:
    return {
        "uid": uid,
        "fingerprint": "f" * 64,
        "on_day": TODAY,
        "moved_from": None,
        "sequence": 0,
        "created_at": NOW,
        "changed_at": NOW,
        **changes,
    }


def an_address(feed_id: UUID, secret_hash: str, **changes: object) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "feed_id": feed_id,
        "label": "a colleague",
        "secret_hash": secret_hash,
        "created_at": NOW,
        "revoked_at": None,
        **changes,
    }


def test_the_feeds_are_listed_by_their_keys(database: Database) -> None:
    with database.writing() as session:
        feed = feeds.by_key(session, "it")
        assert feed is not None
        feeds.add(session, [dict(feed) | {"id": uuid4(), "key": "board"}])
        assert [one["key"] for one in feeds.every(session)] == ["board", "it", "procurement"]
        assert feeds.by_key(session, "nobody") is None


def test_a_feed_has_one_key(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        feeds.add(session, [dict(feeds.every(session)[0]) | {"id": uuid4()}])


def test_an_address_opens_its_feed_until_it_is_revoked(database: Database) -> None:
    with database.writing() as session:
        it, procurement = feeds.every(session)
        feeds.add_address(session, an_address(it["id"], "1" * 64))
        feeds.add_address(session, an_address(procurement["id"], "2" * 64))
        feeds.add_address(session, an_address(it["id"], "3" * 64, revoked_at=LATER))
        assert feeds.by_secret_hash(session, "1" * 64) == it
        assert feeds.by_secret_hash(session, "2" * 64) == procurement
        assert feeds.by_secret_hash(session, "3" * 64) is None
        assert feeds.by_secret_hash(session, "4" * 64) is None


def test_an_address_is_revoked_once(database: Database) -> None:
    with database.writing() as session:
        it, procurement = feeds.every(session)
        feeds.add_address(session, an_address(it["id"], "1" * 64))
        feeds.add_address(session, an_address(procurement["id"], "2" * 64))
        assert feeds.revoke_address(session, "1" * 64, LATER)
        assert not feeds.revoke_address(session, "1" * 64, LATER)
        assert not feeds.revoke_address(session, "3" * 64, LATER)
        assert feeds.by_secret_hash(session, "1" * 64) is None
        assert feeds.by_secret_hash(session, "2" * 64) == procurement


def test_what_a_feed_last_rendered_is_kept(database: Database) -> None:
    with database.writing() as session:
        it, procurement = feeds.every(session)
        feeds.set_rendered(session, it["id"], "a state", "b" * 64, LATER)
        rendered = {"rendered_for": "a state", "body_hash": "b" * 64, "body_since": LATER}
        assert feeds.every(session) == [dict(it) | rendered, procurement]


def test_published_events_are_found_by_their_uids_in_chunks(database: Database) -> None:
    events = [an_event(f"event {number}") for number in range(1_200)]
    with database.writing() as session:
        feeds.publish_new(session, events)
        uids = [event["uid"] for event in events]
        assert feeds.published(session, [*uids, "unknown"]) == {
            event["uid"]: event for event in events
        }
        assert feeds.published(session, []) == {}


def test_an_event_published_anew_keeps_when_it_was_first(database: Database) -> None:
    changed = an_event("one", fingerprint="e" * 64, sequence=7, changed_at=LATER)
    with database.writing() as session:
        feeds.publish_new(session, [an_event("one"), an_event("two")])
        feeds.publish_changed(session, [changed | {"created_at": LATER}])
        assert feeds.published(session, ["one", "two"]) == {"one": changed, "two": an_event("two")}
