"""What shall become of a term? Two teams choose, and see what they settled or contest."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.records import agreements, milestones
from app.records.engine import Session
from app.renewals.acts import DecisionState, Standing, Team, standing_of
from app.renewals.chain import LAST_DAY
from app.renewals.clauses import RenewalKind
from app.renewals.endings import decision_about, ending_of
from app.renewals.handling import handled_on
from app.renewals.reasons import say_day
from app.renewals.schedule import ONE_DAY, Schedule, Term, schedule_of
from app.renewals.terms import Terms
from app.usecases.act_forms import AcknowledgementForm, DecisionForm, NewTermsForm
from app.usecases.acts import ActKind, Done
from app.usecases.agreements import Actor
from app.usecases.amendments import amendment_document, check_fits
from app.usecases.dossiers import Dossier, Dossiers
from app.usecases.recording import open_dossier, record
from app.usecases.refusals import (
    AlreadyWithdrawn,
    Fault,
    Invalid,
    NoOptionLeft,
    NotFound,
    NotMissed,
    NotYourSide,
    Over,
    Unversioned,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """Where the decision about one term stands, with what each team said last."""

    dossier: Dossier
    term: Term
    standing: Standing
    sides: dict[Team, Done]
    handled_on: date | None

    @property
    def version(self) -> int:
        """The version of the agreement."""
        found: int = self.dossier.row["version"]
        return found


def decision(session: Session, agreement_id: UUID, number: int) -> Decided:
    """Return where the decision about a term stands. Raises `NotFound` and `Unreadable`."""
    return _decided(Dossiers(session).by_id(agreement_id), number)


def decide(
    session: Session,
    agreement_id: UUID,
    number: int,
    form: DecisionForm,
    versions: frozenset[int] | None,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> Decided:
    """Record what one team chooses for a term; new terms both agree on become an amendment.

    `versions` says which version was read; a team that replaces its own choice must say it.
    Raises `NotFound`, `Stale`, `Unversioned`, `NotYourSide`, `Over`, `NoOptionLeft`,
    `Invalid`, and `StillNeeded` when an agreement that ends with this one would not fit.
    """
    team = _team_of(actor, form)
    dossier = open_dossier(session, agreement_id, versions)
    before = _decided(dossier, number)
    if team in before.sides and versions is None:
        raise Unversioned(
            "Send If-Match with the ETag you read: this replaces what your team chose before."
        )
    _check_not_over(dossier, before, today)
    if form.choice == "extend":
        _check_option(dossier, before, today)
    document = _document(session, dossier, before.term, form, team)
    dossier, _ = record(
        session, dossier, ActKind.DECISION, document, actor=actor, today=today, now=now
    )
    after = _decided(dossier, number)
    agreed = _agreed_terms(after)
    if agreed is not None:
        # They may have fitted when the first team chose them, and not any more.
        check_fits(session, dossier, agreed, "amendment.")
        dossier, _ = record(
            session, dossier, ActKind.AMENDMENT, agreed, actor=actor, today=today, now=now
        )
        after = _decided(dossier, number)
    return after


def acknowledge(
    session: Session,
    agreement_id: UUID,
    number: int,
    form: AcknowledgementForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> Done:
    """Record that somebody saw that a term's deadline was missed.

    Raises `NotFound`, `NotMissed`, and `AlreadyWithdrawn` when somebody did before.
    """
    dossier = open_dossier(session, agreement_id)
    term = _term(dossier.terms, schedule_of(dossier.terms), number)
    seen = dossier.acts.acknowledged().get((number, term.start))
    if seen is not None:
        sentence = (
            f"{seen.actor_name} acknowledged it on {say_day(seen.on)}: nothing is left to do."
        )
        raise AlreadyWithdrawn(sentence)
    row = milestones.of_term(session, agreement_id, number)
    if row is None or row["act_by"] is None or not row["act_by"] < today < row["open_until"]:
        raise NotMissed("No deadline of this term was missed: there is nothing to acknowledge.")
    document = {"term_number": number, "term_start": term.start, "note": form.note}
    _, done = record(
        session, dossier, ActKind.ACKNOWLEDGEMENT, document, actor=actor, today=today, now=now
    )
    return done


def _decided(dossier: Dossier, number: int) -> Decided:
    terms, schedule = dossier.terms, schedule_of(dossier.terms)
    term = _term(terms, schedule, number)
    standing = standing_of(terms.said, number, term.start)
    said = [
        done
        for done in dossier.acts.standing(ActKind.DECISION)
        if done.term == (number, term.start)
    ]
    return Decided(
        dossier=dossier,
        term=term,
        standing=standing,
        sides={Team(done.document["side"]): done for done in said},
        handled_on=handled_on(terms, schedule, ending_of(terms, schedule), number, standing),
    )


def _term(terms: Terms, schedule: Schedule, number: int) -> Term:
    ended = ending_of(terms, schedule).term_number
    last = min(ended or schedule.last_number or number, schedule.number_on(LAST_DAY))
    if not 1 <= number <= last:
        raise NotFound("The agreement has no term of this number: see its terms.")
    return schedule.term(number)


def _team_of(actor: Actor, form: DecisionForm) -> Team:
    if actor.role not in list(Team):
        if form.side is None:
            raise Invalid([Fault("side", "say whose choice it is: it or procurement.")])
        return Team(form.side)
    own = Team(actor.role)
    if form.side not in (None, own):
        raise NotYourSide(f"This token speaks for {own}: leave side out, or use a token of theirs.")
    return own


def _check_not_over(dossier: Dossier, decided: Decided, today: date) -> None:
    ending = ending_of(dossier.terms, schedule_of(dossier.terms))
    ends = [day for day in (decided.term.end, ending.ends_on) if day is not None]
    if ends and min(ends) < today:
        raise Over(
            f"Term {decided.term.number} was over on {say_day(min(ends))}: a decision belongs to"
            " one term and ends with it. Decide about the current one."
        )


def _check_option(dossier: Dossier, decided: Decided, today: date) -> None:
    schedule, number = schedule_of(dossier.terms), decided.term.number
    if dossier.terms.parent is not None:
        raise NoOptionLeft("It ends with its parent agreement: extend that one.")
    asked = decision_about(dossier.terms, schedule, number)
    if asked is None or schedule.kind_of(number) is not RenewalKind.OPTION:
        raise NoOptionLeft(f"Term {number} has no option left to extend it: renew by an amendment.")
    deadline = asked.dates.deadline
    if deadline < today:
        raise NoOptionLeft(
            f"The option after term {number} lapsed on {say_day(deadline)}: if the other party"
            " agrees all the same, record an amendment."
        )


def _document(
    session: Session, dossier: Dossier, term: Term, form: DecisionForm, team: Team
) -> dict[str, Any]:
    new_terms = None
    if form.amendment is not None:
        new_terms = _new_terms(form.amendment, term)
        check_fits(session, dossier, new_terms, "amendment.")
    if form.successor_id is not None and (
        form.successor_id == dossier.id or agreements.by_id(session, form.successor_id) is None
    ):
        rule = "there is no such agreement; give another one's id, or its name as successor."
        raise Invalid([Fault("successor_id", rule)])
    return {
        "term_number": term.number,
        "term_start": term.start,
        "side": team.value,
        "choice": form.choice,
        "reason": form.reason,
        "successor_id": form.successor_id,
        "successor": form.successor,
        "amendment": new_terms,
    }


def _new_terms(form: NewTermsForm, term: Term) -> dict[str, Any]:
    document = amendment_document(form)
    if "effective_from" not in document:
        if term.end is None:
            rule = "an open-ended term has no next one; give the day the new terms take effect."
            raise Invalid([Fault("amendment.effective_from", rule)])
        document["effective_from"] = (term.end + ONE_DAY).isoformat()
    return document


def _agreed_terms(decided: Decided) -> dict[str, Any] | None:
    """Return the amendment that both teams settled and that is not written yet."""
    if decided.standing.state not in (DecisionState.RENEW, DecisionState.RENEGOTIATE):
        return None
    for done in decided.sides.values():
        new_terms = done.document.get("amendment")
        if new_terms is not None:
            agreed = {**new_terms, "decided_for_term": decided.term.number}
            written = [one.document for one in decided.dossier.acts.standing(ActKind.AMENDMENT)]
            return None if agreed in written else agreed
    return None
