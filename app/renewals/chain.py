"""Which terms has the agreement had, which holds the day, and which would follow?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from app.renewals.acts import DecisionState, Standing, standing_of
from app.renewals.clauses import LAST_YEAR, RenewalKind, check_day
from app.renewals.endings import (
    Decision,
    Ending,
    decision_about,
    ending_of,
    ends_by_itself,
    renewal_date_after,
)
from app.renewals.handling import handled_on
from app.renewals.notice import lead_before_end
from app.renewals.reasons import Reason, Step, Steps, spell_all
from app.renewals.schedule import Schedule, Term, schedule_of
from app.renewals.terms import Terms

LAST_DAY = date(LAST_YEAR, 12, 31)
_DATES_TO_ACT = ("notice_window_opens", "notice_deadline", "send_by", "negotiation_start")


class TermState(StrEnum):
    """Where a term lies, seen from a day."""

    PAST = "past"
    CURRENT = "current"
    PROJECTED = "projected"


class Outcome(StrEnum):
    """What became of a past term."""

    RENEWED_BY_DECISION = "renewed_by_decision"
    RENEWED_BY_DEFAULT = "renewed_by_default"  # the deadline passed, and nothing was settled
    CONTINUED = "continued"  # a minimum term that ran on, open-ended
    ENDED_BY_NOTICE = "ended_by_notice"
    ENDED_BY_ITSELF = "ended_by_itself"
    OPTION_EXERCISED = "option_exercised"
    OPTION_LAPSED = "option_lapsed"
    HOLDOVER = "holdover"


@dataclass(frozen=True, slots=True)
class Link:
    """One term of the chain with the dates of its notice; None where there is none.

    `amendments` is how many of them are in force at the term's end: what it goes by.
    """

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
    standing: Standing
    amendments: int
    reasons: dict[str, Reason]

    @property
    def why(self) -> dict[str, list[str]]:
        """The ordered steps behind each date, in sentences, by the date's name."""
        return spell_all(self.reasons)


def chain(terms: Terms, as_of: date, past: int, ahead: int) -> list[Link]:
    """Return the term that holds `as_of`, up to `past` terms before and `ahead` after it.

    Terms that would start after 2199 are left out. Raises `BadTerms` for a day outside the
    years 1970 to 2199.
    """
    check_day("as_of", as_of)
    terms = terms.known_on(as_of)
    schedule = schedule_of(terms)
    ending = ending_of(terms, schedule)
    current = schedule.number_on(as_of)
    # What lies past an open-ended term, or past the known end, is nothing.
    last = ending.term_number or schedule.last_number or current + ahead
    current = min(current, last)
    last = min(last, current + ahead, schedule.number_on(LAST_DAY))
    numbers = range(max(1, current - past), last + 1)
    return [_link(terms, schedule, ending, number, as_of) for number in numbers]


def _link(terms: Terms, schedule: Schedule, ending: Ending, number: int, as_of: date) -> Link:
    term = schedule.term(number)
    end, why_end = _end_of(schedule, ending, term)
    moot = ending.noticed_on is not None and number >= schedule.number_on(ending.noticed_on)
    asked = decision_about(terms, schedule, number)
    decision = None if moot else asked
    to_act, why_act = _dates_to_act(terms, schedule, ending, number, decision)
    renewal_date: date | None = None
    why_renewal: Reason = ()
    if end is not None:
        is_last = number == ending.term_number
        renewal_date, why_renewal = renewal_date_after(
            schedule, number, end, decision, as_of, is_last=is_last
        )
    state = _state(term, end, as_of)
    standing = standing_of(terms.said, number, term.start)
    outcome: Outcome | None = None
    why_outcome: Reason = ()
    if state is TermState.PAST:
        outcome, why_outcome = _outcome(terms, schedule, ending, number, asked, standing)
    return Link(
        number=number,
        state=state,
        outcome=outcome,
        term_start=term.start,
        term_end=end,
        renewal_date=renewal_date,
        **to_act,
        assumed=decision is not None and decision.dates.assumed,
        standing=standing,
        amendments=sum(one.effective_from <= (end or date.max) for one in terms.amendments),
        reasons={
            "term_start": partial(schedule.start_steps, number),
            "term_end": why_end,
            "renewal_date": why_renewal,
            "outcome": why_outcome,
            **why_act,
        },
    )


def _end_of(schedule: Schedule, ending: Ending, term: Term) -> tuple[date | None, Reason]:
    if term.number == ending.term_number and ending.ends_on != term.end:
        return ending.ends_on, ending.reason
    return term.end, () if term.end is None else partial(schedule.end_steps, term.number)


def _dates_to_act(
    terms: Terms, schedule: Schedule, ending: Ending, number: int, decision: Decision | None
) -> tuple[dict[str, date | None], dict[str, Steps]]:
    on: dict[str, date | None] = dict.fromkeys(_DATES_TO_ACT)
    why: dict[str, Steps] = {}
    if decision is not None:
        for name, day, steps in decision.dates.by_name():
            on[name], why[name] = day, steps
        return on, why
    end, _ = _end_of(schedule, ending, schedule.term(number))
    if end is not None and ends_by_itself(schedule, ending, number, decision):
        name = "negotiation_start"
        on[name], why[name] = lead_before_end(terms, end)
    return on, why


def _state(term: Term, end: date | None, as_of: date) -> TermState:
    if end is not None and end < as_of:
        return TermState.PAST
    # Before the start the first term is the one to look at, and still to come.
    return TermState.CURRENT if term.start <= as_of else TermState.PROJECTED


def _outcome(
    terms: Terms,
    schedule: Schedule,
    ending: Ending,
    number: int,
    asked: Decision | None,
    standing: Standing,
) -> tuple[Outcome, Reason]:
    if number == ending.term_number:
        return _last_outcome(terms, schedule, ending), ending.reason
    if schedule.is_carried_on(number):
        told = ("The parties agreed on the next term in an amendment.",)
        return Outcome.RENEWED_BY_DECISION, (told,)
    kind = schedule.kind_of(number)
    if kind is RenewalKind.OPTION:
        return Outcome.OPTION_EXERCISED, (("The option to extend was exercised.",),)
    if kind is not RenewalKind.AUTO or asked is None:
        return Outcome.CONTINUED, (("After its minimum term it runs on, open-ended.",),)
    handled = handled_on(terms, schedule, ending, number, standing)
    if handled is None or handled > asked.dates.deadline:
        return Outcome.RENEWED_BY_DEFAULT, _why_by_default(asked, standing)
    words = standing.state.value.replace("_", " ")
    settled = ("It was settled to {}, in time for the deadline {}.", words, asked.dates.deadline)
    return Outcome.RENEWED_BY_DECISION, (settled,)


def _why_by_default(asked: Decision, standing: Standing) -> Steps:
    deadline = asked.dates.deadline
    told: Step = ("The deadline {} passed, and nothing was settled: it renewed.", deadline)
    if standing.settled_on is not None:
        words = standing.state.value.replace("_", " ")
        told = (
            "Both teams settled on {}: {}. But by the deadline {} it was not done: it renewed.",
            standing.settled_on,
            words,
            deadline,
        )
    elif standing.state is DecisionState.CONTESTED:
        told = ("The deadline {} passed while the teams differed: it renewed.", deadline)
    return (told,)


def _last_outcome(terms: Terms, schedule: Schedule, ending: Ending) -> Outcome:
    if ending.noticed_on is not None:
        return Outcome.ENDED_BY_NOTICE
    if terms.holdover is not None:
        return Outcome.HOLDOVER
    return Outcome.OPTION_LAPSED if schedule.options_left else Outcome.ENDED_BY_ITSELF
