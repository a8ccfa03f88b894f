"""On which days do business letters move? Weekends and holidays of one place.

A calendar is a value that is handed to the engine; where the holidays come from is
not known here. `back` and `forward` do not count the day they start from.
"""

from bisect import bisect_left, bisect_right
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
    _kept: dict[int, list[date]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def is_open(self, day: date) -> bool:
        """Tell whether `day` is a business day."""
        return day.weekday() not in self.weekend and day not in self.holidays_in(day.year)

    def closed_because(self, day: date) -> str:
        """Return why `day` is a day off: the holiday's name, else the weekday's."""
        return self.holidays_in(day.year).get(day) or _WEEKDAY_NAMES[day.weekday()]

    def back(self, day: date, count: int) -> date:
        """Return the business day that is `count` business days before `day`."""
        if count == 0:
            return day
        year = day.year
        index = bisect_left(self._open_days(year), day) - count
        while index < 0:
            year -= 1
            index += len(self._open_days(year))
        return self._open_days(year)[index]

    def forward(self, day: date, count: int) -> date:
        """Return the business day that is `count` business days after `day`."""
        if count == 0:
            return day
        year = day.year
        index = bisect_right(self._open_days(year), day) + count - 1
        while index >= len(self._open_days(year)):
            index -= len(self._open_days(year))
            year += 1
        return self._open_days(year)[index]

    def _open_days(self, year: int) -> list[date]:
        """Return the business days of a year in their order, so that counting is no walk."""
        if year not in self._kept:
            first, after = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
            days = map(date.fromordinal, range(first, after))
            self._kept[year] = [day for day in days if self.is_open(day)]
        return self._kept[year]

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
