"""Clauses that contradict themselves, or that nobody could count, cannot be built."""

from dataclasses import replace
from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import MonthDay, Notice, Renewal, RenewalKind, Roll, check_day
from app.renewals.spans import Span, Unit
from tests.renewals.builders import a_span, day, yearly

RENEWALS = [
    pytest.param(
        {"renewal": "auto"},
        "renewal.term: is needed when renewal.kind is auto; give a renewal's length.",
        id="auto for how long",
    ),
    pytest.param(
        {"renewal": "option"},
        "renewal.term: is needed when renewal.kind is option; give a renewal's length.",
        id="option for how long",
    ),
    pytest.param(
        {"renewal": "none, 12 months"},
        "renewal.term: means nothing when renewal.kind is none; leave it out.",
        id="fixed end with renewals",
    ),
    pytest.param(
        {"renewal": "evergreen, max 3"},
        "renewal.max: means nothing when renewal.kind is evergreen; leave it out.",
        id="open-ended with a limit",
    ),
    pytest.param(
        {"renewal": "auto, 0 months"},
        "renewal.term.value: a term lasts at least 1; give its full length.",
        id="renewal of no length",
    ),
    pytest.param(
        {"renewal": "auto, 1 year then 101 years"},
        "renewal.terms.1.value: a term lasts at most 100 years; check the number.",
        id="second renewal too long",
    ),
    pytest.param(
        {"renewal": "auto, 1 year, max -1"},
        "renewal.max: must be from 0 to 1000 renewals.",
        id="fewer renewals than none",
    ),
    pytest.param(
        {"renewal": "auto, 1 year, max 1001"},
        "renewal.max: must be from 0 to 1000 renewals.",
        id="too many renewals",
    ),
    pytest.param(
        {"renewal": "auto, 1 year, exercised 1"},
        "renewal.exercised: only options are exercised; leave it out.",
        id="auto exercised",
    ),
    pytest.param(
        {"renewal": "option, 1 year, max 2, exercised 3"},
        "renewal.exercised: must be from 0 to the number of options in renewal.max.",
        id="more used than there are",
    ),
    pytest.param(
        {"renewal": "option, 1 year, exercised -1"},
        "renewal.exercised: must be from 0 to the number of options in renewal.max.",
        id="less used than none",
    ),
    pytest.param(
        {"renewal": "auto, 100 years, max 1000"},
        "renewal: the last renewal would end thousands of years from now; check the numbers.",
        id="beyond the calendar",
    ),
    pytest.param(
        {"renewal": "option, 10 years, exercised 900"},
        "renewal: the last renewal would end thousands of years from now; check the numbers.",
        id="options beyond the calendar",
    ),
    pytest.param(
        {"termination_right": "5 business days"},
        "termination_right.notice.unit: cannot be business_days here;"
        " use one of days, weeks, months, years.",
        id="leaving in business days",
    ),
    pytest.param(
        {"termination_right": "-1 days"},
        "termination_right.notice.value: must not be negative; 0 means up to the day itself.",
        id="leaving in less than no time",
    ),
    pytest.param(
        {"termination_right": "30 days, earliest_on 2200-01-01"},
        "termination_right.earliest_on: the year must be from 1970 to 2199.",
        id="leaving too late",
    ),
]
NOTICES = [
    pytest.param(
        "-1 days", "notice.value: must not be negative; 0 means up to the day itself.", id="below 0"
    ),
    pytest.param(
        "121 months", "notice.value: must be at most 120 months; check the number.", id="too long"
    ),
    pytest.param(
        "15 business days",
        "notice.unit: business days need a calendar; set calendar, such as GB-ENG.",
        id="business days anywhere",
    ),
    pytest.param(
        "30 days, opens 60 business days",
        "notice.opens.unit: business days need a calendar; set calendar, such as GB-ENG.",
        id="opening in business days anywhere",
    ),
    pytest.param(
        "30 days, delivery 2 business days",
        "notice.delivery.unit: business days need a calendar; set calendar, such as GB-ENG.",
        id="delivery in business days anywhere",
    ),
    pytest.param(
        "30 days, delivery 1 months",
        "notice.delivery.unit: cannot be months here; use one of days, weeks, business_days.",
        id="delivery in months",
    ),
    pytest.param(
        "30 days, roll preceding",
        "notice.roll: moving off a day off needs a calendar; set calendar, or roll to none.",
        id="days off of nowhere",
    ),
    pytest.param(
        "60 days, opens 59 days",
        "notice.opens: the window would close before it opens;"
        " make opens no shorter than the notice.",
        id="closes first",
    ),
    pytest.param(
        "13 months, opens 1 year",
        "notice.opens: the window would close before it opens;"
        " make opens no shorter than the notice.",
        id="closes first, months and years",
    ),
    pytest.param(
        "60 business days, opens 8 weeks, calendar US",
        "notice.opens: the window would close before it opens;"
        " make opens no shorter than the notice.",
        id="closes first, business days",
    ),
    pytest.param(
        "60 days, opens -1 days",
        "notice.opens.value: must not be negative; 0 means up to the day itself.",
        id="opens after the end",
    ),
    pytest.param(
        "by 13-01",
        "notice.by_month_day: must be a day of the year as MM-DD, such as 10-01.",
        id="month 13",
    ),
    pytest.param(
        "by 02-30",
        "notice.by_month_day: must be a day of the year as MM-DD, such as 10-01.",
        id="30 February",
    ),
    pytest.param(
        "by 00-10",
        "notice.by_month_day: must be a day of the year as MM-DD, such as 10-01.",
        id="month 0",
    ),
]


@pytest.mark.parametrize(("fields", "sentence"), RENEWALS)
def test_a_clause_that_contradicts_itself_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize("name", ["notice", "renewal_notice"])
@pytest.mark.parametrize(("notice", "sentence"), NOTICES)
def test_a_notice_that_cannot_be_counted_is_refused(name: str, notice: str, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**{name: notice})
    assert bad.value.sentence == sentence.replace("notice.", f"{name}.", 1)


def test_the_kept_years_include_their_first_and_last_day() -> None:
    check_day("as_of", day("1970-01-01"))
    check_day("as_of", day("2199-12-31"))


@pytest.mark.parametrize(
    "notice",
    [
        "60 days, opens 60 days",
        "31 days, opens 1 month",
        "0 days, opens 0 days",
        "1 year, opens 12 months",
        "20 business days, opens 4 weeks, calendar US",
        "4 weeks, opens 20 business days, calendar US",
        "by 10-01, opens 1 day",
    ],
)
def test_a_window_that_can_be_open_is_let_in(notice: str) -> None:
    assert yearly(notice=notice).notice is not None


def test_at_most_a_hundred_lengths_can_be_listed() -> None:
    Renewal(RenewalKind.AUTO, (a_span("1 month"),) * 100)
    with pytest.raises(BadTerms) as bad:
        Renewal(RenewalKind.AUTO, (a_span("1 month"),) * 101)
    assert bad.value.sentence == "renewal.terms: must be at most 100 lengths; the last one repeats."


def test_the_last_length_repeats() -> None:
    renewal = Renewal(RenewalKind.AUTO, (a_span("5 years"), a_span("2 years")))
    assert [str(renewal.length_of(number)) for number in (1, 2, 3, 9)] == [
        "5 years",
        "2 years",
        "2 years",
        "2 years",
    ]


def test_a_calendar_moves_deadlines_to_the_day_before_unless_told_otherwise() -> None:
    with_calendar = yearly(notice="30 days, calendar US").notice
    assert with_calendar is not None
    assert with_calendar.rolls is Roll.PRECEDING
    assert replace(with_calendar, roll=Roll.NONE).rolls is Roll.NONE
    assert Notice(Span(30, Unit.DAYS)).rolls is Roll.NONE


def test_29_february_is_the_28th_in_common_years() -> None:
    assert [MonthDay(2, 29).in_year(year) for year in (2024, 2025)] == [
        day("2024-02-29"),
        day("2025-02-28"),
    ]
