"""Each term begins the day after the one before it ended, counted from the anchor."""

from typing import Any

import pytest

from app.renewals.reasons import spell
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from tests.renewals.builders import day, some_terms, yearly


def starts(terms: Terms, first: int, last: int) -> list[str]:
    schedule = schedule_of(terms)
    return [str(schedule.term(number).start) for number in range(first, last + 1)]


def end(terms: Terms, number: int) -> str:
    return str(schedule_of(terms).term(number).end)


MONTHLY: dict[str, Any] = {"initial_term": "1 month", "renewal": "auto, 1 month"}
BOUNDARIES = [
    pytest.param(
        some_terms("2023-10-31", **MONTHLY),
        "2023-10-31 2023-11-30 2023-12-31 2024-01-31 2024-02-29 2024-03-31",
        id="monthly from the 31st",
    ),
    pytest.param(
        some_terms("2025-01-30", **MONTHLY),
        "2025-01-30 2025-02-28 2025-03-30 2025-04-30",
        id="monthly from the 30th",
    ),
    pytest.param(
        some_terms("2025-01-31", **MONTHLY, short_month="roll_forward"),
        "2025-01-31 2025-03-01 2025-03-31 2025-05-01 2025-05-31",
        id="monthly from the 31st, rolled",
    ),
    pytest.param(
        yearly("2024-02-29"),
        "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29",
        id="yearly from 29 Feb",
    ),
    pytest.param(
        yearly("2024-02-29", short_month="roll_forward"),
        "2024-02-29 2025-03-01 2026-03-01 2027-03-01 2028-02-29",
        id="yearly from 29 Feb, rolled",
    ),
    pytest.param(
        yearly("2023-11-30", initial_term="3 months", renewal="auto, 3 months"),
        "2023-11-30 2024-02-29 2024-05-30 2024-08-30 2024-11-30 2025-02-28",
        id="quarterly from the 30th",
    ),
    pytest.param(
        some_terms("2024-01-31", initial_term="5 years", renewal="auto, 2 years then 1 month"),
        "2024-01-31 2029-01-31 2031-01-31 2031-02-28 2031-03-31",
        id="5 years, 2 years, then months",
    ),
    pytest.param(
        some_terms("2024-01-31", initial_term="30 days", renewal="auto, 1 month"),
        "2024-01-31 2024-03-01 2024-04-01 2024-05-01",
        id="days set a new anchor",
    ),
    pytest.param(
        some_terms("2024-01-31", initial_term="1 month", renewal="auto, 2 weeks"),
        "2024-01-31 2024-02-29 2024-03-14 2024-03-28",
        id="months, then weeks",
    ),
    pytest.param(
        some_terms("2024-02-28", initial_term="1 day", renewal="auto, 1 day"),
        "2024-02-28 2024-02-29 2024-03-01 2024-03-02",
        id="daily",
    ),
    pytest.param(
        some_terms("2024-05-10", end_date="2024-12-31", renewal="auto, 12 months"),
        "2024-05-10 2025-01-01 2026-01-01 2027-01-01",
        id="stub to the year's end",
    ),
    pytest.param(
        some_terms("2024-01-31", end_date="2024-02-28", renewal="auto, 1 month"),
        "2024-01-31 2024-02-29 2024-03-31 2024-04-30",
        id="a stated whole month keeps the start's day",
    ),
    pytest.param(
        some_terms(
            "2024-04-15",
            end_date="2025-04-15",
            end_date_is="renewal_date",
            renewal="auto, 12 months",
        ),
        "2024-04-15 2025-04-15 2026-04-15",
        id="stated renewal date",
    ),
    pytest.param(
        some_terms("2024-04-15", end_date="2025-04-15", renewal="auto, 12 months"),
        "2024-04-15 2025-04-16 2026-04-16",
        id="the same day as last day is one day later",
    ),
]


@pytest.mark.parametrize(("terms", "expected"), BOUNDARIES)
def test_terms_start_where_the_contract_has_them(terms: Terms, expected: str) -> None:
    wanted = expected.split()
    assert starts(terms, 1, len(wanted)) == wanted


def test_one_month_from_the_first_of_january_ends_on_the_31st() -> None:
    assert end(some_terms("2026-01-01", **MONTHLY), 1) == "2026-01-31"


@pytest.mark.parametrize(
    ("terms", "last"),
    [
        pytest.param(yearly(), None, id="auto"),
        pytest.param(yearly(renewal="auto, 1 year, max 3"), 4, id="three renewals"),
        pytest.param(yearly(renewal="auto, 1 year, max 0"), 1, id="no renewals"),
        pytest.param(yearly(renewal="option, 1 year, max 3"), 1, id="options, none used"),
        pytest.param(yearly(renewal="option, 1 year, exercised 2"), 3, id="two options used"),
        pytest.param(yearly(renewal="none"), 1, id="fixed"),
        pytest.param(yearly(renewal="evergreen"), 2, id="evergreen with a minimum"),
        pytest.param(some_terms("2024-01-01", renewal="evergreen"), 1, id="evergreen"),
        pytest.param(some_terms("2024-01-01", renewal="perpetual"), 1, id="perpetual"),
    ],
)
def test_the_last_term_is_known_or_there_is_none(terms: Terms, last: int | None) -> None:
    assert schedule_of(terms).last_number == last


def test_open_ended_terms_have_no_end() -> None:
    assert schedule_of(yearly(renewal="evergreen")).term(2).end is None
    assert schedule_of(some_terms("2024-01-01", renewal="perpetual")).term(1).end is None


@pytest.mark.parametrize(
    ("terms", "on", "number"),
    [
        pytest.param(yearly(), "2020-01-01", 1, id="before the start"),
        pytest.param(yearly(), "2024-04-15", 1, id="first day"),
        pytest.param(yearly(), "2025-04-14", 1, id="last covered day"),
        pytest.param(yearly(), "2025-04-15", 2, id="renewal date"),
        pytest.param(yearly(), "2123-04-15", 100, id="a century on"),
        pytest.param(yearly(renewal="auto, 1 year, max 1"), "2030-01-01", 2, id="after the last"),
        pytest.param(yearly(renewal="none"), "2030-01-01", 1, id="after a fixed end"),
        pytest.param(yearly(renewal="evergreen"), "2030-01-01", 2, id="open-ended"),
        pytest.param(
            some_terms("2025-01-31", **MONTHLY, short_month="roll_forward"),
            "2025-03-01",
            2,
            id="on a rolled boundary",
        ),
        pytest.param(
            some_terms("2015-01-01", initial_term="60 months", renewal="auto, 12 months"),
            "2020-06-01",
            2,
            id="sixty months, then twelve",
        ),
        pytest.param(
            some_terms("2024-01-01", initial_term="5 years", renewal="auto, 2 years then 1 week"),
            "2028-12-31",
            1,
            id="before the repeated tail",
        ),
        pytest.param(
            some_terms("2024-01-01", initial_term="5 years", renewal="auto, 2 years then 1 week"),
            "2031-01-08",
            4,
            id="in a tail of weeks",
        ),
    ],
)
def test_a_day_lies_in_its_term(terms: Terms, on: str, number: int) -> None:
    assert schedule_of(terms).number_on(day(on)) == number


def test_a_child_ends_with_its_parents_terms() -> None:
    schedule = schedule_of(some_terms("2025-09-01", parent=yearly()))
    assert schedule.last_number is None
    assert [str(schedule.term(number).start) for number in (1, 2, 3)] == [
        "2025-09-01",
        "2026-04-15",
        "2027-04-15",
    ]
    assert str(schedule.term(1).end) == "2026-04-14"
    assert [schedule.number_on(day(on)) for on in ("2024-05-01", "2026-04-14", "2026-04-15")] == [
        1,
        1,
        2,
    ]


def test_a_childs_last_term_is_its_parents() -> None:
    parent = yearly(renewal="auto, 1 year, max 2")
    assert schedule_of(some_terms("2025-09-01", parent=parent)).last_number == 2


def test_a_child_that_starts_in_a_renewal_term_takes_the_renewal_notice() -> None:
    parent = yearly(notice="90 days", renewal_notice="30 days")
    early = schedule_of(some_terms("2024-09-01", parent=parent))
    late = schedule_of(some_terms("2025-09-01", parent=parent))
    assert [early.notice_for(1), early.notice_for(2)] == [parent.notice, parent.renewal_notice]
    assert late.notice_for(1) == parent.renewal_notice


START_STEPS = [
    pytest.param(
        yearly(), 1, ["The agreement starts on Mon 15 Apr 2024 (start_date)."], id="first"
    ),
    pytest.param(
        yearly(),
        2,
        [
            "Term 1 lasts 12 months from Mon 15 Apr 2024.",
            "So term 2 starts on Tue 15 Apr 2025.",
        ],
        id="second",
    ),
    pytest.param(
        some_terms("2024-05-10", end_date="2024-12-31", renewal="auto, 12 months"),
        2,
        [
            "The contract states Tue 31 Dec 2024 as the last day of the first term.",
            "So term 2 starts on Wed 1 Jan 2025.",
        ],
        id="after a stated end",
    ),
    pytest.param(
        some_terms("2024-01-01", renewal="auto, 1 week", initial_term="10 days"),
        3,
        [
            "Term 2 lasts 1 week from its first day, Thu 11 Jan 2024.",
            "So term 3 starts on Thu 18 Jan 2024.",
        ],
        id="weekly",
    ),
    pytest.param(
        some_terms("2025-09-01", parent=yearly()),
        1,
        ["The agreement starts on Mon 1 Sep 2025 (start_date)."],
        id="child",
    ),
    pytest.param(
        some_terms("2024-09-01", parent=yearly()),
        2,
        [
            "It starts with its parent agreement's term 2.",
            "Term 1 lasts 12 months from Mon 15 Apr 2024.",
            "So term 2 starts on Tue 15 Apr 2025.",
        ],
        id="child's second",
    ),
]
END_STEPS = [
    pytest.param(
        yearly(initial_term="36 months"),
        3,
        [
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 36 months + 2 x 12 months make 60 months to the end of term 3."
            ),
            "The last covered day is the day before Sun 15 Apr 2029: Sat 14 Apr 2029.",
        ],
        id="counted from the start",
    ),
    pytest.param(
        yearly("2024-02-29"),
        1,
        [
            "Term 1 lasts 12 months from Thu 29 Feb 2024.",
            "Feb 2025 has no day 29: its last day, Fri 28 Feb 2025, stands in.",
            "The last covered day is the day before Fri 28 Feb 2025: Thu 27 Feb 2025.",
        ],
        id="short month",
    ),
    pytest.param(
        yearly("2024-02-29", short_month="roll_forward"),
        1,
        [
            "Term 1 lasts 12 months from Thu 29 Feb 2024.",
            (
                "Feb 2025 has no day 29: the day after its end, Sat 1 Mar 2025, stands in"
                " (roll_forward)."
            ),
            "The last covered day is the day before Sat 1 Mar 2025: Fri 28 Feb 2025.",
        ],
        id="short month, rolled",
    ),
    pytest.param(
        some_terms("2024-05-10", end_date="2024-12-31", renewal="auto, 12 months"),
        1,
        ["The contract states Tue 31 Dec 2024 as the last day of the first term."],
        id="stated",
    ),
    pytest.param(
        some_terms("2024-05-10", end_date="2025-01-01", end_date_is="renewal_date"),
        1,
        [
            "The contract states Wed 1 Jan 2025 as the renewal date of the first term.",
            "The last covered day is the day before Wed 1 Jan 2025: Tue 31 Dec 2024.",
        ],
        id="stated renewal date",
    ),
    pytest.param(
        some_terms("2024-05-10", end_date="2024-12-31", renewal="auto, 12 months"),
        3,
        [
            (
                "Counted from Wed 1 Jan 2025, when term 2 starts:"
                " 2 x 12 months make 24 months to the end of term 3."
            ),
            "The last covered day is the day before Fri 1 Jan 2027: Thu 31 Dec 2026.",
        ],
        id="after a stub",
    ),
    pytest.param(
        some_terms("2024-01-31", end_date="2024-02-28", renewal="auto, 1 month"),
        2,
        [
            (
                "Counted from Wed 31 Jan 2024, when term 1 starts:"
                " 2 x 1 month make 2 months to the end of term 2."
            ),
            "The last covered day is the day before Sun 31 Mar 2024: Sat 30 Mar 2024.",
        ],
        id="after a stated whole month",
    ),
    pytest.param(
        some_terms("2024-01-01", initial_term="1 week", renewal="auto, 1 year then 1 month"),
        4,
        [
            (
                "Counted from Mon 8 Jan 2024, when term 2 starts:"
                " 1 year + 2 x 1 month make 14 months to the end of term 4."
            ),
            "The last covered day is the day before Sat 8 Mar 2025: Fri 7 Mar 2025.",
        ],
        id="after a week",
    ),
    pytest.param(
        some_terms("2025-09-01", parent=yearly()),
        1,
        [
            "It ends with its parent agreement's term 2.",
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 2 x 12 months make 24 months to the end of term 2."
            ),
            "The last covered day is the day before Wed 15 Apr 2026: Tue 14 Apr 2026.",
        ],
        id="child",
    ),
]


@pytest.mark.parametrize(("terms", "number", "steps"), START_STEPS)
def test_a_first_day_explains_itself(terms: Terms, number: int, steps: list[str]) -> None:
    assert spell(schedule_of(terms).start_steps(number)) == steps


@pytest.mark.parametrize(("terms", "number", "steps"), END_STEPS)
def test_a_last_day_explains_itself(terms: Terms, number: int, steps: list[str]) -> None:
    assert spell(schedule_of(terms).end_steps(number)) == steps
