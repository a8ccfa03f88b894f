"""Do the calendars reach people? Sentences that say where they do not."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.clock import StoppedClock
from app.feeds.programs import every_program, recognise
from app.records import agreements as kept_agreements
from app.records import feeds, register, subscriptions
from app.records.engine import Database, Session
from app.records.subscriptions import Fetch
from app.usecases import agreements
from app.usecases.feed_forms import FeedForm
from app.usecases.feed_health import Health, SubscriptionHealth, health, told
from app.usecases.feeds import define
from app.usecases.subscriptions import revoke
from tests.builders import NOW, OPERATOR, TODAY, entered, subscribed

OUTLOOK = "Outlook (Microsoft 365)"
ONE_DAY = timedelta(days=1)


def fetched(
    session: Session, subscription_id: UUID, days: float = 0, program: str = OUTLOOK
) -> None:
    """Put on record that a program fetched so many days after the start."""
    at = NOW + days * ONE_DAY
    state = register.state(session)
    assert state is not None
    fetch = Fetch(subscription_id, at, program, state.revision)
    subscriptions.note_fetches(session, [fetch], at)


def an_address(
    session: Session, key: str = "procurement", label: str = "Anna", **more: str
) -> UUID:
    found: UUID = subscribed(session, key, label, **more).subscription["id"]
    return found


def enter(session: Session, number: int, days: float = 1, **changes: Any) -> UUID:  # noqa: ANN401
    """Enter an agreement so many days after the start."""
    row = entered(session, reference=f"R-{number}", **changes)
    kept_agreements.update_if_version(session, row.id, 1, {"updated_at": NOW + days * ONE_DAY})
    return row.id


def after(session: Session, days: float) -> Health:
    """Return how the feeds are so many days after the start."""
    now = NOW + days * ONE_DAY
    return health(session, today=now.date(), now=now)


def the_one(session: Session, days: float) -> SubscriptionHealth:
    (found,) = [one for feed in after(session, days).feeds for one in feed.subscriptions]
    return found


def test_a_program_that_went_silent_is_said_in_a_sentence(database: Database) -> None:
    with database.writing() as session:
        one = an_address(session)
        fetched(session, one)
        for number in range(3):
            enter(session, number)
        assert after(session, 9).sentences == [
            (
                "procurement's Outlook (Microsoft 365) (Anna) has not fetched for 9 days;"
                " three agreements changed since."
            )
        ]
        assert the_one(session, 9).state == "late"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (0, "no agreements changed since."),
        (1, "one agreement changed since."),
        (2, "two agreements changed since."),
        (9, "nine agreements changed since."),
        (10, "10 agreements changed since."),
    ],
)
def test_the_sentence_counts_what_it_has_not_seen(
    database: Database, changed: int, said: str
) -> None:
    with database.writing() as session:
        fetched(session, an_address(session))
        for number in range(changed):
            enter(session, number)
        (sentence,) = after(session, 9).sentences
        assert sentence.endswith(f"has not fetched for 9 days; {said}")
        assert the_one(session, 9).changed_since == changed


@pytest.mark.parametrize(
    ("key", "program", "who"),
    [
        ("it", "Thunderbird", "IT's Thunderbird (Anna)"),
        ("procurement", "a script", "procurement's script (Anna)"),
        ("both", "Google Calendar", "both teams' Google Calendar (Anna)"),
        ("it", "an unnamed program", "IT's unnamed program (Anna)"),
        ("it", "the link preview of a chat", "IT's link preview of a chat (Anna)"),
        ("it", "another program", "IT's program (Anna)"),
    ],
)
def test_the_sentence_says_whose_calendar_it_is(
    database: Database, key: str, program: str, who: str
) -> None:
    with database.writing() as session:
        define(session, FeedForm(name="Both", key="both"), actor=OPERATOR, now=NOW)
        fetched(session, an_address(session, key), program=program)
        (sentence,) = after(session, 30).sentences
    assert sentence == f"{who} has not fetched for 30 days; no agreements changed since."


def test_every_program_is_known_again_by_its_name(database: Database) -> None:
    with database.writing() as session:
        one = an_address(session)
        for day, program in enumerate(every_program()):
            fetched(session, one, day, program.name)
            assert the_one(session, day).program == program


def test_a_program_that_this_release_does_not_know_is_another_one(database: Database) -> None:
    with database.writing() as session:
        fetched(session, an_address(session), program="Quux Calendar 9")
        assert the_one(session, 0).program == recognise("Quux Calendar 9")


@pytest.mark.parametrize("program", ["Google Calendar", "Thunderbird"])
def test_a_program_is_late_once_its_own_patience_is_over(database: Database, program: str) -> None:
    (late_after,) = (one.late_after for one in every_program() if one.name == program)
    with database.writing() as session:
        fetched(session, an_address(session), program=program)
        days = late_after / ONE_DAY
        assert the_one(session, days).state == "current"
        assert the_one(session, days).sentence is None
        late = the_one(session, days + 0.01)
        assert (late.state, late.sentence is None) == ("late", False)


def test_a_program_that_is_behind_but_in_time_is_no_worry(database: Database) -> None:
    with database.writing() as session:
        one = an_address(session)
        fetched(session, one)
        assert the_one(session, 1).state == "current"
        enter(session, 1, days=0.5)
        behind = the_one(session, 1)
        assert (behind.state, behind.changed_since, behind.sentence) == ("behind", 1, None)
        fetched(session, one, days=1)
        assert the_one(session, 1).state == "current"


def test_only_agreements_of_the_feed_count_and_removed_ones_too(database: Database) -> None:
    form = FeedForm.model_validate({"name": "Ada", "key": "ada", "filters": {"owner": "Ada"}})
    with database.writing() as session:
        define(session, form, actor=OPERATOR, now=NOW)
        gone = enter(session, 0, days=-1, owner="Ada")
        fetched(session, an_address(session, "ada"))
        enter(session, 1, owner="Grace")
        enter(session, 2, owner="Ada")
        assert the_one(session, 9).changed_since == 1
        agreements.remove(
            session,
            gone,
            frozenset({2}),
            reason=None,
            actor=OPERATOR,
            now=NOW + ONE_DAY,
        )
        assert the_one(session, 9).changed_since == 2


@pytest.mark.parametrize(
    ("days", "is_said"), [(0, False), (2, False), (2.01, True), (9, True)], ids=str
)
def test_an_address_that_nobody_has_fetched_from_is_said_after_two_days(
    database: Database, days: float, *, is_said: bool
) -> None:
    with database.writing() as session:
        an_address(session, label="Anna, Outlook")
        found = the_one(session, days)
    assert (found.state, found.program, found.changed_since) == ("never_fetched", None, 0)
    said = (
        f"procurement's address for Anna, Outlook was handed out {int(days)} days ago"
        " and no program has fetched from it."
    )
    assert found.sentence == (said if is_said else None)


@pytest.mark.parametrize("has_fetched", [False, True], ids=["never fetched", "late"])
@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_closed_addresses_are_quiet(database: Database, how: str, *, has_fetched: bool) -> None:
    more = {"expires_on": TODAY.isoformat()} if how == "expired" else {}
    with database.writing() as session:
        one = an_address(session, **more)
        if has_fetched:
            fetched(session, one)
        if how == "revoked":
            feed_id = the_one(session, 0).row["feed_id"]
            revoke(session, feed_id, one, actor=OPERATOR, now=NOW)
        found = after(session, 30)
        assert found.sentences == []
        assert the_one(session, 30).state == "closed"
        assert found.of_team("procurement") == []


def test_an_address_is_open_on_its_last_day(database: Database) -> None:
    with database.writing() as session:
        an_address(session, expires_on=(TODAY + 3 * ONE_DAY).isoformat())
        assert the_one(session, 3).state == "never_fetched"
        assert the_one(session, 4).state == "closed"


def test_addresses_of_removed_feeds_are_quiet(database: Database) -> None:
    with database.writing() as session:
        row = define(session, FeedForm(name="Both", key="both"), actor=OPERATOR, now=NOW)
        fetched(session, an_address(session, "both"))
        feeds.replace(session, row["id"], {"removed_at": NOW})
        found = after(session, 30)
        assert found.sentences == []
        assert [feed.row["key"] for feed in found.feeds] == ["it", "procurement"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"cut": 7},
            (
                "Procurement renewals has no room for 7 dates: narrow its filters or kinds,"
                " or split it."
            ),
        ),
        (
            {"left_out": json.dumps([str(UUID(int=1))])},
            (
                "Procurement renewals leaves out one agreement that cannot be rendered:"
                f" correct {UUID(int=1)}."
            ),
        ),
        (
            {"left_out": json.dumps([str(UUID(int=number)) for number in range(12)])},
            "Procurement renewals leaves out 12 agreements that cannot be rendered: correct "
            + ", ".join(str(UUID(int=number)) for number in range(5))
            + ".",
        ),
    ],
    ids=["cut", "one left out", "many left out"],
)
def test_what_a_feed_does_not_hold_is_said(
    database: Database, values: dict[str, Any], sentence: str
) -> None:
    with database.writing() as session:
        feed = feeds.by_key(session, "procurement")
        assert feed is not None
        feeds.replace(session, feed["id"], values)
        found = after(session, 0)
    assert found.sentences == [sentence]
    (of_feed,) = (one for one in found.feeds if one.row["key"] == "procurement")
    assert len(of_feed.left_out) == len(json.loads(values.get("left_out", "[]")))


def test_all_is_well_says_nothing(database: Database) -> None:
    with database.writing() as session:
        assert after(session, 0).sentences == []
        enter(session, 1, days=0)
        fetched(session, an_address(session), days=0.1)
        found = after(session, 1)
        assert found.sentences == []
        state = register.state(session)
        assert state is not None
        assert found.revision == state.revision == 1


def test_each_team_sees_its_own_figures(database: Database) -> None:
    nothing = {"subscriptions": 0, "late": 0, "never_fetched": 0, "last_fetched_at": None}
    with database.writing() as session:
        assert told(after(session, 0)) == dict.fromkeys(("it", "procurement", "both"), nothing)
        define(
            session,
            FeedForm(name="Finance", key="finance", team="procurement"),
            actor=OPERATOR,
            now=NOW,
        )
        late, current = (an_address(session, key) for key in ("procurement", "finance"))
        an_address(session, "finance")
        an_address(session, "procurement", expires_on=TODAY.isoformat())
        an_address(session, "it")
        fetched(session, late, days=0)
        fetched(session, current, days=5)
        figures = told(after(session, 5))
    assert figures["procurement"] == {
        "subscriptions": 3,
        "late": 1,
        "never_fetched": 1,
        "last_fetched_at": NOW + 5 * ONE_DAY,
    }
    assert figures["it"] == {**nothing, "subscriptions": 1, "never_fetched": 1}
    assert figures["both"] == nothing


def test_a_day_is_counted_when_it_is_whole(database: Database) -> None:
    moment: datetime = StoppedClock(date(2026, 12, 2)).now() - timedelta(seconds=1)
    with database.writing() as session:
        fetched(session, an_address(session))
        found = health(session, today=moment.date(), now=moment)
    (sentence,) = found.sentences
    assert "for 8 days;" in sentence
