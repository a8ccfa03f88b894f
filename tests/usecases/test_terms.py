"""Each term is told with its rule, with what was done about it, and with what it locked in."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records.engine import Database, Session
from app.renewals.acts import Team
from app.usecases.refusals import NotFound, Unreadable
from app.usecases.terms import TermTold, terms_chain
from tests.builders import (
    NOW,
    PROCUREMENT,
    acknowledged,
    amended,
    decided,
    entered,
    length,
    noticed,
    received,
    sabotage,
    settled,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is in term 3.


def told(
    session: Session, one: UUID, as_of: str, known_at: datetime | None = None, ahead: int = 0
) -> list[TermTold]:
    day = date.fromisoformat(as_of)
    return terms_chain(session, one, as_of=day, past=40, ahead=ahead, known_at=known_at)


def outcomes(found: list[TermTold]) -> list[str | None]:
    return [None if one.link.outcome is None else one.link.outcome.value for one in found]


def rules(found: list[TermTold]) -> list[tuple[str, str | None, str, str | None]]:
    """Return each term's notice in words, renewal kind, price and since when it is so."""
    return [
        (
            one.rule.notice_in_words,
            None if one.rule.renewal is None else one.rule.renewal["kind"],
            str(one.rule.price.annual_value),
            None if one.rule.amended_from is None else one.rule.amended_from.isoformat(),
        )
        for one in found
    ]


def test_a_term_tells_the_rule_that_was_in_force(database: Database) -> None:
    money = {"annual_value": "100.00", "currency": "EUR"}
    with database.writing() as session:
        one = entered(session, **money).id
        amended(session, one, "2026-05-01", annual_value="120.00")
        amended(session, one, "2027-04-15", notice=length("60 days"))
        amended(session, one, "2028-05-01", renewal={"kind": "none"})
        found = told(session, one, "2029-05-01")
    before, after = (
        "45 days before the last day of the term",
        "60 days before the last day of the term",
    )
    assert rules(found) == [
        (before, "auto", "100.00", None),
        (before, "auto", "100.00", None),
        (before, "auto", "120.00", "2026-05-01"),
        (after, "auto", "120.00", "2027-04-15"),
        (after, "none", "120.00", "2028-05-01"),
    ]
    assert [dict(one.rule.notice or {}) for one in found[2:4]] == [
        {"value": 45, "unit": "days"},
        {"value": 60, "unit": "days"},
    ]


def test_a_deadline_that_had_passed_stays_with_the_clause_it_was_counted_by(
    database: Database,
) -> None:
    with database.writing() as session:
        one = entered(session).id
        amended(session, one, "2027-03-15", notice=length("20 days"))
        *_, third, fourth = told(session, one, "2027-05-01")
    assert third.link.notice_deadline == date(2027, 2, 28)
    assert third.rule.notice == {"value": 45, "unit": "days"}
    assert third.rule.amended_from == date(2027, 3, 15)
    assert fourth.rule.notice == {"value": 20, "unit": "days"}


@pytest.mark.parametrize(
    ("changes", "notices"),
    [
        (
            {"renewal_notice": length("30 days")},
            [{"value": 45, "unit": "days"}, {"value": 30, "unit": "days"}],
        ),
        ({"notice": None}, [None, None]),
        ({}, [{"value": 45, "unit": "days"}, {"value": 45, "unit": "days"}]),
    ],
)
def test_later_terms_tell_their_own_notice(
    database: Database, changes: dict[str, Any], notices: list[object]
) -> None:
    with database.writing() as session:
        one = entered(session, **changes).id
        found = told(session, one, "2025-05-01")
    assert [one.rule.notice for one in found] == notices


def test_a_term_is_told_with_what_was_done_about_it(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        decided(session, one, 3, "do_not_renew", "2026-11-24")
        decided(session, one, 3, "renew", "2026-11-26", actor=PROCUREMENT)
        acknowledged(session, one, 3, "2027-03-05", "Holidays.")
        given = noticed(session, one, "2027-03-02", received_on="2027-03-02", term_number=3)
        *_, third, fourth = told(session, one, "2027-05-01")
        (_, _, before) = told(session, one, "2026-11-25")
        (_, _, missed) = told(session, one, "2027-03-01")
    assert {team: done.document["choice"] for team, done in third.sides.items()} == {
        Team.IT: "do_not_renew",
        Team.PROCUREMENT: "renew",
    }
    assert third.acknowledged is not None
    assert third.acknowledged.document["note"] == "Holidays."
    # The notice was meant for one term and ends another: both tell of it.
    assert [one.done.number for one in third.notices] == [given.done.number]
    assert [one.done.number for one in fourth.notices] == [given.done.number]
    assert third.link.outcome == "renewed_by_default"
    assert third.link.standing.state == "contested"
    # What was done later was not known on a day before.
    assert (set(before.sides), before.acknowledged, before.notices) == ({Team.IT}, None, [])
    assert (missed.acknowledged, missed.notices) == (None, [])


def test_a_choice_and_an_acknowledgement_belong_to_their_term(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        settled(session, one, 3, "renew")
        found = told(session, one, "2027-05-01", ahead=1)
    assert [bool(one.sides) for one in found] == [False, False, True, False, False]
    assert [one.link.standing.state.value for one in found] == [
        "undecided",
        "undecided",
        "renew",
        "undecided",
        "undecided",
    ]
    assert outcomes(found)[2:4] == ["renewed_by_decision", None]


@pytest.mark.parametrize(
    ("changes", "as_of", "locked_in"),
    [
        ({}, "2027-05-01", ["1200.00", "1200.00", "1200.00", None]),
        ({"annual_value": None, "currency": None}, "2027-05-01", [None, None, None, None]),
        ({"renewal": {"kind": "evergreen"}}, "2027-05-01", [None, None]),
        ({"renewal": None, "initial_term": length("2 years")}, "2027-05-01", [None]),
        (
            {"renewal": {"kind": "auto", "term": length("73 days")}},
            "2025-07-01",
            ["239.84", "239.84", None],
        ),
    ],
)
def test_a_term_that_began_by_itself_tells_what_it_locked_in(
    database: Database, changes: dict[str, Any], as_of: str, locked_in: list[str | None]
) -> None:
    facts: dict[str, Any] = {"annual_value": "1200.00", "currency": "EUR", **changes}
    with database.writing() as session:
        found = told(session, entered(session, **facts).id, as_of)
    amounts = [None if one.locked_in is None else str(one.locked_in.amount) for one in found]
    assert amounts == locked_in


def test_an_option_that_was_exercised_locks_the_next_term_in(database: Database) -> None:
    option = {"kind": "option", "term": length("6 months"), "max": 1}
    facts: dict[str, Any] = {"annual_value": "1200.00", "currency": "EUR"}
    with database.writing() as session:
        one = entered(session, renewal=option, initial_term=length("36 months"), **facts).id
        assert outcomes(told(session, one, "2027-05-01")) == ["option_lapsed"]
        settled(session, one, 1, "extend")
        first, second = told(session, one, "2027-05-01")
    assert (outcomes([first]), first.locked_in is not None) == (["option_exercised"], True)
    assert first.locked_in is not None
    assert (str(first.locked_in.amount), second.locked_in) == ("600.00", None)


def test_a_term_that_a_notice_ended_says_so(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        given = noticed(session, one, sent_on="2026-11-20").done
        received(session, one, given.number, "2026-11-22")
        found = told(session, one, "2027-05-01")
        assert outcomes(found) == ["renewed_by_default", "renewed_by_default", "ended_by_notice"]
        (notice,) = found[-1].notices
        assert notice.given.received_on == date(2026, 11, 22)
        withdrawn(session, one, given)
        assert outcomes(told(session, one, "2027-05-01"))[2:] == ["renewed_by_default", None]


def test_terms_are_told_as_they_were_on_record_at_a_moment(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        amended(session, one, "2027-04-15", "2026-12-01", notice=length("90 days"))
        before = told(session, one, "2027-05-01", NOW + timedelta(days=1))
        after = told(session, one, "2027-05-01", NOW + timedelta(days=30))
        with pytest.raises(NotFound, match="At that moment"):
            told(session, one, "2027-05-01", NOW - timedelta(days=1))
    assert [found[-1].link.notice_deadline for found in (before, after)] == [
        date(2028, 2, 29),
        date(2028, 1, 15),
    ]


def test_what_is_not_there_or_cannot_be_read_has_no_terms(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        sabotage(session, one, terms="{")
        with pytest.raises(Unreadable):
            told(session, one, "2027-05-01")
        with pytest.raises(NotFound):
            told(session, uuid4(), "2027-05-01")
