"""Plain builders of terms, in the notation of docs/renewal-rules.md.

A length is "12 months", a renewal "auto, 5 years then 2 years, max 3", a notice "45 days,
delivery 2 business days, calendar GB-ENG" or "by 10-01".
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app import calendars
from app.renewals.acts import Choice, GivenNotice, Purpose, Said, Team
from app.renewals.amendments import Amendment
from app.renewals.documents import amendment_of, terms_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

_LENGTHS = ("initial_term", "holdover", "term")


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


def some_terms(
    start_date: str,
    *,
    parent: Terms | None = None,
    amendments: Iterable[Amendment] = (),
    notices: Iterable[GivenNotice] = (),
    said: Iterable[Said] = (),
    **fields: Any,  # noqa: ANN401 - as a document has them
) -> Terms:
    return terms_of(
        a_document({"start_date": start_date} | fields),
        calendars.named,
        parent,
        amendments=tuple(amendments),
        notices=tuple(notices),
        said=tuple(said),
    )


def yearly(start_date: str = "2024-04-15", **fields: Any) -> Terms:  # noqa: ANN401 - as a document has them
    """Return twelve months that renew by twelve, with 45 days' notice, unless told otherwise."""
    usual = {"initial_term": "12 months", "renewal": "auto, 12 months", "notice": "45 days"}
    return some_terms(start_date, **(usual | fields))


def an_amendment(
    effective_from: str,
    *,
    recorded_on: str | None = None,
    **fields: Any,  # noqa: ANN401 - as a document has them
) -> Amendment:
    document = a_document({"effective_from": effective_from} | fields)
    known = None if recorded_on is None else day(recorded_on)
    return amendment_of(document, calendars.named, known)


def a_letter(
    received_on: str | None = None,
    *,
    sent_on: str | None = None,
    term_start: str | None = None,
    purpose: str = "end",
) -> GivenNotice:
    """Return a notice that was given."""
    days = (None if text is None else day(text) for text in (received_on, sent_on, term_start))
    received, sent, start = days
    return GivenNotice(received, sent, purpose=Purpose(purpose), term_start=start)


def chose(
    team: str,
    choice: str,
    on: str = "2024-12-01",
    *,
    term: tuple[int, str] = (1, "2024-04-15"),
    particulars: str | None = None,
) -> Said:
    number, start = term
    return Said(number, day(start), Team(team), Choice(choice), day(on), particulars)


def both_chose(
    choice: str, on: str = "2024-12-01", *, term: tuple[int, str] = (1, "2024-04-15")
) -> tuple[Said, Said]:
    first, second = (chose(team, choice, on, term=term) for team in ("it", "procurement"))
    return first, second


def said(value: object, *names: str) -> dict[str, str | None]:
    """Return the named dates and words of a position, link or milestone, as text."""
    return {
        name: None if getattr(value, name) is None else str(getattr(value, name)) for name in names
    }
