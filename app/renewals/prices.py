"""What does a term cost, and what is locked in when it renews?

Amounts are those of the agreement's own currency; nothing is converted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.renewals.amendments import Amendment
from app.renewals.reasons import Steps

_CENT = Decimal("0.01")
_MONTHS = 12
_DAYS = Decimal("365.25")  # a year on average: a length in days has no calendar year


@dataclass(frozen=True, slots=True)
class Price:
    """What is paid, in one currency; None is not known."""

    annual_value: Decimal | None = None
    total_value: Decimal | None = None
    currency: str | None = None

    def amended(self, amendment: Amendment) -> "Price":
        """Return the price after an amendment; what it does not state stays."""
        return Price(
            self.annual_value if amendment.annual_value is None else amendment.annual_value,
            self.total_value if amendment.total_value is None else amendment.total_value,
            self.currency if amendment.currency is None else amendment.currency,
        )


@dataclass(frozen=True, slots=True)
class LockedIn:
    """What a term that began by itself costs for its whole length, with the reckoning."""

    amount: Decimal
    currency: str
    steps: Steps


def price_on(first: Price, amendments: Iterable[Amendment], day: date) -> Price:
    """Return the price in force on a day; `amendments` come in the order they take effect."""
    price = first
    for amendment in amendments:
        if amendment.effective_from <= day:
            price = price.amended(amendment)
    return price


def locked_in(price: Price, start: date, end: date | None, months: int) -> LockedIn | None:
    """Return what a term from `start` to its last day `end` costs, None where that is unknown.

    It follows from the annual value alone: `months` is the term's length where it is a whole
    number of them, else 0 and its days count, at 365.25 a year. An open-ended term locks
    nothing in. Rounded to the cent, half up.
    """
    if price.annual_value is None or price.currency is None or end is None:
        return None
    days = (end - start).days + 1
    amount = price.annual_value * months / _MONTHS if months else price.annual_value * days / _DAYS
    amount = amount.quantize(_CENT, ROUND_HALF_UP)
    length = f"{months} months" if months else f"{days} days"
    told = ("{} at {} {} a year, from {} to {}: {} {}.",)
    value = (length, price.annual_value, price.currency, start, end, amount, price.currency)
    return LockedIn(amount, price.currency, ((*told, *value),))
