"""How does a computed date say where it comes from?

A step is kept as its sentence with gaps and the values for them, and spelled out only
when somebody reads it: most dates are compared far more often than they are explained.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

Step = tuple[object, ...]
"""A sentence with `{}` gaps, then a value for each gap."""

Steps = tuple[Step, ...]

Reason = Steps | Callable[[], Steps]
"""Steps, or what works them out when they are asked for."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=4096)
def say_day(day: date) -> str:
    """Return a date as a wall calendar shows it, in any locale: "Sat 28 Feb 2026"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_month(day: date) -> str:
    """Return the month of a date: "Feb 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def say_month_day(month: int, day: int) -> str:
    """Return a day of any year: "1 Oct"."""
    return f"{day} {_MONTHS[month - 1]}"


def steps_of(reason: Reason) -> Steps:
    """Return the steps of a reason, worked out where they were put off."""
    return reason() if callable(reason) else reason


def spell(reason: Reason) -> list[str]:
    """Return the steps as sentences, in their order."""
    return [_sentence(*step) for step in steps_of(reason)]


def spell_all(reasons: Mapping[str, Reason]) -> dict[str, list[str]]:
    """Return the sentences behind each date that has a reason, by the date's name."""
    return {name: steps for name, reason in reasons.items() if (steps := spell(reason))}


@lru_cache(maxsize=8192)  # the dates of a term, and of terms that run alike, share their steps
def _sentence(template: object, *values: object) -> str:
    return str(template).format(
        *(say_day(value) if isinstance(value, date) else value for value in values)
    )
