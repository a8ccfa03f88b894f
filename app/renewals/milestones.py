"""Which dates of an agreement does somebody have to know in a span of days?

Ranges include both ends. A term that ends has a `term_end`, one that goes on has a
`renewal`: never both, so that a calendar says each thing once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from app.renewals.amendments import Amendment
from app.renewals.clauses import RenewalKind
from app.renewals.endings import Ending, decision_about, ending_of, ends_by_itself, runs_on
from app.renewals.notice import NoticeDates, count_forward, lead_before_end
from app.renewals.reasons import Reason, Steps, spell
from app.renewals.schedule import ONE_DAY, Schedule, schedule_of
from app.renewals.terms import Terms


class MilestoneKind(StrEnum):
    """One kind of date within a term."""

    NEGOTIATION_START = "negotiation_start"
    NOTICE_WINDOW_OPENS = "notice_window_opens"
    SEND_BY = "send_by"
    NOTICE_DEADLINE = "notice_deadline"
    TERM_END = "term_end"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One date of one term.

    `assumed` marks dates that rest on a notice period nobody has entered; `act_by` marks
    the one date of a term by which somebody must have decided.
    """

    term_number: int
    term_start: date
    term_end: date
    kind: MilestoneKind
    on: date
    reason: Reason
    assumed: bool = False
    act_by: bool = False

    @property
    def why(self) -> list[str]:
        """The ordered steps that lead to the date, in sentences."""
        return spell(self.reason)


def milestones(terms: Terms, first: date, last: date) -> list[Milestone]:
    """Return the milestones from `first` to `last`, in the order of terms and of kinds."""
    return [
        milestone
        for of_term in terms_with_milestones(terms, first, last)
        for milestone in of_term
        if first <= milestone.on <= last
    ]


def terms_with_milestones(terms: Terms, first: date, last: date) -> Iterator[list[Milestone]]:
    """Yield all milestones of each term that has one from `first` to `last`."""
    schedule = schedule_of(terms)
    ending = ending_of(terms, schedule)
    steady_after = _steady_after(terms, schedule)
    # The day before: a term's last milestone is the day after its end, its renewal.
    number = schedule.number_on(first - ONE_DAY)
    while ending.ends_on is None or number <= ending.term_number:
        of_term = list(_of_term(terms, schedule, ending, number))
        if not of_term or (number > steady_after and _is_beyond(schedule, of_term, last)):
            break
        if any(first <= milestone.on <= last for milestone in of_term):
            yield of_term
        number += 1


def _steady_after(terms: Terms, schedule: Schedule) -> int:
    """Return the number of the term after which later terms have later dates.

    The second may ask for a longer notice than the first, so may those after an amendment, and
    from a day on the usual lead time may be a longer one.
    """
    numbers = [1, *(schedule.number_on(usual.from_day) for usual in terms.usual_leads[-1:])]
    amended: Terms | None = terms
    while amended is not None:
        numbers += [schedule.number_on(_seen_by(one)) + 1 for one in amended.amendments]
        amended = amended.parent
    return max(numbers)


def _seen_by(amendment: Amendment) -> date:
    """Return the day from which on an amendment shows in all dates of the terms that end."""
    notice, day = amendment.notice, amendment.effective_from
    if notice is None or notice.opens is None:
        return day
    # Until then its window was open from the first; a week is more than months are clipped by.
    opened = count_forward(day, notice.opens, notice.month_rule, notice.calendar)
    return opened + timedelta(days=7)


def _is_beyond(schedule: Schedule, of_term: list[Milestone], last: date) -> bool:
    """Tell whether neither a term nor any later one has a milestone up to `last`."""
    # Of an option only the last term has a notice at all, which may be a long one.
    if schedule.kind_of(of_term[0].term_number) is RenewalKind.OPTION:
        return False
    return all(milestone.on > last for milestone in of_term)


def _of_term(terms: Terms, schedule: Schedule, ending: Ending, number: int) -> Iterator[Milestone]:
    term = schedule.term(number)
    is_last = number == ending.term_number
    end = ending.ends_on if is_last else term.end
    if end is None:
        return
    milestone = partial(Milestone, number, term.start, end)
    decision = decision_about(terms, schedule, number)
    by_itself = ends_by_itself(schedule, ending, number, decision)
    if decision is not None:
        assumed = decision.dates.assumed
        for named, on, reason in _dates_of_notice(decision.dates, ending.noticed_on):
            act_by = named is MilestoneKind.NOTICE_DEADLINE
            yield milestone(named, on, reason, assumed=assumed, act_by=act_by)
    elif by_itself:
        yield milestone(MilestoneKind.NEGOTIATION_START, *lead_before_end(terms, end))
    if is_last:
        # What ends by itself has no deadline: its last day is the day to act by.
        yield milestone(MilestoneKind.TERM_END, end, ending.reason, act_by=by_itself)
    elif runs_on(schedule, number):
        yield milestone(MilestoneKind.TERM_END, end, partial(schedule.end_steps, number))
    else:
        why = partial(_why_it_renews, schedule, number, end)
        yield milestone(MilestoneKind.RENEWAL, end + ONE_DAY, why)


def _dates_of_notice(
    dates: NoticeDates, noticed_on: date | None
) -> Iterator[tuple[MilestoneKind, date, Steps]]:
    for name, on, steps in dates.by_name():
        # Once a notice has been received, what would have come after it is moot.
        if on is not None and (noticed_on is None or on <= noticed_on):
            yield MilestoneKind(name), on, steps


def _why_it_renews(schedule: Schedule, number: int, end: date) -> Steps:
    told = ("The next term starts the day after {}: {}.", end, end + ONE_DAY)
    return (*schedule.end_steps(number), told)
