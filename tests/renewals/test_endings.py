"""What a notice brings about on the day it is received, and how an agreement ends."""

from typing import Any

import pytest

from app.renewals.endings import Verdict, effect_of_notice, ending_of, next_decision
from app.renewals.reasons import spell
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from tests.renewals.builders import day, some_terms, yearly

QUARTERLY: dict[str, Any] = {
    "initial_term": "3 months",
    "renewal": "auto, 3 months",
    "notice": "4 months",
}
WINDOW: dict[str, Any] = {"initial_term": "36 months", "notice": "90 days, opens 180 days"}
MINIMUM: dict[str, Any] = {"renewal": "evergreen", "notice": "2 months"}


def effect(terms: Terms, received: str) -> tuple[Verdict, int, str, list[str]]:
    schedule = schedule_of(terms)
    decision = next_decision(terms, schedule, day(received))
    found = effect_of_notice(terms, schedule, day(received), decision)
    return found.verdict, found.term_number, str(found.ends_on), spell(found.reason)


EFFECTS = [
    pytest.param(yearly(), "2026-02-27", "in_time", 2, "2026-04-14", id="in time"),
    pytest.param(yearly(), "2026-02-28", "in_time", 2, "2026-04-14", id="on the deadline day"),
    pytest.param(yearly(), "2026-03-01", "late", 3, "2027-04-14", id="a day late"),
    pytest.param(yearly(), "2024-01-01", "in_time", 1, "2025-04-14", id="before the start"),
    pytest.param(
        yearly("2026-01-01", **QUARTERLY), "2026-02-10", "late", 2, "2026-06-30", id="longer notice"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-03-03", "too_early", 0, "None", id="a day too early"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-03-04", "in_time", 1, "2026-08-31", id="opening day"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-06-02", "in_time", 1, "2026-08-31", id="closing day"
    ),
    pytest.param(
        yearly("2023-09-01", **WINDOW), "2026-06-03", "too_early", 0, "None", id="window is over"
    ),
    pytest.param(
        yearly(renewal="auto, 1 year, max 1"),
        "2025-06-01",
        "not_needed",
        2,
        "2026-04-14",
        id="last renewal",
    ),
    pytest.param(
        yearly(renewal="option, 1 year"),
        "2025-01-01",
        "not_needed",
        1,
        "2025-04-14",
        id="option",
    ),
    pytest.param(
        yearly(renewal="none"), "2025-01-01", "not_needed", 1, "2025-04-14", id="fixed end"
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="perpetual"),
        "2025-01-01",
        "not_needed",
        0,
        "None",
        id="perpetual",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM), "2025-06-01", "in_time", 1, "2026-05-19", id="minimum"
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-03-19",
        "in_time",
        1,
        "2026-05-19",
        id="minimum, deadline day",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM),
        "2026-03-20",
        "in_time",
        2,
        "2026-05-20",
        id="a day after the minimum's deadline",
    ),
    pytest.param(
        yearly("2025-05-20", **MINIMUM), "2026-12-31", "in_time", 2, "2027-02-28", id="open-ended"
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="2 months, opens 3 months"),
        "2026-02-18",
        "too_early",
        0,
        "None",
        id="minimum, too early",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="30 days, counted_from renewal_date"),
        "2026-04-20",
        "in_time",
        1,
        "2026-05-19",
        id="minimum, counted from the renewal date",
    ),
    pytest.param(
        yearly("2025-07-01", renewal="evergreen", notice="1 month, month_rule eom, clear_days"),
        "2026-05-30",
        "in_time",
        1,
        "2026-06-30",
        id="minimum, clear days",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
        "2026-04-19",
        "in_time",
        1,
        "2026-05-19",
        id="the minimum term is kept",
    ),
    pytest.param(
        some_terms("2025-05-20", renewal="evergreen", notice="1 month"),
        "2025-01-01",
        "in_time",
        1,
        "2025-05-20",
        id="open-ended, before the start",
    ),
    pytest.param(
        yearly("2025-05-20", renewal="evergreen", notice="2 months", renewal_notice="1 month"),
        "2026-12-15",
        "in_time",
        2,
        "2027-01-15",
        id="one month after the first term",
    ),
]


@pytest.mark.parametrize(("terms", "received", "verdict", "number", "ends_on"), EFFECTS)
def test_a_notice_ends_the_first_term_it_is_in_time_for(
    terms: Terms, received: str, verdict: str, number: int, ends_on: str
) -> None:
    assert effect(terms, received)[:3] == (verdict, number, ends_on)


@pytest.mark.parametrize(
    ("terms", "received", "steps"),
    [
        pytest.param(
            yearly(),
            "2026-02-28",
            [
                (
                    "A notice received on Sat 28 Feb 2026 meets the deadline of term 2,"
                    " Sat 28 Feb 2026."
                ),
                "That term's last covered day is Tue 14 Apr 2026.",
            ],
            id="in time",
        ),
        pytest.param(
            some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year"),
            "2026-03-01",
            [
                "The notice period is not known: 90 days are assumed until it is entered.",
                (
                    "A notice received on Sun 1 Mar 2026 is in time for term 3 at the earliest,"
                    " whose deadline is Thu 14 Jan 2027."
                ),
                "That term's last covered day is Wed 14 Apr 2027.",
            ],
            id="late, assumed",
        ),
        pytest.param(
            yearly("2023-09-01", **WINDOW),
            "2026-03-03",
            [
                (
                    "A notice received on Tue 3 Mar 2026 is too early:"
                    " the window opens on Wed 4 Mar 2026."
                ),
                (
                    "180 days before Mon 31 Aug 2026, the last day of the term:"
                    " a notice is valid from Wed 4 Mar 2026."
                ),
                "The opening day counts, and is not moved off a day off.",
            ],
            id="too early",
        ),
        pytest.param(
            yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
            "2026-04-19",
            [
                "30 days after Sun 19 Apr 2026, the day the notice is received: Tue 19 May 2026.",
            ],
            id="exactly the minimum",
        ),
        pytest.param(
            yearly("2025-05-20", renewal="evergreen", notice="30 days, calendar US"),
            "2026-04-18",
            [
                "30 days after Sat 18 Apr 2026, the day the notice is received: Mon 18 May 2026.",
                "Not before the minimum term ends: Tue 19 May 2026.",
            ],
            id="the minimum",
        ),
        pytest.param(
            some_terms("2025-05-20", renewal="evergreen", notice="1 month"),
            "2025-01-01",
            [
                "1 month after Wed 1 Jan 2025, the day the notice is received: Sat 1 Feb 2025.",
                "Not before the agreement starts: Tue 20 May 2025.",
            ],
            id="before the start",
        ),
    ],
)
def test_an_effect_explains_itself(terms: Terms, received: str, steps: list[str]) -> None:
    assert effect(terms, received)[3] == steps


def test_an_effect_that_rests_on_an_unknown_notice_says_so() -> None:
    terms = some_terms("2024-04-15", initial_term="1 year", renewal="auto, 1 year")
    schedule, received = schedule_of(terms), day("2024-12-01")
    decision = next_decision(terms, schedule, received)
    assert effect_of_notice(terms, schedule, received, decision).assumed


@pytest.mark.parametrize(
    ("terms", "on", "deadline"),
    [
        pytest.param(yearly(), "2026-02-28", "2026-02-28", id="today"),
        pytest.param(yearly(), "2026-03-01", "2027-02-28", id="missed"),
        pytest.param(yearly("2026-01-01", **QUARTERLY), "2026-02-10", "2026-02-28", id="far"),
        pytest.param(
            yearly("2026-01-01", initial_term="1 month", renewal="auto, 1 month", notice="60 days"),
            "2026-01-15",
            "2026-01-30",
            id="monthly with sixty days",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 month",
                renewal="auto, 1 month",
                notice="30 days, counted_from renewal_date",
            ),
            "2026-01-30",
            "2026-01-30",
            id="the very day, counted from the renewal date",
        ),
        pytest.param(
            yearly(
                "2025-01-03",
                initial_term="1 week",
                renewal="auto, 1 week",
                notice="1 month, counted_from renewal_date",
            ),
            "2025-02-28",
            "2025-02-28",
            id="the very day, a month before a renewal date",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 week",
                renewal="auto, 1 week",
                notice="by 12-25, roll following, calendar GB-ENG",
            ),
            "2026-12-27",
            "2026-12-29",
            id="rolled forward past today",
        ),
        pytest.param(
            yearly("2026-01-01", renewal="auto, 1 year", notice="by 10-01"),
            "2026-10-02",
            "2027-10-01",
            id="fixed day missed",
        ),
        pytest.param(
            yearly(
                "2026-01-01",
                initial_term="1 month",
                renewal="auto, 1 month",
                notice="60 business days, calendar US",
            ),
            "2026-01-15",
            "2026-02-04",
            id="monthly with sixty business days",
        ),
        pytest.param(
            yearly(renewal="option, 1 year, max 3, exercised 2"),
            "2024-05-01",
            "2027-02-28",
            id="option, two terms on",
        ),
    ],
)
def test_the_next_deadline_is_one_that_can_be_met(terms: Terms, on: str, deadline: str) -> None:
    found = next_decision(terms, schedule_of(terms), day(on))
    assert found is not None
    assert str(found.dates.deadline) == deadline


@pytest.mark.parametrize(
    ("terms", "on"),
    [
        pytest.param(yearly(renewal="auto, 1 year, max 1"), "2025-06-01", id="last renewal"),
        pytest.param(yearly(renewal="auto, 1 year, max 1"), "2025-03-01", id="last is missed"),
        pytest.param(yearly(renewal="option, 1 year"), "2025-03-01", id="option lapsed"),
        pytest.param(yearly(renewal="none"), "2024-05-01", id="fixed"),
        pytest.param(yearly(renewal="evergreen"), "2026-01-01", id="open-ended"),
        pytest.param(some_terms("2024-01-01", renewal="perpetual"), "2024-05-01", id="perpetual"),
    ],
)
def test_there_may_be_nothing_left_to_decide(terms: Terms, on: str) -> None:
    assert next_decision(terms, schedule_of(terms), day(on)) is None


ENDINGS = [
    pytest.param(yearly(), 0, "None", [], id="goes on"),
    pytest.param(
        yearly(renewal="auto, 12 months, max 1"),
        2,
        "2026-04-14",
        [
            "Term 2 is the last one: renewal.max allows no further renewal.",
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 2 x 12 months make 24 months to the end of term 2."
            ),
            "The last covered day is the day before Wed 15 Apr 2026: Tue 14 Apr 2026.",
        ],
        id="last renewal",
    ),
    pytest.param(
        yearly(renewal="option, 12 months, max 1"),
        1,
        "2025-04-14",
        [
            "It ends with term 1, unless the next option is exercised by its deadline.",
            "Term 1 lasts 12 months from Mon 15 Apr 2024.",
            "The last covered day is the day before Tue 15 Apr 2025: Mon 14 Apr 2025.",
        ],
        id="option open",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31", renewal="option, 1 year, max 0"),
        1,
        "2025-03-31",
        [
            "All options are used: it ends with term 1.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="options used up",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31", renewal="none"),
        1,
        "2025-03-31",
        [
            "It ends with its fixed term; nothing renews it.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="fixed",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-03-31"),
        1,
        "2025-03-31",
        [
            "No renewal is stated, so it is taken to end with its term.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="no renewal stated",
    ),
    pytest.param(
        yearly(notice_received_on="2026-03-01"),
        3,
        "2027-04-14",
        [
            (
                "A notice received on Sun 1 Mar 2026 is in time for term 3 at the earliest,"
                " whose deadline is Sun 28 Feb 2027."
            ),
            "That term's last covered day is Wed 14 Apr 2027.",
            "It came too late for the term in which it arrived: have a person check.",
        ],
        id="late notice",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=yearly(notice_received_on="2024-12-01")),
        1,
        "2025-04-14",
        [
            "It ends with its parent agreement on Mon 14 Apr 2025.",
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="parent under notice",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=yearly(), notice_received_on="2024-12-01"),
        1,
        "2025-04-14",
        [
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="child under notice",
    ),
    pytest.param(
        some_terms(
            "2024-09-01",
            parent=yearly(notice_received_on="2025-12-01"),
            notice_received_on="2024-12-01",
        ),
        1,
        "2025-04-14",
        [
            "A notice received on Sun 1 Dec 2024 meets the deadline of term 1, Fri 28 Feb 2025.",
            "That term's last covered day is Mon 14 Apr 2025.",
        ],
        id="child ends first",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=some_terms("2024-04-15", end_date="2025-03-31")),
        1,
        "2025-03-31",
        [
            "It ends with its fixed term; nothing renews it.",
            "It ends with its parent agreement's term 1.",
            "The contract states Mon 31 Mar 2025 as the last day of the first term.",
        ],
        id="parent fixed",
    ),
]


@pytest.mark.parametrize(("terms", "number", "ends_on", "steps"), ENDINGS)
def test_an_agreement_ends_and_says_why(
    terms: Terms, number: int, ends_on: str, steps: list[str]
) -> None:
    found = ending_of(terms, schedule_of(terms))
    assert (found.term_number, str(found.ends_on), spell(found.reason)) == (number, ends_on, steps)


def test_a_notice_that_is_too_early_ends_nothing() -> None:
    terms = yearly("2023-09-01", **WINDOW, notice_received_on="2026-03-03")
    assert ending_of(terms, schedule_of(terms)).ends_on is None


def test_a_notice_that_is_not_needed_changes_nothing() -> None:
    terms = yearly(renewal="none", notice_received_on="2024-12-01")
    assert ending_of(terms, schedule_of(terms)).noticed_on is None


def test_a_notice_counts_from_the_day_it_is_received() -> None:
    terms = yearly(notice_received_on="2026-02-01")
    schedule = schedule_of(terms)
    assert ending_of(terms, schedule, day("2026-01-31")).ends_on is None
    assert ending_of(terms, schedule, day("2026-02-01")).ends_on == day("2026-04-14")
