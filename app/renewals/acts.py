"""What did people do about a term: what did each team choose, what notice was given?

A choice belongs to one term, known by its number and first day. When the terms are put
right so that another period bears the number, the choice does not count for it.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import check_day


class Team(StrEnum):
    """The two sides that decide together."""

    IT = "it"
    PROCUREMENT = "procurement"


class Choice(StrEnum):
    """What a team wants to become of a term."""

    UNDECIDED = "undecided"
    IN_REVIEW = "in_review"
    RENEW = "renew"
    RENEGOTIATE = "renegotiate"
    DO_NOT_RENEW = "do_not_renew"
    EXTEND = "extend"
    REPLACE = "replace"


class DecisionState(StrEnum):
    """Where the decision about a term stands: a settled choice, or on the way to one."""

    UNDECIDED = "undecided"
    IN_REVIEW = "in_review"  # somebody looks at it, or one team has chosen
    CONTESTED = "contested"  # both have chosen, and differ
    RENEW = "renew"
    RENEGOTIATE = "renegotiate"
    DO_NOT_RENEW = "do_not_renew"
    EXTEND = "extend"
    REPLACE = "replace"


_OPEN_CHOICES = frozenset({Choice.UNDECIDED, Choice.IN_REVIEW})
LEAVING = frozenset({DecisionState.DO_NOT_RENEW, DecisionState.REPLACE})
"""What needs a notice where silence would renew."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one team chose for one term, on a day.

    `particulars` is what was chosen with it (the new terms, the successor) as comparable
    text: teams that name different ones differ.
    """

    term_number: int
    term_start: date
    team: Team
    choice: Choice
    on: date
    particulars: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the decision about a term stands; `settled_on` is None until both teams agree."""

    state: DecisionState
    settled_on: date | None = None
    sides: dict[Team, Said] = field(default_factory=dict)


_NOBODY_SPOKE = Standing(DecisionState.UNDECIDED)


def standing_of(said: tuple[Said, ...], number: int, start: date) -> Standing:
    """Return where the decision about one term stands, after all that was said.

    `said` is in the order of speaking: a team's later choice takes the place of its earlier.
    """
    if not said:
        return _NOBODY_SPOKE
    sides = {one.team: one for one in said if (one.term_number, one.term_start) == (number, start)}
    chosen = [one for one in sides.values() if one.choice not in _OPEN_CHOICES]
    if len(chosen) < len(Team):
        is_untouched = all(one.choice is Choice.UNDECIDED for one in sides.values())
        state = DecisionState.UNDECIDED if is_untouched else DecisionState.IN_REVIEW
        return Standing(state, None, sides)
    first, second = chosen
    named = {one.particulars for one in chosen if one.particulars is not None}
    if first.choice is not second.choice or len(named) > 1:
        return Standing(DecisionState.CONTESTED, None, sides)
    return Standing(DecisionState(first.choice), max(first.on, second.on), sides)


class Direction(StrEnum):
    """Who gives a notice."""

    OURS = "ours"
    THEIRS = "theirs"


class Purpose(StrEnum):
    """What a notice is for."""

    END = "end"  # the agreement shall end
    EXTEND = "extend"  # an option is exercised


@dataclass(frozen=True, slots=True)
class GivenNotice:
    """A notice that was given. Without `received_on` its arrival is presumed from `sent_on`.

    `term_start` is the first day of the term it is meant for, None for the first it can end.
    """

    received_on: date | None = None
    sent_on: date | None = None
    direction: Direction = Direction.OURS
    purpose: Purpose = Purpose.END
    term_start: date | None = None

    def __post_init__(self) -> None:
        """Refuse notices without a day, or that arrive before they are sent."""
        if self.sent_on is None and self.received_on is None:
            raise BadTerms(field="sent_on", rule="give the day it was sent, or received_on.")
        for name in ("sent_on", "received_on"):
            day = getattr(self, name)
            if day is not None:
                check_day(name, day)
        if self.sent_on and self.received_on and self.received_on < self.sent_on:
            raise BadTerms(field="received_on", rule="must not be before sent_on; check both days.")

    @property
    def known_on(self) -> date:
        """The day from which the calendar knows of it."""
        days = [day for day in (self.sent_on, self.received_on) if day is not None]
        return min(days)
