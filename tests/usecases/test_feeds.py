"""Anybody defines feeds; whoever owns one changes it, and calendars follow."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.records import agreements, audit, feeds, published, register
from app.records.agreements import Filters
from app.records.engine import Database, Row, Session
from app.records.tables import PublishedEvent
from app.usecases.agreements import Actor
from app.usecases.feed_forms import LONGEST_KEY, FeedForm
from app.usecases.feeds import (
    by_key,
    change,
    define,
    definition_of,
    every,
    found,
    found_feeds,
    may_change,
    outrun,
    remove,
)
from app.usecases.refusals import AlreadyThere, Invalid, NotFound, NotYours, Stale
from tests.builders import IT, NOW, OPERATOR, PROCUREMENT, TODAY, a_publisher, entered, findings

HOUR = timedelta(hours=1)
ADMIN = Actor(UUID(int=3), "Alma", "admin")
VIEWER = Actor(UUID(int=4), "Vera", "viewer")
ANY = frozenset(range(1, 99))


def defined(session: Session, actor: Actor = IT, **entered: Any) -> Row:  # noqa: ANN401
    form = FeedForm.model_validate({"name": "Finance renewals", **entered})
    return define(session, form, actor=actor, now=NOW)


def changed(
    session: Session,
    feed_id: UUID,
    actor: Actor = IT,
    versions: frozenset[int] = ANY,
    **changes: Any,  # noqa: ANN401 - fields of any type
) -> Row:
    return change(session, feed_id, versions, changes, actor=actor, now=NOW + HOUR)


def test_a_feed_is_kept_as_it_was_defined(database: Database) -> None:
    definition: dict[str, Any] = {
        "name": "Finance renewals",
        "description": "What Finance pays for.",
        "colour": "darkgreen",
        "team": "procurement",
        "kinds": ["renewal", "notice_deadline"],
        "filters": {"spend_class": "core", "q": "backup"},
        "months_back": 0,
        "months_ahead": 60,
        "amounts": True,
        "notes": True,
        "alarm_days_before": 1,
    }
    with database.writing() as session:
        row = defined(session, key="finance", **definition)
        assert found(session, row["id"]) == by_key(session, "finance") == row
        assert definition_of(row) == definition
        known = (row["owner_id"], row["version"], row["created_at"], row["sequence_base"])
        assert known == (IT.id, 1, NOW, 0)
        assert [one["key"] for one in every(session)] == ["finance", "it", "procurement"]


@pytest.mark.parametrize(
    ("team", "kinds", "whose"),
    [
        ("it", 4, "IT's view of renewal dates and deadlines."),
        ("procurement", 6, "Procurement's view of renewal dates and deadlines."),
        ("both", 6, "Both teams' view of renewal dates and deadlines."),
    ],
)
def test_what_is_left_out_follows_from_the_team(
    database: Database, team: str, kinds: int, whose: str
) -> None:
    with database.writing() as session:
        told = definition_of(defined(session, team=team))
    assert (len(told["kinds"]), told["description"]) == (kinds, whose)
    assert told["filters"] == {}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("Finance renewals", "finance-renewals", id="words"),
        pytest.param("Verträge & Fristen (München)", "vertrage-fristen-munchen", id="accents"),
        pytest.param("ﬁne №1", "fine-no1", id="letters of two"),
        pytest.param("契約更新", "feed", id="no Latin letter"),
        pytest.param("--- !", "feed", id="signs only"),
        pytest.param("../../etc/passwd?x=1#y", "etc-passwd-x-1-y", id="a path"),
        pytest.param("It", "it-2", id="a team's key"),
        pytest.param("n" * 200, "n" * 35, id="a long one"),
        pytest.param(f"{'n' * 34} rest", "n" * 34, id="cut at a space"),
    ],
)
def test_a_key_is_made_from_the_name(database: Database, name: str, key: str) -> None:
    with database.writing() as session:
        row = defined(session, name=name)
        assert row["key"] == key
        # What was made could have been given.
        assert FeedForm.model_validate({"name": name, "key": key}).key == key
        assert by_key(session, key)["id"] == row["id"]


def test_feeds_of_the_same_name_are_numbered(database: Database) -> None:
    with database.writing() as session:
        keys = [defined(session, name="n" * 200)["key"] for _ in range(12)]
        assert keys == ["n" * 35, *(f"{'n' * 35}-{number}" for number in range(2, 13))]
        assert max(map(len, keys)) <= LONGEST_KEY


def test_a_number_that_was_given_back_is_used_again(database: Database) -> None:
    with database.writing() as session:
        _, second, _ = (defined(session, name="Board") for _ in range(3))
        remove(session, second["id"], ANY, actor=IT, now=NOW)
        assert defined(session, name="Board")["key"] == "board-2"


def test_a_key_that_is_taken_is_refused(database: Database) -> None:
    with database.writing() as session:
        defined(session, key="finance")
        for key in ("finance", "it"):
            with pytest.raises(AlreadyThere, match="choose another one"):
                defined(session, key=key)
        assert len(every(session)) == 3


def test_a_feed_that_is_not_there_says_which_are(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match="there are it, procurement"):
            by_key(session, "finance")
        with pytest.raises(NotFound, match="may have been removed"):
            found(session, uuid4())


@pytest.mark.parametrize(
    ("changes", "is_reworded"),
    [
        ({"name": "Other"}, False),
        ({"description": "Other"}, False),
        ({"colour": "red"}, False),
        ({"team": "it"}, False),
        ({"kinds": ["renewal"]}, False),
        ({"filters": {"owner": "Ada"}}, False),
        ({"months_back": 1}, False),
        ({"months_ahead": 1}, False),
        ({"amounts": True}, True),
        ({"notes": True}, True),
        ({"alarm_days_before": 0}, True),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_change_is_kept_and_counted(
    database: Database, changes: dict[str, Any], *, is_reworded: bool
) -> None:
    with database.writing() as session:
        old = defined(session, key="finance", name="Finance")
        new = changed(session, old["id"], **changes)
        assert found(session, old["id"]) == new
        assert definition_of(new) == definition_of(old) | changes
        assert new["version"] == 2
        kept = ("id", "key", "owner_id", "created_at")
        assert [new[name] for name in kept] == [old[name] for name in kept]
        reworded = (1, NOW + HOUR) if is_reworded else (0, None)
        assert (new["sequence_base"], new["reworded_at"]) == reworded


def test_the_same_again_is_no_change(database: Database) -> None:
    with database.writing() as session:
        old = defined(session, kinds=["renewal"], filters={"owner": "Ada"}, amounts=True)
        same = {**definition_of(old), "key": old["key"]}
        assert changed(session, old["id"], **same) == old
        assert changed(session, old["id"]) == old
        assert [one["action"] for one in audit.about(session, old["id"], 0, 9)] == ["feed defined"]


def test_a_filter_is_taken_off_by_leaving_it_out(database: Database) -> None:
    with database.writing() as session:
        old = defined(session, filters={"owner": "Ada", "tag": "vpn"})
        new = changed(session, old["id"], filters={"owner": "Ada", "tag": None})
        assert definition_of(new)["filters"] == {"owner": "Ada"}


def test_kinds_and_description_follow_the_team_again_when_they_are_emptied(
    database: Database,
) -> None:
    with database.writing() as session:
        old = defined(session, team="it", kinds=["renewal"], description="Ours.")
        new = changed(session, old["id"], team="procurement", kinds=None, description=None)
        assert len(definition_of(new)["kinds"]) == 6
        assert new["description"].startswith("Procurement's view")


def test_the_key_stays_for_it_stands_in_addresses(database: Database) -> None:
    with database.writing() as session:
        old = defined(session, key="finance")
        with pytest.raises(Invalid, match="key: stands in addresses people use, so it stays"):
            changed(session, old["id"], key="money")
        with pytest.raises(Invalid, match="key: "):
            changed(session, old["id"], key=None)
        assert changed(session, old["id"], key="finance", name="Money")["key"] == "finance"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "#ff0000"}, "colour"),
        ({"months_ahead": 61}, "months_ahead"),
        ({"name": None}, "name"),
        ({"filters": {"kind": "party"}}, "filters.kind"),
        ({"secret_hash": "x"}, "secret_hash"),
        ({"sequence_base": 7}, "sequence_base"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_to_what_no_feed_can_be_is_refused(
    database: Database, changes: dict[str, Any], field: str
) -> None:
    with database.writing() as session:
        old = defined(session)
        with pytest.raises(Invalid) as refusal:
            changed(session, old["id"], **changes)
        assert [fault.field for fault in refusal.value.faults] == [field]
        assert isinstance(refusal.value.__cause__, ValidationError)
        assert found(session, old["id"]) == old


@pytest.mark.parametrize("versions", [(), (2,), (0, 3)])
def test_whoever_read_another_version_is_stopped(
    database: Database, versions: tuple[int, ...]
) -> None:
    with database.writing() as session:
        old = defined(session)
        with pytest.raises(Stale, match="read it again"):
            changed(session, old["id"], versions=frozenset(versions), name="Other")
        with pytest.raises(Stale):
            remove(session, old["id"], frozenset(versions), actor=IT, now=NOW)
        assert found(session, old["id"]) == old


@pytest.mark.parametrize(
    ("owner", "actor", "may"),
    [
        pytest.param(IT, IT, True, id="its owner"),
        pytest.param(VIEWER, VIEWER, True, id="its owner, who may only read otherwise"),
        pytest.param(IT, ADMIN, True, id="an administrator"),
        pytest.param(IT, OPERATOR, True, id="the operator"),
        pytest.param(OPERATOR, ADMIN, True, id="an administrator, of nobody's"),
        pytest.param(IT, PROCUREMENT, False, id="somebody else"),
        pytest.param(ADMIN, IT, False, id="somebody, of an administrator's"),
        pytest.param(OPERATOR, IT, False, id="somebody, of nobody's"),
        pytest.param(OPERATOR, Actor(None, "Nobody", "it"), False, id="nobody, of nobody's"),
    ],
)
def test_the_owner_and_administrators_change_and_remove_a_feed(
    database: Database, owner: Actor, actor: Actor, *, may: bool
) -> None:
    with database.writing() as session:
        row = defined(session, owner)
        assert may_change(actor, row["owner_id"]) is may
        if may:
            changed(session, row["id"], actor, name="Other")
            remove(session, row["id"], ANY, actor=actor, now=NOW)
            return
        with pytest.raises(NotYours, match="Whoever defined this feed changes it"):
            changed(session, row["id"], actor, name="Other")
        with pytest.raises(NotYours):
            remove(session, row["id"], ANY, actor=actor, now=NOW)
        assert found(session, row["id"]) == row


def test_the_feeds_of_the_teams_are_changed_by_administrators_and_stay(database: Database) -> None:
    with database.writing() as session:
        for key in ("it", "procurement"):
            row = by_key(session, key)
            with pytest.raises(NotYours):
                changed(session, row["id"], IT, months_ahead=36)
            changed(session, row["id"], ADMIN, months_ahead=36)
            with pytest.raises(NotYours, match="stay: change them, or define others"):
                remove(session, row["id"], ANY, actor=ADMIN, now=NOW)
        assert [row["months_ahead"] for row in every(session)] == [36, 36]


def test_a_removed_feed_is_gone_and_frees_its_key(database: Database) -> None:
    with database.writing() as session:
        old = defined(session, key="finance")
        remove(session, old["id"], frozenset({1}), actor=IT, now=NOW + HOUR)
        for _ in range(2):
            with pytest.raises(NotFound, match="may have been removed"):
                found(session, old["id"])
            with pytest.raises(NotFound):
                remove(session, old["id"], ANY, actor=IT, now=NOW)
        with pytest.raises(NotFound):
            changed(session, old["id"], name="Other")
        row = feeds.by_id(session, old["id"])
        assert row == {**old, "removed_at": NOW + HOUR, "version": 2}
        assert defined(session, key="finance")["id"] != old["id"]


def test_the_trail_tells_what_a_feed_showed_and_shows(database: Database) -> None:
    with database.writing() as session:
        row = defined(session, key="finance", filters={"owner": "Ada"})
        changed(session, row["id"], ADMIN, filters={"owner": "Grace"})
        remove(session, row["id"], ANY, actor=IT, now=NOW)
        trail = audit.about(session, row["id"], 0, 9)
    assert [(one["action"], one["actor_name"]) for one in trail] == [
        ("feed defined", IT.name),
        ("feed changed", "Alma"),
        ("feed removed", IT.name),
    ]
    told = [
        tuple(
            None if one[side] is None else orjson.loads(one[side]) for side in ("before", "after")
        )
        for one in trail
    ]
    first = {"key": "finance", **definition_of(row)}
    second = first | {"filters": {"owner": "Grace"}}
    assert told == [(None, first), (first, second), (second, None)]
    assert findings(database) == []


def test_a_feed_changes_nothing_in_the_register(database: Database) -> None:
    with database.writing() as session:
        before = register.state(session)
        row = defined(session)
        changed(session, row["id"], amounts=True)
        remove(session, row["id"], ANY, actor=IT, now=NOW)
        assert register.state(session) == before


def test_the_teams_feeds_are_founded_once(database: Database) -> None:
    with database.writing() as session:
        before = every(session)
        found_feeds(session, NOW + HOUR)
        assert every(session) == before
        assert {row["owner_id"] for row in before} == {None}


class TestRewording:
    def test_each_rewording_lifts_events_above_all_that_was_published(
        self, database: Database
    ) -> None:
        with database.writing() as session:
            row = defined(session)
            assert changed(session, row["id"], amounts=True)["sequence_base"] == 1
            published.add(session, [an_event("one", sequence=4)])
            assert changed(session, row["id"], amounts=False)["sequence_base"] == 6
            assert changed(session, row["id"], notes=True)["sequence_base"] == 11
            assert found(session, row["id"])["sequence_base"] == 11

    def test_it_is_dated_no_earlier_than_what_was_published(self, database: Database) -> None:
        with database.writing() as session:
            row = defined(session)
            published.add(session, [an_event("one", changed_at=NOW + 3 * HOUR)])
            assert changed(session, row["id"], amounts=True)["reworded_at"] == NOW + 3 * HOUR

    def test_a_clock_that_is_behind_does_not_date_it_back(self, database: Database) -> None:
        with database.writing() as session:
            row = defined(session)
            for turn, at in enumerate((2 * HOUR, HOUR), start=1):
                changes = {"alarm_days_before": turn}
                new = change(session, row["id"], ANY, changes, actor=IT, now=NOW + at)
                assert new["reworded_at"] == NOW + 2 * HOUR


class TestOutrunningABackup:
    def test_every_event_and_feed_counts_as_changed(self, database: Database) -> None:
        with database.writing() as session:
            agreement_id = entered(session).id
        row = render(database)
        with database.writing() as session:
            uids = uids_of(session)
            before = published.of_uids(session, uids, "")
            state = register.state(session)
            (mark,) = agreements.marks(session, Filters())
            outrun(session, actor=ADMIN, now=NOW + HOUR)
            after = published.of_uids(session, uids, "")
            assert {uid: one["sequence"] for uid, one in after.items()} == {
                uid: one["sequence"] + 1_000 for uid, one in before.items()
            }
            assert {one["changed_at"] for one in after.values()} == {NOW + HOUR}
            (then,) = agreements.marks(session, Filters())
            assert then == (agreement_id, mark.version, mark.dates_version + 1)
            now_state = register.state(session)
            assert state is not None
            assert now_state is not None
            assert now_state.revision == state.revision + 1
            fed = found(session, row["id"])
            assert (fed["body_hash"], fed["body_since"]) == (None, NOW + HOUR)
            actions = [one["action"] for one in audit.about(session, row["id"], 0, 9)]
            assert actions == ["feed outrun"]
        assert findings(database) == []

    def test_nothing_is_dated_back_by_a_clock_that_is_behind(self, database: Database) -> None:
        row = render(database)
        with database.writing() as session:
            published.add(session, [an_event("one")])
            outrun(session, actor=ADMIN, now=NOW - HOUR)
            assert found(session, row["id"])["body_since"] == NOW
            assert published.last_change(session) == NOW

    def test_a_feed_that_nobody_has_fetched_is_dated_as_well(self, database: Database) -> None:
        with database.writing() as session:
            outrun(session, actor=ADMIN, now=NOW)
            assert {row["body_since"] for row in every(session)} == {NOW}


def an_event(uid: str, **changes: object) -> dict[str, Any]:
    return {
        "uid": uid,
        "details": "",
        "fingerprint": "f" * 64,
        "on_day": None,
        "moved_from": None,
        "sequence": 0,
        "created_at": NOW,
        "changed_at": NOW,
        **changes,
    }


def render(database: Database) -> Row:
    """Render procurement's feed and return its row."""
    with database.reading() as session:
        row = by_key(session, "procurement")
    a_publisher(database).publish(row["id"], today=TODAY, now=NOW)
    with database.reading() as session:
        return found(session, row["id"])


def uids_of(session: Session) -> list[str]:
    return list(session.execute(select(PublishedEvent.uid)).scalars())
