"""Date faults seen in other registers and trackers, as cases this engine must not repeat."""

from datetime import timedelta
from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.chain import chain
from app.renewals.milestones import milestones
from app.renewals.position import Phase, position
from tests.renewals.builders import day, said, some_terms, yearly

MONTHLY: dict[str, Any] = {"initial_term": "1 month", "renewal": "auto, 1 month"}
ONE_DAY = timedelta(days=1)


def starts(count: int, start_date: str, length: str) -> list[str]:
    terms = some_terms(start_date, initial_term=length, renewal=f"auto, {length}")
    return [str(link.term_start) for link in chain(terms, day(start_date), 0, count - 1)]


def test_a_month_that_is_too_short_does_not_overflow_into_the_next() -> None:
    terms = yearly("2025-09-01", notice="6 months")
    assert said(position(terms, day("2025-09-01")), "notice_deadline", "term_end") == {
        "notice_deadline": "2026-02-28",
        "term_end": "2026-08-31",
    }
    assert starts(2, "2024-11-30", "3 months")[1] == "2025-02-28"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2024-01-31", "1 month", "2024-01-31 2024-02-29 2024-03-31 2024-04-30 2024-05-31"),
        ("2025-01-30", "1 month", "2025-01-30 2025-02-28 2025-03-30 2025-04-30"),
        ("2023-11-30", "3 months", "2023-11-30 2024-02-29 2024-05-30 2024-08-30 2024-11-30"),
        ("2024-02-29", "1 year", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
        ("2024-02-29", "12 months", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
    ],
)
def test_the_day_of_the_month_does_not_drift(start: str, length: str, expected: str) -> None:
    wanted = expected.split()
    assert starts(len(wanted), start, length) == wanted


def test_no_due_date_is_skipped_when_nobody_looked() -> None:
    terms = yearly("2025-05-01", **MONTHLY)
    assert said(position(terms, day("2025-06-01")), "term_start", "renewal_date") == {
        "term_start": "2025-06-01",
        "renewal_date": "2025-07-01",
    }


def test_the_renewal_length_is_not_the_first_length() -> None:
    terms = yearly("2015-01-01", initial_term="60 months")
    assert said(position(terms, day("2020-06-01")), "term_number", "term_start", "term_end") == {
        "term_number": "2",
        "term_start": "2020-01-01",
        "term_end": "2020-12-31",
    }


def test_a_missed_deadline_stays_in_sight_beside_the_next_one() -> None:
    found = position(yearly("2025-01-01", notice="3 months"), day("2025-11-15"))
    expected = {
        "phase": "renewal_locked",
        "term_end": "2025-12-31",
        "notice_deadline": "2025-09-30",
        "next_notice_deadline": "2026-09-30",
        "next_term_end": "2026-12-31",
    }
    assert said(found, *expected) == expected


def test_an_express_renewal_adds_no_term_by_itself() -> None:
    found = position(yearly(renewal="option, 12 months"), day("2024-06-01"))
    assert str(found.final_end) == "2025-04-14"


def test_a_renewal_of_no_length_is_refused() -> None:
    with pytest.raises(BadTerms):
        yearly(renewal="auto, 0 months")


def test_a_notice_in_days_is_not_moved_to_a_month_end() -> None:
    terms = yearly("2026-01-01", notice="60 days")
    assert str(position(terms, day("2026-06-01")).notice_deadline) == "2026-11-01"


def test_the_last_covered_day_is_covered() -> None:
    terms = some_terms("2026-01-01", initial_term="1 month")
    assert position(terms, day("2026-01-31")).phase is Phase.EXPIRING
    assert position(terms, day("2026-02-01")).phase is Phase.EXPIRED


def test_the_deadline_day_is_open_to_its_end() -> None:
    assert position(yearly(), day("2025-02-28")).phase is Phase.NEGOTIATION
    assert position(yearly(), day("2025-03-01")).phase is Phase.RENEWAL_LOCKED


@pytest.mark.parametrize("kind", ["evergreen", "perpetual"])
def test_an_agreement_without_an_end_has_a_position(kind: str) -> None:
    terms = some_terms("2024-04-15", renewal=kind)
    assert position(terms, day("2026-04-15")).phase is Phase.OPEN_ENDED
    assert milestones(terms, day("2024-01-01"), day("2034-01-01")) == []


def test_an_end_is_announced_whatever_else_is_known() -> None:
    terms = some_terms("2024-04-15", end_date="2025-04-14", notice_received_on="2023-01-01")
    assert [str(one.on) for one in milestones(terms, day("2025-04-01"), day("2025-04-30"))] == [
        "2025-04-14"
    ]


def test_every_day_of_a_term_has_one_phase_and_they_follow_each_other() -> None:
    terms, on = yearly(renewal="auto, 1 year, max 1"), day("2024-04-14")
    phases: list[str] = []
    while on < day("2026-04-17"):
        phase = position(terms, on).phase.value
        if phases[-1:] != [phase]:
            phases.append(phase)
        on += ONE_DAY
    assert phases == [
        "not_started",
        "active",
        "negotiation",
        "renewal_locked",
        "active",
        "expiring",
        "expired",
    ]


def test_every_term_is_announced_and_not_only_the_first() -> None:
    found = milestones(yearly("2020-01-01"), day("2020-01-01"), day("2029-12-31"))
    deadlines = [str(one.on) for one in found if one.kind == "notice_deadline"]
    assert deadlines == [f"{year}-11-16" for year in range(2020, 2030)]


def test_a_date_is_on_its_day_and_on_no_other() -> None:
    found = [
        milestones(yearly(), on, on)
        for on in (day("2025-04-14"), day("2025-04-15"), day("2025-04-16"))
    ]
    assert [len(of_day) for of_day in found] == [0, 1, 0]


def test_an_unknown_notice_stays_unknown() -> None:
    terms = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    found = position(terms, day("2024-06-01"))
    assert "notice_deadline" in found.assumed
    assert found.why["notice_deadline"][0].startswith("The notice period is not known")


def test_a_blank_notice_warns_earlier_than_the_usual_sixty_days() -> None:
    assumed = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    usual = yearly(notice="60 days")
    on = day("2024-06-01")
    assert str(position(assumed, on).notice_deadline) < str(position(usual, on).notice_deadline)
