"""Each term begins the day after the one before it ended, counted from the anchor."""

from datetime import date
from typing import Any

import pytest

from app.renewals.acts import Said
from app.renewals.amendments import Amendment
from app.renewals.bad_terms import BadTerms
from app.renewals.reasons import spell
from app.renewals.schedule import schedule_of
from app.renewals.terms import Terms
from tests.renewals.builders import (
    an_amendment,
    both_chose,
    chose,
    day,
    some_terms,
    yearly,
)


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
    assert [early.notices_for(number)[0][1] for number in (1, 2)] == [
        parent.notice,
        parent.renewal_notice,
    ]
    assert late.notices_for(1)[0][1] == parent.renewal_notice


def test_a_notice_that_is_not_stated_is_the_parents() -> None:
    parent = yearly(notice="90 days")
    silent = some_terms("2024-06-01", parent=parent)
    own = some_terms("2024-06-01", parent=parent, notice="5 days")
    assert schedule_of(silent).notices_for(1) == ((date.min, parent.notice),)
    assert schedule_of(own).notices_for(1) == ((date.min, own.notice),)


@pytest.mark.parametrize(
    ("renewal", "left"),
    [
        ("option, 1 year", True),
        ("option, 1 year, max 2", True),
        ("option, 1 year, max 2, exercised 2", False),
        ("option, 1 year, max 0", False),
        ("auto, 1 year", False),
        ("none", False),
    ],
)
def test_options_are_counted_down(renewal: str, *, left: bool) -> None:
    parent = yearly(renewal=renewal)
    assert schedule_of(parent).options_left is left
    assert schedule_of(some_terms("2024-04-15", parent=parent)).options_left is left


def test_no_renewal_has_no_options_left() -> None:
    assert not schedule_of(some_terms("2024-04-15", initial_term="1 year")).options_left


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


YEAR_AND_A_HALF: dict[str, Any] = {"term": "18 months"}
OPTIONS: dict[str, Any] = {
    "initial_term": "24 months",
    "renewal": "option, 12 months, max 2",
    "notice": "4 months",
}
OPEN_ENDED: dict[str, Any] = {"renewal": "evergreen", "notice": "1 month"}


def amended(*amendments: Amendment, **fields: Any) -> Terms:  # noqa: ANN401 - as a document has them
    """Return the usual yearly terms from 15 April 2024 with some amendments."""
    return yearly(amendments=amendments, **fields)


AMENDED = [
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31")),
        "2024-04-15 2025-04-01 2026-04-15 2027-04-15",
        id="an end alone leaves later ends",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31", is_anchor=True)),
        "2024-04-15 2025-04-01 2026-04-01 2027-04-01",
        id="an end as anchor",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-04-01", end_date_is="renewal_date")),
        "2024-04-15 2025-04-01 2026-04-15",
        id="an end as renewal date",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", **YEAR_AND_A_HALF)),
        "2024-04-15 2025-10-15 2026-04-15 2027-04-15",
        id="a length from the term's first day",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", **YEAR_AND_A_HALF, is_anchor=True)),
        "2024-04-15 2025-10-15 2026-10-15 2027-10-15",
        id="a length as anchor",
    ),
    pytest.param(
        amended(an_amendment("2025-04-14", end_date="2025-04-14")),
        "2024-04-15 2025-04-15 2026-04-15",
        id="an end where it was",
    ),
    pytest.param(
        amended(an_amendment("2025-04-15", end_date="2025-04-15")),
        "2024-04-15 2025-04-15 2025-04-16 2027-04-15",
        id="a term of one day",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", renewal="auto, 24 months")),
        "2024-04-15 2025-04-15 2027-04-15 2029-04-15",
        id="renewal lengths",
    ),
    pytest.param(
        amended(an_amendment("2026-01-01", renewal="auto, 24 months then 6 months")),
        "2024-04-15 2025-04-15 2026-04-15 2028-04-15 2028-10-15 2029-04-15",
        id="renewal lengths in the second term",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31", renewal="auto, 24 months")),
        "2024-04-15 2025-04-01 2027-04-01",
        id="an end and renewal lengths",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", begins_term=True, term="36 months")),
        "2024-04-15 2024-10-01 2027-10-01 2028-10-01",
        id="renewed early",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", begins_term=True, end_date="2027-12-31")),
        "2024-04-15 2024-10-01 2028-01-01 2029-01-01",
        id="renewed early to a stated end",
    ),
    pytest.param(
        amended(
            an_amendment("2025-01-01", begins_term=True, end_date="2025-12-31", is_anchor=False)
        ),
        "2024-04-15 2025-01-01 2026-01-01 2027-04-15",
        id="renewed early, later ends stay",
    ),
    pytest.param(
        amended(an_amendment("2025-04-15", begins_term=True, term="36 months")),
        "2024-04-15 2025-04-15 2028-04-15 2029-04-15",
        id="renewed on the renewal date",
    ),
    pytest.param(
        amended(an_amendment("2024-04-15", begins_term=True, term="36 months")),
        "2024-04-15 2027-04-15 2028-04-15",
        id="begun anew on the start date",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", begins_term=True, term="12 months"),
            renewal="auto, 24 months then 6 months",
        ),
        "2024-04-15 2024-10-01 2025-10-01 2026-04-01 2026-10-01",
        id="an early renewal is the first one",
    ),
    pytest.param(
        amended(an_amendment("2025-04-15", term="24 months"), renewal="none"),
        "2024-04-15 2025-04-15",
        id="a fixed end carried on",
    ),
    pytest.param(
        amended(
            an_amendment("2025-04-15", term="24 months", renewal="auto, 6 months"), renewal="none"
        ),
        "2024-04-15 2025-04-15 2027-04-15 2027-10-15",
        id="a fixed end carried on, to renew",
    ),
    pytest.param(
        some_terms(
            "2024-01-31",
            **MONTHLY,
            amendments=[an_amendment("2024-04-10", renewal="auto, 2 months")],
        ),
        "2024-01-31 2024-02-29 2024-03-31 2024-04-30 2024-06-30 2024-08-31 2024-10-31 2024-12-31",
        id="other renewal lengths keep the 31st",
    ),
    pytest.param(
        some_terms(
            "2024-01-31",
            **MONTHLY,
            amendments=[an_amendment("2024-03-10", term="2 months", is_anchor=True)],
        ),
        "2024-01-31 2024-02-29 2024-04-30 2024-05-31 2024-06-30",
        id="another length keeps the 31st",
    ),
    pytest.param(
        some_terms(
            "2024-01-31",
            **MONTHLY,
            amendments=[an_amendment("2024-02-29", begins_term=True, term="1 month")],
        ),
        "2024-01-31 2024-02-29 2024-03-29 2024-04-29",
        id="a new term counts from its own first day",
    ),
    pytest.param(
        some_terms(
            "2025-01-31",
            **MONTHLY,
            short_month="roll_forward",
            amendments=[an_amendment("2025-03-10", renewal="auto, 3 months")],
        ),
        "2025-01-31 2025-03-01 2025-03-31 2025-07-01 2025-10-01 2025-12-31",
        id="other renewal lengths from the 31st, rolled",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2025-06-01", term="24 months"),
        ),
        "2024-04-15 2025-04-01 2027-04-01 2027-04-15 2028-04-15",
        id="a length counts from a start that was moved",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2024-12-01", renewal="auto, 24 months"),
        ),
        "2024-04-15 2025-04-01 2027-04-01",
        id="renewal lengths count from an end that was moved",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-05-14"),
            an_amendment("2024-12-01", renewal="auto, 24 months"),
        ),
        "2024-04-15 2025-05-15 2027-05-15",
        id="renewal lengths count from an end that was moved by a month",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2025-01-01", end_date="2025-05-31"),
        ),
        "2024-04-15 2025-06-01 2026-04-15",
        id="an end moved twice",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2025-01-01", begins_term=True, term="12 months"),
        ),
        "2024-04-15 2025-01-01 2026-01-01",
        id="a moved end cut short",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2025-04-01", term="24 months"),
            renewal="none",
        ),
        "2024-04-15 2025-04-01",
        id="a moved end carried on",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", begins_term=True, term="12 months"),
            an_amendment("2024-10-01", begins_term=True, term="24 months"),
        ),
        "2024-04-15 2024-10-01 2026-10-01 2027-10-01",
        id="put right on the same day",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            initial_term="10 days",
            renewal="auto, 1 week",
            amendments=[an_amendment("2024-01-13", end_date="2024-01-20")],
        ),
        "2024-01-01 2024-01-11 2024-01-21 2024-01-25 2024-02-01",
        id="weeks, an end alone",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            initial_term="10 days",
            renewal="auto, 1 week",
            amendments=[an_amendment("2024-01-13", end_date="2024-01-20", is_anchor=True)],
        ),
        "2024-01-01 2024-01-11 2024-01-21 2024-01-28 2024-02-04",
        id="weeks, an end as anchor",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-06-30"), renewal="auto, 24 months then 1 year"
        ),
        "2024-04-15 2025-07-01 2027-04-15 2028-04-15",
        id="an end alone before listed lengths",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[
                an_amendment("2026-01-01", begins_term=True, term="36 months", renewal="none")
            ],
        ),
        "2024-01-01 2026-01-01",
        id="open-ended made fixed",
    ),
    pytest.param(
        some_terms(
            "2024-01-01",
            **OPEN_ENDED,
            amendments=[an_amendment("2026-01-01", end_date="2027-12-31")],
        ),
        "2024-01-01 2028-01-01",
        id="open-ended given a minimum",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", renewal="evergreen")),
        "2024-04-15 2025-04-15",
        id="made open-ended after its term",
    ),
    pytest.param(
        some_terms(
            "2024-09-01",
            **OPTIONS,
            amendments=[an_amendment("2025-01-01", end_date="2026-11-30")],
            said=both_chose("extend", "2026-03-01", term=(1, "2024-09-01")),
        ),
        "2024-09-01 2026-12-01",
        id="an option after an end that was moved",
    ),
]


@pytest.mark.parametrize(("terms", "expected"), AMENDED)
def test_amended_terms_start_where_the_parties_have_them(terms: Terms, expected: str) -> None:
    wanted = expected.split()
    assert starts(terms, 1, len(wanted)) == wanted
    schedule = schedule_of(terms)
    for number, start in enumerate(wanted, 1):
        assert schedule.number_on(day(start)) == number


@pytest.mark.parametrize(
    ("terms", "last", "ends_on"),
    [
        pytest.param(
            amended(an_amendment("2025-04-15", term="24 months"), renewal="none"),
            2,
            "2027-04-14",
            id="carried on",
        ),
        pytest.param(
            amended(
                an_amendment("2025-04-15", end_date="2025-12-31"), renewal="auto, 1 year, max 0"
            ),
            2,
            "2025-12-31",
            id="carried on after the last renewal",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", renewal="auto, 1 year, max 1")),
            2,
            "2026-04-14",
            id="renewals limited",
        ),
        pytest.param(
            amended(an_amendment("2025-10-01", renewal="auto, 1 year, max 1")),
            3,
            "2027-04-14",
            id="renewals limited from the second term on",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", renewal="none")), 1, "2025-04-14", id="ends"
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", renewal="auto, 1 year"), renewal="none"),
            None,
            "2025-04-14",
            id="goes on",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", begins_term=True, term="2 years"), renewal="none"),
            2,
            "2024-09-30",
            id="fixed, renewed early",
        ),
        pytest.param(
            amended(
                an_amendment("2024-10-01", begins_term=True, term="2 years"),
                renewal="auto, 1 year, max 2",
            ),
            3,
            "2024-09-30",
            id="an early renewal is one of the renewals there are",
        ),
        pytest.param(
            some_terms(
                "2024-09-01", **OPTIONS, amendments=[an_amendment("2025-01-01", term="1 year")]
            ),
            1,
            "2025-08-31",
            id="an option after a shorter term",
        ),
        pytest.param(
            some_terms(
                "2024-01-01",
                **OPEN_ENDED,
                amendments=[an_amendment("2026-01-01", renewal="perpetual")],
            ),
            1,
            "None",
            id="open-ended made perpetual",
        ),
    ],
)
def test_amended_terms_have_their_last(terms: Terms, last: int | None, ends_on: str) -> None:
    assert schedule_of(terms).last_number == last
    number = last if last is not None and not terms.amendments[0].begins_term else 1
    assert end(terms, number) == ends_on


CARRY_ON = (
    "amendments.0.effective_from: the last term ends on Mon 14 Apr 2025: to carry on,"
    " begin a new term, with its length, on the day after."
)
BEYOND = "lies beyond the end of the next term; set is_anchor to count later terms anew."


@pytest.mark.parametrize(
    ("amendment", "fields", "sentence"),
    [
        pytest.param(
            an_amendment("2024-04-14", notice="30 days"),
            {},
            "amendments.0.effective_from: must not be before start_date; correct the terms.",
            id="before the start",
        ),
        pytest.param(
            an_amendment("2025-04-15", notice="30 days"),
            {"renewal": "none"},
            CARRY_ON,
            id="after the end, no new term",
        ),
        pytest.param(
            an_amendment("2025-04-16", term="1 year", begins_term=True),
            {"renewal": "none"},
            CARRY_ON,
            id="a gap after the end",
        ),
        pytest.param(
            an_amendment("2024-10-01", end_date="2024-09-30"),
            {},
            "amendments.0.end_date: must not be before the day it takes effect; check both.",
            id="ends before it takes effect",
        ),
        pytest.param(
            an_amendment("2024-10-01", end_date="2024-10-01", end_date_is="renewal_date"),
            {},
            "amendments.0.end_date: must not be before the day it takes effect; check both.",
            id="renews when it takes effect",
        ),
        pytest.param(
            an_amendment("2024-10-01", term="5 months"),
            {},
            "amendments.0.term: must not be before the day it takes effect; check both.",
            id="was over when it takes effect",
        ),
        pytest.param(
            an_amendment("2024-10-01", term="24 months"),
            {},
            f"amendments.0.term: {BEYOND}",
            id="beyond the next term",
        ),
        pytest.param(
            an_amendment("2024-10-01", end_date="2027-08-31"),
            {"start_date": "2024-09-01", **OPTIONS},
            f"amendments.0.end_date: {BEYOND}",
            id="beyond the term of an option that is left",
        ),
        pytest.param(
            an_amendment("2025-10-01", renewal="auto, 1 year"),
            {"renewal": "evergreen"},
            "amendments.0.term: is needed to end an open-ended term; give it, or end_date.",
            id="renewals of an open-ended term",
        ),
        pytest.param(
            an_amendment("2033-04-15", notice="1 day"),
            {"initial_term": "1 day", "renewal": "auto, 1 day"},
            "amendments.0.effective_from: more than 3000 terms lie before it;"
            " enter a new agreement.",
            id="after thousands of terms",
        ),
    ],
)
def test_an_amendment_that_does_not_fit_is_refused(
    amendment: Amendment, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**fields, amendments=[amendment])
    assert bad.value.sentence == sentence


def test_the_amendment_that_does_not_fit_is_named() -> None:
    fits = an_amendment("2024-10-01", renewal="none")
    with pytest.raises(BadTerms) as bad:
        amended(fits, an_amendment("2025-06-01", notice="30 days"))
    assert bad.value.field == "amendments.1.effective_from"


def test_an_amendment_of_a_price_leaves_all_terms() -> None:
    priced = amended(an_amendment("2024-10-01", annual_value="12000"))
    assert starts(priced, 1, 9) == starts(yearly(), 1, 9)


@pytest.mark.parametrize(
    ("every", "last"),
    [
        pytest.param((), 1, id="nothing was said"),
        pytest.param(both_chose("extend", term=(1, "2024-09-01")), 2, id="settled"),
        pytest.param((chose("it", "extend", term=(1, "2024-09-01")),), 1, id="one team alone"),
        pytest.param(both_chose("renew", term=(1, "2024-09-01")), 1, id="to renew"),
        pytest.param(both_chose("extend", term=(1, "2024-09-02")), 1, id="of another first day"),
        pytest.param(both_chose("extend", term=(2, "2026-09-01")), 1, id="of a later term"),
        pytest.param(
            (
                *both_chose("extend", term=(1, "2024-09-01")),
                *both_chose("extend", term=(2, "2026-09-01")),
                *both_chose("extend", term=(3, "2027-09-01")),
            ),
            3,
            id="more often than there are options",
        ),
    ],
)
def test_a_settled_extension_exercises_the_option(every: tuple[Said, ...], last: int) -> None:
    terms = some_terms("2024-09-01", **OPTIONS, said=every)
    assert schedule_of(terms).last_number == last
    assert schedule_of(some_terms("2025-01-01", parent=terms)).last_number == last


def test_an_extension_that_the_terms_count_already_counts_once() -> None:
    fields = OPTIONS | {"renewal": "option, 12 months, max 2, exercised 1"}
    terms = some_terms("2024-09-01", **fields, said=both_chose("extend", term=(1, "2024-09-01")))
    schedule = schedule_of(terms)
    assert (schedule.last_number, schedule.is_extended(1), schedule.options_left) == (2, True, True)


def test_each_term_has_the_renewal_kind_of_its_day() -> None:
    terms = amended(
        an_amendment("2024-10-01", renewal="auto, 1 year, max 1"),
        an_amendment("2025-10-01", renewal="option, 1 year, max 1"),
        an_amendment("2026-04-15", term="3 months", renewal="evergreen"),
        renewal="none",
    )
    schedule = schedule_of(terms)
    assert [schedule.kind_of(number).value for number in (1, 2, 3, 4)] == [
        "auto",
        "option",
        "evergreen",
        "evergreen",
    ]
    child = schedule_of(some_terms("2025-06-01", parent=terms))
    assert [child.kind_of(number).value for number in (1, 2)] == ["option", "evergreen"]


@pytest.mark.parametrize(
    ("terms", "cut_short", "carried_on", "was_last"),
    [
        pytest.param(yearly(), False, False, False, id="not amended"),
        pytest.param(
            amended(an_amendment("2024-10-01", term="1 year", begins_term=True)),
            True,
            True,
            False,
            id="renewed early",
        ),
        pytest.param(
            amended(an_amendment("2025-04-15", term="1 year", begins_term=True)),
            False,
            True,
            False,
            id="renewed on its day",
        ),
        pytest.param(
            amended(an_amendment("2025-04-15", term="1 year")),
            False,
            False,
            False,
            id="the next one's length alone",
        ),
        pytest.param(
            amended(an_amendment("2025-04-15", term="1 year"), renewal="none"),
            False,
            True,
            True,
            id="carried on",
        ),
        pytest.param(
            amended(
                an_amendment("2024-10-01", term="1 year", begins_term=True),
                an_amendment("2024-10-01", term="2 years", begins_term=True),
            ),
            True,
            True,
            False,
            id="renewed early, put right",
        ),
    ],
)
def test_a_term_knows_how_the_next_one_came(
    terms: Terms, *, cut_short: bool, carried_on: bool, was_last: bool
) -> None:
    child = some_terms("2024-05-01", parent=terms)
    for schedule in (schedule_of(terms), schedule_of(child)):
        assert (
            schedule.is_cut_short(1),
            schedule.is_carried_on(1),
            schedule.was_last(1),
        ) == (cut_short, carried_on, was_last)


@pytest.mark.parametrize(
    ("renewal", "left"),
    [("option, 1 year, max 1", True), ("option, 1 year, max 0", False), ("none", False)],
)
def test_an_option_that_was_left_stays_left_behind_an_amendment(
    renewal: str, *, left: bool
) -> None:
    terms = amended(an_amendment("2025-04-15", term="1 year", renewal="none"), renewal=renewal)
    schedule = schedule_of(terms)
    assert (schedule.has_option_after(1), schedule.has_option_after(2)) == (left, False)
    child = schedule_of(some_terms("2024-05-01", parent=terms))
    assert (child.has_option_after(1), child.has_option_after(2)) == (left, False)


@pytest.mark.parametrize(
    ("terms", "lengths"),
    [
        pytest.param(yearly(initial_term="5 years"), "5 years, 12 months, 12 months", id="plain"),
        pytest.param(
            some_terms("2024-05-10", end_date="2024-12-31", renewal="auto, 1 year"),
            "None, 1 year, 1 year",
            id="stub",
        ),
        pytest.param(
            some_terms("2024-04-15", end_date="2025-04-14", renewal="auto, 1 year"),
            "12 months, 1 year, 1 year",
            id="a stated whole year",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", end_date="2025-03-31")),
            "None, None, 12 months",
            id="an end that was moved",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", end_date="2025-10-14", is_anchor=True)),
            "18 months, 12 months, 12 months",
            id="whole months",
        ),
        pytest.param(
            amended(an_amendment("2024-10-01", term="3 years", begins_term=True)),
            "None, 3 years, 12 months",
            id="renewed early",
        ),
        pytest.param(
            amended(an_amendment("2025-10-01", renewal="perpetual"), renewal="evergreen"),
            "12 months, None",
            id="open-ended",
        ),
        pytest.param(
            some_terms("2024-06-01", parent=yearly()), "None, 12 months, 12 months", id="child"
        ),
    ],
)
def test_a_term_has_the_length_that_was_stated(terms: Terms, lengths: str) -> None:
    wanted = lengths.split(", ")
    schedule = schedule_of(terms)
    assert [str(schedule.length_of(number + 1)) for number in range(len(wanted))] == wanted


def test_a_clause_is_in_force_from_its_day_on() -> None:
    terms = amended(
        an_amendment("2024-10-01", notice="60 days"),
        an_amendment("2025-10-01", annual_value="1"),
        an_amendment("2026-10-01", notice="10 days"),
        renewal_notice="30 days",
    )
    schedule = schedule_of(terms)
    told = [f"{since} {rule and rule.period}" for since, rule in schedule.notices_for(2)]
    assert told == ["0001-01-01 30 days", "2024-10-01 60 days", "2026-10-01 10 days"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, "45 days, 60 days, 10 days", id="the parent's"),
        pytest.param({"notice": "5 days"}, "5 days", id="its own"),
        pytest.param(
            {"amendments": [an_amendment("2025-06-01", notice="6 days")]},
            "45 days, 60 days, 6 days",
            id="its own from its amendment on",
        ),
        pytest.param(
            {"notice": "5 days", "amendments": [an_amendment("2025-06-01", notice="6 days")]},
            "5 days, 6 days",
            id="its own, amended",
        ),
        pytest.param(
            {"amendments": [an_amendment("2026-10-01", notice="6 days")]},
            "45 days, 60 days, 6 days",
            id="on the same day its own goes before its parent's",
        ),
    ],
)
def test_a_child_follows_its_parents_notice_until_it_states_its_own(
    fields: dict[str, Any], expected: str
) -> None:
    parent = amended(
        an_amendment("2024-10-01", notice="60 days"), an_amendment("2026-10-01", notice="10 days")
    )
    schedule = schedule_of(some_terms("2024-06-01", parent=parent, **fields))
    rules = [rule for _, rule in schedule.notices_for(1)]
    assert ", ".join(str(rule and rule.period) for rule in rules) == expected


def test_an_amendment_rests_on_an_option_that_was_exercised() -> None:
    every = both_chose("extend", "2026-04-01", term=(1, "2024-09-01"))
    later = an_amendment("2026-12-01", notice="2 months")
    terms = some_terms("2024-09-01", **OPTIONS, said=every, amendments=[later])
    assert schedule_of(terms).last_number == 2
    assert schedule_of(terms.known_on(day("2026-03-31"))).last_number == 1
    with pytest.raises(BadTerms):
        some_terms("2024-09-01", **OPTIONS, amendments=[later])


AMENDED_STARTS = [
    pytest.param(
        amended(an_amendment("2024-10-01", begins_term=True, term="3 years")),
        2,
        ["By the amendment effective from Tue 1 Oct 2024, a new term begins on that day: term 2."],
        id="renewed early",
    ),
    pytest.param(
        amended(an_amendment("2025-04-15", begins_term=True, term="3 years")),
        2,
        ["By the amendment effective from Tue 15 Apr 2025, a new term begins on that day: term 2."],
        id="renewed on its day",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31")),
        2,
        [
            "By the amendment effective from Tue 1 Oct 2024, term 1 ends on Mon 31 Mar 2025.",
            "So term 2 starts on Tue 1 Apr 2025.",
        ],
        id="after an end that was moved",
    ),
]
AMENDED_ENDS = [
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31")),
        1,
        ["By the amendment effective from Tue 1 Oct 2024, term 1 ends on Mon 31 Mar 2025."],
        id="stated",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", end_date="2025-03-31")),
        3,
        [
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 3 x 12 months make 36 months to the end of term 3."
            ),
            "The last covered day is the day before Thu 15 Apr 2027: Wed 14 Apr 2027.",
        ],
        id="two terms on",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", term="18 months", is_anchor=True)),
        1,
        [
            (
                "By the amendment effective from Tue 1 Oct 2024, term 1 lasts 18 months from"
                " Mon 15 Apr 2024."
            ),
            "The last covered day is the day before Wed 15 Oct 2025: Tue 14 Oct 2025.",
        ],
        id="a length",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", term="18 months", is_anchor=True)),
        2,
        [
            (
                "Counted from Mon 15 Apr 2024, when term 1 starts:"
                " 18 months + 12 months make 30 months to the end of term 2."
            ),
            "The last covered day is the day before Thu 15 Oct 2026: Wed 14 Oct 2026.",
        ],
        id="after a length",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", begins_term=True, term="3 years")),
        1,
        [
            (
                "By the amendment effective from Tue 1 Oct 2024, a new term begins on that day:"
                " term 2."
            ),
            "The last covered day is the day before Tue 1 Oct 2024: Mon 30 Sep 2024.",
        ],
        id="cut short",
    ),
    pytest.param(
        amended(an_amendment("2024-10-01", begins_term=True, term="3 years")),
        3,
        [
            (
                "Counted from Tue 1 Oct 2024, when term 2 starts:"
                " 3 years + 12 months make 48 months to the end of term 3."
            ),
            "The last covered day is the day before Sun 1 Oct 2028: Sat 30 Sep 2028.",
        ],
        id="after an early renewal",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2024-12-01", renewal="auto, 24 months"),
        ),
        1,
        ["By the amendment effective from Tue 1 Oct 2024, term 1 ends on Mon 31 Mar 2025."],
        id="stated, then other renewals",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31", is_anchor=True),
            an_amendment("2024-12-01", renewal="auto, 24 months"),
        ),
        2,
        [
            "Term 2 lasts 24 months from Tue 1 Apr 2025.",
            "The last covered day is the day before Thu 1 Apr 2027: Wed 31 Mar 2027.",
        ],
        id="other renewals after a stated end",
    ),
    pytest.param(
        amended(
            an_amendment("2024-10-01", end_date="2025-03-31"),
            an_amendment("2025-06-01", term="24 months", is_anchor=True),
        ),
        3,
        [
            (
                "Counted from Tue 1 Apr 2025, when term 2 starts:"
                " 24 months + 12 months make 36 months to the end of term 3."
            ),
            "The last covered day is the day before Sat 1 Apr 2028: Fri 31 Mar 2028.",
        ],
        id="counted from a start that was moved",
    ),
    pytest.param(
        some_terms(
            "2024-04-15",
            end_date="2025-03-31",
            amendments=[an_amendment("2025-04-01", term="1 year")],
        ),
        1,
        ["The contract states Mon 31 Mar 2025 as the last day of the first term."],
        id="stated, then carried on",
    ),
]


@pytest.mark.parametrize(("terms", "number", "steps"), AMENDED_STARTS)
def test_an_amended_first_day_explains_itself(terms: Terms, number: int, steps: list[str]) -> None:
    assert spell(schedule_of(terms).start_steps(number)) == steps


@pytest.mark.parametrize(("terms", "number", "steps"), AMENDED_ENDS)
def test_an_amended_last_day_explains_itself(terms: Terms, number: int, steps: list[str]) -> None:
    assert spell(schedule_of(terms).end_steps(number)) == steps
