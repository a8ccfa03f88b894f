"""Which day is so many calendar months from an anchor day?

Months are calendar months: the same day number, later or earlier, by one single
addition from the anchor. Where the month is too short for that day number, the
rule says which day stands in for it (English law: the corresponding-date rule).
"""

from datetime import date
from enum import StrEnum

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2
_SHORTEST = 28


class ShortMonth(StrEnum):
    """What stands in for a day number that a month does not have."""

    CLIP = "clip"  # its last day: 31 January + 1 month = 28 February
    ROLL_FORWARD = "roll_forward"  # the day after it: 1 March (BGB 188 III)


def days_in(year: int, month: int) -> int:
    """Return the number of days of a month (1 to 12) of a year."""
    if month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def add_months(anchor: date, months: int, short_month: ShortMonth = ShortMonth.CLIP) -> date:
    """Return the day `months` calendar months after `anchor` (before it, when negative)."""
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if anchor.day <= _SHORTEST:
        return date(year, month0 + 1, anchor.day)
    length = days_in(year, month0 + 1)
    if anchor.day <= length:
        return date(year, month0 + 1, anchor.day)
    if short_month is ShortMonth.CLIP:
        return date(year, month0 + 1, length)
    # Only months of less than 31 days get here, so the next month is in the same year.
    return date(year, month0 + 2, 1)


def is_month_end(day: date) -> bool:
    """Tell whether `day` is the last day of its month."""
    return day.day == days_in(day.year, day.month)


def month_end(day: date) -> date:
    """Return the last day of the month that holds `day`."""
    return day.replace(day=days_in(day.year, day.month))


def months_apart(first: date, second: date) -> int:
    """Return how many calendar months lie between the months (not days) of two dates."""
    return (second.year - first.year) * 12 + second.month - first.month
