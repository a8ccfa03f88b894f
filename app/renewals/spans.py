"""How long is a term, a notice period, a delivery or a holdover period?"""

from dataclasses import dataclass
from enum import StrEnum

from app.renewals.bad_terms import BadTerms


class Unit(StrEnum):
    """The unit a contract counts in. Months are never turned into days."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    BUSINESS_DAYS = "business_days"


CALENDAR_UNITS = frozenset({Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS})
DAY_UNITS = frozenset({Unit.DAYS, Unit.WEEKS, Unit.BUSINESS_DAYS})

# The longest term (a century) and the longest notice (ten years, 3650 days), per unit.
LONGEST_TERM = {Unit.DAYS: 36_500, Unit.WEEKS: 5_200, Unit.MONTHS: 1_200, Unit.YEARS: 100}
LONGEST_NOTICE = {
    Unit.DAYS: 3_650,
    Unit.WEEKS: 520,
    Unit.MONTHS: 120,
    Unit.YEARS: 10,
    Unit.BUSINESS_DAYS: 2_600,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A length as the contract states it: a count and its unit."""

    value: int
    unit: Unit

    def __str__(self) -> str:
        """Return the length in words: "1 month", "15 business days"."""
        name = self.unit.value.replace("_", " ")
        return f"{self.value} {name[:-1] if self.value == 1 else name}"

    @property
    def months(self) -> int:
        """The length in calendar months; 0 when it is counted in days."""
        if self.unit is Unit.MONTHS:
            return self.value
        return self.value * 12 if self.unit is Unit.YEARS else 0

    @property
    def days(self) -> int:
        """The length in calendar days; 0 when it is counted otherwise."""
        if self.unit is Unit.DAYS:
            return self.value
        return self.value * 7 if self.unit is Unit.WEEKS else 0


def check_length(prefix: str, span: Span) -> None:
    """Raise `BadTerms` unless `span` can be the length of a term: a century at most.

    `prefix` is the dotted name of the span's parent, with its dot.
    """
    _check_unit(f"{prefix}unit", span.unit, frozenset(LONGEST_TERM))
    if span.value < 1:
        raise BadTerms(
            field=f"{prefix}value", rule="a term lasts at least 1; give its full length."
        )
    if span.value > LONGEST_TERM[span.unit]:
        longest = Span(LONGEST_TERM[span.unit], span.unit)
        raise BadTerms(
            field=f"{prefix}value", rule=f"a term lasts at most {longest}; check the number."
        )


def check_notice(prefix: str, span: Span, units: frozenset[Unit] = frozenset(Unit)) -> None:
    """Raise `BadTerms` unless `span` can be a notice period or delivery time: 0 to ten years.

    `prefix` is the dotted name of the span's parent, with its dot.
    """
    _check_unit(f"{prefix}unit", span.unit, units)
    if span.value < 0:
        raise BadTerms(
            field=f"{prefix}value", rule="must not be negative; 0 means up to the day itself."
        )
    if span.value > LONGEST_NOTICE[span.unit]:
        longest = Span(LONGEST_NOTICE[span.unit], span.unit)
        raise BadTerms(field=f"{prefix}value", rule=f"must be at most {longest}; check the number.")


def _check_unit(field: str, unit: Unit, allowed: frozenset[Unit]) -> None:
    if unit not in allowed:
        names = ", ".join(name.value for name in Unit if name in allowed)
        raise BadTerms(field=field, rule=f"cannot be {unit.value} here; use one of {names}.")
