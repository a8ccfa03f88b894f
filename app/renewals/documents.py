"""How do terms look outside the heart? Mappings with the API's field names, both ways.

The same document is what a client posts, what the record keeps and what is read back.
Reading is strict: a value of another type than the contract's own is refused by name.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.renewals.acts import GivenNotice, Said
from app.renewals.amendments import Amendment
from app.renewals.bad_terms import BadTerms
from app.renewals.business_days import BusinessCalendar
from app.renewals.clauses import (
    CountedFrom,
    EndDateIs,
    MonthDay,
    MonthRule,
    Notice,
    Renewal,
    RenewalKind,
    Roll,
    TerminationRight,
)
from app.renewals.months import ShortMonth
from app.renewals.schedule import check_starts_in_time, schedule_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

Document = Mapping[str, Any]
CalendarNamed = Callable[[str], BusinessCalendar]
"""Returns the business calendar of a name; raises `BadTerms` for an unknown one."""

TERMS_FIELDS = (
    "start_date",
    "initial_term",
    "end_date",
    "end_date_is",
    "short_month",
    "renewal",
    "notice",
    "renewal_notice",
    "lead_days",
    "holdover",
    "notice_received_on",
    "termination_right",
)
AMENDMENT_FIELDS = (
    "effective_from",
    "begins_term",
    "term",
    "end_date",
    "end_date_is",
    "is_anchor",
    "renewal",
    "notice",
    "annual_value",
    "total_value",
    "currency",
)
_RENEWAL_FIELDS = ("kind", "term", "terms", "max", "exercised")
_NOTICE_FIELDS = (
    "value",
    "unit",
    "counted_from",
    "month_rule",
    "clear_days",
    "by_month_day",
    "opens",
    "delivery",
    "roll",
    "calendar",
)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
_T = TypeVar("_T", bound=StrEnum)


def terms_of(
    document: Document,
    calendar: CalendarNamed,
    parent: Terms | None = None,
    *,
    amendments: tuple[Amendment, ...] = (),
    notices: tuple[GivenNotice, ...] = (),
    said: tuple[Said, ...] = (),
) -> Terms:
    """Return the terms a document states, with what happened since.

    `parent` is given for a co-terminous agreement. `amendments` come in the order they were
    recorded and are put in the order they take effect. Raises `BadTerms` naming the field by
    its dotted path, also when an amendment does not fit the terms.
    """
    _check_fields("", document, TERMS_FIELDS)
    start = _day(document, "start_date")
    if start is None:
        raise BadTerms(field="start_date", rule="is needed; give the first day of the first term.")
    terms = Terms(
        start_date=start,
        initial_term=_span(document, "initial_term"),
        end_date=_day(document, "end_date"),
        end_date_is=_choice(document, "end_date_is", EndDateIs, EndDateIs.LAST_DAY),
        short_month=_choice(document, "short_month", ShortMonth, ShortMonth.CLIP),
        renewal=_renewal(document),
        notice=_notice(document, "notice", calendar),
        renewal_notice=_notice(document, "renewal_notice", calendar),
        lead_days=_whole(document, "lead_days"),
        holdover=_span(document, "holdover"),
        notice_received_on=_day(document, "notice_received_on"),
        termination_right=_termination_right(document),
        parent=parent,
        amendments=tuple(sorted(amendments, key=lambda one: one.effective_from)),
        notices=notices,
        said=said,
    )
    if parent is not None:
        check_starts_in_time(start, schedule_of(parent))
    if amendments:
        schedule_of(terms)  # which refuses those that do not fit
    return terms


def amendment_of(
    document: Document, calendar: CalendarNamed, recorded_on: date | None = None
) -> Amendment:
    """Return the amendment a document states, known from `recorded_on` on.

    Raises `BadTerms` naming the field by its dotted path.
    """
    _check_fields("", document, AMENDMENT_FIELDS)
    effective_from = _day(document, "effective_from")
    if effective_from is None:
        raise BadTerms(field="effective_from", rule="is needed; give the day it takes effect.")
    currency = document.get("currency")
    if currency is not None and not isinstance(currency, str):
        raise BadTerms(field="currency", rule="must be an ISO 4217 currency, such as EUR.")
    return Amendment(
        effective_from=effective_from,
        begins_term=_flag(document, "begins_term") or False,
        term=_span(document, "term"),
        end_date=_day(document, "end_date"),
        end_date_is=_choice(document, "end_date_is", EndDateIs, EndDateIs.LAST_DAY),
        is_anchor=_flag(document, "is_anchor"),
        renewal=_renewal(document),
        notice=_notice(document, "notice", calendar),
        annual_value=_amount(document, "annual_value"),
        total_value=_amount(document, "total_value"),
        currency=currency,
        recorded_on=recorded_on,
    )


def _check_fields(prefix: str, document: Document, known: tuple[str, ...]) -> None:
    for name in document:
        if name not in known:
            raise BadTerms(field=f"{prefix}{name}", rule="is not a field here; check the name.")


def _part(document: Document, name: str, prefix: str = "") -> Document | None:
    part = document.get(name)
    if part is not None and not isinstance(part, Mapping):
        raise BadTerms(field=f"{prefix}{name}", rule="must be an object with its own fields.")
    return part


def _day(document: Document, name: str, prefix: str = "") -> date | None:
    text = document.get(name)
    if text is None:
        return None
    # The library also reads weeks (2026-W01-1); a contract's dates are plain ones.
    if isinstance(text, str) and _ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadTerms(
                field=f"{prefix}{name}", rule="no calendar has that day; check it."
            ) from None
    raise BadTerms(field=f"{prefix}{name}", rule="must be a day as YYYY-MM-DD.")


def _whole(document: Document, name: str, prefix: str = "") -> int | None:
    number = document.get(name)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadTerms(field=f"{prefix}{name}", rule="must be a whole number.")
    return number


def _flag(document: Document, name: str, prefix: str = "") -> bool | None:
    flag = document.get(name)
    if flag is not None and not isinstance(flag, bool):
        raise BadTerms(field=f"{prefix}{name}", rule="must be true or false.")
    return flag


def _amount(document: Document, name: str) -> Decimal | None:
    text = document.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise BadTerms(field=name, rule='must be an amount as text, such as "120000.00".')
    return Decimal(text)


def _choice(document: Document, name: str, choices: type[_T], default: _T, prefix: str = "") -> _T:
    text = document.get(name)
    if text is None:
        return default
    try:
        return choices(text)
    except ValueError:
        names = ", ".join(choices)
        raise BadTerms(field=f"{prefix}{name}", rule=f"must be one of {names}.") from None


def _span(document: Document, name: str, prefix: str = "") -> Span | None:
    part = _part(document, name, prefix)
    return None if part is None else _span_of(part, f"{prefix}{name}.")


def _span_of(part: Document, prefix: str) -> Span:
    _check_fields(prefix, part, ("value", "unit"))
    value = _whole(part, "value", prefix)
    if value is None or part.get("unit") is None:
        raise BadTerms(
            field=f"{prefix}{'unit' if value is not None else 'value'}",
            rule="is needed; give both value and unit.",
        )
    return Span(value, _choice(part, "unit", Unit, Unit.DAYS, prefix))


def _renewal(document: Document) -> Renewal | None:
    part = _part(document, "renewal")
    if part is None:
        return None
    _check_fields("renewal.", part, _RENEWAL_FIELDS)
    if part.get("kind") is None:
        raise BadTerms(
            field="renewal.kind", rule=f"is needed; give one of {', '.join(RenewalKind)}."
        )
    return Renewal(
        kind=_choice(part, "kind", RenewalKind, RenewalKind.NONE, "renewal."),
        terms=_renewal_terms(part),
        max=_whole(part, "max", "renewal."),
        exercised=_whole(part, "exercised", "renewal.") or 0,
    )


def _renewal_terms(part: Document) -> tuple[Span, ...]:
    term, listed = _span(part, "term", "renewal."), part.get("terms")
    if listed is None:
        return () if term is None else (term,)
    if term is not None:
        raise BadTerms(field="renewal.terms", rule="give renewal.term or renewal.terms, not both.")
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise BadTerms(
            field="renewal.terms", rule="must be a list of lengths, each with value and unit."
        )
    return tuple(_span_of(item, f"renewal.terms.{i}.") for i, item in enumerate(listed))


def _notice(document: Document, name: str, calendar: CalendarNamed) -> Notice | None:
    part, prefix = _part(document, name), f"{name}."
    if part is None:
        return None
    _check_fields(prefix, part, _NOTICE_FIELDS)
    period = _notice_period(part, prefix)
    place = part.get("calendar")
    if place is not None and not isinstance(place, str):
        raise BadTerms(
            field=f"{prefix}calendar", rule="must be a country code such as US or GB-ENG."
        )
    clear_days = _flag(part, "clear_days", prefix)
    try:
        return Notice(
            period=period,
            counted_from=_choice(part, "counted_from", CountedFrom, CountedFrom.TERM_END),
            month_rule=_choice(part, "month_rule", MonthRule, MonthRule.CLIP),
            clear_days=bool(clear_days),
            opens=_span(part, "opens"),
            delivery=_span(part, "delivery"),
            roll=None if part.get("roll") is None else _choice(part, "roll", Roll, Roll.NONE),
            calendar=None if place is None else calendar(place),
        )
    except BadTerms as bad:
        raise bad.within(prefix) from None


def _notice_period(part: Document, prefix: str) -> Span | MonthDay:
    fixed = part.get("by_month_day")
    counted = {name: part[name] for name in ("value", "unit") if part.get(name) is not None}
    if (fixed is None) == (not counted):
        raise BadTerms(
            field=f"{prefix}value",
            rule="give value and unit, or by_month_day: one of the two ways.",
        )
    if fixed is None:
        return _span_of(counted, prefix)
    match = _MONTH_DAY.fullmatch(fixed) if isinstance(fixed, str) else None
    if match is None:
        raise BadTerms(
            field=f"{prefix}by_month_day", rule="must be a day of the year as MM-DD, like 10-01."
        )
    try:
        return MonthDay(int(match[1]), int(match[2]))
    except BadTerms as bad:
        raise bad.within(prefix) from None


def _termination_right(document: Document) -> TerminationRight | None:
    part, prefix = _part(document, "termination_right"), "termination_right."
    if part is None:
        return None
    _check_fields(prefix, part, ("notice", "earliest_on", "fee"))
    notice, fee = _span(part, "notice", prefix), part.get("fee")
    if notice is None:
        raise BadTerms(field=f"{prefix}notice", rule="is needed; give its value and unit.")
    if fee is not None and not isinstance(fee, str):
        raise BadTerms(
            field=f"{prefix}fee", rule="must be text, such as 10% of the remaining fees."
        )
    return TerminationRight(notice, _day(part, "earliest_on", prefix), fee)
