"""A length is read as a whole, in words, numbers or formulas, or it is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.lengths import (
    Length,
    Term,
    length_of_days,
    read_duration,
    read_length,
    read_term,
)


def length(text: str) -> Length:
    value, unit = text.split()
    return {"value": int(value), "unit": unit}


def term(initial: str, *options: str, at_most: bool = False) -> Term:
    return Term(length(initial), tuple(map(length, options)), at_most)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 months", "12 months"),
        ("12months", "12 months"),
        ("12-month", "12 months"),
        ("12 Mo.", "12 months"),
        ("12 Monate", "12 months"),
        ("12 mois", "12 months"),
        ("12 meses", "12 months"),
        ("12 maanden", "12 months"),
        ("12.0 months", "12 months"),
        ("twelve months", "12 months"),
        ("Zwölf Monate", "12 months"),
        ("a year", "1 years"),
        ("one year", "1 years"),
        ("un an", "1 years"),
        ("5 years", "5 years"),
        ("5 ans", "5 years"),
        ("5 años", "5 years"),
        ("1 Jahr", "1 years"),
        ("1.5 years", "18 months"),
        ("2,5 Jahre", "30 months"),
        ("1 year and 6 months", "18 months"),
        ("1 year 6 months", "18 months"),
        ("1 an et 6 mois", "18 months"),
        ("1y6m", "18 months"),
        ("half a year", "6 months"),
        ("half year", "6 months"),
        ("ein halbes Jahr", "6 months"),
        ("2 x 12 months", "24 months"),
        ("2x12 Monate", "24 months"),
        ("2 \u00d7 12 months", "24 months"),
        ("two times 12 months", "24 months"),
        ("3 mal 1 Jahr", "3 years"),
        ("2 x half a year", "12 months"),
        ("90 days", "90 days"),
        ("1080 days", "1080 days"),
        ("90_days", "90 days"),
        ("30 jours", "30 days"),
        ("6 weeks", "6 weeks"),
        ("6 Wochen", "6 weeks"),
        ("15 business days", "15 business_days"),
        ("15 business_days", "15 business_days"),
        ("15 working-days", "15 business_days"),
        ("ten Arbeitstage", "10 business_days"),
        ("10 jours ouvrés", "10 business_days"),
        ("10 dias úteis", "10 business_days"),
        ("P1Y", "1 years"),
        ("P1Y0M", "1 years"),
        ("P1Y6M", "18 months"),
        ("P36M", "36 months"),
        ("P2W", "2 weeks"),
        ("P90D", "90 days"),
        ("P0D", "0 days"),
        ("P0Y", "0 days"),
        ("0 days", "0 days"),
        ("36500 days", "36500 days"),
        ("3650 business days", "3650 business_days"),
    ],
)
def test_a_length_in_words_needs_no_unit(text: str, expected: str) -> None:
    assert read_length(text) == read_length(f" {text} ", "weeks") == length(expected)


@pytest.mark.parametrize("unit", ["days", "weeks", "months", "years", "business_days"])
@pytest.mark.parametrize("text", ["90", "90.0", "90,00", " 90 "])
def test_a_bare_number_counts_what_its_column_does(text: str, unit: str) -> None:
    assert read_length(text, unit) == {"value": 90, "unit": unit}
    with pytest.raises(BadCell, match="must say what it counts, such as 12 months"):
        read_length(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "p", "soon", "months", "oneyear", "12 moons", "12 months notice", "-3 months"),
        *("2.5 months", "1.25 days", "1 year and 30 days", "1 month and 1 year"),
        *("1.5 years and 6 months", "1 year 6", "P1Y30D", "P1W2D", "P1.5Y", "0 x 12 months"),
        *("many x 12 months", "2 x", "many business days", "10 Werktage", "1,000", "1,000 days"),
        *("9999999 days", "36501 days", "36501 years", "3651 business days", "99 x 999 months"),
        *("9" * 30 + " months", "P" + "9" * 5_000 + "Y", "1x" * 3_000 + "1 day", "a" * 5_000),
    ],
)
@pytest.mark.parametrize("read", [read_length, read_duration, read_term])
def test_half_a_length_is_refused(
    text: str, read: Callable[[str, str | None], Length | Term]
) -> None:
    with pytest.raises(BadCell):
        read(text, "months")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1080, "36 months"),
        (30, "1 months"),
        (90, "3 months"),
        (360, "12 months"),
        (720, "24 months"),
        (365, "1 years"),
        (366, "366 days"),
        (730, "2 years"),
        (731, "731 days"),
        (1095, "3 years"),
        (1096, "1096 days"),
        (1460, "4 years"),
        (1461, "1461 days"),
        (1826, "1826 days"),
        (1827, "1827 days"),
        (732, "732 days"),
        (367, "367 days"),
        (45, "45 days"),
        (1, "1 days"),
        (0, "0 days"),
    ],
)
def test_days_of_procurement_data_are_months_or_years(days: int, expected: str) -> None:
    assert length_of_days(days) == length(expected)
    assert read_duration(str(days), "days") == length(expected)
    assert read_duration(f"{days} days", "days") == length(f"{days} days")
    assert read_length(str(days), "days") == length(f"{days} days")


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("36 months", None, term("36 months")),
        ("36", "months", term("36 months")),
        ("1080", "days", term("36 months")),
        ("2 x 12 months", None, term("24 months")),
        ("half a year", None, term("6 months")),
        ("1 year and 6 months", None, term("18 months")),
        ("3 years and a further 1 month", None, term("3 years", "1 months")),
        ("3 years and 2 further 12 month extensions", None, term("3 years", *["12 months"] * 2)),
        ("3+1+1", None, term("3 years", "1 years", "1 years")),
        ("3 + 1 + 1", "years", term("3 years", "1 years", "1 years")),
        ("3+1", "months", term("3 months", "1 months")),
        ("36+12", None, term("36 months", "12 months")),
        ("36+12", "weeks", term("36 weeks", "12 weeks")),
        ("720+360", "days", term("24 months", "12 months")),
        ("up to 24 months", None, term("24 months", at_most=True)),
        ("Up to 24", "months", term("24 months", at_most=True)),
        ("up to 720", "days", term("24 months", at_most=True)),
        ("max. 2 years", None, term("2 years", at_most=True)),
        ("maximum of 2 years", None, term("2 years", at_most=True)),
        ("not more than 2 years", None, term("2 years", at_most=True)),
        ("bis zu 24 Monate", None, term("24 months", at_most=True)),
        ("jusqu'à 24 mois", None, term("24 months", at_most=True)),
        (
            "2 years with the option for a further one year extension",
            None,
            term("2 years", "1 years"),
        ),
        ("2 years with an option to extend for 1 year", None, term("2 years", "1 years")),
        (
            "2 years with option to extend by a further 12 months",
            None,
            term("2 years", "12 months"),
        ),
        ("2 years plus option to renew for 1 year", None, term("2 years", "1 years")),
        ("2 years with a possible 1 year extension", None, term("2 years", "1 years")),
        ("2 years (1 year extension)", None, term("2 years", "1 years")),
        ("2 years + 1 year", None, term("2 years", "1 years")),
        ("2 Jahre mit Option auf 1 Jahr Verlängerung", None, term("2 years", "1 years")),
        ("3 years with 2 x 1 year options", None, term("3 years", "1 years", "1 years")),
        ("3 years plus two x 12 months", None, term("3 years", "12 months", "12 months")),
        ("2 years with two one-year options", None, term("2 years", "1 years", "1 years")),
        ("3 years with 2 options of 1 year", None, term("3 years", "1 years", "1 years")),
        (
            "12 months with 3 optional 12 month extensions",
            None,
            term("12 months", "12 months", "12 months", "12 months"),
        ),
        ("1 year + 50 x 1 year", None, term("1 years", *["1 years"] * 50)),
    ],
)
def test_a_term_is_read_with_its_options(text: str, unit: str | None, expected: Term) -> None:
    assert read_term(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "rule"),
    [
        ("3+12", None, "must say whether it counts months or years"),
        ("11+1", None, "must say whether it counts months or years"),
        ("0+1", None, "must be longer than nothing"),
        ("3+0", None, "must be longer than nothing"),
        ("0 months", None, "must be longer than nothing"),
        ("0", "months", "must be longer than nothing"),
        ("up to 0 days", None, "must be longer than nothing"),
        ("2 years with a 0 month extension", None, "must be longer than nothing"),
        ("0 years with a 1 month extension", None, "must be longer than nothing"),
        ("40000+1", "months", "is too long; check it"),
        ("1 year + 51 x 1 year", None, "must be a length"),
        ("1 year + 0 x 1 year", None, "must be a length"),
        ("1 year with 30 days notice", None, "must be a length"),
        ("2 years with option", None, "must be a length"),
        ("1 year + 1 year + 1 year", None, "must be a length"),
        ("up to", None, "must be a length"),
        ("12", None, "must say what it counts"),
    ],
)
def test_what_is_no_term_is_refused(text: str, unit: str | None, rule: str) -> None:
    with pytest.raises(BadCell) as bad:
        read_term(text, unit)
    assert str(bad.value).startswith(rule)


NUMBERS = ["0", "1", "2", "12", "36", "99999", "1080", "1.5", "1,000", "half", "a", "one", "²", "½"]
UNITS = ["year", "years", "months", "days", "business days", "Jahr", "p", "y", "m", "w", "d"]
JOINS = [
    " ",
    " ",
    "+",
    "x",
    "-",
    ", ",
    "(",
    ")",
    " and ",
    " with ",
    "option",
    "up to ",
    "extension",
]
FRAGMENTS = st.lists(st.sampled_from(NUMBERS + UNITS + JOINS), max_size=12).map("".join)
UNIT = st.sampled_from(["days", "weeks", "months", "years", "business_days"])


@given(st.text() | FRAGMENTS, st.none() | UNIT)
def test_any_text_is_a_length_or_a_bad_cell(text: str, unit: str | None) -> None:
    for read in (read_length, read_duration):
        try:
            found = read(text, unit)
        except BadCell:
            continue
        assert 0 <= found["value"] <= 36_500
    try:
        whole = read_term(text, unit)
    except BadCell:
        return
    assert all(0 < each["value"] <= 36_500 for each in (whole.initial, *whole.options))


@given(st.integers(0, 3_650), UNIT)
def test_a_length_in_words_is_read_back(value: int, unit: str) -> None:
    said = {"value": value, "unit": unit}
    assert read_length(f"{value} {unit}") == read_length(f"{value} {unit}".upper()) == said
    assert read_length(str(value), unit) == said


@given(st.integers(1, 400))
def test_days_counted_from_months_or_years_lead_back_to_them(value: int) -> None:
    assert length_of_days(value * 365) == {"value": value, "unit": "years"}
    months = {"value": value, "unit": "months"}
    assert (length_of_days(value * 30) == months) == (value % 73 != 0)
