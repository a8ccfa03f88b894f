"""One secret address a person and feed: handed out once, closed at once, never shown again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app import credentials
from app.credentials import Opens
from app.feeds.links import LONGEST_ADDRESS, check_address
from app.records import audit, feeds
from app.records.engine import Database, Row, Session
from app.usecases.agreements import Actor
from app.usecases.feed_forms import LONGEST_KEY, SubscriptionForm
from app.usecases.feeds import by_key
from app.usecases.refusals import Invalid, NotFound, NotYours, Over
from app.usecases.subscriptions import (
    NewAddress,
    address_of,
    by_secret,
    of_feed,
    replace,
    revoke,
    subscribe,
)
from tests.builders import IT, NOW, OPERATOR, PROCUREMENT, TODAY, findings, subscribed

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
ADMIN = Actor(UUID(int=3), "Alma", "admin")


def handed_out(
    session: Session, actor: Actor = IT, key: str = "procurement", **entered: str
) -> NewAddress:
    form = SubscriptionForm.model_validate({"label": "Anna, Outlook", **entered})
    feed_id = by_key(session, key)["id"]
    return subscribe(session, feed_id, form, actor=actor, today=TODAY, now=NOW)


def replaced(
    session: Session, old: NewAddress, actor: Actor = IT, today: date = TODAY
) -> NewAddress:
    one = old.subscription
    return replace(session, one["feed_id"], one["id"], actor=actor, today=today, now=NOW + HOUR)


def revoked(session: Session, old: NewAddress, actor: Actor = IT) -> None:
    revoke(session, old.feed["id"], old.subscription["id"], actor=actor, now=NOW + HOUR)


def read(session: Session, address: NewAddress) -> Row:
    return by_secret(session, address.secret)


def everything_stored(session: Session) -> str:
    """Return all that the database holds of addresses and of who did what."""
    return "\n".join(
        str(tuple(row))
        for table in ("subscriptions", "feeds", "audit")
        for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - our own names
    )


def test_an_address_opens_the_feed_it_was_asked_for(database: Database) -> None:
    with database.writing() as session:
        new = handed_out(session, expires_on="2027-12-31")
        assert read(session, new) == new.subscription
        assert new.feed == by_key(session, "procurement")
    told = {
        "feed_id": new.feed["id"],
        "label": "Anna, Outlook",
        "owner_id": IT.id,
        "created_at": NOW,
        "expires_on": date(2027, 12, 31),
        "revoked_at": None,
        "replaced_by": None,
        "last_fetched_at": None,
        "last_program": None,
        "last_revision": None,
    }
    assert new.subscription == {"id": new.subscription["id"], **told}


def test_its_secret_is_stored_nowhere(database: Database) -> None:
    with database.writing() as session:
        new = handed_out(session)
        newer = replaced(session, new)
        stored = everything_stored(session)
    assert credentials.is_well_formed(new.secret, Opens.FEED)
    for address in (new, newer):
        assert address.secret not in stored
        assert address.secret.partition("_")[2][:12] not in stored
        assert credentials.digest(address.secret) in stored
    assert new.secret != newer.secret


def test_no_two_people_share_an_address(database: Database) -> None:
    with database.writing() as session:
        made = [handed_out(session) for _ in range(20)]
        assert len({one.secret for one in made}) == 20
        listed = of_feed(session, made[0].feed["id"])
        assert {row["id"] for row in listed} == {one.subscription["id"] for one in made}
        assert of_feed(session, by_key(session, "it")["id"]) == []
        assert "secret_hash" not in listed[0]


@pytest.mark.parametrize(
    "secret",
    ["", "nbfeed_", "nbapi_x", "nbfeed_ewjtpiwtCTqPVDkbgH7gf8UBuF8s0Z3riz5C", "é", "' OR 1=1 --"],
)
def test_no_other_secret_opens_anything(database: Database, secret: str) -> None:
    with database.writing() as session:
        new = handed_out(session)
        for wrong in (secret, new.secret[:-1], new.secret.swapcase(), f"{new.secret} "):
            with pytest.raises(NotFound, match="check that it is whole"):
                by_secret(session, wrong)


@pytest.mark.parametrize("day", [TODAY, date(2199, 12, 31)], ids=str)
def test_an_address_may_be_for_some_time(database: Database, day: date) -> None:
    with database.writing() as session:
        assert handed_out(session, expires_on=day.isoformat()).subscription["expires_on"] == day


def test_an_address_is_not_handed_out_for_days_that_are_over(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(Invalid, match="expires_on: is over already"):
            handed_out(session, expires_on=(TODAY - ONE_DAY).isoformat())
        assert of_feed(session, by_key(session, "procurement")["id"]) == []


def test_a_feed_that_is_gone_has_no_addresses_to_give(database: Database) -> None:
    with database.writing() as session:
        new = handed_out(session)
        feeds.replace(session, new.feed["id"], {"removed_at": NOW})
        form = SubscriptionForm(label="Anna", expires_on=None)
        for gone in (new.feed["id"], uuid4()):
            with pytest.raises(NotFound, match="may have been removed"):
                subscribe(session, gone, form, actor=IT, today=TODAY, now=NOW)
            with pytest.raises(NotFound):
                of_feed(session, gone)
        with pytest.raises(NotFound):
            replaced(session, new)
        assert read(session, new)["revoked_at"] is None
        revoked(session, new)
        assert read(session, new)["revoked_at"] == NOW + HOUR


def test_a_revoked_address_is_closed_and_stays_so(database: Database) -> None:
    with database.writing() as session:
        new, other = handed_out(session), handed_out(session)
        revoked(session, new)
        closed = {**new.subscription, "revoked_at": NOW + HOUR}
        assert read(session, new) == closed
        for actor in (IT, ADMIN):
            revoke(session, new.feed["id"], closed["id"], actor=actor, now=NOW + 2 * HOUR)
        assert read(session, new) == closed
        assert read(session, other) == other.subscription


def test_a_leaked_address_closes_and_its_place_is_taken(database: Database) -> None:
    with database.writing() as session:
        old = handed_out(session, expires_on="2027-12-31")
        new = replaced(session, old)
        assert read(session, old) == {
            **old.subscription,
            "revoked_at": NOW + HOUR,
            "replaced_by": new.subscription["id"],
        }
        same = ("label", "expires_on", "feed_id", "owner_id")
        assert [new.subscription[name] for name in same] == [
            old.subscription[name] for name in same
        ]
        assert read(session, new)["revoked_at"] is None
        assert new.subscription["created_at"] == NOW + HOUR
        with pytest.raises(Over, match="subscribe anew"):
            replaced(session, old)


@pytest.mark.parametrize(
    ("days", "may"), [(0, True), (1, False), (400, False)], ids=["last day", "next day", "later"]
)
def test_an_address_is_replaced_while_it_is_open(
    database: Database, days: int, *, may: bool
) -> None:
    with database.writing() as session:
        old = handed_out(session, expires_on=TODAY.isoformat())
        if may:
            assert replaced(session, old, today=TODAY + days * ONE_DAY).secret != old.secret
            return
        with pytest.raises(Over):
            replaced(session, old, today=TODAY + days * ONE_DAY)
        assert read(session, old) == old.subscription


@pytest.mark.parametrize(
    ("owner", "actor", "may"),
    [
        pytest.param(IT, IT, True, id="who asked for it"),
        pytest.param(IT, ADMIN, True, id="an administrator"),
        pytest.param(OPERATOR, OPERATOR, True, id="the operator"),
        pytest.param(IT, PROCUREMENT, False, id="somebody else"),
        pytest.param(OPERATOR, IT, False, id="somebody, of the operator's"),
    ],
)
def test_who_asked_for_an_address_closes_it_and_so_does_an_administrator(
    database: Database, owner: Actor, actor: Actor, *, may: bool
) -> None:
    with database.writing() as session:
        old = handed_out(session, owner)
        if may:
            new = replaced(session, old, actor)
            assert new.subscription["owner_id"] == actor.id
            revoked(session, new, actor)
            return
        with pytest.raises(NotYours, match="Whoever asked for this address"):
            replaced(session, old, actor)
        with pytest.raises(NotYours):
            revoked(session, old, actor)
        assert read(session, old) == old.subscription


def test_an_address_is_closed_under_its_own_feed_only(database: Database) -> None:
    with database.writing() as session:
        new, other = handed_out(session), by_key(session, "it")["id"]
        for feed_id, one in ((other, new.subscription["id"]), (new.feed["id"], uuid4())):
            with pytest.raises(NotFound, match="no subscription of this feed"):
                revoke(session, feed_id, one, actor=ADMIN, now=NOW)
            with pytest.raises(NotFound):
                replace(session, feed_id, one, actor=ADMIN, today=TODAY, now=NOW)
        assert read(session, new) == new.subscription


def test_the_trail_tells_who_has_had_an_address(database: Database) -> None:
    with database.writing() as session:
        old = handed_out(session)
        new = replaced(session, old, ADMIN)
        revoked(session, new, ADMIN)
        revoked(session, new, ADMIN)

        def trail(address: NewAddress) -> list[tuple[Any, ...]]:
            names = ("action", "actor_name", "before", "after")
            entries = audit.about(session, address.subscription["id"], 0, 9)
            return [tuple(one[name] for name in names) for one in entries]

        told = "procurement: Anna, Outlook"
        assert trail(old) == [
            ("address handed out", IT.name, None, told),
            ("address replaced", "Alma", "Anna, Outlook", None),
        ]
        assert trail(new) == [
            ("address handed out", "Alma", None, told),
            ("address revoked", "Alma", "Anna, Outlook", None),
        ]
    assert findings(database) == []


def test_programs_take_the_address_even_of_a_long_host_and_key(database: Database) -> None:
    with database.writing() as session:
        secret = subscribed(session, "it").secret
    base_url = f"https://{'n' * 63}.{'e' * 63}.example"
    address = address_of(base_url, "k" * LONGEST_KEY, secret)
    check_address(address)
    assert len(address) <= LONGEST_ADDRESS
    assert address == f"{base_url}/feeds/{secret}/{'k' * LONGEST_KEY}.ics"
