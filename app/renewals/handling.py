"""From which day on is a term taken care of, so that nobody need act on it any more?

A settled decision is a wish; it is carried out when what it needs is on record as well: a
notice where silence would renew, an amendment where silence would end.
"""

from datetime import date

from app.renewals.acts import LEAVING, DecisionState, Standing
from app.renewals.clauses import RenewalKind
from app.renewals.endings import Ending
from app.renewals.schedule import ONE_DAY, Schedule
from app.renewals.terms import Terms


def handled_on(
    terms: Terms, schedule: Schedule, ending: Ending, number: int, standing: Standing
) -> date | None:
    """Return the day from which on a term is taken care of, None while it is not.

    `standing` is where the decision about the term stands. A notice that ends the term takes
    care of it whatever the teams say, and so does an amendment that carries it on.
    """
    noticed_on = ending.noticed_on
    if noticed_on is not None and number >= schedule.number_on(noticed_on):
        return noticed_on
    agreed_on, settled_on = _agreed_on(terms, schedule, number), standing.settled_on
    if schedule.is_carried_on(number):
        return agreed_on
    if settled_on is None:
        return None
    goes_on = schedule.kind_of(number) in _GOING_ON and number != ending.term_number
    if standing.state is DecisionState.RENEGOTIATE and agreed_on is not None:
        return max(settled_on, agreed_on) if goes_on else None
    needs_no_more = _DONE_WHERE_IT_RENEWS if goes_on else _DONE_WHERE_IT_ENDS
    return settled_on if standing.state in needs_no_more else None


_GOING_ON = frozenset({RenewalKind.AUTO, RenewalKind.EVERGREEN})
_DONE_WHERE_IT_RENEWS = frozenset({DecisionState.RENEW})
_DONE_WHERE_IT_ENDS = LEAVING | {DecisionState.EXTEND}


def _agreed_on(terms: Terms, schedule: Schedule, number: int) -> date | None:
    """Return the day of the first amendment made of this term, or that begins the next."""
    term = schedule.term(number)
    if term.end is None:
        return None
    next_day = term.end + ONE_DAY
    return min(
        (
            amendment.recorded_on or amendment.effective_from
            for amendment in terms.amendments
            if term.start < amendment.effective_from <= next_day
        ),
        default=None,
    )
