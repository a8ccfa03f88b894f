"""What do the terms of an agreement put into a calendar? Stored terms in, moments out.

Nothing here depends on the day it is asked.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from app.feeds.events import Moment, Progress, Subject
from app.records.engine import Row
from app.renewals.acts import standing_of
from app.renewals.milestones import MilestoneKind
from app.renewals.months import add_months
from app.renewals.prices import Price, price_on
from app.renewals.reasons import say_day
from app.usecases.dossiers import Dossier
from app.usecases.refusals import Unreadable
from app.usecases.told import said_in

BROKEN = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, Unreadable)
"""What reading a stored agreement raises when it was broken by hand."""


def subject_of(agreement: Row, base_url: str, *, notes: bool) -> Subject:
    """Return what all events of an agreement say of it."""
    return Subject(
        agreement_id=agreement["id"],
        reference=agreement["reference"],
        title=agreement["title"],
        counterparty=agreement["counterparty"],
        owner=agreement["owner"],
        procurement_contact=agreement["procurement_contact"],
        url=f"{base_url}/agreements/{agreement['id']}",
        notes=agreement["notes"] if notes else None,
    )


def moments_of(
    term: Row, first: date, last: date, good_for: int, priced: Dossier | None
) -> Iterator[Moment]:
    """Yield the dates of a stored term from `first` to `last`, but for those nobody needs.

    `good_for` is how many months a check of a clause counts; with the dossier `priced` they
    say what the term costs. Raises what `BROKEN` names for a row that cannot be read.
    """
    told = orjson.loads(term["told"])
    dates = {MilestoneKind(name): date.fromisoformat(on) for name, on in told["dates"].items()}
    chain = tuple(sorted(dates.items(), key=lambda dated: (dated[1], dated[0])))
    progress = _progress(told, term["number"])
    term_start = date.fromisoformat(told["term_start"])
    amounts = () if priced is None else _amounts(told, priced, term_start)
    for kind, on in dates.items():
        if not first <= on <= last or _is_said_by_the_deadline(kind, dates):
            continue
        if _is_done(kind, progress):
            continue
        yield Moment(
            kind=kind,
            on=on,
            assumed=term["assumed"],
            why=tuple(told["why"][kind]),
            term_number=term["number"],
            term_start=term_start,
            term_end=date.fromisoformat(told["term_end"]),
            chain=chain,
            goes_on=told["if_nobody_acts"] != "ends",
            notice=told["notice"],
            checked=_say_checked(told["checked"], good_for),
            renews_for=told.get("renews_for"),
            progress=progress,
            amounts=amounts,
        )


def _progress(told: Mapping[str, Any], number: int) -> Progress:
    start = date.fromisoformat(told["term_start"])
    standing = standing_of(said_in(told, number, date.max), number, start)
    letter_on = told.get("letter_on")
    return Progress(
        state=standing.state,
        settled_on=standing.settled_on,
        is_handled="handled_on" in told,
        letter_on=None if letter_on is None else date.fromisoformat(letter_on),
    )


_STEPS_BEFORE = frozenset({MilestoneKind.NOTICE_WINDOW_OPENS, MilestoneKind.SEND_BY})


def _is_done(kind: MilestoneKind, progress: Progress) -> bool:
    """Tell whether a date asks for something that was done: negotiating, or sending."""
    if kind is MilestoneKind.NEGOTIATION_START:
        return progress.is_handled or progress.settled_on is not None
    return kind in _STEPS_BEFORE and progress.is_handled


def _say_checked(checked: Mapping[str, str | None], good_for: int) -> str:
    """Return how far the clauses were checked; it says until when, so that no day changes it."""
    missing = [clause for clause, on in checked.items() if on is None]
    if missing:
        return f"not yet, against the contract: {', '.join(missing)}"
    oldest = min(date.fromisoformat(on) for on in checked.values() if on is not None)
    again = add_months(oldest, good_for)
    return f"against the contract on {say_day(oldest)}, good until {say_day(again)}"


def _is_said_by_the_deadline(kind: MilestoneKind, dates: dict[MilestoneKind, date]) -> bool:
    """Tell whether an event of its own would repeat the deadline's, on the same day."""
    deadline = dates.get(MilestoneKind.NOTICE_DEADLINE)
    return kind is MilestoneKind.SEND_BY and dates[kind] == deadline


def _amounts(told: Mapping[str, Any], priced: Dossier, term_start: date) -> tuple[str, ...]:
    """Return what a term costs, by the price in force on its first day, and what follows."""
    price: Price = price_on(priced.price, priced.terms.amendments, term_start)
    lines = [
        f"{name}: {_say_money(amount, price.currency)}"
        for name, amount in (
            ("Value a year", price.annual_value),
            ("Value in all", price.total_value),
        )
        if amount is not None
    ]
    if next_term := told.get("locked_in"):
        money = _say_money(Decimal(next_term["amount"]), next_term["currency"])
        lines.append(f"Locked in if it renews: {money}")
    return tuple(lines)


def _say_money(amount: Decimal, currency: str | None) -> str:
    return f"{amount:,f} {currency or ''}".rstrip()
