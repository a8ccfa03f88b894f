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
    is_open = day < watch.open_until
    due = watch.act_by
    found = {
        Alarm.MISSED: is_open and due is not None and due < day,
        Alarm.NOTICE_OVERDUE: _is_letter_overdue(watch, day),
        Alarm.CONTESTED: is_open and watch.state is DecisionState.CONTESTED,
        Alarm.NEGOTIATION_LATE: is_open
        and watch.state is DecisionState.UNDECIDED
        and due is not None
        and watch.negotiation_start is not None
        and watch.negotiation_start < day <= due,
        Alarm.UNVERIFIED: not watch.is_verified,
    }
    return [alarm for alarm in Alarm if found[alarm]]


def _is_letter_overdue(watch: Watch, day: date) -> bool:
    leaves = watch.state in LEAVING and watch.silence_renews
    if not (leaves or watch.state is DecisionState.EXTEND):
        return False
    is_written = watch.letter_on is not None and watch.letter_on <= day
    is_acknowledged = watch.acknowledged_on is not None and watch.acknowledged_on <= day
    if is_written or is_acknowledged or watch.send_by is None:
        return False
    return watch.send_by < day
