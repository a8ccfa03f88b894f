"""Plain functions that make what tests need, with sensible defaults."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update

from app.clock import StoppedClock
from app.records.engine import Database, Session
from app.records.tables import Agreement
from app.usecases import amendments, decisions, feeds, notices, subscriptions, verifications
from app.usecases.act_forms import (
    AcknowledgementForm,
    AmendmentForm,
    DecisionForm,
    GivenNoticeForm,
    ReceiptForm,
    VerificationForm,
    WithdrawalForm,
)
from app.usecases.acts import Done
from app.usecases.agreements import Actor, Kept, create, kept, row_of
from app.usecases.decisions import Decided
from app.usecases.feed_forms import SubscriptionForm
from app.usecases.forms import AgreementForm
from app.usecases.notices import Judged
from app.usecases.past import open_at
from app.usecases.publishing import Conditions, Publisher
from app.usecases.subscriptions import NewAddress
from app.usecases.trail import Finding, verify

TODAY = date(2026, 11, 23)
NOW = StoppedClock(TODAY).now()
OPERATOR = Actor(None, "the tests", "admin")
IT = Actor(UUID(int=1), "Ida of IT", "it")
PROCUREMENT = Actor(UUID(int=2), "Paul of procurement", "procurement")


def length(text: str) -> dict[str, Any]:
    """Return "12 months" as the API has it."""
    value, unit = text.split()
    return {"value": int(value), "unit": unit if unit.endswith("s") else unit + "s"}


def an_agreement(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any type
    """Return an agreement as the API takes it: 12 + 12 months with 45 days' notice."""
    return {
        "reference": "IT-2024-017",
        "title": "Backup software, 400 servers",
        "counterparty": "Northwind Software",
        "kind": "software_maintenance",
        "start_date": "2024-04-15",
        "initial_term": length("12 months"),
        "renewal": {"kind": "auto", "term": length("12 months")},
        "notice": length("45 days"),
        "lead_days": 90,
        **changes,
    }


def a_form(**changes: Any) -> AgreementForm:  # noqa: ANN401 - fields of any type
    """Return the same agreement as a checked form."""
    return AgreementForm.model_validate(an_agreement(**changes))


def a_row(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any type
    """Return an agreement as the record keeps it; its reference is its own unless given."""
    agreement_id = uuid4()
    given = {"reference": f"#{agreement_id.hex[:12]}", **changes}
    facts = {name: given.pop(name) for name in list(given) if name in AgreementForm.model_fields}
    return row_of(a_form(**facts), agreement_id, NOW) | given


def a_term(
    agreement_id: UUID, act_by: str | None = "2027-02-28", number: int = 1, **changes: object
) -> dict[str, Any]:
    """Return a term as the record keeps it, with nothing told of it."""
    day = None if act_by is None else date.fromisoformat(act_by)
    return {
        "agreement_id": agreement_id,
        "number": number,
        "first_on": day or TODAY,
        "last_on": day or TODAY,
        "act_by": day,
        "open_until": date.max,
        "assumed": False,
        "told": "{}",
        **changes,
    }


def entered(session: Session, **changes: Any) -> Kept:  # noqa: ANN401 - fields of any type
    """Enter an agreement into the register and return it."""
    return create(session, a_form(**changes), actor=OPERATOR, today=TODAY, now=NOW)


def read(session: Session, agreement_id: UUID, as_of: str | None = None) -> Kept:
    """Return an agreement as it stands on a day, else today."""
    day = TODAY if as_of is None else date.fromisoformat(as_of)
    return kept(open_at(session, agreement_id, None), day)


def told(one: Kept) -> tuple[object, ...]:
    """Return all there is to say of an agreement, to be compared."""
    position = replace(one.position, reasons={})
    known = (one.id, one.version, one.facts, one.terms_document, one.terms, one.price, one.checked)
    return *known, one.created_at, one.updated_at, position, one.position.why


def on(day: str | date, actor: Actor = IT) -> dict[str, Any]:
    """Return who does something, on which day, at noon."""
    today = date.fromisoformat(day) if isinstance(day, str) else day
    return {"actor": actor, "today": today, "now": StoppedClock(today).now()}


def decided(
    session: Session,
    agreement_id: UUID,
    number: int,
    choice: str,
    day: str | date = TODAY,
    *,
    actor: Actor = IT,
    versions: frozenset[int] | None = None,
    **said: Any,  # noqa: ANN401 - fields of any type
) -> Decided:
    """Have a team choose for a term."""
    reason = None if choice in ("undecided", "in_review") else "As agreed."
    form = DecisionForm.model_validate({"choice": choice, "reason": reason, **said})
    return decisions.decide(session, agreement_id, number, form, versions, **on(day, actor))


def settled(
    session: Session,
    agreement_id: UUID,
    number: int,
    choice: str,
    day: str | date = TODAY,
    **said: Any,  # noqa: ANN401 - fields of any type
) -> Decided:
    """Have both teams choose the same for a term."""
    decided(session, agreement_id, number, choice, day, **said)
    return decided(session, agreement_id, number, choice, day, actor=PROCUREMENT, **said)


def amended(
    session: Session,
    agreement_id: UUID,
    effective_from: str,
    day: str | date = TODAY,
    **changes: Any,  # noqa: ANN401 - fields of any type
) -> Done:
    """Record an amendment."""
    form = AmendmentForm.model_validate({"effective_from": effective_from, **changes})
    _, done = amendments.amend(session, agreement_id, form, **on(day, PROCUREMENT))
    return done


def noticed(
    session: Session,
    agreement_id: UUID,
    day: str | date = TODAY,
    **given: Any,  # noqa: ANN401 - fields of any type
) -> Judged:
    """Record a notice."""
    form = GivenNoticeForm.model_validate(given)
    return notices.give(session, agreement_id, form, **on(day, PROCUREMENT))


def received(
    session: Session, agreement_id: UUID, number: int, received_on: str, day: str | date = TODAY
) -> Judged:
    """Record that a notice arrived."""
    form = ReceiptForm(received_on=received_on)
    return notices.receive(session, agreement_id, number, form, **on(day, PROCUREMENT))


def withdrawn(session: Session, agreement_id: UUID, done: Done, day: str | date = TODAY) -> Done:
    """Take an act back."""
    form = WithdrawalForm(reason="It was recorded in error.")
    by = on(day, PROCUREMENT)
    _, withdrawal = amendments.withdraw(session, agreement_id, done.kind, done.number, form, **by)
    return withdrawal


def checked(
    session: Session, agreement_id: UUID, *clauses: str, day: str | date = TODAY, **more: str
) -> list[Done]:
    """Record that clauses were checked."""
    forms = [
        VerificationForm.model_validate({"clause": clause, "quotation": "As it says.", **more})
        for clause in clauses
    ]
    return [
        verifications.verify_clause(session, agreement_id, form, **on(day))[1] for form in forms
    ]


def acknowledged(
    session: Session, agreement_id: UUID, number: int, day: str | date, note: str | None = None
) -> Done:
    """Record that a missed deadline was seen."""
    form = AcknowledgementForm(note=note)
    return decisions.acknowledge(session, agreement_id, number, form, **on(day))


def subscribed(session: Session, key: str, label: str = "the tests", **more: str) -> NewAddress:
    """Hand out an address of a feed."""
    form = SubscriptionForm.model_validate({"label": label, **more})
    feed_id = feeds.by_key(session, key)["id"]
    return subscriptions.subscribe(session, feed_id, form, actor=OPERATOR, today=TODAY, now=NOW)


def a_publisher(
    database: Database,
    *,
    good_for: int = 12,
    most_events: int = 1_000,
    most_bytes: int = 1_000_000,
    most_kept_bytes: int = 10_000_000,
) -> Publisher:
    """Return who renders the feeds, with nothing kept yet."""
    conditions = Conditions("https://noticeboard.example", good_for, most_events, most_bytes)
    return Publisher(database, conditions, most_kept_bytes)


def findings(database: Database) -> list[Finding]:
    """Return what is wrong with the trail, and with what it tells of."""
    with database.reading() as session:
        return verify(session, None).findings


def sabotage(session: Session, agreement_id: UUID, **values: object) -> None:
    """Write into an agreement's row what nobody can enter."""
    session.execute(update(Agreement).where(Agreement.id == agreement_id).values(**values))
