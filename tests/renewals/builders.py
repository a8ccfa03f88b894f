"""Plain builders of terms, in the notation of docs/renewal-rules.md.

A length is "12 months", a renewal "auto, 5 years then 2 years, max 3", a notice "45 days,
delivery 2 business days, calendar GB-ENG" or "by 10-01".
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app import calendars
from app.renewals.documents import terms_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

_LENGTHS = ("initial_term", "holdover")


def day(text: str) -> date:
    return date.fromisoformat(text)


def a_length(text: str) -> dict[str, Any]:
    value, *words = text.split()
    return {"value": int(value), "unit": "_".join(words).removesuffix("s") + "s"}


def a_span(text: str) -> Span:
    length = a_length(text)
    return Span(length["value"], Unit(length["unit"]))


def a_renewal(text: str) -> dict[str, Any]:
    kind, *parts = text.split(", ")
    renewal: dict[str, Any] = {"kind": kind}
    for part in parts:
        name, _, value = part.partition(" ")
        if name in ("max", "exercised"):
            renewal[name] = int(value)
        else:
            renewal["terms"] = [a_length(length) for length in part.split(" then ")]
    return renewal


def a_notice(text: str) -> dict[str, Any]:
    period, *parts = text.split(", ")
    fixed = period.removeprefix("by ")
    notice: dict[str, Any] = a_length(period) if fixed == period else {"by_month_day": fixed}
    for part in parts:
        name, _, value = part.partition(" ")
        if name == "clear_days":
            notice[name] = True
        else:
            notice[name] = a_length(value) if name in ("opens", "delivery") else value
    return notice


def a_right_to_leave(text: str) -> dict[str, Any]:
    notice, *parts = text.split(", ")
    right: dict[str, Any] = {"notice": a_length(notice)}
    return right | dict(part.split(" ", 1) for part in parts)


def a_document(fields: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = dict(fields)
    for name in _LENGTHS:
        if name in document:
            document[name] = a_length(document[name])
    for name in ("notice", "renewal_notice"):
        if name in document:
            document[name] = a_notice(document[name])
    if "renewal" in document:
        document["renewal"] = a_renewal(document["renewal"])
    if "termination_right" in document:
        document["termination_right"] = a_right_to_leave(document["termination_right"])
    return document


def some_terms(start_date: str, *, parent: Terms | None = None, **fields: Any) -> Terms:  # noqa: ANN401 - as a document has them
    return terms_of(a_document({"start_date": start_date} | fields), calendars.named, parent)


def yearly(start_date: str = "2024-04-15", **fields: Any) -> Terms:  # noqa: ANN401 - as a document has them
    """Return twelve months that renew by twelve, with 45 days' notice, unless told otherwise."""
    usual = {"initial_term": "12 months", "renewal": "auto, 12 months", "notice": "45 days"}
    return some_terms(start_date, **(usual | fields))


def said(value: object, *names: str) -> dict[str, str | None]:
    """Return the named dates and words of a position, link or milestone, as text."""
    return {
        name: None if getattr(value, name) is None else str(getattr(value, name)) for name in names
    }
