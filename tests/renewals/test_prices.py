"""What is paid on a day, and what a term locks in once it has begun."""

from decimal import Decimal

import pytest

from app.renewals.amendments import Amendment
from app.renewals.prices import LockedIn, Price, locked_in, price_on
from app.renewals.reasons import spell
from tests.renewals.builders import an_amendment, day

FIRST = Price(Decimal(12_000), Decimal(36_000), "EUR")
DEARER = an_amendment("2025-01-01", annual_value="15000.50")
CHANGED = an_amendment("2026-01-01", total_value="9", currency="USD")
SILENT = an_amendment("2025-06-01", notice="30 days")


@pytest.mark.parametrize(
    ("amendments", "on", "expected"),
    [
        pytest.param((), "2030-01-01", "12000 36000 EUR", id="not amended"),
        pytest.param((DEARER,), "2024-12-31", "12000 36000 EUR", id="the day before"),
        pytest.param((DEARER,), "2025-01-01", "15000.50 36000 EUR", id="from its day on"),
        pytest.param((DEARER, CHANGED), "2025-12-31", "15000.50 36000 EUR", id="before the second"),
        pytest.param((DEARER, CHANGED), "2026-01-01", "15000.50 9 USD", id="one after the other"),
        pytest.param((SILENT,), "2026-01-01", "12000 36000 EUR", id="not about money"),
    ],
)
def test_the_price_of_a_day_follows_the_amendments(
    amendments: tuple[Amendment, ...], on: str, expected: str
) -> None:
    found = price_on(FIRST, amendments, day(on))
    assert f"{found.annual_value} {found.total_value} {found.currency}" == expected


def locked(price: Price, start: str, end: str | None, months: int) -> LockedIn | None:
    return locked_in(price, day(start), None if end is None else day(end), months)


@pytest.mark.parametrize(
    ("annual", "start", "end", "months", "amount"),
    [
        pytest.param("12000", "2025-01-01", "2025-12-31", 12, "12000.00", id="a year"),
        pytest.param("12000", "2024-01-01", "2024-12-31", 12, "12000.00", id="a leap year"),
        pytest.param("12000", "2025-01-01", "2027-12-31", 36, "36000.00", id="three years"),
        pytest.param("100", "2025-01-01", "2025-01-31", 1, "8.33", id="a month"),
        pytest.param("0.06", "2025-01-01", "2025-01-31", 1, "0.01", id="half a cent, up"),
        pytest.param("12000", "2025-01-01", "2025-12-31", 0, "11991.79", id="365 days"),
        pytest.param("36525", "2025-01-01", "2025-01-01", 0, "100.00", id="a day"),
    ],
)
def test_a_term_that_has_begun_costs_its_whole_length(
    annual: str, start: str, end: str, months: int, amount: str
) -> None:
    found = locked(Price(Decimal(annual), None, "EUR"), start, end, months)
    assert found is not None
    assert (str(found.amount), found.currency) == (amount, "EUR")


@pytest.mark.parametrize(
    ("price", "end"),
    [
        pytest.param(Price(None, Decimal(1), "EUR"), "2025-12-31", id="no annual value"),
        pytest.param(Price(Decimal(1)), "2025-12-31", id="no currency"),
        pytest.param(FIRST, None, id="open-ended"),
    ],
)
def test_what_is_not_known_locks_nothing_in(price: Price, end: str | None) -> None:
    assert locked(price, "2025-01-01", end, 12) is None


@pytest.mark.parametrize(
    ("months", "told"),
    [
        (
            12,
            "12 months at 12000 EUR a year, from Wed 1 Jan 2025 to Wed 31 Dec 2025: 12000.00 EUR.",
        ),
        (0, "365 days at 12000 EUR a year, from Wed 1 Jan 2025 to Wed 31 Dec 2025: 11991.79 EUR."),
    ],
)
def test_the_reckoning_is_told(months: int, told: str) -> None:
    found = locked(FIRST, "2025-01-01", "2025-12-31", months)
    assert found is not None
    assert spell(found.steps) == [told]
