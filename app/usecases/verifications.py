"""Does the register say what the paper says? Who checked which clause, and is that recent?"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.records.engine import Session
from app.renewals.months import add_months
from app.usecases.act_forms import VerificationForm
from app.usecases.acts import ActKind, Done
from app.usecases.agreements import Actor
from app.usecases.dossiers import Dossier
from app.usecases.recording import open_dossier, record
from app.usecases.refusals import Fault, Invalid
from app.usecases.told import checksum_of


class Verified(StrEnum):
    """Whether the clauses that dates rest on were checked against the paper."""

    VERIFIED = "verified"
    STALE = "stale"  # the oldest of the checks is too old
    UNVERIFIED = "unverified"  # a clause was never checked, or reads differently since


@dataclass(frozen=True, slots=True)
class Verification:
    """The state of the checks on a day; `good_until` is the last day of their age."""

    state: Verified
    checked: dict[str, date | None]
    good_until: date | None


def verification_on(checked: dict[str, date | None], day: date, months: int) -> Verification:
    """Return whether clauses count as checked on a day; a check is good for so many months."""
    days = [on for on in checked.values() if on is not None and on <= day]
    if len(days) < len(checked):
        return Verification(Verified.UNVERIFIED, checked, None)
    good_until = add_months(min(days), months)
    state = Verified.VERIFIED if day <= good_until else Verified.STALE
    return Verification(state, checked, good_until)


def verify_clause(
    session: Session,
    agreement_id: UUID,
    form: VerificationForm,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> tuple[Dossier, Done]:
    """Record that a clause was checked, as it reads now. Raises `NotFound` and `Invalid`."""
    dossier = open_dossier(session, agreement_id)
    checked_on = form.checked_on or today.isoformat()
    if date.fromisoformat(checked_on) > today:
        raise Invalid([Fault("checked_on", "lies ahead; give the day it was checked.")])
    document = {
        **form.model_dump(mode="json"),
        "checked_on": checked_on,
        "checksum": checksum_of(dossier.row, dossier.acts, form.clause),
    }
    return record(
        session, dossier, ActKind.VERIFICATION, document, actor=actor, today=today, now=now
    )
