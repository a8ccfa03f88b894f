"""A clause counts as checked while it reads as it did, and while the check is recent."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records.engine import Database, Session
from app.usecases.agreements import change
from app.usecases.dossiers import Dossiers
from app.usecases.refusals import Invalid, NotFound
from app.usecases.told import clauses_checked
from app.usecases.verifications import Verification, Verified, verification_on
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    amended,
    checked,
    decided,
    entered,
    length,
    noticed,
    read,
    withdrawn,
)

ALL = ("term", "renewal", "notice")
EARLY, LATE = date(2025, 3, 31), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("days", "day", "state", "good_until"),
    [
        ((None, LATE), "2026-02-01", Verified.UNVERIFIED, None),
        ((EARLY, LATE), "2026-01-31", Verified.UNVERIFIED, None),  # not checked yet on that day
        ((EARLY, LATE), "2026-02-01", Verified.VERIFIED, "2026-03-31"),
        ((EARLY, LATE), "2026-03-31", Verified.VERIFIED, "2026-03-31"),
        ((EARLY, LATE), "2026-04-01", Verified.STALE, "2026-03-31"),
        ((LATE, LATE), "2026-04-01", Verified.VERIFIED, "2027-02-01"),
    ],
)
def test_the_oldest_of_the_checks_says_how_long_they_are_good(
    days: tuple[date | None, ...], day: str, state: Verified, good_until: str | None
) -> None:
    known = dict(zip(ALL, days, strict=False))
    until = None if good_until is None else date.fromisoformat(good_until)
    expected = Verification(state, known, until)
    assert verification_on(known, date.fromisoformat(day), 12) == expected


def state_of(session: Session, agreement_id: UUID, day: date = TODAY) -> str:
    known = clauses_checked(Dossiers(session).by_id(agreement_id))
    return verification_on(known, day, 12).state.value


def corrected(session: Session, agreement_id: UUID, **changes: Any) -> None:  # noqa: ANN401 - fields of any type
    versions = frozenset({read(session, agreement_id).version})
    change(session, agreement_id, versions, changes, actor=OPERATOR, today=TODAY, now=NOW)


def test_an_agreement_is_verified_once_all_its_clauses_are(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        states = [state_of(session, one)]
        for clause in ALL:
            checked(session, one, clause, checked_on="2026-11-20")
            states.append(state_of(session, one))
        kept = read(session, one)
        stale = state_of(session, one, date(2027, 11, 21))
    assert states == ["unverified", "unverified", "unverified", "verified"]
    assert kept.checked == dict.fromkeys(ALL, date(2026, 11, 20))
    assert stale == "stale"


def test_a_check_is_of_today_unless_it_says_when(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        (today,) = checked(session, one, "term")
        (before,) = checked(session, one, "renewal", checked_on="2026-11-01", link="https://x.test")
        assert read(session, one).checked == {
            "term": TODAY,
            "renewal": date(2026, 11, 1),
            "notice": None,
        }
    assert (today.document["checked_on"], today.actor_name) == ("2026-11-23", "Ida of IT")
    assert (before.document["checked_on"], before.document["link"]) == (
        "2026-11-01",
        "https://x.test",
    )


def test_a_check_cannot_lie_ahead(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        with pytest.raises(Invalid, match="checked_on: lies ahead; give the day it was checked"):
            checked(session, one, "term", checked_on="2026-11-24")
        assert read(session, one).version == 1
        with pytest.raises(NotFound, match="no agreement with this id"):
            checked(session, uuid4(), "term")


def test_the_latest_check_counts(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        for day in ("2026-11-01", "2026-11-20", "2026-11-10"):
            checked(session, one, "term", checked_on=day)
        assert read(session, one).checked["term"] == date(2026, 11, 20)


CHANGES: list[tuple[dict[str, Any], set[str]]] = [
    ({"start_date": "2024-04-16"}, {"term"}),
    ({"initial_term": None, "end_date": "2025-04-14"}, {"term"}),
    ({"short_month": "roll_forward"}, {"term"}),
    ({"renewal": {"kind": "auto", "term": length("24 months")}}, {"renewal"}),
    ({"holdover": length("1 month")}, {"renewal"}),
    ({"notice": length("46 days")}, {"notice"}),
    ({"renewal_notice": length("46 days")}, {"notice"}),
    ({"title": "New", "lead_days": 7, "owner": "Ada", "notes": "x"}, set()),
]


@pytest.mark.parametrize(("changes", "unverified"), CHANGES, ids=lambda value: str(value)[:60])
def test_a_clause_that_is_corrected_is_unverified_until_it_reads_as_before(
    database: Database, changes: dict[str, Any], unverified: set[str]
) -> None:
    with database.writing() as session:
        one = entered(session)
        checked(session, one.id, *ALL)
        corrected(session, one.id, **changes)
        found = read(session, one.id).checked
        back = {name: one.terms_document.get(name) for name in changes if name in _TERMS}
        corrected(session, one.id, **back)
        again = read(session, one.id).checked
    assert {clause for clause, day in found.items() if day is None} == unverified
    assert again == dict.fromkeys(ALL, TODAY)


_TERMS = {
    "start_date",
    "initial_term",
    "end_date",
    "short_month",
    "renewal",
    "holdover",
    "notice",
    "renewal_notice",
}
AMENDMENTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"end_date": "2027-06-30"}, ["term"]),
    ({"term": length("18 months"), "is_anchor": False}, ["term"]),
    ({"begins_term": True, "term": length("1 year")}, ["term"]),
    ({"renewal": {"kind": "none"}}, ["renewal"]),
    ({"notice": length("46 days")}, ["notice"]),
    ({"notice": length("45 days"), "renewal": {"kind": "evergreen"}}, ["notice", "renewal"]),
    ({"annual_value": "1", "reason": "Dearer."}, []),
]


@pytest.mark.parametrize(("amendment", "unverified"), AMENDMENTS, ids=lambda value: str(value)[:60])
def test_a_clause_that_is_amended_is_unverified_until_that_is_checked_or_withdrawn(
    database: Database, amendment: dict[str, Any], unverified: list[str]
) -> None:
    with database.writing() as session:
        one = entered(session).id
        checked(session, one, *ALL, checked_on="2026-11-01")
        done = amended(session, one, "2027-01-01", **amendment)
        found = read(session, one).checked
        checked(session, one, *unverified)
        complete = state_of(session, one)
        withdrawn(session, one, done)
        again = read(session, one).checked
    assert {clause for clause, day in found.items() if day is None} == set(unverified)
    assert complete == "verified"
    assert again == dict.fromkeys(ALL, date(2026, 11, 1))


def test_a_check_that_was_withdrawn_does_not_count(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        *_, last = checked(session, one, *ALL)
        assert state_of(session, one) == "verified"
        withdrawn(session, one, last)
        assert read(session, one).checked["notice"] is None


def test_choices_and_notices_leave_the_checks_alone(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        checked(session, one, *ALL)
        decided(session, one, 3, "renew")
        noticed(session, one, sent_on="2026-11-20")
        assert state_of(session, one) == "verified"


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, set(ALL)),
        ({"renewal": None, "notice": None}, {"term", "renewal"}),
        ({"renewal": None}, set(ALL)),
        ({"renewal": {"kind": "perpetual"}, "initial_term": None, "notice": None}, set(ALL[:2])),
        ({"notice": None}, set(ALL)),
    ],
)
def test_only_clauses_that_dates_rest_on_are_asked_for(
    database: Database, changes: dict[str, Any], needed: set[str]
) -> None:
    with database.writing() as session:
        assert set(entered(session, **changes).checked) == needed


def test_what_ended_by_itself_asks_for_its_notice_once_it_was_carried_on(
    database: Database,
) -> None:
    with database.writing() as session:
        one = entered(session, renewal=None, notice=None, initial_term=length("3 years")).id
        amended(session, one, "2027-04-15", term=length("1 year"))
        assert set(read(session, one).checked) == set(ALL)


def test_another_parent_is_another_term(database: Database) -> None:
    together = {"co_terminous": True, "start_date": "2024-06-01", "initial_term": None}
    with database.writing() as session:
        parents = [entered(session, reference=name).id for name in ("P", "Q")]
        child = entered(session, reference="C", parent_id=parents[0], renewal=None, **together).id
        checked(session, child, *ALL)
        corrected(session, child, parent_id=parents[1])
        assert set(read(session, child).checked.values()) == {None}
        corrected(session, child, parent_id=parents[0])
        assert state_of(session, child) == "verified"
