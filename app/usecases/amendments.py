"""What did the parties agree on later? Amendments, and taking back what was recorded in error."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.records.engine import Session
from app.renewals.endings import ending_of
from app.renewals.reasons import say_day
from app.renewals.schedule import schedule_of
from app.usecases.act_forms import AmendmentForm, NewTermsForm, WithdrawalForm
from app.usecases.acts import ActKind, Done
from app.usecases.agreements import Actor
from app.usecases.dossiers import Dossier
from app.usecases.recording import open_dossier, record, with_act
from app.usecases.refusals import AlreadyWithdrawn, Fault, Invalid, NotFound, Over


def amend(
    session: Session,
    agreement_id: UUID,
    form: AmendmentForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> tuple[Dossier, Done]:
    """Record an amendment; dates before it takes effect stay as they were.

    Raises `NotFound`, `Invalid` for one that does not fit, `Over` for one that would take
    effect after a notice has ended the agreement, and `StillNeeded`.
    """
    dossier = open_dossier(session, agreement_id)
    document = amendment_document(form)
    _check_not_ended(dossier, date.fromisoformat(form.effective_from))
    return record(session, dossier, ActKind.AMENDMENT, document, actor=actor, today=today, now=now)


def withdraw(
    session: Session,
    agreement_id: UUID,
    kind: ActKind,
    number: int,
    form: WithdrawalForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> tuple[Dossier, Done]:
    """Take back an act of one kind; both stay on record.

    Raises `NotFound`, `AlreadyWithdrawn`, and `Invalid` when later acts rest on it.
    """
    dossier = open_dossier(session, agreement_id)
    act = found_act(dossier, kind, number)
    document = {"act": act.number, "reason": form.reason}
    return record(session, dossier, ActKind.WITHDRAWAL, document, actor=actor, today=today, now=now)


def found_act(dossier: Dossier, kind: ActKind, number: int) -> Done:
    """Return an act that still stands. Raises `NotFound` and `AlreadyWithdrawn`."""
    withdrawal = dossier.acts.withdrawn.get(number)
    for act in dossier.acts.every:
        if (act.number, act.kind) == (number, kind):
            if withdrawal is None:
                return act
            sentence = f"It was withdrawn on {say_day(withdrawal.on)}: see the history."
            raise AlreadyWithdrawn(sentence)
    raise NotFound(f"The agreement has no {kind} of this number.")


def amendment_document(form: NewTermsForm) -> dict[str, Any]:
    """Return a form as the document that is kept; what was left out is left out."""
    given = form.model_dump(mode="json", exclude_none=True)
    return given if given["begins_term"] else {**_without(given, "begins_term")}


def check_fits(
    session: Session, dossier: Dossier, document: Mapping[str, Any], prefix: str
) -> None:
    """Raise `Invalid` unless an amendment could be recorded; `prefix` leads to its fields."""
    acts = dossier.acts.every
    now = acts[-1].at if acts else dossier.row["updated_at"]
    day = date.fromisoformat(document["effective_from"])
    _check_not_ended(dossier, day)
    trial = Done(dossier.row["acts"] + 1, ActKind.AMENDMENT, document, day, now, "")
    try:
        with_act(session, dossier, trial, now)
    except Invalid as invalid:
        faults = [Fault(prefix + fault.field, fault.rule) for fault in invalid.faults]
        raise Invalid(faults) from invalid


def _check_not_ended(dossier: Dossier, effective_from: date) -> None:
    ending = ending_of(dossier.terms, schedule_of(dossier.terms))
    if ending.noticed_on is None or ending.ends_on is None or effective_from <= ending.ends_on:
        return
    raise Over(
        f"A notice ends the agreement on {say_day(ending.ends_on)}: if the parties carry on,"
        " withdraw the notice first."
    )


def _without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}
