"""From which day on is a term taken care of, so that nobody need act on it any more?

A settled decision is a wish; it is carried out when what it needs is on record as well: a
notice where silence would renew or an option is exercised, an amendment where silence would
end.
"""

from datetime import date

from app.renewals.acts import LEAVING, DecisionState, GivenNotice, Purpose, Standing
from app.renewals.amendments import Amendment
from app.renewals.clauses import RenewalKind
from app.renewals.endings import Ending, NoticeEffect, Verdict, decision_about, judged
from app.renewals.schedule import ONE_DAY, Schedule, Term
from app.renewals.terms import Terms


def handled_on(
    terms: Terms, schedule: Schedule, ending: Ending, number: int, standing: Standing
) -> date | None:
    """Return the day from which on a term is taken care of, None while it is not.

    `standing` is where the decision about the term stands. A notice that ends the term takes
    care of it whatever the teams say, and so does an amendment that carries it on.
    """
    noticed_on = ending.noticed_on
    if noticed_on is not None and _is_meant(terms, schedule, ending, number):
        return noticed_on
    settled_on, made = standing.settled_on, _amended_in(terms, schedule.term(number))
    if schedule.is_carried_on(number):
        begins_on = schedule.term(number + 1).start
        begun = [one for one in made if one.sets_an_end and one.effective_from == begins_on]
        return _first_known(begun)
    if settled_on is None:
        return None
    if standing.state is DecisionState.EXTEND:
        written_on = letter_on(terms, schedule, number)
        return None if written_on is None else max(settled_on, written_on)
    goes_on = schedule.kind_of(number) in _GOING_ON and number != ending.term_number
    agreed_on = _first_known(made)
    if standing.state is DecisionState.RENEGOTIATE and agreed_on is not None:
        return max(settled_on, agreed_on) if goes_on else None
    is_done = standing.state is DecisionState.RENEW if goes_on else standing.state in LEAVING
    return settled_on if is_done else None


def letter_on(terms: Terms, schedule: Schedule, number: int) -> date | None:
    """Return the day from which on a notice is known that ends or extends a term."""
    received = terms.notice_received_on
    entered = () if received is None else (GivenNotice(received_on=received),)
    days = [
        given.known_on
        for given in (*entered, *terms.notices)
        if _serves(judged(terms, schedule, given), given.purpose, number)
    ]
    return min(days, default=None)


def _serves(effect: NoticeEffect, purpose: Purpose, number: int) -> bool:
    if purpose is Purpose.EXTEND:
        return effect.verdict is Verdict.IN_TIME and effect.term_number == number
    return effect.ends_on is not None and effect.term_number <= number


def _is_meant(terms: Terms, schedule: Schedule, ending: Ending, number: int) -> bool:
    """Tell whether the notice was there in time for a term; a late one is for a later term."""
    noticed_on = ending.noticed_on
    if noticed_on is None or number < schedule.number_on(noticed_on):
        return False
    decision = decision_about(terms, schedule, number)
    is_late = decision is not None and noticed_on > decision.dates.deadline
    return number >= ending.term_number or not is_late


_GOING_ON = frozenset({RenewalKind.AUTO, RenewalKind.EVERGREEN})


def _amended_in(terms: Terms, term: Term) -> list[Amendment]:
    """Return the amendments made of a term, or that begin the next, its parent's among them."""
    if term.end is None:
        return []
    next_day = term.end + ONE_DAY
    own = [one for one in terms.amendments if term.start < one.effective_from <= next_day]
    return own if terms.parent is None else [*own, *_amended_in(terms.parent, term)]


def _first_known(amendments: list[Amendment]) -> date | None:
    """Return the day on which the first of some amendments became known."""
    return min((one.recorded_on or one.effective_from for one in amendments), default=None)
