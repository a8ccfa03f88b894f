"""What is told of each term, wherever it is shown: its dates, and what was done about it?

Worked out from a dossier and kept as one row a term, so that lists and feeds need not do
the arithmetic again. Nothing in it depends on the day it is read: what was said is kept
with the day it was said on, and the reader judges by the day that is asked about.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import orjson

from app.renewals.acts import Choice, Said, Team, standing_of
from app.renewals.clauses import CountedFrom, MonthDay, Notice, RenewalKind
from app.renewals.endings import Ending, decision_about, ending_of
from app.renewals.handling import handled_on, letter_on
from app.renewals.milestones import Milestone, MilestoneKind, terms_with_milestones
from app.renewals.notice import ASSUMED
from app.renewals.prices import locked_in, price_on
from app.renewals.reasons import say_month_day, spell
from app.renewals.schedule import ONE_DAY, Schedule, schedule_of
from app.renewals.terms import Terms
from app.usecases.acts import ActKind, Acts
from app.usecases.dossiers import Dossier

CLAUSES = {
    "term": ("start_date", "initial_term", "end_date", "end_date_is", "short_month"),
    "renewal": ("renewal", "holdover"),
    "notice": ("notice", "renewal_notice"),
}
"""The clauses that dates rest on, with the fields of the terms that they are entered in."""

_AMENDED = {
    "term": ("begins_term", "term", "end_date", "end_date_is", "is_anchor"),
    "renewal": ("renewal",),
    "notice": ("notice",),
}


def told_terms(
    dossier: Dossier, first: date, last: date, kept: tuple[date, date] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield a row for each term that has a date from `first` to `last`, with all of its dates.

    Terms that have a date in the days `kept` are left out.
    """
    teller: _Teller | None = None
    for of_term in terms_with_milestones(dossier.terms, first, last):
        if kept is not None and any(kept[0] <= one.on <= kept[1] for one in of_term):
            continue
        teller = teller or _Teller(dossier)
        yield teller.row_of(of_term)


def clauses_checked(dossier: Dossier) -> dict[str, date | None]:
    """Return when each clause that dates rest on was last checked as it reads now."""
    found: dict[str, date | None] = {}
    checks = dossier.acts.checks()
    for clause in needed_clauses(dossier.terms):
        # Nothing is hashed where there is nothing to compare.
        reads = checksum_of(dossier.row, dossier.acts, clause) if checks else None
        days = [one.on for one in checks if (one.clause, one.checksum) == (clause, reads)]
        found[clause] = max(days, default=None)
    return found


def needed_clauses(terms: Terms) -> list[str]:
    """Return the clauses that the dates of these terms rest on."""
    silent = terms.kind in (RenewalKind.NONE, RenewalKind.PERPETUAL) and not terms.is_amended
    return ["term", "renewal"] if silent and terms.notice is None else list(CLAUSES)


def checksum_of(row: Mapping[str, Any], acts: Acts, clause: str) -> str:
    """Return what changes whenever a clause reads differently."""
    document = orjson.loads(row["terms"])
    entered = {name: document.get(name) for name in CLAUSES[clause]}
    amended = [
        [done.document["effective_from"], {name: done.document.get(name) for name in fields}]
        for done in acts.standing(ActKind.AMENDMENT)
        for fields in [_AMENDED[clause]]
        if any(done.document.get(name) is not None for name in fields)
    ]
    ends_with = str(row["parent_id"]) if row["co_terminous"] else None
    text = json.dumps([entered, amended, ends_with], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def said_in(told: Mapping[str, Any], number: int, day: date) -> tuple[Said, ...]:
    """Return what had been said about a term by a day, from what is told of it."""
    said = told.get("said")
    if said is None:
        return ()
    start = date.fromisoformat(told["term_start"])
    return tuple(
        Said(number, start, Team(team), Choice(choice), date.fromisoformat(on), particulars)
        for team, choice, on, particulars in said
        if date.fromisoformat(on) <= day
    )


class _Teller:
    """What the terms of one agreement have in common."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._terms = dossier.terms
        self._schedule: Schedule = schedule_of(dossier.terms)
        self._ending: Ending = ending_of(dossier.terms, self._schedule)
        self._checked = clauses_checked(dossier)
        self._acknowledged = dossier.acts.acknowledged()

    def row_of(self, of_term: list[Milestone]) -> dict[str, Any]:
        """Return what is told of one term, with all of its dates."""
        one = of_term[0]
        number, start, end = one.term_number, one.term_start, one.term_end
        dates = {milestone.kind.value: milestone.on for milestone in of_term}
        why = {milestone.kind.value: milestone.why for milestone in of_term}
        if MilestoneKind.RENEWAL in why:
            # A renewal is the day after the term's end: its last step alone says that.
            why["term_end"] = why[MilestoneKind.RENEWAL][:-1]
        act_by = next((milestone.on for milestone in of_term if milestone.act_by), None)
        acknowledged = self._acknowledged.get((number, start))
        handled = self._handled_on(number, start)
        told = {
            "term_start": start,
            "term_end": end,
            "if_nobody_acts": self._if_nobody_acts(number, dates),
            "dates": dates,
            "why": why,
            "notice": say_notice(self._terms, self._schedule, number),
            "checked": self._checked,
            "renews_for": self._renews_for(number, dates),
            "locked_in": self._locked_in(number, dates),
            "said": self._said(number, start),
            "handled_on": handled,
            "letter_on": letter_on(self._terms, self._schedule, number),
            "acknowledged_on": None if acknowledged is None else acknowledged.on,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return {
            "agreement_id": self._dossier.id,
            "number": number,
            "first_on": min(dates.values()),
            "last_on": max(dates.values()),
            "act_by": act_by,
            "open_until": self._open_until(
                end, act_by, handled, None if acknowledged is None else acknowledged.on
            ),
            "assumed": any(milestone.assumed for milestone in of_term),
            "told": orjson.dumps(told).decode(),
        }

    def _open_until(
        self, end: date, act_by: date | None, handled: date | None, acknowledged: date | None
    ) -> date:
        """Return the day from which on nobody need look at the term."""
        days = [date.max]
        if handled is not None and (act_by is None or handled <= act_by):
            days.append(handled)
        if acknowledged is not None:
            days.append(acknowledged)
        if end < self._dossier.row["created_at"].date():
            days.append(end + ONE_DAY)  # over before it was entered: history, not an alarm
        return min(days)

    def _handled_on(self, number: int, start: date) -> date | None:
        standing = standing_of(self._terms.said, number, start)
        return handled_on(self._terms, self._schedule, self._ending, number, standing)

    def _said(self, number: int, start: date) -> list[tuple[str, str, date, str | None]] | None:
        return [
            (one.team.value, one.choice.value, one.on, one.particulars)
            for one in self._terms.said
            if (one.term_number, one.term_start) == (number, start)
        ] or None

    def _if_nobody_acts(self, number: int, dates: Mapping[str, date]) -> str:
        if MilestoneKind.RENEWAL in dates:
            return "renews"
        is_minimum = self._schedule.kind_of(number) is RenewalKind.EVERGREEN
        return "goes_on" if is_minimum and MilestoneKind.NOTICE_DEADLINE in dates else "ends"

    def _renews_for(self, number: int, dates: Mapping[str, date]) -> str | None:
        if MilestoneKind.RENEWAL not in dates:
            return None
        length = self._schedule.length_of(number + 1)
        return None if length is None else str(length)

    def _locked_in(self, number: int, dates: Mapping[str, date]) -> dict[str, Any] | None:
        """Return what the next term costs once it has begun, None where that is not known."""
        if MilestoneKind.RENEWAL not in dates:
            return None
        term = self._schedule.term(number + 1)
        price = price_on(self._dossier.price, self._terms.amendments, term.start)
        length = self._schedule.length_of(number + 1)
        found = locked_in(price, term.start, term.end, 0 if length is None else length.months)
        if found is None:
            return None
        return {
            "amount": str(found.amount),
            "currency": found.currency,
            "why": spell(found.steps),
        }


def say_notice(terms: Terms, schedule: Schedule, number: int) -> str:
    """Return the notice that a term's deadline follows from, in words."""
    (_, notice), *amended = schedule.notices_for(number)
    decision = decision_about(terms, schedule, number) if amended else None
    if decision is not None:
        notice = decision.dates.notice
    else:
        end = schedule.term(number).end or date.max
        in_force = [later for effective_from, later in amended if effective_from <= end]
        notice = in_force[-1] if in_force else notice
    if notice is None:
        return f"not known; {ASSUMED.period} are assumed until it is entered"
    return _in_words(notice)


def _in_words(notice: Notice) -> str:
    if isinstance(notice.period, MonthDay):
        return f"on or before {say_month_day(notice.period.month, notice.period.day)}"
    origin = "the last day of the term"
    if notice.counted_from is CountedFrom.RENEWAL_DATE:
        origin = "the renewal date"
    return f"{notice.period} before {origin}"
