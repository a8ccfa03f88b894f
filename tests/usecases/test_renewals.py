"""The work list says what needs somebody, soonest first, and goes on page by page."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.records.agreements import Filters
from app.records.engine import Database, Session
from app.records.tables import TermRow
from app.renewals.acts import DecisionState
from app.renewals.alarms import Alarm
from app.renewals.months import add_months
from app.usecases import renewals
from app.usecases.agreements import remove
from app.usecases.register import extend
from app.usecases.renewals import Due, Look, Place, Wanted, WorkList, work_list, work_list_known
from tests.builders import (
    IT,
    PROCUREMENT,
    acknowledged,
    amended,
    checked,
    decided,
    entered,
    length,
    noticed,
    on,
    settled,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is
# 23 November 2026, in term 3, whose deadline is 28 February 2027.
FIRST, LAST = date(2026, 11, 23), date(2028, 11, 22)
ALL = ("term", "renewal", "notice")
EVERYTHING = Filters()


def a_look(day: str = "2026-11-23", **changes: Any) -> Look:  # noqa: ANN401 - fields of any type
    first = date.fromisoformat(day)
    look = Look(day=first, first=first, last=add_months(first, 24), only_next=True, good_for=12)
    return replace(look, **changes)


def listed(
    session: Session,
    *,
    only_next: bool = True,
    after: Place | None = None,
    limit: int = 50,
    filters: Filters = EVERYTHING,
) -> WorkList:
    look = Look(day=FIRST, first=FIRST, last=LAST, only_next=only_next, good_for=12)
    return work_list(session, filters, look, after=after, limit=limit, today=FIRST)


def seen_on(session: Session, day: str, today: str | None = None, **wanted: Any) -> list[Due]:  # noqa: ANN401 - fields of any type
    """Return the list of a day as it is looked at on that day, or later."""
    extend(session, date.fromisoformat(day), add_months(date.fromisoformat(day), 24))
    looked_at = date.fromisoformat(today or day)
    look = a_look(day, wanted=Wanted(**wanted))
    return work_list(session, EVERYTHING, look, after=None, limit=50, today=looked_at).items


def places(found: WorkList) -> list[tuple[UUID, str]]:
    return [(due.row["agreement_id"], due.row["act_by"].isoformat()) for due in found.items]


def told(items: list[Due]) -> list[tuple[int, int, str, list[str]]]:
    """Return each term's number, days left, decision and alarms, but for unchecked clauses."""
    return [
        (
            due.row["number"],
            due.days_left,
            due.decision.value,
            [alarm.value for alarm in due.alarms if alarm is not Alarm.UNVERIFIED],
        )
        for due in items
    ]


def test_each_agreement_stands_there_with_its_next_decision(database: Database) -> None:
    with database.writing() as session:
        renewing = entered(session, reference="A", start_date="2026-04-15").id
        ending = entered(
            session, reference="B", start_date="2026-01-01", renewal=None, notice=None
        ).id
        soon = entered(session, reference="C", start_date="2026-01-20").id
        found = listed(session)
    assert places(found) == [(soon, "2026-12-05"), (ending, "2026-12-31"), (renewing, "2027-02-28")]
    assert (found.after, found.left_out) == (None, 0)


def test_what_was_missed_stands_first_until_it_is_acknowledged(database: Database) -> None:
    with database.writing() as session:
        other = entered(session, reference="A", start_date="2026-12-20").id
        one = entered(session, reference="B").id
        assert told(seen_on(session, "2027-02-28"))[0] == (3, 0, "undecided", ["negotiation_late"])
        missed, nearing, next_one = seen_on(session, "2027-03-01")
        assert [due.row["agreement_id"] for due in (missed, nearing, next_one)] == [one, other, one]
        assert told([missed]) == [(3, -1, "undecided", ["missed"])]
        acknowledged(session, one, 3, "2027-03-05", "Holidays.")
        assert told(seen_on(session, "2027-03-05")) == [
            (1, 244, "undecided", []),
            (4, 361, "undecided", []),
        ]
        # On the days before, it was missed: that does not change.
        earlier = seen_on(session, "2027-03-04", "2027-03-05")
        assert told(earlier)[0] == (3, -4, "undecided", ["missed"])


def test_a_deadline_missed_years_ago_stays(database: Database) -> None:
    with database.writing() as session:
        entered(session)
        found = seen_on(session, "2030-03-01")
    assert told(found)[:4] == [
        (3, -1097, "undecided", ["missed"]),
        (4, -731, "undecided", ["missed"]),
        (5, -366, "undecided", ["missed"]),
        (6, -1, "undecided", ["missed"]),
    ]


def test_what_was_over_before_it_was_entered_is_history(database: Database) -> None:
    with database.writing() as session:
        entered(session, start_date="2025-01-01", renewal=None)
        extend(session, date(2020, 1, 1), LAST)
        assert seen_on(session, "2026-11-23") == []


def test_a_range_tells_every_term_of_it_and_nothing_before(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        assert places(listed(session, only_next=False)) == [
            (one, "2027-02-28"),
            (one, "2028-02-29"),
        ]
        look = a_look("2027-03-01", only_next=False)
        found = work_list(session, EVERYTHING, look, after=None, limit=9, today=look.day)
        assert places(found) == [(one, "2028-02-29"), (one, "2029-02-28")]


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    with database.writing() as session:
        for number in range(5):
            entered(session, reference=f"R-{number}", lead_days=number)
        whole = places(listed(session, only_next=False))
        paged: list[tuple[UUID, str]] = []
        after: Place | None = None
        for size in (3, 3, 3, 1):
            found = listed(session, only_next=False, after=after, limit=3)
            assert len(found.items) == size
            paged += places(found)
            after = found.after
    assert after is None
    assert paged == whole
    assert len(whole) == 10


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(days_left=2_000)], ids=["all", "some"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_go_on_from_what_was_missed_to_what_is_coming(
    database: Database, monkeypatch: pytest.MonkeyPatch, limit: int, wanted: Wanted
) -> None:
    monkeypatch.setattr(renewals, "_SCAN", 3)
    look = a_look("2028-03-10", wanted=wanted)
    with database.writing() as session:
        for number in range(3):
            entered(session, reference=f"R-{number}")
        extend(session, look.first, look.last)
        whole = work_list(session, EVERYTHING, look, after=None, limit=50, today=look.day)
        known = work_list_known(session, EVERYTHING, look, NOON, after=None, limit=50)
        for ask in (_live, _known):
            paged: list[tuple[UUID, str]] = []
            after: Place | None = None
            while True:
                found = ask(session, look, after, limit)
                paged += places(found)
                after = found.after
                if after is None:
                    break
                assert len(found.items) == limit
            assert paged == places(whole) == places(known)
    assert [due.row["number"] for due in whole.items] == [3, 3, 3, 4, 4, 4, 5, 5, 5]


NOON = on("2028-03-10")["now"]


def _live(session: Session, look: Look, after: Place | None, limit: int) -> WorkList:
    return work_list(session, EVERYTHING, look, after=after, limit=limit, today=look.day)


def _known(session: Session, look: Look, after: Place | None, limit: int) -> WorkList:
    return work_list_known(session, EVERYTHING, look, NOON, after=after, limit=limit)


def test_a_full_last_page_is_the_last(database: Database) -> None:
    with database.writing() as session:
        entered(session, reference="A", start_date="2026-04-15")
        entered(session, reference="B", initial_term=length("36 months"))
        found = listed(session, limit=2)
    assert len(found.items) == 2
    assert found.after is None


@pytest.mark.parametrize(
    "told",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"dates": 1, "why": 2}',
        '{"term_start": "soon"}',
        '{"term_start": "2026-04-15", "said": [["it"]]}',
        '{"term_start": "2026-04-15", "said": [["hr", "renew", "2026-01-01", null]]}',
        '{"term_start": "2026-04-15", "checked": {"term": 7}}',
    ],
)
def test_a_term_that_cannot_be_read_is_left_out_and_counted(
    database: Database, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken = entered(session, reference="A", start_date="2026-04-15").id
        whole = entered(session, reference="B", start_date="2026-05-15").id
        session.execute(update(TermRow).where(TermRow.agreement_id == broken).values(told=told))
        found = listed(session)
    assert ([due.row["agreement_id"] for due in found.items], found.left_out) == ([whole], 1)
    assert f"agreement {broken} is left out of the work list" in caplog.text


def test_an_item_tells_where_its_term_stands(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, tags=["vpn"], owner="Ada").id
        checked(session, one, *ALL)
        decided(session, one, 3, "renew", "2026-12-01")
        (due,) = seen_on(session, "2026-12-02")
        assert (due.row["tags"], due.row["owner"]) == (["vpn"], "Ada")
        assert (due.decision, due.settled_on) == (DecisionState.IN_REVIEW, None)
        assert (due.days_left, due.alarms) == (88, [])
        assert due.verification.state == "verified"
        assert due.told["why"]["act_by"] == due.told["why"]["notice_deadline"]
        decided(session, one, 3, "renew", "2026-12-05", actor=PROCUREMENT)
        (settled,) = seen_on(session, "2026-12-05")
        assert (settled.decision, settled.settled_on) == (DecisionState.RENEW, date(2026, 12, 5))
        (before,) = seen_on(session, "2026-12-04", "2026-12-05")
        assert (before.decision, before.settled_on) == (DecisionState.IN_REVIEW, None)


def test_what_ends_by_itself_is_to_be_acted_on_by_its_end(database: Database) -> None:
    with database.writing() as session:
        entered(session, renewal=None, notice=None, initial_term=length("3 years"))
        (due,) = seen_on(session, "2026-11-23")
    assert due.row["act_by"] == date(2027, 4, 14)
    assert due.told["why"]["act_by"] == due.told["why"]["term_end"]


BOTH_LEAVE = {"it": "do_not_renew", "procurement": "do_not_renew"}
DIFFERENT = {"it": "renew", "procurement": "do_not_renew"}
BOTH_STAY = {"it": "renew", "procurement": "renew"}
ALARMS: list[tuple[dict[str, str], str, list[list[str]]]] = [
    ({}, "2026-11-30", [[]]),
    ({}, "2026-12-01", [["negotiation_late"]]),
    ({"it": "in_review"}, "2026-12-01", [[]]),
    ({}, "2027-02-28", [["negotiation_late"]]),
    ({}, "2027-03-01", [["missed"]]),
    (DIFFERENT, "2026-12-01", [["contested"]]),
    (DIFFERENT, "2027-03-01", [["missed", "contested"]]),
    (BOTH_STAY, "2027-02-28", [[]]),
    (BOTH_STAY, "2027-03-01", []),
    (BOTH_LEAVE, "2027-02-28", [[]]),
    (BOTH_LEAVE, "2027-03-01", [["missed", "notice_overdue"]]),
]


@pytest.mark.parametrize(("said", "day", "alarms"), ALARMS, ids=lambda value: str(value)[:70])
def test_a_term_alarms_while_nothing_is_done(
    database: Database, said: dict[str, str], day: str, alarms: list[list[str]]
) -> None:
    with database.writing() as session:
        one = entered(session).id
        for team, choice in said.items():
            decided(session, one, 3, choice, actor=IT if team == "it" else PROCUREMENT)
        found = told(seen_on(session, day))
    assert [found_alarms for number, _, _, found_alarms in found if number == 3] == alarms


def test_a_letter_silences_what_was_settled(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        settled(session, one, 3, "do_not_renew")
        given = noticed(session, one, "2027-02-01", sent_on="2027-02-01").done
        assert told(seen_on(session, "2027-03-01")) == []
        withdrawn(session, one, given, "2027-03-02")
        assert told(seen_on(session, "2027-03-02"))[0] == (
            3,
            -2,
            "do_not_renew",
            ["missed", "notice_overdue"],
        )
        acknowledged(session, one, 3, "2027-03-03")
        assert [due[0] for due in told(seen_on(session, "2027-03-03"))] == [4]


def test_terms_that_are_looked_for_are_found_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewals, "_SCAN", 4)
    with database.writing() as session:
        wanted = set()
        for number in range(12):
            one = entered(session, reference=f"{number:02}", start_date="2026-04-15").id
            if number % 3 == 0:
                settled(session, one, 1, "renew")
                wanted.add(one)
        look = a_look(wanted=Wanted(decision=DecisionState.RENEW))
        found: list[UUID] = []
        after: Place | None = None
        while True:
            page = work_list(session, EVERYTHING, look, after=after, limit=3, today=FIRST)
            found += [due.row["agreement_id"] for due in page.items]
            after = page.after
            if after is None:
                break
    assert (set(found), len(found)) == (wanted, 4)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [3, 4]),
        ({"alarm": Alarm.MISSED}, [3]),
        ({"alarm": Alarm.CONTESTED}, []),
        ({"alarm": Alarm.UNVERIFIED}, [3, 4]),
        ({"decision": DecisionState.UNDECIDED}, [3, 4]),
        ({"decision": DecisionState.RENEW}, []),
        ({"days_left": -1}, [3]),
        ({"days_left": -2}, []),
        ({"days_left": 365}, [3, 4]),
        ({"days_left": 365, "alarm": Alarm.MISSED}, [3]),
    ],
    ids=str,
)
def test_terms_are_looked_for_by_decision_alarm_and_days(
    database: Database, wanted: dict[str, Any], numbers: list[int]
) -> None:
    with database.writing() as session:
        entered(session)
        assert [due.row["number"] for due in seen_on(session, "2027-03-01", **wanted)] == numbers


def test_a_choice_does_not_count_for_a_term_it_was_not_made_for(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        settled(session, one, 3, "renew", "2026-12-01")
        amended(session, one, "2026-12-15", "2026-12-15", begins_term=True, term=length("1 year"))
        (due,) = seen_on(session, "2026-12-15")
    assert told([due]) == [(4, 319, "undecided", [])]


def test_filters_hold_for_what_was_known_as_for_what_is(database: Database) -> None:
    filters = [
        Filters(),
        Filters(text="BACKUP"),
        Filters(text="firewall"),
        Filters(counterparty="Contoso"),
        Filters(owner="Ada", tag="vpn"),
        Filters(tag="vp"),
        Filters(criticality="high", spend_class="core", kind="saas"),
        Filters(kind="other"),
    ]
    facts = {"criticality": "high", "spend_class": "core", "kind": "saas"}
    with database.writing() as session:
        entered(session, reference="A", owner="Ada", tags=["vpn"])
        entered(session, reference="B", counterparty="Contoso", **facts)
        gone = entered(session, reference="C", title="Firewall")
        remove(session, gone.id, frozenset({1}), reason=None, actor=PROCUREMENT, now=NOON)
        look = a_look()
        for one in filters:
            live = work_list(session, one, look, after=None, limit=9, today=look.day)
            known = work_list_known(session, one, look, NOON, after=None, limit=9)
            assert places(known) == places(live)
