"""Does the agreement end, when, and by what: its rule, its last option, or a notice?"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

from app.renewals.acts import GivenNotice, Purpose
from app.renewals.clauses import Notice, RenewalKind
from app.renewals.notice import (
    TOLD_ASSUMED,
    NoticeDates,
    arrival_of,
    dates_in_force,
    day_of_exit,
    earliest_end_in_reach,
    opening_in_force,
)
from app.renewals.reasons import Reason, Step, Steps, steps_of
from app.renewals.schedule import ONE_DAY, OPEN_ENDED, Schedule, Term, schedule_of
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


def is_decided_by_notice(schedule: Schedule, number: int) -> bool:
    """Tell whether a term's end depends on a notice (or on exercising an option)."""
    if schedule.is_cut_short(number):
        return False
    is_last = number == schedule.last_number or schedule.was_last(number)
    match schedule.kind_of(number):
        case RenewalKind.AUTO | RenewalKind.EVERGREEN:
            return not is_last
        case RenewalKind.OPTION:
            return schedule.has_option_after(number) if is_last else schedule.is_extended(number)
        case _:
            return False


def decision_about(terms: Terms, schedule: Schedule, number: int) -> Decision | None:
    """Return the decision that a term asks for, None where nothing need be said."""
    term = schedule.term(number)
    if term.end is None or not is_decided_by_notice(schedule, number):
        return None
    dates = dates_in_force(terms, schedule.notices_for(number), term.end)
    return Decision(term, term.end, dates)


def ends_by_itself(
    schedule: Schedule, ending: Ending, number: int, decision: Decision | None
) -> bool:
    """Tell whether a term ends without anybody's notice; `decision` is the one it asks for.

    A term that would have, had the parties not agreed to carry on, is one of them.
    """
    if decision is not None:
        return False
    if number == ending.term_number:
        return ending.noticed_on is None
    return schedule.was_last(number)


def next_decision(terms: Terms, schedule: Schedule, day: date) -> Decision | None:
    """Return the decision of the first term whose deadline is not before `day`."""
    number = schedule.number_on(day)
    decision = decision_about(terms, schedule, number)
    if decision is not None and decision.dates.deadline >= day:
        return decision
    return decision_after(terms, schedule, number, day)


def decision_after(terms: Terms, schedule: Schedule, number: int, day: date) -> Decision | None:
    """Return the first decision of a term after `number` whose deadline is not before `day`."""
    number += 1
    if terms.amended_until(day) is terms:
        # The first term that can be in reach is jumped to, not walked to.
        reach = earliest_end_in_reach(_notice_on(schedule, number, day), day)
        number = max(number, schedule.number_on(reach))
    while schedule.last_number is None or number <= schedule.last_number:
        decision = decision_about(terms, schedule, number)
        if decision is not None and decision.dates.deadline >= day:
            return decision
        number += 1
    return None


def _notice_on(schedule: Schedule, number: int, day: date) -> Notice | None:
    """Return the notice that is in force on a day for ending a term."""
    (_, found), *amended = schedule.notices_for(number)
    for effective_from, notice in amended:
        if effective_from <= day:
            found = notice
    return found


def effect_of_notice(
    terms: Terms,
    schedule: Schedule,
    received: date,
    decision: Decision | None,
    meant: int | None = None,
) -> NoticeEffect:
    """Return what a notice received on `received` ends, judged by the clauses of that day.

    `decision` is `next_decision` on that day, `meant` the number of the term it is meant for.
    """
    if terms.is_amended:
        by_older = _effect_by_older_terms(terms, schedule, received, meant)
        if by_older is not None:
            return by_older
    if decision is None:
        running = schedule.number_on(received)
        is_open = schedule.kind_of(running) is RenewalKind.EVERGREEN
        if is_open and not schedule.is_cut_short(running):
            return _effect_on_open_ended(terms, schedule, received)
        return _ends_by_itself(terms, schedule)
    number = decision.term.number
    if schedule.kind_of(number) is RenewalKind.OPTION:
        return _ends_by_itself(terms, schedule)
    early = _too_early(terms, schedule, received, decision)
    if early is not None:
        return early
    dates = decision.dates
    verdict, told = Verdict.IN_TIME, "A notice received on {} meets the deadline of term {}, {}."
    if number != (meant or schedule.number_on(received)):
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


def _effect_by_older_terms(
    terms: Terms, schedule: Schedule, received: date, meant: int | None
) -> NoticeEffect | None:
    """Return the effect by the terms in force that day, None where the later ones say the same.

    What an open-ended agreement would still have covered when the amendment took effect goes
    on by the amended terms; a term ends when they let it end.
    """
    older = terms.amended_until(received)
    if older is terms:
        return None
    was = schedule_of(older)
    decision = _decision_for(older, was, received, meant)
    changes_on = terms.next_amendment_after(received)
    if decision is None:
        effect = effect_of_notice(older, was, received, None)
        ends_before = effect.ends_on is not None and effect.ends_on < changes_on
        return effect if ends_before and effect.verdict is Verdict.IN_TIME else None
    number = decision.term.number
    end = schedule.term(number).end
    if end is None or decision.term.start >= changes_on:
        return None
    if not is_decided_by_notice(schedule, number):
        return None
    return effect_of_notice(older, was, received, replace(decision, term_end=end), meant)


def judged(terms: Terms, schedule: Schedule, given: GivenNotice) -> NoticeEffect:
    """Return what a notice that was given brings about, by the clause in force when it arrived.

    Without a receipt its arrival is presumed, and so is the effect. A notice that misses the
    term it was meant for is late and ends a later one; one that exercises an option ends
    nothing.
    """
    received, presumed = _received(schedule, given)
    meant = None if given.term_start is None else schedule.number_on(given.term_start)
    if given.purpose is Purpose.EXTEND:
        effect = _effect_on_option(terms, schedule, received, meant)
    else:
        decision = _decision_for(terms, schedule, received, meant)
        effect = effect_of_notice(terms, schedule, received, decision, meant)
        if meant is not None and effect.verdict is Verdict.IN_TIME and effect.term_number > meant:
            effect = replace(effect, verdict=Verdict.LATE)
    if not presumed:
        return effect
    return replace(effect, assumed=True, reason=(*presumed, *steps_of(effect.reason)))


def _decision_for(
    terms: Terms, schedule: Schedule, received: date, meant: int | None
) -> Decision | None:
    """Return the first decision that a notice is in time for, from the term it is meant for on."""
    decision = next_decision(terms, schedule, received)
    if meant is not None and decision is not None and decision.term.number < meant:
        return decision_after(terms, schedule, meant - 1, received)
    return decision


def _received(schedule: Schedule, given: GivenNotice) -> tuple[date, Steps]:
    """Return the day a notice arrived, with steps where that is presumed."""
    if given.received_on is not None:
        return given.received_on, ()
    sent = given.known_on
    number = schedule.number_on(sent if given.term_start is None else given.term_start)
    return arrival_of(_notice_on(schedule, number, sent), sent)


def _effect_on_option(
    terms: Terms, schedule: Schedule, received: date, meant: int | None
) -> NoticeEffect:
    number = meant or schedule.number_on(received)
    decision = decision_about(terms, schedule, number)
    if decision is None or schedule.kind_of(number) is not RenewalKind.OPTION:
        told: Step = ("Term {} has no option to exercise.", number)
        return NoticeEffect(Verdict.NOT_NEEDED, 0, None, assumed=False, reason=(told,))
    dates = decision.dates
    early = _too_early(terms, schedule, received, decision)
    if early is not None:
        return early
    verdict, words = Verdict.IN_TIME, "meets"
    if received > dates.deadline:
        verdict, words = Verdict.LATE, "misses"
    told = (
        "A notice received on {} {} the deadline to exercise the option after term {}, {}.",
        received,
        words,
        number,
        dates.deadline,
    )
    return NoticeEffect(verdict, number, None, dates.assumed, (told, *dates.why_deadline))


def ending_of(terms: Terms, schedule: Schedule) -> Ending:
    """Return how the agreement ends by all that is recorded."""
    ending = _ending_by_notice(terms, schedule)
    if ending is None:
        ending = _ending_by_rule(terms, schedule)
    if terms.parent is None:
        return ending
    parent = ending_of(terms.parent, schedule_of(terms.parent))
    if parent.ends_on is None or (ending.ends_on is not None and ending.ends_on <= parent.ends_on):
        return ending
    number = schedule.number_on(parent.ends_on)
    return Ending(number, parent.ends_on, parent.noticed_on, partial(_with_parent, parent))


def _with_parent(parent: Ending) -> Steps:
    told = ("It ends with its parent agreement on {}.", parent.ends_on)
    return (told, *steps_of(parent.reason))


def _ending_by_notice(terms: Terms, schedule: Schedule) -> Ending | None:
    """Return the earliest end that a notice brings about."""
    given = terms.notices
    if terms.notice_received_on is not None:
        given = (GivenNotice(received_on=terms.notice_received_on), *given)
    found: Ending | None = None
    for one in given:
        if one.purpose is Purpose.EXTEND:
            continue
        effect = judged(terms, schedule, one)
        if effect.ends_on is None or effect.verdict is Verdict.NOT_NEEDED:
            continue
        if found is None or found.ends_on is None or effect.ends_on < found.ends_on:
            received, _ = _received(schedule, one)
            found = Ending(effect.term_number, effect.ends_on, received, _told(one, effect))
    return found


def _told(given: GivenNotice, effect: NoticeEffect) -> Steps:
    steps = steps_of(effect.reason)
    if effect.verdict is Verdict.LATE:
        missed = "in which it arrived" if given.term_start is None else "it was meant for"
        steps += (("It came too late for the term {}: have a person check.", missed),)
    return steps


def _ending_by_rule(terms: Terms, schedule: Schedule) -> Ending:
    last = schedule.last_number
    end = None if last is None else schedule.term(last).end
    if last is None or end is None:
        return Ending(0, None, None, ())
    return Ending(last, end, None, partial(_why_it_ends, terms, schedule, last))


def _why_it_ends(terms: Terms, schedule: Schedule, last: int) -> Steps:
    kind = schedule.kind_of(last)
    if kind is RenewalKind.AUTO:
        told: Step = ("Term {} is the last one: renewal.max allows no further renewal.", last)
    elif kind is RenewalKind.OPTION and schedule.options_left:
        told = ("It ends with term {}, unless the next option is exercised by its deadline.", last)
    elif kind is RenewalKind.OPTION:
        told = ("All options are used: it ends with term {}.", last)
    elif terms.renewal is None and terms.parent is None and not terms.is_amended:
        told = ("No renewal is stated, so it is taken to end with its term.",)
    else:
        told = ("It ends with its fixed term; nothing renews it.",)
    return (told, *schedule.end_steps(last))


def _effect_on_open_ended(terms: Terms, schedule: Schedule, received: date) -> NoticeEffect:
    notice = _notice_on(schedule, schedule.number_on(received), received)
    last_day, steps = day_of_exit(notice, received)
    minimum_end = schedule.term(schedule.number_on(received)).end
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


def _too_early(
    terms: Terms, schedule: Schedule, received: date, decision: Decision
) -> NoticeEffect | None:
    """Return the effect of a notice before its window, by the clause in force that day."""
    dates, opens, why_opens = decision.dates, decision.dates.opens, decision.dates.why_opens
    if terms.is_amended:
        in_force = _notice_on(schedule, decision.term.number, received)
        opens, why_opens = opening_in_force(in_force, decision.term_end)
    if opens is None or opens <= received:
        return None
    told = ("A notice received on {} is too early: the window opens on {}.", received, opens)
    return NoticeEffect(Verdict.TOO_EARLY, 0, None, dates.assumed, (told, *why_opens))


def runs_on(schedule: Schedule, number: int) -> bool:
    """Tell whether nothing begins anew after a term, because it runs on open-ended."""
    return schedule.kind_of(number) in OPEN_ENDED and not schedule.is_cut_short(number)


def renewal_date_after(
    schedule: Schedule,
    number: int,
    last_day: date,
    decision: Decision | None,
    as_of: date,
    *,
    is_last: bool,
) -> tuple[date | None, Steps]:
    """Return the first day of the next term where the agreement may go on after `last_day`.

    `is_last` tells that it ends with the term unless an option is exercised, `decision` is
    the term's.
    """
    if runs_on(schedule, number):
        return None, ()
    next_day = last_day + ONE_DAY
    if not is_last:
        return next_day, (("The next term starts the day after {}: {}.", last_day, next_day),)
    is_option = schedule.kind_of(number) is RenewalKind.OPTION
    if is_option and decision is not None and as_of <= decision.dates.deadline:
        told = "If the option is exercised, the next term starts the day after {}: {}."
        return next_day, ((told, last_day, next_day),)
    return None, ()
