"""Where does an agreement stand on a day, and what can still be done about it?

`term_end` is the last covered day; a notice deadline is the last day that counts.
Nothing here is stored: a position follows from the terms and the day alone.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial

from app.renewals.clauses import Renewal, RenewalKind, TerminationRight, check_day
from app.renewals.endings import (
    Decision,
    Ending,
    decision_about,
    decision_after,
    effect_of_notice,
    ending_of,
    ends_by_itself,
    renewal_date_after,
)
from app.renewals.notice import count_forward, lead_before_end
from app.renewals.reasons import Reason, Step, Steps, spell_all
from app.renewals.schedule import ONE_DAY, OPEN_ENDED, Schedule, Term, schedule_of
from app.renewals.spans import Span
from app.renewals.terms import Terms


class Phase(StrEnum):
    """What the calendar alone says of an agreement on a day."""

    NOT_STARTED = "not_started"
    ACTIVE = "active"
    NEGOTIATION = "negotiation"
    RENEWAL_LOCKED = "renewal_locked"
    EXPIRING = "expiring"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    HOLDOVER = "holdover"
    OPEN_ENDED = "open_ended"
    EXPIRED = "expired"


_LOCKED = {
    RenewalKind.AUTO: Phase.RENEWAL_LOCKED,
    RenewalKind.OPTION: Phase.EXPIRING,
    RenewalKind.EVERGREEN: Phase.OPEN_ENDED,
}
"""What a term is in when its deadline has passed and nobody spoke."""


@dataclass(slots=True)
class Position:
    """The dates of an agreement as they stand on one day (`as_of`).

    Dates without `next_` are those of the current term; `next_` ones belong to the first
    term whose deadline is not before the day. None where there is no such date. `assumed`
    names the dates that rest on a notice period nobody has entered.
    """

    as_of: date
    phase: Phase
    term_number: int | None
    term_start: date
    term_end: date | None
    renewal_date: date | None = None
    final_end: date | None = None
    notice_window_opens: date | None = None
    notice_deadline: date | None = None
    send_by: date | None = None
    negotiation_start: date | None = None
    next_term_number: int | None = None
    next_term_end: date | None = None
    next_notice_deadline: date | None = None
    next_send_by: date | None = None
    next_negotiation_start: date | None = None
    exit_if_notice_today: date | None = None
    exit_for_convenience: date | None = None
    assumed: tuple[str, ...] = ()
    reasons: dict[str, Reason] = field(default_factory=dict)

    @property
    def why(self) -> dict[str, list[str]]:
        """The ordered steps behind each date, in sentences, by the date's name."""
        return spell_all(self.reasons)


def position(terms: Terms, as_of: date) -> Position:
    """Return where the agreement stands on `as_of`.

    Raises `BadTerms` for a day outside the years 1970 to 2199.
    """
    check_day("as_of", as_of)
    terms = terms.known_on(as_of)
    schedule = schedule_of(terms)
    ending = ending_of(terms, schedule)
    if ending.ends_on is None or as_of <= ending.ends_on:
        return _while_it_runs(terms, schedule, ending, as_of)
    if terms.holdover is not None and ending.noticed_on is None:
        running = _running_after(ending.ends_on, terms.holdover)
        return _in_holdover(running, ending, terms.holdover, as_of)
    return _when_over(schedule, ending, as_of)


def _while_it_runs(terms: Terms, schedule: Schedule, ending: Ending, as_of: date) -> Position:
    term = schedule.term(schedule.number_on(as_of))
    noticed = ending.noticed_on is not None
    decision = None if noticed else decision_about(terms, schedule, term.number)
    found = _term_dates(schedule, ending, term, as_of)
    found.final_end = ending.ends_on
    found.reasons["final_end"] = ending.reason
    if decision is not None:
        _add_current_decision(found, decision)
    kind = schedule.kind_of(term.number)
    if ends_by_itself(schedule, ending, term.number, decision) and found.term_end is not None:
        start, steps = lead_before_end(terms, found.term_end)
        found.negotiation_start = start
        found.reasons["negotiation_start"] = steps
    _add_renewal_date(found, schedule, ending, term.number, decision)
    upcoming = decision
    if not noticed and (decision is None or decision.dates.deadline < as_of):
        upcoming = decision_after(terms, schedule, term.number, as_of)
    if upcoming is not None:
        _add_next_decision(found, upcoming)
    _add_exit(found, terms, schedule, ending, upcoming)
    found.phase = _phase(found, terms.start_date, kind, decision, noticed=noticed)
    return found


def _term_dates(schedule: Schedule, ending: Ending, term: Term, as_of: date) -> Position:
    found = Position(as_of, Phase.ACTIVE, term.number, term.start, term.end)
    found.reasons["term_start"] = partial(schedule.start_steps, term.number)
    if term.end is not None:
        found.reasons["term_end"] = partial(schedule.end_steps, term.number)
    if ending.term_number == term.number and ending.ends_on != term.end:
        found.term_end = ending.ends_on
        found.reasons["term_end"] = ending.reason
    return found


def _add_current_decision(found: Position, decision: Decision) -> None:
    dates = decision.dates
    found.notice_window_opens = dates.opens
    found.notice_deadline = dates.deadline
    found.send_by = dates.send_by
    found.negotiation_start = dates.negotiation_start
    found.reasons["notice_window_opens"] = dates.why_opens
    found.reasons["notice_deadline"] = dates.why_deadline
    found.reasons["send_by"] = dates.why_send_by
    found.reasons["negotiation_start"] = dates.why_negotiation_start
    if dates.assumed:
        found.assumed += ("notice_deadline", "send_by", "negotiation_start")


def _add_renewal_date(
    found: Position, schedule: Schedule, ending: Ending, number: int, decision: Decision | None
) -> None:
    if found.term_end is None:
        return
    is_last = number == ending.term_number
    found.renewal_date, found.reasons["renewal_date"] = renewal_date_after(
        schedule, number, found.term_end, decision, found.as_of, is_last=is_last
    )


def _add_next_decision(found: Position, upcoming: Decision) -> None:
    dates, number = upcoming.dates, upcoming.term.number
    told = ("The first deadline that can still be met is that of term {}.", number)
    found.next_term_number = number
    found.next_term_end = upcoming.term_end
    found.next_notice_deadline = dates.deadline
    found.next_send_by = dates.send_by
    found.next_negotiation_start = dates.negotiation_start
    found.reasons["next_term_end"] = (
        told,
        ("The last covered day of term {} is {}.", number, upcoming.term_end),
    )
    found.reasons["next_notice_deadline"] = (told, *dates.why_deadline)
    found.reasons["next_send_by"] = (told, *dates.why_send_by)
    found.reasons["next_negotiation_start"] = (told, *dates.why_negotiation_start)
    if dates.assumed:
        found.assumed += ("next_notice_deadline", "next_send_by", "next_negotiation_start")


def _add_exit(
    found: Position, terms: Terms, schedule: Schedule, ending: Ending, upcoming: Decision | None
) -> None:
    exit_on, reason = ending.ends_on, ending.reason
    if ending.noticed_on is None:
        effect = effect_of_notice(terms, schedule, found.as_of, upcoming)
        exit_on, reason = effect.ends_on, effect.reason if effect.ends_on is not None else ()
        if effect.assumed and exit_on is not None:
            found.assumed += ("exit_if_notice_today",)
    right = terms.termination_right
    if right is not None:
        leaving, why_leaving = _leave_for_convenience(terms, right, ending, found.as_of)
        found.exit_for_convenience = leaving
        found.reasons["exit_for_convenience"] = why_leaving
        if exit_on is None or leaving < exit_on:
            exit_on, reason = leaving, why_leaving
    found.exit_if_notice_today = exit_on
    found.reasons["exit_if_notice_today"] = reason


def _leave_for_convenience(
    terms: Terms, right: TerminationRight, ending: Ending, as_of: date
) -> tuple[date, Steps]:
    last_day = count_forward(as_of, right.notice)
    told = "Termination for convenience: {} after a notice received on {}: {}."
    steps: Steps = ((told, right.notice, as_of, last_day),)
    earliest = max(right.earliest_on or terms.start_date, terms.start_date)
    if last_day < earliest:
        last_day = earliest
        steps += (("Not before {}.", earliest),)
    if ending.ends_on is not None and ending.ends_on < last_day:
        last_day = ending.ends_on
        steps += (("It ends before that without it, on {}.", last_day),)
    return last_day, steps


def _phase(
    found: Position, start: date, kind: RenewalKind, decision: Decision | None, *, noticed: bool
) -> Phase:
    if found.as_of < start:
        return Phase.NOT_STARTED
    if noticed:
        return Phase.TERMINATING
    if decision is not None and found.as_of > decision.dates.deadline:
        was_exercised = kind is RenewalKind.OPTION and found.final_end != found.term_end
        return Phase.RENEWAL_LOCKED if was_exercised else _LOCKED[kind]
    if decision is None and kind in OPEN_ENDED:
        return Phase.OPEN_ENDED
    preparing = found.negotiation_start
    if preparing is not None and found.as_of >= preparing:
        return Phase.NEGOTIATION if decision is not None else Phase.EXPIRING
    return Phase.ACTIVE


def _running_after(end: date, period: Span) -> Schedule:
    renewal = Renewal(RenewalKind.AUTO, (period,))
    return schedule_of(Terms(end + ONE_DAY, initial_term=period, renewal=renewal))


def _in_holdover(running: Schedule, ending: Ending, period: Span, as_of: date) -> Position:
    number = running.number_on(as_of)
    term = running.term(number)
    found = Position(as_of, Phase.HOLDOVER, None, term.start, term.end)
    found.final_end = ending.ends_on
    told: Step = (
        "The agreement ended on {}; the service runs on in terms of {}, counted anew.",
        ending.ends_on,
        period,
    )
    found.reasons = {
        "term_start": (told, *running.start_steps(number)),
        "term_end": (told, *running.end_steps(number)),
        "final_end": ending.reason,
    }
    next_day = running.term(number + 1).start
    found.renewal_date = next_day
    next_one = ("The next one starts the day after {}: {}.", term.end, next_day)
    found.reasons["renewal_date"] = (told, next_one)
    found.exit_if_notice_today = term.end
    leaving = ("It can be left at the end of the running one, {}.", term.end)
    found.reasons["exit_if_notice_today"] = (told, leaving)
    return found


def _when_over(schedule: Schedule, ending: Ending, as_of: date) -> Position:
    term = schedule.term(ending.term_number)
    found = _term_dates(schedule, ending, term, as_of)
    found.phase = Phase.EXPIRED if ending.noticed_on is None else Phase.TERMINATED
    found.final_end = ending.ends_on
    found.reasons["final_end"] = ending.reason
    return found
