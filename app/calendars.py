"""On which days is a place closed? Business calendars from the `holidays` package.

The only importer of that package. A calendar is named by its ISO 3166 country and, where
holidays differ within it, the subdivision: `US`, `GB-ENG`, `DE-BY`.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.metadata import version

import holidays

from app.renewals.bad_terms import BadTerms
from app.renewals.business_days import BusinessCalendar

VERSION = f"holidays {version('holidays')}"
"""What the holidays come from; they change with it, so reports name it."""


@cache
def named(name: str) -> BusinessCalendar:
    """Return the business calendar of a place; raises `BadTerms` when none is known."""
    country, _, subdivision = name.partition("-")
    supported = _supported()
    if country not in supported:
        raise BadTerms(
            field="calendar", rule="no such country; use an ISO code such as US, FR or GB-ENG."
        )
    if "-" in name and subdivision not in supported[country]:
        known = ", ".join(f"{country}-{code}" for code in supported[country]) or country
        raise BadTerms(field="calendar", rule=f"no such part of the country; use one of {known}.")
    source = holidays.country_holidays(country, subdiv=subdivision or None, years=2026)
    return BusinessCalendar(
        name, frozenset(source.weekend), _holidays_by_year(country, subdivision or None)
    )


def names() -> list[str]:
    """Return the names of all calendars, countries first, then their subdivisions."""
    supported = _supported()
    parts = (f"{country}-{code}" for country, codes in supported.items() for code in codes)
    return [*supported, *parts]


@cache
def _supported() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def _holidays_by_year(country: str, subdivision: str | None) -> Callable[[int], Mapping[date, str]]:
    kept: dict[int, Mapping[date, str]] = {}

    def in_year(year: int) -> Mapping[date, str]:
        if year not in kept:
            kept[year] = dict(
                holidays.country_holidays(
                    country, subdiv=subdivision, years=year, expand=False, language="en_US"
                ).items()
            )
        return kept[year]

    return in_year
