"""Does the agreement end, when, and by what: its rule, its last option, or a notice?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from app.renewals.clauses import RenewalKind
from app.renewals.notice import (
    TOLD_ASSUMED,
    NoticeDates,
    day_of_exit,
    earliest_end_in_reach,
    notice_dates,
)
from app.renewals.reasons import Reason, Step, Steps, steps_of
from app.renewals.schedule import ONE_DAY, Schedule, Term, schedule_of
from app.renewals.terms import Terms


class Verdict(StrEnum):
    """What a notice is worth that is received on a certain day."""

    IN_TIME = "in_time"  # it ends the term in which it arrives
    LATE = "late"  # it misses that term's deadline and ends a later term
    TOO_EARLY = "too_early"  # its window is not open yet: it ends nothing
    NOT_NEEDED = "not_needed"  # the agreement ends by itself, or never


@dataclass(frozen=True, slots=True)
class Decision:
    """A term that somebody has to decide about, with the dates of its notice."""

    term: Term
    term_end: date
    dates: NoticeDates


@dataclass(frozen=True, slots=True)
class NoticeEffect:
    """What a notice received on one day brings about; `ends_on` is the last covered day.

    `term_number` is 0 where `ends_on` is None: it ends nothing.
    """

    verdict: Verdict
    term_number: int
    ends_on: date | None
    assumed: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Ending:
    """The last term and last covered day, as far as is known.

    `ends_on` is None when the agreement goes on; `term_number` is 0 then.
    """

    term_number: int
    ends_on: date | None
    noticed_on: date | None
    reason: Reason


def is_decided_by_notice(terms: Terms, schedule: Schedule, number: int) -> bool:
    """Tell whether a term's end depends on a notice (or on exercising an option)."""
    kind, last = terms.kind, schedule.last_number
    if kind is RenewalKind.AUTO:
        return last is None or number < last
    if kind is RenewalKind.OPTION:
        return number == last and terms.options_left
    # Of an evergreen agreement only the minimum term, if it has one, ends on a certain day.
    return kind is RenewalKind.EVERGREEN and number == 1


def decision_about(terms: Terms, schedule: Schedule, number: int) -> Decision | None:
    """Return the decision that a term asks for, None where nothing need be said."""
    if not is_decided_by_notice(terms, schedule, number):
        return None
    term = schedule.term(number)
    if term.end is None:
        return None
    return Decision(term, term.end, notice_dates(terms, schedule.notice_for(number), term.end))


def next_decision(terms: Terms, schedule: Schedule, day: date) -> Decision | None:
    """Return the decision of the first term whose deadline is not before `day`."""
    number = schedule.number_on(day)
    decision = decision_about(terms, schedule, number)
    if decision is not None and decision.dates.deadline >= day:
        return decision
    return decision_after(terms, schedule, number, day)


def decision_after(terms: Terms, schedule: Schedule, number: int, day: date) -> Decision | None:
    """Return the first decision of a term after `number` whose deadline is not before `day`."""
    if terms.kind is RenewalKind.OPTION:
        number = max(number + 1, schedule.last_number or 0)
    else:
        # The first term that can be in reach is jumped to, not walked to.
        reach = earliest_end_in_reach(schedule.notice_for(number + 1), day)
        number = max(number + 1, schedule.number_on(reach))
    while (decision := decision_about(terms, schedule, number)) is not None:
        if decision.dates.deadline >= day:
            return decision
        number += 1
    return None


def effect_of_notice(
    terms: Terms, schedule: Schedule, received: date, decision: Decision | None
) -> NoticeEffect:
    """Return what a notice received on `received` ends, judged by the terms alone.

    `decision` is `next_decision` on that day.
    """
    if decision is None and terms.kind is RenewalKind.EVERGREEN:
        return _effect_on_open_ended(terms, schedule, received)
    if decision is None or terms.kind is RenewalKind.OPTION:
        return _ends_by_itself(terms, schedule)
    dates = decision.dates
    if dates.opens is not None and received < dates.opens:
        return _too_early(received, dates)
    number = decision.term.number
    verdict, told = Verdict.IN_TIME, "A notice received on {} meets the deadline of term {}, {}."
    if number != schedule.number_on(received):
        verdict = Verdict.LATE
        told = (
            "A notice received on {} is in time for term {} at the earliest, whose deadline is {}."
        )
    steps: Steps = (
        (told, received, number, dates.deadline),
        ("That term's last covered day is {}.", decision.term_end),
    )
    if dates.assumed:
        steps = (TOLD_ASSUMED, *steps)
    return NoticeEffect(verdict, number, decision.term_end, dates.assumed, steps)


def ending_of(terms: Terms, schedule: Schedule, known_on: date | None = None) -> Ending:
    """Return how the agreement ends by what is known on a day (None: by all that is recorded)."""
    ending = _ending_by_notice(terms, schedule, known_on)
    if ending is None:
        ending = _ending_by_rule(terms, schedule)
    if terms.parent is None:
        return ending
    parent = ending_of(terms.parent, schedule_of(terms.parent), known_on)
    if parent.ends_on is None or (ending.ends_on is not None and ending.ends_on <= parent.ends_on):
        return ending
    number = schedule.number_on(parent.ends_on)
    return Ending(number, parent.ends_on, parent.noticed_on, partial(_with_parent, parent))


def _with_parent(parent: Ending) -> Steps:
    told = ("It ends with its parent agreement on {}.", parent.ends_on)
    return (told, *steps_of(parent.reason))


def _ending_by_notice(terms: Terms, schedule: Schedule, known_on: date | None) -> Ending | None:
    received = terms.notice_received_on
    if received is None or (known_on is not None and received > known_on):
        return None
    decision = next_decision(terms, schedule, received)
    effect = effect_of_notice(terms, schedule, received, decision)
    if effect.verdict in (Verdict.TOO_EARLY, Verdict.NOT_NEEDED):
        return None
    steps = steps_of(effect.reason)
    if effect.verdict is Verdict.LATE:
        steps += (("It came too late for the term in which it arrived: have a person check.",),)
    return Ending(effect.term_number, effect.ends_on, received, steps)


def _ending_by_rule(terms: Terms, schedule: Schedule) -> Ending:
    last = schedule.last_number
    end = None if last is None else schedule.term(last).end
    if last is None or end is None:
        return Ending(0, None, None, ())
    return Ending(last, end, None, partial(_why_it_ends, terms, schedule, last))


def _why_it_ends(terms: Terms, schedule: Schedule, last: int) -> Steps:
    if terms.kind is RenewalKind.AUTO:
        told: Step = ("Term {} is the last one: renewal.max allows no further renewal.", last)
    elif terms.kind is RenewalKind.OPTION and terms.options_left:
        told = ("It ends with term {}, unless the next option is exercised by its deadline.", last)
    elif terms.kind is RenewalKind.OPTION:
        told = ("All options are used: it ends with term {}.", last)
    elif terms.renewal is None and terms.parent is None:
        told = ("No renewal is stated, so it is taken to end with its term.",)
    else:
        told = ("It ends with its fixed term; nothing renews it.",)
    return (told, *schedule.end_steps(last))


def _effect_on_open_ended(terms: Terms, schedule: Schedule, received: date) -> NoticeEffect:
    notice = schedule.notice_for(schedule.number_on(received))
    last_day, steps = day_of_exit(notice, received)
    minimum_end = schedule.term(1).end
    if minimum_end is not None and last_day < minimum_end:
        last_day = minimum_end
        steps += (("Not before the minimum term ends: {}.", minimum_end),)
    elif last_day < terms.start_date:
        last_day = terms.start_date
        steps += (("Not before the agreement starts: {}.", last_day),)
    ends_in = schedule.number_on(last_day)
    return NoticeEffect(Verdict.IN_TIME, ends_in, last_day, notice is None, steps)


def _ends_by_itself(terms: Terms, schedule: Schedule) -> NoticeEffect:
    ending = _ending_by_rule(terms, schedule)
    number, end = ending.term_number, ending.ends_on
    return NoticeEffect(Verdict.NOT_NEEDED, number, end, assumed=False, reason=ending.reason)


def _too_early(received: date, dates: NoticeDates) -> NoticeEffect:
    told = ("A notice received on {} is too early: the window opens on {}.", received, dates.opens)
    return NoticeEffect(Verdict.TOO_EARLY, 0, None, dates.assumed, (told, *dates.why_opens))


def renewal_date_after(
    terms: Terms, last_day: date, decision: Decision | None, as_of: date, *, is_last: bool
) -> tuple[date | None, Steps]:
    """Return the first day of the next term where the agreement may go on after `last_day`.

    `is_last` tells that it ends there unless an option is exercised; `decision` is the term's.
    """
    if terms.kind is RenewalKind.EVERGREEN:
        return None, ()  # it runs on, but nothing begins anew
    next_day = last_day + ONE_DAY
    if not is_last:
        return next_day, (("The next term starts the day after {}: {}.", last_day, next_day),)
    if terms.kind is RenewalKind.OPTION and decision and as_of <= decision.dates.deadline:
        told = "If the option is exercised, the next term starts the day after {}: {}."
        return next_day, ((told, last_day, next_day),)
    return None, ()
