"""What the calendars say of a stored agreement and of each of its terms."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.feeds.events import Moment, tell
from app.records import agreements, milestones
from app.records.engine import Database, Row, Session
from app.renewals.acts import DecisionState
from app.renewals.milestones import MilestoneKind as Kind
from app.usecases.dossiers import Dossiers
from app.usecases.feed_events import BROKEN, moments_of, subject_of
from tests.builders import (
    amended,
    checked,
    decided,
    entered,
    length,
    noticed,
    sabotage,
    settled,
    withdrawn,
)

ALL = date(2025, 1, 1), date(2029, 12, 31)
PRICED = {"annual_value": "120000.00", "currency": "EUR"}
THIRD = date(2026, 4, 15)
"""The first day of the third term, whose notice is due on 28 February 2027."""


def row_of(session: Session, agreement_id: UUID) -> Row:
    row = agreements.by_id(session, agreement_id)
    assert row is not None
    return row


def moments(
    session: Session,
    agreement_id: UUID,
    *,
    priced: bool = False,
    good_for: int = 12,
    span: tuple[date, date] = ALL,
) -> list[Moment]:
    dossier = Dossiers(session).of(row_of(session, agreement_id)) if priced else None
    return [
        moment
        for term in milestones.of_agreements(session, [agreement_id], *ALL)
        for moment in moments_of(term, *span, good_for, dossier)
    ]


def of_third_term(session: Session, agreement_id: UUID, **more: Any) -> dict[Kind, Moment]:  # noqa: ANN401
    found = moments(session, agreement_id, **more)
    return {moment.kind: moment for moment in found if moment.term_start == THIRD}


def amounts(session: Session, agreement_id: UUID) -> dict[str, tuple[str, ...]]:
    """Return what each term costs, by its first day."""
    found = moments(session, agreement_id, priced=True)
    return {str(moment.term_start): moment.amounts for moment in found}


def test_the_subject_is_who_and_what_it_is_about(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, owner="Ada", procurement_contact="Paul", notes="Ask\nAda.").id
        row = row_of(session, one)
    subject = subject_of(row, "https://noticeboard.example", notes=False)
    assert (subject.agreement_id, subject.reference) == (one, "IT-2024-017")
    assert (subject.owner, subject.procurement_contact) == ("Ada", "Paul")
    assert subject.url == f"https://noticeboard.example/agreements/{one}"
    assert subject.notes is None
    assert subject_of(row, "https://x.example", notes=True).notes == "Ask\nAda."


def test_a_term_is_told_date_by_date(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        found = of_third_term(session, one)
    assert {kind: str(moment.on) for kind, moment in found.items()} == {
        Kind.NEGOTIATION_START: "2026-11-30",
        Kind.NOTICE_DEADLINE: "2027-02-28",
        Kind.RENEWAL: "2027-04-15",
    }
    deadline = found[Kind.NOTICE_DEADLINE]
    assert (deadline.term_number, deadline.term_end) == (3, date(2027, 4, 14))
    assert (deadline.goes_on, deadline.assumed, deadline.renews_for) == (True, False, "12 months")
    assert [kind for kind, _ in deadline.chain] == [
        Kind.NEGOTIATION_START,
        Kind.NOTICE_DEADLINE,
        Kind.SEND_BY,
        Kind.RENEWAL,
    ]
    assert all(moment.why for moment in found.values())


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-30", "2027-02-28", ["2026-11-30", "2027-02-28"]),
        ("2026-12-01", "2027-02-27", []),
        ("2027-02-28", "2027-02-28", ["2027-02-28"]),
        ("2027-04-15", "2027-12-31", ["2027-04-15", "2027-12-01"]),
    ],
)
def test_only_days_of_the_window_are_told_both_ends_among_them(
    database: Database, first: str, last: str, days: list[str]
) -> None:
    span = date.fromisoformat(first), date.fromisoformat(last)
    with database.writing() as session:
        found = moments(session, entered(session).id, span=span)
    assert sorted(str(moment.on) for moment in found) == days


def test_without_being_asked_for_no_amount_is_told(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **PRICED, notes="Ask Ada.").id
        for moment in moments(session, one):
            subject = subject_of(row_of(session, one), "https://x.example", notes=False)
            told = tell(subject, moment).description
            assert moment.amounts == ()
            assert "120" not in told
            assert "Ask Ada" not in told


@pytest.mark.parametrize(
    ("price", "told"),
    [
        pytest.param({}, (), id="not known"),
        pytest.param(
            PRICED,
            ("Value a year: 120,000.00 EUR", "Locked in if it renews: 120,000.00 EUR"),
            id="a year",
        ),
        pytest.param(
            {"total_value": "999.5", "currency": "JPY"}, ("Value in all: 999.5 JPY",), id="in all"
        ),
        pytest.param(
            {**PRICED, "total_value": "1234567.8901"},
            (
                "Value a year: 120,000.00 EUR",
                "Value in all: 1,234,567.8901 EUR",
                "Locked in if it renews: 120,000.00 EUR",
            ),
            id="both",
        ),
        pytest.param(
            {"annual_value": "0", "currency": "EUR"},
            ("Value a year: 0 EUR", "Locked in if it renews: 0.00 EUR"),
            id="for nothing",
        ),
    ],
)
def test_a_priced_term_says_what_it_costs(
    database: Database, price: dict[str, str], told: tuple[str, ...]
) -> None:
    with database.writing() as session:
        assert amounts(session, entered(session, **price).id)["2026-04-15"] == told


def test_amounts_are_those_in_force_on_the_terms_first_day(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **PRICED).id
        amended(session, one, "2027-01-01", annual_value="150000.00")
        change = amended(session, one, "2028-04-15", annual_value="9.00", currency="USD")
        found = amounts(session, one)
        assert found["2026-04-15"] == (
            "Value a year: 120,000.00 EUR",
            "Locked in if it renews: 150,000.00 EUR",
        )
        assert found["2027-04-15"] == (
            "Value a year: 150,000.00 EUR",
            "Locked in if it renews: 9.00 USD",
        )
        assert found["2028-04-15"][0] == "Value a year: 9.00 USD"
        withdrawn(session, one, change)
        assert amounts(session, one)["2028-04-15"][0] == "Value a year: 150,000.00 EUR"


def test_what_ends_locks_nothing_in(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **PRICED, renewal=None, initial_term=length("36 months")).id
        assert amounts(session, one) == {"2024-04-15": ("Value a year: 120,000.00 EUR",)}


def test_what_was_prepared_or_sent_is_not_asked_for_again(database: Database) -> None:
    notice = {**length("45 days"), "delivery": length("2 days"), "opens": length("150 days")}
    steps = {Kind.NOTICE_WINDOW_OPENS, Kind.SEND_BY}
    with database.writing() as session:
        one = entered(session, notice=notice).id
        assert set(of_third_term(session, one)) == {
            Kind.NEGOTIATION_START,
            Kind.NOTICE_DEADLINE,
            Kind.RENEWAL,
            *steps,
        }
        settled(session, one, 3, "do_not_renew")
        found = of_third_term(session, one)
        assert Kind.NEGOTIATION_START not in found
        assert steps <= set(found), "the letter is still to be sent"
        noticed(session, one, received_on="2026-11-20")
        found = of_third_term(session, one)
        assert not steps & set(found)
        assert found[Kind.TERM_END].progress.state is DecisionState.DO_NOT_RENEW
        assert found[Kind.TERM_END].progress.letter_on is not None
        assert not found[Kind.TERM_END].goes_on


def test_a_negotiation_still_starts_while_only_one_team_has_spoken(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        decided(session, one, 3, "renew")
        start = of_third_term(session, one)[Kind.NEGOTIATION_START]
    assert not start.progress.is_handled
    assert start.progress.settled_on is None


def test_what_renews_by_itself_is_done_with_once_that_is_decided(database: Database) -> None:
    notice = {**length("45 days"), "delivery": length("2 days")}
    with database.writing() as session:
        one = entered(session, notice=notice).id
        settled(session, one, 3, "renew")
        found = of_third_term(session, one)
    assert set(found) == {Kind.NOTICE_DEADLINE, Kind.RENEWAL}
    progress = found[Kind.NOTICE_DEADLINE].progress
    assert (progress.state, progress.is_handled) == (DecisionState.RENEW, True)


@pytest.mark.parametrize(
    ("good_for", "until"), [(12, "Tue 23 Nov 2027"), (1, "Wed 23 Dec 2026"), (0, "Mon 23 Nov 2026")]
)
def test_a_check_says_until_when_it_is_good(database: Database, good_for: int, until: str) -> None:
    with database.writing() as session:
        one = entered(session).id
        checked(session, one, "term", "renewal", "notice")
        told = {moment.checked for moment in moments(session, one, good_for=good_for)}
    assert told == {f"against the contract on Mon 23 Nov 2026, good until {until}"}


@pytest.mark.parametrize(
    "price", [{"annual_value": "much"}, {"total_value": "1,5"}, {"annual_value": ""}], ids=str
)
def test_a_price_that_is_none_is_told_apart_from_a_fault_of_ours(
    database: Database, price: dict[str, str]
) -> None:
    with database.writing() as session:
        one = entered(session, **PRICED).id
        sabotage(session, one, **price)
        assert moments(session, one), "the dates do not need it"
        with pytest.raises(BROKEN):
            moments(session, one, priced=True)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param('"amount":"120000.00"', '"amount":"much"', id="an amount that is none"),
        pytest.param('"amount":', '"amounts":', id="no amount"),
        pytest.param('"term_start":"', '"term_start":"x', id="no first day"),
        pytest.param('"renewal":["', '"party":["', id="no reason"),
        pytest.param('"checked":{', '"checked":[{', id="no JSON"),
        pytest.param('"checked":{"term":null', '"checked":{"term":7', id="a check on no day"),
        pytest.param('"if_nobody_acts"', '"nobody"', id="no outcome"),
    ],
)
def test_a_term_that_was_broken_by_hand_is_told_apart_from_a_fault_of_ours(
    database: Database, was: str, now: str
) -> None:
    with database.writing() as session:
        one = entered(session, **PRICED).id
        checked(session, one, "renewal", "notice")
        dossier = Dossiers(session).of(row_of(session, one))
        (term,) = (
            term for term in milestones.of_agreements(session, [one], *ALL) if term["number"] == 3
        )
    assert was in term["told"]
    broken = {**term, "told": term["told"].replace(was, now)}
    with pytest.raises(BROKEN):
        list(moments_of(broken, *ALL, 12, dossier))
