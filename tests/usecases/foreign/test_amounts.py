"""An amount is read in the marks and with the symbols of its file, or it is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.amounts import (
    Amount,
    AmountQuestion,
    AmountVotes,
    Mark,
    currency_of,
    is_ambiguous,
    marks_of,
    read_amount,
)

MARKS: tuple[Mark | None, ...] = ("point", "comma", None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1200", "1200"),
        (" 1200 ", "1200"),
        ("1200.50", "1200.50"),
        ("1200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,34,567.89", "1234567.89"),
        ("1'200.50", "1200.50"),
        ("1\u2019200", "1200"),
        ("1 200,50", "1200.50"),
        ("1\u00a0200\u202f300", "1200300"),
        ("1200.-", "1200"),
        ("1'200.\u2013", "1200"),
        ("1.200,--", "1200"),
        ("1200,", "1200"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1200.1234", "1200.1234"),
        ("1200.500000", "1200.5"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_an_amount_that_can_be_read_in_one_way_needs_no_mark(text: str, value: str) -> None:
    assert read_amount(text, None) == Amount(value)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("€ 1200", "EUR"),
        ("1200€", "EUR"),
        ("£1200", "GBP"),
        ("1200 EUR", "EUR"),
        ("chf 1200", "CHF"),
        ("Fr. 1200", "CHF"),
        ("US$ 1200", "USD"),
        ("US$1200", "USD"),
        ("C$1200", "CAD"),
        ("A$1200", "AUD"),
        ("R$ 1200", "BRL"),
        ("1200 zł", "PLN"),
        ("1200 Kč", "CZK"),
        ("₹1200", "INR"),
        ("$1200", None),
        ("¥1200", None),
        ("1200 kr.", None),
        ("kr 1200", None),
        ("1200", None),
    ],
)
def test_a_symbol_says_the_currency_where_it_has_only_one(text: str, currency: str | None) -> None:
    assert read_amount(text, None) == Amount("1200", currency)


def test_a_symbol_alone_stands_for_its_currency() -> None:
    assert currency_of("€") == "EUR"
    assert currency_of("$") is None
    assert currency_of("Euro") is None


@pytest.mark.parametrize(
    ("text", "as_point", "as_comma"),
    [
        ("1.200", "1.200", "1200"),
        ("1,200", "1200", "1.200"),
        ("€ 12,345", "12345", "12.345"),
        ("999.999 EUR", "999.999", "999999"),
    ],
)
def test_three_digits_behind_a_mark_are_not_guessed(
    text: str, as_point: str, as_comma: str
) -> None:
    assert is_ambiguous(text)
    assert marks_of(text) == {"point", "comma"}
    assert read_amount(text, "point").value == as_point
    assert read_amount(text, "comma").value == as_comma
    with pytest.raises(BadCell, match="say with decimal_mark"):
        read_amount(text, None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "x", "free", "EUR", "-1200", "(1200)", "+5", "1200-1300", "10k", "£1.2m"),
        *("EUR 1200 EUR", "1200 euros", "1.2.3", "1,2,3", "1,200,50", "1,200,50.5", "1.200.50"),
        *("1 20", "12 34 567", "1 200,300.5", "0,123,456", "01.234.567", "1,,200", "1200.5,5"),
        *(
            "1200.12345",
            "1200,12345",
            "1234567890123456",
            "1.20 0",
            "1e5",
            "٣",
            "²",
            "5 %",
            "7356*",
        ),
        "1" + " " * 20_000 + "xxx1",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    for mark in MARKS:
        with pytest.raises(BadCell, match="must be one amount, not negative"):
            read_amount(text, mark)


@pytest.mark.parametrize(
    ("text", "mark"), [("1200.50", "comma"), ("1200,50", "point"), ("1.200.000", "point")]
)
def test_an_amount_in_the_other_mark_is_refused(text: str, mark: Mark) -> None:
    with pytest.raises(BadCell, match="must be one amount"):
        read_amount(text, mark)


def votes(*texts: str) -> AmountVotes:
    counted = AmountVotes()
    for row, text in enumerate(texts, start=2):
        counted.add("Value", row, text)
    return counted


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ([], None),
        (["1200", "1 200"], None),
        (["1.200", "1.200,50"], "comma"),
        (["1.200", "1.200.000"], "comma"),
        (["1.200", "7.5"], "point"),
        (["x", "1,200", "1,200.50"], "point"),
    ],
)
def test_amounts_in_one_mark_settle_a_file(texts: list[str], order: Mark | None) -> None:
    assert votes(*texts).order == order
    assert votes(*texts).question is None


def test_what_a_file_leaves_open_is_asked_once() -> None:
    asked = votes("100", "€ 1.200", "2,500").question
    assert asked == AmountQuestion(
        column="Value",
        row=3,
        text="€ 1.200",
        as_point="1.200",
        as_comma="1200",
        count=2,
        speak={},
    )
    assert asked.sentence == (
        "€ 1.200 in row 3 may be 1.200 or 1200, like 2 cells in all:"
        " say what stands before decimals with decimal_mark, point or comma"
    )
    assert (asked.setting, asked.choices) == ("decimal_mark", ("point", "comma"))


def test_a_file_in_both_marks_is_asked_about() -> None:
    asked = votes("1.200,50", "1,200.50", "1.200").question
    assert asked is not None
    assert asked.speak == {"comma": 1, "point": 1}
    assert "(others in the file are written in both ways)" in asked.sentence


@given(
    value=st.decimals(0, 999_999_999_999, places=2),
    group=st.sampled_from(["", "mark", " ", "\u00a0", "\u202f", "'", "\u2019"]),
    mark=st.sampled_from(["point", "comma"]),
    around=st.sampled_from(["{}", "€{}", "{} EUR", "US$ {}", "{}kr", " {} "]),
)
def test_an_amount_in_the_marks_of_its_file_is_read_back(
    value: Decimal, group: str, mark: Mark, around: str
) -> None:
    groups, decimal = (",", ".") if mark == "point" else (".", ",")
    written = f"{value:,.2f}".replace(",", "_").replace(".", decimal)
    text = around.format(written.replace("_", groups if group == "mark" else group))
    assert Decimal(read_amount(text, mark).value) == value
    assert not is_ambiguous(text)
    assert Decimal(read_amount(text, None).value) == value


PARTS = ["1", "12", "200", "000", ".", ",", "'", " ", "-", "€", "US$", "$", "EUR", "kr.", "²", "\n"]
FRAGMENTS = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)


@given(st.text() | FRAGMENTS, st.sampled_from(MARKS))
def test_any_text_is_an_amount_or_a_bad_cell(text: str, mark: Mark | None) -> None:
    asked = votes(text).question
    assert (asked is not None) == is_ambiguous(text)
    try:
        found = read_amount(text, mark)
    except BadCell:
        return
    assert Decimal(found.value) >= 0
    assert len(found.value) <= 20
