"""What feeds there are, and what their bytes were made of."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import feeds
from app.records.engine import Database
from app.records.feeds import Rendered
from tests.builders import NOW

LATER = NOW + timedelta(hours=1)


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


def test_a_removed_feed_frees_its_key_and_is_found_by_its_id_only(database: Database) -> None:
    with database.writing() as session:
        it, procurement = feeds.every(session)
        feeds.replace(session, it["id"], {"removed_at": NOW})
        assert feeds.every(session) == [procurement]
        assert feeds.by_key(session, "it") is None
        gone = feeds.by_id(session, it["id"])
        assert gone is not None
        assert gone["removed_at"] == NOW
        feeds.add(session, [dict(it) | {"id": uuid4()}])
        assert len(feeds.every(session)) == 2


def test_what_a_feed_last_rendered_is_kept(database: Database) -> None:
    rendered = Rendered(
        rendered_for="a state",
        body_hash="b" * 64,
        body_since=LATER,
        shown=3,
        cut=2,
        left_out="[]",
    )
    with database.writing() as session:
        it, procurement = feeds.every(session)
        feeds.set_rendered(session, it["id"], rendered)
        told = {name: getattr(rendered, name) for name in Rendered.__slots__}
        assert feeds.every(session) == [dict(it) | told, procurement]
