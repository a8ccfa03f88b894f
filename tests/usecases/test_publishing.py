"""A feed changes when the register changes, and at no other time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar, Event
from sqlalchemy import update

from app.clock import StoppedClock
from app.records import feeds, register
from app.records.engine import Database, Session
from app.records.tables import PublishedEvent, TermRow
from app.usecases import agreements
from app.usecases.act_forms import DecisionForm, GivenNoticeForm, VerificationForm
from app.usecases.decisions import decide
from app.usecases.notices import give
from app.usecases.publishing import Conditions, Published, Publisher
from app.usecases.register import state_of_register
from app.usecases.verifications import verify_clause
from tests.builders import NOW, OPERATOR, TODAY, a_publisher, entered, length, sabotage

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
