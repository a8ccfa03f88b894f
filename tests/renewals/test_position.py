"""Where an agreement stands on a day: the worked examples, and each phase."""

from dataclasses import replace
from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.position import Phase, position
from app.renewals.terms import Terms
from tests.renewals.builders import (
    a_letter,
    an_amendment,
    both_chose,
    day,
    said,
    some_terms,
    yearly,
)

QUARTERLY: dict[str, Any] = {
    "initial_term": "3 months",
    "renewal": "auto, 3 months",
    "notice": "4 months",
}
WINDOW: dict[str, Any] = {"initial_term": "36 months", "notice": "90 days, opens 180 days"}
POST: dict[str, Any] = {"notice": "30 days, delivery 2 business days, calendar GB-ENG"}
OPTIONS: dict[str, Any] = {
    "initial_term": "24 months",
    "renewal": "option, 12 months, max 2",
    "notice": "4 months",
}
MINIMUM: dict[str, Any] = {"renewal": "evergreen", "notice": "2 months"}
MONTHLY: dict[str, Any] = {"initial_term": "1 month", "renewal": "auto, 1 month"}

WORKED = [
    pytest.param(
        yearly(lead_days=90),
        "2025-12-01",
        {
            "phase": "negotiation",
            "term_number": "2",
            "term_start": "2025-04-15",
            "term_end": "2026-04-14",
            "renewal_date": "2026-04-15",
            "final_end": None,
            "notice_window_opens": None,
            "notice_deadline": "2026-02-28",
            "send_by": "2026-02-28",
            "negotiation_start": "2025-11-30",
            "next_term_number": "2",
            "next_term_end": "2026-04-14",
            "next_notice_deadline": "2026-02-28",
            "next_send_by": "2026-02-28",
            "next_negotiation_start": "2025-11-30",
            "exit_if_notice_today": "2026-04-14",
            "exit_for_convenience": None,
        },
        id="12 + 12 months, 45 days",
    ),
    pytest.param(
        yearly(lead_days=90),
        "2026-03-01",
        {
            "phase": "renewal_locked",
            "term_number": "2",
            "notice_deadline": "2026-02-28",
            "next_term_number": "3",
            "next_term_end": "2027-04-14",
            "next_notice_deadline": "2027-02-28",
            "next_negotiation_start": "2026-11-30",
            "exit_if_notice_today": "2027-04-14",
        },
        id="12 + 12 months, a day late",
    ),
    pytest.param(
        yearly("2026-01-01", **QUARTERLY),
        "2026-02-10",
        {
            "phase": "renewal_locked",
            "term_number": "1",
            "notice_deadline": "2025-11-30",
            "next_term_number": "2",
            "next_notice_deadline": "2026-02-28",
            "next_term_end": "2026-06-30",
            "exit_if_notice_today": "2026-06-30",
        },
        id="quarterly, four months' notice",
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW),
        "2026-06-03",
        {
            "phase": "renewal_locked",
            "term_end": "2026-08-31",
            "notice_window_opens": "2026-03-04",
            "notice_deadline": "2026-06-02",
            "exit_if_notice_today": None,
            "next_notice_deadline": "2027-06-02",
        },
        id="window is over",
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW),
        "2026-03-03",
        {"phase": "active", "exit_if_notice_today": None},
        id="window is not open yet",
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW),
        "2026-03-04",
        {"phase": "negotiation", "exit_if_notice_today": "2026-08-31"},
        id="window opens",
    ),
    pytest.param(
        yearly("2025-06-25", **POST),
        "2026-05-01",
        {"term_end": "2026-06-24", "notice_deadline": "2026-05-22", "send_by": "2026-05-20"},
        id="bank holiday and post",
    ),
    pytest.param(
        yearly("2025-06-25", notice="30 days, roll following, calendar GB-ENG"),
        "2026-05-01",
        {"notice_deadline": "2026-05-26"},
        id="bank holiday, following",
    ),
    pytest.param(
        some_terms(
            "2024-12-01",
            end_date="2026-11-30",
            renewal="auto, 1 year",
            notice="15 business days, calendar US",
        ),
        "2026-01-01",
        {"notice_deadline": "2026-11-05"},
        id="business days, US",
    ),
    pytest.param(
        yearly("2024-09-01", **OPTIONS),
        "2026-04-30",
        {
            "phase": "negotiation",
            "notice_deadline": "2026-04-30",
            "renewal_date": "2026-09-01",
            "final_end": "2026-08-31",
            "next_notice_deadline": "2026-04-30",
            "exit_if_notice_today": "2026-08-31",
        },
        id="option open on its last day",
    ),
    pytest.param(
        yearly("2024-09-01", **OPTIONS),
        "2026-05-01",
        {
            "phase": "expiring",
            "notice_deadline": "2026-04-30",
            "renewal_date": None,
            "final_end": "2026-08-31",
            "next_notice_deadline": None,
            "exit_if_notice_today": "2026-08-31",
        },
        id="option lapsed",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-12-31",
        {
            "phase": "open_ended",
            "term_number": "2",
            "term_start": "2026-05-20",
            "term_end": None,
            "renewal_date": None,
            "final_end": None,
            "notice_deadline": None,
            "next_notice_deadline": None,
            "exit_if_notice_today": "2027-02-28",
        },
        id="open-ended after a year",
    ),
]
OTHERS = [
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2025-12-01",
        {
            "phase": "active",
            "term_number": "1",
            "term_end": "2026-05-19",
            "renewal_date": None,
            "notice_deadline": "2026-03-19",
            "exit_if_notice_today": "2026-05-19",
        },
        id="minimum term",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-03-20",
        {"phase": "open_ended", "notice_deadline": "2026-03-19", "next_notice_deadline": None},
        id="minimum term, deadline passed",
    ),
    pytest.param(
        yearly(),
        "2024-04-14",
        {"phase": "not_started", "term_number": "1", "exit_if_notice_today": "2025-04-14"},
        id="not started",
    ),
    pytest.param(yearly(), "2024-11-29", {"phase": "active"}, id="active"),
    pytest.param(yearly(), "2024-11-30", {"phase": "negotiation"}, id="negotiation begins"),
    pytest.param(yearly(), "2025-02-28", {"phase": "negotiation"}, id="deadline day counts"),
    pytest.param(yearly(), "2025-04-14", {"phase": "renewal_locked"}, id="locked to the end"),
    pytest.param(yearly(), "2025-04-15", {"phase": "active", "term_number": "2"}, id="rolled over"),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2025-06-01",
        {
            "phase": "active",
            "renewal_date": None,
            "final_end": "2026-04-14",
            "notice_window_opens": None,
            "notice_deadline": None,
            "send_by": None,
            "negotiation_start": "2026-01-14",
            "next_notice_deadline": None,
            "exit_if_notice_today": "2026-04-14",
        },
        id="last renewal",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2025-04-01",
        {"renewal_date": "2025-04-15", "final_end": "2026-04-14", "next_notice_deadline": None},
        id="last but one, deadline missed",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2026-01-14",
        {"phase": "expiring"},
        id="last renewal in lead time",
    ),
    pytest.param(
        yearly(renewal="none"),
        "2024-06-01",
        {
            "phase": "active",
            "term_end": "2025-04-14",
            "final_end": "2025-04-14",
            "renewal_date": None,
            "notice_deadline": None,
            "negotiation_start": "2025-01-14",
            "exit_if_notice_today": "2025-04-14",
        },
        id="fixed end",
    ),
    pytest.param(
        yearly(renewal="none"), "2025-04-14", {"phase": "expiring"}, id="last covered day"
    ),
    pytest.param(
        yearly(renewal="none"),
        "2025-04-15",
        {
            "phase": "expired",
            "term_number": "1",
            "term_start": "2024-04-15",
            "term_end": "2025-04-14",
            "final_end": "2025-04-14",
            "renewal_date": None,
            "negotiation_start": None,
            "exit_if_notice_today": None,
        },
        id="expired",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        "2030-01-01",
        {
            "phase": "open_ended",
            "term_number": "1",
            "term_start": "2024-01-01",
            "term_end": None,
            "final_end": None,
            "exit_if_notice_today": None,
        },
        id="perpetual",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="evergreen", notice="1 month"),
        "2024-01-31",
        {"phase": "open_ended", "term_number": "1", "exit_if_notice_today": "2024-02-29"},
        id="open-ended from the start",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 3, exercised 2"),
        "2024-06-01",
        {
            "phase": "active",
            "term_number": "1",
            "notice_deadline": None,
            "renewal_date": "2025-04-15",
            "final_end": "2027-04-14",
            "next_term_number": "3",
            "next_notice_deadline": "2027-02-28",
        },
        id="options exercised ahead",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 1, exercised 1"),
        "2026-01-14",
        {"phase": "expiring", "notice_deadline": None, "renewal_date": None},
        id="all options used",
    ),
    pytest.param(
        yearly(initial_term="36 months", notice="3 months", renewal_notice="1 month"),
        "2027-05-01",
        {"term_number": "2", "notice_deadline": "2028-03-14"},
        id="another notice after the first term",
    ),
    pytest.param(
        yearly("2026-01-01", **(MONTHLY | {"notice": "60 days"})),
        "2026-03-10",
        {
            "phase": "renewal_locked",
            "notice_deadline": "2026-01-30",
            "next_term_number": "5",
            "next_notice_deadline": "2026-04-01",
            "next_term_end": "2026-05-31",
        },
        id="monthly, sixty days' notice",
    ),
]
NOTICED = [
    pytest.param("2025-02-28", "2025-02-28", "terminating", "2025-04-14", id="deadline day"),
    pytest.param("2025-02-01", "2025-01-31", "negotiation", None, id="not received yet"),
    pytest.param("2025-02-01", "2025-04-14", "terminating", "2025-04-14", id="last day"),
    pytest.param("2025-02-01", "2025-04-15", "terminated", "2025-04-14", id="over"),
    pytest.param("2025-03-01", "2025-04-01", "terminating", "2026-04-14", id="late"),
    pytest.param("2024-01-01", "2024-02-01", "not_started", "2025-04-14", id="before the start"),
]


@pytest.mark.parametrize(("terms", "as_of", "expected"), WORKED)
def test_the_worked_examples_of_the_specification(
    terms: Terms, as_of: str, expected: dict[str, str | None]
) -> None:
    assert said(position(terms, day(as_of)), *expected) == expected


@pytest.mark.parametrize(("terms", "as_of", "expected"), OTHERS)
def test_an_agreement_stands_where_its_terms_put_it(
    terms: Terms, as_of: str, expected: dict[str, str | None]
) -> None:
    assert said(position(terms, day(as_of)), *expected) == expected


@pytest.mark.parametrize(("received", "as_of", "phase", "final_end"), NOTICED)
def test_a_notice_received_ends_the_first_term_it_is_in_time_for(
    received: str, as_of: str, phase: str, final_end: str | None
) -> None:
    found = position(yearly(notice_received_on=received), day(as_of))
    assert said(found, "phase", "final_end") == {"phase": phase, "final_end": final_end}


def test_after_a_notice_there_is_nothing_left_to_decide() -> None:
    found = position(yearly(notice_received_on="2025-02-01"), day("2025-03-01"))
    expected = {
        "renewal_date": None,
        "notice_deadline": None,
        "send_by": None,
        "negotiation_start": None,
        "next_notice_deadline": None,
        "exit_if_notice_today": "2025-04-14",
    }
    assert said(found, *expected) == expected


def test_a_notice_that_was_too_early_does_not_count() -> None:
    terms = yearly("2023-09-01", **WINDOW, notice_received_on="2026-03-03")
    assert position(terms, day("2026-07-01")).phase is Phase.RENEWAL_LOCKED


def test_an_open_ended_agreement_ends_on_the_day_of_its_notice() -> None:
    terms = yearly("2025-05-20", **MINIMUM, notice_received_on="2026-12-31")
    expected = {
        "phase": "terminating",
        "term_number": "2",
        "term_start": "2026-05-20",
        "term_end": "2027-02-28",
        "final_end": "2027-02-28",
    }
    assert said(position(terms, day("2027-02-28")), *expected) == expected
    assert position(terms, day("2027-03-01")).phase is Phase.TERMINATED


HELD_OVER = [
    pytest.param("2025-04-14", "expiring", "1", "2024-04-15", "2025-04-14", None, id="before"),
    pytest.param(
        "2025-04-15", "holdover", None, "2025-04-15", "2025-05-14", "2025-05-15", id="first day"
    ),
    pytest.param(
        "2025-07-20", "holdover", None, "2025-07-15", "2025-08-14", "2025-08-15", id="months on"
    ),
]


@pytest.mark.parametrize(
    ("as_of", "phase", "number", "start", "end", "renewal"),
    HELD_OVER,
)
def test_a_service_runs_on_month_by_month(
    as_of: str, phase: str, number: str | None, start: str, end: str, renewal: str | None
) -> None:
    found = position(yearly(renewal="none", holdover="1 month"), day(as_of))
    expected = {
        "phase": phase,
        "term_number": number,
        "term_start": start,
        "term_end": end,
        "renewal_date": renewal,
        "final_end": "2025-04-14",
        "exit_if_notice_today": end,
    }
    assert said(found, *expected) == expected


def test_a_holdover_explains_itself() -> None:
    found = position(yearly(renewal="none", holdover="1 month"), day("2025-07-20"))
    told = "The agreement ended on Mon 14 Apr 2025; the service runs on in terms of 1 month,"
    assert [steps[0] for name, steps in found.why.items() if name != "final_end"] == [
        f"{told} counted anew."
    ] * 4
    assert found.why["exit_if_notice_today"][1] == (
        "It can be left at the end of the running one, Thu 14 Aug 2025."
    )


def test_a_notice_leaves_no_holdover() -> None:
    terms = yearly(holdover="1 month", notice_received_on="2025-02-01")
    assert position(terms, day("2025-05-01")).phase is Phase.TERMINATED


CONVENIENCE = [
    pytest.param(yearly(), "30 days", "2024-06-01", "2024-07-01", "2024-07-01", id="sooner"),
    pytest.param(yearly(), "6 months", "2025-02-01", "2025-08-01", "2025-04-14", id="later"),
    pytest.param(
        yearly(),
        "30 days, earliest_on 2025-01-01",
        "2024-06-01",
        "2025-01-01",
        "2025-01-01",
        id="not yet",
    ),
    pytest.param(yearly(), "30 days", "2024-01-01", "2024-04-15", "2024-04-15", id="not started"),
    pytest.param(
        yearly("2023-09-01", **WINDOW),
        "30 days",
        "2026-01-01",
        "2026-01-31",
        "2026-01-31",
        id="window not open",
    ),
    pytest.param(
        yearly(renewal="none"), "90 days", "2025-04-01", "2025-04-14", "2025-04-14", id="ends first"
    ),
    pytest.param(
        yearly(notice_received_on="2025-02-01"),
        "30 days",
        "2025-02-10",
        "2025-03-12",
        "2025-03-12",
        id="sooner than the notice",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        "1 month",
        "2025-01-31",
        "2025-02-28",
        "2025-02-28",
        id="perpetual",
    ),
]


@pytest.mark.parametrize(("terms", "right", "as_of", "leaving", "exit_on"), CONVENIENCE)
def test_the_earlier_of_two_ways_out_wins(
    terms: Terms, right: str, as_of: str, leaving: str, exit_on: str
) -> None:
    holder = yearly(termination_right=right)
    found = position(_with_right(terms, holder), day(as_of))
    assert said(found, "exit_for_convenience", "exit_if_notice_today") == {
        "exit_for_convenience": leaving,
        "exit_if_notice_today": exit_on,
    }


def test_leaving_for_convenience_explains_itself() -> None:
    terms = yearly(
        renewal="none", termination_right="30 days, earliest_on 2025-06-01, fee 10 % of the rest"
    )
    found = position(terms, day("2025-03-01"))
    assert found.why["exit_for_convenience"] == [
        (
            "Termination for convenience: 30 days after a notice received on Sat 1 Mar 2025:"
            " Mon 31 Mar 2025."
        ),
        "Not before Sun 1 Jun 2025.",
        "It ends before that without it, on Mon 14 Apr 2025.",
    ]


ASSUMED = [
    pytest.param(
        some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year"),
        "2024-06-01",
        "notice_deadline send_by negotiation_start next_notice_deadline next_send_by"
        " next_negotiation_start exit_if_notice_today",
        id="auto",
    ),
    pytest.param(
        some_terms("2024-04-15", initial_term="1 year", renewal="option, 1 year"),
        "2024-06-01",
        "notice_deadline send_by negotiation_start next_notice_deadline next_send_by"
        " next_negotiation_start",
        id="option",
    ),
    pytest.param(
        some_terms("2024-04-15", renewal="evergreen"),
        "2024-06-01",
        "exit_if_notice_today",
        id="open-ended",
    ),
    pytest.param(some_terms("2024-04-15", initial_term="1 year"), "2024-06-01", "", id="fixed"),
    pytest.param(
        yearly(notice="90 days, opens 120 days", renewal_notice="30 days"),
        "2024-06-01",
        "",
        id="known",
    ),
]


@pytest.mark.parametrize(("terms", "as_of", "assumed"), ASSUMED)
def test_what_rests_on_an_unknown_notice_is_marked(terms: Terms, as_of: str, assumed: str) -> None:
    found = position(terms, day(as_of))
    assert list(found.assumed) == assumed.split()
    told = "The notice period is not known: 90 days are assumed until it is entered."
    assert all(told in found.why[name] for name in found.assumed)


def test_an_assumed_notice_is_ninety_days() -> None:
    terms = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    assert str(position(terms, day("2024-06-01")).notice_deadline) == "2025-01-14"


PARENTS = [
    pytest.param(
        yearly(),
        {
            "phase": "active",
            "term_number": "1",
            "term_start": "2025-09-01",
            "term_end": "2026-04-14",
            "renewal_date": "2026-04-15",
            "notice_deadline": "2026-02-28",
            "final_end": None,
        },
        id="auto",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 3, exercised 1"),
        {
            "phase": "active",
            "term_number": "1",
            "term_end": "2026-04-14",
            "renewal_date": "2026-04-15",
            "notice_deadline": "2026-02-28",
            "final_end": "2026-04-14",
        },
        id="option",
    ),
    pytest.param(
        yearly(renewal="evergreen"),
        {
            "phase": "open_ended",
            "term_number": "1",
            "term_start": "2025-09-01",
            "term_end": None,
            "exit_if_notice_today": "2025-11-15",
        },
        id="open-ended",
    ),
    pytest.param(
        yearly(initial_term="3 years", renewal="evergreen"),
        {
            "phase": "active",
            "term_number": "1",
            "term_end": "2027-04-14",
            "notice_deadline": "2027-02-28",
            "exit_if_notice_today": "2027-04-14",
        },
        id="open-ended after a minimum",
    ),
    pytest.param(
        yearly(initial_term="3 years", renewal="none"),
        {
            "phase": "active",
            "term_end": "2027-04-14",
            "final_end": "2027-04-14",
            "notice_deadline": None,
            "negotiation_start": "2027-01-14",
        },
        id="fixed",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        {"phase": "open_ended", "term_number": "1", "term_end": None},
        id="perpetual",
    ),
    pytest.param(
        yearly(notice_received_on="2025-09-15"),
        {
            "phase": "terminating",
            "term_end": "2026-04-14",
            "final_end": "2026-04-14",
            "renewal_date": None,
            "notice_deadline": None,
            "exit_if_notice_today": "2026-04-14",
        },
        id="under notice",
    ),
    pytest.param(
        yearly(renewal="evergreen", notice_received_on="2025-09-15"),
        {"phase": "terminating", "term_end": "2025-10-30", "final_end": "2025-10-30"},
        id="open-ended, under notice",
    ),
]


@pytest.mark.parametrize(("parent", "expected"), PARENTS)
def test_a_co_terminous_agreement_follows_its_parent(
    parent: Terms, expected: dict[str, str | None]
) -> None:
    child = some_terms("2025-09-01", parent=parent)
    assert said(position(child, day("2025-10-01")), *expected) == expected


def test_a_child_gives_its_own_notice() -> None:
    child = some_terms("2025-09-01", parent=yearly(), notice="10 days")
    assert str(position(child, day("2025-10-01")).notice_deadline) == "2026-04-04"


def test_a_childs_own_notice_ends_it_and_not_its_parent() -> None:
    parent = yearly()
    child = some_terms("2025-09-01", parent=parent, notice_received_on="2025-12-01")
    assert str(position(child, day("2026-01-01")).final_end) == "2026-04-14"
    assert position(parent, day("2026-01-01")).final_end is None


def test_a_childs_child_follows_them_both() -> None:
    child = some_terms("2025-09-01", parent=yearly())
    grandchild = some_terms("2026-05-01", parent=child)
    expected = {"term_number": "1", "term_start": "2026-05-01", "term_end": "2027-04-14"}
    assert said(position(grandchild, day("2026-06-01")), *expected) == expected


@pytest.mark.parametrize("as_of", ["1969-12-31", "2200-01-01"])
def test_a_day_outside_the_kept_years_is_refused(as_of: str) -> None:
    with pytest.raises(BadTerms) as bad:
        position(yearly(), day(as_of))
    assert bad.value.sentence == "as_of: the year must be from 1970 to 2199."


def test_the_last_day_there_is_can_be_asked_about() -> None:
    terms = some_terms("2199-01-31", initial_term="100 years", renewal="auto, 100 years")
    found = position(terms, day("2199-12-31"))
    assert said(found, "term_end", "next_notice_deadline") == {
        "term_end": "2299-01-30",
        "next_notice_deadline": "2298-11-01",
    }


def _with_right(terms: Terms, holder: Terms) -> Terms:
    return replace(terms, termination_right=holder.termination_right)


RENEWED_EARLY = an_amendment("2024-10-01", begins_term=True, term="36 months")
CARRIED_ON = an_amendment("2025-04-15", term="12 months")
LONGER_NOTICE = an_amendment("2025-01-20", notice="90 days")
EVERY_EXTENSION = both_chose("extend", "2026-04-01", term=(1, "2024-09-01"))
AMENDED = [
    pytest.param(
        yearly(amendments=[RENEWED_EARLY]),
        "2024-09-30",
        {
            "phase": "active",
            "term_number": "1",
            "term_end": "2024-09-30",
            "renewal_date": "2024-10-01",
            "notice_deadline": None,
            "negotiation_start": None,
            "next_term_number": "2",
            "next_term_end": "2027-09-30",
            "next_notice_deadline": "2027-08-16",
            "final_end": None,
        },
        id="the day before an early renewal",
    ),
    pytest.param(
        yearly(amendments=[RENEWED_EARLY]),
        "2024-10-01",
        {
            "phase": "active",
            "term_number": "2",
            "term_start": "2024-10-01",
            "term_end": "2027-09-30",
            "renewal_date": "2027-10-01",
            "notice_deadline": "2027-08-16",
            "exit_if_notice_today": "2027-09-30",
        },
        id="renewed early",
    ),
    pytest.param(
        yearly(amendments=[LONGER_NOTICE]),
        "2025-01-19",
        {
            "phase": "negotiation",
            "notice_deadline": "2025-01-19",
            "send_by": "2025-01-19",
            "negotiation_start": "2024-11-30",
            "next_notice_deadline": "2025-01-19",
            "exit_if_notice_today": "2025-04-14",
        },
        id="the last day of the shorter notice",
    ),
    pytest.param(
        yearly(amendments=[LONGER_NOTICE]),
        "2025-01-20",
        {
            "phase": "renewal_locked",
            "notice_deadline": "2025-01-19",
            "next_notice_deadline": "2026-01-14",
            "exit_if_notice_today": "2026-04-14",
        },
        id="the first day of the longer notice",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[CARRIED_ON]),
        "2025-01-14",
        {
            "phase": "expiring",
            "term_end": "2025-04-14",
            "renewal_date": "2025-04-15",
            "negotiation_start": "2025-01-14",
            "final_end": "2026-04-14",
            "exit_if_notice_today": "2026-04-14",
        },
        id="to be carried on",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[CARRIED_ON]),
        "2025-04-15",
        {
            "phase": "active",
            "term_number": "2",
            "term_start": "2025-04-15",
            "term_end": "2026-04-14",
            "renewal_date": None,
            "final_end": "2026-04-14",
        },
        id="carried on",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 0", amendments=[CARRIED_ON]),
        "2025-02-01",
        {"notice_deadline": None, "negotiation_start": "2025-01-14", "final_end": "2026-04-14"},
        id="carried on after the last renewal",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2024-10-01", end_date="2025-06-30")]),
        "2025-05-16",
        {
            "phase": "negotiation",
            "term_end": "2025-06-30",
            "renewal_date": "2025-07-01",
            "notice_deadline": "2025-05-16",
        },
        id="an end put off",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-03-15", renewal="none")]),
        "2025-03-20",
        {
            "phase": "expiring",
            "renewal_date": None,
            "notice_deadline": None,
            "final_end": "2025-04-14",
            "next_notice_deadline": None,
        },
        id="made fixed after its deadline",
    ),
    pytest.param(
        some_terms("2024-09-01", **OPTIONS, said=EVERY_EXTENSION),
        "2026-03-31",
        {
            "phase": "negotiation",
            "term_end": "2026-08-31",
            "final_end": "2026-08-31",
            "notice_deadline": "2026-04-30",
        },
        id="an option, the day before it was settled",
    ),
    pytest.param(
        some_terms("2024-09-01", **OPTIONS, said=EVERY_EXTENSION),
        "2026-05-01",
        {
            "phase": "renewal_locked",
            "renewal_date": "2026-09-01",
            "final_end": "2027-08-31",
            "notice_deadline": "2026-04-30",
            "next_term_number": "2",
            "next_notice_deadline": "2027-04-30",
        },
        id="an option that was settled to be exercised",
    ),
    pytest.param(
        some_terms(
            "2024-09-01",
            **OPTIONS,
            said=EVERY_EXTENSION,
            amendments=[an_amendment("2026-12-01", notice="2 months")],
        ),
        "2026-03-31",
        {"term_number": "1", "final_end": "2026-08-31", "notice_deadline": "2026-04-30"},
        id="before the option was settled on which an amendment rests",
    ),
    pytest.param(
        some_terms(
            "2024-09-01",
            **OPTIONS,
            said=EVERY_EXTENSION,
            amendments=[an_amendment("2026-12-01", notice="2 months")],
        ),
        "2026-12-01",
        {"term_number": "2", "final_end": "2027-08-31", "notice_deadline": "2027-06-30"},
        id="after the option on which an amendment rests",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            renewal="evergreen",
            notice="1 month",
            amendments=[
                an_amendment("2026-01-01", begins_term=True, term="3 years", renewal="auto, 1 year")
            ],
        ),
        "2025-06-10",
        {
            "phase": "open_ended",
            "term_end": "2025-12-31",
            "renewal_date": "2026-01-01",
            "exit_if_notice_today": "2025-07-10",
            "next_notice_deadline": "2028-11-30",
        },
        id="open-ended, before it was given terms",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days", notices=[a_letter(sent_on="2025-02-20")]),
        "2025-02-19",
        {"phase": "negotiation", "final_end": None},
        id="the day before a notice is sent",
    ),
    pytest.param(
        yearly(notice="45 days, delivery 3 days", notices=[a_letter(sent_on="2025-02-20")]),
        "2025-02-20",
        {"phase": "terminating", "final_end": "2025-04-14", "notice_deadline": None},
        id="a notice is sent",
    ),
    pytest.param(
        yearly(notices=[a_letter("2025-02-20")]),
        "2025-04-15",
        {"phase": "terminated", "final_end": "2025-04-14"},
        id="ended by a notice",
    ),
    pytest.param(
        some_terms("2024-06-01", parent=yearly(amendments=[RENEWED_EARLY])),
        "2024-12-01",
        {"term_number": "2", "term_start": "2024-10-01", "term_end": "2027-09-30"},
        id="a parent renewed early",
    ),
]


@pytest.mark.parametrize(("terms", "as_of", "expected"), AMENDED)
def test_an_agreement_stands_where_people_have_brought_it(
    terms: Terms, as_of: str, expected: dict[str, str | None]
) -> None:
    assert said(position(terms, day(as_of)), *expected) == expected
