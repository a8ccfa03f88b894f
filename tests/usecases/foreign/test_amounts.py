"""Which amount a cell means, in which currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.amounts import (
    Amount,
    AmountVotes,
    Mark,
    is_ambiguous,
    marks_of,
    read_amount,
)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1200", "1200", None),
        ("1200.50", "1200.50", None),
        ("1200,5", "1200.5", None),
        ("1,234.56", "1234.56", None),
        ("1.234,56", "1234.56", None),
        ("1.234,56 €", "1234.56", "EUR"),
        ("€ 1.234.567,00", "1234567.00", "EUR"),
        ("£10,932,000", "10932000", "GBP"),
        ("EUR 1 234,56", "1234.56", "EUR"),
        ("1 234 567 chf", "1234567", "CHF"),
        ("1'234.50", "1234.50", None),
        ("1\u2019234.50", "1234.50", None),
        ("CHF 1'200.--", "1200", "CHF"),
        ("1200,-", "1200", None),
        ("1.200.000", "1200000", None),
        ("1,20,000.00", "120000.00", None),
        ("US$ 99.99", "99.99", "USD"),
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("$1,234.50", "1234.50", None),
        ("1234 kr", "1234", None),
        ("12 zł", "12", "PLN"),
        ("12 000", "12000", None),
        ("0", "0", None),
        ("5.10000000", "5.1", None),
        ("0012", "0012", None),
    ],
)
def test_an_amount_is_read_in_every_dress(text: str, value: str, currency: str | None) -> None:
    assert read_amount(text, None) == Amount(value, currency)


@pytest.mark.parametrize(
    ("text", "as_point", "as_comma"), [("1.200", "1.200", "1200"), ("12,345", "12345", "12.345")]
)
def test_where_both_fit_somebody_has_to_say(text: str, as_point: str, as_comma: str) -> None:
    assert is_ambiguous(text)
    assert read_amount(text, "point").value == as_point
    assert read_amount(text, "comma").value == as_comma
    with pytest.raises(BadCell, match="decimal_mark"):
        read_amount(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5",
        "(123)",
        "1.2m",
        "10k",
        "10-20",
        "1e5",
        "1,2,3",
        "1.23456",
        "12 34",
        "EUR 5 USD",
        "1,234,56.7.8",
        "1234567890123456",
        "1.2.3,4,5",
        "NaN",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadCell, match="must be one amount"):
        read_amount(text, None)
    assert marks_of(text) == frozenset()


@given(
    st.decimals(0, 10**9, places=2, allow_nan=False),
    st.sampled_from(["point", "comma"]),
    st.sampled_from(["", "€", "£", "CHF"]),
)
def test_what_was_written_is_read_back(amount: Decimal, mark: Mark, symbol: str) -> None:
    written = f"{amount:,.2f}"
    if mark == "comma":
        written = written.translate(str.maketrans(",.", ".,"))
    found = read_amount(f"{symbol} {written}".strip(), mark)
    assert Decimal(found.value) == amount
    assert (found.currency is None) == (symbol == "")


@given(st.text(max_size=20) | st.text("0123456789.,'€$ -", max_size=16))
def test_any_text_is_an_amount_or_a_bad_cell(text: str) -> None:
    for mark in ("point", "comma", None):
        try:
            found = read_amount(text, mark)
        except BadCell:
            continue
        assert Decimal(found.value) >= 0


def test_a_file_decides_by_what_leaves_no_choice() -> None:
    votes = AmountVotes()
    for row, text in enumerate(["1.200", "1.234,56", "5"], start=2):
        votes.add("Value", row, text)
    assert votes.order == "comma"
    assert votes.question is None


def test_a_file_that_leaves_it_open_is_asked_about_once() -> None:
    votes = AmountVotes()
    votes.add("Value", 2, "1.200")
    question = votes.question
    assert question is not None
    assert question.sentence == (
        "1.200 in row 2 may be 1.200 or 1200, like 1 cells in all: say what stands before"
        " decimals with decimal_mark, point or comma"
    )
    votes.add("Value", 3, "1.234,56")
    votes.add("Value", 4, "1,234.56")
    question = votes.question
    assert question is not None
    assert "written in both ways" in question.sentence
    assert (question.setting, question.choices) == ("decimal_mark", ("point", "comma"))
