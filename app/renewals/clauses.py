"""What do the clauses of a contract say: how it renews, by which notice it ends?

Values only: frozen, and impossible ones cannot be built (`BadTerms`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.renewals.bad_terms import BadTerms
from app.renewals.business_days import BusinessCalendar
from app.renewals.months import days_in
from app.renewals.spans import (
    CALENDAR_UNITS,
    DAY_UNITS,
    Span,
    Unit,
    check_length,
    check_notice,
)

FIRST_YEAR = 1970
LAST_YEAR = 2199
MOST_RENEWALS = 1_000
MOST_LENGTHS = 100
_LONGEST_CHAIN = 6_000 * 366  # days; no calendar goes beyond the year 9999
_LEAP_YEAR = 2000
_DECEMBER = 12


class EndDateIs(StrEnum):
    """Which day a stated end date is."""

    LAST_DAY = "last_day"
    RENEWAL_DATE = "renewal_date"


class RenewalKind(StrEnum):
    """What happens at the end of a term when nobody says anything."""

    AUTO = "auto"  # it renews
    OPTION = "option"  # it ends, unless the option is exercised
    NONE = "none"  # it ends
    EVERGREEN = "evergreen"  # it goes on, open-ended, until notice
    PERPETUAL = "perpetual"  # it has no end


class CountedFrom(StrEnum):
    """The day a notice period is counted back from."""

    TERM_END = "term_end"
    RENEWAL_DATE = "renewal_date"


class MonthRule(StrEnum):
    """Which day a notice in months falls on when counted from the end of a month."""

    CLIP = "clip"  # the same day number, or the last day of a shorter month
    EOM = "eom"  # month end to month end


class Roll(StrEnum):
    """Where a deadline goes that falls on a day off."""

    NONE = "none"
    PRECEDING = "preceding"
    FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Renewal:
    """How the agreement continues.

    `terms` are the lengths of the renewal terms in order, the last one repeats; `max` is
    the number of renewals (or options) there are, None for no limit; `exercised` is the
    number of options used so far.
    """

    kind: RenewalKind
    terms: tuple[Span, ...] = ()
    max: int | None = None
    exercised: int = 0

    def __post_init__(self) -> None:
        """Refuse renewals without a length, or with one that means nothing."""
        repeats = self.kind in (RenewalKind.AUTO, RenewalKind.OPTION)
        if repeats and not self.terms:
            raise BadTerms(
                field="renewal.term",
                rule=f"is needed when renewal.kind is {self.kind.value}; give a renewal's length.",
            )
        if not repeats and (self.terms or self.max is not None):
            raise BadTerms(
                field="renewal.term" if self.terms else "renewal.max",
                rule=f"means nothing when renewal.kind is {self.kind.value}; leave it out.",
            )
        if len(self.terms) > MOST_LENGTHS:
            raise BadTerms(
                field="renewal.terms",
                rule=f"must be at most {MOST_LENGTHS} lengths; the last one repeats.",
            )
        for index, span in enumerate(self.terms):
            check_length(
                "renewal.term." if len(self.terms) == 1 else f"renewal.terms.{index}.", span
            )
        if self.max is not None and not 0 <= self.max <= MOST_RENEWALS:
            raise BadTerms(field="renewal.max", rule=f"must be from 0 to {MOST_RENEWALS} renewals.")
        if self.exercised and self.kind is not RenewalKind.OPTION:
            raise BadTerms(
                field="renewal.exercised", rule="only options are exercised; leave it out."
            )
        if not 0 <= self.exercised <= (MOST_RENEWALS if self.max is None else self.max):
            raise BadTerms(
                field="renewal.exercised",
                rule="must be from 0 to the number of options in renewal.max.",
            )
        self._check_extent()

    def _check_extent(self) -> None:
        count = self.exercised if self.kind is RenewalKind.OPTION else self.max
        listed = [_days_at_most(span) for span in self.terms]
        repeated = max(0, (count or 0) - len(listed)) * sum(listed[-1:])
        if sum(listed) + repeated > _LONGEST_CHAIN:
            raise BadTerms(
                field="renewal",
                rule="the last renewal would end thousands of years from now; check the numbers.",
            )

    def length_of(self, renewal_number: int) -> Span:
        """Return the length of a renewal term; 1 is the first renewal."""
        return self.terms[min(renewal_number, len(self.terms)) - 1]


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of any year, such as "on or before 1 October"; 29 February is 28 in common years."""

    month: int
    day: int

    def __post_init__(self) -> None:
        """Refuse days that no year has."""
        if not (1 <= self.month <= _DECEMBER and 1 <= self.day <= days_in(_LEAP_YEAR, self.month)):
            raise BadTerms(
                field="by_month_day", rule="must be a day of the year as MM-DD, such as 10-01."
            )

    def in_year(self, year: int) -> date:
        """Return this day in `year`."""
        return date(year, self.month, min(self.day, days_in(year, self.month)))


@dataclass(frozen=True, slots=True)
class Notice:
    """How long before the end a notice must have arrived.

    A period counts back; a `MonthDay` fixes the day instead. `opens` is how long before the
    end the earliest valid notice may arrive; `delivery` is what a letter is allowed to take.
    """

    period: Span | MonthDay
    counted_from: CountedFrom = CountedFrom.TERM_END
    month_rule: MonthRule = MonthRule.CLIP
    clear_days: bool = False
    opens: Span | None = None
    delivery: Span | None = None
    roll: Roll | None = None
    calendar: BusinessCalendar | None = None

    def __post_init__(self) -> None:
        """Refuse a notice that cannot be counted. Fields are named as within `notice`."""
        if isinstance(self.period, Span):
            check_notice("", self.period)
        if self.opens is not None:
            check_notice("opens.", self.opens)
            if isinstance(self.period, Span):
                _check_window(self.opens, self.period)
        if self.delivery is not None:
            check_notice("delivery.", self.delivery, DAY_UNITS)
        if self.calendar is None:
            self._check_needs_no_calendar()

    def _check_needs_no_calendar(self) -> None:
        for name, span in (("", self.period), ("opens.", self.opens), ("delivery.", self.delivery)):
            if isinstance(span, Span) and span.unit is Unit.BUSINESS_DAYS:
                raise BadTerms(
                    field=f"{name}unit",
                    rule="business days need a calendar; set calendar, such as GB-ENG.",
                )
        if self.roll not in (None, Roll.NONE):
            raise BadTerms(
                field="roll",
                rule="moving off a day off needs a calendar; set calendar, or roll to none.",
            )

    @property
    def rolls(self) -> Roll:
        """Where a deadline on a day off goes; the earlier day unless the contract says else."""
        if self.roll is not None:
            return self.roll
        return Roll.NONE if self.calendar is None else Roll.PRECEDING


@dataclass(frozen=True, slots=True)
class TerminationRight:
    """The right to leave at any time (for convenience), beside non-renewal.

    `earliest_on` is the first day that may be the last one; the fee is shown, never computed.
    """

    notice: Span
    earliest_on: date | None = None
    fee: str | None = None

    def __post_init__(self) -> None:
        """Refuse notice lengths that cannot be counted forward without a calendar."""
        check_notice("termination_right.notice.", self.notice, CALENDAR_UNITS)
        if self.earliest_on is not None:
            check_day("termination_right.earliest_on", self.earliest_on)


def check_day(field: str, day: date) -> None:
    """Raise `BadTerms` unless `day` lies in the years the product keeps, 1970 to 2199."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadTerms(field=field, rule=f"the year must be from {FIRST_YEAR} to {LAST_YEAR}.")


def _check_window(opens: Span, closes: Span) -> None:
    if _days_at_most(opens) < _days_at_least(closes):
        raise BadTerms(
            field="opens",
            rule="the window would close before it opens; make opens no shorter than the notice.",
        )


def _days_at_most(span: Span) -> int:
    if span.unit is Unit.BUSINESS_DAYS:
        return span.value * 2 + 14
    years, months = divmod(span.months, 12)
    return span.days + years * 366 + months * 31


def _days_at_least(span: Span) -> int:
    if span.unit is Unit.BUSINESS_DAYS:
        return span.value
    years, months = divmod(span.months, 12)
    return span.days + years * 365 + months * 28
