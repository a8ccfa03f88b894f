"""When does each term begin and end, if the agreement runs on?

Boundary k is the first day of term k + 1. Every boundary is counted from the anchor,
never from the boundary before it: 31 January monthly is 28 February, then 31 March.
Lengths in days and weeks, and a stated end that is no whole number of months from the
start, set a new anchor. Finding the term of a day is arithmetic, not a walk.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import EndDateIs, Notice, RenewalKind
from app.renewals.months import ShortMonth, add_months, months_apart
from app.renewals.reasons import Step, Steps, say_day, say_month
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """One period of an agreement; `end` is its last covered day, None when open-ended."""

    number: int
    start: date
    end: date | None


class Schedule(Protocol):
    """The terms of an agreement by number; `last_number` is None when they never run out."""

    @property
    def last_number(self) -> int | None:
        """The number of the last term there can be."""

    def term(self, number: int) -> Term:
        """Return a term by its number, from 1 to `last_number`."""

    def number_on(self, day: date) -> int:
        """Return the number of the term that holds `day`: the first before, the last after."""

    def notice_for(self, number: int) -> Notice | None:
        """Return the notice that ends a term, None when it is not known."""

    def start_steps(self, number: int) -> Steps:
        """Return how the first day of a term follows from the contract."""

    def end_steps(self, number: int) -> Steps:
        """Return how the last covered day of a term follows from the contract."""


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A day that later boundaries are counted from, and the months counted so far.

    `index` is the number of the boundary that the day itself is.
    """

    index: int
    day: date
    months: int = 0

    def plus(self, span: Span, short_month: ShortMonth, index: int) -> "_Anchor":
        if span.months:
            return _Anchor(self.index, self.day, self.months + span.months)
        return _Anchor(index, self.boundary(short_month) + timedelta(days=span.days))

    def boundary(self, short_month: ShortMonth) -> date:
        return add_months(self.day, self.months, short_month)


class OwnSchedule:
    """The schedule of an agreement that has its own dates."""

    __slots__ = ("_anchors", "_boundaries", "_step_days", "_step_months", "_terms", "last_number")

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._anchors = _first_anchors(terms)
        self._boundaries = [anchor.boundary(terms.short_month) for anchor in self._anchors]
        renewal = terms.renewal
        # The renewal length that repeats for ever; both are 0 where nothing repeats.
        step = renewal.terms[-1] if renewal is not None and renewal.terms else None
        self._step_months = 0 if step is None else step.months
        self._step_days = 0 if step is None else step.days
        self.last_number = self._last_number()

    def _last_number(self) -> int | None:
        renewal = self._terms.renewal
        if renewal is None or not self._repeats:
            open_ended = self._terms.kind in (RenewalKind.EVERGREEN, RenewalKind.PERPETUAL)
            return len(self._boundaries) - (0 if open_ended else 1)
        if renewal.kind is RenewalKind.OPTION:
            return 1 + renewal.exercised
        return None if renewal.max is None else 1 + renewal.max

    @property
    def _repeats(self) -> bool:
        return bool(self._step_months or self._step_days)

    def term(self, number: int) -> Term:
        """Return a term by its number."""
        if not self._repeats and number == len(self._boundaries):
            return Term(number, self._boundary(number - 1), None)
        return Term(number, self._boundary(number - 1), self._boundary(number) - ONE_DAY)

    def number_on(self, day: date) -> int:
        """Return the number of the term that holds `day`, by arithmetic on the repeated tail."""
        number = self._number_in_tail(day)
        if number is None:
            number = sum(boundary <= day for boundary in self._boundaries)
        last = self.last_number
        return max(1, number if last is None else min(number, last))

    def _number_in_tail(self, day: date) -> int | None:
        first = self._boundaries[-1]
        if day < first or not self._repeats:
            return None
        if self._step_days:
            return len(self._boundaries) + (day - first).days // self._step_days
        anchor = self._anchors[-1]
        steps = (months_apart(anchor.day, day) - anchor.months) // self._step_months
        number = len(self._boundaries) + max(steps, 0)
        return number if self._boundary(number - 1) <= day else number - 1

    def _boundary(self, index: int) -> date:
        beyond = index - len(self._boundaries) + 1
        if beyond <= 0:
            return self._boundaries[index]
        if self._step_months:
            anchor = self._anchors[-1]
            months = anchor.months + beyond * self._step_months
            return add_months(anchor.day, months, self._terms.short_month)
        return self._boundaries[-1] + timedelta(days=beyond * self._step_days)

    def _anchor(self, index: int) -> _Anchor:
        beyond = index - len(self._anchors) + 1
        if beyond <= 0:
            return self._anchors[index]
        last = self._anchors[-1]
        if self._step_months:
            return _Anchor(last.index, last.day, last.months + beyond * self._step_months)
        return _Anchor(index, self._boundary(index))

    def notice_for(self, number: int) -> Notice | None:
        """Return the notice that ends a term."""
        return self._terms.own_notice(number)

    def start_steps(self, number: int) -> Steps:
        """Return how the first day of a term was counted."""
        if number == 1:
            return (("The agreement starts on {} (start_date).", self._terms.start_date),)
        starts = ("So term {} starts on {}.", number, self._boundary(number - 1))
        return (*self._counted(number - 1), starts)

    def end_steps(self, number: int) -> Steps:
        """Return how the last covered day of a term was counted."""
        boundary = self._boundary(number)
        last_day = ("The last covered day is the day before {}: {}.", boundary, boundary - ONE_DAY)
        if number == 1 and self._terms.end_date == boundary - ONE_DAY:
            return self._counted(1)
        return (*self._counted(number), last_day)

    def _counted(self, index: int) -> Steps:
        """Return how boundary `index`, the day after term `index`, was counted."""
        stated, anchor = self._terms.end_date, self._anchor(index)
        if stated is not None and index == 1:
            named = self._terms.end_date_is.value.replace("_", " ")
            return (("The contract states {} as the {} of the first term.", stated, named),)
        if not anchor.months:
            told = "Term {} lasts {} from its first day, {}."
            return ((told, index, self._length(index), self._boundary(index - 1)),)
        counted: Step = ("Term {} lasts {} from {}.", index, self._length(index), anchor.day)
        if index > anchor.index + 1:
            told = "Counted from {}, when term {} starts: {} make {} months to the end of term {}."
            lengths = self._lengths(anchor.index + 1, index)
            counted = (told, anchor.day, anchor.index + 1, lengths, anchor.months, index)
        return (counted, *self._told_short_month(anchor.day.day, self._boundary(index)))

    def _told_short_month(self, wanted: int, boundary: date) -> Steps:
        """Return why a boundary does not have the day number of its anchor, if it has not."""
        if boundary.day == wanted:
            return ()
        if self._terms.short_month is ShortMonth.CLIP:
            told = "{} has no day {}: its last day, {}, stands in."
            return ((told, say_month(boundary), wanted, boundary),)
        told = "{} has no day {}: the day after its end, {}, stands in (roll_forward)."
        return ((told, say_month(boundary - ONE_DAY), wanted, boundary),)

    def _lengths(self, first: int, last: int) -> str:
        """Return the lengths of the terms from `first` to `last`: "36 months + 2 x 12 months"."""
        # From the last listed length on they are all alike, however many there are.
        listed = min(last, len(self._boundaries))
        counts: list[tuple[int, Span]] = []
        for number in range(first, listed + 1):
            length, times = self._length(number), 1 if number < listed else last - listed + 1
            if counts and counts[-1][1] == length:
                times += counts.pop()[0]
            counts.append((times, length))
        return " + ".join(
            str(span) if times == 1 else f"{times} x {span}" for times, span in counts
        )

    def _length(self, number: int) -> Span:
        """Return the length of a term, as the contract states it or in whole months."""
        terms = self._terms
        if number > 1 and terms.renewal is not None:
            return terms.renewal.length_of(number - 1)
        return terms.initial_term or Span(self._anchor(1).months, Unit.MONTHS)


class CoTerminousSchedule:
    """The schedule of an agreement whose terms end with its parent's."""

    __slots__ = ("_parent", "_skipped", "_terms", "last_number")

    def __init__(self, terms: Terms, parent: Schedule) -> None:
        self._terms = terms
        self._parent = parent
        self._skipped = parent.number_on(terms.start_date) - 1
        last = parent.last_number
        self.last_number = None if last is None else last - self._skipped

    def term(self, number: int) -> Term:
        """Return the parent's term, cut to this agreement's start."""
        term = self._parent.term(number + self._skipped)
        return Term(number, max(term.start, self._terms.start_date), term.end)

    def number_on(self, day: date) -> int:
        """Return the number of this agreement's term that holds `day`."""
        return max(1, self._parent.number_on(day) - self._skipped)

    def notice_for(self, number: int) -> Notice | None:
        """Return the notice that ends a term; where it states none itself, its parent's."""
        own = self._terms.own_notice(number)
        return self._parent.notice_for(number + self._skipped) if own is None else own

    def start_steps(self, number: int) -> Steps:
        """Return how the first day of a term was counted."""
        if number == 1:
            return (("The agreement starts on {} (start_date).", self._terms.start_date),)
        told = ("It starts with its parent agreement's term {}.", number + self._skipped)
        return (told, *self._parent.start_steps(number + self._skipped))

    def end_steps(self, number: int) -> Steps:
        """Return how the parent's last covered day was counted."""
        told = ("It ends with its parent agreement's term {}.", number + self._skipped)
        return (told, *self._parent.end_steps(number + self._skipped))


def schedule_of(terms: Terms) -> Schedule:
    """Return the schedule that follows from the terms."""
    if terms.parent is not None:
        return CoTerminousSchedule(terms, schedule_of(terms.parent))
    return OwnSchedule(terms)


def check_starts_in_time(start_date: date, parent: Schedule) -> None:
    """Raise `BadTerms` where a co-terminous agreement starts after its parent's last term."""
    last = parent.last_number
    end = None if last is None else parent.term(last).end
    if end is not None and start_date > end:
        raise BadTerms(
            field="start_date", rule=f"its parent agreement ends before that, on {say_day(end)}."
        )


def _first_anchors(terms: Terms) -> list[_Anchor]:
    """Return the anchors of the start, the first end and all lengths that do not repeat."""
    anchors = [_Anchor(0, terms.start_date)]
    first_end = _first_end(terms)
    if first_end is not None:
        anchors.append(first_end)
    renewal = terms.renewal
    if renewal is not None:
        for span in renewal.terms[:-1]:
            anchors.append(anchors[-1].plus(span, terms.short_month, len(anchors)))
    return anchors


def _first_end(terms: Terms) -> _Anchor | None:
    if terms.initial_term is not None:
        return _Anchor(0, terms.start_date).plus(terms.initial_term, terms.short_month, 1)
    if terms.end_date is None:
        return None
    boundary = terms.end_date
    if terms.end_date_is is EndDateIs.LAST_DAY:
        boundary += ONE_DAY
    months = months_apart(terms.start_date, boundary)
    # A stated end that is a whole number of months away keeps the start as the anchor, so
    # that a start on the 31st comes back to the 31st; a stub is an anchor of its own.
    for whole in (months, months - 1):
        if whole > 0 and add_months(terms.start_date, whole, terms.short_month) == boundary:
            return _Anchor(0, terms.start_date, whole)
    return _Anchor(1, boundary)
