"""How long is what a cell says in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.lengths import Term, length_of_days, read_length, read_term
from tests.builders import length


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (30, "1 months"),
        (365, "1 years"),
        (720, "24 months"),
        (730, "2 years"),
        (1080, "36 months"),
        (0, "0 days"),
        (366, "366 days"),
    ],
)
def test_days_are_counted_as_notices_do(days: int, expected: str) -> None:
    assert length_of_days(days) == length(expected)


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("12 months", None, "12 months"),
        ("36m", None, "36 months"),
        ("2 years", None, "2 years"),
        ("2yrs", None, "2 years"),
        ("1 Jahr", None, "1 years"),
        ("18 Monate", None, "18 months"),
        ("12 mois", None, "12 months"),
        ("3 anos", None, "3 years"),
        ("un an", None, "1 years"),
        ("6 Wochen", None, "6 weeks"),
        ("90 days", None, "90 days"),
        ("90d", None, "90 days"),
        ("0 days", None, "0 days"),
        ("15 business days", None, "15 business_days"),
        ("10 working days", None, "10 business_days"),
        ("5 Arbeitstage", None, "5 business_days"),
        ("half a year", None, "6 months"),
        ("ein halbes Jahr", None, "6 months"),
        ("2 x 12 months", None, "24 months"),
        ("two times 6 months", None, "12 months"),
        ("P3Y", None, "3 years"),
        ("P36M", None, "36 months"),
        ("P1Y6M", None, "18 months"),
        ("P2W", None, "2 weeks"),
        ("P90D", None, "90 days"),
        ("1 year 6 months", None, "18 months"),
        ("1 year and 6 months", None, "18 months"),
        ("twelve months", None, "12 months"),
        ("zwölf Monate", None, "12 months"),
        ("1.5 years", None, "18 months"),
        ("0,5 years", None, "6 months"),
        ("36", "months", "36 months"),
        ("3.0", "years", "3 years"),
        ("1080", "days", "36 months"),
        ("12-month", None, "12 months"),
        ("12 months.", None, "12 months"),
    ],
)
def test_a_length_is_read_in_every_dress(text: str, unit: str | None, expected: str) -> None:
    assert read_length(text, unit) == length(expected)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "must be a length"),
        ("soon", "must be a length"),
        ("12", "must say what it counts"),
        ("12 fortnights", "must be a length"),
        ("1.7 years", "must be a length"),
        ("1.5 months", "must be a length"),
        ("1.5 years 6 months", "must be a length"),
        ("6 months 1 year", "must be a length"),
        ("P1Y2W", "must be a length"),
        ("P", "must be a length"),
        ("some months", "must be a length"),
        ("0 x 12 months", "must be a length"),
        ("99999 years", "too long"),
        ("Werktage", "must be a length"),
        ("10 Werktage", "must be a length"),
        ("-3 months", "must be a length"),
    ],
)
def test_what_is_no_length_says_why(text: str, rule: str) -> None:
    with pytest.raises(BadCell, match=rule):
        read_length(text)


def term(initial: str, *options: str, at_most: bool = False) -> Term:
    return Term(
        read_length(initial), tuple(read_length(option) for option in options), at_most=at_most
    )


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("36 months", None, term("36 months")),
        ("3+1+1", None, term("3 years", "1 year", "1 year")),
        ("3 + 1 + 1", "years", term("3 years", "1 year", "1 year")),
        ("36+12+12", None, term("36 months", "12 months", "12 months")),
        ("36+6", "months", term("36 months", "6 months")),
        ("up to 24 months", None, term("24 months", at_most=True)),
        ("maximum of 2 years", None, term("2 years", at_most=True)),
        (
            "2 years with the option for a further one year extension",
            None,
            term("2 years", "1 year"),
        ),
        ("2 years + 2 x 12 months", None, term("2 years", "12 months", "12 months")),
        ("36 months (with option to extend for 12 months)", None, term("36 months", "12 months")),
        (
            "12 months with 3 optional 12 month extensions",
            None,
            term("12 months", "12 months", "12 months", "12 months"),
        ),
        ("24 months plus 12 months", None, term("24 months", "12 months")),
        ("1080", "days", term("36 months")),
    ],
)
def test_a_term_brings_its_options(text: str, unit: str | None, expected: Term) -> None:
    assert read_term(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("3+12", "months or years"),
        ("0 months", "longer than nothing"),
        ("3+0", "longer than nothing"),
        ("2 years with options", "must be a length"),
        ("2 years with 99 x 12 months", "must be a length"),
        ("until further notice", "must be a length"),
    ],
)
def test_a_term_that_cannot_be_read_as_a_whole_is_refused(text: str, rule: str) -> None:
    with pytest.raises(BadCell, match=rule):
        read_term(text)


@given(st.text(max_size=30) | st.text("0123456789 +x.,dmyonthearswi()", max_size=30))
def test_any_text_is_a_length_or_a_bad_cell(text: str) -> None:
    for unit in (None, "days", "months"):
        for read in (read_length, read_term):
            try:
                read(text, unit)
            except BadCell:
                continue
