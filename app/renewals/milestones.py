"""Which dates of an agreement does somebody have to know in a span of days?

Ranges include both ends. A term that ends has a `term_end`, one that goes on has a
`renewal`: never both, so that a calendar says each thing once.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Protocol

from app.renewals.endings import Ending, decision_about, ending_of
from app.renewals.notice import NoticeDates, lead_before
from app.renewals.reasons import Reason, Steps, spell
from app.renewals.schedule import ONE_DAY, Schedule, Term, schedule_of
from app.renewals.terms import RenewalKind, Terms


class _Add(Protocol):
    def __call__(
        self,
        kind: "MilestoneKind",
        on: date,
        reason: Reason,
        *,
        act_by: bool = False,
        assumed: bool = False,
    ) -> None: ...


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
    assumed: bool
    act_by: bool
    reason: Reason

    @property
    def why(self) -> list[str]:
        """The ordered steps that lead to the date, in sentences."""
        return spell(self.reason)


def milestones(terms: Terms, first: date, last: date) -> list[Milestone]:
    """Return the milestones from `first` to `last`, in the order of terms and of kinds."""
    schedule = schedule_of(terms)
    ending = ending_of(terms, schedule)
    found: list[Milestone] = []
    # The day before: a term's last milestone is the day after its end, its renewal.
    number = schedule.number_on(first - ONE_DAY)
    while ending.ends_on is None or number <= ending.term_number:
        of_term = list(_of_term(terms, schedule, ending, number))
        if not of_term or min(milestone.on for milestone in of_term) > last:
            break
        found += [milestone for milestone in of_term if first <= milestone.on <= last]
        number += 1
    return found


def _of_term(terms: Terms, schedule: Schedule, ending: Ending, number: int) -> list[Milestone]:
    term = schedule.term(number)
    is_last = number == ending.term_number
    end = ending.ends_on if is_last else term.end
    if end is None:
        return []
    decision = decision_about(terms, schedule, number)
    found: list[Milestone] = []

    def add(
        kind: MilestoneKind,
        on: date,
        reason: Reason,
        *,
        act_by: bool = False,
        assumed: bool = False,
    ) -> None:
        found.append(Milestone(number, term.start, end, kind, on, assumed, act_by, reason))

    if decision is not None:
        _add_notice_dates(decision.dates, ending.noticed_on, add)
    elif is_last and ending.noticed_on is None:
        start, steps = lead_before(terms, end, "the last day, for there is no notice to give")
        add(MilestoneKind.NEGOTIATION_START, start, steps)
    if _goes_on(terms, term, is_last=is_last):
        add(MilestoneKind.RENEWAL, end + ONE_DAY, partial(_why_it_renews, schedule, number, end))
    else:
        # What ends by itself has no deadline: its last day is the day to act by.
        by_itself = decision is None and is_last and ending.noticed_on is None
        reason = ending.reason if is_last else partial(schedule.end_steps, number)
        add(MilestoneKind.TERM_END, end, reason, act_by=by_itself)
    return found


def _why_it_renews(schedule: Schedule, number: int, end: date) -> Steps:
    told = ("The day after the last covered day, {}: {}.", end, end + ONE_DAY)
    return (*schedule.end_steps(number), told)


def _goes_on(terms: Terms, term: Term, *, is_last: bool) -> bool:
    # After its minimum term an evergreen agreement runs on, but nothing begins anew.
    return not is_last and terms.kind is not RenewalKind.EVERGREEN


def _add_notice_dates(dates: NoticeDates, noticed_on: date | None, add: _Add) -> None:
    for kind, on, steps in (
        (MilestoneKind.NEGOTIATION_START, dates.negotiation_start, dates.why_negotiation_start),
        (MilestoneKind.NOTICE_WINDOW_OPENS, dates.opens, dates.why_opens),
        (MilestoneKind.SEND_BY, dates.send_by, dates.why_send_by),
        (MilestoneKind.NOTICE_DEADLINE, dates.deadline, dates.why_deadline),
    ):
        # Once a notice has been received, what would have come after it is moot.
        if on is not None and (noticed_on is None or on <= noticed_on):
            act_by = kind is MilestoneKind.NOTICE_DEADLINE
            add(kind, on, steps, act_by=act_by, assumed=dates.assumed)
