"""Which terms has the agreement had, which holds the day, and which would follow?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from app.renewals.endings import Ending, decision_about, ending_of
from app.renewals.reasons import Reason, spell_all
from app.renewals.schedule import ONE_DAY, Schedule, Term, schedule_of
from app.renewals.terms import RenewalKind, Terms, check_day


class TermState(StrEnum):
    """Where a term lies, seen from a day."""

    PAST = "past"
    CURRENT = "current"
    PROJECTED = "projected"


class Outcome(StrEnum):
    """What became of a past term."""

    RENEWED_BY_DEFAULT = "renewed_by_default"
    CONTINUED = "continued"  # a minimum term that ran on, open-ended
    ENDED_BY_NOTICE = "ended_by_notice"
    ENDED_BY_ITSELF = "ended_by_itself"
    OPTION_EXERCISED = "option_exercised"
    OPTION_LAPSED = "option_lapsed"
    HOLDOVER = "holdover"


@dataclass(frozen=True, slots=True)
class Link:
    """One term of the chain with the dates of its notice; None where there is none."""

    number: int
    state: TermState
    outcome: Outcome | None
    term_start: date
    term_end: date | None
    renewal_date: date | None
    notice_window_opens: date | None
    notice_deadline: date | None
    send_by: date | None
    negotiation_start: date | None
    assumed: bool
    reasons: dict[str, Reason]

    @property
    def why(self) -> dict[str, list[str]]:
        """The ordered steps behind each date, in sentences, by the date's name."""
        return spell_all(self.reasons)


def chain(terms: Terms, as_of: date, past: int, ahead: int) -> list[Link]:
    """Return the term that holds `as_of`, up to `past` terms before and `ahead` after it.

    Raises `BadTerms` for a day outside the years 1970 to 2199.
    """
    check_day("as_of", as_of)
    schedule = schedule_of(terms)
    ending = ending_of(terms, schedule, as_of)
    current = schedule.number_on(as_of)
    # What lies past an open-ended term, or past the known end, is nothing.
    last = ending.term_number or schedule.last_number or current + ahead
    current = min(current, last)
    numbers = range(max(1, current - past), min(last, current + ahead) + 1)
    return [_link(terms, schedule, ending, number, as_of) for number in numbers]


def _link(terms: Terms, schedule: Schedule, ending: Ending, number: int, as_of: date) -> Link:
    term = schedule.term(number)
    end = term.end
    end_steps: Reason = () if end is None else partial(schedule.end_steps, number)
    if number == ending.term_number and ending.ends_on != term.end:
        end, end_steps = ending.ends_on, ending.reason
    goes_on = number != ending.term_number and terms.kind is not RenewalKind.EVERGREEN
    renewal_date = end + ONE_DAY if end is not None and goes_on else None
    moot = ending.noticed_on is not None and number >= schedule.number_on(ending.noticed_on)
    decision = None if moot else decision_about(terms, schedule, number)
    state = _state(term, end, as_of)
    dates = decision.dates if decision is not None else None
    reasons: dict[str, Reason] = {
        "term_start": partial(schedule.start_steps, number),
        "term_end": end_steps,
        "renewal_date": (("The day after the last covered day: {}.", renewal_date),)
        if renewal_date is not None
        else (),
    }
    if dates is not None:
        reasons |= {
            "notice_window_opens": dates.why_opens,
            "notice_deadline": dates.why_deadline,
            "send_by": dates.why_send_by,
            "negotiation_start": dates.why_negotiation_start,
        }
    return Link(
        number=number,
        state=state,
        outcome=_outcome(terms, ending, number) if state is TermState.PAST else None,
        term_start=term.start,
        term_end=end,
        renewal_date=renewal_date,
        notice_window_opens=dates.opens if dates is not None else None,
        notice_deadline=dates.deadline if dates is not None else None,
        send_by=dates.send_by if dates is not None else None,
        negotiation_start=dates.negotiation_start if dates is not None else None,
        assumed=dates is not None and dates.assumed,
        reasons=reasons,
    )


def _state(term: Term, end: date | None, as_of: date) -> TermState:
    if end is not None and end < as_of:
        return TermState.PAST
    # Before the start the first term is the one to look at, and still to come.
    return TermState.CURRENT if term.start <= as_of else TermState.PROJECTED


def _outcome(terms: Terms, ending: Ending, number: int) -> Outcome:
    if number == ending.term_number:
        return _last_outcome(terms, ending)
    if terms.kind is RenewalKind.OPTION:
        return Outcome.OPTION_EXERCISED
    if terms.kind is RenewalKind.EVERGREEN:
        return Outcome.CONTINUED
    return Outcome.RENEWED_BY_DEFAULT


def _last_outcome(terms: Terms, ending: Ending) -> Outcome:
    if ending.noticed_on is not None:
        return Outcome.ENDED_BY_NOTICE
    if terms.holdover is not None:
        return Outcome.HOLDOVER
    return Outcome.OPTION_LAPSED if terms.options_left else Outcome.ENDED_BY_ITSELF
