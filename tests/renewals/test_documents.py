"""A document is read strictly: what is not of the contract's own type is refused by name."""

from decimal import Decimal
from typing import Any

import pytest

from app import calendars
from app.renewals.amendments import Amendment
from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import (
    CountedFrom,
    EndDateIs,
    MonthDay,
    MonthRule,
    Notice,
    Renewal,
    RenewalKind,
    Roll,
    TerminationRight,
)
from app.renewals.documents import TERMS_FIELDS, amendment_of, terms_of
from app.renewals.months import ShortMonth
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms
from tests.renewals.builders import an_amendment, day, yearly

YEAR = {"value": 1, "unit": "years"}
PLAIN: dict[str, Any] = {"start_date": "2024-04-15", "initial_term": YEAR}
NOTICE: dict[str, Any] = {"value": 30, "unit": "days"}
LENGTHS_ONLY = "renewal.terms: must be a list of lengths, each with value and unit."
NO_DAY = "must be a day as YYYY-MM-DD."


def read(**fields: Any) -> Terms:  # noqa: ANN401 - a document holds anything
    return terms_of({**PLAIN, **fields}, calendars.named)


def test_every_field_is_read() -> None:
    terms = terms_of(
        {
            "start_date": "2024-04-15",
            "end_date": "2025-04-15",
            "end_date_is": "renewal_date",
            "short_month": "roll_forward",
            "renewal": {"kind": "option", "terms": [YEAR, NOTICE], "max": 3, "exercised": 1},
            "notice": {
                "value": 3,
                "unit": "months",
                "counted_from": "renewal_date",
                "month_rule": "eom",
                "clear_days": True,
                "opens": {"value": 6, "unit": "months"},
                "delivery": {"value": 2, "unit": "business_days"},
                "roll": "following",
                "calendar": "GB-ENG",
            },
            "renewal_notice": {"by_month_day": "02-29"},
            "lead_days": 120,
            "holdover": {"value": 1, "unit": "months"},
            "notice_received_on": "2025-01-02",
            "termination_right": {"notice": NOTICE, "earliest_on": "2025-01-01", "fee": "10 %"},
        },
        calendars.named,
    )
    assert terms == Terms(
        start_date=day("2024-04-15"),
        end_date=day("2025-04-15"),
        end_date_is=EndDateIs.RENEWAL_DATE,
        short_month=ShortMonth.ROLL_FORWARD,
        renewal=Renewal(
            RenewalKind.OPTION, (Span(1, Unit.YEARS), Span(30, Unit.DAYS)), max=3, exercised=1
        ),
        notice=Notice(
            period=Span(3, Unit.MONTHS),
            counted_from=CountedFrom.RENEWAL_DATE,
            month_rule=MonthRule.EOM,
            clear_days=True,
            opens=Span(6, Unit.MONTHS),
            delivery=Span(2, Unit.BUSINESS_DAYS),
            roll=Roll.FOLLOWING,
            calendar=calendars.named("GB-ENG"),
        ),
        renewal_notice=Notice(period=MonthDay(2, 29)),
        lead_days=120,
        holdover=Span(1, Unit.MONTHS),
        notice_received_on=day("2025-01-02"),
        termination_right=TerminationRight(Span(30, Unit.DAYS), day("2025-01-01"), "10 %"),
    )


def test_every_field_may_be_null_but_the_start() -> None:
    document = dict.fromkeys(TERMS_FIELDS) | PLAIN
    assert terms_of(document, calendars.named) == read()
    nothing = dict.fromkeys(("counted_from", "month_rule", "clear_days", "opens", "roll"))
    assert read(notice={**NOTICE, **nothing, "by_month_day": None}) == read(notice=NOTICE)


def test_one_length_can_be_given_as_term_or_in_terms() -> None:
    one = read(renewal={"kind": "auto", "term": YEAR})
    assert one == read(renewal={"kind": "auto", "terms": [YEAR]})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start_date": None}, "start_date: is needed; give the first day of the first term."),
        ({"start_date": 20240415}, f"start_date: {NO_DAY}"),
        ({"start_date": True}, f"start_date: {NO_DAY}"),
        ({"start_date": "15.04.2024"}, f"start_date: {NO_DAY}"),
        ({"start_date": "20240415"}, f"start_date: {NO_DAY}"),
        ({"start_date": "2026-W01-1"}, f"start_date: {NO_DAY}"),
        ({"start_date": "2026-001"}, f"start_date: {NO_DAY}"),
        ({"start_date": "2024-04-15T00:00:00"}, f"start_date: {NO_DAY}"),
        ({"start_date": "2024-04-15\n"}, f"start_date: {NO_DAY}"),
        ({"start_date": "２０２４-04-15"}, f"start_date: {NO_DAY}"),  # noqa: RUF001 - wide digits
        ({"start_date": "٢٠٢٤-04-15"}, f"start_date: {NO_DAY}"),
        ({"start_date": ""}, f"start_date: {NO_DAY}"),
        ({"start_date": "2015-11-31"}, "start_date: no calendar has that day; check it."),
        ({"start_date": "2025-02-29"}, "start_date: no calendar has that day; check it."),
        ({"start_date": "0000-01-01"}, "start_date: no calendar has that day; check it."),
        ({"initial_term": None, "end_date": 5}, f"end_date: {NO_DAY}"),
        ({"notice_received_on": "soon"}, f"notice_received_on: {NO_DAY}"),
        ({"initial_term": 12}, "initial_term: must be an object with its own fields."),
        ({"initial_term": "12 months"}, "initial_term: must be an object with its own fields."),
        ({"initial_term": [YEAR]}, "initial_term: must be an object with its own fields."),
        (
            {"initial_term": {"unit": "months"}},
            "initial_term.value: is needed; give both value and unit.",
        ),
        (
            {"initial_term": {"value": 12}},
            "initial_term.unit: is needed; give both value and unit.",
        ),
        (
            {"initial_term": {"value": True, "unit": "months"}},
            "initial_term.value: must be a whole number.",
        ),
        (
            {"initial_term": {"value": 12.0, "unit": "months"}},
            "initial_term.value: must be a whole number.",
        ),
        (
            {"initial_term": {"value": "12", "unit": "months"}},
            "initial_term.value: must be a whole number.",
        ),
        (
            {"initial_term": {"value": 12, "unit": "month"}},
            "initial_term.unit: must be one of days, weeks, months, years, business_days.",
        ),
        (
            {"initial_term": {"value": 12, "unit": ["months"]}},
            "initial_term.unit: must be one of days, weeks, months, years, business_days.",
        ),
        (
            {"initial_term": {"value": 12, "unit": "months", "days": 3}},
            "initial_term.days: is not a field here; check the name.",
        ),
        ({"end_date_is": "last"}, "end_date_is: must be one of last_day, renewal_date."),
        ({"end_date_is": 1}, "end_date_is: must be one of last_day, renewal_date."),
        ({"short_month": False}, "short_month: must be one of clip, roll_forward."),
        ({"lead_days": 90.5}, "lead_days: must be a whole number."),
        ({"lead_days": False}, "lead_days: must be a whole number."),
        ({"holdover": True}, "holdover: must be an object with its own fields."),
        ({"endDate": "2025-01-01"}, "endDate: is not a field here; check the name."),
    ],
)
def test_a_wrong_shape_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        read(**fields)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize(
    ("renewal", "sentence"),
    [
        ("auto", "renewal: must be an object with its own fields."),
        ({}, "renewal.kind: is needed; give one of auto, option, none, evergreen, perpetual."),
        (
            {"kind": "tacit"},
            "renewal.kind: must be one of auto, option, none, evergreen, perpetual.",
        ),
        (
            {"kind": "auto", "period": YEAR},
            "renewal.period: is not a field here; check the name.",
        ),
        (
            {"kind": "auto", "term": YEAR, "terms": [YEAR]},
            "renewal.terms: give renewal.term or renewal.terms, not both.",
        ),
        ({"kind": "auto", "terms": YEAR}, LENGTHS_ONLY),
        ({"kind": "auto", "terms": [12]}, LENGTHS_ONLY),
        (
            {"kind": "auto", "terms": [YEAR, {"value": 2}]},
            "renewal.terms.1.unit: is needed; give both value and unit.",
        ),
        (
            {"kind": "auto", "terms": []},
            "renewal.term: is needed when renewal.kind is auto; give a renewal's length.",
        ),
        ({"kind": "auto", "term": YEAR, "max": True}, "renewal.max: must be a whole number."),
        (
            {"kind": "option", "term": YEAR, "exercised": 1.0},
            "renewal.exercised: must be a whole number.",
        ),
    ],
)
def test_a_wrong_renewal_is_refused(renewal: object, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        read(renewal=renewal)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize(
    ("notice", "sentence"),
    [
        (30, "notice: must be an object with its own fields."),
        ({}, "notice.value: give value and unit, or by_month_day: one of the two ways."),
        (
            {**NOTICE, "by_month_day": "10-01"},
            "notice.value: give value and unit, or by_month_day: one of the two ways.",
        ),
        ({"value": 30}, "notice.unit: is needed; give both value and unit."),
        ({"unit": "days"}, "notice.value: is needed; give both value and unit."),
        ({"value": True, "unit": "days"}, "notice.value: must be a whole number."),
        (
            {"by_month_day": 1001},
            "notice.by_month_day: must be a day of the year as MM-DD, like 10-01.",
        ),
        (
            {"by_month_day": "10-1"},
            "notice.by_month_day: must be a day of the year as MM-DD, like 10-01.",
        ),
        (
            {"by_month_day": "１0-01"},  # noqa: RUF001 - a wide digit
            "notice.by_month_day: must be a day of the year as MM-DD, like 10-01.",
        ),
        ({**NOTICE, "clear_days": 1}, "notice.clear_days: must be true or false."),
        ({**NOTICE, "clear_days": "yes"}, "notice.clear_days: must be true or false."),
        (
            {**NOTICE, "calendar": 1},
            "notice.calendar: must be a country code such as US or GB-ENG.",
        ),
        (
            {**NOTICE, "calendar": "England"},
            "notice.calendar: no such country; use an ISO code such as US, FR or GB-ENG.",
        ),
        ({**NOTICE, "opens": 90}, "notice.opens: must be an object with its own fields."),
        (
            {**NOTICE, "delivery": {"value": 2}},
            "notice.delivery.unit: is needed; give both value and unit.",
        ),
        ({**NOTICE, "roll": True}, "notice.roll: must be one of none, preceding, following."),
        ({**NOTICE, "period": 3}, "notice.period: is not a field here; check the name."),
    ],
)
def test_a_wrong_notice_is_refused(notice: object, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        read(notice=notice)
    assert bad.value.sentence == sentence


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        (True, "termination_right: must be an object with its own fields."),
        ({}, "termination_right.notice: is needed; give its value and unit."),
        ({"notice": 30}, "termination_right.notice: must be an object with its own fields."),
        (
            {"notice": NOTICE, "earliest_on": "2025"},
            f"termination_right.earliest_on: {NO_DAY}",
        ),
        (
            {"notice": NOTICE, "fee": 10},
            "termination_right.fee: must be text, such as 10% of the remaining fees.",
        ),
        (
            {"notice": NOTICE, "when": "now"},
            "termination_right.when: is not a field here; check the name.",
        ),
    ],
)
def test_a_wrong_right_to_leave_is_refused(right: object, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        read(termination_right=right)
    assert bad.value.sentence == sentence


def test_an_amendment_is_read_from_its_document() -> None:
    document = {
        "effective_from": "2025-01-01",
        "begins_term": True,
        "end_date": "2026-01-01",
        "end_date_is": "renewal_date",
        "is_anchor": False,
        "notice": {"value": 30, "unit": "days"},
        "annual_value": "120000.00",
        "total_value": "7",
        "currency": "EUR",
    }
    assert amendment_of(document, calendars.named, day("2024-12-01")) == Amendment(
        effective_from=day("2025-01-01"),
        begins_term=True,
        end_date=day("2026-01-01"),
        end_date_is=EndDateIs.RENEWAL_DATE,
        is_anchor=False,
        notice=Notice(Span(30, Unit.DAYS)),
        annual_value=Decimal("120000.00"),
        total_value=Decimal(7),
        currency="EUR",
        recorded_on=day("2024-12-01"),
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param(
            {"effective_from": None},
            "effective_from: is needed; give the day it takes effect.",
            id="no day",
        ),
        pytest.param(
            {"currency": 978}, "currency: must be an ISO 4217 currency, such as EUR.", id="number"
        ),
        pytest.param(
            {"annual_value": 12000},
            'annual_value: must be an amount as text, such as "120000.00".',
            id="amount as a number",
        ),
        pytest.param(
            {"total_value": "-1"},
            'total_value: must be an amount as text, such as "120000.00".',
            id="negative amount",
        ),
        pytest.param(
            {"begins_term": "yes"}, "begins_term: must be true or false.", id="flag in words"
        ),
        pytest.param({"is_anchor": 1}, "is_anchor: must be true or false.", id="flag as a number"),
        pytest.param(
            {"recorded_on": "2025-01-01"},
            "recorded_on: is not a field here; check the name.",
            id="a day that is not theirs to say",
        ),
        pytest.param(
            {"notice": {"value": -1, "unit": "days"}},
            "notice.value: must not be negative; 0 means up to the day itself.",
            id="a notice that cannot be",
        ),
    ],
)
def test_an_amendment_that_cannot_be_read_is_refused(fields: dict[str, Any], sentence: str) -> None:
    document = {"effective_from": "2025-01-01", "annual_value": "1"} | fields
    with pytest.raises(BadTerms) as bad:
        amendment_of(document, calendars.named)
    assert bad.value.sentence == sentence


def test_amendments_are_put_in_the_order_they_take_effect() -> None:
    days = ("2026-01-01", "2025-01-01", "2025-01-01")
    recorded = [an_amendment(on, annual_value=str(number)) for number, on in enumerate(days)]
    terms = yearly(amendments=recorded)
    assert [str(one.annual_value) for one in terms.amendments] == ["1", "2", "0"]
