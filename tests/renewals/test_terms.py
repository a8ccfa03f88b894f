"""Terms that contradict themselves, or leave the calendar, cannot be built."""

from dataclasses import replace
from typing import Any

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import MonthDay, Notice, Renewal, RenewalKind, Roll, check_day
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms
from tests.renewals.builders import a_span, day, some_terms, yearly

FIRST_TERM = [
    pytest.param(
        {}, "initial_term: give the length of the first term, or its end as end_date.", id="none"
    ),
    pytest.param(
        {"initial_term": "12 months", "end_date": "2025-01-01"},
        "end_date: give initial_term or end_date, not both.",
        id="both",
    ),
    pytest.param(
        {"initial_term": "0 months"},
        "initial_term.value: a term lasts at least 1; give its full length.",
        id="zero",
    ),
    pytest.param(
        {"initial_term": "-3 days"},
        "initial_term.value: a term lasts at least 1; give its full length.",
        id="negative",
    ),
    pytest.param(
        {"initial_term": "5 business days"},
        "initial_term.unit: cannot be business_days here; use one of days, weeks, months, years.",
        id="business days",
    ),
    pytest.param(
        {"end_date": "2024-04-14"},
        "end_date: must not be before start_date; check both dates.",
        id="end before start",
    ),
    pytest.param(
        {"end_date": "2024-04-15", "end_date_is": "renewal_date"},
        "end_date: a renewal date must be after start_date; check both dates.",
        id="renews on its first day",
    ),
    pytest.param(
        {"end_date": "2200-01-01"},
        "end_date: the year must be from 1970 to 2199.",
        id="end too late",
    ),
    pytest.param(
        {"renewal": "perpetual", "initial_term": "1 year"},
        "initial_term: a perpetual agreement has no end; leave it out.",
        id="perpetual for a year",
    ),
    pytest.param(
        {"renewal": "perpetual", "end_date": "2025-01-01"},
        "end_date: a perpetual agreement has no end; leave it out.",
        id="perpetual to a day",
    ),
]
OTHERS = [
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
    pytest.param({"lead_days": -1}, "lead_days: must be from 0 to 3650 days.", id="negative lead"),
    pytest.param({"lead_days": 3651}, "lead_days: must be from 0 to 3650 days.", id="long lead"),
    pytest.param(
        {"holdover": "0 months"},
        "holdover.value: a term lasts at least 1; give its full length.",
        id="holdover of no length",
    ),
    pytest.param(
        {"notice_received_on": "1969-12-31"},
        "notice_received_on: the year must be from 1970 to 2199.",
        id="notice before time",
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
    pytest.param(
        {"renewal": "evergreen", "notice": "by 10-01"},
        "notice.by_month_day: a fixed day needs terms; make renewal.kind auto, by year, instead.",
        id="fixed day without terms",
    ),
    pytest.param(
        {"renewal": "evergreen", "renewal_notice": "by 10-01"},
        "renewal_notice.by_month_day: a fixed day needs terms;"
        " make renewal.kind auto, by year, instead.",
        id="later fixed day without terms",
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


@pytest.mark.parametrize(("fields", "sentence"), FIRST_TERM)
def test_a_first_term_that_cannot_be_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-04-15", **fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize(("fields", "sentence"), OTHERS)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize("name", ["notice", "renewal_notice"])
@pytest.mark.parametrize(("notice", "sentence"), NOTICES)
def test_a_notice_that_cannot_be_counted_is_refused(name: str, notice: str, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(**{name: notice})
    assert bad.value.sentence == sentence.replace("notice.", f"{name}.", 1)


@pytest.mark.parametrize("start", ["1969-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_a_start_outside_the_kept_years_is_refused(start: str) -> None:
    with pytest.raises(BadTerms) as bad:
        yearly(start)
    assert bad.value.sentence == "start_date: the year must be from 1970 to 2199."


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


def test_a_term_of_one_day_is_a_term() -> None:
    assert some_terms("2024-04-15", end_date="2024-04-15").end_date == day("2024-04-15")


def test_at_most_a_hundred_lengths_can_be_listed() -> None:
    Renewal(RenewalKind.AUTO, (a_span("1 month"),) * 100)
    with pytest.raises(BadTerms) as bad:
        Renewal(RenewalKind.AUTO, (a_span("1 month"),) * 101)
    assert bad.value.sentence == "renewal.terms: must be at most 100 lengths; the last one repeats."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"initial_term": a_span("1 year")}, "initial_term"),
        ({"end_date": day("2026-01-01")}, "end_date"),
        ({"renewal": Renewal(RenewalKind.NONE)}, "renewal"),
        ({"start_date": day("2024-04-14")}, "start_date"),
        ({"start_date": day("1969-01-01")}, "start_date"),
    ],
)
def test_a_co_terminous_agreement_takes_its_parents_terms(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadTerms) as bad:
        replace(Terms(start_date=day("2024-06-01"), parent=yearly("2024-04-15")), **fields)
    assert bad.value.field == field


def test_a_fixed_day_cannot_end_an_open_ended_parents_child() -> None:
    parent = some_terms("2024-04-15", renewal="evergreen", notice="1 month")
    with pytest.raises(BadTerms) as bad:
        some_terms("2024-06-01", parent=parent, notice="by 10-01")
    assert bad.value.field == "notice.by_month_day"


def test_a_child_cannot_start_after_its_parent_has_ended() -> None:
    parent = some_terms("2024-04-15", initial_term="1 year", renewal="none")
    assert some_terms("2025-04-14", parent=parent).start_date == day("2025-04-14")
    with pytest.raises(BadTerms) as bad:
        some_terms("2025-04-15", parent=parent)
    assert bad.value.sentence == (
        "start_date: its parent agreement ends before that, on Mon 14 Apr 2025."
    )


def test_a_renewal_that_is_not_stated_is_none() -> None:
    assert some_terms("2024-04-15", initial_term="1 year").kind is RenewalKind.NONE


@pytest.mark.parametrize(
    ("renewal", "left"),
    [
        ("option, 1 year", True),
        ("option, 1 year, max 2", True),
        ("option, 1 year, max 2, exercised 2", False),
        ("option, 1 year, max 0", False),
        ("auto, 1 year", False),
    ],
)
def test_options_are_counted_down(renewal: str, left: bool) -> None:  # noqa: FBT001 - a table
    parent = yearly(renewal=renewal)
    assert parent.options_left is left
    assert some_terms("2024-04-15", parent=parent).options_left is left


def test_no_renewal_has_no_options_left() -> None:
    assert not some_terms("2024-04-15", initial_term="1 year").options_left


def test_the_last_length_repeats() -> None:
    renewal = Renewal(RenewalKind.AUTO, (a_span("5 years"), a_span("2 years")))
    assert [str(renewal.length_of(number)) for number in (1, 2, 3, 9)] == [
        "5 years",
        "2 years",
        "2 years",
        "2 years",
    ]


def test_the_notice_of_a_renewal_term_can_be_another_one() -> None:
    terms = yearly(notice="90 days", renewal_notice="30 days")
    assert [str(_period(terms, number)) for number in (1, 2, 3)] == [
        "90 days",
        "30 days",
        "30 days",
    ]


def test_a_notice_that_is_not_stated_is_the_parents() -> None:
    parent = yearly(notice="90 days")
    assert str(_period(some_terms("2024-06-01", parent=parent), 1)) == "90 days"
    assert str(_period(some_terms("2024-06-01", parent=parent, notice="5 days"), 1)) == "5 days"


def _period(terms: Terms, number: int) -> Span | MonthDay:
    notice = terms.notice_for(number)
    assert notice is not None
    return notice.period


def test_a_calendar_moves_deadlines_to_the_day_before_unless_told_otherwise() -> None:
    with_calendar = yearly(notice="30 days, calendar US").notice
    assert with_calendar is not None
    assert with_calendar.rolls is Roll.PRECEDING
    assert replace(with_calendar, roll=Roll.NONE).rolls is Roll.NONE
    assert Notice(Span(30, Unit.DAYS)).rolls is Roll.NONE


def test_the_lead_time_has_a_default() -> None:
    end = day("2026-04-14")
    assert (yearly().lead_on(end), yearly(lead_days=0).lead_on(end)) == (90, 0)


MONTHLY = [
    ({"renewal": "auto, 1 month", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 31 days", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 4 weeks", "initial_term": "3 years"}, True),
    ({"renewal": "auto, 32 days", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 5 weeks", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 month then 2 months", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 year then 1 month", "initial_term": "3 years"}, False),
    ({"renewal": "auto, 1 year", "initial_term": "1 month"}, False),
    ({"renewal": "none", "initial_term": "1 month"}, True),
    ({"renewal": "none", "initial_term": "2 months"}, False),
    # Without its option it all ends, so it is the first term that counts.
    ({"renewal": "option, 1 month", "initial_term": "3 years"}, False),
    ({"renewal": "option, 1 year", "initial_term": "1 month"}, True),
    ({"renewal": "evergreen", "initial_term": "1 month"}, True),
    ({"renewal": "evergreen", "initial_term": "1 year"}, False),
    ({"renewal": "evergreen"}, False),
    ({"renewal": "perpetual"}, False),
    ({"end_date": "2025-02-27"}, True),
    ({"end_date": "2025-02-28"}, False),
    ({"end_date": "2025-02-28", "end_date_is": "renewal_date"}, True),
    ({"end_date": "2025-03-01", "end_date_is": "renewal_date"}, False),
]


@pytest.mark.parametrize(("fields", "monthly"), MONTHLY)
def test_what_goes_on_by_the_month_at_most_is_monthly(
    fields: dict[str, str], *, monthly: bool
) -> None:
    terms = some_terms("2025-01-31", **fields)
    assert terms.is_monthly is monthly
    assert some_terms("2025-02-01", parent=terms).is_monthly is monthly


def test_29_february_is_the_28th_in_common_years() -> None:
    assert [MonthDay(2, 29).in_year(year) for year in (2024, 2025)] == [
        day("2024-02-29"),
        day("2025-02-28"),
    ]
