"""A feed changes when the register changes, and at no other time."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar, Event
from sqlalchemy import insert, text, update

from app.clock import StoppedClock
from app.records import feeds, register
from app.records.base import Base
from app.records.engine import Database, Row, Session
from app.records.tables import PublishedEvent, TermRow
from app.renewals.reasons import say_day
from app.usecases import agreements, imports, lead_times
from app.usecases.act_forms import DecisionForm, GivenNoticeForm, VerificationForm
from app.usecases.decisions import decide
from app.usecases.feed_forms import FeedForm
from app.usecases.feeds import change as change_feed
from app.usecases.feeds import define, outrun
from app.usecases.lead_times import LeadTimeRows
from app.usecases.notices import give
from app.usecases.publishing import Conditions, Published, Publisher
from app.usecases.refusals import NotFound
from app.usecases.register import state_of_register
from app.usecases.verifications import verify_clause
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    a_publisher,
    amended,
    entered,
    length,
    sabotage,
)

BASE_URL = "https://noticeboard.example"
HOUR = timedelta(hours=1)
KINDS_OF_IT = {"Negotiation start", "Notice deadline", "Term end", "Renewal"}


@dataclass
class Server:
    """One server of the installation: a database, the bytes it keeps, and its clock."""

    database: Database
    publisher: Publisher
    now: datetime = NOW

    def get(self, key: str = "procurement") -> Published:
        """Return a feed as a poll gets it: what is kept while it is current, else anew."""
        with self.database.reading() as session:
            feed = feeds.by_key(session, key)
            assert feed is not None
            revision = state_of_register(session).revision
        last = self.publisher.last_of(feed["id"])
        state = self.publisher.state(
            revision=revision,
            version=feed["version"],
            months_back=feed["months_back"],
            months_ahead=feed["months_ahead"],
            today=self.now.date(),
        )
        if last is not None and last.state == state:
            return last
        return self.publisher.publish(feed["id"], today=self.now.date(), now=self.now)

    def events(self, key: str = "procurement") -> dict[str, Event]:
        """Return the events of a feed by their UIDs."""
        calendar = Calendar.from_ical(self.get(key).body)
        return {str(event["UID"]): event for event in calendar.events}

    def on(self, category: str, day: str, key: str = "procurement") -> Event:
        """Return the event of a category on a day."""
        (found,) = (
            event
            for event in self.events(key).values()
            if category_of(event) == category and day_of(event) == day
        )
        return found


def category_of(event: Event) -> str:
    return str(event.categories[0])


def day_of(event: Event) -> str:
    return str(event.decoded("DTSTART"))


def days(events: dict[str, Event], category: str) -> list[str]:
    return sorted(day_of(event) for event in events.values() if category_of(event) == category)


def sequences(events: dict[str, Event]) -> dict[str, int]:
    return {uid: sequence(event) for uid, event in events.items()}


def sequence(event: Event) -> int:
    return int(str(event["SEQUENCE"]))


def stamps(event: Event) -> tuple[object, ...]:
    return tuple(event.decoded(name) for name in ("CREATED", "LAST-MODIFIED", "DTSTAMP"))


def change(session: Session, agreement_id: UUID, changes: dict[str, Any]) -> None:
    versions = frozenset(range(1, 99))
    agreements.change(
        session, agreement_id, versions, changes, actor=OPERATOR, today=TODAY, now=NOW
    )


@pytest.fixture
def server(database: Database) -> Server:
    return Server(database, a_publisher(database))


@pytest.fixture
def another_server(server: Server, database_url: str) -> Iterator[Server]:
    """Serve the same installation from another process, whose clock is a little behind."""
    opened = Database(database_url)
    yield Server(opened, a_publisher(opened), now=server.now - HOUR)
    opened.close()


@pytest.fixture
def agreement_id(database: Database) -> UUID:
    with database.writing() as session:
        return entered(session).id


def test_the_two_teams_have_a_feed_each(server: Server) -> None:
    names = {
        key: str(Calendar.from_ical(server.get(key).body)["NAME"]) for key in ("it", "procurement")
    }
    assert names == {"it": "IT renewals", "procurement": "Procurement renewals"}


def test_an_empty_register_says_so_in_one_event(server: Server) -> None:
    (event,) = server.events().values()
    assert str(event["SUMMARY"]) == "No renewal dates in this calendar"
    assert server.events("it").keys() != server.events("procurement").keys()


def test_each_feed_shows_its_kinds_of_the_same_terms(server: Server, agreement_id: UUID) -> None:
    with server.database.writing() as session:
        change(session, agreement_id, {"notice": {**length("45 days"), "delivery": length("2 days"),
            "opens": length("120 days")}})  # fmt: skip
    it, procurement = server.events("it"), server.events("procurement")
    assert {category_of(event) for event in it.values()} == KINDS_OF_IT - {"Term end"}
    assert {category_of(event) for event in procurement.values()} == KINDS_OF_IT - {"Term end"} | {
        "Send-by date",
        "Notice window opens",
    }
    shared = it.keys() & procurement.keys()
    assert shared == it.keys()
    assert all(it[uid] == procurement[uid] for uid in shared)
    assert sequences(server.events("it")) == dict.fromkeys(it, 0)


def test_the_window_is_a_year_back_and_two_ahead_in_whole_months(
    server: Server, agreement_id: UUID
) -> None:
    with server.database.writing() as session:
        monthly = {"renewal": {"kind": "auto", "term": length("1 month")}}
        change(session, agreement_id, {**monthly, "notice": length("5 days"), "lead_days": 0})
    renewals = days(server.events(), "Renewal")
    assert (renewals[0], renewals[-1]) == ("2025-11-15", "2028-11-15")
    assert len(renewals) == 37


def test_a_send_by_date_on_the_deadline_is_not_told_twice(
    server: Server, agreement_id: UUID
) -> None:
    assert days(server.events(), "Send-by date") == []
    with server.database.writing() as session:
        notice = {**length("45 days"), "delivery": length("2 days")}
        change(session, agreement_id, {"notice": notice})
    assert "2027-02-26" in days(server.events(), "Send-by date")
    assert "2027-02-28" in days(server.events(), "Notice deadline")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Notice: 45 days before the last day of the term"),
        ({"notice": None}, "Notice: not known; 90 days are assumed until it is entered"),
        (
            {"notice": {**length("3 months"), "counted_from": "renewal_date"}},
            "Notice: 3 months before the renewal date",
        ),
        ({"notice": {"by_month_day": "10-01"}}, "Notice: on or before 1 Oct"),
        ({"renewal_notice": length("60 days")}, "Notice: 60 days before the last day of the term"),
    ],
)
def test_an_event_says_how_long_the_notice_is(
    server: Server, agreement_id: UUID, changes: dict[str, Any], said: str
) -> None:
    with server.database.writing() as session:
        change(session, agreement_id, changes)
    event = server.on("Renewal", "2027-04-15")
    assert said in str(event["DESCRIPTION"])
    assert f"{BASE_URL}/agreements/{agreement_id}" in str(event["URL"])


def test_assumed_dates_are_tentative_and_say_so(server: Server, agreement_id: UUID) -> None:
    with server.database.writing() as session:
        change(session, agreement_id, {"notice": None})
    event = server.on("Notice deadline", "2027-01-14")
    assert str(event["STATUS"]) == "TENTATIVE"
    assert "(assumed)" in str(event["SUMMARY"])


@pytest.mark.usefixtures("agreement_id")
def test_bytes_stay_while_nothing_changes(server: Server, another_server: Server) -> None:
    first = server.get()
    server.now += 3 * HOUR
    assert server.get() == first
    server.publisher = a_publisher(server.database)
    assert server.get() == first
    assert another_server.get() == first
    assert first.since == NOW


def test_a_change_that_does_not_show_changes_no_byte(server: Server, agreement_id: UUID) -> None:
    first = server.get()
    server.now += HOUR
    with server.database.writing() as session:
        change(session, agreement_id, {"notes": "seen by nobody", "cost_centre": "4711"})
    same = server.get()
    assert (same.body, same.etag, same.since) == (first.body, first.etag, first.since)
    assert same.revision == first.revision + 1


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"title": "New"}, True),
        ({"counterparty": "New"}, True),
        ({"owner": "New"}, True),
        ({"procurement_contact": "New"}, True),
        ({"reference": "New"}, True),
        ({"notice": length("60 days")}, True),
        ({"start_date": "2024-04-14"}, True),
        ({"lead_days": 91}, True),
        ({"notes": "New"}, False),
        ({"annual_value": "1.00", "currency": "EUR"}, False),
        ({"tags": ["new"]}, False),
        ({"criticality": "high"}, False),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_the_sequence_grows_with_what_is_shown_and_with_nothing_else(
    server: Server, agreement_id: UUID, changes: dict[str, Any], *, moved: bool
) -> None:
    before, first = server.events(), server.get()
    server.now += HOUR
    with server.database.writing() as session:
        change(session, agreement_id, changes)
    after, second = server.events(), server.get()
    assert after.keys() == before.keys()
    assert set(sequences(before).values()) == {0}
    assert set(sequences(after).values()) == {1 if moved else 0}
    changed_at = NOW + HOUR if moved else NOW
    for event in after.values():
        assert stamps(event) == (NOW, changed_at, changed_at)
    assert (second.etag != first.etag) is moved
    assert second.since == changed_at


def test_only_the_events_that_changed_move_on(server: Server, agreement_id: UUID) -> None:
    with server.database.writing() as session:
        entered(session, reference="other", counterparty="Other")
    server.get()
    with server.database.writing() as session:
        change(session, agreement_id, {"title": "New"})
    grown = {
        str(event["SUMMARY"]).partition(": ")[2]: sequence(event)
        for event in server.events().values()
    }
    assert grown == {
        "Northwind Software – New": 1,  # noqa: RUF001 - the dash it has
        "Other – Backup software, 400 servers": 0,  # noqa: RUF001 - the dash it has
    }


def test_a_milestone_that_comes_back_is_the_same_event_and_climbs_on(
    server: Server, agreement_id: UUID
) -> None:
    opens = {"notice": {**length("45 days"), "opens": length("90 days")}}
    with server.database.writing() as session:
        change(session, agreement_id, opens)
    first = server.on("Notice window opens", "2027-01-14")
    server.now += HOUR
    with server.database.writing() as session:
        change(session, agreement_id, {"notice": length("45 days")})
    assert str(first["UID"]) not in server.events()
    server.now += HOUR
    with server.database.writing() as session:
        change(session, agreement_id, {**opens, "title": "New"})
    second = server.on("Notice window opens", "2027-01-14")
    assert second["UID"] == first["UID"]
    assert (sequence(first), sequence(second)) == (0, 1)
    assert stamps(second) == (NOW, NOW + 2 * HOUR, NOW + 2 * HOUR)


def test_a_milestone_that_comes_back_as_it_was_is_what_it_was(
    server: Server, agreement_id: UUID
) -> None:
    first = server.get()
    with server.database.writing() as session:
        change(session, agreement_id, {"notice_received_on": "2026-01-05"})
    assert "2027-04-15" not in days(server.events(), "Renewal")
    with server.database.writing() as session:
        change(session, agreement_id, {"notice_received_on": None})
    renewals = days(server.events(), "Renewal")
    assert renewals == ["2026-04-15", "2027-04-15", "2028-04-15"]
    returned = server.on("Renewal", "2028-04-15")
    assert (sequence(returned), stamps(returned)) == (0, (NOW, NOW, NOW))
    assert server.get().since == first.since + timedelta(seconds=2), "two changes within a second"


def test_a_clock_that_is_behind_does_not_turn_stamps_back(
    server: Server, another_server: Server, agreement_id: UUID
) -> None:
    first = server.get()
    with server.database.writing() as session:
        change(session, agreement_id, {"title": "New"})
    second = another_server.get()
    assert another_server.now < NOW
    assert second.since == first.since + timedelta(seconds=1)
    for event in another_server.events().values():
        assert stamps(event) == (NOW, NOW, NOW)
    assert server.get() == second


@pytest.mark.usefixtures("agreement_id")
def test_the_date_of_the_bytes_moves_on_when_the_newest_is_removed(server: Server) -> None:
    first = server.get()
    server.now += HOUR
    with server.database.writing() as session:
        newest = entered(session, reference="newest")
    second = server.get()
    server.now += HOUR
    with server.database.writing() as session:
        agreements.remove(session, newest.id, frozenset({1}), reason=None, actor=OPERATOR, now=NOW)
    third = server.get()
    assert third.body == first.body
    assert [first.since, second.since, third.since] == [NOW, NOW + HOUR, NOW + 2 * HOUR]


@pytest.mark.usefixtures("agreement_id")
def test_midnight_within_a_month_changes_nothing(server: Server) -> None:
    first = server.get()
    for day in range(24, 31):
        server.now = StoppedClock(date(2026, 11, day)).now()
        server.publisher = a_publisher(server.database)
        assert server.get() == first


def test_a_new_month_moves_the_window(server: Server, agreement_id: UUID) -> None:
    with server.database.writing() as session:
        change(session, agreement_id, {"start_date": "2024-11-15"})
    november = server.get()
    assert days(server.events(), "Renewal") == [
        "2025-11-15",
        "2026-11-15",
        "2027-11-15",
        "2028-11-15",
    ]
    server.now = StoppedClock(date(2026, 12, 1)).now()
    december = server.get()
    assert days(server.events(), "Renewal") == ["2026-11-15", "2027-11-15", "2028-11-15"]
    assert december.etag != november.etag
    assert december.since == server.now
    assert set(sequences(server.events()).values()) == {0}


@pytest.mark.usefixtures("agreement_id")
def test_years_later_the_feed_still_looks_two_years_ahead(server: Server) -> None:
    server.now = StoppedClock(date(2036, 5, 2)).now()
    assert days(server.events(), "Renewal") == ["2036-04-15", "2037-04-15", "2038-04-15"]


def test_two_servers_take_turns_and_agree(
    server: Server, another_server: Server, agreement_id: UUID
) -> None:
    for number, title in enumerate(("A", "B", "C"), start=1):
        with server.database.writing() as session:
            change(session, agreement_id, {"title": title})
        one, other = (server, another_server)[:: 1 if number % 2 else -1]
        assert one.get() == other.get()
        assert one.get("it") == other.get("it")
    assert set(sequences(server.events()).values()) == {2}


@pytest.mark.usefixtures("agreement_id")
@pytest.mark.parametrize("stored", ["", "{", "null", "[]", "{}", '{"start_date": 7}'])
def test_an_agreement_whose_terms_cannot_be_read_keeps_the_dates_it_had(
    server: Server, stored: str
) -> None:
    with server.database.writing() as session:
        broken = entered(session, reference="broken", counterparty="Broken")
    whole = server.events()
    with server.database.writing() as session:
        sabotage(session, broken.id, terms=stored)
        register.raise_revision(session)
    server.now += HOUR
    assert server.events() == whole


@pytest.mark.usefixtures("agreement_id")
@pytest.mark.parametrize(
    "told",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        "{}",
        '{"dates": []}',
        '{"dates": {"party": "2027-01-01"}}',
        '{"dates": {"renewal": "soon"}}',
        '{"dates": {"renewal": 7}}',
        '{"dates": {"renewal": "2027-01-01"}}',
    ],
)
def test_a_term_that_cannot_be_told_is_left_out_and_the_rest_stays(
    server: Server, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with server.database.writing() as session:
        broken = entered(session, reference="broken", counterparty="Broken")
        session.execute(update(TermRow).where(TermRow.agreement_id == broken.id).values(told=told))
    assert days(server.events(), "Renewal") == ["2026-04-15", "2027-04-15", "2028-04-15"]
    assert f"agreement {broken.id} is left out of a feed" in caplog.text


def test_an_event_that_cannot_be_rendered_is_left_out(
    server: Server, agreement_id: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    with server.database.writing() as session:
        other = entered(session, reference="other").id
    endless = f"{BASE_URL}/{'x' * 3_000}"
    conditions = Conditions(endless, 12, 1_000, 1_000_000)
    server.publisher = Publisher(server.database, conditions, 10_000_000)
    published = server.get("it")
    assert [str(event["SUMMARY"]) for event in Calendar.from_ical(published.body).events]
    for one in (agreement_id, other):
        assert f"agreement {one} is left out of a feed" in caplog.text


class TestWhatPeopleDid:
    def test_a_settled_term_stops_shouting_and_starts_again_when_contested(
        self, server: Server, agreement_id: UUID
    ) -> None:
        start = server.on("Negotiation start", "2026-11-30")
        settle(server, agreement_id, "renew", "renew")
        assert "2026-11-30" not in days(server.events(), "Negotiation start")
        decided = server.on("Notice deadline", "2027-02-28")
        assert str(decided["SUMMARY"]).startswith("Renewal decided: ")
        assert sequence(decided) == 1
        settle(server, agreement_id, "do_not_renew")
        again = server.on("Negotiation start", "2026-11-30")
        assert str(again["SUMMARY"]).startswith("Negotiation start (contested): ")
        assert (again["UID"], sequence(again)) == (start["UID"], sequence(start) + 1)
        assert sequence(server.on("Notice deadline", "2027-02-28")) == 2

    def test_what_still_needs_a_letter_says_so(self, server: Server, agreement_id: UUID) -> None:
        settle(server, agreement_id, "do_not_renew", "do_not_renew")
        deadline = server.on("Notice deadline", "2027-02-28")
        assert str(deadline["SUMMARY"]).startswith("Notice deadline (decided: do not renew): ")
        with server.database.writing() as session:
            give(
                session,
                agreement_id,
                GivenNoticeForm.model_validate({"received_on": "2026-11-20"}),
                actor=OPERATOR,
                today=TODAY,
                now=NOW,
            )
        end = server.on("Term end", "2027-04-14")
        assert str(end["SUMMARY"]).startswith("Ends: ")
        assert "Notice given: known since Fri 20 Nov 2026" in str(end["DESCRIPTION"])
        assert "2027-02-28" not in days(server.events(), "Notice deadline")

    def test_a_moved_date_says_what_it_was_until_it_moves_again(
        self, server: Server, agreement_id: UUID
    ) -> None:
        first = server.on("Notice deadline", "2027-02-28")
        assert "moved" not in str(first["DESCRIPTION"])
        told = []
        turns: list[tuple[dict[str, Any], str]] = [
            ({"notice": length("60 days")}, "2027-02-13"),
            ({"title": "Another name"}, "2027-02-13"),
            ({"notice": length("45 days")}, "2027-02-28"),
        ]
        for number, (changes, day) in enumerate(turns, start=1):
            with server.database.writing() as session:
                change(session, agreement_id, changes)
            event = server.on("Notice deadline", day)
            assert (event["UID"], sequence(event)) == (first["UID"], number)
            told += [line for line in str(event["DESCRIPTION"]).splitlines() if "moved" in line]
            it = server.on("Notice deadline", day, "it")
            assert it["DESCRIPTION"] == event["DESCRIPTION"]
        assert told == [
            "This date has moved: it was Sun 28 Feb 2027 before.",
            "This date has moved: it was Sun 28 Feb 2027 before.",
            "This date has moved: it was Sat 13 Feb 2027 before.",
        ]

    def test_what_was_published_by_an_older_release_did_not_move(
        self, server: Server, agreement_id: UUID
    ) -> None:
        server.events()
        with server.database.writing() as session:
            session.execute(update(PublishedEvent).values(on_day=None, fingerprint="old"))
            change(session, agreement_id, {"notice": length("60 days")})
        event = server.on("Notice deadline", "2027-02-13")
        assert "moved" not in str(event["DESCRIPTION"])
        assert sequence(event) == 1

    def test_it_says_which_clauses_were_checked_and_until_when_that_is_good(
        self, server: Server, agreement_id: UUID
    ) -> None:
        for clause, line in (
            ("term", "Checked: not yet, against the contract: renewal, notice"),
            ("renewal", "Checked: not yet, against the contract: notice"),
            (
                "notice",
                "Checked: against the contract on Mon 23 Nov 2026, good until Tue 23 Nov 2027",
            ),
        ):
            form = VerificationForm.model_validate({"clause": clause, "quotation": "As it says."})
            with server.database.writing() as session:
                verify_clause(session, agreement_id, form, actor=OPERATOR, today=TODAY, now=NOW)
            event = server.on("Notice deadline", "2027-02-28")
            assert line in str(event["DESCRIPTION"]).splitlines()

    def test_what_was_removed_goes(self, server: Server, agreement_id: UUID) -> None:
        assert server.events()
        with server.database.writing() as session:
            agreements.remove(
                session,
                agreement_id,
                frozenset({1}),
                reason="Entered twice.",
                actor=OPERATOR,
                now=NOW,
            )
        (placeholder,) = server.events().values()
        assert placeholder["SUMMARY"] == "No renewal dates in this calendar"


def settle(server: Server, agreement_id: UUID, *choices: str) -> None:
    """Let the teams choose for the third term, IT first."""
    for side, choice in zip(("it", "procurement"), choices, strict=False):
        form = DecisionForm.model_validate({"choice": choice, "side": side, "reason": "So."})
        any_version = frozenset(range(100))
        with server.database.writing() as session:
            decide(
                session,
                agreement_id,
                3,
                form,
                any_version,
                actor=OPERATOR,
                today=TODAY,
                now=NOW,
            )


def test_text_that_got_in_by_hand_cannot_break_the_calendar(
    server: Server, agreement_id: UUID
) -> None:
    with server.database.writing() as session:
        sabotage(session, agreement_id, title="a\r\nEND:VEVENT\r\nb\u2028c", owner="\u202eeve")
    for event in server.events().values():
        assert "\n" not in str(event["SUMMARY"])
        assert "\u202e" not in str(event["DESCRIPTION"])


PRICED = {"annual_value": "120000.00", "currency": "EUR"}
MONTHLY = {
    "renewal": {"kind": "auto", "term": length("1 month")},
    "notice": length("5 days"),
    "lead_days": 0,
}
EXAMPLE = (Path(__file__).parents[2] / "examples/register.csv").read_bytes()


def defined(server: Server, key: str = "finance", **definition: Any) -> UUID:  # noqa: ANN401
    """Define a feed and return its id."""
    form = FeedForm.model_validate({"name": "Finance", "key": key, **definition})
    with server.database.writing() as session:
        found: UUID = define(session, form, actor=OPERATOR, now=NOW)["id"]
    return found


def redefined(server: Server, feed_id: UUID, **changes: Any) -> None:  # noqa: ANN401
    with server.database.writing() as session:
        any_version = frozenset(range(100))
        change_feed(session, feed_id, any_version, changes, actor=OPERATOR, now=server.now)


def fed(server: Server, key: str = "finance") -> Row:
    with server.database.reading() as session:
        feed = feeds.by_key(session, key)
    assert feed is not None
    return feed


def titles(server: Server, key: str = "finance") -> set[str]:
    return {str(event["SUMMARY"]).rpartition(" ")[2] for event in server.events(key).values()}


def description_of(body: bytes) -> str:
    return str(Calendar.from_ical(body)["DESCRIPTION"])


def last_modified(events: dict[str, Event]) -> dict[str, datetime]:
    return {uid: event.decoded("LAST-MODIFIED") for uid, event in events.items()}


def imported(session: Session, content: bytes) -> None:
    planned = imports.plan(session, content, now=NOW, max_rows=1_000)
    imports.carry_out(session, planned, actor=OPERATOR, now=NOW)


class TestWhichDatesAFeedShows:
    @pytest.mark.parametrize(
        ("filters", "shown"),
        [
            ({}, {"ours", "other"}),
            ({"counterparty": "Contoso"}, {"ours"}),
            ({"owner": "Ada"}, {"ours"}),
            ({"kind": "saas"}, {"ours"}),
            ({"criticality": "high"}, {"ours"}),
            ({"spend_class": "core"}, {"ours"}),
            ({"tag": "vpn"}, {"ours"}),
            ({"q": "CONTOSO"}, {"ours"}),
            ({"q": "ref-7"}, {"ours"}),
            ({"owner": "Ada", "tag": "vpn", "q": "ours"}, {"ours"}),
            ({"owner": "Ada", "kind": "other"}, {"calendar"}),
            ({"owner": "ada"}, {"calendar"}),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
    )
    def test_a_feed_shows_the_agreements_that_pass_its_filters(
        self, server: Server, filters: dict[str, str], shown: set[str]
    ) -> None:
        with server.database.writing() as session:
            entered(session, title="other")
            entered(
                session,
                title="ours",
                reference="REF-7",
                counterparty="Contoso",
                owner="Ada",
                kind="saas",
                criticality="high",
                spend_class="core",
                tags=["wan", "vpn"],
            )
        defined(server, filters=filters)
        assert titles(server) == shown

    def test_filters_are_saved_so_what_is_entered_later_shows_as_well(
        self, server: Server, agreement_id: UUID
    ) -> None:
        defined(server, filters={"owner": "Ada"})
        assert titles(server) == {"calendar"}
        with server.database.writing() as session:
            later = entered(session, reference="later", title="later", owner="Ada").id
        assert titles(server) == {"later"}
        with server.database.writing() as session:
            change(session, agreement_id, {"owner": "Ada"})
            change(session, later, {"owner": "Grace"})
        assert titles(server) == {"servers"}

    @pytest.mark.parametrize(
        ("definition", "kinds"),
        [
            ({"team": "it"}, KINDS_OF_IT - {"Term end"}),
            ({"team": "procurement"}, KINDS_OF_IT - {"Term end"} | {"Send-by date"}),
            ({"team": "both"}, KINDS_OF_IT - {"Term end"} | {"Send-by date"}),
            ({"team": "it", "kinds": ["send_by"]}, {"Send-by date"}),
            ({"kinds": ["renewal", "notice_deadline"]}, {"Renewal", "Notice deadline"}),
        ],
        ids=["it", "procurement", "both", "one kind beside the team's", "two kinds"],
    )
    def test_a_feed_shows_the_kinds_of_its_team_or_those_it_names(
        self, server: Server, definition: dict[str, Any], kinds: set[str]
    ) -> None:
        with server.database.writing() as session:
            entered(session, notice={**length("45 days"), "delivery": length("2 days")})
        defined(server, **definition)
        shown = server.events("finance")
        assert {category_of(event) for event in shown.values()} == kinds
        of_procurement = server.events("procurement")
        assert all(of_procurement[uid] == event for uid, event in shown.items())

    @pytest.mark.parametrize(
        ("back", "ahead", "first", "last"),
        [
            (0, 1, "2026-11-15", "2026-12-15"),
            (1, 2, "2026-10-15", "2027-01-15"),
            (12, 24, "2025-11-15", "2028-11-15"),
            (60, 60, "2021-11-15", "2031-11-15"),
        ],
    )
    def test_a_window_is_of_whole_months_around_this_one(
        self, server: Server, back: int, ahead: int, first: str, last: str
    ) -> None:
        with server.database.writing() as session:
            entered(session, start_date="2019-01-15", **MONTHLY)
        defined(server, months_back=back, months_ahead=ahead, kinds=["renewal"])
        for day in (1, 23, 30):
            server.now = StoppedClock(date(2026, 11, day)).now()
            shown = days(server.events("finance"), "Renewal")
            assert (shown[0], shown[-1], len(shown)) == (first, last, back + ahead + 1)

    @pytest.mark.usefixtures("agreement_id")
    def test_bytes_change_with_the_month_and_on_no_other_day(self, server: Server) -> None:
        with server.database.writing() as session:
            entered(session, reference="monthly", start_date="2024-01-15", **MONTHLY)
        found: list[tuple[str, str]] = []
        for number in range(70):
            server.now = StoppedClock(date(2026, 11, 23) + timedelta(days=number)).now()
            published = server.get()
            if not found or found[-1][0] != published.etag:
                found.append((published.etag, f"{published.since:%Y-%m-%d}"))
        assert [since for _, since in found] == ["2026-11-23", "2026-12-01", "2027-01-01"]
        assert set(sequences(server.events()).values()) == {0}


class TestHowMuchAFeedHolds:
    @pytest.fixture
    def many(self, server: Server) -> list[tuple[str, str]]:
        """Enter 40 agreements; all their dates, from this month on, then the past ones."""
        with server.database.writing() as session:
            for number in range(40):
                start = f"2024-{number % 12 + 1:02}-15"
                entered(session, reference=f"R-{number}", start_date=start)
        every = sorted((day_of(event), uid) for uid, event in server.events().items())
        ahead = [one for one in every if one[0] >= "2026-11-01"]
        return ahead + [one for one in reversed(every) if one[0] < "2026-11-01"]

    def shown(self, server: Server) -> list[str]:
        return sorted(server.events())

    def test_all_there_is_fits_as_a_rule(self, server: Server, many: list[tuple[str, str]]) -> None:
        assert len(many) > 300
        assert "Shortened" not in description_of(server.get().body)
        assert (fed(server, "procurement")["shown"], fed(server, "procurement")["cut"]) == (
            len(many),
            0,
        )

    @pytest.mark.parametrize("most", [2, 8, 201, 321])
    def test_what_is_nearest_stays_when_there_are_too_many(
        self, server: Server, many: list[tuple[str, str]], most: int
    ) -> None:
        server.publisher = a_publisher(server.database, most_events=most)
        nearest = many[: most - 1]
        assert self.shown(server) == sorted(uid for _, uid in nearest)
        first, last = (say_day(date.fromisoformat(pick(nearest)[0])) for pick in (min, max))
        said = (
            f" Shortened to the nearest {most - 1} of {len(many)} dates, from {first} to {last},"
            " for some calendar programs take no more;"
            " a calendar of fewer agreements or kinds shows them all."
        )
        assert description_of(server.get().body).endswith(said)
        feed = fed(server, "procurement")
        assert (feed["shown"], feed["cut"]) == (most - 1, len(many) - most + 1)

    @pytest.mark.parametrize("most", [13_500, 20_000, 60_000, 250_000])
    def test_bytes_are_really_below_the_limit(
        self, server: Server, many: list[tuple[str, str]], most: int
    ) -> None:
        awkward = {"name": "\N{SATELLITE},;" * 66, "description": "\N{SATELLITE},;" * 66}
        feed_id = defined(server, **awkward)
        server.publisher = a_publisher(server.database, most_bytes=most)
        for key in ("finance", "procurement"):
            published = server.get(key)
            assert len(published.body) < most
            shown = sorted(server.events(key))
            assert shown == sorted(uid for _, uid in many[: len(shown)])
            assert most - len(published.body) < 15_000, "the room is used"
            assert f"nearest {len(shown)} of {len(many)} dates" in description_of(published.body)
        assert feed_id == fed(server)["id"]

    def test_where_nothing_fits_the_feed_says_so(
        self, server: Server, many: list[tuple[str, str]]
    ) -> None:
        server.publisher = a_publisher(server.database, most_bytes=12_001)
        published = server.get()
        (event,) = server.events().values()
        assert event["SUMMARY"] == "No renewal dates in this calendar"
        said = f" Shortened: none of {len(many)} dates fits into it."
        assert description_of(published.body).endswith(said)

    @pytest.mark.usefixtures("many")
    def test_midnight_within_a_month_changes_nothing_of_a_shortened_feed(
        self, server: Server
    ) -> None:
        server.publisher = a_publisher(server.database, most_events=7)
        first = server.get()
        for day in (1, 15, 30):
            server.now = StoppedClock(date(2026, 11, day)).now()
            assert server.get().body == first.body


class TestAmountsNotesAndAlarms:
    def test_they_are_off_unless_asked_for(self, server: Server) -> None:
        with server.database.writing() as session:
            entered(session, **PRICED, notes="Ask Ada.")
        defined(server)
        for key in ("it", "procurement", "finance"):
            body = server.get(key).body
            assert not any(word in body for word in (b"EUR", b"Ask Ada", b"VALARM"))

    @pytest.mark.parametrize(
        "changes",
        [
            {"annual_value": "130000.00"},
            {"total_value": "9.00"},
            {"currency": "USD"},
            {"notes": "Ask Grace."},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_a_change_of_them_shows_only_where_they_do(
        self, server: Server, changes: dict[str, str]
    ) -> None:
        with server.database.writing() as session:
            one = entered(session, **PRICED, notes="Ask Ada.").id
        defined(server, amounts=True, notes=True)
        plain = {key: server.get(key) for key in ("it", "procurement")}
        server.get("finance")
        server.now += HOUR
        with server.database.writing() as session:
            change(session, one, changes)
        for key, before in plain.items():
            after = server.get(key)
            assert (after.body, after.etag, after.since) == (
                before.body,
                before.etag,
                before.since,
            )
            assert set(sequences(server.events(key)).values()) == {0}
        assert set(sequences(server.events("finance")).values()) == {1}
        assert server.get("finance").since == server.now

    def test_the_price_shown_follows_amendments(self, server: Server) -> None:
        with server.database.writing() as session:
            one = entered(session, **PRICED).id
        defined(server, amounts=True)
        plain = server.get()
        assert "Locked in if it renews: 120,000.00 EUR" in self.told(server)
        server.now += HOUR
        with server.database.writing() as session:
            amended(session, one, "2027-04-15", annual_value="150000.00")
        assert "Value a year: 120,000.00 EUR" in self.told(server)
        assert "Locked in if it renews: 150,000.00 EUR" in self.told(server)
        assert sequence(server.on("Notice deadline", "2027-02-28", "finance")) == 1
        assert server.get().body == plain.body

    def told(self, server: Server) -> list[str]:
        event = server.on("Notice deadline", "2027-02-28", "finance")
        return str(event["DESCRIPTION"]).splitlines()

    def test_switching_them_never_turns_an_event_back(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            change(session, agreement_id, {**PRICED, "notes": "Ask Ada."})
        feed_id = defined(server)
        turns: list[dict[str, Any]] = [
            {"amounts": True},
            {"alarm_days_before": 1},
            {"amounts": False},
            {"notes": True, "alarm_days_before": None},
            {"notes": False},
            {"amounts": True, "notes": True, "alarm_days_before": 0},
            {"amounts": False, "notes": False, "alarm_days_before": None},
        ]
        before, since = server.events("finance"), server.get("finance").since
        for number, changes in enumerate(turns):
            # Another server's clock is behind now and then, and others edit meanwhile.
            server.now = NOW + (number % 3) * HOUR
            redefined(server, feed_id, **changes)
            if number % 2:
                with server.database.writing() as session:
                    change(session, agreement_id, {"title": f"Backup {number}"})
                server.events()
            after = server.events("finance")
            assert after.keys() == before.keys()
            for uid, event in after.items():
                assert sequence(event) > sequence(before[uid])
                assert last_modified(after)[uid] >= last_modified(before)[uid]
            assert server.get("finance").since > since
            before, since = after, server.get("finance").since

    def test_switching_them_in_one_feed_changes_no_other(
        self, server: Server, agreement_id: UUID
    ) -> None:
        feed_id = defined(server)
        first = server.get()
        redefined(server, feed_id, notes=True, alarm_days_before=1)
        server.get("finance")
        with server.database.writing() as session:
            change(session, agreement_id, {"notes": "Ask Ada."})
        server.get("finance")
        same = server.get()
        assert (same.body, same.since) == (first.body, first.since)


class TestTheSameEventEverywhere:
    def test_an_event_is_the_same_in_every_feed_and_file(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            change(session, agreement_id, PRICED)
        wide: dict[str, Any] = {
            "months_back": 60,
            "months_ahead": 60,
            "amounts": True,
            "alarm_days_before": 1,
        }
        defined(server, **wide)
        of_all = server.events("finance")
        for key in ("it", "procurement"):
            assert server.events(key).keys() < of_all.keys()
        single = self.one_agreement(server, agreement_id)
        procurement = server.events("procurement")
        assert single == procurement
        for uid, event in procurement.items():
            assert (category_of(event), day_of(event)) == (
                category_of(of_all[uid]),
                day_of(of_all[uid]),
            )

    def one_agreement(self, server: Server, agreement_id: UUID) -> dict[str, Event]:
        body = server.publisher.one_agreement(agreement_id, today=server.now.date(), now=server.now)
        return {str(event["UID"]): event for event in Calendar.from_ical(body).events}

    def test_a_file_of_one_agreement_is_called_by_its_name(
        self, server: Server, agreement_id: UUID
    ) -> None:
        body = server.publisher.one_agreement(agreement_id, today=TODAY, now=NOW)
        assert body == server.publisher.one_agreement(agreement_id, today=TODAY, now=NOW + HOUR)
        calendar = Calendar.from_ical(body)
        name = str(calendar["X-WR-CALNAME"]).replace("\\", "")
        assert name == "Northwind Software – Backup software, 400 servers"  # noqa: RUF001
        assert description_of(body) == "The renewal dates of IT-2024-017."
        with server.database.writing() as session:
            change(session, agreement_id, {"title": "New"})
        changed = self.one_agreement(server, agreement_id)
        assert set(sequences(changed).values()) == {1}
        assert changed == server.events()

    def test_a_file_of_an_agreement_without_dates_says_so(self, server: Server) -> None:
        with server.database.writing() as session:
            silent = {"renewal": {"kind": "perpetual"}, "initial_term": None, "notice": None}
            one = entered(session, **silent).id
        (event,) = self.one_agreement(server, one).values()
        assert event["SUMMARY"] == "No renewal dates in this calendar"

    def test_there_is_no_file_of_an_agreement_that_is_gone(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            any_version = frozenset(range(9))
            agreements.remove(
                session, agreement_id, any_version, reason=None, actor=OPERATOR, now=NOW
            )
        for gone in (agreement_id, uuid4()):
            with pytest.raises(NotFound, match="no agreement with this id"):
                server.publisher.one_agreement(gone, today=TODAY, now=NOW)

    def test_an_event_is_the_same_on_every_server(
        self, server: Server, another_server: Server
    ) -> None:
        with server.database.writing() as session:
            imported(session, EXAMPLE)
        for key in ("it", "procurement"):
            assert server.get(key) == another_server.get(key)
        assert len(server.events()) > 10

    def test_the_same_file_again_changes_no_byte(self, server: Server) -> None:
        with server.database.writing() as session:
            imported(session, EXAMPLE)
        first = server.get()
        server.now += HOUR
        with server.database.writing() as session:
            imported(session, EXAMPLE)
        assert server.get() == first
        server.publisher = a_publisher(server.database)
        assert server.get() == first

    @pytest.mark.parametrize(
        "changes",
        [{"counterparty": "Contoso"}, {"notice": length("60 days")}, {"title": "New"}],
        ids=lambda changes: next(iter(changes)),
    )
    def test_no_change_makes_another_event_of_it(
        self, server: Server, agreement_id: UUID, changes: dict[str, Any]
    ) -> None:
        uids = server.events().keys()
        with server.database.writing() as session:
            newest = entered(session, reference="newest").id
            change(session, agreement_id, changes)
        assert uids < server.events().keys()
        with server.database.writing() as session:
            agreements.remove(session, newest, frozenset({1}), reason=None, actor=OPERATOR, now=NOW)
        assert server.events().keys() == uids

    def test_another_feed_or_month_makes_no_other_event_of_it(
        self, server: Server, agreement_id: UUID
    ) -> None:
        november = server.events()
        server.now = StoppedClock(date(2026, 12, 1)).now()
        december = server.events()
        shared = november.keys() & december.keys()
        assert len(shared) > 5
        assert all(december[uid] == november[uid] for uid in shared)
        assert self.one_agreement(server, agreement_id) == december

    def test_a_restored_backup_makes_no_other_event_and_is_outrun(
        self, server: Server, agreement_id: UUID, tmp_path: Path
    ) -> None:
        feed_id = defined(server, amounts=True, alarm_days_before=1)
        keys = ("procurement", "finance")
        for key in keys:
            server.get(key)
        for _ in range(2):  # what was outrun once can be outrun again
            self.lose_and_restore(server, agreement_id, feed_id, tmp_path)

    def lose_and_restore(
        self, server: Server, agreement_id: UUID, feed_id: UUID, tmp_path: Path
    ) -> None:
        keys = ("procurement", "finance")
        restore = backed_up(server.database, tmp_path)
        backup = {key: server.get(key) for key in keys}
        for number in range(4):
            server.now += HOUR
            redefined(server, feed_id, amounts=bool(number % 2))
            with server.database.writing() as session:
                change(session, agreement_id, {"title": f"Title {number}", **PRICED})
            for key in keys:
                server.get(key)
        seen = {key: server.events(key) for key in keys}
        last = {key: server.get(key) for key in keys}
        restore()
        server.publisher = a_publisher(server.database)
        assert {key: server.get(key) for key in keys} == backup, "as it was, and so too early"
        server.now += HOUR
        with server.database.writing() as session:
            outrun(session, actor=OPERATOR, now=server.now)
        for key in keys:
            events, published = server.events(key), server.get(key)
            assert events.keys() == seen[key].keys()
            for uid, event in events.items():
                assert sequence(event) > sequence(seen[key][uid])
                assert last_modified(events)[uid] > last_modified(seen[key])[uid]
            assert published.since > last[key].since
            assert published.etag not in (last[key].etag, backup[key].etag)
        assert server.get() == server.get()

    def test_a_backup_may_be_restored_while_servers_keep_what_they_rendered(
        self, server: Server, agreement_id: UUID, tmp_path: Path
    ) -> None:
        server.get()
        restore = backed_up(server.database, tmp_path)
        with server.database.writing() as session:
            change(session, agreement_id, {"title": "Lost"})
        assert titles(server, "procurement") == {"Lost"}
        restore()
        with server.database.writing() as session:
            outrun(session, actor=OPERATOR, now=NOW)
            change(session, agreement_id, {"title": "Found"})
        assert titles(server, "procurement") == {"Found"}


def backed_up(database: Database, folder: Path) -> Callable[[], None]:
    """Make a backup of a register and return what puts it back."""
    if database.is_sqlite:
        path, copy = str(database.url.database), folder / "backup.db"
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)

        def put_file_back() -> None:
            database.close()
            for rest in ("-wal", "-shm"):
                Path(f"{path}{rest}").unlink(missing_ok=True)
            shutil.copy(copy, path)

        return put_file_back
    tables = Base.metadata.sorted_tables
    with database.reading() as session:
        dump = {
            table: [dict(row) for row in session.execute(table.select()).mappings()]
            for table in tables
        }

    def put_rows_back() -> None:
        with database.writing() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE"))
            for table, rows in dump.items():
                if rows:
                    session.execute(insert(table), rows)

    return put_rows_back


class TestWhatIsKeptIsRight:
    def test_only_what_changed_is_rendered_anew(self, server: Server, agreement_id: UUID) -> None:
        with server.database.writing() as session:
            other = entered(session, reference="other", title="other").id
        server.get()
        with server.database.writing() as session:
            # Nobody says that this one changed: so whoever looks at it again tells.
            sabotage(session, other, title="rendered-anew")
            change(session, agreement_id, {"title": "changed"})
        assert titles(server, "procurement") == {"changed", "other"}
        server.publisher = a_publisher(server.database)
        assert titles(server, "procurement") == {"changed", "rendered-anew"}

    @pytest.mark.parametrize("most_kept_bytes", [0, 1, 3_000, 20_000])
    def test_a_tiny_bound_still_gives_the_right_bytes(
        self, server: Server, agreement_id: UUID, most_kept_bytes: int
    ) -> None:
        with server.database.writing() as session:
            for number in range(5):
                entered(session, reference=f"R-{number}", title=f"R-{number}")
        tiny = Server(
            server.database, a_publisher(server.database, most_kept_bytes=most_kept_bytes)
        )
        for title in ("A", "B"):
            with server.database.writing() as session:
                change(session, agreement_id, {"title": title})
            for key in ("it", "procurement", "it"):
                published = tiny.get(key)
                assert published == server.get(key)
                compressed = tiny.publisher.compressed(published)
                assert gzip.decompress(compressed) == published.body

    def test_a_child_follows_the_parent_it_ends_with(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            child = entered(
                session, reference="child", title="child", parent_id=agreement_id,
                co_terminous=True, start_date="2024-06-01", initial_term=None, renewal=None,
                notice=None,
            ).id  # fmt: skip
        defined(server, filters={"q": "child"}, kinds=["renewal"])
        assert days(server.events("finance"), "Renewal")[:2] == ["2026-04-15", "2027-04-15"]
        server.now += HOUR
        with server.database.writing() as session:
            amended(session, agreement_id, "2027-04-15", end_date="2027-12-31")
        events = server.events("finance")
        assert "2028-01-01" in days(events, "Renewal")
        assert child in {UUID(str(event["URL"]).rpartition("/")[2]) for event in events.values()}
        with server.database.writing() as session:
            change(session, agreement_id, {"start_date": "2024-05-15"})
        assert days(server.events("finance"), "Renewal")[0] == "2026-05-15"

    def test_a_new_lead_time_policy_shows(self, server: Server, agreement_id: UUID) -> None:
        with server.database.writing() as session:
            change(session, agreement_id, {"lead_days": None})
        assert "2027-01-14" not in days(server.events(), "Negotiation start")
        form = LeadTimeRows.model_validate({"rows": [{"name": "anything", "days": 45}]})
        with server.database.writing() as session:
            lead_times.replace(session, form, frozenset({1}), actor=OPERATOR, now=NOW)
        assert "2027-01-14" in days(server.events(), "Negotiation start")

    def test_what_is_kept_is_the_last_of_each_feed(
        self, server: Server, agreement_id: UUID
    ) -> None:
        feed_id = fed(server, "procurement")["id"]
        assert server.publisher.last_of(feed_id) is None
        first = server.get()
        assert server.publisher.last_of(feed_id) == first
        assert server.publisher.last_of(fed(server, "it")["id"]) is None
        with server.database.writing() as session:
            change(session, agreement_id, {"title": "New"})
        second = server.get()
        assert second.body != first.body
        assert server.publisher.last_of(feed_id) == second

    def test_bytes_are_compressed_once_and_alike_on_every_server(
        self, server: Server, another_server: Server, agreement_id: UUID
    ) -> None:
        first = server.get()
        assert server.publisher.kept_compressed(first) is None
        compressed = server.publisher.compressed(first)
        assert gzip.decompress(compressed) == first.body
        assert server.publisher.kept_compressed(first) is compressed
        assert server.publisher.compressed(first) is compressed
        assert another_server.publisher.compressed(another_server.get()) == compressed
        with server.database.writing() as session:
            change(session, agreement_id, {"title": "New"})
        second = server.get()
        assert server.publisher.kept_compressed(second) is None
        assert gzip.decompress(server.publisher.compressed(second)) == second.body

    def test_a_feed_that_is_gone_has_no_bytes(self, server: Server) -> None:
        feed_id = defined(server)
        server.get("finance")
        with server.database.writing() as session:
            feeds.replace(session, feed_id, {"removed_at": NOW})
        for gone in (feed_id, uuid4()):
            with pytest.raises(NotFound, match="no feed with this id"):
                server.publisher.publish(gone, today=TODAY, now=NOW)


class TestWhatCannotBeRendered:
    def left_out(self, server: Server, key: str = "procurement") -> list[str]:
        found = json.loads(fed(server, key)["left_out"])
        assert isinstance(found, list)
        return found

    def test_it_is_left_out_counted_and_back_once_it_is_corrected(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            entered(session, reference="other", title="other")
        whole = server.events()
        assert self.left_out(server) == []
        with server.database.writing() as session:
            session.execute(
                update(TermRow)
                .where(TermRow.agreement_id == agreement_id)
                .values(told='{"dates": {"renewal": 7}}')
            )
            register.raise_revision(session)
        server.publisher = a_publisher(server.database)
        assert titles(server, "procurement") == {"other"}
        assert self.left_out(server) == [str(agreement_id)]
        server.now += HOUR
        with server.database.writing() as session:
            change(session, agreement_id, {"title": "corrected"})
        mended = server.events()
        assert mended.keys() == whole.keys()
        assert titles(server, "procurement") == {"corrected", "other"}
        assert self.left_out(server) == []

    def test_a_price_broken_by_hand_leaves_out_that_agreement_alone(
        self, server: Server, agreement_id: UUID
    ) -> None:
        with server.database.writing() as session:
            entered(session, reference="other", title="other", **PRICED)
            change(session, agreement_id, PRICED)
            sabotage(session, agreement_id, annual_value="much")
        defined(server, amounts=True)
        assert titles(server) == {"other"}
        assert self.left_out(server, "finance") == [str(agreement_id)]
        assert titles(server, "procurement") == {"other", "servers"}
        assert self.left_out(server) == []

    def test_a_hundred_are_named_and_no_more(self, server: Server) -> None:
        with server.database.writing() as session:
            ids = sorted(str(entered(session, reference=f"R-{n}").id) for n in range(103))
            session.execute(update(TermRow).values(told="{"))
        assert len(server.events()) == 1
        assert self.left_out(server) == ids[:100]


class Interrupted(Database):
    """A database over which others get their turn before each of our writes but the first."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.others: list[Callable[[], object]] = []
        self.writes = 0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self.writes += 1
        if self.writes > 1 and self.others:
            self.others.pop(0)()
        with super().writing() as session:
            yield session


class TestServersThatRace:
    @pytest.fixture
    def overtaken(self, database_url: str, server: Server) -> Iterator[Server]:
        """Serve the same installation from a process that others overtake."""
        opened = Interrupted(database_url)
        yield Server(opened, a_publisher(opened), now=server.now)
        opened.close()

    def overtake(self, overtaken: Server, *others: Callable[[], object]) -> None:
        assert isinstance(overtaken.database, Interrupted)
        overtaken.database.writes = 0
        overtaken.database.others = list(others)

    def test_who_was_overtaken_takes_up_the_later_state(
        self, server: Server, overtaken: Server, agreement_id: UUID
    ) -> None:
        first = server.get()

        def edit(title: str) -> None:
            with server.database.writing() as session:
                change(session, agreement_id, {"title": title})

        def edit_and_serve(title: str) -> None:
            edit(title)
            server.get()

        edit("rendered, and overtaken by A")
        self.overtake(
            overtaken,
            partial(edit_and_serve, "A"),
            partial(edit, "taken up, and overtaken by C"),
            partial(edit_and_serve, "C"),
        )
        found = overtaken.publisher.publish(first.feed_id, today=TODAY, now=NOW)
        assert found == server.get()
        assert titles(overtaken, "procurement") == {"C"}
        assert found.since > first.since
        feed = fed(server, "procurement")
        assert (feed["rendered_for"], feed["body_hash"]) == (found.state, found.body_hash)

    @pytest.mark.usefixtures("agreement_id")
    def test_who_comes_second_with_the_same_bytes_agrees(
        self, server: Server, overtaken: Server
    ) -> None:
        feed_id = fed(server, "procurement")["id"]
        self.overtake(overtaken, server.get)
        assert overtaken.publisher.publish(feed_id, today=TODAY, now=NOW + HOUR) == server.get()
        assert server.get().since == NOW

    @pytest.mark.usefixtures("agreement_id")
    def test_a_feed_that_is_removed_meanwhile_is_gone(
        self, server: Server, overtaken: Server
    ) -> None:
        feed_id = defined(server)

        def remove() -> None:
            with server.database.writing() as session:
                feeds.replace(session, feed_id, {"removed_at": NOW, "rendered_for": "x"})

        self.overtake(overtaken, remove)
        with pytest.raises(NotFound):
            overtaken.publisher.publish(feed_id, today=TODAY, now=NOW)

    def test_the_same_state_is_the_same_bytes_whoever_renders_it(
        self, server: Server, another_server: Server, agreement_id: UUID
    ) -> None:
        feed_id = server.get().feed_id

        def render(turn: int) -> Published:
            one = (server, another_server)[turn % 2]
            return one.publisher.publish(feed_id, today=TODAY, now=NOW + turn * HOUR)

        def edit() -> None:
            for number in range(8):
                with server.database.writing() as session:
                    change(session, agreement_id, {"title": f"Title {number}"})

        with ThreadPoolExecutor(5) as threads:
            editing = threads.submit(edit)
            found: Sequence[Published] = list(threads.map(render, range(24)))
            editing.result()
        by_state = {one.state: one for one in found}
        assert all((one.body, one.since) == self.of(by_state, one) for one in found)
        in_order = sorted(by_state.values(), key=lambda one: one.revision)
        moments = [one.since for one in in_order]
        assert moments == sorted(set(moments)), "later bytes are dated later"
        assert server.get() == another_server.get()

    def of(self, by_state: dict[str, Published], one: Published) -> tuple[bytes, datetime]:
        return by_state[one.state].body, by_state[one.state].since
