"""The dates of a span of days, both ends included."""

from dataclasses import replace
from typing import Any

import pytest

from app.renewals.lead_times import LeadTime, UsualLead
from app.renewals.milestones import milestones, terms_with_milestones
from app.renewals.terms import Terms
from tests.renewals.builders import a_letter, an_amendment, both_chose, day, some_terms, yearly


def rows(terms: Terms, first: str, last: str) -> list[str]:
    return [
        f"{milestone.term_number} {milestone.kind} {milestone.on}"
        + (" act_by" if milestone.act_by else "")
        + (" assumed" if milestone.assumed else "")
        for milestone in milestones(terms, day(first), day(last))
    ]


WINDOW: dict[str, Any] = {"notice": "45 days, opens 60 days, delivery 3 days"}
SPANS = [
    pytest.param(
        yearly(**WINDOW),
        [
            "1 negotiation_start 2024-11-27",
            "1 notice_window_opens 2025-02-13",
            "1 send_by 2025-02-25",
            "1 notice_deadline 2025-02-28 act_by",
            "1 renewal 2025-04-15",
            "2 negotiation_start 2025-11-27",
        ],
        id="auto",
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 0"),
        ["1 negotiation_start 2025-01-14", "1 term_end 2025-04-14 act_by"],
        id="fixed",
    ),
    pytest.param(
        yearly(renewal="option, 1 year"),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 term_end 2025-04-14",
        ],
        id="option",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 1, exercised 1", lead_days=365),
        ["1 renewal 2025-04-15", "2 negotiation_start 2025-04-14"],
        id="option exercised",
    ),
    pytest.param(
        yearly(renewal="evergreen"),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 term_end 2025-04-14",
        ],
        id="evergreen with a minimum",
    ),
    pytest.param(some_terms("2024-04-15", renewal="evergreen"), [], id="evergreen"),
    pytest.param(some_terms("2024-04-15", renewal="perpetual"), [], id="perpetual"),
    pytest.param(
        yearly("2022-04-15", renewal="evergreen", notice_received_on="2025-01-31"),
        ["2 term_end 2025-03-17"],
        id="evergreen under notice",
    ),
    pytest.param(
        yearly(**WINDOW, notice_received_on="2025-02-20"),
        [
            "1 negotiation_start 2024-11-27",
            "1 notice_window_opens 2025-02-13",
            "1 term_end 2025-04-14",
        ],
        id="notice received",
    ),
    pytest.param(
        yearly(notice_received_on="2025-03-01"),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 renewal 2025-04-15",
        ],
        id="notice received late",
    ),
    pytest.param(
        some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year, max 1"),
        [
            "1 negotiation_start 2024-10-16 assumed",
            "1 send_by 2025-01-14 assumed",
            "1 notice_deadline 2025-01-14 act_by assumed",
            "1 renewal 2025-04-15",
        ],
        id="notice unknown",
    ),
    pytest.param(
        some_terms("2024-12-01", parent=yearly()),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 renewal 2025-04-15",
        ],
        id="co-terminous",
    ),
    pytest.param(
        some_terms("2024-12-01", parent=yearly(notice_received_on="2024-12-15")),
        ["1 negotiation_start 2024-11-30", "1 term_end 2025-04-14"],
        id="parent under notice",
    ),
]


@pytest.mark.parametrize(("terms", "expected"), SPANS)
def test_a_span_holds_its_dates(terms: Terms, expected: list[str]) -> None:
    span = ("2024-10-01", "2025-11-29")
    assert rows(terms, *span) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-02-27", []),
        ("2025-02-28", ["1 send_by 2025-02-28", "1 notice_deadline 2025-02-28 act_by"]),
        ("2025-04-14", []),
        ("2025-04-15", ["1 renewal 2025-04-15"]),
    ],
)
def test_both_ends_of_a_span_belong_to_it(on: str, expected: list[str]) -> None:
    assert rows(yearly(), on, on) == expected


def test_a_longer_notice_of_the_second_term_comes_first() -> None:
    terms = some_terms(
        "2026-01-01",
        initial_term="1 month",
        renewal="auto, 1 month",
        notice="1 day",
        renewal_notice="120 days",
        lead_days=0,
    )
    assert rows(terms, "2025-10-31", "2025-10-31") == [
        "2 negotiation_start 2025-10-31",
        "2 send_by 2025-10-31",
        "2 notice_deadline 2025-10-31 act_by",
    ]


def test_the_preparation_of_the_last_option_can_begin_before_it_is_its_turn() -> None:
    terms = yearly(renewal="option, 1 month, max 9, exercised 4", notice="6 months", lead_days=0)
    assert rows(terms, "2025-02-01", "2025-02-28") == [
        "5 negotiation_start 2025-02-14",
        "5 send_by 2025-02-14",
        "5 notice_deadline 2025-02-14 act_by",
    ]


def test_a_term_with_a_date_in_the_span_can_be_had_whole() -> None:
    found = terms_with_milestones(yearly(), day("2025-04-15"), day("2025-12-01"))
    assert [[f"{one.term_number} {one.kind} {one.on}" for one in of_term] for of_term in found] == [
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28",
            "1 renewal 2025-04-15",
        ],
        [
            "2 negotiation_start 2025-11-30",
            "2 send_by 2026-02-28",
            "2 notice_deadline 2026-02-28",
            "2 renewal 2026-04-15",
        ],
    ]


def test_nothing_follows_the_end() -> None:
    assert rows(yearly(renewal="none"), "2025-04-15", "2030-01-01") == []
    assert rows(yearly(renewal="none"), "2030-01-01", "2035-01-01") == []


def test_each_milestone_knows_its_term_and_its_reason() -> None:
    (found,) = milestones(yearly(), day("2026-04-15"), day("2026-04-15"))
    assert (str(found.term_start), str(found.term_end)) == ("2025-04-15", "2026-04-14")
    assert found.why == [
        (
            "Counted from Mon 15 Apr 2024, when term 1 starts:"
            " 2 x 12 months make 24 months to the end of term 2."
        ),
        "The last covered day is the day before Wed 15 Apr 2026: Tue 14 Apr 2026.",
        "The next term starts the day after Tue 14 Apr 2026: Wed 15 Apr 2026.",
    ]


AMENDED = [
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-20", notice="90 days")]),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-01-19",
            "1 notice_deadline 2025-01-19 act_by",
            "1 renewal 2025-04-15",
            "2 negotiation_start 2025-10-16",
        ],
        id="a longer notice",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-01-20", begins_term=True, term="3 years")]),
        ["1 renewal 2025-01-20"],
        id="renewed early",
    ),
    pytest.param(
        yearly(renewal="none", amendments=[an_amendment("2025-04-15", term="6 months")]),
        [
            "1 negotiation_start 2025-01-14",
            "1 renewal 2025-04-15",
            "2 negotiation_start 2025-07-16",
            "2 term_end 2025-10-14 act_by",
        ],
        id="carried on",
    ),
    pytest.param(
        yearly(
            renewal="option, 1 year, max 1",
            amendments=[an_amendment("2025-04-15", term="6 months")],
        ),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 renewal 2025-04-15",
            "2 negotiation_start 2025-07-16",
            "2 term_end 2025-10-14 act_by",
        ],
        id="carried on in place of an option",
    ),
    pytest.param(
        yearly(renewal="option, 1 year, max 1", said=both_chose("extend")),
        [
            "1 negotiation_start 2024-11-30",
            "1 send_by 2025-02-28",
            "1 notice_deadline 2025-02-28 act_by",
            "1 renewal 2025-04-15",
        ],
        id="extended",
    ),
    pytest.param(
        yearly(
            "2023-04-15",
            renewal="evergreen",
            amendments=[
                an_amendment("2025-01-01", begins_term=True, term="6 months", renewal="none")
            ],
        ),
        [
            "2 renewal 2025-01-01",
            "3 negotiation_start 2025-04-01",
            "3 term_end 2025-06-30 act_by",
        ],
        id="open-ended, then a term",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2024-10-01", end_date="2025-06-30")]),
        [
            "1 negotiation_start 2025-02-15",
            "1 send_by 2025-05-16",
            "1 notice_deadline 2025-05-16 act_by",
            "1 renewal 2025-07-01",
            "2 negotiation_start 2025-11-30",
        ],
        id="an end put off",
    ),
    pytest.param(
        yearly(amendments=[an_amendment("2025-03-15", renewal="none")]),
        ["1 negotiation_start 2025-01-14", "1 term_end 2025-04-14 act_by"],
        id="made fixed",
    ),
    pytest.param(
        yearly(notices=[a_letter(sent_on="2025-01-10"), a_letter("2025-02-01")]),
        ["1 negotiation_start 2024-11-30", "1 term_end 2025-04-14"],
        id="two notices",
    ),
]


@pytest.mark.parametrize(("terms", "expected"), AMENDED)
def test_a_span_holds_its_dates_as_they_were_agreed(terms: Terms, expected: list[str]) -> None:
    assert rows(terms, "2024-10-01", "2025-11-30") == expected


def test_a_longer_notice_agreed_later_comes_before_the_dates_of_earlier_terms() -> None:
    terms = some_terms(
        "2026-01-01",
        initial_term="1 month",
        renewal="auto, 1 month",
        notice="1 day",
        lead_days=0,
        amendments=[an_amendment("2026-03-10", notice="120 days")],
    )
    assert rows(terms, "2026-03-09", "2026-03-09") == [
        f"{number} {kind}"
        for number in (3, 4, 5, 6)
        for kind in (
            "negotiation_start 2026-03-09",
            "send_by 2026-03-09",
            "notice_deadline 2026-03-09 act_by",
        )
    ]


def test_a_longer_lead_time_of_later_terms_comes_before_the_dates_of_earlier_ones() -> None:
    terms = some_terms(
        "2026-01-01", initial_term="1 month", renewal="auto, 1 month", notice="1 day"
    )
    leads = (
        UsualLead(day("2020-01-01"), LeadTime(1, 1, "short")),
        UsualLead(day("2026-06-15"), LeadTime(200, 1, "long")),
    )
    terms = replace(terms, usual_leads=leads)
    assert rows(terms, "2025-12-11", "2025-12-11") == ["6 negotiation_start 2025-12-11"]
    assert rows(terms, "2026-01-11", "2026-01-11") == ["7 negotiation_start 2026-01-11"]


def test_a_parents_longer_notice_comes_before_the_dates_of_its_childs_earlier_terms() -> None:
    parent = some_terms(
        "2026-01-01",
        initial_term="1 month",
        renewal="auto, 1 month",
        notice="1 day",
        amendments=[an_amendment("2026-03-10", notice="120 days")],
    )
    child = some_terms("2026-01-15", parent=parent, lead_days=0)
    found = rows(child, "2026-03-09", "2026-03-09")
    assert [line for line in found if "deadline" in line] == [
        f"{number} notice_deadline 2026-03-09 act_by" for number in (3, 4, 5, 6)
    ]


def test_a_window_agreed_later_comes_before_the_dates_of_earlier_terms() -> None:
    terms = some_terms(
        "2026-01-01",
        initial_term="1 month",
        renewal="auto, 1 month",
        notice="1 day",
        lead_days=0,
        amendments=[an_amendment("2026-03-10", notice="1 day, opens 1 year")],
    )
    assert rows(terms, "2026-03-10", "2026-03-29") == []
    assert rows(terms, "2026-03-31", "2026-03-31") == ["15 notice_window_opens 2026-03-31"]
