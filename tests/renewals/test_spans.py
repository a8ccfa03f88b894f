"""A length is a count and a unit, and months are never days."""

import pytest

from app.renewals.bad_terms import BadTerms
from app.renewals.spans import Span, Unit, check_length, check_notice
from tests.renewals.builders import a_span


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 month", "1 month"),
        ("12 months", "12 months"),
        ("15 business days", "15 business days"),
        ("1 business day", "1 business day"),
        ("0 days", "0 days"),
    ],
)
def test_a_length_says_itself(text: str, said: str) -> None:
    assert str(a_span(text)) == said


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("3 months", 3, 0),
        ("2 years", 24, 0),
        ("90 days", 0, 90),
        ("2 weeks", 0, 14),
        ("5 business days", 0, 0),
    ],
)
def test_months_and_days_are_told_apart(text: str, months: int, days: int) -> None:
    assert (a_span(text).months, a_span(text).days) == (months, days)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 months", "term.value: a term lasts at least 1; give its full length."),
        ("-1 months", "term.value: a term lasts at least 1; give its full length."),
        ("101 years", "term.value: a term lasts at most 100 years; check the number."),
        ("1201 months", "term.value: a term lasts at most 1200 months; check the number."),
        (
            "5 business days",
            "term.unit: cannot be business_days here; use one of days, weeks, months, years.",
        ),
    ],
)
def test_a_term_has_a_sensible_length(text: str, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        check_length("term.", a_span(text))
    assert bad.value.sentence == sentence


@pytest.mark.parametrize("text", ["1 day", "36500 days", "5200 weeks", "1200 months", "100 years"])
def test_a_term_lasts_from_a_day_to_a_century(text: str) -> None:
    check_length("", a_span(text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-1 days", "value: must not be negative; 0 means up to the day itself."),
        ("3651 days", "value: must be at most 3650 days; check the number."),
        ("11 years", "value: must be at most 10 years; check the number."),
        ("2601 business days", "value: must be at most 2600 business days; check the number."),
    ],
)
def test_a_notice_has_a_sensible_length(text: str, sentence: str) -> None:
    with pytest.raises(BadTerms) as bad:
        check_notice("", a_span(text))
    assert bad.value.sentence == sentence


def test_a_notice_may_have_no_length() -> None:
    check_notice("", Span(0, Unit.DAYS))
