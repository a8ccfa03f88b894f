"""On which days do business letters move? Weekends and holidays of one place.

A calendar is a value that is handed to the engine; where the holidays come from is
not known here. `back` and `forward` do not count the day they start from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.renewals.reasons import say_day

_ONE_DAY = timedelta(days=1)
_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The business days of a place, such as `GB-ENG`.

    `weekend` holds weekday numbers (Monday 0) that are days off in every week;
    `holidays_in` returns the holidays of a year with their names.
    """

    name: str
    weekend: frozenset[int] = field(compare=False)
    holidays_in: Callable[[int], Mapping[date, str]] = field(compare=False, repr=False)

    def is_open(self, day: date) -> bool:
        """Tell whether `day` is a business day."""
        return day.weekday() not in self.weekend and day not in self.holidays_in(day.year)

    def closed_because(self, day: date) -> str:
        """Return why `day` is a day off: the holiday's name, else the weekday's."""
        return self.holidays_in(day.year).get(day) or _WEEKDAY_NAMES[day.weekday()]

    def back(self, day: date, count: int) -> date:
        """Return the business day that is `count` business days before `day`."""
        while count > 0:
            day -= _ONE_DAY
            count -= self.is_open(day)
        return day

    def forward(self, day: date, count: int) -> date:
        """Return the business day that is `count` business days after `day`."""
        while count > 0:
            day += _ONE_DAY
            count -= self.is_open(day)
        return day

    def preceding(self, day: date) -> date:
        """Return `day` when it is a business day, else the last one before it."""
        while not self.is_open(day):
            day -= _ONE_DAY
        return day

    def following(self, day: date) -> date:
        """Return `day` when it is a business day, else the first one after it."""
        while not self.is_open(day):
            day += _ONE_DAY
        return day


@dataclass(frozen=True, slots=True)
class HolidaysBetween:
    """The holidays that a count stepped over, named only when a step is read aloud."""

    calendar: BusinessCalendar
    first: date
    last: date

    def __str__(self) -> str:
        """Return the weekdays off from `first` to `last`: "and not Thu 26 Nov 2026 (…)"."""
        named = [
            f"{say_day(day)} ({name})"
            for year in range(self.first.year, self.last.year + 1)
            for day, name in sorted(self.calendar.holidays_in(year).items())
            if self.first <= day <= self.last and day.weekday() not in self.calendar.weekend
        ]
        return f"and not {', '.join(named)}" if named else "and no holiday comes in between"
