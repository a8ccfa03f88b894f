"""When does each term begin and end, if the agreement runs on?

Boundary k is the first day of term k + 1. Every boundary is counted from the anchor,
never from the boundary before it: 31 January monthly is 28 February, then 31 March.
Lengths in days and weeks, and a stated end that is no whole number of months from the
start, set a new anchor. Finding the term of a day is arithmetic, not a walk.

An amendment lays out anew what follows from the term that holds its `effective_from`;
the boundaries before that are kept as they were, with their anchors.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from app.renewals.acts import DecisionState, standing_of
from app.renewals.amendments import Amendment
from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import EndDateIs, Notice, Renewal, RenewalKind
from app.renewals.months import ShortMonth, add_months, months_apart
from app.renewals.reasons import Step, Steps, say_day, say_month
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

ONE_DAY = timedelta(days=1)
OPEN_ENDED = frozenset({RenewalKind.EVERGREEN, RenewalKind.PERPETUAL})
_MOST_TERMS_BEFORE = 3_000


@dataclass(frozen=True, slots=True)
class Term:
    """One period of an agreement; `end` is its last covered day, None when open-ended."""

    number: int
    start: date
    end: date | None


NoticeRules = tuple[tuple[date, Notice | None], ...]
"""Notices, each with the day from which it is in force, in the order of the days."""


class Schedule(Protocol):
    """The terms of an agreement by number; `last_number` is None when they never run out."""

    @property
    def last_number(self) -> int | None:
        """The number of the last term there can be."""

    def term(self, number: int) -> Term:
        """Return a term by its number, from 1 to `last_number`."""

    def number_on(self, day: date) -> int:
        """Return the number of the term that holds `day`: the first before, the last after."""

    @property
    def options_left(self) -> bool:
        """Whether an option to extend the last term is still there to be exercised."""

    def kind_of(self, number: int) -> RenewalKind:
        """Return what happens at the end of a term when nobody says anything."""

    def is_cut_short(self, number: int) -> bool:
        """Tell whether a term ends early because an amendment began the next one."""

    def is_carried_on(self, number: int) -> bool:
        """Tell whether an amendment began the next term, when this one ended or before."""

    def was_last(self, number: int) -> bool:
        """Tell whether a term was the last one until an amendment carried it on."""

    def has_option_after(self, number: int) -> bool:
        """Tell whether an option was left at the end of a term that is, or was, the last one."""

    def is_extended(self, number: int) -> bool:
        """Tell whether both teams settled to exercise the option at the end of a term."""

    def length_of(self, number: int) -> Span | None:
        """Return the length of a term as it was stated, None where its end was."""

    def notices_for(self, number: int) -> NoticeRules:
        """Return the notices that end a term, as they came into force; None is not known."""

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

    def stated(self, boundary: date, short_month: ShortMonth, index: int) -> "_Anchor":
        # A stated end that is a whole number of months away keeps the anchor, so that a
        # start on the 31st comes back to the 31st; a stub is an anchor of its own.
        months = months_apart(self.day, boundary)
        for whole in (months, months - 1):
            if whole > self.months and add_months(self.day, whole, short_month) == boundary:
                return _Anchor(self.index, self.day, whole)
        return _Anchor(index, boundary)

    def length_since(self, before: "_Anchor") -> Span | None:
        """Return the length from the boundary before, None for a stub."""
        return Span(self.months - before.months, Unit.MONTHS) if self.months else None

    def boundary(self, short_month: ShortMonth) -> date:
        return add_months(self.day, self.months, short_month)


class OwnSchedule:
    """The schedule of an agreement that has its own dates.

    Raises `BadTerms` for an amendment that does not fit, naming it by its place.
    """

    __slots__ = (
        "_anchors",
        "_begun",
        "_boundaries",
        "_first_renewal",
        "_kind",
        "_kinds_before",
        "_lengths_before",
        "_moved",
        "_renewal",
        "_repeats",
        "_stated",
        "_step_days",
        "_step_months",
        "_terms",
        "_was_last",
        "last_number",
    )

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._anchors = _first_anchors(terms)
        self._renewal = terms.renewal
        # The number of the first term whose length the renewal rule gives.
        self._first_renewal = 2
        # What amendments leave behind: lengths and kinds of the terms before them, ends that
        # are off the formula, how boundaries were stated, which terms they began (True where
        # that cut the term before short), and which were the last (True with an option left).
        self._lengths_before: list[Span | None] = []
        self._kinds_before: list[tuple[int, RenewalKind]] = []
        self._moved: dict[int, date] = {}
        self._stated: dict[int, Step] = {}
        self._begun: dict[int, bool] = {}
        self._was_last: dict[int, bool] = {}
        self._lay_out()
        for index, amendment in enumerate(terms.amendments):
            try:
                self._amend(amendment)
            except BadTerms as bad:
                raise bad.within(f"amendments.{index}.") from None

    def _lay_out(self) -> None:
        """Add the renewal lengths that do not repeat to the anchors, and note what repeats."""
        renewal, short_month = self._renewal, self._terms.short_month
        lengths = () if renewal is None else renewal.terms
        for number in range(len(self._anchors), self._first_renewal - 1 + len(lengths)):
            span = lengths[number - self._first_renewal]
            self._anchors.append(self._anchors[-1].plus(span, short_month, number))
        self._boundaries = [anchor.boundary(short_month) for anchor in self._anchors]
        for index, day in self._moved.items():
            self._boundaries[index] = day
        # The renewal length that repeats for ever; both are 0 where nothing repeats.
        step = lengths[-1] if lengths else None
        self._step_months = 0 if step is None else step.months
        self._step_days = 0 if step is None else step.days
        self._repeats = step is not None
        self._kind = RenewalKind.NONE if renewal is None else renewal.kind
        self.last_number = self._last_number()

    def _last_number(self) -> int | None:
        renewal = self._renewal
        if renewal is None or not self._repeats:
            return len(self._boundaries) - (0 if self._kind in OPEN_ENDED else 1)
        unrenewed, begun = self._first_renewal - 1, max(self._begun, default=0)
        if renewal.kind is not RenewalKind.OPTION:
            return None if renewal.max is None else max(unrenewed + renewal.max, begun)
        last = max(unrenewed + renewal.exercised, begun)
        while self._has_option_after(last) and self.is_extended(last):
            last += 1
        return last

    def _amend(self, amendment: Amendment) -> None:
        """Lay out anew what follows from the day an amendment takes effect."""
        day, renewal = amendment.effective_from, amendment.renewal
        number = self.number_on(day)
        term = self.term(number)
        is_over = term.end is not None and day > term.end
        self._check_has_place(amendment, number, is_over=is_over)
        cuts = amendment.begins_term and not is_over and day > term.start
        if is_over:
            self._was_last[number] = self.options_left
        if is_over or cuts:
            number += 1
        if renewal is not None:
            self._kinds_before.append((number - 1, self._kind))
        fixed = amendment.fixed_end
        if fixed is not None:
            # What had ended has no later terms to keep.
            by_formula = [] if is_over else self._by_formula(number)
            self._keep_before(number)
            if number > 1 and (is_over or amendment.begins_term):
                self._begin(number, day, cuts=cuts)
            self._set_end(number, amendment, fixed, by_formula)
        elif renewal is not None:
            self._keep_end(number, renewal)
        if renewal is not None:
            self._renewal, self._first_renewal = renewal, number + 1
        self._lay_out()

    def _check_has_place(self, amendment: Amendment, number: int, *, is_over: bool) -> None:
        """Refuse an amendment for which there is no term; `number` is the nearest one's."""
        day = amendment.effective_from
        if day < self._terms.start_date:
            raise BadTerms(
                field="effective_from", rule="must not be before start_date; correct the terms."
            )
        if is_over and not (amendment.sets_an_end and day == self._boundary(number)):
            rule = (
                f"the last term ends on {say_day(self._boundary(number) - ONE_DAY)}: to carry on,"
                " begin a new term, with its length, on the day after."
            )
            raise BadTerms(field="effective_from", rule=rule)
        if number > _MOST_TERMS_BEFORE:
            rule = f"more than {_MOST_TERMS_BEFORE} terms lie before it; enter a new agreement."
            raise BadTerms(field="effective_from", rule=rule)

    def _by_formula(self, number: int) -> list[tuple[_Anchor, Span | None]]:
        """Return the ends that this term and the next have, or get with an option, if any."""
        last = self.last_number
        return [
            (self._anchor(index), self._length_if_any(index))
            for index in (number, number + 1)
            if last is None or index <= last or self._has_option_after(index - 1)
            if self.term(index).end is not None
        ]

    def _keep_before(self, number: int) -> None:
        """Keep the boundaries up to the start of a term, and forget those after it."""
        lengths = [self._length_if_any(before) for before in range(1, number)]
        moved = {index: self._boundary(index) for index in self._moved if index < number}
        self._anchors = [self._anchor(index) for index in range(number)]
        self._lengths_before, self._moved = lengths, moved
        self._stated = {index: told for index, told in self._stated.items() if index < number}
        self._begun = {begun: cuts for begun, cuts in self._begun.items() if begun <= number}

    def _begin(self, number: int, day: date, *, cuts: bool) -> None:
        self._begun.setdefault(number, cuts)
        self._moved.pop(number - 1, None)
        self._anchors[number - 1] = _Anchor(number - 1, day)
        if cuts:
            self._stated[number - 1] = (_TOLD_BEGIN, day, number)

    def _keep_end(self, number: int, renewal: Renewal) -> None:
        """Keep the end of the term that is amended, from which a new renewal rule counts."""
        if self.term(number).end is None:
            if renewal.kind not in OPEN_ENDED:
                rule = "is needed to end an open-ended term; give it, or end_date."
                raise BadTerms(field="term", rule=rule)
            self._keep_before(number)
            return
        self._keep_before(number + 1)
        moved = self._moved.pop(number, None)
        if moved is not None:
            before, short_month = self._anchors[number - 1], self._terms.short_month
            end = self._anchors[number] = before.stated(moved, short_month, number)
            self._lengths_before[number - 1] = end.length_since(before)

    def _set_end(
        self,
        number: int,
        amendment: Amendment,
        fixed: Span | date,
        by_formula: list[tuple[_Anchor, Span | None]],
    ) -> None:
        """Add the end of the term that is amended; with no anchor, the next one's as well."""
        short_month, before = self._terms.short_month, self._anchors[-1]
        starts = self._moved.get(number - 1, before.boundary(short_month))
        told: Step
        length: Span | None
        if isinstance(fixed, Span):
            if number - 1 in self._moved:
                before = _Anchor(number - 1, starts)
            end, length = before.plus(fixed, short_month, number), fixed
            told = (_TOLD_LENGTH, amendment.effective_from, number, length, starts)
        else:
            end = before.stated(fixed, short_month, number)
            length = end.length_since(before)
            told = (_TOLD_END, amendment.effective_from, number, fixed - ONE_DAY)
        boundary = end.boundary(short_month)
        _check_later("must not be before the day it takes effect", amendment, starts, boundary)
        self._stated[number] = told
        if amendment.counts_anew or not by_formula:
            self._add(end, length)
            return
        for anchor, usual in by_formula:
            self._add(anchor, usual)
        self._moved[number] = boundary
        if by_formula[1:] and by_formula[1][0].boundary(short_month) <= boundary:
            rule = "lies beyond the end of the next term; set is_anchor to count later terms anew."
            raise BadTerms(field=_end_field(amendment), rule=rule)

    def _add(self, anchor: _Anchor, length: Span | None) -> None:
        self._anchors.append(anchor)
        self._lengths_before.append(length)

    def _has_option_after(self, number: int) -> bool:
        renewal = self._renewal
        if renewal is None or renewal.kind is not RenewalKind.OPTION:
            return False
        return renewal.max is None or number - self._first_renewal + 1 < renewal.max

    @property
    def options_left(self) -> bool:
        """Whether an option is still there to be exercised."""
        return self.last_number is not None and self._has_option_after(self.last_number)

    def kind_of(self, number: int) -> RenewalKind:
        """Return the renewal kind in force at the end of a term."""
        for last, kind in self._kinds_before:
            if number <= last:
                return kind
        return self._kind

    def is_cut_short(self, number: int) -> bool:
        """Tell whether an amendment began the next term before this one's end."""
        return self._begun.get(number + 1, False)

    def is_carried_on(self, number: int) -> bool:
        """Tell whether an amendment began the next term."""
        return number + 1 in self._begun

    def was_last(self, number: int) -> bool:
        """Tell whether a term had ended when an amendment carried it on."""
        return number in self._was_last

    def has_option_after(self, number: int) -> bool:
        """Tell whether an option was left when a last term ended."""
        return self._was_last.get(number, self._has_option_after(number))

    def is_extended(self, number: int) -> bool:
        """Tell whether both teams settled to extend a term."""
        said = self._terms.said
        if not said:
            return False
        return standing_of(said, number, self._boundary(number - 1)).state is DecisionState.EXTEND

    def term(self, number: int) -> Term:
        """Return a term by its number."""
        if not self._repeats and number == len(self._boundaries):
            return Term(number, self._boundary(number - 1), None)
        return Term(number, self._boundary(number - 1), self._boundary(number) - ONE_DAY)

    def number_on(self, day: date) -> int:
        """Return the number of the term that holds `day`, by arithmetic on the repeated tail."""
        number = self._number_in_tail(day)
        if number is None:
            number = bisect_right(self._boundaries, day)
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

    def notices_for(self, number: int) -> NoticeRules:
        """Return the notices that end a term, as they came into force."""
        own = ((date.min, self._terms.own_notice(number)),)
        return (*own, *_amended_notices(self._terms)) if self._terms.amendments else own

    def length_of(self, number: int) -> Span | None:
        """Return the length of a term, None where its end is off the formula."""
        if number in self._moved or number - 1 in self._moved or self.is_cut_short(number):
            return None
        return self._length_if_any(number)

    def start_steps(self, number: int) -> Steps:
        """Return how the first day of a term was counted."""
        if number == 1:
            return (("The agreement starts on {} (start_date).", self._terms.start_date),)
        start = self._boundary(number - 1)
        if number in self._begun:
            return ((_TOLD_BEGIN, start, number),)
        return (*self._counted(number - 1), ("So term {} starts on {}.", number, start))

    def end_steps(self, number: int) -> Steps:
        """Return how the last covered day of a term was counted."""
        boundary = self._boundary(number)
        last_day = ("The last covered day is the day before {}: {}.", boundary, boundary - ONE_DAY)
        counted = self._counted(number)
        return counted if self._states_last_day(number) else (*counted, last_day)

    def _states_last_day(self, number: int) -> bool:
        if number in self._stated:
            return self._stated[number][0] is _TOLD_END
        stated = self._terms.end_date
        return number == 1 and stated == self._boundary(1) - ONE_DAY

    def _counted(self, index: int) -> Steps:
        """Return how boundary `index`, the day after term `index`, was counted."""
        if index in self._stated:
            return (self._stated[index],)
        stated, anchor = self._terms.end_date, self._anchor(index)
        if stated is not None and index == 1:
            named = self._terms.end_date_is.value.replace("_", " ")
            return (("The contract states {} as the {} of the first term.", stated, named),)
        if not anchor.months:
            told = "Term {} lasts {} from its first day, {}."
            return ((told, index, self._length_if_any(index), self._boundary(index - 1)),)
        counted: Step = ("Term {} lasts {} from {}.", index, self._length_if_any(index), anchor.day)
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
        counts: list[tuple[int, Span | None]] = []
        for number in range(first, listed + 1):
            length, times = self._length_if_any(number), 1 if number < listed else last - listed + 1
            if counts and counts[-1][1] == length:
                times += counts.pop()[0]
            counts.append((times, length))
        return " + ".join(
            str(span) if times == 1 else f"{times} x {span}" for times, span in counts
        )

    def _length_if_any(self, number: int) -> Span | None:
        if number <= len(self._lengths_before):
            return self._lengths_before[number - 1]
        if number >= self._first_renewal:
            renewal = self._renewal
            if renewal is None or not renewal.terms:
                return None
            return renewal.length_of(number - self._first_renewal + 1)
        if number > 1:
            return None
        months = self._anchor(1).months
        return self._terms.initial_term or (Span(months, Unit.MONTHS) if months else None)


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

    @property
    def options_left(self) -> bool:
        """Whether its parent has an option left."""
        return self._parent.options_left

    def kind_of(self, number: int) -> RenewalKind:
        """Return its parent's renewal kind at the end of a term."""
        return self._parent.kind_of(number + self._skipped)

    def is_cut_short(self, number: int) -> bool:
        """Tell whether an amendment cut its parent's term short."""
        return self._parent.is_cut_short(number + self._skipped)

    def is_carried_on(self, number: int) -> bool:
        """Tell whether an amendment began its parent's next term."""
        return self._parent.is_carried_on(number + self._skipped)

    def was_last(self, number: int) -> bool:
        """Tell whether its parent's term had ended when an amendment carried it on."""
        return self._parent.was_last(number + self._skipped)

    def has_option_after(self, number: int) -> bool:
        """Tell whether its parent had an option left when a last term ended."""
        return self._parent.has_option_after(number + self._skipped)

    def length_of(self, number: int) -> Span | None:
        """Return the length of its parent's term, None where it holds only a part of it."""
        return None if number == 1 else self._parent.length_of(number + self._skipped)

    def is_extended(self, number: int) -> bool:
        """Tell whether its parent's option was settled to be exercised."""
        return self._parent.is_extended(number + self._skipped)

    def notices_for(self, number: int) -> NoticeRules:
        """Return the notices that end a term; where it states none itself, its parent's."""
        own, changed = self._terms.own_notice(number), _amended_notices(self._terms)
        rules: NoticeRules = ((date.min, own),)
        if own is None:
            rules = self._parent.notices_for(number + self._skipped)
        # From its own first amendment on it states one itself.
        first = changed[0][0] if changed else date.max
        return (*(rule for rule in rules if rule[0] < first), *changed)

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
    try:
        return OwnSchedule(terms)
    except BadTerms:
        if terms.as_known_on is None:
            raise
    # The amendment rests on what was not known on that day: an option exercised since.
    return schedule_of(replace(terms, amendments=terms.amendments[:-1]))


def check_starts_in_time(start_date: date, parent: Schedule) -> None:
    """Raise `BadTerms` where a co-terminous agreement starts after its parent's last term."""
    last = parent.last_number
    end = None if last is None else parent.term(last).end
    if end is not None and start_date > end:
        raise BadTerms(
            field="start_date", rule=f"its parent agreement ends before that, on {say_day(end)}."
        )


def _first_anchors(terms: Terms) -> list[_Anchor]:
    """Return the anchors of the start and of the first end, where there is one."""
    start = _Anchor(0, terms.start_date)
    if terms.initial_term is not None:
        return [start, start.plus(terms.initial_term, terms.short_month, 1)]
    if terms.end_date is None:
        return [start]
    boundary = terms.end_date
    if terms.end_date_is is EndDateIs.LAST_DAY:
        boundary += ONE_DAY
    return [start, start.stated(boundary, terms.short_month, 1)]


_TOLD_BEGIN = "By the amendment effective from {}, a new term begins on that day: term {}."
_TOLD_LENGTH = "By the amendment effective from {}, term {} lasts {} from {}."
_TOLD_END = "By the amendment effective from {}, term {} ends on {}."


def _end_field(amendment: Amendment) -> str:
    return "end_date" if amendment.term is None else "term"


def _check_later(rule: str, amendment: Amendment, starts: date, boundary: date) -> None:
    if boundary <= max(starts, amendment.effective_from):
        raise BadTerms(field=_end_field(amendment), rule=f"{rule}; check both.")


def _amended_notices(terms: Terms) -> NoticeRules:
    return tuple(
        (amendment.effective_from, amendment.notice)
        for amendment in terms.amendments
        if amendment.notice is not None
    )
