"""What day is it, and what instant? The only place that asks; everybody else is told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the day and the instant."""

    def today(self) -> date:
        """Return the calendar day in the organisation's time zone."""

    def now(self) -> datetime:
        """Return the instant, in UTC, to the second."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """The computer's clock, read in the organisation's time zone."""

    zone: ZoneInfo

    def today(self) -> date:
        """Return the calendar day in the organisation's time zone."""
        return datetime.now(self.zone).date()

    def now(self) -> datetime:
        """Return the instant, in UTC, to the second."""
        return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """A clock that stands at one instant: noon of its day, in UTC."""

    day: date

    def today(self) -> date:
        """Return the day it stands at."""
        return self.day

    def now(self) -> datetime:
        """Return noon of that day."""
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)
