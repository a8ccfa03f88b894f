"""Who has an address of which feed, and when a program last fetched from it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import feeds, subscriptions
from app.records.engine import Database, Row, Session
from app.records.subscriptions import Fetch
from tests.builders import NOW

APART = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def an_address(session: Session, key: str = "it", **changes: object) -> dict[str, Any]:
    """Keep an address and return it as it is shown: without its hash."""
    feed = feeds.by_key(session, key)
    assert feed is not None
    row = {
        "id": uuid4(),
        "feed_id": feed["id"],
        "label": "Anna, Outlook",
        "owner_id": None,
        "created_at": NOW,
        "expires_on": date(2027, 12, 31),
        "revoked_at": None,
        "replaced_by": None,
        "last_fetched_at": None,
        "last_program": None,
        "last_revision": None,
        **changes,
    }
    secret_hash = row.pop("secret_hash", row["id"].hex)
    subscriptions.add(session, {**row, "secret_hash": secret_hash})
    return row


def there(session: Session, subscription_id: UUID) -> Row:
    row = subscriptions.by_id(session, subscription_id)
    assert row is not None
    return row


def fetched(session: Session, subscription_id: UUID) -> tuple[object, ...]:
    row = there(session, subscription_id)
    return row["last_fetched_at"], row["last_program"], row["last_revision"]


def test_an_address_is_shown_without_its_hash(database: Database) -> None:
    with database.writing() as session:
        row = an_address(session, secret_hash="ab" * 32)
        assert subscriptions.by_id(session, row["id"]) == row
        assert subscriptions.by_secret_hash(session, "ab" * 32) == row
        assert subscriptions.of_feeds(session, [row["feed_id"]]) == [row]


def test_nothing_is_found_under_a_hash_or_an_id_that_nobody_has(database: Database) -> None:
    with database.writing() as session:
        an_address(session, secret_hash="ab" * 32)
        assert subscriptions.by_id(session, uuid4()) is None
        for unknown in ("", "ab" * 31, "AB" * 32, "%"):
            assert subscriptions.by_secret_hash(session, unknown) is None


def test_two_addresses_never_share_a_secret(database: Database) -> None:
    with database.writing() as session:
        an_address(session, secret_hash="ab" * 32)
    with pytest.raises(IntegrityError), database.writing() as session:
        an_address(session, "procurement", secret_hash="ab" * 32)


def test_an_address_belongs_to_a_feed_that_is_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        an_address(session, feed_id=uuid4())


def test_addresses_are_listed_by_their_feeds_oldest_first(database: Database) -> None:
    with database.writing() as session:
        newer = an_address(session, created_at=NOW + MINUTE)
        older = [an_address(session) for _ in range(3)]
        other = an_address(session, "procurement", created_at=NOW - MINUTE)
        in_order = [*sorted(older, key=lambda row: row["id"]), newer]
        assert subscriptions.of_feeds(session, [newer["feed_id"]]) == in_order
        both = [newer["feed_id"], other["feed_id"]]
        assert subscriptions.of_feeds(session, both) == [other, *in_order]
        assert subscriptions.of_feeds(session, []) == []


def test_a_closed_address_is_still_found_by_its_hash(database: Database) -> None:
    with database.writing() as session:
        one, new, other = an_address(session), an_address(session), an_address(session)
        subscriptions.close(session, one["id"], NOW, new["id"])
        closed = one | {"revoked_at": NOW, "replaced_by": new["id"]}
        assert subscriptions.by_secret_hash(session, one["id"].hex) == closed
        subscriptions.close(session, new["id"], NOW + MINUTE)
        assert there(session, new["id"]) == new | {"revoked_at": NOW + MINUTE}
        assert there(session, other["id"]) == other


def test_fetches_go_on_record_each_with_its_address(database: Database) -> None:
    with database.writing() as session:
        one, two, other = (an_address(session)["id"] for _ in range(3))
        new = [Fetch(one, NOW, "Thunderbird", 7), Fetch(two, NOW - MINUTE, "a script", 6)]
        subscriptions.note_fetches(session, new, NOW - APART)
        assert fetched(session, one) == (NOW, "Thunderbird", 7)
        assert fetched(session, two) == (NOW - MINUTE, "a script", 6)
        assert fetched(session, other) == (None, None, None)


def test_a_fetch_from_an_address_that_is_gone_is_nothing(database: Database) -> None:
    with database.writing() as session:
        subscriptions.note_fetches(session, [Fetch(uuid4(), NOW, "a script", 1)], NOW - APART)
        subscriptions.note_fetches(session, [], NOW - APART)


@pytest.mark.parametrize(
    ("after", "is_stored"),
    [
        pytest.param(timedelta(0), False, id="the same moment, another server"),
        pytest.param(APART - MINUTE, False, id="within the quarter"),
        pytest.param(APART, True, id="on the quarter"),
        pytest.param(9 * APART, True, id="long after"),
        pytest.param(-MINUTE, False, id="a clock that is behind"),
    ],
)
def test_a_record_is_written_once_in_a_quarter_of_an_hour_whoever_writes(
    database: Database, after: timedelta, *, is_stored: bool
) -> None:
    with database.writing() as session:
        one = an_address(session)["id"]
        subscriptions.note_fetches(session, [Fetch(one, NOW, "Thunderbird", 7)], NOW - APART)
        then = NOW + after
        later = Fetch(one, then, "Evolution", 8)
        subscriptions.note_fetches(session, [later], then - APART)
        assert fetched(session, one) == (
            (then, "Evolution", 8) if is_stored else (NOW, "Thunderbird", 7)
        )


def test_a_fetch_that_waited_is_stored_as_of_when_it_was(database: Database) -> None:
    with database.writing() as session:
        one = an_address(session)["id"]
        subscriptions.note_fetches(session, [Fetch(one, NOW, "Thunderbird", 7)], NOW - APART)
        waited = Fetch(one, NOW + MINUTE, "Thunderbird", 8)
        subscriptions.note_fetches(session, [waited], NOW)
        assert fetched(session, one) == (NOW + MINUTE, "Thunderbird", 8)


def test_two_servers_that_store_at_once_do_not_wait_for_each_other(
    database: Database, database_url: str
) -> None:
    another = Database(database_url)
    with database.writing() as session:
        ids = [an_address(session)["id"] for _ in range(200)]

    def store(server: Database, in_order: list[UUID]) -> None:
        with server.writing() as session:
            new = [Fetch(one, NOW, "a script", 1) for one in in_order]
            subscriptions.note_fetches(session, new, NOW)

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(store, database, ids), threads.submit(store, another, ids[::-1])]
        for one in done:
            one.result()
    another.close()
    with database.reading() as session:
        assert {fetched(session, one) for one in ids} == {(NOW, "a script", 1)}
