"""The same day number, so many months away, in one step from the anchor."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from app.renewals.months import (
    ShortMonth,
    add_months,
    days_in,
    is_month_end,
    month_end,
    months_apart,
)
from tests.renewals.builders import day
from tests.renewals.strategies import quickly

ADDED = [
    pytest.param("2024-04-15", 12, "2025-04-15", id="plain year"),
    pytest.param("2023-10-31", 1, "2023-11-30", id="31 to a month of 30"),
    pytest.param("2023-10-31", 4, "2024-02-29", id="31 to a leap February"),
    pytest.param("2023-10-31", 5, "2024-03-31", id="31 comes back"),
    pytest.param("2025-01-31", 1, "2025-02-28", id="31 to a common February"),
    pytest.param("2024-02-29", 12, "2025-02-28", id="29 Feb a year on"),
    pytest.param("2024-02-29", 48, "2028-02-29", id="29 Feb four years on"),
    pytest.param("2096-02-29", 48, "2100-02-28", id="2100 is no leap year"),
    pytest.param("2024-12-15", 1, "2025-01-15", id="over the year's end"),
    pytest.param("2026-06-30", -3, "2026-03-30", id="back, same number"),
    pytest.param("2026-03-31", -1, "2026-02-28", id="back, clipped"),
    pytest.param("2026-01-15", -1, "2025-12-15", id="back over the year's start"),
    pytest.param("2026-01-15", 0, "2026-01-15", id="no months"),
]


@pytest.mark.parametrize(("anchor", "months", "expected"), ADDED)
def test_months_keep_the_day_number_or_clip_it(anchor: str, months: int, expected: str) -> None:
    assert add_months(day(anchor), months) == day(expected)


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        pytest.param("2025-01-31", 1, "2025-03-01", id="31 Jan"),
        pytest.param("2025-01-30", 1, "2025-03-01", id="30 Jan"),
        pytest.param("2024-01-30", 1, "2024-03-01", id="30 Jan, leap year"),
        pytest.param("2024-01-29", 1, "2024-02-29", id="29 Jan, leap year"),
        pytest.param("2024-02-29", 12, "2025-03-01", id="29 Feb"),
        pytest.param("2025-08-31", 1, "2025-10-01", id="31 Aug"),
        pytest.param("2025-08-31", 2, "2025-10-31", id="31 Oct is there"),
    ],
)
def test_a_missing_day_can_roll_forward(anchor: str, months: int, expected: str) -> None:
    assert add_months(day(anchor), months, ShortMonth.ROLL_FORWARD) == day(expected)


@quickly
@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.integers(-120, 1200))
def test_months_agree_with_dateutil(anchor: date, months: int) -> None:
    assert add_months(anchor, months) == anchor + relativedelta(months=months)


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        (2024, 2, 29),
        (2025, 2, 28),
        (2000, 2, 29),
        (2100, 2, 28),
        (2026, 4, 30),
        (2026, 12, 31),
    ],
)
def test_months_have_their_days(year: int, month: int, expected: int) -> None:
    assert days_in(year, month) == expected


def test_month_ends_are_known() -> None:
    assert is_month_end(day("2024-02-29"))
    assert not is_month_end(day("2024-02-28"))
    assert month_end(day("2024-02-01")) == day("2024-02-29")


def test_months_lie_apart_whatever_the_day() -> None:
    assert months_apart(day("2025-12-31"), day("2026-02-01")) == 2
    assert months_apart(day("2026-02-01"), day("2025-12-31")) == -2
