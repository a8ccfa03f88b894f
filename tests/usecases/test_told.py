"""What is told of a term holds its dates and what was done, whatever day it is read on."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest

from app.records import milestones
from app.records.engine import Database, Session
from app.renewals.acts import Choice, Said, Team
from app.usecases.agreements import change
from app.usecases.dossiers import Dossiers
from app.usecases.told import said_in, told_terms
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    acknowledged,
    amended,
    checked,
    decided,
    entered,
    length,
    noticed,
    settled,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is in term 3.
EVER = date.max
OPTION: dict[str, Any] = {
    "renewal": {"kind": "option", "term": length("12 months"), "max": 1},
    "initial_term": length("36 months"),
}
MONEY = {"annual_value": "1200.00", "currency": "EUR"}


def of_term(session: Session, agreement_id: UUID, number: int = 3) -> dict[str, Any]:
    row = milestones.of_term(session, agreement_id, number)
    assert row is not None
    told: dict[str, Any] = orjson.loads(row["told"])
    return {**told, "open_until": row["open_until"]}


def test_nothing_is_told_of_what_nobody_did(database: Database) -> None:
    with database.writing() as session:
        told = of_term(session, entered(session).id)
    for name in ("said", "handled_on", "letter_on", "acknowledged_on", "locked_in"):
        assert name not in told
    assert told["open_until"] == EVER
    assert told["checked"] == {"term": None, "renewal": None, "notice": None}
    assert told["renews_for"] == "12 months"
    assert told["notice"] == "45 days before the last day of the term"


def test_what_was_said_is_told_with_its_day(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        decided(session, one, 3, "in_review")
        new = {"annual_value": "9.00", "currency": "EUR"}
        versions = frozenset({2})
        decided(session, one, 3, "renew", "2026-12-01", amendment=new, versions=versions)
        decided(session, one, 4, "renew", "2026-12-01")
        told = of_term(session, one)
    start = date(2026, 4, 15)
    particulars = '[{"annual_value":"9.00","currency":"EUR","effective_from":"2027-04-15"}]'
    first = Said(3, start, Team.IT, Choice.IN_REVIEW, TODAY)
    second = Said(3, start, Team.IT, Choice.RENEW, date(2026, 12, 1), particulars)
    assert said_in(told, 3, date(2026, 11, 22)) == ()
    assert said_in(told, 3, date(2026, 11, 30)) == (first,)
    assert said_in(told, 3, date(2026, 12, 1)) == (first, second)


@pytest.mark.parametrize(
    ("choice", "day", "open_until"),
    [
        ("renew", "2026-12-01", date(2026, 12, 1)),
        ("renew", "2027-02-28", date(2027, 2, 28)),
        ("renew", "2027-03-01", EVER),  # too late to be no miss
        ("do_not_renew", "2026-12-01", EVER),  # a letter is needed
        ("renegotiate", "2026-12-01", EVER),  # an amendment is needed
    ],
)
def test_a_term_is_open_until_it_is_taken_care_of(
    database: Database, choice: str, day: str, open_until: date
) -> None:
    with database.writing() as session:
        one = entered(session).id
        settled(session, one, 3, choice, day)
        told = of_term(session, one)
    assert told["open_until"] == open_until
    assert told.get("handled_on") == (day if choice == "renew" else None)


def test_a_letter_or_an_amendment_takes_care_of_a_term(database: Database) -> None:
    with database.writing() as session:
        left, changed = entered(session, reference="A").id, entered(session, reference="B").id
        settled(session, left, 3, "do_not_renew")
        noticed(session, left, "2027-02-01", sent_on="2027-02-01")
        settled(session, changed, 3, "renegotiate")
        amended(session, changed, "2027-04-15", "2027-02-02", annual_value="1")
        told = [of_term(session, one) for one in (left, changed)]
    assert [one["open_until"] for one in told] == [date(2027, 2, 1), date(2027, 2, 2)]
    assert told[0]["letter_on"] == "2027-02-01"
    assert "letter_on" not in told[1]


def test_an_acknowledgement_closes_what_was_missed(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        acknowledged(session, one, 3, "2027-03-05")
        told = of_term(session, one)
    assert (told["open_until"], told["acknowledged_on"]) == (date(2027, 3, 5), "2027-03-05")


@pytest.mark.parametrize(
    ("start", "open_until"),
    [("2023-11-22", date(2026, 11, 22)), ("2023-11-24", EVER)],
)
def test_what_was_over_before_it_was_entered_is_closed(
    database: Database, start: str, open_until: date
) -> None:
    with database.writing() as session:
        one = entered(session, start_date=start, renewal=None, initial_term=length("3 years")).id
        assert of_term(session, one, 1)["open_until"] == open_until


def test_a_renewal_tells_what_it_locks_in(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **MONEY).id
        amended(session, one, "2027-04-15", annual_value="1500.00")
        (second, third) = (of_term(session, one, number)["locked_in"] for number in (2, 3))
        ending = entered(session, reference="E", renewal=None, **MONEY, start_date="2026-04-15")
        assert "locked_in" not in of_term(session, ending.id, 1)
    assert (second["amount"], second["currency"]) == ("1200.00", "EUR")
    assert (third["amount"], len(third["why"])) == ("1500.00", 1)


def test_checks_are_told_with_every_term(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        checked(session, one, "term", "notice")
        days = {"term": "2026-11-23", "renewal": None, "notice": "2026-11-23"}
        for number in (2, 3, 4):
            assert of_term(session, one, number)["checked"] == days


def test_what_was_done_about_terms_that_moved_does_not_silence_others(database: Database) -> None:
    def corrected(start: str) -> None:
        versions = frozenset(range(99))
        changes = {"start_date": start}
        change(session, one, versions, changes, actor=OPERATOR, today=TODAY, now=NOW)

    with database.writing() as session:
        one = entered(session).id
        settled(session, one, 4, "renew")
        acknowledged(session, one, 3, "2027-03-05")
        before = [of_term(session, one, number) for number in (3, 4)]
        corrected("2024-05-01")
        for number in (3, 4):
            told = of_term(session, one, number)
            assert told["open_until"] == EVER
            assert "said" not in told
            assert "acknowledged_on" not in told
        corrected("2024-04-15")
        assert [of_term(session, one, number) for number in (3, 4)] == before


NOTICES: list[tuple[dict[str, Any], str]] = [
    ({}, "45 days before the last day of the term"),
    ({"notice": None}, "not known; 90 days are assumed until it is entered"),
    (
        {"notice": {**length("3 months"), "counted_from": "renewal_date"}},
        "3 months before the renewal date",
    ),
    ({"notice": {"by_month_day": "10-01"}}, "on or before 1 Oct"),
]


@pytest.mark.parametrize(("changes", "words"), NOTICES)
def test_a_term_tells_its_notice_in_words(
    database: Database, changes: dict[str, Any], words: str
) -> None:
    with database.writing() as session:
        assert of_term(session, entered(session, **changes).id)["notice"] == words


def test_an_amended_notice_is_told_of_the_terms_it_holds_for(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        amended(session, one, "2027-04-15", notice=length("60 days"))
        words = [of_term(session, one, number)["notice"] for number in (2, 3, 4)]
    assert words == ["45 days before the last day of the term"] * 2 + [
        "60 days before the last day of the term"
    ]


@pytest.mark.parametrize(
    ("changes", "acts", "renews_for"),
    [
        ({}, "renews", "12 months"),
        ({"renewal": {"kind": "evergreen"}, "initial_term": length("3 years")}, "goes_on", None),
        ({"renewal": None, "initial_term": length("3 years")}, "ends", None),
        (OPTION, "ends", None),
    ],
)
def test_a_term_tells_what_follows_it(
    database: Database, changes: dict[str, Any], acts: str, renews_for: str | None
) -> None:
    number = 1 if changes else 3
    with database.writing() as session:
        told = of_term(session, entered(session, **changes).id, number)
    assert (told["if_nobody_acts"], told.get("renews_for")) == (acts, renews_for)


def test_a_term_that_is_extended_carried_on_or_ended_says_what_follows(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, **OPTION).id
        settled(session, one, 1, "extend")
        assert of_term(session, one, 1)["if_nobody_acts"] == "renews"
        given = noticed(session, one, purpose="extend", received_on="2026-11-20").done
        assert of_term(session, one, 1)["open_until"] == date(2026, 11, 23)
        withdrawn(session, one, given)
        assert of_term(session, one, 1)["open_until"] == EVER
        amended(session, one, "2026-12-01", end_date="2027-01-31")
        assert "renews_for" not in of_term(session, one, 1)  # until the old end, which is kept


def test_terms_that_are_kept_already_are_left_out(database: Database) -> None:
    first, last = date(2026, 1, 1), date(2029, 12, 31)
    with database.writing() as session:
        dossier = Dossiers(session).by_id(entered(session).id)
    numbers = [row["number"] for row in told_terms(dossier, first, last)]
    kept = date(2027, 1, 1), date(2027, 12, 31)
    rest = [row["number"] for row in told_terms(dossier, first, last, kept)]
    assert numbers == [2, 3, 4, 5, 6]
    assert rest == [2, 5, 6]
