"""What is wrong with a term on a day, the most urgent first?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.renewals.acts import LEAVING, DecisionState


class Alarm(StrEnum):
    """Something that needs a person, in the order of urgency."""

    MISSED = "missed"  # the day to act by passed, nothing was done, nobody acknowledged it
    NOTICE_OVERDUE = "notice_overdue"  # it was settled to leave or extend, and no letter went out
    CONTESTED = "contested"  # the teams differ
    NEGOTIATION_LATE = "negotiation_late"  # it should have begun, and nobody has looked at it
    UNVERIFIED = "unverified"  # nobody has checked the clauses lately


@dataclass(frozen=True, slots=True)
class Watch:
    """What alarms look at in one term, as it is known on a day.

    `open_until` is the day from which on it is taken care of or acknowledged; `letter_on`
    the day from which on a notice is known that does what was settled; `silence_renews`
    whether leaving needs one.
    """

    act_by: date | None
    send_by: date | None
    negotiation_start: date | None
    state: DecisionState
    open_until: date
    acknowledged_on: date | None = None
    letter_on: date | None = None
    silence_renews: bool = False
    is_verified: bool = True


def alarms_on(watch: Watch, day: date) -> list[Alarm]:
    """Return the alarms of a term on a day, the most urgent first.

    A day to act on is in time itself: nothing is late before the day after.
    """
    found = []
    is_open, due = day < watch.open_until, watch.act_by
    if is_open and due is not None and due < day:
        found.append(Alarm.MISSED)
    if _is_letter_overdue(watch, day):
        found.append(Alarm.NOTICE_OVERDUE)
    if is_open and watch.state is DecisionState.CONTESTED:
        found.append(Alarm.CONTESTED)
    if is_open and watch.state is DecisionState.UNDECIDED and _is_begun(watch, day):
        found.append(Alarm.NEGOTIATION_LATE)
    if not watch.is_verified:
        found.append(Alarm.UNVERIFIED)
    return found


def _is_begun(watch: Watch, day: date) -> bool:
    """Tell whether the negotiation should have begun, and there is still time for it."""
    due, start = watch.act_by, watch.negotiation_start
    return due is not None and start is not None and start < day <= due


def _is_letter_overdue(watch: Watch, day: date) -> bool:
    leaves = watch.state in LEAVING and watch.silence_renews
    if not (leaves or watch.state is DecisionState.EXTEND):
        return False
    is_written = watch.letter_on is not None and watch.letter_on <= day
    is_acknowledged = watch.acknowledged_on is not None and watch.acknowledged_on <= day
    if is_written or is_acknowledged or watch.send_by is None:
        return False
    return watch.send_by < day
