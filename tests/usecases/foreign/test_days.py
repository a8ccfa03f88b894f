"""Which day a cell means, however somebody wrote it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import BadCell
from app.usecases.foreign.days import (
    DayOrder,
    DayVotes,
    OpenEnd,
    is_ambiguous,
    open_end,
    orders_of,
    read_day,
)

DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
MARCH_31 = date(2026, 3, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31",
        "2026-03-31T00:00:00+01:00",
        "2026-03-31T23:59:59+01:00",
        "2026-03-31T23:59:59Z",
        "2026-03-31T24:00",
        "2026-03-31 00:00:00.000 UTC",
        "2026/03/31",
        "2026.3.31",
        "20260331",
        "31.03.2026",
        "31.3.26",
        "31. 3. 2026",
        "31/03/2026 00:00",
        "3/31/2026",
        "3/31/26 12:00:00 AM",
        "03-31-2026",
        "31 3 2026",
        "31 March 2026",
        "31-Mar-26",
        "31st March 2026",
        "March 31, 2026",
        "Mar 31 2026",
        "Tuesday, 31 March 2026",
        "Tue 31 Mar 2026",
        "31. März 2026",
        "31 mars 2026",
        "31 de marzo de 2026",
        "31 de março de 2026",
        "31 marzo 2026",
        "31 maart 2026",
        "2026 March 31",
        "31 March 2026 10:30",
        " 31.03.2026 ",
        "46112",
        "46112.0",
        "46112,75",
    ],
)
def test_a_day_is_taken_as_it_is_written(text: str) -> None:
    assert read_day(text, None) == MARCH_31


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1er janvier 2026", date(2026, 1, 1)),
        ("1. Jänner 2026", date(2026, 1, 1)),
        ("15 août 2026", date(2026, 8, 15)),
        ("1º de mayo de 2026", date(2026, 5, 1)),
        ("1 May 68", date(2068, 5, 1)),
        ("1 May 69", None),
        ("1/1/70", date(1970, 1, 1)),
        ("29 Feb 2028", date(2028, 2, 29)),
    ],
)
def test_months_have_names_in_many_languages(text: str, expected: date | None) -> None:
    if expected is None:
        with pytest.raises(BadCell, match="1970"):
            read_day(text, None)
    else:
        assert read_day(text, None) == expected


@pytest.mark.parametrize(("order", "expected"), [("dmy", (2025, 4, 3)), ("mdy", (2025, 3, 4))])
@pytest.mark.parametrize("text", ["03/04/2025", "3.4.25", "03-04-2025 10:00"])
def test_where_both_fit_somebody_has_to_say(
    text: str, order: DayOrder, expected: tuple[int, int, int]
) -> None:
    assert read_day(text, order) == date(*expected)
    assert is_ambiguous(text)
    with pytest.raises(BadCell, match="day_order"):
        read_day(text, None)


@pytest.mark.parametrize(
    ("text", "order", "rule"),
    [
        ("11/31/2015", None, "no calendar has that day; check it"),
        ("11/31/2015", "mdy", "no calendar has that day"),
        ("31/12/2025", "mdy", "with the month first"),
        ("12/31/2025", "dmy", "with the day first"),
        ("2026-02-30", None, "no calendar has that day"),
        ("20261301", None, "no calendar has that day"),
        ("30 February 2026", None, "is no day"),
        ("2026", None, "names no day of the month"),
        ("2026-03", None, "names no day of the month"),
        ("03/2026", None, "names no day of the month"),
        ("March 2026", None, "is no day"),
        ("March 2026 31st day", None, "is no day"),
        ("31 March twenty", None, "is no day"),
        ("soon", None, "is no day"),
        ("12 months", None, "is no day"),
        ("", None, "is no day"),
        ("1969-12-31", None, "1970"),
        ("2200-01-01", None, "2199"),
        ("1.5", None, "is no day"),
        ("99999", None, "is no day"),
    ],
)
def test_what_is_no_day_says_why(text: str, order: DayOrder | None, rule: str) -> None:
    with pytest.raises(BadCell, match=rule):
        read_day(text, order)


def test_an_impossible_day_has_no_order_and_no_vote() -> None:
    assert orders_of("31/11/2015") == frozenset()
    assert orders_of("5/5/2026") == {"dmy", "mdy"}
    assert not is_ambiguous("5/5/2026")
    assert orders_of("31/12/2025") == {"dmy"}


@given(DAYS, st.sampled_from(["dmy", "mdy"]), st.sampled_from("/.-"), st.booleans())
def test_what_was_written_is_read_back(day: date, order: DayOrder, mark: str, short: bool) -> None:  # noqa: FBT001 - drawn
    year = f"{day.year % 100:02}" if short and day.year >= 2000 else str(day.year)
    first, second = (day.day, day.month) if order == "dmy" else (day.month, day.day)
    assert read_day(f"{first:02}{mark}{second:02}{mark}{year}", order) == day
    assert read_day(f"{day:%d %B %Y}", order) == day
    assert read_day(str((day - date(1899, 12, 30)).days), order) == day


@given(st.text(max_size=30) | st.text("0123456789/.-: TAPMarchäé", max_size=24))
def test_any_text_is_a_day_or_a_bad_cell(text: str) -> None:
    for order in ("dmy", "mdy", None):
        try:
            found = read_day(text, order)
        except BadCell:
            continue
        assert date(1970, 1, 1) <= found <= date(2199, 12, 31)
    open_end(text)
    is_ambiguous(text)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2025", "31/12/2025"], "dmy"),
        (["03/04/2025", "12/31/2025", "11/31/2015"], "mdy"),
        (["2025-04-03", "5/5/2025"], None),
        (["31/12/2025", "12/31/2025"], None),
        ([], None),
    ],
)
def test_a_file_decides_by_what_leaves_no_choice(texts: list[str], order: str | None) -> None:
    votes = DayVotes()
    for row, text in enumerate(texts, start=2):
        votes.add("Start", row, text)
    assert votes.order == order
    assert votes.question is None


def test_a_file_that_leaves_it_open_is_asked_about_once() -> None:
    votes = DayVotes()
    for row, text in enumerate(["03/04/2025", "04/05/2025", "5/5/2025"], start=2):
        votes.add("Start", row, text)
    question = votes.question
    assert question is not None
    assert (question.column, question.row, question.count) == ("Start", 2, 2)
    assert question.sentence == (
        "03/04/2025 in row 2 may be Thu 3 Apr 2025 or Tue 4 Mar 2025, like 2 cells in all:"
        " say which with day_order, dmy or mdy"
    )
    assert (question.setting, question.choices) == ("day_order", ("dmy", "mdy"))


def test_a_file_that_contradicts_itself_is_asked_about() -> None:
    votes = DayVotes()
    for row, text in enumerate(["03/04/2025", "31/12/2025", "12/31/2025"], start=2):
        votes.add("Start", row, text)
    question = votes.question
    assert votes.order is None
    assert question is not None
    assert "written in both orders" in question.sentence
    assert question.speak == {"dmy": 1, "mdy": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "unknown"),
        ("  -  ", "unknown"),
        ("TBC", "unknown"),
        ("n/a", "unknown"),
        ("To be confirmed", "unknown"),
        ("Ongoing", "evergreen"),
        ("unbefristet", "evergreen"),
        ("Durée indéterminée", "evergreen"),
        ("12/31/99", "evergreen"),
        ("31.12.99", "evergreen"),
        ("2099-12-31", "evergreen"),
        ("9999-12-31", "evergreen"),
        ("31/12/2099", "evergreen"),
        ("Mo. To Mo.", "month_to_month"),
        ("month-to-month", "month_to_month"),
        ("MTM", "month_to_month"),
        ("Perpetual", "perpetual"),
        ("perpétuelle", "perpetual"),
        ("2026-03-31", None),
        ("12/31/98", None),
        ("by agreement", None),
    ],
)
def test_what_stands_for_no_end(text: str, expected: OpenEnd | None) -> None:
    assert open_end(text) == expected


def test_serials_count_from_the_day_zero_of_spreadsheets() -> None:
    assert read_day("45748", None) == date(1899, 12, 30) + timedelta(45748)
